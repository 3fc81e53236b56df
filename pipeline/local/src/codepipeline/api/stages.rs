//! What people do about a stage: approve, retry, roll back, close and open it.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use crate::api::{ApiError, Call, Reply, Timestamp};
use crate::aws::ACCOUNT;
use crate::codepipeline::declaration::RetryMode;
use crate::codepipeline::record::{Decision, Disabled, Execution};
use crate::codepipeline::types::{RetryTrigger, StageStatus};
use crate::codepipeline::{CodePipeline, Pipeline, no_such_execution, no_such_pipeline, pipeline_file, queue};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApprovalInput {
    pipeline_name: String,
    stage_name: String,
    action_name: String,
    result: Decision,
    token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetryInput {
    pipeline_name: String,
    stage_name: String,
    pipeline_execution_id: String,
    retry_mode: RetryMode,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RollbackInput {
    pipeline_name: String,
    stage_name: String,
    target_pipeline_execution_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransitionInput {
    pipeline_name: String,
    stage_name: String,
    transition_type: Transition,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
enum Transition {
    Inbound,
    Outbound,
}

impl CodePipeline {
    pub(super) fn put_approval_result(&self, call: &Call) -> Result<Reply, ApiError> {
        let ApprovalInput { pipeline_name, stage_name, action_name, result, token } = call.input()?;
        if result.summary.chars().count() > 512 {
            return Err(ApiError::validation("the summary of an approval has at most 512 characters"));
        }
        self.decide(&pipeline_name, &stage_name, &action_name, &token, result)?;
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            approved_at: Timestamp,
        }
        Ok(call.reply(&Output { approved_at: Timestamp::now() }))
    }

    pub(super) fn retry_stage(self: &Arc<Self>, call: &Call) -> Result<Reply, ApiError> {
        let RetryInput { pipeline_name, stage_name: stage, pipeline_execution_id: id, retry_mode } = call.input()?;
        let mut pipelines = self.lock();
        let pipeline = pipelines.get_mut(&pipeline_name).ok_or_else(|| no_such_pipeline(&pipeline_name))?;
        let execution = pipeline.executions.get(&id).ok_or_else(|| no_such_execution(&id))?;
        check_retry(pipeline, execution, &stage)?;
        queue::check_limit(pipeline)?;
        self.change_in(pipeline, &id, |execution| {
            execution.begin_retry(&stage, retry_mode, RetryTrigger::ManualStageRetry);
        })?;
        self.spawn(pipeline, &id);
        Ok(call.reply(&json!({ "pipelineExecutionId": id })))
    }

    pub(super) fn rollback_stage(self: &Arc<Self>, call: &Call) -> Result<Reply, ApiError> {
        let input: RollbackInput = call.input()?;
        let id = self.roll_back(&input.pipeline_name, &input.stage_name, &input.target_pipeline_execution_id)?;
        Ok(call.reply(&json!({ "pipelineExecutionId": id })))
    }

    pub(super) fn disable_transition(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: TransitionInput = call.input()?;
        if !(1..=300).contains(&input.reason.chars().count()) {
            return Err(ApiError::validation("to disable a transition takes a reason of 1 to 300 characters"));
        }
        if !input.reason.chars().all(|c| c.is_ascii_alphanumeric() || "!@ ().*?-".contains(c)) {
            return Err(ApiError::validation("the reason may have letters, digits, spaces and !@().*?- only"));
        }
        let by = format!("arn:aws:iam::{ACCOUNT}:root");
        let disabled = Disabled { reason: input.reason.clone(), by, at: Timestamp::now() };
        self.set_transition(call, input, Some(disabled))
    }

    pub(super) fn enable_transition(&self, call: &Call) -> Result<Reply, ApiError> {
        self.set_transition(call, call.input()?, None)
    }

    fn set_transition(
        &self,
        call: &Call,
        input: TransitionInput,
        disabled: Option<Disabled>,
    ) -> Result<Reply, ApiError> {
        let TransitionInput { pipeline_name, stage_name, transition_type, .. } = input;
        let mut pipelines = self.lock();
        let pipeline = pipelines.get_mut(&pipeline_name).ok_or_else(|| no_such_pipeline(&pipeline_name))?;
        if !pipeline.record.declaration.stages.iter().any(|stage| stage.name == stage_name) {
            return Err(ApiError::new("StageNotFoundException", format!("the pipeline has no stage {stage_name}")));
        }
        let transitions = pipeline.record.disabled.entry(stage_name).or_default();
        match transition_type {
            Transition::Inbound => transitions.inbound = disabled,
            Transition::Outbound => transitions.outbound = disabled,
        }
        self.store.put(pipeline_file(&pipeline_name), &pipeline.record)?;
        self.changes.send_modify(|count| *count += 1);
        Ok(call.done())
    }
}

/// Source: "Retry a failed stage or failed actions in a stage" of the user guide.
fn check_retry(pipeline: &Pipeline, execution: &Execution, stage: &str) -> Result<(), ApiError> {
    let not_retryable = |reason: String| Err(ApiError::new("StageNotRetryableException", reason));
    if execution.pipeline.version != pipeline.record.declaration.version {
        return not_retryable(format!(
            "the pipeline's definition was changed since: start it anew (aws codepipeline start-pipeline-execution --name {})",
            execution.pipeline.name
        ));
    }
    match execution.stage_status(stage) {
        Some(StageStatus::Failed | StageStatus::Stopped) if execution.summary.status.is_final() => {}
        Some(status) => {
            return not_retryable(format!(
                "the stage {stage} of this execution is {status:?}, neither Failed nor Stopped"
            ));
        }
        None => return not_retryable(format!("the execution never entered the stage {stage}")),
    }
    let entered = |execution: &Execution| execution.stage_runs.get(stage).map(|run| run.entered);
    if pipeline.executions.values().any(|other| entered(other) > entered(execution)) {
        let message = format!("a later execution has entered the stage {stage}: retry that one");
        return Err(ApiError::new("NotLatestPipelineExecutionException", message));
    }
    Ok(())
}
