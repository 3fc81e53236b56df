//! `cargo local watch`: an execution of the pipeline as it happens.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::pipeline::{Log, Pipeline, build_id};
use super::{running_pipeline, short};
use crate::api::Timestamp;
use crate::codepipeline::types::{ActionExecutionDetail, ActionStatus, ExecutionStatus, ExecutionSummary};
use crate::console::{self, BAD, BUSY, DIM, GOOD, Live, TAIL_LINES, styled};
use crate::home::Home;

const INTERVAL: Duration = Duration::from_millis(300);
/// How many lines of a running build's log are redrawn below its action.
const LIVE_LOG_LINES: usize = 6;
/// What a shell makes of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Follows the newest execution, or the one that `wanted` begins the id or the commit of.
pub async fn run(home: &Home, wanted: Option<&str>) -> Result<ExitCode> {
    let pipeline = running_pipeline(home).await?;
    let executions = pipeline.executions().await?;
    let found = executions.iter().find(|execution| wanted.is_none_or(|wanted| is_named(execution, wanted)));
    match (found, wanted) {
        (Some(execution), _) => follow(&pipeline, &execution.pipeline_execution_id).await,
        (None, Some(wanted)) => bail!("no execution or commit begins with {wanted}; see: cargo local status"),
        (None, None) => bail!("nothing was delivered yet; deliver HEAD: cargo local up"),
    }
}

