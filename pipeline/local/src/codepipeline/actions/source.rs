//! The CodeCommit source: a commit of a branch becomes the first artifact.

use std::collections::BTreeMap;

use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};

use super::{ActionContext, ActionFailure, Configuration, Outcome};
use crate::aws::{ACCOUNT, JsonService, REGION};
use crate::codepipeline::types::SourceRevision;

#[derive(Debug, Clone, PartialEq)]
pub struct CodeCommitSource {
    repository: String,
    branch: String,
}

impl CodeCommitSource {
    pub fn parse(configuration: &mut Configuration) -> Result<Self, String> {
        // On AWS an omitted key means polling, and with an event rule beside it every push then runs twice.
        if configuration.only("PollForSourceChanges", &["false"])?.is_none() {
            return Err("the CodeCommit source needs PollForSourceChanges: 'false': the local CodePipeline does not \
                        poll, an EventBridge rule starts it"
                .to_owned());
        }
        configuration.only("OutputArtifactFormat", &["CODE_ZIP"])?;
        Ok(Self {
            repository: configuration.required("RepositoryName")?,
            branch: configuration.required("BranchName")?,
        })
    }

    pub fn follows(&self, repository: &str, branch: &str) -> bool {
        self.repository == repository && self.branch == branch
    }

    pub async fn run(&self, context: &ActionContext) -> Result<Outcome, ActionFailure> {
        let commit_id = match &context.pinned_revision {
            Some(pinned) => pinned.revision_value.clone(),
            None => self.head(context).await?,
        };
        let commit: Value = context
            .session
            .call(
                JsonService::CODECOMMIT,
                "GetCommit",
                &json!({ "repositoryName": self.repository, "commitId": commit_id }),
            )
            .await?;
        // The archive is made by an upload inside AWS: permissions without an API operation.
        let arn = format!("arn:aws:codecommit:{REGION}:{ACCOUNT}:{}", self.repository);
        for action in ["codecommit:UploadArchive", "codecommit:GetUploadArchiveStatus"] {
            context.require(action, &arn, &[]).await?;
        }

        let archive = context.codecommit.archive(&self.repository, &commit_id).await?;
        let output = &context.outputs[0].s3location;
        let body = ByteStream::from_path(archive.path()).await.map_err(|error| {
            ActionFailure::new("JobFailed", format!("cannot read the archive of {commit_id}: {error}"))
        })?;
        let upload = context.session.s3().put_object().bucket(&output.bucket).key(&output.key).body(body);
        upload.send().await.map_err(|error| ActionFailure::sdk(&error))?;

        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let commit = &commit["commit"];
        let message = text(&commit["message"]);
        let revision = SourceRevision {
            action_name: String::new(),
            revision_id: commit_id.clone(),
            revision_summary: message.lines().next().unwrap_or_default().to_owned(),
        };
        let variables = BTreeMap::from([
            ("AuthorDate".to_owned(), text(&commit["author"]["date"])),
            ("BranchName".to_owned(), self.branch.clone()),
            ("CommitId".to_owned(), commit_id),
            ("CommitMessage".to_owned(), message),
            ("CommitterDate".to_owned(), text(&commit["committer"]["date"])),
            ("RepositoryName".to_owned(), self.repository.clone()),
        ]);
        Ok(Outcome { summary: Some(revision.revision_summary.clone()), variables, revision: Some(revision) })
    }

    async fn head(&self, context: &ActionContext) -> Result<String, ActionFailure> {
        let input = json!({ "repositoryName": self.repository, "branchName": self.branch });
        let answer: Value = context.session.call(JsonService::CODECOMMIT, "GetBranch", &input).await?;
        Ok(answer["branch"]["commitId"].as_str().unwrap_or_default().to_owned())
    }
}
