//! `cargo local retry`, `rollback` and `stop`: what a person does about an execution.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::pipeline::{Run, build_id, find_run, runs};
use super::{Which, running_pipelines, short};
use crate::codepipeline::declaration::RetryMode;
use crate::codepipeline::types::{
    ActionExecutionDetail, ActionStatus, ExecutionSummary, ExecutionType, StageState, StageStatus,
};
use crate::console::{GOOD, styled};
use crate::home::Home;

/// Retries the stage that failed, or was stopped, in the newest execution of which that can be said, or in the named one.
pub async fn retry(home: &Home, which: Which, wanted: Option<&str>, mode: RetryMode) -> Result<ExitCode> {
    let pipelines = running_pipelines(home, which).await?;
    let runs = runs(&pipelines).await?;
    // An execution is in the stages of its own pipeline alone.
    let mut stages = Vec::new();
    for pipeline in &pipelines {
        stages.extend(pipeline.state().await?.stage_states);
    }
    let found = match wanted {
        Some(wanted) => {
            let run = find_run(&runs, wanted)?;
            let stage = retryable(&stages, &run.execution);
            let stage = stage.with_context(|| {
                format!(
                    "no stage of the execution {} failed last or was stopped; see: cargo local status",
                    short(run.id())
                )
            })?;
            Some((run, stage))
        }
        None => runs.iter().find_map(|run| Some((run, retryable(&stages, &run.execution)?))),
    };
    let Some((run, stage)) = found else {
        bail!("no stage has failed or was stopped, so there is nothing to retry; see: cargo local status");
    };
    run.pipeline.retry(stage, run.id(), mode).await?;
    done(format_args!("{stage} is tried again"), run.id());
    Ok(ExitCode::SUCCESS)
}

/// Takes a stage back to an execution that succeeded in it: the named one, or the one before what is there now. Without
/// a name, it is one of the back end's, unless the website's pipeline is asked for.
pub async fn roll_back(home: &Home, which: Which, target: Option<&str>, stage: Option<&str>) -> Result<ExitCode> {
    let pipelines = running_pipelines(home, which).await?;
    let target = match target {
        Some(target) => Some(find_run(&runs(&pipelines).await?, target)?.clone()),
        None => None,
    };
    let pipeline = target.as_ref().map_or(&pipelines[0], |target| target.pipeline);
    let stages = pipeline.state().await?.stage_states;
    let stage = match stage {
        None => stages.last(),
        Some(wanted) => stages.iter().find(|stage| stage.stage_name.eq_ignore_ascii_case(wanted)),
    };
    let Some(stage) = stage else {
        let names = stages.iter().map(|stage| stage.stage_name.as_str()).collect::<Vec<_>>().join(", ");
        bail!("the pipeline has no such stage; it has: {names}");
    };
    let name = &stage.stage_name;
    let target = match target {
        Some(target) => target.execution,
        None => {
            let succeeded = pipeline.executions_that_succeeded_in(name).await?;
            let target = before_the_present(stage, &succeeded).cloned();
            target.with_context(|| {
                format!("no earlier execution has succeeded in {name}, so there is nothing to go back to; see: cargo local status")
            })?
        }
    };
    let id = pipeline.roll_back(name, &target.pipeline_execution_id).await?;
    done(format_args!("{name} goes back to what {} delivered", short(&target.pipeline_execution_id)), &id);
    Ok(ExitCode::SUCCESS)
}

/// Stops the newest execution that is on its way, or the named one.
pub async fn stop(
    home: &Home,
    which: Which,
    wanted: Option<&str>,
    abandon: bool,
    reason: Option<&str>,
) -> Result<ExitCode> {
    let pipelines = running_pipelines(home, which).await?;
    let runs = runs(&pipelines).await?;
    let run = on_its_way(&runs, wanted)?;
    let builds = if abandon { running_builds(&run.pipeline.actions(Some(run.id())).await?) } else { Vec::new() };
    run.pipeline.stop(run.id(), abandon, reason).await?;
    let how = if abandon { "is abandoned" } else { "stops when its running actions have ended" };
    done(format_args!("The execution {how}"), run.id());
    for build in builds {
        // As on AWS: whoever starts a build and goes away does not stop it.
        anstream::println!("  Its build goes on, and may hold up the next one: aws codebuild stop-build --id {build}");
    }
    Ok(ExitCode::SUCCESS)
}

fn running_builds(actions: &[ActionExecutionDetail]) -> Vec<String> {
    let running = actions.iter().filter(|action| action.status == ActionStatus::InProgress);
    running.filter_map(build_id).map(str::to_owned).collect()
}