/// Shows an execution until it ends, and answers the command's exit code; Ctrl-C ends only the showing.
pub async fn follow(pipeline: &Pipeline, execution: &str) -> Result<ExitCode> {
    tokio::select! {
        code = show(pipeline, execution) => code,
        interrupt = tokio::signal::ctrl_c() => {
            interrupt.context("cannot wait for Ctrl-C")?;
            anstream::println!("The pipeline goes on without being watched; watch it again: cargo local watch {}", short(execution));
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

async fn show(pipeline: &Pipeline, execution: &str) -> Result<ExitCode> {
    let mut live = Live::new();
    let mut view = View::default();
    live.line(format_args!("Execution {execution}"));
    loop {
        // In this order: whatever made the execution end is in what is read after.
        let outcome = pipeline.execution(execution).await?;
        let mut actions = pipeline.actions(Some(execution)).await?;
        actions.reverse();
        view.read_logs(pipeline, &actions, &mut live).await?;
        for action in view.changed(&actions) {
            show_change(&mut live, action, view.logs.get(&action.action_execution_id));
        }
        if outcome.status.is_final() {
            live.redraw(&[]);
            return Ok(show_end(&mut live, execution, outcome.status, &outcome.status_summary, &actions));
        }
        live.redraw(&view.running(&actions));
        tokio::time::sleep(INTERVAL).await;
    }
}

/// What was shown of an execution so far.
#[derive(Default)]
struct View {
    statuses: BTreeMap<String, ActionStatus>,
    logs: BTreeMap<String, BuildLog>,
}

struct BuildLog {
    log: Log,
    lines: Vec<String>,
}

impl View {
    /// The actions that stand otherwise than when this was last asked.
    fn changed<'a>(&mut self, actions: &'a [ActionExecutionDetail]) -> Vec<&'a ActionExecutionDetail> {
        let mut is_new = |action: &&ActionExecutionDetail| {
            self.statuses.insert(action.action_execution_id.clone(), action.status) != Some(action.status)
        };
        actions.iter().filter(|action| is_new(action)).collect()
    }

    /// Reads on in the logs of builds that ran when they were last looked at. Without a terminal, lines are shown at once.
    async fn read_logs(
        &mut self,
        pipeline: &Pipeline,
        actions: &[ActionExecutionDetail],
        live: &mut Live,
    ) -> Result<()> {
        for action in actions.iter().filter(|action| build_id(action).is_some()) {
            let id = &action.action_execution_id;
            if self.statuses.get(id).is_some_and(|status| *status != ActionStatus::InProgress) {
                continue;
            }
            if !self.logs.contains_key(id)
                && let Some(log) = pipeline.log(action).await?
            {
                self.logs.insert(id.clone(), BuildLog { log, lines: Vec::new() });
            }
            let Some(build) = self.logs.get_mut(id) else { continue };
            let lines = build.log.read().await?;
            if !live.is_terminal() {
                lines.iter().for_each(|line| live.line(format_args!("  | {line}")));
            }
            build.lines.extend(lines);
        }
        Ok(())
    }

    /// The lines that are redrawn: each running action, and the end of its build's log.
    fn running(&self, actions: &[ActionExecutionDetail]) -> Vec<(anstyle::Style, String)> {
        let mut lines = Vec::new();
        for action in actions.iter().filter(|action| action.status == ActionStatus::InProgress) {
            let elapsed = console::duration(Timestamp::now().since(action.start_time));
            lines.push((BUSY, format!("… {}, {elapsed}", name(action))));
            let log = self.logs.get(&action.action_execution_id).map_or(&[][..], |build| &build.lines);
            lines.extend(console::tail(log, LIVE_LOG_LINES).iter().map(|line| (DIM, format!("  {line}"))));
        }
        if lines.is_empty() {
            lines.push((BUSY, "… waiting".to_owned()));
        }
        lines
    }
}

fn show_change(live: &mut Live, action: &ActionExecutionDetail, log: Option<&BuildLog>) {
    if action.status == ActionStatus::InProgress {
        if !live.is_terminal() {
            live.line(format_args!("… {}", name(action)));
        }
        return;
    }
    if action.status == ActionStatus::Failed && live.is_terminal() {
        let lines = log.map_or(&[][..], |build| &build.lines);
        console::tail(lines, TAIL_LINES).iter().for_each(|line| live.line(format_args!("  {}", styled(DIM, line))));
    }
    live.line(ended(action));
}

/// One line on an action that has ended.
fn ended(action: &ActionExecutionDetail) -> String {
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

fn show_end(
    live: &mut Live,
    execution: &str,
    status: ExecutionStatus,
    summary: &str,
    actions: &[ActionExecutionDetail],
) -> ExitCode {
    let begun = actions.iter().map(|action| action.start_time).min();
    let ended = actions.iter().map(|action| action.last_update_time).max();
    let took = begun
        .zip(ended)
        .map_or_else(String::new, |(begun, ended)| format!(" in {}", console::duration(ended.since(begun))));
    if status == ExecutionStatus::Succeeded {
        live.line(format_args!("{} Delivered{took}", styled(GOOD, "✓")));
        return ExitCode::SUCCESS;
    }
    // What made an action fail was said when it did.
    let is_told = summary.is_empty() || actions.iter().any(|action| action.status == ActionStatus::Failed);
    let summary = if is_told { String::new() } else { format!(": {summary}") };
    live.line(format_args!("{} The execution ended as {status:?}{took}{summary}", styled(BAD, "✗")));
    if actions.iter().any(|action| action.status == ActionStatus::Failed && build_id(action).is_some()) {
        live.line(format_args!("The build's whole log: cargo local logs --execution {}", short(execution)));
    }
    ExitCode::FAILURE
}

/// Whether an execution is the one that a person means by the beginning of an id or of a commit.
pub fn is_named(execution: &ExecutionSummary, wanted: &str) -> bool {
    let commits = execution.source_revisions.iter().map(|revision| &revision.revision_id);
    commits.chain([&execution.pipeline_execution_id]).any(|id| id.starts_with(wanted))
}

/// The action's name, after its stage's unless both are the same.
pub fn name(action: &ActionExecutionDetail) -> String {
    let ActionExecutionDetail { stage_name, action_name, .. } = action;
    if stage_name == action_name { stage_name.clone() } else { format!("{stage_name} / {action_name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn action(status: &str, result: serde_json::Value) -> ActionExecutionDetail {
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
    fn an_action_is_told_of_when_it_starts_and_when_it_ends() {
        let mut view = View::default();
        let running = [action("InProgress", json!({}))];
        assert_eq!(view.changed(&running).len(), 1);
        assert_eq!(view.changed(&running).len(), 0);
        assert_eq!(view.changed(&[action("Succeeded", json!({}))]).len(), 1);
    }

    #[test]
    fn an_ended_action_is_one_line_with_its_time_and_reason() {
        assert_eq!(plain(&ended(&action("Succeeded", json!({})))), "✓ Staging / Deploy, 12 s");
        let failed = action("Failed", json!({ "errorDetails": { "code": "JobFailed", "message": "not allowed" } }));
        assert_eq!(plain(&ended(&failed)), "✗ Staging / Deploy failed after 12 s: not allowed");
    }
}
