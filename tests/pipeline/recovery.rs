//! What people do about an execution: stop it, retry a stage, roll one back, hold one up, change the pipeline.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::cloud::{Cloud, eventually};
use crate::delivery::Delivery;
use crate::executions::{BUILDSPEC, TEMPLATE, deliver, deliver_files, push, said, unfinished, whole};
use crate::stages::{build, deploy, source};

pub const TESTS: &[(&str, Test)] = &[
    ("a_stopped_execution_finishes_its_action_and_no_more", stop_and_wait),
    ("an_abandoned_execution_ends_at_once_and_holds_nobody_up", abandon),
    ("a_failed_stage_can_be_retried", retry),
    ("a_stage_goes_back_to_an_earlier_execution", roll_back),
    ("a_stage_that_fails_goes_back_by_itself", automatic_roll_back),
    ("a_stage_that_fails_is_tried_once_more_by_itself", automatic_retry),
    ("executions_queue_before_a_closed_stage_and_none_is_lost", closed_stage),
    ("a_new_definition_cancels_what_runs", new_definition),
];

/// Its build takes this long.
fn slow_build(seconds: u32) -> String {
    BUILDSPEC.replace("      - grep", &format!("      - sleep {seconds}\n      - grep"))
}

fn stop(delivery: &Delivery, execution: &str, abandon: bool) -> Result<()> {
    let input = json!({ "pipelineExecutionId": execution, "abandon": abandon, "reason": "says a test" });
    delivery.call("stop_pipeline_execution", input).map(drop)
}

fn two_stages<'a>(cloud: &'a Cloud, name: &str, on_failure: Value) -> Result<Delivery<'a>> {
    let role = format!("arn:aws:iam::000000000000:role/{name}-deploy");
    let mut production = deploy("Production", &format!("{name}-production"), &role);
    if !on_failure.is_null() {
        production["onFailure"] = on_failure;
    }
    Delivery::new(cloud, name, &[source(name), build(name), production])
}

/// Takes the right to pass the deploy role away, or gives it back.
fn allow_deployment(delivery: &Delivery, allowed: bool) -> Result<()> {
    let role = format!("{}-pipeline", delivery.name);
    if allowed {
        delivery.cloud.aws("iam", "delete_role_policy", json!({ "RoleName": role, "PolicyName": "forbidden" }))?;
        return Ok(());
    }
    let deny = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "iam:PassRole", "Resource": "*" }] });
    let policy = json!({ "RoleName": role, "PolicyName": "forbidden", "PolicyDocument": deny.to_string() });
    delivery.cloud.aws("iam", "put_role_policy", policy).map(drop)
}

fn stop_and_wait(cloud: &Cloud) -> Result<()> {
    let delivery = two_stages(cloud, "stopped", Value::Null)?;
    let execution = delivery.deliver(&[("buildspec.yml", &slow_build(3)), ("template.yaml", TEMPLATE)])?;
    delivery.action_is(&execution, "Build", "InProgress")?;
    stop(&delivery, &execution, false)?;
    ensure!(delivery.status(&execution)? == "Stopping");
    ensure!(stop(&delivery, &execution, false).is_err(), "an execution was asked twice to stop");
    delivery.ends_as(&execution, "Stopped")?;
    let build = delivery.action(&execution, "Build")?.context("no build")?;
    ensure!(build.status == "Succeeded", "the build ended as {build:?}");
    ensure!(cloud.stack_status("stopped-production").is_err(), "a stopped execution went on");

    let next = deliver(&delivery, "said afterwards")?;
    delivery.ends_as(&next, "Succeeded")
}

fn abandon(cloud: &Cloud) -> Result<()> {
    let delivery = two_stages(cloud, "abandoned", Value::Null)?;
    let execution = delivery.deliver(&[("buildspec.yml", &slow_build(20)), ("template.yaml", TEMPLATE)])?;
    delivery.action_is(&execution, "Build", "InProgress")?;
    stop(&delivery, &execution, true)?;
    ensure!(delivery.status(&execution)? == "Stopped");
    let build = delivery.action(&execution, "Build")?.context("no build")?;
    ensure!(build.status == "Abandoned", "the build's action ended as {build:?}");

    let begun = std::time::Instant::now();
    let next = deliver(&delivery, "said afterwards")?;
    delivery.ends_as(&next, "Succeeded")?;
    ensure!(begun.elapsed().as_secs() < 15, "the next execution waited for the abandoned build");
    Ok(())
}

fn retry(cloud: &Cloud) -> Result<()> {
    let delivery = two_stages(cloud, "retried", Value::Null)?;
    let retry = |execution: &str, stage: &str, mode: &str| {
        let input = json!({ "stageName": stage, "pipelineExecutionId": execution, "retryMode": mode });
        delivery.call("retry_stage_execution", input)
    };
    allow_deployment(&delivery, false)?;
    let execution = deliver(&delivery, "said at the second try")?;
    delivery.ends_as(&execution, "Failed")?;
    ensure!(retry(&execution, "Build", "FAILED_ACTIONS").is_err(), "a stage that succeeded was retried");

    // Nothing has changed yet.
    retry(&execution, "Production", "FAILED_ACTIONS")?;
    delivery.ends_as(&execution, "Failed")?;
    allow_deployment(&delivery, true)?;
    let retried = retry(&execution, "Production", "ALL_ACTIONS")?;
    ensure!(retried["pipelineExecutionId"] == execution.as_str(), "a retry is of the same execution: {retried}");
    delivery.ends_as(&execution, "Succeeded")?;
    ensure!(said(&delivery, "production")? == "said at the second try");
    Ok(())
}

