//! Executions: started, stopped and listed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::api::{ApiError, Call, Reply, Timestamp};
use crate::aws::ACCOUNT;
use crate::codepipeline::declaration::PipelineDeclaration;
use crate::codepipeline::record::Execution;
use crate::codepipeline::types::{
    ExecutionStatus, ExecutionSummary, ExecutionTrigger, ExecutionType, SourceRevisionOverride, StopTrigger,
};
use crate::codepipeline::{CodePipeline, Pipeline, found, no_such_pipeline};

/// Who started an execution; only the event dispatcher of the local cloud names itself here.
const TRIGGER: &str = "x-devtools-trigger";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    pipeline_name: String,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    filter: ListFilter,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListFilter {
    pipeline_execution_id: Option<String>,
    latest_in_pipeline_execution: Option<LatestFilter>,
    succeeded_in_stage: Option<StageFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LatestFilter {
    pipeline_execution_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StageFilter {
    stage_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecutionInput {
    pipeline_name: String,
    pipeline_execution_id: String,
    #[serde(default)]
    abandon: bool,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartInput {
    name: String,
    #[serde(default)]
    variables: Vec<Variable>,
    #[serde(default)]
    client_request_token: Option<String>,
    #[serde(default)]
    source_revisions: Vec<SourceRevisionOverride>,
}

#[derive(Deserialize)]
pub(super) struct Variable {
    name: String,
    value: String,
}

impl CodePipeline {
    pub(super) fn start(self: &Arc<Self>, call: &Call) -> Result<Reply, ApiError> {
        let input: StartInput = call.input()?;
        let trigger = match call.headers.get(TRIGGER) {
            Some(header) => serde_json::from_slice(header.as_bytes())
                .map_err(|error| ApiError::validation(format!("{TRIGGER} is malformed: {error}")))?,
            None => ExecutionTrigger {
                trigger_type: "StartPipelineExecution".to_owned(),
                trigger_detail: format!("arn:aws:iam::{ACCOUNT}:root"),
            },
        };
        let mut pipelines = self.lock();
        let pipeline = pipelines.get_mut(&input.name).ok_or_else(|| no_such_pipeline(&input.name))?;
        let id = match input.client_request_token.as_deref().map(Uuid::parse_str) {
            // A retried request finds the execution that its first try has started.
            Some(Ok(token)) => token.to_string(),
            _ => Uuid::new_v4().to_string(),
        };
        if !pipeline.executions.contains_key(&id) {
            self.start_execution(pipeline, trigger, input.source_revisions, input.variables, id.clone())?;
        }
        Ok(call.reply(&json!({ "pipelineExecutionId": id })))
    }

    pub(super) fn start_execution(
        self: &Arc<Self>,
        pipeline: &mut Pipeline,
        trigger: ExecutionTrigger,
        source_overrides: Vec<SourceRevisionOverride>,
        variables: Vec<Variable>,
        id: String,
    ) -> Result<(), ApiError> {
        let declaration = &pipeline.record.declaration;
        check_sources(declaration, &source_overrides)?;
        let variables = values(declaration, variables)?;
        let now = Timestamp::now();
        let execution = Execution {
            number: 0,
            summary: ExecutionSummary {
                pipeline_execution_id: id,
                status: ExecutionStatus::InProgress,
                status_summary: None,
                start_time: now,
                last_update_time: now,
                source_revisions: Vec::new(),
                trigger,
                execution_mode: declaration.execution_mode,
                execution_type: ExecutionType::Standard,
                rollback_metadata: None,
                stop_trigger: None,
            },
            pipeline: declaration.clone(),
            source_overrides,
            variables,
            actions: Vec::new(),
            stage_runs: BTreeMap::new(),
            is_cancelled: false,
            approvals: BTreeMap::new(),
            rollback: None,
        };
        self.enqueue(pipeline, execution).map(drop)
    }

    pub(super) fn stop(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: ExecutionInput = call.input()?;
        let ExecutionInput { pipeline_name, pipeline_execution_id: id, abandon, reason } = input;
        if reason.as_ref().is_some_and(|reason| reason.chars().count() > 200) {
            return Err(ApiError::validation("the reason of a stop has at most 200 characters"));
        }
        self.change(&pipeline_name, &id, |execution| match execution.summary.status {
            ExecutionStatus::Stopping if !abandon => {
                let message = format!("the execution {id} is stopping already; to end it at once, abandon it");
                Err(ApiError::new("DuplicatedStopRequestException", message))
            }
            status if status.is_final() => {
                let message = format!("the execution {id} has ended");
                Err(ApiError::new("PipelineExecutionNotStoppableException", message))
            }
            _ => {
                // Who abandons what is stopping need not say again why it was stopped.
                let known = execution.summary.stop_trigger.take().map(|trigger| trigger.reason);
                let reason = reason.or(known).unwrap_or_default();
                execution.summary.stop_trigger = Some(StopTrigger { reason: reason.clone() });
                execution.summary.status = ExecutionStatus::Stopping;
                if abandon {
                    execution.end(ExecutionStatus::Stopped, &reason);
                }
                Ok(())
            }
        })??;
        if abandon {
            let task = self.lock().get_mut(&pipeline_name).and_then(|pipeline| pipeline.running.remove(&id));
            if let Some(task) = task {
                task.abort();
            }
        }
        Ok(call.reply(&json!({ "pipelineExecutionId": id })))
    }

    pub(super) fn get_execution(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: ExecutionInput = call.input()?;
        self.execution(&input.pipeline_name, &input.pipeline_execution_id, |execution| {
            let revisions = execution.summary.source_revisions.iter().map(|revision| {
                json!({
                    "name": revision.action_name,
                    "revisionId": revision.revision_id,
                    "revisionSummary": revision.revision_summary,
                })
            });
            let variables =
                execution.variables.iter().map(|(name, value)| json!({ "name": name, "resolvedValue": value }));
            call.reply(&json!({ "pipelineExecution": {
                "pipelineName": input.pipeline_name,
                "pipelineVersion": execution.pipeline.version,
                "pipelineExecutionId": input.pipeline_execution_id,
                "status": execution.summary.status,
                "statusSummary": execution.summary.status_summary.clone().unwrap_or_default(),
                "artifactRevisions": revisions.collect::<Vec<_>>(),
                "variables": variables.collect::<Vec<_>>(),
                "trigger": execution.summary.trigger,
                "executionMode": execution.summary.execution_mode,
                "executionType": execution.summary.execution_type,
                "rollbackMetadata": execution.summary.rollback_metadata,
            }}))
        })
    }

    pub(super) fn list_executions(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: ListInput = call.input()?;
        let pipelines = self.lock();
        let mut executions = found(&pipelines, &input.pipeline_name)?.executions.values().collect::<Vec<_>>();
        executions.sort_by_key(|execution| std::cmp::Reverse(execution.number));
        if let Some(filter) = &input.filter.succeeded_in_stage {
            executions.retain(|execution| execution.has_succeeded_in(&filter.stage_name));
        }
        let summaries = executions.into_iter().map(|execution| &execution.summary).collect::<Vec<_>>();
        reply_page(call, "pipelineExecutionSummaries", &summaries, &input)
    }

    pub(super) fn list_action_executions(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: ListInput = call.input()?;
        let latest = input.filter.latest_in_pipeline_execution.as_ref().map(|latest| &latest.pipeline_execution_id);
        let wanted = input.filter.pipeline_execution_id.as_ref().or(latest);
        let pipelines = self.lock();
        let executions = found(&pipelines, &input.pipeline_name)?.executions.values();
        let mut details = executions
            .filter(|execution| wanted.is_none_or(|id| *id == execution.summary.pipeline_execution_id))
            .flat_map(|execution| &execution.actions)
            .collect::<Vec<_>>();
        details.sort_by_key(|detail| std::cmp::Reverse(detail.start_time));
        reply_page(call, "actionExecutionDetails", &details, &input)
    }
}

fn check_sources(pipeline: &PipelineDeclaration, overrides: &[SourceRevisionOverride]) -> Result<(), ApiError> {
    for SourceRevisionOverride { action_name, revision_type, .. } in overrides {
        let action = pipeline.stages[0].actions.iter().find(|action| action.name == *action_name);
        let fits = action.is_some_and(|action| match action.action_type_id.provider.as_str() {
            "S3" => matches!(revision_type.as_str(), "S3_OBJECT_VERSION_ID" | "S3_OBJECT_KEY"),
            _ => revision_type == "COMMIT_ID",
        });
        if !fits {
            return Err(ApiError::validation(format!(
                "there is no source action {action_name} that takes a {revision_type}"
            )));
        }
    }
    Ok(())
}

fn values(pipeline: &PipelineDeclaration, given: Vec<Variable>) -> Result<BTreeMap<String, String>, ApiError> {
    let given = given.into_iter().map(|variable| (variable.name, variable.value)).collect::<BTreeMap<_, _>>();
    if let Some(name) = given.keys().find(|name| !pipeline.variables.iter().any(|variable| variable.name == **name)) {
        return Err(ApiError::validation(format!("the pipeline has no variable {name}")));
    }
    let declared = pipeline.variables.iter().map(|variable| {
        let value = given.get(&variable.name).or(variable.default_value.as_ref());
        let value =
            value.ok_or_else(|| ApiError::validation(format!("the variable {} needs a value", variable.name)))?;
        Ok((variable.name.clone(), value.clone()))
    });
    declared.collect()
}

fn reply_page(
    call: &Call,
    member: &str,
    items: &[impl serde::Serialize],
    input: &ListInput,
) -> Result<Reply, ApiError> {
    let malformed = || ApiError::new("InvalidNextTokenException", "the next token is none of this list");
    let start = input.next_token.as_deref().map_or(Ok(0), |token| token.parse().map_err(|_| malformed()))?;
    let size = input.max_results.unwrap_or(100).clamp(1, 100);
    let page = items.get(start..).ok_or_else(malformed)?;
    let mut output = BTreeMap::from([(member, Page::Items(&page[..page.len().min(size)]))]);
    if page.len() > size {
        output.insert("nextToken", Page::Token((start + size).to_string()));
    }
    Ok(call.reply(&output))
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Page<'a, T> {
    Items(&'a [T]),
    Token(String),
}
