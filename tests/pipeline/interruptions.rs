//! The local service is killed in the middle of an action: the execution ends in a state that AWS knows, a retry of its
//! stage succeeds, and no artifact is lost or half written.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::cloud::{Cloud, eventually};
use crate::delivery::Delivery;
use crate::executions::{BUILDSPEC, TEMPLATE, deliver, deliver_files, push_files, saying};
use crate::stages::{any, approval, build, deploy, source, stage, with};

/// What the service saves only now and then is saved after this time.
const SAVED_WITHIN: Duration = Duration::from_secs(10);

/// An action in whose middle the service is killed.
struct Interruption {
    name: &'static str,
    action: &'static str,
    stages: fn(&str) -> Vec<Value>,
    files: fn() -> Vec<(&'static str, String)>,
    /// What the cloud lets wait, as the action would be too quick to be seen: a service, its operation, and how many such
    /// calls of the pipeline's role come before.
    held: Option<(&'static str, &'static str, u32)>,
}

/// Also an orderly end: what the cloud then refuses must not look like the action's own failure.
const ORDERLY: &str = "orderly";

/// CodeDeploy is at work, with a tenth of the traffic at the new version.
const SHIFT: &str = "cut-shift";

const INTERRUPTIONS: [Interruption; 9] = [
    Interruption { name: ORDERLY, action: "Build", stages: delivering, files: slow_build, held: None },
    Interruption {
        name: "cut-source",
        action: "Source",
        stages: delivering,
        files: plain,
        held: Some(("s3", "PutObject", 0)),
    },
    Interruption { name: "cut-build", action: "Build", stages: delivering, files: slow_build, held: None },
    Interruption {
        name: "cut-change-set",
        action: "CreateChangeSet",
        stages: delivering,
        files: plain,
        held: Some(("cloudformation", "CreateChangeSet", 0)),
    },
    Interruption { name: "cut-stack", action: "ExecuteChangeSet", stages: delivering, files: slow_stack, held: None },
    Interruption { name: SHIFT, action: "ExecuteChangeSet", stages: delivering, files: shifting, held: None },
    Interruption {
        name: "cut-site",
        action: "Publish",
        stages: publishing,
        files: plain,
        held: Some(("s3", "PutObject", 1)),
    },
    Interruption { name: "cut-invoke", action: "Invoke", stages: invoking, files: plain, held: None },
    Interruption { name: "cut-approval", action: "Approve", stages: approving, files: plain, held: None },
];

pub fn kill_in_the_middle(cloud: &Cloud) -> Result<()> {
    let deliveries = INTERRUPTIONS
        .iter()
        .map(|cut| Delivery::new(cloud, cut.name, &(cut.stages)(cut.name)))
        .collect::<Result<Vec<_>>>()?;
    let shifts = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": ["codedeploy:*", "iam:PassRole"], "Resource": "*" }] });
    let policy =
        json!({ "RoleName": format!("{SHIFT}-deploy"), "PolicyName": "shift", "PolicyDocument": shifts.to_string() });
    cloud.aws("iam", "put_role_policy", policy)?;
    sleep(SAVED_WITHIN);
    for (cut, delivery) in INTERRUPTIONS.iter().zip(&deliveries) {
        interrupt(cloud, cut, delivery).with_context(|| cut.name)?;
    }
    Ok(())
}

fn interrupt(cloud: &Cloud, cut: &Interruption, delivery: &Delivery) -> Result<()> {
    if cut.action == "ExecuteChangeSet" {
        // A stack whose very creation is cut off has to be deleted: here it is an update.
        let first = if cut.name == SHIFT {
            deliver_files(delivery, &shifting_from("first"))?
        } else {
            deliver(delivery, "said before")?
        };
        delivery.ends_as(&first, "Succeeded")?;
        sleep(SAVED_WITHIN);
    }
    if let Some((service, operation, after)) = cut.held {
        let caller = format!("*:assumed-role/{}-pipeline/*", cut.name);
        cloud.fail(&json!([{ "service": service, "operation": operation, "after": after, "caller": caller,
                             "fault": "timeout", "seconds": 30 }]))?;
    }
    let before = delivery.executions()?.len();
    push_files(delivery, &(cut.files)())?;
    let execution = eventually(&format!("{} is not seen at work", cut.action), || {
        // A pushed commit's execution has no revision before its source action has ended.
        let executions = delivery.executions()?;
        let newest = executions.first().filter(|_| executions.len() > before);
        let Some(newest) = newest.and_then(|newest| newest["pipelineExecutionId"].as_str()) else { return Ok(None) };
        let at_work = delivery.action(newest, cut.action)?.is_some_and(|action| action.status == "InProgress");
        let shifts = || Ok::<_, anyhow::Error>(cut.name != SHIFT || canary(cloud)?.is_some());
        Ok((at_work && shifts()?).then(|| newest.to_owned()))
    })?;
    if cut.name == ORDERLY {
        cloud.stop()?
    } else {
        cloud.kill()?
    }
    cloud.serve()?;

    if cut.action == "Approve" {
        // Nothing was at work: it goes on to wait.
        delivery.answer(&execution, "Approval", "Approved")?;
        return delivery.ends_as(&execution, "Succeeded");
    }
    delivery.ends_as(&execution, "Failed")?;
    let (action, reason) = delivery.failed_action(&execution)?;
    ensure!(action == cut.action && reason.contains("the local service ended"), "{action} failed: {reason}");
    if cut.name == SHIFT {
        eventually("the canary keeps its traffic", || Ok(canary(cloud)?.is_none().then_some(())))?;
    }
    let state = delivery.state()?;
    let stages = state["stageStates"].as_array().into_iter().flatten();
    let failed = stages.into_iter().find(|stage| stage["latestExecution"]["status"] == "Failed");
    let failed = failed.and_then(|stage| stage["stageName"].as_str()).context("no stage has failed")?;

    if cut.action == "Invoke" {
        return Ok(());
    }
    let input = json!({ "stageName": failed, "pipelineExecutionId": execution, "retryMode": "ALL_ACTIONS" });
    delivery.call("retry_stage_execution", input)?;
    delivery.ends_as(&execution, "Succeeded")?;
    if cut.name == SHIFT {
        let alias = alias(cloud)?;
        let version = json!({ "FunctionName": alias["AliasArn"] });
        let version = cloud.aws("lambda", "get_function_configuration", version)?;
        ensure!(version["Description"] == "second" && canary(cloud)?.is_none(), "after the retry: {alias}, {version}");
    }
    Ok(())
}

fn alias(cloud: &Cloud) -> Result<Value> {
    cloud.aws("lambda", "get_alias", json!({ "FunctionName": format!("{SHIFT}-production-function"), "Name": "live" }))
}

/// The share of the new version while traffic shifts.
fn canary(cloud: &Cloud) -> Result<Option<Value>> {
    let weights = alias(cloud)?["RoutingConfig"]["AdditionalVersionWeights"].clone();
    Ok(weights.as_object().is_some_and(|weights| !weights.is_empty()).then_some(weights))
}

fn delivering(name: &str) -> Vec<Value> {
    let role = format!("arn:aws:iam::000000000000:role/{name}-deploy");
    vec![source(name), build(name), deploy("Production", &format!("{name}-production"), &role)]
}

fn publishing(name: &str) -> Vec<Value> {
    let configuration = json!({ "BucketName": format!("{name}-site"), "Extract": "true" });
    let members = json!({ "inputArtifacts": [{ "name": "Source" }] });
    vec![source(name), stage("Site", &[with(any("Publish", "Deploy", "S3", configuration), members)])]
}

fn approving(name: &str) -> Vec<Value> {
    vec![source(name), approval("Approval")]
}

/// A function that answers to nobody.
fn invoking(name: &str) -> Vec<Value> {
    let invoke = any("Invoke", "Invoke", "Lambda", json!({ "FunctionName": format!("{name}-mute") }));
    vec![source(name), stage("Invoke", &[invoke])]
}

fn plain() -> Vec<(&'static str, String)> {
    saying("said in spite of it")
}

fn slow_build() -> Vec<(&'static str, String)> {
    vec![
        ("buildspec.yml", BUILDSPEC.replace("      - grep", "      - sleep 5\n      - grep")),
        ("template.yaml", TEMPLATE.to_owned()),
    ]
}

/// A custom resource that takes its time.
fn slow_stack() -> Vec<(&'static str, String)> {
    vec![
        ("buildspec.yml", BUILDSPEC.to_owned()),
        ("template.yaml", include_str!("projects/slow/template.yaml").to_owned()),
    ]
}

/// A function whose alias is shifted to a version of its own for each text.
fn shifting() -> Vec<(&'static str, String)> {
    shifting_from("second")
}

fn shifting_from(text: &str) -> Vec<(&'static str, String)> {
    let template = include_str!("projects/shifting/template.yaml").replace("first", text);
    vec![("buildspec.yml", BUILDSPEC.to_owned()), ("template.yaml", template)]
}
