//! The pipeline's API, and the logs of its builds, as the commands read them.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

use crate::aws::{CallError, JsonService, Session};
use crate::codebuild::types::{BatchGetBuildsInput, BatchGetBuildsOutput, Build};
use crate::codepipeline::types::{ActionExecutionDetail, ExecutionStatus, ExecutionSummary, PipelineState};

/// One pipeline, as the account's owner sees it.
pub struct Pipeline {
    session: Session,
    name: String,
}

/// An execution as far as it is followed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionOutcome {
    pub status: ExecutionStatus,
    #[serde(default)]
    pub status_summary: String,
}

impl Pipeline {
    pub fn new(session: Session, name: String) -> Self {
        Self { session, name }
    }

    /// The newest hundred executions, newest first.
    pub async fn executions(&self) -> Result<Vec<ExecutionSummary>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            pipeline_execution_summaries: Vec<ExecutionSummary>,
        }
        let output: Output = self.call("ListPipelineExecutions", json!({ "pipelineName": self.name })).await?;
        Ok(output.pipeline_execution_summaries)
    }

    pub async fn execution(&self, id: &str) -> Result<ExecutionOutcome> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            pipeline_execution: ExecutionOutcome,
        }
        let input = json!({ "pipelineName": self.name, "pipelineExecutionId": id });
        Ok(self.call::<Output>("GetPipelineExecution", input).await?.pipeline_execution)
    }

    /// The actions of one execution, or the newest hundred of all; newest first.
    pub async fn actions(&self, execution: Option<&str>) -> Result<Vec<ActionExecutionDetail>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            action_execution_details: Vec<ActionExecutionDetail>,
        }
        let filter = execution.map_or_else(|| json!({}), |id| json!({ "pipelineExecutionId": id }));
        let output: Output =
            self.call("ListActionExecutions", json!({ "pipelineName": self.name, "filter": filter })).await?;
        Ok(output.action_execution_details)
    }

    pub async fn state(&self) -> Result<PipelineState> {
        self.call("GetPipelineState", json!({ "name": self.name })).await
    }

    /// Starts an execution with the branch's head and answers its id.
    pub async fn start(&self) -> Result<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            pipeline_execution_id: String,
        }
        Ok(self.call::<Output>("StartPipelineExecution", json!({ "name": self.name })).await?.pipeline_execution_id)
    }

    /// The commit that a branch points to; `None` as long as nobody has pushed it.
    pub async fn branch_head(&self, repository: &str, branch: &str) -> Result<Option<String>> {
        #[derive(Deserialize)]
        struct Output {
            branch: Branch,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Branch {
            commit_id: String,
        }
        let input = json!({ "repositoryName": repository, "branchName": branch });
        match self.session.call::<Output>(JsonService::CODECOMMIT, "GetBranch", &input).await {
            Ok(output) => Ok(Some(output.branch.commit_id)),
            Err(error) if error.code() == "BranchDoesNotExistException" => Ok(None),
            Err(error) => Err(error).context("cannot read the branch from CodeCommit"),
        }
    }

    /// The log of an action's build; `None` for an action that has none, or none yet.
    pub async fn log(&self, action: &ActionExecutionDetail) -> Result<Option<Log>> {
        let Some(id) = build_id(action) else { return Ok(None) };
        let input = BatchGetBuildsInput { ids: vec![id.to_owned()] };
        let output: BatchGetBuildsOutput = self
            .session
            .call(JsonService::CODEBUILD, "BatchGetBuilds", &input)
            .await
            .context("cannot read the build")?;
        Ok(output.builds.into_iter().next().and_then(|build| Log::of(&self.session, build)))
    }

    async fn call<O: serde::de::DeserializeOwned>(&self, operation: &str, input: serde_json::Value) -> Result<O> {
        let called = self.session.call(JsonService::CODEPIPELINE, operation, &input).await;
        called.with_context(|| format!("cannot call {operation} for the pipeline {}", self.name))
    }
}

/// The build that an action runs, if it is one that does and has begun.
pub fn build_id(action: &ActionExecutionDetail) -> Option<&str> {
    let is_build = action.input.action_type_id.provider == "CodeBuild";
    action.output.execution_result.external_execution_id.as_deref().filter(|_| is_build)
}

/// A build's log stream, read from its beginning.
pub struct Log {
    session: Session,
    group: String,
    stream: String,
    token: Option<String>,
}

impl Log {
    fn of(session: &Session, build: Build) -> Option<Self> {
        let (group, stream) = (build.logs.group_name?, build.logs.stream_name?);
        Some(Self { session: session.clone(), group, stream, token: None })
    }

    /// The lines that came since the last call.
    pub async fn read(&mut self) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            events: Vec<Event>,
            next_forward_token: String,
        }
        #[derive(Deserialize)]
        struct Event {
            message: String,
        }
        let mut lines = Vec::new();
        loop {
            let mut input = json!({ "logGroupName": self.group, "logStreamName": self.stream, "startFromHead": true });
            if let Some(token) = &self.token {
                input["nextToken"] = json!(token);
            }
            let output: Output = match self.session.call(JsonService::LOGS, "GetLogEvents", &input).await {
                Ok(output) => output,
                // Nothing was logged yet.
                Err(CallError::Service { code, .. }) if code == "ResourceNotFoundException" => return Ok(lines),
                Err(error) => return Err(error).context("cannot read the log"),
            };
            let is_end = output.events.is_empty();
            lines.extend(output.events.iter().flat_map(|event| event.message.lines()).map(str::to_owned));
            self.token = Some(output.next_forward_token);
            if is_end {
                return Ok(lines);
            }
        }
    }
}
