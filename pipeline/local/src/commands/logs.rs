//! `cargo local logs`: what a build printed.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};

use super::pipeline::{Pipeline, build_id, find_run, runs};
use super::{Which, lines, reports, running_pipelines};
use crate::codepipeline::types::{ActionExecutionDetail, ActionStatus};
use crate::home::Home;

const INTERVAL: Duration = Duration::from_millis(300);

/// Prints the log of the newest run of an action, or of the newest action that has a log at all, and what its reports say.
pub async fn run(
    home: &Home,
    which: Which,
    action: Option<&str>,
    execution: Option<&str>,
    follow: bool,
) -> Result<ExitCode> {
    let pipelines = running_pipelines(home, which).await?;
    let mut actions = Vec::new();
    match execution {
        None => {
            for pipeline in &pipelines {
                actions.extend(pipeline.actions(None).await?.into_iter().map(|action| (pipeline, action)));
            }
            actions.sort_by_key(|(_, action)| std::cmp::Reverse(action.start_time));
        }
        Some(wanted) => {
            let runs = runs(&pipelines).await?;
            let run = find_run(&runs, wanted)?;
            let of_run = run.pipeline.actions(Some(run.id())).await?;
            actions.extend(of_run.into_iter().map(|action| (run.pipeline, action)));
        }
    }
    let (pipeline, chosen) = choose(&actions, action)?;
    let Some(mut log) = pipeline.log(chosen).await? else {
        bail!("the build of {} has no log in CloudWatch Logs", lines::name(chosen));
    };
    loop {
        // In this order: what was logged before the build's end is printed after it is known.
        let goes_on = follow && is_running(pipeline, chosen).await?;
        log.read().await?.iter().for_each(|line| anstream::println!("{line}"));
        if !goes_on {
            let builds = build_id(chosen).into_iter().map(str::to_owned).collect();
            let reports = reports::lines(&pipeline.reports(builds).await?);
            reports.iter().for_each(|line| anstream::println!("{line}"));
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn is_running(pipeline: &Pipeline, action: &ActionExecutionDetail) -> Result<bool> {
    let actions = pipeline.actions(Some(&action.pipeline_execution_id)).await?;
    let found = actions.iter().find(|found| found.action_execution_id == action.action_execution_id);
    Ok(found.is_some_and(|found| found.status == ActionStatus::InProgress))
}

/// The newest action with a log, of the wanted name; otherwise the error names those that have one.
fn choose<'a, P>(
    actions: &'a [(P, ActionExecutionDetail)],
    wanted: Option<&str>,
) -> Result<(&'a P, &'a ActionExecutionDetail)> {
    let with_log = || actions.iter().filter(|(_, action)| build_id(action).is_some());
    let is_wanted = |(_, action): &&(P, ActionExecutionDetail)| {
        wanted.is_none_or(|wanted| action.action_name.eq_ignore_ascii_case(wanted) || lines::name(action) == wanted)
    };
    if let Some((pipeline, action)) = with_log().find(is_wanted) {
        return Ok((pipeline, action));
    }
    let mut names: Vec<_> = with_log().map(|(_, action)| action.action_name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match (wanted, names.is_empty()) {
        (_, true) => bail!("no action has a log yet; deliver HEAD: cargo local up"),
        (Some(wanted), false) => bail!("{wanted} has no log; these have: {}", names.join(", ")),
        (None, false) => bail!("these actions have a log: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn action(name: &str, provider: &str, build: Option<&str>) -> ActionExecutionDetail {
        serde_json::from_value(json!({
            "pipelineExecutionId": "e", "actionExecutionId": "a", "pipelineVersion": 1, "stageName": name,
            "actionName": name, "startTime": 0.0, "lastUpdateTime": 0.0, "status": "Succeeded",
            "input": {
                "actionTypeId": { "category": "Build", "owner": "AWS", "provider": provider, "version": "1" },
                "configuration": {}, "resolvedConfiguration": {}, "roleArn": "r", "region": "us-east-1", "inputArtifacts": [],
            },
            "output": { "executionResult": { "externalExecutionId": build } },
        }))
        .unwrap()
    }

    #[test]
    fn the_newest_build_is_chosen_and_other_actions_are_told_apart() {
        let actions = [
            ("back end", action("Deploy", "CloudFormation", Some("change set"))),
            ("website", action("Build", "CodeBuild", Some("p:2"))),
            ("back end", action("Build", "CodeBuild", Some("p:1"))),
        ];
        for wanted in [None, Some("build")] {
            let (pipeline, chosen) = choose(&actions, wanted).unwrap();
            assert_eq!((*pipeline, build_id(chosen)), ("website", Some("p:2")));
        }
        let error = choose(&actions, Some("Deploy")).unwrap_err().to_string();
        assert_eq!(error, "Deploy has no log; these have: Build");
        assert!(choose(&actions[..1], None).unwrap_err().to_string().contains("no action has a log yet"));
    }
}
