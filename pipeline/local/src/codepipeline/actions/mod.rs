//! What an action does: its configuration read into types, and one module for each provider.

mod approval;
mod artifact;
mod cloudformation;
mod codebuild;
mod lambda;
mod s3_deploy;
mod s3_source;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::declaration::{ActionDeclaration, ActionTypeId};
use super::jobs::Jobs;
use super::types::{ArtifactDetail, S3Location, SourceRevision, SourceRevisionOverride};
use crate::api::ApiError;
use crate::aws::{CallError, Cloud, Session};
use crate::codecommit::CodeCommit;
pub use approval::Approval;

/// An action of a provider that the local CodePipeline has, with its configuration parsed.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    CodeCommit(source::CodeCommitSource),
    CodeBuild(codebuild::CodeBuildRun),
    CloudFormation(cloudformation::CloudFormationAction),
    S3Source(s3_source::S3Source),
    S3Deploy(s3_deploy::S3Deploy),
    Lambda(lambda::LambdaInvoke),
    Approval(Approval),
}

/// What there is, for whoever declares something else.
const SUPPORTED: &str = "Source/AWS/CodeCommit/1, Source/AWS/S3/1, Build/AWS/CodeBuild/1, Test/AWS/CodeBuild/1, \
                         Deploy/AWS/CloudFormation/1, Deploy/AWS/S3/1, Approval/AWS/Manual/1 and Invoke/AWS/Lambda/1";

impl Action {
    /// Reads an action's configuration. `configuration` is the declared one, or the one with its variables resolved.
    pub fn parse(action: &ActionDeclaration, configuration: &BTreeMap<String, String>) -> Result<Self, String> {
        let ActionTypeId { category, owner, provider, version } = &action.action_type_id;
        let mut keys = Configuration { action: &action.name, values: configuration.clone() };
        let parsed = match (category.as_str(), owner.as_str(), provider.as_str(), version.as_str()) {
            ("Source", "AWS", "CodeCommit", "1") => Self::CodeCommit(source::CodeCommitSource::parse(&mut keys)?),
            ("Build" | "Test", "AWS", "CodeBuild", "1") => {
                Self::CodeBuild(codebuild::CodeBuildRun::parse(&mut keys, action)?)
            }
            ("Deploy", "AWS", "CloudFormation", "1") => {
                Self::CloudFormation(cloudformation::CloudFormationAction::parse(&mut keys, action)?)
            }
            ("Source", "AWS", "S3", "1") => Self::S3Source(s3_source::S3Source::parse(&mut keys)?),
            ("Deploy", "AWS", "S3", "1") => Self::S3Deploy(s3_deploy::S3Deploy::parse(&mut keys, action)?),
            ("Invoke", "AWS", "Lambda", "1") => Self::Lambda(lambda::LambdaInvoke::parse(&mut keys)?),
            ("Approval", "AWS", "Manual", "1") => Self::Approval(Approval::parse(&mut keys)?),
            _ => {
                return Err(format!(
                    "the action {} is of the type {category}/{owner}/{provider}/{version}; the local CodePipeline has \
                     {SUPPORTED}",
                    action.name
                ));
            }
        };
        keys.nothing_left()?;
        Ok(parsed)
    }

    /// Does what the action does. A manual approval does nothing by itself: it waits for a person, see `approvals.rs`.
    pub async fn run(&self, context: &ActionContext) -> Result<Outcome, ActionFailure> {
        match self {
            Self::Approval(_) => Err(ActionFailure::new("JobFailed", "an approval is a person's")),
            Self::CodeCommit(source) => source.run(context).await,
            Self::CodeBuild(build) => build.run(context).await,
            Self::CloudFormation(stack) => stack.run(context).await,
            Self::S3Source(source) => source.run(context).await,
            Self::S3Deploy(deploy) => deploy.run(context).await,
            Self::Lambda(invoke) => invoke.run(context).await,
        }
    }
}

