//! What becomes of an execution: delivered, rejected, timed out, refused, in order.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::Test;
use crate::cloud::Cloud;
use crate::delivery::Delivery;
use crate::stages::{any, approval, approve, build, deploy, source, stage, with};

pub const TESTS: &[(&str, Test)] = &[
    ("a_push_reaches_production_through_an_approval", green_path),
    ("a_rejection_ends_the_execution_and_changes_nothing", rejection),
    ("an_approval_that_nobody_gives_times_out", time_out),
    ("two_quick_pushes_are_deployed_in_order_each_its_own_commit", order),
    ("a_build_that_fails_deploys_nothing", failing_build),
    ("a_stack_that_fails_names_the_resource", failing_stack),
    ("what_is_not_supported_is_refused_by_name", refusals),
];

pub const TEMPLATE: &str = include_str!("projects/tiny/template.yaml");
pub const BUILDSPEC: &str = include_str!("projects/tiny/buildspec.yml");

/// Source, Build, Staging, Approval, Production.
pub fn whole<'a>(cloud: &'a Cloud, name: &str) -> Result<Delivery<'a>> {
    let role = format!("arn:aws:iam::000000000000:role/{name}-deploy");
    let staging = deploy("Staging", &format!("{name}-staging"), &role);
    let production = deploy("Production", &format!("{name}-production"), &role);
    Delivery::new(cloud, name, &[source(name), build(name), staging, approval("Approval"), production])
}

/// The tiny application, saying this.
pub fn saying(text: &str) -> Vec<(&'static str, String)> {
    vec![("buildspec.yml", BUILDSPEC.to_owned()), ("template.yaml", TEMPLATE.replace("said at first", text))]
}

/// One whose function's code is not there, so that its stack fails.
pub fn unfinished() -> Vec<(&'static str, String)> {
    let (before, code) = TEMPLATE.split_once("        ZipFile").unwrap_or_default();
    let (_, after) = code.split_once("\n  Role:").unwrap_or_default();
    let template = format!("{before}        S3Bucket: unstacked-site\n        S3Key: nothing.zip\n\n  Role:{after}");
    vec![("buildspec.yml", BUILDSPEC.to_owned()), ("template.yaml", template)]
}

pub fn push_files(delivery: &Delivery, files: &[(&str, String)]) -> Result<String> {
    let files = files.iter().map(|(name, content)| (*name, content.as_str())).collect::<Vec<_>>();
    delivery.push(&files)
}

pub fn push(delivery: &Delivery, text: &str) -> Result<String> {
    push_files(delivery, &saying(text))
}

pub fn deliver_files(delivery: &Delivery, files: &[(&str, String)]) -> Result<String> {
    let commit = push_files(delivery, files)?;
    delivery.started_by(&commit)
}

pub fn deliver(delivery: &Delivery, text: &str) -> Result<String> {
    deliver_files(delivery, &saying(text))
}

/// What the deployed function of an environment says of itself.
pub fn said(delivery: &Delivery, environment: &str) -> Result<String> {
    let function = delivery.cloud.stack_output(&format!("{}-{environment}", delivery.name), "FunctionName")?;
    let answer = delivery.cloud.aws("lambda", "get_function_configuration", json!({ "FunctionName": function }))?;
    answer["Description"].as_str().map(str::to_owned).context("the function has no description")
}

fn green_path(cloud: &Cloud) -> Result<()> {
    let delivery = whole(cloud, "green")?;
    let execution = deliver(&delivery, "said in spring")?;
    delivery.action_is(&execution, "Approve", "InProgress")?;
    ensure!(said(&delivery, "staging")? == "said in spring");
    ensure!(delivery.cloud.stack_status("green-production").is_err(), "production was deployed before the approval");
    delivery.answer(&execution, "Approval", "Approved")?;
    delivery.ends_as(&execution, "Succeeded")?;
    ensure!(said(&delivery, "production")? == "said in spring");
    let actions = delivery.actions(&execution)?;
    ensure!(actions.iter().all(|(_, action)| action.status == "Succeeded") && actions.len() == 7, "{actions:?}");
    Ok(())
}

