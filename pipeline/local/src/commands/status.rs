//! `cargo local status`: the local cloud at a glance.

use std::process::ExitCode;

use anstyle::Style;
use anyhow::Result;

use super::pipeline::Pipeline;
use super::stack::{self, Delivery};
use super::{session, short};
use crate::api::Timestamp;
use crate::codepipeline::types::{ActionExecution, ActionStatus, ExecutionStatus, ExecutionSummary, StageState};
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
    let Some(delivery) = Delivery::find(&cloudformation).await? else {
        anstream::println!("There is no pipeline yet; make it: cargo local up");
        return Ok(ExitCode::SUCCESS);
    };
    let api = stack::output(&cloudformation, &delivery.staging_stack, "ApiUrl").await?;
    anstream::println!("{} {}", styled(BOLD, "API:"), api.as_deref().unwrap_or("not deployed yet"));

    let pipeline = Pipeline::new(session, delivery.pipeline.clone());
    anstream::println!("\n{} {}", styled(BOLD, "Pipeline:"), delivery.pipeline);
    stages(&pipeline.state().await?.stage_states, now).iter().for_each(|line| anstream::println!("{line}"));
    anstream::println!("\n{}", styled(BOLD, "Newest executions:"));
    executions(&pipeline.executions().await?, now).iter().for_each(|line| anstream::println!("{line}"));
    Ok(ExitCode::SUCCESS)
}

/// The pipeline's stages, each followed by its actions.
fn stages(states: &[StageState], now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    for stage in states {
        lines.push(format!("  {}", stage.stage_name));
        for action in &stage.action_states {
            let name = &action.action_name;
            lines.push(match &action.latest_execution {
                None => format!("    - {name}  {}", styled(DIM, "never ran")),
                Some(execution) => latest(name, execution, now),
            });
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
        format!("  {}  {status}  {commit} {message}  {age}", short(&execution.pipeline_execution_id))
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
                    "actionExecutionId": "a", "status": "Failed", "lastStatusChange": 1000.0,
                    "errorDetails": { "code": "JobFailed", "message": "the build failed\nin line 2" } } },
            ],
        }]))
        .unwrap();
        let lines = plain(&stages(&states, at(1120)));
        assert_eq!(lines, ["  Build", "    - Lint  never ran", "    ✗ Build  Failed: the build failed  2 min ago"]);
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
}