/// What an action may use while it runs.
pub struct ActionContext {
    pub pipeline: String,
    pub execution_id: String,
    /// This run of the action.
    pub action_execution_id: String,
    /// The role that the action runs as.
    pub role_arn: String,
    /// A session of that role: everything that the action does, it does with this.
    pub session: Session,
    pub cloud: Cloud,
    pub codecommit: Arc<CodeCommit>,
    pub jobs: Arc<Jobs>,
    pub inputs: Vec<ArtifactDetail>,
    /// The declared output artifacts and the places that this run puts them in.
    pub outputs: Vec<ArtifactDetail>,
    /// The revision that started the execution, when it names one for this action.
    pub pinned_revision: Option<SourceRevisionOverride>,
    /// The commit of the pipeline's first source.
    pub source_revision: Option<String>,
    /// Takes the id of the build or stack operation as soon as it is known.
    pub external_execution: UnboundedSender<String>,
}

impl ActionContext {
    pub fn input(&self, name: &str) -> Result<&S3Location, ActionFailure> {
        let found = self.inputs.iter().find(|artifact| artifact.name == name);
        found.map(|artifact| &artifact.s3location).ok_or_else(|| {
            ActionFailure::new("ConfigurationError", format!("{name} is no input artifact of this action"))
        })
    }

    /// Fails as AWS does when the action's role lacks a permission that no API call of this service exercises.
    pub async fn require(&self, action: &str, resource: &str, context: &[(&str, &str)]) -> Result<(), ActionFailure> {
        if self.cloud.root().may(&self.role_arn, action, resource, context).await? {
            return Ok(());
        }
        Err(ActionFailure::new(
            "PermissionError",
            format!("{} is not authorized to perform: {action} on resource: {resource}", self.role_arn),
        ))
    }
}

/// What a successful action leaves behind.
#[derive(Debug, Default)]
pub struct Outcome {
    pub summary: Option<String>,
    pub variables: BTreeMap<String, String>,
    pub revision: Option<SourceRevision>,
}

/// Why an action failed, as `errorDetails` carries it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ActionFailure {
    pub code: &'static str,
    pub message: String,
}

impl ActionFailure {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A call of an SDK client that failed.
    pub fn sdk<E, R>(error: &aws_sdk_sts::error::SdkError<E, R>) -> Self
    where
        E: aws_sdk_sts::error::ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        CallError::from_sdk(error).into()
    }
}

impl From<CallError> for ActionFailure {
    fn from(error: CallError) -> Self {
        let code = if error.code().starts_with("AccessDenied") { "PermissionError" } else { "JobFailed" };
        Self::new(code, error.to_string())
    }
}

impl From<ApiError> for ActionFailure {
    fn from(error: ApiError) -> Self {
        Self::new("JobFailed", error.to_string())
    }
}

/// A failure of this machine, such as a full disk.
impl From<anyhow::Error> for ActionFailure {
    fn from(error: anyhow::Error) -> Self {
        Self::new("JobFailed", format!("{error:#}"))
    }
}

/// An action's configuration while it is read: keys are taken out, and what is left nobody understands.
pub struct Configuration<'a> {
    action: &'a str,
    values: BTreeMap<String, String>,
}

impl Configuration<'_> {
    pub fn optional(&mut self, key: &str) -> Option<String> {
        self.values.remove(key).filter(|value| !value.is_empty())
    }

    pub fn required(&mut self, key: &str) -> Result<String, String> {
        self.optional(key).ok_or_else(|| format!("the action {} needs {key} in its configuration", self.action))
    }

    /// Takes a key whose values the local service has only in part.
    pub fn only(&mut self, key: &str, supported: &[&str]) -> Result<Option<String>, String> {
        match self.optional(key) {
            Some(value) if !supported.contains(&value.as_str()) => Err(format!(
                "the action {} has {key}: {value}; the local CodePipeline supports {}",
                self.action,
                supported.join(", ")
            )),
            value => Ok(value),
        }
    }

    fn nothing_left(&self) -> Result<(), String> {
        match self.values.keys().next() {
            None => Ok(()),
            Some(key) => Err(format!("the local CodePipeline does not support {key} in the action {}", self.action)),
        }
    }
}

#[cfg(test)]
mod tests;
