//! The operations of the CodeCommit API.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::git::Git;
use super::{CodeCommit, Repository, repository_file};
use crate::api::{ApiError, Call, Reply, Timestamp};
use crate::aws::{ACCOUNT, REGION};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateInput {
    repository_name: String,
    #[serde(default)]
    repository_description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryInput {
    repository_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BranchInput {
    repository_name: String,
    branch_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitInput {
    repository_name: String,
    commit_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RenameInput {
    old_name: String,
    new_name: String,
}

#[derive(Serialize)]
struct RepositoryOutput {
    #[serde(rename = "repositoryMetadata")]
    metadata: Metadata,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(flatten)]
    repository: Repository,
    account_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_branch: Option<String>,
    clone_url_http: String,
    clone_url_ssh: String,
    #[serde(rename = "Arn")]
    arn: String,
}

impl CodeCommit {
    pub async fn handle(&self, call: &Call) -> Result<Reply, ApiError> {
        match call.operation.as_str() {
            "CreateRepository" => self.create(call).await,
            "DeleteRepository" => self.delete(call),
            "GetRepository" => {
                let input: RepositoryInput = call.input()?;
                let metadata = self.metadata(self.repository(&input.repository_name)?).await;
                Ok(call.reply(&RepositoryOutput { metadata }))
            }
            "ListRepositories" => Ok(self.list(call)),
            "UpdateRepositoryDescription" => {
                let input: CreateInput = call.input()?;
                self.repository(&input.repository_name)?;
                self.change(&input.repository_name, |repository| {
                    repository.repository_description = input.repository_description;
                })?;
                Ok(call.done())
            }
            "UpdateRepositoryName" => self.rename(call),
            "GetBranch" => self.get_branch(call).await,
            "ListBranches" => self.list_branches(call).await,
            "GetCommit" => self.get_commit(call).await,
            "ListTagsForResource" => Ok(call.reply(&json!({ "tags": {} }))),
            operation => Err(ApiError::unsupported(operation)),
        }
    }

    async fn create(&self, call: &Call) -> Result<Reply, ApiError> {
        let CreateInput { repository_name: name, repository_description } = call.input()?;
        self.check_free(&name)?;
        let path = self.git(&name).repository().to_owned();
        // Left behind when the service was killed between the two steps of a deletion.
        self.store.remove(&path)?;
        let git = Git::in_repository(path.clone());
        git.run(&["init", "--quiet", "--bare", "--initial-branch=main", &path.to_string_lossy()]).await?;
        git.run(&["config", "http.receivepack", "true"]).await?;
        // As CodeCommit, and without git's advice on how to configure this repository.
        git.run(&["config", "receive.denyDeleteCurrent", "refuse"]).await?;
        let now = Timestamp::now();
        let repository = Repository {
            repository_id: Uuid::new_v4().to_string(),
            repository_name: name.clone(),
            repository_description,
            creation_date: now,
            last_modified_date: now,
        };
        self.store.put(repository_file(&name), &repository)?;
        self.lock().insert(name, repository.clone());
        Ok(call.reply(&RepositoryOutput { metadata: self.metadata(repository).await }))
    }

    fn delete(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: RepositoryInput = call.input()?;
        let removed = self.lock().remove(&input.repository_name);
        if removed.is_some() {
            self.store.remove(repository_file(&input.repository_name))?;
            self.store.remove(self.git(&input.repository_name).repository())?;
        }
        Ok(call.reply(&json!({ "repositoryId": removed.map(|repository| repository.repository_id) })))
    }

    fn rename(&self, call: &Call) -> Result<Reply, ApiError> {
        let RenameInput { old_name, new_name } = call.input()?;
        let mut repository = self.repository(&old_name)?;
        self.check_free(&new_name)?;
        std::fs::rename(self.git(&old_name).repository(), self.git(&new_name).repository())
            .with_context(|| format!("cannot rename the repository {old_name}"))?;
        repository.repository_name.clone_from(&new_name);
        self.store.put(repository_file(&new_name), &repository)?;
        self.store.remove(repository_file(&old_name))?;
        let mut repositories = self.lock();
        repositories.remove(&old_name);
        repositories.insert(new_name, repository);
        Ok(call.done())
    }

    fn check_free(&self, name: &str) -> Result<(), ApiError> {
        if !is_name(name) {
            let message = format!("{name} is no repository name: 1 to 100 letters, digits and ._-, not ending in .git");
            return Err(ApiError::new("InvalidRepositoryNameException", message));
        }
        if self.repository(name).is_ok() {
            let message = format!("there is already a repository named {name}");
            return Err(ApiError::new("RepositoryNameExistsException", message));
        }
        Ok(())
    }

    fn list(&self, call: &Call) -> Reply {
        let repositories = self.lock();
        let repositories = repositories.values().map(|repository| {
            json!({ "repositoryName": repository.repository_name, "repositoryId": repository.repository_id })
        });
        call.reply(&json!({ "repositories": repositories.collect::<Vec<_>>() }))
    }

    async fn get_branch(&self, call: &Call) -> Result<Reply, ApiError> {
        let BranchInput { repository_name, branch_name } = call.input()?;
        self.repository(&repository_name)?;
        // Not by rev-parse: that takes `main:README.md` and `main~1`, too.
        let reference = format!("refs/heads/{branch_name}");
        let commit_id = self.git(&repository_name).run(&["show-ref", "--verify", "--hash", "--", &reference]).await;
        let commit_id = commit_id.map_err(|_| {
            ApiError::new(
                "BranchDoesNotExistException",
                format!("the repository {repository_name} has no branch {branch_name}: push one first"),
            )
        })?;
        Ok(call.reply(&json!({ "branch": { "branchName": branch_name, "commitId": commit_id } })))
    }

    async fn list_branches(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: RepositoryInput = call.input()?;
        self.repository(&input.repository_name)?;
        let names = self.git(&input.repository_name);
        let names = names.run(&["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"]).await?;
        Ok(call.reply(&json!({ "branches": names.lines().collect::<Vec<_>>() })))
    }

    async fn get_commit(&self, call: &Call) -> Result<Reply, ApiError> {
        let CommitInput { repository_name, commit_id } = call.input()?;
        self.repository(&repository_name)?;
        let git = self.git(&repository_name);
        let absent = || ApiError::new("CommitIdDoesNotExistException", format!("there is no commit {commit_id}"));
        let is_id = commit_id.len() == 40 && commit_id.chars().all(|c| c.is_ascii_hexdigit());
        let id = if is_id { git.resolve(&format!("{commit_id}^{{commit}}")).await } else { None };
        let id = id.ok_or_else(absent)?;
        let format = "--format=%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B";
        let shown = git.run(&["show", "--no-patch", "--date=raw", format, &id]).await?;
        let fields = shown.splitn(9, '\0').collect::<Vec<_>>();
        let [tree, parents, author, author_mail, authored, committer, committer_mail, committed, message] = fields[..]
        else {
            return Err(anyhow::anyhow!("git shows the commit {id} in an unknown form").into());
        };
        Ok(call.reply(&json!({ "commit": {
            "commitId": id,
            "treeId": tree,
            "parents": parents.split_whitespace().collect::<Vec<_>>(),
            "message": message,
            "author": { "name": author, "email": author_mail, "date": authored },
            "committer": { "name": committer, "email": committer_mail, "date": committed },
        }})))
    }

    async fn metadata(&self, repository: Repository) -> Metadata {
        let name = repository.repository_name.clone();
        let git = self.git(&name);
        let head = git.run(&["symbolic-ref", "--short", "HEAD"]).await.ok();
        let has_commits = git.resolve("HEAD").await.is_some();
        Metadata {
            account_id: ACCOUNT,
            default_branch: head.filter(|_| has_commits),
            clone_url_http: format!("{}/v1/repos/{name}", self.endpoint),
            clone_url_ssh: format!("ssh://git-codecommit.{REGION}.amazonaws.com/v1/repos/{name}"),
            arn: format!("arn:aws:codecommit:{REGION}:{ACCOUNT}:{name}"),
            repository,
        }
    }
}

/// As CodeCommit has it, and so that a name is one plain segment of a path.
pub(super) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (1..=100).contains(&name.len()) && name.chars().all(allowed) && !name.ends_with(".git") && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_repository_name_is_one_plain_segment_of_a_path() {
        for name in ["bookstore", "book.store_2-a"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "..", ".git", "a/b", "shop.git", "sh op", &"a".repeat(101)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
