//! `cargo local status`: the local cloud at a glance.

use std::process::ExitCode;

use anstyle::Style;
use anyhow::Result;

use super::pipeline::Pipeline;
use super::stack::{self, Delivery, Part};
use super::{reports, session, short};
use crate::api::Timestamp;
use crate::codebuild::types::Report;
use crate::codepipeline::types::{
    ActionExecution, ActionStatus, ExecutionStatus, ExecutionSummary, ExecutionType, StageState,
};
use crate::console::{self, BAD, BOLD, BUSY, DIM, GOOD, styled};
use crate::daemon;
use crate::home::Home;

const EXECUTIONS_SHOWN: usize = 5;

pub async fn run(home: &Home) -> Result<ExitCode> {
    let Some(service) = daemon::running(home)? else {
        anstream::println!("The local cloud is not running; start it: cargo local up");
        return Ok(ExitCode::SUCCESS);
    };
    let now = Timestamp::now();
    let endpoint = daemon::endpoint(service.port);
    let age = console::age(now.since(service.started));
    anstream::println!("{} {endpoint}, started {age} (process {})", styled(BOLD, "Local cloud:"), service.pid);

    let session = session(service.port);
    let cloudformation = session.cloudformation();
    let mut deliveries = Vec::new();
    for part in Part::ALL {
        deliveries.extend(Delivery::find(&cloudformation, part).await?);
    }
    if deliveries.is_empty() {
        anstream::println!("There is no pipeline yet; make it: cargo local up");
    }
    for delivery in &deliveries {
        let environments = [("staging", &delivery.staging_stack), ("production", &delivery.production_stack)];
        for (environment, stack) in environments {
            let url = stack::output(&cloudformation, stack, delivery.part.url_output()).await?;
            let what = match delivery.part {
                Part::BackEnd => format!("API in {environment}:"),
                Part::Website => format!("Shop in {environment}:"),
            };
            anstream::println!("{} {}", styled(BOLD, what), url.as_deref().unwrap_or("not deployed yet"));
        }
    }
    for delivery in deliveries {
        show(&Pipeline::new(session.clone(), delivery.pipeline), now).await?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(pipeline: &Pipeline, now: Timestamp) -> Result<()> {
    anstream::println!("\n{} {}", styled(BOLD, "Pipeline:"), pipeline.name());
    let history = pipeline.executions().await?;
    if nothing_was_pushed(&history) {
        anstream::println!("  nothing was pushed yet; deliver HEAD: cargo local up");
        return Ok(());
    }
    let states = pipeline.state().await?.stage_states;
    let latest =
        states.iter().flat_map(|stage| &stage.action_states).filter_map(|action| action.latest_execution.as_ref());
    let reports = pipeline.reports(latest.filter_map(|latest| latest.external_execution_id.clone()).collect()).await?;
    stages(&states, &reports, now).iter().for_each(|line| anstream::println!("{line}"));
    anstream::println!("\n{}", styled(BOLD, "Newest executions:"));
    executions(&history, now).iter().for_each(|line| anstream::println!("{line}"));
    Ok(())
}

/// Whether all that ran is what a new pipeline runs by itself: it finds no commit, which is no failure of anybody's.
fn nothing_was_pushed(executions: &[ExecutionSummary]) -> bool {
    let is_first = |execution: &ExecutionSummary| {
        execution.status == ExecutionStatus::Failed
            && execution.trigger.trigger_type == "CreatePipeline"
            && execution.source_revisions.is_empty()
    };
    !executions.is_empty() && executions.iter().all(is_first)
}

/// The pipeline's stages, each with what keeps or waits before it, followed by its actions and their reports.
fn stages(states: &[StageState], reports: &[Report], now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    for stage in states {
        let latest_execution = stage.latest_execution.as_ref();
        let is_rollback = latest_execution.is_some_and(|latest| latest.execution_type == ExecutionType::Rollback);
        let rollback = if is_rollback { styled(DIM, "  by a rollback") } else { String::new() };
        lines.push(format!("  {}{rollback}", stage.stage_name));
        if !stage.inbound_transition_state.enabled {
            let reason = stage.inbound_transition_state.disabled_reason.as_deref().unwrap_or("no reason given");
            lines.push(format!("    {} closed: {reason}", styled(BAD, "!")));
        }
        if !stage.inbound_executions.is_empty() {
            let ids = stage.inbound_executions.iter().map(|waiting| short(&waiting.pipeline_execution_id));
            let ids = ids.collect::<Vec<_>>().join(", ");
            lines.push(format!("    {} waiting to enter: {ids}", styled(BUSY, "…")));
        }
        for action in &stage.action_states {
            let name = &action.action_name;
            lines.push(match &action.latest_execution {
                None => format!("    - {name}  {}", styled(DIM, "never ran")),
                Some(execution) if execution.token.is_some() => {
                    let id = latest_execution.map_or("", |latest| short(&latest.pipeline_execution_id));
                    let age = styled(DIM, console::age(now.since(execution.last_status_change)));
                    format!("    {} {name}  waits for an answer: cargo local approve {id}  {age}", styled(BUSY, "?"))
                }
                Some(execution) => latest(name, execution, now),
            });
            if let Some(build) =
                action.latest_execution.as_ref().and_then(|latest| latest.external_execution_id.as_ref())
            {
                let is_its = |report: &&Report| report.execution_id.ends_with(&format!("build/{build}"));
                lines
                    .extend(reports::lines(reports.iter().filter(is_its)).iter().map(|line| format!("        {line}")));
            }
        }
    }
    lines
}

fn latest(name: &str, execution: &ActionExecution, now: Timestamp) -> String {
    let (style, mark) = match execution.status {
        ActionStatus::Succeeded => (GOOD, "✓"),
        ActionStatus::InProgress => (BUSY, "…"),
        ActionStatus::Failed | ActionStatus::Abandoned => (BAD, "✗"),
    };
    let age = styled(DIM, console::age(now.since(execution.last_status_change)));
    let error = execution.error_details.as_ref().and_then(|error| error.message.lines().next());
    let error = error.map_or_else(String::new, |error| format!(": {error}"));
    format!("    {} {name}  {:?}{error}  {age}", styled(style, mark), execution.status)
}

fn executions(executions: &[ExecutionSummary], now: Timestamp) -> Vec<String> {
    if executions.is_empty() {
        return vec!["  none yet".to_owned()];
    }
    let line = |execution: &ExecutionSummary| {
        let status = styled(style_of(execution.status), format!("{:?}", execution.status));
        let revision = execution.source_revisions.first();
        let commit = revision.map_or("-------", |revision| short(&revision.revision_id));
        let message = revision.map_or("", |revision| revision.revision_summary.lines().next().unwrap_or_default());
        let age = styled(DIM, console::age(now.since(execution.start_time)));
        let rollback = execution.rollback_metadata.as_ref().map_or_else(String::new, |rollback| {
            format!("rollback to {}: ", short(&rollback.rollback_target_pipeline_execution_id))
        });
        format!("  {}  {status}  {rollback}{commit} {message}  {age}", short(&execution.pipeline_execution_id))
    };
    executions.iter().take(EXECUTIONS_SHOWN).map(line).collect()
}

fn style_of(status: ExecutionStatus) -> Style {
    match status {
        ExecutionStatus::Succeeded => GOOD,
        ExecutionStatus::InProgress | ExecutionStatus::Stopping => BUSY,
        ExecutionStatus::Failed | ExecutionStatus::Stopped | ExecutionStatus::Cancelled => BAD,
        ExecutionStatus::Superseded => DIM,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use serde_json::json;

    fn plain(lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    fn at(seconds: u64) -> Timestamp {
        (SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into()
    }

    #[test]
    fn a_stage_lists_its_actions_and_why_they_failed() {
        let states: Vec<StageState> = serde_json::from_value(json!([{
            "stageName": "Build", "inboundTransitionState": { "enabled": true }, "actionStates": [
                { "actionName": "Lint" },
                { "actionName": "Build", "latestExecution": {
                    "actionExecutionId": "a", "externalExecutionId": "p:1", "status": "Failed", "lastStatusChange": 1000.0,
                    "errorDetails": { "code": "JobFailed", "message": "the build failed\nin line 2" } } },
            ],
        }]))
        .unwrap();
        let report = |build: &str| {
            json!({
                "arn": "a", "type": "TEST", "name": "p-unit", "reportGroupArn": "g", "status": "FAILED", "created": 0.0,
                "executionId": format!("arn:aws:codebuild:us-east-1:000000000000:build/{build}"),
                "testSummary": { "total": 1, "statusCounts": { "FAILED": 1 }, "durationInNanoSeconds": 0 },
            })
        };
        let reports: Vec<Report> = serde_json::from_value(json!([report("p:1"), report("p:11")])).unwrap();
        assert_eq!(
            plain(&stages(&states, &reports, at(1120))),
            [
                "  Build",
                "    - Lint  never ran",
                "    ✗ Build  Failed: the build failed  2 min ago",
                "        report p-unit: 1 test: 1 failed",
            ]
        );
    }

    #[test]
    fn an_execution_shows_its_commit_once_that_is_known() {
        let summary = |revisions: serde_json::Value| -> ExecutionSummary {
            serde_json::from_value(json!({
                "pipelineExecutionId": "0123456789", "status": "InProgress", "startTime": 0.0, "lastUpdateTime": 0.0,
                "sourceRevisions": revisions, "trigger": { "triggerType": "CloudWatchEvent" }, "executionMode": "QUEUED",
            }))
            .unwrap()
        };
        let revision =
            json!([{ "actionName": "Source", "revisionId": "abcdef0123", "revisionSummary": "Add books\n\nMore" }]);
        let lines = plain(&executions(&[summary(revision), summary(json!([]))], at(60)));
        assert_eq!(
            lines,
            ["  0123456  InProgress  abcdef0 Add books  1 min ago", "  0123456  InProgress  -------   1 min ago"]
        );
        assert_eq!(executions(&[], at(0)), ["  none yet"]);
    }

    #[test]
    fn a_stage_shows_what_waits_and_what_keeps_it() {
        let states: Vec<StageState> = serde_json::from_value(json!([
            {
                "stageName": "Approval", "inboundTransitionState": { "enabled": true },
                "inboundExecutions": [{ "pipelineExecutionId": "2222222222", "status": "InProgress" }],
                "latestExecution": { "pipelineExecutionId": "1111111111", "status": "InProgress" },
                "actionStates": [{ "actionName": "Approve", "latestExecution": {
                    "actionExecutionId": "a", "status": "InProgress", "lastStatusChange": 1000.0, "token": "t" } }],
            },
            {
                "stageName": "Production", "inboundTransitionState": { "enabled": false, "disabledReason": "sale" },
                "latestExecution": { "pipelineExecutionId": "0000000000", "status": "Succeeded", "type": "ROLLBACK" },
                "actionStates": [],
            },
        ]))
        .unwrap();
        assert_eq!(
            plain(&stages(&states, &[], at(1120))),
            [
                "  Approval",
                "    … waiting to enter: 2222222",
                "    ? Approve  waits for an answer: cargo local approve 1111111  2 min ago",
                "  Production  by a rollback",
                "    ! closed: sale",
            ]
        );
    }

    #[test]
    fn a_new_pipeline_without_a_commit_has_not_failed() {
        let first = |status: &str, trigger: &str| -> ExecutionSummary {
            serde_json::from_value(json!({
                "pipelineExecutionId": "1", "status": status, "startTime": 0.0, "lastUpdateTime": 0.0,
                "trigger": { "triggerType": trigger },
            }))
            .unwrap()
        };
        assert!(nothing_was_pushed(&[first("Failed", "CreatePipeline")]));
        assert!(!nothing_was_pushed(&[first("InProgress", "CreatePipeline")]));
        assert!(!nothing_was_pushed(&[first("Failed", "CloudWatchEvent"), first("Failed", "CreatePipeline")]));
        assert!(!nothing_was_pushed(&[]));
    }
}
