//! What functions say of the jobs that they were given.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::api::{ApiError, Call, Reply};
use crate::aws::ACCOUNT;
use crate::codepipeline::CodePipeline;
use crate::codepipeline::jobs::JobResult;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SuccessInput {
    job_id: String,
    #[serde(default)]
    continuation_token: Option<String>,
    #[serde(default)]
    execution_details: ExecutionDetails,
    #[serde(default)]
    output_variables: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
struct ExecutionDetails {
    #[serde(default)]
    summary: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailureInput {
    job_id: String,
    failure_details: FailureDetails,
}

#[derive(Deserialize)]
struct FailureDetails {
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobInput {
    job_id: String,
}

impl CodePipeline {
    pub(super) fn put_job_success(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: SuccessInput = call.input()?;
        let result = JobResult::Success {
            variables: input.output_variables,
            summary: input.execution_details.summary,
            continuation_token: input.continuation_token.filter(|token| !token.is_empty()),
        };
        self.jobs.answer(&input.job_id, result)?;
        Ok(call.done())
    }

    pub(super) fn put_job_failure(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: FailureInput = call.input()?;
        self.jobs.answer(&input.job_id, JobResult::Failure { message: input.failure_details.message })?;
        Ok(call.done())
    }

    pub(super) fn get_job_details(&self, call: &Call) -> Result<Reply, ApiError> {
        let JobInput { job_id } = call.input()?;
        let data = self.jobs.data(&job_id)?;
        Ok(call.reply(&json!({ "jobDetails": { "id": job_id, "accountId": ACCOUNT, "data": data } })))
    }
}