fn on_its_way<'a, 'p>(runs: &'a [Run<'p>], wanted: Option<&str>) -> Result<&'a Run<'p>> {
    match wanted {
        Some(wanted) => find_run(runs, wanted),
        None => runs
            .iter()
            .find(|run| !run.execution.status.is_final())
            .context("no execution is on its way, so there is nothing to stop; see: cargo local status"),
    }
}

fn done(what: std::fmt::Arguments, execution: &str) {
    anstream::println!("{} {what}; see it: cargo local watch {}", styled(GOOD, "✓"), short(execution));
}

/// The stage that a retry of this execution is about: the latest there, and without success.
fn retryable<'a>(stages: &'a [StageState], execution: &ExecutionSummary) -> Option<&'a str> {
    let is_it = |stage: &&StageState| {
        stage.latest_execution.as_ref().is_some_and(|latest| {
            latest.pipeline_execution_id == execution.pipeline_execution_id
                && matches!(latest.status, StageStatus::Failed | StageStatus::Stopped)
        })
    };
    stages.iter().find(is_it).map(|stage| stage.stage_name.as_str())
}

/// What was in a stage before that which is there now; `succeeded` has the executions that succeeded in it, newest first.
fn before_the_present<'a>(stage: &StageState, succeeded: &'a [ExecutionSummary]) -> Option<&'a ExecutionSummary> {
    let latest = stage.latest_execution.as_ref()?;
    let mut candidates = succeeded.iter().filter(|execution| execution.execution_type == ExecutionType::Standard);
    if latest.status != StageStatus::Succeeded {
        return candidates.next();
    }
    let present = succeeded.iter().find(|execution| execution.pipeline_execution_id == latest.pipeline_execution_id)?;
    // A rollback has put its target there.
    let present = present
        .rollback_metadata
        .as_ref()
        .map_or(&present.pipeline_execution_id, |rollback| &rollback.rollback_target_pipeline_execution_id);
    candidates.skip_while(|execution| execution.pipeline_execution_id != *present).nth(1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::lines::tests::action;
    use super::*;

    #[test]
    fn builds_that_an_abandoned_execution_leaves_are_known() {
        let build = |status: &str, id: &str| {
            let mut build = action(status, json!({ "externalExecutionId": id }));
            build.input.action_type_id.provider = "CodeBuild".to_owned();
            build
        };
        let actions = [build("InProgress", "p:2"), build("Succeeded", "p:1"), action("InProgress", json!({}))];
        assert_eq!(running_builds(&actions), ["p:2"]);
    }

    fn execution(id: &str, rolled_back_to: Option<&str>) -> ExecutionSummary {
        let mut summary = json!({
            "pipelineExecutionId": id, "status": "Succeeded", "startTime": 0.0, "lastUpdateTime": 0.0,
            "trigger": { "triggerType": "CloudWatchEvent" },
        });
        if let Some(target) = rolled_back_to {
            summary["executionType"] = json!("ROLLBACK");
            summary["rollbackMetadata"] = json!({ "rollbackTargetPipelineExecutionId": target });
        }
        serde_json::from_value(summary).unwrap()
    }

    fn stage(latest: Value) -> StageState {
        serde_json::from_value(json!({
            "stageName": "Production", "inboundTransitionState": { "enabled": true }, "actionStates": [],
            "latestExecution": latest,
        }))
        .unwrap()
    }

    #[test]
    fn a_rollback_goes_to_what_was_there_before() {
        let history = [execution("4", Some("2")), execution("3", None), execution("2", None), execution("1", None)];
        for (id, status, succeeded, expected) in [
            ("3", "Succeeded", &history[1..], Some("2")),
            ("5", "Failed", &history[1..], Some("3")),
            // What is there is 2, by a rollback.
            ("4", "Succeeded", &history[..], Some("1")),
            ("1", "Succeeded", &history[3..], None),
            ("1", "Failed", &[], None),
        ] {
            let stage = stage(json!({ "pipelineExecutionId": id, "status": status }));
            let found = before_the_present(&stage, succeeded).map(|found| found.pipeline_execution_id.as_str());
            assert_eq!(found, expected, "after {id} {status}");
        }
    }

    #[test]
    fn only_the_latest_execution_of_a_stage_can_be_retried() {
        for (status, id, expected) in [
            ("Failed", "1", Some("Production")),
            ("Stopped", "1", Some("Production")),
            ("Succeeded", "1", None),
            ("Failed", "2", None),
        ] {
            let stages = [stage(json!({ "pipelineExecutionId": id, "status": status }))];
            assert_eq!(retryable(&stages, &execution("1", None)), expected);
        }
    }
}