fn rejection(cloud: &Cloud) -> Result<()> {
    let delivery = whole(cloud, "rejected")?;
    let execution = deliver(&delivery, "said in vain")?;
    delivery.answer(&execution, "Approval", "Rejected")?;
    delivery.ends_as(&execution, "Failed")?;
    let (name, reason) = delivery.failed_action(&execution)?;
    ensure!(name == "Approve" && reason.contains("says a test"), "{name} failed: {reason}");
    ensure!(cloud.stack_status("rejected-production").is_err(), "production was deployed in spite of the rejection");
    // The token was good once.
    let again = delivery.call(
        "put_approval_result",
        json!({ "stageName": "Approval", "actionName": "Approve", "token": "3c7d2ad0-0000-4000-8000-000000000000",
                "result": { "status": "Approved", "summary": "" } }),
    );
    ensure!(again.is_err(), "an approval that is over was given once more");
    Ok(())
}

fn time_out(cloud: &Cloud) -> Result<()> {
    let impatient = with(approve(json!({})), json!({ "timeoutInMinutes": 5 }));
    let delivery = Delivery::new(cloud, "timed-out", &[source("timed-out"), stage("Approval", &[impatient])])?;
    let execution = deliver(&delivery, "said to nobody")?;
    delivery.ends_as(&execution, "Failed")?;
    let (name, _) = delivery.failed_action(&execution)?;
    ensure!(name == "Approve", "{name} failed");
    Ok(())
}

fn order(cloud: &Cloud) -> Result<()> {
    let delivery = whole(cloud, "in-order")?;
    let first = push(&delivery, "said first")?;
    let second = push(&delivery, "said second")?;
    let (first, second) = (delivery.started_by(&first)?, delivery.started_by(&second)?);
    for (execution, text) in [(&first, "said first"), (&second, "said second")] {
        delivery.answer(execution, "Approval", "Approved")?;
        delivery.ends_as(execution, "Succeeded").with_context(|| format!("what {text}"))?;
        ensure!(said(&delivery, "production")? == text, "{text} and is not deployed");
    }
    let ended = |execution: &str| -> Result<String> {
        let list =
            delivery.call("list_action_executions", json!({ "filter": { "pipelineExecutionId": execution } }))?;
        let times = list["actionExecutionDetails"].as_array().into_iter().flatten();
        Ok(times.map(|action| action["lastUpdateTime"].to_string()).max().unwrap_or_default())
    };
    ensure!(ended(&first)? < ended(&second)?, "the second push overtook the first");
    Ok(())
}

fn failing_build(cloud: &Cloud) -> Result<()> {
    let delivery = whole(cloud, "unbuilt")?;
    let execution = delivery.deliver(&[
        ("buildspec.yml", &BUILDSPEC.replace("handler", "nothing of the kind")),
        ("template.yaml", TEMPLATE),
    ])?;
    delivery.ends_as(&execution, "Failed")?;
    let (name, reason) = delivery.failed_action(&execution)?;
    ensure!(name == "Build" && reason.contains("BUILD"), "{name} failed: {reason}");
    ensure!(cloud.stack_status("unbuilt-staging").is_err(), "what was not built is deployed");
    Ok(())
}

fn failing_stack(cloud: &Cloud) -> Result<()> {
    let delivery = whole(cloud, "unstacked")?;
    let execution = deliver_files(&delivery, &unfinished())?;
    delivery.ends_as(&execution, "Failed")?;
    let (name, reason) = delivery.failed_action(&execution)?;
    ensure!(name == "ExecuteChangeSet" && reason.contains("Function"), "{name} failed: {reason}");
    Ok(())
}

fn refusals(cloud: &Cloud) -> Result<()> {
    let name = "refused";
    let stages = |second| vec![source(name), stage("Second", &[second])];
    let cases = [
        (any("Act", "Deploy", "ECS", json!({})), "Deploy/AWS/ECS/1"),
        (any("Act", "Invoke", "StepFunctions", json!({})), "Invoke/AWS/StepFunctions/1"),
        (any("Act", "Build", "Jenkins", json!({})), "Build/AWS/Jenkins/1"),
        (any("Act", "Compute", "Commands", json!({})), "Compute/AWS/Commands/1"),
    ];
    let delivery = Delivery { cloud, name: name.to_owned() };
    for (action, named) in cases {
        let declaration = delivery.declaration(&stages(action));
        let refused = cloud.aws("codepipeline", "create_pipeline", json!({ "pipeline": declaration }));
        let reason = refused.err().context("a pipeline with an unsupported action was created")?.to_string();
        ensure!(reason.contains(named) && reason.contains("Act"), "{reason}");
    }
    Ok(())
}
