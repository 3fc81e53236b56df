//! The local service is killed in the middle of an action: the execution ends in a state that AWS knows, a retry of its
//! stage succeeds, and no artifact is lost or half written.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::delivery::Delivery;
use crate::executions::{BUILDSPEC, TEMPLATE, deliver, saying};
use crate::stages::{any, approval, build, deploy, source, stage, with};

/// What the service saves only now and then is saved after this time.
const SAVED_WITHIN: Duration = Duration::from_secs(10);

/// An action in whose middle the service is killed.
struct Interruption {
    name: &'static str,
    action: &'static str,
    stages: fn(&str) -> Vec<Value>,
    files: fn() -> Vec<(&'static str, String)>,
}

/// Also an orderly end: what the cloud then refuses must not look like the action's own failure.
const ORDERLY: &str = "orderly";

const INTERRUPTIONS: [Interruption; 8] = [
    Interruption { name: ORDERLY, action: "Build", stages: delivering, files: slow_build },
    Interruption { name: "cut-source", action: "Source", stages: delivering, files: plain },
    Interruption { name: "cut-build", action: "Build", stages: delivering, files: slow_build },
    Interruption { name: "cut-change-set", action: "CreateChangeSet", stages: delivering, files: plain },
    Interruption { name: "cut-stack", action: "ExecuteChangeSet", stages: delivering, files: slow_stack },
    Interruption { name: "cut-site", action: "Publish", stages: publishing, files: plain },
    Interruption { name: "cut-invoke", action: "Invoke", stages: invoking, files: plain },
    Interruption { name: "cut-approval", action: "Approve", stages: approving, files: plain },
];

pub fn kill_in_the_middle(cloud: &Cloud) -> Result<()> {
    let deliveries = INTERRUPTIONS
        .iter()
        .map(|cut| Delivery::new(cloud, cut.name, &(cut.stages)(cut.name)))
        .collect::<Result<Vec<_>>>()?;
    sleep(SAVED_WITHIN);
    for (cut, delivery) in INTERRUPTIONS.iter().zip(&deliveries) {
        interrupt(cloud, cut, delivery).with_context(|| cut.name)?;
    }
    Ok(())
}

fn interrupt(cloud: &Cloud, cut: &Interruption, delivery: &Delivery) -> Result<()> {
    if cut.action == "ExecuteChangeSet" {
        // A stack whose very creation is cut off has to be deleted: here it is an update.
        let first = deliver(delivery, "said before")?;
        delivery.ends_as(&first, "Succeeded")?;
        sleep(SAVED_WITHIN);
    }
    let files = (cut.files)();
    let files = files.iter().map(|(name, content)| (*name, content.as_str())).collect::<Vec<_>>();
    delivery.push(&files)?;
    let execution = loop {
        // A pushed commit's execution has no revision before its source action has ended.
        let newest = delivery.newest()?;
        if delivery.action(&newest, cut.action)?.is_some_and(|action| action.status == "InProgress") {
            break newest;
        }
        let status = delivery.status(&newest)?;
        if status == "Succeeded"
            || delivery.action(&newest, cut.action)?.is_some_and(|action| action.status == "Succeeded")
        {
            // It was too quick to be seen; killed just after it is as good.
            break newest;
        }
    };
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
    match delivery.execution_ended(&execution)?.as_str() {
        "Succeeded" => return Ok(()),
        status => ensure!(status == "Failed", "the execution ended as {status}"),
    }
    // Where it was cut: in the action that was meant, or in the next where that one was too quick.
    let (action, reason) = delivery.failed_action(&execution)?;
    ensure!(reason.contains("the local service ended"), "{action} failed: {reason}");
    let state = delivery.state()?;
    let stages = state["stageStates"].as_array().into_iter().flatten();
    let failed = stages.into_iter().find(|stage| stage["latestExecution"]["status"] == "Failed");
    let failed = failed.and_then(|stage| stage["stageName"].as_str()).context("no stage has failed")?;

    if cut.action == "Invoke" {
        return Ok(());
    }
    let input = json!({ "stageName": failed, "pipelineExecutionId": execution, "retryMode": "ALL_ACTIONS" });
    delivery.call("retry_stage_execution", input)?;
    delivery.ends_as(&execution, "Succeeded")
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
