//! Manual approvals: an action that waits for a person.
//!
//! A stop that waits for the actions in progress waits for this one, too: the execution stays Stopping until somebody answers,
//! the time is out, or it is abandoned. AWS's user guide says of such a stop only that it lets actions in progress finish.

use std::time::Duration;

use uuid::Uuid;

use super::actions::{ActionContext, ActionFailure, Approval, Outcome};
use super::declaration::{ActionDeclaration, StageDeclaration};
use super::record::{Answer, ApprovalRecord, Decision, Execution};
use super::types::ActionStatus;
use super::{CodePipeline, found};
use crate::api::{ApiError, Timestamp};

/// A week, in minutes. Source: "Quotas in AWS CodePipeline".
const DEFAULT_TIMEOUT: u32 = 7 * 24 * 60;

impl CodePipeline {
    /// Asks, and waits for the answer or for the time-out.
    pub(super) async fn approval(
        &self,
        context: &ActionContext,
        stage: &StageDeclaration,
        action: &ActionDeclaration,
        approval: &Approval,
    ) -> Result<Outcome, ActionFailure> {
        let id = &context.action_execution_id;
        let mut changes = self.changes.subscribe();
        let timeout = self.approval_minute * action.timeout_in_minutes.unwrap_or(DEFAULT_TIMEOUT);
        let (record, is_new) = self.advance(&context.pipeline, &context.execution_id, |execution| {
            let is_new = !execution.approvals.contains_key(id);
            let asked = || ApprovalRecord {
                token: Uuid::new_v4().to_string(),
                expires: Timestamp::now().plus(timeout),
                decision: None,
            };
            (execution.approvals.entry(id.clone()).or_insert_with(asked).clone(), is_new)
        })?;
        if is_new {
            approval.notify(context, &stage.name, &action.name, &record.token, record.expires).await?;
        }
        loop {
            let decision = self.execution(&context.pipeline, &context.execution_id, |execution| {
                execution.approvals.get(id).and_then(|record| record.decision.clone())
            })?;
            if let Some(decision) = decision {
                return outcome(decision);
            }
            let left = record.expires.since(Timestamp::now());
            if left == Duration::ZERO {
                return Err(ActionFailure::new(
                    "JobFailed",
                    "nobody has approved or rejected in time; ask once more: cargo local retry",
                ));
            }
            // Either way it is looked at again.
            let _ = tokio::time::timeout(left, changes.changed()).await;
        }
    }

    /// Takes a person's answer: `PutApprovalResult`.
    pub(super) fn decide(
        &self,
        pipeline: &str,
        stage: &str,
        action: &str,
        token: &str,
        decision: Decision,
    ) -> Result<(), ApiError> {
        let (execution, approval) = {
            let pipelines = self.lock();
            let executions = &found(&pipelines, pipeline)?.executions;
            let asked = executions.values().flat_map(|execution| asked(execution, stage, action));
            let known = asked.into_iter().find(|(_, _, record)| record.token == token);
            let Some((execution, approval, record)) = known else {
                let message = "the token is of no approval that waits here; get-pipeline-state tells the present one";
                return Err(ApiError::new("InvalidApprovalTokenException", message));
            };
            let waits = execution
                .actions
                .iter()
                .any(|detail| detail.action_execution_id == *approval && detail.status == ActionStatus::InProgress);
            if record.decision.is_some() || !waits {
                let message = format!("the approval {action} was given, refused or timed out before");
                return Err(ApiError::new("ApprovalAlreadyCompletedException", message));
            }
            (execution.id().to_owned(), approval.clone())
        };
        self.advance(pipeline, &execution, |execution| {
            if let Some(record) = execution.approvals.get_mut(&approval) {
                record.decision.get_or_insert(decision);
            }
        })
    }
}

/// The approvals that an action of an execution ever asked for, by their action execution ids.
fn asked<'a>(
    execution: &'a Execution,
    stage: &'a str,
    action: &'a str,
) -> impl Iterator<Item = (&'a Execution, &'a String, &'a ApprovalRecord)> {
    let runs =
        execution.actions.iter().filter(move |detail| detail.stage_name == stage && detail.action_name == action);
    runs.filter_map(move |detail| {
        let id = &detail.action_execution_id;
        Some((execution, id, execution.approvals.get(id)?))
    })
}

fn outcome(Decision { status, summary }: Decision) -> Result<Outcome, ActionFailure> {
    let said = if summary.is_empty() { String::new() } else { format!(": {summary}") };
    match status {
        Answer::Approved => Ok(Outcome { summary: Some(format!("Approved{said}")), ..Outcome::default() }),
        Answer::Rejected => Err(ActionFailure::new("JobFailed", format!("Rejected{said}"))),
    }
}
