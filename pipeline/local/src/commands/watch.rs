//! `cargo local watch`: an execution of the pipeline as it happens.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::lines::{asked, ended, name, remedy};
use super::pipeline::{Log, Pipeline, build_id, find_run, runs};
use super::{Which, lines, reports, running_pipelines, short};
use crate::api::Timestamp;
use crate::codepipeline::types::{ActionExecutionDetail, ActionStatus, ExecutionStatus};
use crate::console::{self, BAD, BUSY, DIM, GOOD, Live, TAIL_LINES, styled};
use crate::home::Home;

const INTERVAL: Duration = Duration::from_millis(300);
/// How many lines of a running build's log are redrawn below its action.
const LIVE_LOG_LINES: usize = 6;
/// What a shell makes of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// How following an execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    /// Failed, stopped, cancelled or superseded.
    Failed,
    /// All that it did has succeeded, and now it waits for a person.
    WaitsForApproval,
    /// Ctrl-C: nobody knows yet.
    Interrupted,
}

impl Outcome {
    pub fn code(self) -> ExitCode {
        match self {
            Self::Succeeded | Self::WaitsForApproval => ExitCode::SUCCESS,
            Self::Failed => ExitCode::FAILURE,
            Self::Interrupted => ExitCode::from(INTERRUPTED),
        }
    }
}

/// What following does where the execution waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtApproval {
    GoOn,
    End,
}

/// Follows the newest execution, or the one that `wanted` begins the id or the commit of.
pub async fn run(home: &Home, which: Which, wanted: Option<&str>) -> Result<ExitCode> {
    let pipelines = running_pipelines(home, which).await?;
    let runs = runs(&pipelines).await?;
    let run = match wanted {
        Some(wanted) => find_run(&runs, wanted)?,
        None => match runs.first() {
            Some(newest) => newest,
            None => bail!("nothing was delivered yet; deliver HEAD: cargo local up"),
        },
    };
    follow(run.pipeline, run.id(), AtApproval::GoOn).await.map(Outcome::code)
}

/// Shows an execution until it ends; Ctrl-C ends only the showing.
pub async fn follow(pipeline: &Pipeline, execution: &str, at_approval: AtApproval) -> Result<Outcome> {
    tokio::select! {
        outcome = show(pipeline, execution, at_approval) => outcome,
        interrupt = tokio::signal::ctrl_c() => {
            interrupt.context("cannot wait for Ctrl-C")?;
            anstream::println!("The pipeline goes on without being watched; watch it again: cargo local watch {}", short(execution));
            Ok(Outcome::Interrupted)
        }
    }
}

async fn show(pipeline: &Pipeline, execution: &str, at_approval: AtApproval) -> Result<Outcome> {
    let mut live = Live::new();
    let mut view = View::default();
    live.line(format_args!("Execution {execution} of {}", pipeline.name()));
    loop {
        // In this order: whatever made the execution end is in what is read after.
        let outcome = pipeline.execution(execution).await?;
        let mut actions = pipeline.actions(Some(execution)).await?;
        actions.reverse();
        view.read_logs(pipeline, &actions, &mut live).await?;
        for action in view.changed(&actions) {
            show_change(&mut live, action, view.logs.get(&action.action_execution_id));
            if let Some(build) = build_id(action).filter(|_| action.status != ActionStatus::InProgress) {
                let reports = pipeline.reports(vec![build.to_owned()]).await?;
                reports::lines(&reports).iter().for_each(|line| live.line(format_args!("  {line}")));
            }
        }
        if outcome.status.is_final() {
            live.redraw(&[]);
            let end = show_end(&mut live, execution, outcome.status, &outcome.status_summary, &actions);
            if matches!(outcome.status, ExecutionStatus::Failed | ExecutionStatus::Stopped) {
                live.line(remedy(&pipeline.executions().await?, execution));
            }
            return Ok(end);
        }
        let waits_behind = match actions.iter().any(|action| action.status == ActionStatus::InProgress) {
            true => None,
            false => lines::held_up(&pipeline.state().await?, execution),
        };
        if let Some(reason) = &waits_behind
            && view.held_up.as_ref() != Some(reason)
        {
            live.line(styled(BUSY, format_args!("? {reason}")));
        }
        let waits = only_waits(&actions) || waits_behind.is_some();
        view.held_up = waits_behind;
        if at_approval == AtApproval::End && waits {
            live.redraw(&[]);
            return Ok(Outcome::WaitsForApproval);
        }
        live.redraw(&view.running(&actions));
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Whether nothing goes on but that a person is waited for.
fn only_waits(actions: &[ActionExecutionDetail]) -> bool {
    let mut running = actions.iter().filter(|action| action.status == ActionStatus::InProgress).peekable();
    running.peek().is_some() && running.all(|action| action.is_approval())
}

/// What was shown of an execution so far.
#[derive(Default)]
struct View {
    statuses: BTreeMap<String, ActionStatus>,
    logs: BTreeMap<String, BuildLog>,
    /// Why it does not get into its next stage, if that is for a person to change.
    held_up: Option<String>,
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
            let waits = if action.is_approval() { " waits for an answer" } else { "" };
            lines.push((BUSY, format!("… {}{waits}, {elapsed}", name(action))));
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
        if action.is_approval() {
            asked(action).iter().for_each(|line| live.line(line));
        } else if !live.is_terminal() {
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

fn show_end(
    live: &mut Live,
    execution: &str,
    status: ExecutionStatus,
    summary: &str,
    actions: &[ActionExecutionDetail],
) -> Outcome {
    let begun = actions.iter().map(|action| action.start_time).min();
    let ended = actions.iter().map(|action| action.last_update_time).max();
    let took = begun
        .zip(ended)
        .map_or_else(String::new, |(begun, ended)| format!(" in {}", console::duration(ended.since(begun))));
    if status == ExecutionStatus::Succeeded {
        live.line(format_args!("{} Delivered{took}", styled(GOOD, "✓")));
        return Outcome::Succeeded;
    }
    // What made an action fail was said when it did.
    let is_told = summary.is_empty() || actions.iter().any(|action| action.status == ActionStatus::Failed);
    let summary = if is_told { String::new() } else { format!(": {summary}") };
    live.line(format_args!("{} The execution ended as {status:?}{took}{summary}", styled(BAD, "✗")));
    let failed = actions.iter().filter(|action| action.status == ActionStatus::Failed && build_id(action).is_some());
    for name in failed.map(|action| &action.action_name).collect::<BTreeSet<_>>() {
        live.line(format_args!("The whole log of {name}: cargo local logs {name} --execution {}", short(execution)));
    }
    Outcome::Failed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::lines::tests::action;
    use super::*;

    #[test]
    fn an_action_is_told_of_when_it_starts_and_when_it_ends() {
        let mut view = View::default();
        let running = [action("InProgress", json!({}))];
        assert_eq!(view.changed(&running).len(), 1);
        assert_eq!(view.changed(&running).len(), 0);
        assert_eq!(view.changed(&[action("Succeeded", json!({}))]).len(), 1);
    }

    #[test]
    fn only_a_person_is_waited_for_when_nothing_else_runs() {
        let mut waiting = action("InProgress", json!({}));
        assert!(!only_waits(std::slice::from_ref(&waiting)));
        waiting.input.action_type_id.category = "Approval".to_owned();
        let running = action("InProgress", json!({}));
        let ended = action("Succeeded", json!({}));
        assert!(only_waits(&[ended.clone(), waiting.clone()]));
        assert!(!only_waits(&[running, waiting]));
        assert!(!only_waits(&[ended]));
    }
}
