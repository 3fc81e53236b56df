//! The pipeline's API, and the logs of its builds, as the commands read them.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;

use super::approval::Approval;
use crate::aws::{CallError, JsonService, Session};
use crate::codebuild::types::{BatchGetBuildsInput, BatchGetBuildsOutput, Build, Report};
use crate::codepipeline::declaration::RetryMode;
use crate::codepipeline::record::Decision;
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Started {
    pipeline_execution_id: String,
}

impl Pipeline {
    pub fn new(session: Session, name: String) -> Self {
        Self { session, name }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The newest hundred executions, newest first.
    pub async fn executions(&self) -> Result<Vec<ExecutionSummary>> {
        self.list(json!({})).await
    }

    /// The newest hundred of those that succeeded in a stage, newest first.
    pub async fn executions_that_succeeded_in(&self, stage: &str) -> Result<Vec<ExecutionSummary>> {
        self.list(json!({ "succeededInStage": { "stageName": stage } })).await
    }

    async fn list(&self, filter: serde_json::Value) -> Result<Vec<ExecutionSummary>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            pipeline_execution_summaries: Vec<ExecutionSummary>,
        }
        let input = json!({ "pipelineName": self.name, "filter": filter });
        Ok(self.call::<Output>("ListPipelineExecutions", input).await?.pipeline_execution_summaries)
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
        Ok(self.call::<Started>("StartPipelineExecution", json!({ "name": self.name })).await?.pipeline_execution_id)
    }

    /// Gives a manual approval its answer.
    pub async fn decide(&self, approval: &Approval, decision: &Decision) -> Result<()> {
        let input = json!({
            "pipelineName": self.name,
            "stageName": approval.stage,
            "actionName": approval.action,
            "token": approval.token,
            "result": decision,
        });
        self.call::<serde_json::Value>("PutApprovalResult", input).await.map(drop)
    }

    pub async fn retry(&self, stage: &str, execution: &str, mode: RetryMode) -> Result<()> {
        let input = json!({
            "pipelineName": self.name, "stageName": stage, "pipelineExecutionId": execution, "retryMode": mode,
        });
        self.call::<serde_json::Value>("RetryStageExecution", input).await.map(drop)
    }

    /// Takes a stage back to an execution, and answers the id of the one that does so.
    pub async fn roll_back(&self, stage: &str, target: &str) -> Result<String> {
        let input = json!({ "pipelineName": self.name, "stageName": stage, "targetPipelineExecutionId": target });
        Ok(self.call::<Started>("RollbackStage", input).await?.pipeline_execution_id)
    }

    pub async fn stop(&self, execution: &str, abandon: bool, reason: Option<&str>) -> Result<()> {
        let mut input = json!({ "pipelineName": self.name, "pipelineExecutionId": execution, "abandon": abandon });
        if let Some(reason) = reason {
            input["reason"] = json!(reason);
        }
        self.call::<serde_json::Value>("StopPipelineExecution", input).await.map(drop)
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
        Ok(self.builds(vec![id.to_owned()]).await?.into_iter().next().and_then(|build| Log::of(&self.session, build)))
    }

    /// The reports that builds have made so far. An id that is none of a build has no reports.
    pub async fn reports(&self, ids: Vec<String>) -> Result<Vec<Report>> {
        let builds = if ids.is_empty() { Vec::new() } else { self.builds(ids).await? };
        let arns = builds.into_iter().flat_map(|build| build.report_arns).collect::<Vec<_>>();
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        #[derive(Deserialize)]
        struct Output {
            reports: Vec<Report>,
        }
        let called = self
            .session
            .call::<Output>(JsonService::CODEBUILD, "BatchGetReports", &json!({ "reportArns": arns }))
            .await;
        Ok(called.context("cannot read the build's reports")?.reports)
    }

    async fn builds(&self, ids: Vec<String>) -> Result<Vec<Build>> {
        let input = BatchGetBuildsInput { ids };
        let output: BatchGetBuildsOutput = self
            .session
            .call(JsonService::CODEBUILD, "BatchGetBuilds", &input)
            .await
            .context("cannot read the build")?;
        Ok(output.builds)
    }

    async fn call<O: serde::de::DeserializeOwned>(&self, operation: &str, input: serde_json::Value) -> Result<O> {
        let called = self.session.call(JsonService::CODEPIPELINE, operation, &input).await;
        called.with_context(|| format!("cannot call {operation} for the pipeline {}", self.name))
    }
}

/// An execution, and whose it is.
#[derive(Clone)]
pub struct Run<'a> {
    pub pipeline: &'a Pipeline,
    pub execution: ExecutionSummary,
}

impl Run<'_> {
    pub fn id(&self) -> &str {
        &self.execution.pipeline_execution_id
    }
}

/// The newest executions of several pipelines, newest first.
pub async fn runs(pipelines: &[Pipeline]) -> Result<Vec<Run<'_>>> {
    let mut runs = Vec::new();
    for pipeline in pipelines {
        let executions = pipeline.executions().await?;
        runs.extend(executions.into_iter().map(|execution| Run { pipeline, execution }));
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run.execution.start_time));
    Ok(runs)
}

/// The newest execution that a person means by the beginning of its id or of its commit's.
pub fn find_run<'a, 'p>(runs: &'a [Run<'p>], wanted: &str) -> Result<&'a Run<'p>> {
    let is_meant = |run: &&Run<'_>| {
        let commits = run.execution.source_revisions.iter().map(|revision| revision.revision_id.as_str());
        commits.chain([run.id()]).any(|id| id.starts_with(wanted))
    };
    match runs.iter().find(is_meant) {
        Some(found) => Ok(found),
        None => bail!("no execution or commit begins with {wanted}; see: cargo local status"),
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
