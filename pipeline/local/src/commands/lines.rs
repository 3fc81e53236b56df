//! What `cargo local watch` says of one execution, line by line.

use super::short;
use crate::codepipeline::types::{ActionExecutionDetail, ActionStatus, ExecutionSummary, PipelineState, StageState};
use crate::console::{self, BAD, BUSY, DIM, GOOD, styled};

/// What a person has to know who is to approve: what it is about, and how to answer.
pub fn asked(action: &ActionExecutionDetail) -> Vec<String> {
    let configured = |key: &str| action.input.resolved_configuration.get(key);
    let mut lines = vec![styled(BUSY, format!("? {} waits for an answer", name(action)))];
    lines.extend(configured("CustomData").into_iter().flat_map(|data| data.lines()).map(|line| format!("  {line}")));
    lines.extend(configured("ExternalEntityLink").map(|link| format!("  See {link}")));
    let execution = short(&action.pipeline_execution_id);
    lines.push(format!("  Answer: cargo local approve {execution}, or cargo local reject {execution}"));
    lines
}

/// One line on an action that has ended.
pub fn ended(action: &ActionExecutionDetail) -> String {
    let took = console::duration(action.last_update_time.since(action.start_time));
    let result = &action.output.execution_result;
    match action.status {
        ActionStatus::Succeeded => {
            let summary = result.external_execution_summary.as_deref().and_then(|summary| summary.lines().next());
            let summary = summary.map_or_else(String::new, |summary| format!("  {}", styled(DIM, summary)));
            format!("{} {}, {took}{summary}", styled(GOOD, "✓"), name(action))
        }
        status => {
            let reason = result.error_details.as_ref().map_or_else(String::new, |error| format!(": {}", error.message));
            let word = if status == ActionStatus::Failed { "failed" } else { "was abandoned" };
            format!("{} {} {word} after {took}{reason}", styled(BAD, "✗"), name(action))
        }
    }
}

/// How to go on from an execution that has failed or was stopped.
pub fn remedy(executions: &[ExecutionSummary], execution: &str) -> String {
    let undoes_it = |other: &&ExecutionSummary| {
        other.trigger.trigger_type == "AutomatedRollback" && other.trigger.trigger_detail == execution
    };
    match executions.iter().find(undoes_it) {
        Some(rollback) => {
            format!(
                "The stage goes back to what was there before: cargo local watch {}",
                short(&rollback.pipeline_execution_id)
            )
        }
        None => format!("Once the cause is gone, go on from there: cargo local retry {}", short(execution)),
    }
}

/// Why an execution does not get into its next stage, where that is for a person to change.
pub fn held_up(state: &PipelineState, execution: &str) -> Option<String> {
    let waits =
        |stage: &&StageState| stage.inbound_executions.iter().any(|waiting| waiting.pipeline_execution_id == execution);
    let stage = state.stage_states.iter().find(waits)?;
    let name = &stage.stage_name;
    if !stage.inbound_transition_state.enabled {
        let reason = stage.inbound_transition_state.disabled_reason.as_deref().unwrap_or_default();
        return Some(format!(
            "waits before {name}, which is closed ({reason}); open it: aws codepipeline enable-stage-transition \
             --pipeline-name {} --stage-name {name} --transition-type Inbound",
            state.pipeline_name
        ));
    }
    let asks = stage.action_states.iter().filter_map(|action| action.latest_execution.as_ref());
    let is_asked = asks.into_iter().any(|latest| latest.token.is_some());
    let before = short(&stage.latest_execution.as_ref()?.pipeline_execution_id);
    is_asked.then(|| {
        format!("waits before {name} until {before} is answered: cargo local approve {before}, or cargo local reject {before}")
    })
}

/// The action's name, after its stage's unless both are the same.
pub fn name(action: &ActionExecutionDetail) -> String {
    let ActionExecutionDetail { stage_name, action_name, .. } = action;
    if stage_name == action_name { stage_name.clone() } else { format!("{stage_name} / {action_name}") }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use serde_json::json;

    pub fn action(status: &str, result: serde_json::Value) -> ActionExecutionDetail {
        serde_json::from_value(json!({
            "pipelineExecutionId": "e", "actionExecutionId": "a", "pipelineVersion": 1, "stageName": "Staging",
            "actionName": "Deploy", "startTime": 100.0, "lastUpdateTime": 112.0, "status": status,
            "input": {
                "actionTypeId": { "category": "Deploy", "owner": "AWS", "provider": "CloudFormation", "version": "1" },
                "configuration": {}, "resolvedConfiguration": {}, "roleArn": "r", "region": "us-east-1", "inputArtifacts": [],
            },
            "output": { "executionResult": result },
        }))
        .unwrap()
    }

    fn plain(line: &str) -> String {
        anstream::adapter::strip_str(line).to_string()
    }

    #[test]
    fn an_approval_says_what_it_is_about_and_how_to_answer() {
        let mut waiting = action("InProgress", json!({}));
        waiting.input.action_type_id.category = "Approval".to_owned();
        waiting.pipeline_execution_id = "0123456789".to_owned();
        for (key, value) in [("CustomData", "2 changes\nno risk"), ("ExternalEntityLink", "https://staging")] {
            waiting.input.resolved_configuration.insert(key.to_owned(), value.to_owned());
        }
        let lines = asked(&waiting).iter().map(|line| plain(line)).collect::<Vec<_>>();
        assert_eq!(
            lines,
            [
                "? Staging / Deploy waits for an answer",
                "  2 changes",
                "  no risk",
                "  See https://staging",
                "  Answer: cargo local approve 0123456, or cargo local reject 0123456",
            ]
        );
    }

    #[test]
    fn an_ended_action_is_one_line_with_its_time_and_reason() {
        assert_eq!(plain(&ended(&action("Succeeded", json!({})))), "✓ Staging / Deploy, 12 s");
        let failed = action("Failed", json!({ "errorDetails": { "code": "JobFailed", "message": "not allowed" } }));
        assert_eq!(plain(&ended(&failed)), "✗ Staging / Deploy failed after 12 s: not allowed");
    }

    #[test]
    fn a_failure_that_is_rolled_back_is_not_to_be_retried() {
        let rollback: ExecutionSummary = serde_json::from_value(json!({
            "pipelineExecutionId": "9876543210", "status": "InProgress", "startTime": 0.0, "lastUpdateTime": 0.0,
            "trigger": { "triggerType": "AutomatedRollback", "triggerDetail": "0123456789" },
        }))
        .unwrap();
        assert!(remedy(std::slice::from_ref(&rollback), "0123456789").ends_with("cargo local watch 9876543"));
        assert!(remedy(&[rollback], "1111111111").ends_with("cargo local retry 1111111"));
    }
}
