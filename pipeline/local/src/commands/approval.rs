//! `cargo local approve` and `cargo local reject`: the answer that an execution waits for.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::pipeline::{find_run, runs};
use super::{Which, running_pipelines, short};
use crate::codepipeline::record::{Answer, Decision};
use crate::codepipeline::types::PipelineState;
use crate::console::{GOOD, styled};
use crate::home::Home;

/// A manual approval that waits for an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    pub pipeline: String,
    pub stage: String,
    pub action: String,
    pub execution: String,
    pub token: String,
}

/// Which approval a person means; the only one that waits, if nothing is said.
pub struct Wanted<'a> {
    pub which: Which,
    /// The beginning of an execution's id or of its commit's.
    pub execution: Option<&'a str>,
    pub action: Option<&'a str>,
}

/// Answers an approval, with a summary of up to 512 characters for whoever looks at the execution later.
pub async fn run(home: &Home, wanted: Wanted<'_>, status: Answer, summary: &str) -> Result<ExitCode> {
    let pipelines = running_pipelines(home, wanted.which).await?;
    let mut approvals = Vec::new();
    for pipeline in &pipelines {
        approvals.extend(waiting(&pipeline.state().await?));
    }
    if let Some(wanted) = wanted.execution {
        let runs = runs(&pipelines).await?;
        let run = find_run(&runs, wanted)?;
        approvals.retain(|approval| approval.execution == run.id());
    }
    let (approvals, later) = first_pipelines(approvals);
    let approval = choose(&approvals, wanted.action)?;
    let pipeline = pipelines.iter().find(|pipeline| pipeline.name() == approval.pipeline);
    let pipeline = pipeline.with_context(|| format!("there is no pipeline {}", approval.pipeline))?;
    pipeline.decide(approval, &Decision { status, summary: summary.to_owned() }).await?;
    let execution = short(&approval.execution);
    let said = match status {
        Answer::Approved => "Approved",
        Answer::Rejected => "Rejected",
    };
    let name = name(approval);
    anstream::println!("{} {said} {name}; see what follows: cargo local watch {execution}", styled(GOOD, "✓"));
    for approval in &later {
        anstream::println!("  {} waits, too", self::name(approval));
    }
    Ok(ExitCode::SUCCESS)
}

/// The approvals that wait: those that have a token.
fn waiting(state: &PipelineState) -> Vec<Approval> {
    let mut approvals = Vec::new();
    for stage in &state.stage_states {
        let Some(execution) = &stage.latest_execution else { continue };
        for action in &stage.action_states {
            let Some(token) = action.latest_execution.as_ref().and_then(|latest| latest.token.as_ref()) else {
                continue;
            };
            approvals.push(Approval {
                pipeline: state.pipeline_name.clone(),
                stage: stage.stage_name.clone(),
                action: action.action_name.clone(),
                execution: execution.pipeline_execution_id.clone(),
                token: token.clone(),
            });
        }
    }
    approvals
}

/// The approvals of the first pipeline that has some, and the others: a website in production needs its back end there.
fn first_pipelines(approvals: Vec<Approval>) -> (Vec<Approval>, Vec<Approval>) {
    let first = approvals.first().map(|approval| approval.pipeline.clone());
    approvals.into_iter().partition(|approval| Some(&approval.pipeline) == first.as_ref())
}

fn choose<'a>(approvals: &'a [Approval], action: Option<&str>) -> Result<&'a Approval> {
    let chosen = approvals.iter().filter(|approval| action.is_none_or(|action| approval.action == action));
    match chosen.collect::<Vec<_>>().as_slice() {
        [only] => Ok(only),
        [] if approvals.is_empty() => bail!("no approval waits there; see what does: cargo local status"),
        [] => bail!("no approval of that name waits; these do: {}", names(approvals)),
        _ => bail!("several approvals wait, so name the execution or --action: {}", names(approvals)),
    }
}

fn name(approval: &Approval) -> String {
    let Approval { pipeline, stage, action, execution, .. } = approval;
    format!("{stage} / {action} of {pipeline}'s execution {}", short(execution))
}

fn names(approvals: &[Approval]) -> String {
    approvals.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state() -> PipelineState {
        let action = |name: &str, token: Option<&str>| {
            let mut latest = json!({ "actionExecutionId": "a", "status": "InProgress", "lastStatusChange": 0.0 });
            if let Some(token) = token {
                latest["token"] = json!(token);
            }
            json!({ "actionName": name, "latestExecution": latest })
        };
        let stage = |name: &str, execution: &str, actions: &[serde_json::Value]| {
            json!({
                "stageName": name, "inboundTransitionState": { "enabled": true }, "actionStates": actions,
                "latestExecution": { "pipelineExecutionId": execution, "status": "InProgress" },
            })
        };
        serde_json::from_value(json!({
            "pipelineName": "shop", "pipelineVersion": 1, "created": 0.0, "updated": 0.0,
            "stageStates": [
                stage("Build", "22222222", &[action("Build", None)]),
                stage("Approval", "11111111", &[action("Approve", Some("t1")), action("Legal", Some("t2"))]),
            ],
        }))
        .unwrap()
    }

    #[test]
    fn approvals_that_wait_are_found_by_their_token() {
        let found = waiting(&state());
        let found = found.iter().map(|found| (found.execution.as_str(), found.token.as_str())).collect::<Vec<_>>();
        assert_eq!(found, [("11111111", "t1"), ("11111111", "t2")]);
    }

    #[test]
    fn the_back_ends_approval_comes_before_the_websites() {
        let back_end = waiting(&state());
        let website = Approval { pipeline: "site".to_owned(), ..back_end[0].clone() };
        let all = [back_end.clone(), vec![website.clone()]].concat();
        assert_eq!(first_pipelines(all), (back_end, vec![website.clone()]));
        assert_eq!(first_pipelines(vec![website.clone()]), (vec![website], vec![]));
        assert_eq!(first_pipelines(vec![]), (vec![], vec![]));
    }

    #[test]
    fn one_approval_is_meant_or_the_error_says_which_there_are() {
        let both = waiting(&state());
        assert_eq!(choose(&both[..1], None).unwrap().token, "t1");
        assert_eq!(choose(&both, Some("Legal")).unwrap().token, "t2");
        let error = |approvals, action| choose(approvals, action).unwrap_err().to_string();
        assert!(error(&both, None).contains("Approval / Legal of shop's execution 1111111"));
        assert!(error(&both, Some("Other")).contains("these do: Approval / Approve"));
        assert!(error(&[], None).contains("cargo local status"));
    }
}
