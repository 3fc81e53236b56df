//! A permission that a role lacks fails the action that needs it, as on AWS.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::shop::Shop;

const PIPELINE: &str = "bookstore-backend";

pub fn missing(shop: &Shop) -> Result<()> {
    for (role, permission, action) in [
        ("PipelineRole", "codecommit:GetCommit", "Source"),
        ("PipelineRole", "codebuild:StartBuild", "Build"),
        ("BuildRole", "s3:GetObject", "Build"),
        ("PipelineRole", "cloudformation:CreateChangeSet", "CreateChangeSet"),
        ("PipelineRole", "iam:PassRole", "CreateChangeSet"),
    ] {
        let resource = json!({ "StackName": "bookstore-pipeline", "LogicalResourceId": role });
        let resource = shop.aws("cloudformation", "describe_stack_resource", resource)?;
        let role = resource["StackResourceDetail"]["PhysicalResourceId"].as_str().context("the role has no name")?;
        let policies = shop.aws("iam", "list_role_policies", json!({ "RoleName": role }))?;
        let policy = policies["PolicyNames"][0].as_str().context("the role has no policy")?;
        let policy = json!({ "RoleName": role, "PolicyName": policy });
        let document = shop.aws("iam", "get_role_policy", policy.clone())?["PolicyDocument"].clone();
        let put = |document: &Value| {
            let mut input = policy.clone();
            input["PolicyDocument"] = Value::String(document.to_string());
            shop.aws("iam", "put_role_policy", input)
        };

        put(&without(document.clone(), permission)?)?;
        let failed = failed_action(shop);
        put(&document)?;
        let (name, reason) = failed.with_context(|| format!("without {permission}"))?;
        ensure!(name == action && reason.contains(permission), "without {permission}, {name} failed: {reason}");
    }
    Ok(())
}

fn without(mut document: Value, permission: &str) -> Result<Value> {
    let mut found = false;
    for statement in document["Statement"].as_array_mut().into_iter().flatten() {
        // One action stands for itself, several in a list. A statement of none is no statement: name what nobody asks for.
        let actions = match statement["Action"].take() {
            Value::Array(actions) => actions,
            action => vec![action],
        };
        let count = actions.len();
        let mut kept = actions.into_iter().filter(|action| action != permission).collect::<Vec<_>>();
        found |= kept.len() < count;
        if kept.is_empty() {
            kept.push(json!("codecommit:GetBlob"));
        }
        statement["Action"] = Value::Array(kept);
    }
    ensure!(found, "no statement allows {permission}: bring this test up to date");
    Ok(document)
}

/// Starts the pipeline on what is pushed and gives the action that fails, and why.
fn failed_action(shop: &Shop) -> Result<(String, String)> {
    let started = shop.aws("codepipeline", "start_pipeline_execution", json!({ "name": PIPELINE }))?;
    let execution = started["pipelineExecutionId"].as_str().context("no execution has started")?;
    let (succeeded, shown) = shop.watch(execution)?;
    ensure!(!succeeded, "the execution succeeded:\n{shown}");
    let filter = json!({ "pipelineName": PIPELINE, "filter": { "pipelineExecutionId": execution } });
    let list = shop.aws("codepipeline", "list_action_executions", filter)?;
    let details = list["actionExecutionDetails"].as_array().into_iter().flatten();
    let failed = details.filter(|detail| detail["status"] == "Failed").collect::<Vec<_>>();
    let [failed] = failed[..] else { anyhow::bail!("{} actions failed: {list}", failed.len()) };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok((text(&failed["actionName"]), text(&failed["output"]["executionResult"]["errorDetails"]["message"])))
}
