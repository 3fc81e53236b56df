//! What a push sets off: an event for each reference that it moved.

use serde::Deserialize;
use serde_json::{Value, json};

use super::CodeCommit;
use crate::aws::{ACCOUNT, JsonService, REGION, Session};

/// A reference that a push has moved, as git tells its post-receive hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedReference {
    /// The commit before; `None` for a new reference.
    pub old: Option<String>,
    /// The commit now; `None` for a deleted reference.
    pub new: Option<String>,
    /// The whole name, such as `refs/heads/main`.
    pub name: String,
}

impl MovedReference {
    /// Reads one line of the hook's standard input: old id, new id, reference.
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, ' ');
        let (old, new, name) = (words.next()?, words.next()?, words.next()?);
        let is_id = |word: &str| word.len() >= 40 && word.chars().all(|c| c.is_ascii_hexdigit());
        // Git writes zeros for a commit that is not there.
        let commit = |word: &str| word.chars().any(|c| c != '0').then(|| word.to_owned());
        (is_id(old) && is_id(new)).then(|| Self { old: commit(old), new: commit(new), name: name.to_owned() })
    }

    /// The branch's name; `None` for a tag or another reference.
    pub fn branch(&self) -> Option<&str> {
        self.name.strip_prefix("refs/heads/")
    }

    /// The `detail` of a "CodeCommit Repository State Change"; `None` for a reference that CodeCommit raises none for.
    fn detail(&self, repository_name: &str, repository_id: &str) -> Option<Value> {
        let (kind, short) = match (self.branch(), self.name.strip_prefix("refs/tags/")) {
            (Some(branch), _) => ("branch", branch),
            (None, Some(tag)) => ("tag", tag),
            (None, None) => return None,
        };
        let event = match (&self.old, &self.new) {
            (None, _) => "referenceCreated",
            (Some(_), Some(_)) => "referenceUpdated",
            (Some(_), None) => "referenceDeleted",
        };
        let mut detail = json!({
            "event": event,
            "repositoryName": repository_name,
            "repositoryId": repository_id,
            "referenceType": kind,
            "referenceName": short,
            "referenceFullName": self.name,
            "callerUserArn": format!("arn:aws:iam::{ACCOUNT}:root"),
        });
        if let Some(commit_id) = self.new.as_ref().or(self.old.as_ref()) {
            detail["commitId"] = json!(commit_id);
        }
        if let (Some(old), Some(_)) = (&self.old, &self.new) {
            detail["oldCommitId"] = json!(old);
        }
        Some(detail)
    }
}

impl CodeCommit {
    /// Notes a push and raises its events; rules of EventBridge decide what they start.
    ///
    /// `as_service` is the header by which EventBridge knows a service of the cloud: nobody else may say `aws.codecommit`.
    pub async fn pushed(
        &self,
        repository: &str,
        moved: &[MovedReference],
        session: &Session,
        as_service: (&str, &str),
    ) -> anyhow::Result<()> {
        let repository_id = self.repository(repository)?.repository_id;
        self.change(repository, |_| ())?;
        self.point_head_to(repository, moved).await?;
        let arn = format!("arn:aws:codecommit:{REGION}:{ACCOUNT}:{repository}");
        let entries = moved.iter().filter_map(|reference| reference.detail(repository, &repository_id)).map(|detail| {
            json!({
                "Source": "aws.codecommit",
                "DetailType": "CodeCommit Repository State Change",
                "Resources": [arn],
                "Detail": detail.to_string(),
            })
        });
        // PutEvents takes ten at a time.
        for batch in entries.collect::<Vec<_>>().chunks(10) {
            #[derive(Deserialize)]
            #[serde(rename_all = "PascalCase")]
            struct Output {
                failed_entry_count: u32,
            }
            let input = json!({ "Entries": batch });
            let answer: Output = session.call_with(JsonService::EVENTS, "PutEvents", &input, &[as_service]).await?;
            anyhow::ensure!(answer.failed_entry_count == 0, "EventBridge did not take the push's event");
        }
        Ok(())
    }

    /// The first branch that is pushed becomes the default branch, as in CodeCommit.
    async fn point_head_to(&self, repository: &str, moved: &[MovedReference]) -> anyhow::Result<()> {
        let git = self.git(repository);
        let first = moved.iter().find(|reference| reference.branch().is_some() && reference.new.is_some());
        if let Some(first) = first
            && git.resolve("HEAD").await.is_none()
        {
            git.run(&["symbolic-ref", "HEAD", &first.name]).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "1111111111111111111111111111111111111111";
    const NEW: &str = "2222222222222222222222222222222222222222";
    const NONE: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn the_event_tells_what_happened_to_which_reference() {
        for (line, event, kind, name, commit) in [
            (format!("{NONE} {NEW} refs/heads/main"), "referenceCreated", "branch", "main", NEW),
            (format!("{OLD} {NEW} refs/heads/a/b"), "referenceUpdated", "branch", "a/b", NEW),
            (format!("{OLD} {NONE} refs/tags/v1"), "referenceDeleted", "tag", "v1", OLD),
        ] {
            let detail = MovedReference::parse(&line).unwrap().detail("shop", "id").unwrap();
            let [got_event, got_kind, got_name, got_commit] =
                ["event", "referenceType", "referenceName", "commitId"].map(|key| detail[key].as_str().unwrap());
            assert_eq!((got_event, got_kind, got_name, got_commit), (event, kind, name, commit));
        }
    }

    #[test]
    fn other_references_raise_no_event() {
        let note = MovedReference::parse(&format!("{NONE} {NEW} refs/notes/commits")).unwrap();
        assert_eq!(note.detail("shop", "id"), None);
        assert_eq!(MovedReference::parse("half a line"), None);
    }
}
