//! What CodePipeline tells EventBridge: each change of an execution, a stage or an action.
//!
//! Source: "CodePipeline events" of the user guide.

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::record::Execution;
use super::types::{ActionExecutionDetail, ActionStatus, ExecutionStatus, StageStatus};
use crate::api::Timestamp;
use crate::aws::{ACCOUNT, JsonService, REGION, Session};

/// An event before it is raised.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    kind: &'static str,
    pipeline: String,
    detail: Value,
}

#[cfg(test)]
impl Event {
    /// Such as `Stage STARTED`.
    pub fn brief(&self) -> String {
        let subject = self.kind.trim_start_matches("CodePipeline ").split(' ').next().unwrap_or_default();
        format!("{subject} {}", self.detail["state"].as_str().unwrap_or_default())
    }
}

/// What has happened between two states of an execution; `before` is `None` for one that has just started.
pub fn between(before: Option<&Execution>, after: &Execution) -> Vec<Event> {
    let mut events = Vec::new();
    let common = json!({
        "pipeline": after.pipeline.name,
        "execution-id": after.id(),
        "version": f64::from(after.pipeline.version),
    });
    let mut raise = |kind, members: Value| {
        let mut detail = common.clone();
        if let (Value::Object(detail), Value::Object(members)) = (&mut detail, members) {
            detail.extend(members);
        }
        events.push(Event { kind, pipeline: after.pipeline.name.clone(), detail });
    };

    let (was, is) = (before.map(|before| before.summary.status), after.summary.status);
    let opening = was != Some(is) && !is.is_final();
    let pipeline = |raise: &mut dyn FnMut(&'static str, Value)| {
        let state = match (was, is) {
            (Some(was), ExecutionStatus::InProgress) if was.is_final() => "RESUMED",
            (_, ExecutionStatus::InProgress) => "STARTED",
            (_, ExecutionStatus::Stopping) => "STOPPING",
            (_, ExecutionStatus::Stopped) => "STOPPED",
            (_, ExecutionStatus::Succeeded) => "SUCCEEDED",
            (_, ExecutionStatus::Superseded) => "SUPERSEDED",
            (_, ExecutionStatus::Failed) => "FAILED",
            (_, ExecutionStatus::Cancelled) => "CANCELED",
        };
        let trigger = &after.summary.trigger;
        let members = json!({
            "state": state,
            "execution-trigger": { "trigger-type": trigger.trigger_type, "trigger-detail": trigger.trigger_detail },
        });
        raise("CodePipeline Pipeline Execution State Change", members);
    };
    if opening {
        pipeline(&mut raise);
    }
    for stage in after.stage_runs.keys() {
        let was = before.and_then(|before| before.shown_status(stage));
        if let Some(is) = after.shown_status(stage).filter(|is| was != Some(*is)) {
            let state = stage_state(was, is);
            raise("CodePipeline Stage Execution State Change", json!({ "stage": stage, "state": state }));
        }
    }
    for action in &after.actions {
        let id = &action.action_execution_id;
        let was = before.and_then(|before| before.actions.iter().find(|known| known.action_execution_id == *id));
        if was.map(|was| was.status) != Some(action.status) {
            raise("CodePipeline Action Execution State Change", action_detail(action));
        }
    }
    if !opening && was != Some(is) {
        pipeline(&mut raise);
    }
    events
}

fn stage_state(was: Option<StageStatus>, is: StageStatus) -> &'static str {
    match is {
        StageStatus::InProgress if was.is_some() => "RESUMED",
        StageStatus::InProgress => "STARTED",
        StageStatus::Succeeded => "SUCCEEDED",
        StageStatus::Failed => "FAILED",
        StageStatus::Stopping => "STOPPING",
        StageStatus::Stopped => "STOPPED",
        StageStatus::Cancelled => "CANCELED",
    }
}

fn action_detail(action: &ActionExecutionDetail) -> Value {
    let state = match action.status {
        ActionStatus::InProgress => "STARTED",
        ActionStatus::Succeeded => "SUCCEEDED",
        ActionStatus::Failed => "FAILED",
        ActionStatus::Abandoned => "ABANDONED",
    };
    let result = &action.output.execution_result;
    let error = result.error_details.as_ref();
    let summary = error.map(|error| &error.message).or(result.external_execution_summary.as_ref());
    let mut execution_result = json!({});
    for (key, value) in [
        ("external-execution-id", result.external_execution_id.as_ref()),
        ("external-execution-url", result.external_execution_url.as_ref()),
        ("external-execution-summary", summary),
        ("error-code", error.map(|error| &error.code)),
    ] {
        if let Some(value) = value {
            execution_result[key] = json!(value);
        }
    }
    json!({
        "stage": action.stage_name,
        "action": action.action_name,
        "action-execution-id": action.action_execution_id,
        "state": state,
        "region": action.input.region,
        "type": action.input.action_type_id,
        "execution-result": execution_result,
    })
}

/// Raises events in their order, as long as the service lives. One that EventBridge does not take is lost, and logged: it
/// must not hold an execution up.
pub async fn raise(mut events: UnboundedReceiver<Event>, session: Session, token_header: &'static str, token: String) {
    while let Some(event) = events.recv().await {
        let entry = json!({
            "Source": "aws.codepipeline",
            "DetailType": event.kind,
            "Resources": [format!("arn:aws:codepipeline:{REGION}:{ACCOUNT}:{}", event.pipeline)],
            "Time": Timestamp::now(),
            "Detail": event.detail.to_string(),
        });
        let input = json!({ "Entries": [entry] });
        let as_service = [(token_header, token.as_str())];
        let raised: Result<Value, _> = session.call_with(JsonService::EVENTS, "PutEvents", &input, &as_service).await;
        match raised {
            Ok(answer) if answer["FailedEntryCount"] == 0 => {}
            Ok(answer) => tracing::error!("EventBridge did not take {}: {answer}", event.kind),
            Err(error) => tracing::error!("EventBridge did not take {}: {error}", event.kind),
        }
    }
}
