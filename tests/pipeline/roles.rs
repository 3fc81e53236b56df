//! Each statement of each role is taken away, one at a time: the action that needs it fails, and says what it lacks.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::cloud::{Cloud, eventually};
use crate::delivery::Delivery;
use crate::executions::{deliver, push};
use crate::stages::{any, approve, build, deploy, source, stage, with};

pub const TESTS: &[(&str, Test)] = &[("an_action_fails_for_each_statement_that_its_role_lacks", each_statement)];

/// The role, the statement's name, the action that fails without it, and what its reason names.
const STATEMENTS: [(&str, &str, &str, &str); 14] = [
    ("pipeline", "Source", "Source", "codecommit:"),
    ("pipeline", "Artifacts", "Source", "s3:PutObject"),
    ("pipeline", "Build", "Build", "codebuild:StartBuild"),
    ("pipeline", "Site", "Publish", "s3:PutObject"),
    ("pipeline", "Stack", "CreateChangeSet", "cloudformation:"),
    ("pipeline", "PassDeployRole", "CreateChangeSet", "iam:PassRole"),
    ("pipeline", "Invoke", "Invoke", "lambda:InvokeFunction"),
    ("pipeline", "Notify", "Approve", "sns:Publish"),
    ("build", "Artifacts", "Build", "s3:GetObject"),
    ("build", "Log", "Build", "logs:"),
    ("build", "Report", "Build", "codebuild:"),
    ("deploy", "Functions", "ExecuteChangeSet", "lambda:"),
    ("deploy", "Roles", "ExecuteChangeSet", "iam:"),
    ("push", "Start", "", ""),
];

fn each_statement(cloud: &Cloud) -> Result<()> {
    let name = "lacking";
    let publish = any("Publish", "Deploy", "S3", json!({ "BucketName": format!("{name}-site"), "Extract": "true" }));
    let invoke = any("Invoke", "Invoke", "Lambda", json!({ "FunctionName": format!("{name}-mute") }));
    let notice = json!({ "NotificationArn": format!("arn:aws:sns:us-east-1:000000000000:{name}") });
    let stages = [
        source(name),
        build(name),
        stage("Site", &[with(publish, json!({ "inputArtifacts": [{ "name": "Source" }] }))]),
        deploy("Staging", &format!("{name}-staging"), &format!("arn:aws:iam::000000000000:role/{name}-deploy")),
        stage("Approval", &[with(approve(notice), json!({ "runOrder": 1 })), with(invoke, json!({ "runOrder": 1 }))]),
    ];
    let delivery = Delivery::new(cloud, name, &stages)?;
    for (number, (role, statement, action, reason)) in STATEMENTS.into_iter().enumerate() {
        let role = format!("{name}-{role}");
        let policies = cloud.aws("iam", "list_role_policies", json!({ "RoleName": role }))?;
        let policy = json!({ "RoleName": role, "PolicyName": policies["PolicyNames"][0] });
        let whole = cloud.aws("iam", "get_role_policy", policy.clone())?["PolicyDocument"].clone();
        let put = |document: &Value| {
            let mut input = policy.clone();
            input["PolicyDocument"] = Value::String(document.to_string());
            cloud.aws("iam", "put_role_policy", input)
        };
        put(&without(&whole, statement)?)?;
        // Another text each time, so that there is something to deploy.
        let failed = failure(&delivery, &format!("said in try {number}"), action);
        put(&whole)?;
        let (name, said) = failed.with_context(|| format!("without {statement} of {role}"))?;
        ensure!(name == action && said.contains(reason), "without {statement} of {role}, {name} failed: {said}");
    }
    Ok(())
}

/// Pushes, and gives the action that fails, and why. A push that may start nothing has no action.
fn failure(delivery: &Delivery, text: &str, action: &str) -> Result<(String, String)> {
    if action.is_empty() {
        let before = delivery.executions()?.len();
        push(delivery, text)?;
        std::thread::sleep(std::time::Duration::from_secs(2));
        ensure!(delivery.executions()?.len() == before, "the push started an execution");
        return Ok((String::new(), String::new()));
    }
    let execution = if action == "Source" {
        delivery.push(&[("template.yaml", text)])?;
        newest_on_its_way(delivery)?
    } else {
        deliver(delivery, text)?
    };
    let failed = eventually(&format!("{action} does not fail"), || {
        Ok(delivery.actions(&execution)?.into_iter().find(|(_, found)| found.status == "Failed"))
    })?;
    // An approval or a function that nobody answers holds the stage.
    if delivery.status(&execution)? == "InProgress" {
        delivery.call("stop_pipeline_execution", json!({ "pipelineExecutionId": execution, "abandon": true }))?;
    }
    delivery.execution_ended(&execution)?;
    Ok((failed.0, failed.1.message))
}

fn newest_on_its_way(delivery: &Delivery) -> Result<String> {
    let known = delivery.executions()?.len();
    // The push of a commit and its execution are a moment apart.
    eventually("the push starts no execution", || {
        let executions = delivery.executions()?;
        let newest = executions.first().and_then(|newest| newest["pipelineExecutionId"].as_str()).map(str::to_owned);
        let is_new =
            executions.first().is_some_and(|newest| newest["sourceRevisions"].as_array().is_none_or(Vec::is_empty));
        Ok(newest.filter(|_| is_new || executions.len() > known))
    })
}

fn without(document: &Value, statement: &str) -> Result<Value> {
    let statements = document["Statement"].as_array().context("a policy has statements")?;
    let mut kept = statements.iter().filter(|found| found["Sid"] != statement).cloned().collect::<Vec<_>>();
    ensure!(kept.len() == statements.len() - 1, "there is no statement {statement}");
    if kept.is_empty() {
        // A policy of no statement is none.
        kept.push(json!({ "Effect": "Allow", "Action": "codecommit:GetBlob", "Resource": "*" }));
    }
    Ok(json!({ "Version": "2012-10-17", "Statement": kept }))
}
