//! The one endpoint, as clients of all kinds see it.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::shop::{Shop, agent, printed};

/// This test's own Rust client has resolved it before; Python and curl have resolvers of their own.
pub fn resolve_url(shop: &Shop) -> Result<()> {
    let url = format!("{}/books", shop.api_url()?);
    let script = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())";
    let python = shop.python().args(["-c", script, &url]).output()?;
    ensure!(printed(&python).contains("The Dispossessed"), "Python: {}", printed(&python));
    let curl = Command::new("curl").args(["--silent", "--show-error", "--fail", &url]).output();
    // git comes with libcurl, but curl itself is no prerequisite.
    if let Ok(curl) = curl {
        ensure!(printed(&curl).contains("The Dispossessed"), "curl: {}", printed(&curl));
    }
    Ok(())
}

pub fn aws_shapes(shop: &Shop) -> Result<()> {
    let name = "bookstore-backend";
    let state = shop.aws("codepipeline", "get_pipeline_state", json!({ "name": name }))?;
    let stages = names(&state["stageStates"], "stageName");
    ensure!(stages[..2] == ["Source", "Build"], "stages: {stages:?}");
    ensure!(state["stageStates"][0]["latestExecution"]["status"] == "Succeeded", "{state}");

    let executions = shop.aws("codepipeline", "list_pipeline_executions", json!({ "pipelineName": name }))?;
    let executions = executions["pipelineExecutionSummaries"].as_array().cloned().context("no executions")?;
    let triggers = executions.iter().map(|one| one["trigger"]["triggerType"].as_str()).collect::<Vec<_>>();
    ensure!(triggers == [Some("CloudWatchEvent"), Some("CreatePipeline")], "triggers: {triggers:?}");
    ensure!(executions[1]["status"] == "Failed", "on the empty repository: {}", executions[1]);
    let head = shop.git(&["rev-parse", "HEAD"])?;
    ensure!(executions[0]["sourceRevisions"][0]["revisionId"] == head.as_str(), "{}", executions[0]);

    let actions = shop.aws("codepipeline", "list_action_executions", json!({ "pipelineName": name }))?;
    let actions = actions["actionExecutionDetails"].as_array().cloned().context("no actions")?;
    let build = actions.iter().find(|action| action["actionName"] == "Build");
    let build = build.context("no CodeBuild action")?["output"]["executionResult"]["externalExecutionId"].clone();
    let builds = shop.aws("codebuild", "batch_get_builds", json!({ "ids": [build] }))?;
    let build = &builds["builds"][0];
    ensure!(build["buildStatus"] == "SUCCEEDED" && build["buildComplete"] == true, "{build}");
    ensure!(build["resolvedSourceVersion"] == head.as_str(), "{build}");
    let reports = shop.aws("codebuild", "batch_get_reports", json!({ "reportArns": build["reportArns"] }))?;
    let mut reports = reports["reports"].as_array().cloned().unwrap_or_default().into_iter();
    let tests = reports.find(|report| report["type"] == "TEST").context("no report of tests")?;
    let counts = &tests["testSummary"];
    ensure!(counts["total"].as_u64() > Some(0) && counts["statusCounts"]["FAILED"] == 0, "{tests}");

    let repository = shop.aws("codecommit", "get_repository", json!({ "repositoryName": "bookstore" }))?;
    let repository = &repository["repositoryMetadata"];
    ensure!(repository["defaultBranch"] == "main" && repository["Arn"].is_string(), "{repository}");
    let branch = json!({ "repositoryName": "bookstore", "branchName": "main" });
    let branch = shop.aws("codecommit", "get_branch", branch)?;
    ensure!(branch["branch"]["commitId"] == head.as_str(), "{branch}");

    let stacks = shop.aws("cloudformation", "describe_stacks", json!({}))?;
    let mut stacks = names(&stacks["Stacks"], "StackName");
    stacks.sort();
    let mut expected = ["bookstore", "bookstore-website"]
        .map(|of| {
            ["environment-production", "environment-staging", "pipeline", "production", "staging"]
                .map(|what| format!("{of}-{what}"))
        })
        .concat();
    expected.sort();
    ensure!(stacks == expected, "stacks: {stacks:?}");
    Ok(())
}

/// Every block of the page, as somebody would paste them one after the other.
pub fn walkthrough(shop: &Shop) -> Result<()> {
    let page = std::fs::read_to_string(shop.checkout().join("docs/walkthrough.md"))?;
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let script = ["set -euo pipefail"].into_iter().chain(blocks).collect::<Vec<_>>().join("\n");
    let folder = tempfile::tempdir()?;
    let output = shop.with_tools("bash").arg("-c").arg(script).current_dir(folder.path()).output()?;
    ensure!(output.status.success(), "the walkthrough stopped with {}:\n{}", output.status, printed(&output));
    ensure!(printed(&output).contains("only 23 copies are left"), "the last order: {}", printed(&output));
    Ok(())
}

pub fn git_clone(shop: &Shop) -> Result<()> {
    let url = shop.stack_output("bookstore-pipeline", "CloneUrlHttp")?;
    let folder = tempfile::tempdir()?;
    shop.git_in(folder.path(), &["clone", "--quiet", &url, "clone"])?;
    let cloned = shop.git_in(&folder.path().join("clone"), &["rev-parse", "HEAD"])?;
    ensure!(cloned == shop.git(&["rev-parse", "HEAD"])?, "the clone is at {cloned}");
    Ok(())
}

/// A push runs code, so a page in the user's browser must not reach any of it.
pub fn strangers(shop: &Shop) -> Result<()> {
    let url = format!("{}/v1/repos/bookstore/info/refs?service=git-upload-pack", shop.endpoint());
    for (header, value) in [("Host", "example.com"), ("Origin", "https://example.com"), ("Origin", "null")] {
        let status = agent().get(&url).header(header, value).call()?.status().as_u16();
        ensure!(status == 403, "{header}: {value} was answered with {status}");
    }
    let status = agent().get(&url).call()?.status().as_u16();
    ensure!(status == 200, "git's own request was answered with {status}");
    Ok(())
}

fn names(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.map(|one| one[key].as_str().unwrap_or_default().to_owned()).collect()
}
