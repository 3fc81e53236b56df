//! The operations of the CodePipeline API.

mod executions;
mod jobs;
mod pipelines;
mod stages;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::{CodePipeline, found, state};
use crate::api::{ApiError, Call, Reply};

#[derive(Deserialize)]
struct NameInput {
    name: String,
}

impl CodePipeline {
    pub async fn handle(self: &Arc<Self>, call: &Call) -> Result<Reply, ApiError> {
        match call.operation.as_str() {
            "CreatePipeline" => self.create(call),
            "UpdatePipeline" => self.update(call),
            "DeletePipeline" => self.delete(call),
            "GetPipeline" => self.get(call),
            "ListPipelines" => Ok(self.list(call)),
            "GetPipelineState" => {
                let input: NameInput = call.input()?;
                Ok(call.reply(&state::of(found(&self.lock(), &input.name)?)))
            }
            "StartPipelineExecution" => self.start(call),
            "StopPipelineExecution" => self.stop(call),
            "GetPipelineExecution" => self.get_execution(call),
            "ListPipelineExecutions" => self.list_executions(call),
            "ListActionExecutions" => self.list_action_executions(call),
            "PutApprovalResult" => self.put_approval_result(call),
            "PutJobSuccessResult" => self.put_job_success(call),
            "PutJobFailureResult" => self.put_job_failure(call),
            "GetJobDetails" => self.get_job_details(call),
            "RetryStageExecution" => self.retry_stage(call),
            "RollbackStage" => self.rollback_stage(call),
            "DisableStageTransition" => self.disable_transition(call),
            "EnableStageTransition" => self.enable_transition(call),
            "ListTagsForResource" => Ok(call.reply(&json!({ "tags": [] }))),
            operation => Err(ApiError::unsupported(operation)),
        }
    }
}