fn roll_back(cloud: &Cloud) -> Result<()> {
    let delivery = two_stages(cloud, "back", Value::Null)?;
    let good = deliver(&delivery, "said before")?;
    delivery.ends_as(&good, "Succeeded")?;
    let bad = deliver(&delivery, "said wrongly")?;
    delivery.ends_as(&bad, "Succeeded")?;

    let back = |stage: &str, target: &str| {
        delivery.call("rollback_stage", json!({ "stageName": stage, "targetPipelineExecutionId": target }))
    };
    ensure!(back("Source", &good).is_err(), "the source was rolled back");
    let rolled = back("Production", &good)?["pipelineExecutionId"].as_str().context("no execution")?.to_owned();
    delivery.ends_as(&rolled, "Succeeded")?;
    ensure!(said(&delivery, "production")? == "said before");
    let executions = delivery.executions()?;
    ensure!(executions[0]["executionType"] == "ROLLBACK", "{}", executions[0]);
    ensure!(
        executions[0]["rollbackMetadata"]["rollbackTargetPipelineExecutionId"] == good.as_str(),
        "{}",
        executions[0]
    );
    ensure!(back("Production", &rolled).is_err(), "a rollback was the target of a rollback");

    // Under another definition there is nothing to go back to.
    let role = delivery.role("deploy");
    let stages = [source("back"), build("back"), deploy("Production", "back-production", &role)];
    cloud.aws("codepipeline", "update_pipeline", json!({ "pipeline": delivery.declaration(&stages) }))?;
    ensure!(back("Production", &good).is_err(), "a rollback went beyond the pipeline's version");
    Ok(())
}

fn automatic_roll_back(cloud: &Cloud) -> Result<()> {
    let delivery = two_stages(cloud, "self-back", json!({ "result": "ROLLBACK" }))?;
    let good = deliver(&delivery, "said before")?;
    delivery.ends_as(&good, "Succeeded")?;
    let bad = deliver_files(&delivery, &unfinished())?;
    delivery.ends_as(&bad, "Failed")?;
    let rolled = eventually("nothing is rolled back", || {
        let newest = delivery.executions()?.into_iter().next().unwrap_or_default();
        Ok(newest["pipelineExecutionId"].as_str().filter(|_| newest["executionType"] == "ROLLBACK").map(str::to_owned))
    })?;
    delivery.ends_as(&rolled, "Succeeded")?;
    let rollback = &delivery.executions()?[0];
    ensure!(rollback["trigger"]["triggerType"] == "AutomatedRollback", "started by {}", rollback["trigger"]);
    let target = &rollback["rollbackMetadata"]["rollbackTargetPipelineExecutionId"];
    ensure!(*target == good.as_str(), "rolled back to {target}, not to {good}");
    ensure!(said(&delivery, "production")? == "said before");
    // One rollback, of one failure.
    ensure!(delivery.executions()?.len() == 4, "{:?}", delivery.executions()?);
    Ok(())
}

fn automatic_retry(cloud: &Cloud) -> Result<()> {
    let on_failure = json!({ "result": "RETRY", "retryConfiguration": { "retryMode": "ALL_ACTIONS" } });
    let delivery = two_stages(cloud, "self-retry", on_failure)?;
    allow_deployment(&delivery, false)?;
    let execution = deliver(&delivery, "said in vain")?;
    delivery.ends_as(&execution, "Failed")?;
    let list = delivery.call("list_action_executions", json!({ "filter": { "pipelineExecutionId": execution } }))?;
    let actions = list["actionExecutionDetails"].as_array().into_iter().flatten();
    let tries = actions.filter(|action| action["actionName"] == "CreateChangeSet").count();
    ensure!(tries == 2, "the stage was tried {tries} times");
    Ok(())
}

fn closed_stage(cloud: &Cloud) -> Result<()> {
    let delivery = two_stages(cloud, "closed", Value::Null)?;
    let transition = json!({ "stageName": "Production", "transitionType": "Inbound" });
    let mut closed = transition.clone();
    closed["reason"] = json!("says a test");
    delivery.call("disable_stage_transition", closed)?;
    let texts = ["said first", "said second", "said third"];
    let mut executions = Vec::new();
    for text in texts {
        executions.push(deliver(&delivery, text)?);
    }
    let built = executions.last().context("three pushes")?;
    delivery.action_is(built, "Build", "Succeeded")?;
    let state = delivery.state()?;
    let production = &state["stageStates"][2];
    ensure!(production["inboundTransitionState"]["disabledReason"] == "says a test", "{production}");
    ensure!(cloud.stack_status("closed-production").is_err(), "a closed stage was entered");

    delivery.call("enable_stage_transition", transition)?;
    for execution in &executions {
        delivery.ends_as(execution, "Succeeded")?;
    }
    ensure!(said(&delivery, "production")? == "said third");
    Ok(())
}

fn new_definition(cloud: &Cloud) -> Result<()> {
    let delivery = whole(cloud, "redefined")?;
    let waiting = deliver(&delivery, "said too early")?;
    delivery.token(&waiting, "Approval")?;
    let behind = push(&delivery, "said behind it").and_then(|commit| delivery.started_by(&commit))?;

    let role = delivery.role("deploy");
    let stages = [source("redefined"), build("redefined"), deploy("Production", "redefined-production", &role)];
    let updated = cloud.aws("codepipeline", "update_pipeline", json!({ "pipeline": delivery.declaration(&stages) }))?;
    ensure!(updated["pipeline"]["version"] == 2, "{updated}");
    for execution in [&waiting, &behind] {
        delivery.ends_as(execution, "Cancelled")?;
    }
    let next = deliver(&delivery, "said in time")?;
    delivery.ends_as(&next, "Succeeded")?;
    ensure!(said(&delivery, "production")? == "said in time");
    Ok(())
}
