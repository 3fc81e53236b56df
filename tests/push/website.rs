//! A push of the website alone, seen as a browser sees it.

use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use crate::shop::{Shop, printed};

const STAGING: &str = "bookstore-website-staging";
const PRODUCTION: &str = "bookstore-website-production";

/// Longer than it ever takes, beside everything else that this machine may do.
const PATIENCE: Duration = Duration::from_secs(180);

/// What waits since the first `up` goes to production, where the back end is by now.
pub fn to_production(shop: &Shop) -> Result<()> {
    shop.local(&["approve", "--website"])?;
    let shown = shop.local(&["watch", "--website"])?;
    let list = shop.aws("codepipeline", "list_pipeline_executions", json!({ "pipelineName": "bookstore-website" }))?;
    ensure!(list["pipelineExecutionSummaries"][0]["status"] == "Succeeded", "{list}\n{shown}");
    ensure!(page(shop, PRODUCTION)?.contains("<title>"), "production has no page");
    Ok(())
}

pub fn push_and_back(shop: &Shop) -> Result<()> {
    let before = page(shop, STAGING)?;
    let (back_end, website) = (executions(shop, "bookstore-backend")?, executions(shop, "bookstore-website")?);
    shop.edit("frontend/index.html", "<title>", "<title>Newly opened: ")?;
    shop.commit("A title")?;
    let begun = Instant::now();
    run(shop, "pipeline/push-website.sh", &["local-website"])?;
    while !page(shop, STAGING)?.contains("<title>Newly opened: ") {
        ensure!(begun.elapsed() < PATIENCE, "the site does not show what was pushed");
        sleep(Duration::from_millis(500));
    }
    println!("{:.0} s from the push of the website until it is served", begun.elapsed().as_secs_f64());
    ensure!(
        executions(shop, "bookstore-backend")? == back_end,
        "a push of the website started the back end's pipeline"
    );
    // The journeys in the browser were watched with the first `up`.
    let stopped = shop.local(&["stop", "--website", "--abandon", "--reason", "Seen"])?;
    if let Some(build) = stopped.split("--id ").nth(1).and_then(|rest| rest.split_whitespace().next()) {
        shop.aws("codebuild", "stop_build", json!({ "id": build }))?;
    }
    ensure!(executions(shop, "bookstore-website")? > website, "the website's pipeline was not started");

    let begun = Instant::now();
    run(shop, "frontend/delivery/roll-back.sh", &[STAGING])?;
    ensure!(page(shop, STAGING)? == before, "the release before is not back");
    println!("{:.0} s back to the release before", begun.elapsed().as_secs_f64());
    Ok(())
}

/// The first page. Browsers and curl find the host of a distribution, the C library does not.
fn page(shop: &Shop, stack: &str) -> Result<String> {
    let url = shop.stack_output(stack, "SiteUrl")?;
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut answer = crate::shop::agent().get(format!("{}/", shop.endpoint())).header("Host", host).call()?;
    ensure!(answer.status() == 200, "{url} answered {}", answer.status());
    Ok(answer.body_mut().read_to_string()?)
}

fn executions(shop: &Shop, pipeline: &str) -> Result<usize> {
    let list = shop.aws("codepipeline", "list_pipeline_executions", json!({ "pipelineName": pipeline }))?;
    list["pipelineExecutionSummaries"].as_array().map(Vec::len).context("no list of executions")
}

fn run(shop: &Shop, script: &str, arguments: &[&str]) -> Result<()> {
    let mut command: Command = shop.with_tools(script);
    let output = command.args(arguments).current_dir(shop.checkout()).output()?;
    if !output.status.success() {
        bail!("{script} ended with {}:\n{}", output.status, printed(&output));
    }
    Ok(())
}
