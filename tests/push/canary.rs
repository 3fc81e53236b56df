//! A version that staging cannot tell from a good one, and that fails where it matters.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::shop::{PIPELINE, Shop, agent};

/// Visitors of production meanwhile; one waits so long after each answer.
const VISITORS: usize = 4;
const BETWEEN_VISITS: Duration = Duration::from_millis(50);

/// The share of the requests that a canary gets.
const CANARY: usize = 10;

pub fn rolled_back_by_its_alarm(shop: &Shop) -> Result<()> {
    let good = last_of(shop, "Succeeded")?;
    shop.edit(
        "functions/get-book/src/main.rs",
        "    let id = http::path(&request, \"id\")?;",
        "    if std::env::var(\"ENVIRONMENT\").as_deref() == Ok(\"production\") {\n        \
             return Err(Problem::new(lambda_http::http::StatusCode::INTERNAL_SERVER_ERROR, \"broken on purpose\"));\n    \
             }\n    \
             let id = http::path(&request, \"id\")?;",
    )?;
    shop.commit("Fail in production")?;
    let execution = shop.deliver_to_staging()?;

    let url =
        format!("{}/books/01890000-0000-7000-8000-000000000000", shop.stack_output("bookstore-production", "ApiUrl")?);
    let over = AtomicBool::new(false);
    let (watched, visits) = thread::scope(|scope| {
        let visitors = [(); VISITORS].map(|()| scope.spawn(|| visit(&url, &over)));
        let watched = shop.local(&["approve", &execution]).and_then(|_| shop.watch(&execution));
        over.store(true, Ordering::Relaxed);
        (watched, visitors.map(|visitor| visitor.join()))
    });
    let (succeeded, shown) = watched?;
    ensure!(!succeeded, "a version that fails was delivered:\n{shown}");

    let mut answers = Vec::new();
    for visitor in visits {
        answers.extend(visitor.map_err(|_| anyhow::anyhow!("a visitor panicked"))??);
    }
    answers.sort();
    let failed = answers.iter().enumerate().filter(|(_, (_, status))| *status >= 500).map(|(at, _)| at);
    let failed = failed.collect::<Vec<_>>();
    let (first, last) = failed.first().zip(failed.last()).context("no request reached the canary")?;
    let during = last - first + 1;
    println!("{} of {during} requests failed during the canary, of {} in all", failed.len(), answers.len());
    // Two more: several ask at the same time, and the traffic may be split in another order.
    ensure!(failed.len() <= during / CANARY + 2, "{} of {during} requests failed", failed.len());
    ensure!(answers.iter().all(|(_, status)| *status == 404 || *status >= 500), "other answers: {answers:?}");

    let deployments = shop.aws("codedeploy", "list_deployments", json!({}))?;
    let deployments =
        shop.aws("codedeploy", "batch_get_deployments", json!({ "deploymentIds": deployments["deployments"] }))?;
    ensure!(deployments.to_string().contains("ALARM_ACTIVE"), "no alarm has stopped it: {deployments}");

    // The stage, too, goes back to what was there before.
    let rollback = newest(shop)?;
    ensure!(rollback["executionType"] == "ROLLBACK", "no rollback of the stage: {rollback}");
    let id = rollback["pipelineExecutionId"].as_str().context("an execution without id")?;
    let (succeeded, shown) = shop.watch(id)?;
    ensure!(succeeded, "the rollback failed:\n{shown}");
    let target = &newest(shop)?["rollbackMetadata"]["rollbackTargetPipelineExecutionId"];
    ensure!(*target == good.as_str(), "rolled back to {target} instead of {good}");
    for _ in 0..2 * CANARY {
        let status = agent().get(&url).call()?.status().as_u16();
        ensure!(status == 404, "after the rollback, production answers {status}");
    }
    shop.git(&["revert", "--no-edit", "HEAD"])?;
    Ok(())
}

/// Which status was the answer to what was asked when, until it is over.
fn visit(url: &str, over: &AtomicBool) -> Result<Vec<(Instant, u16)>> {
    let agent = agent();
    let mut answers = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let asked = Instant::now();
        answers.push((asked, agent.get(url).call()?.status().as_u16()));
        thread::sleep(BETWEEN_VISITS);
    }
    Ok(answers)
}

fn newest(shop: &Shop) -> Result<serde_json::Value> {
    let list = shop.aws("codepipeline", "list_pipeline_executions", json!({ "pipelineName": PIPELINE }))?;
    list["pipelineExecutionSummaries"].get(0).cloned().context("no execution")
}

fn last_of(shop: &Shop, status: &str) -> Result<String> {
    let list = shop.aws("codepipeline", "list_pipeline_executions", json!({ "pipelineName": PIPELINE }))?;
    let list = list["pipelineExecutionSummaries"].as_array().cloned().unwrap_or_default();
    let found = list.iter().find(|execution| execution["status"] == status);
    let id = found.and_then(|execution| execution["pipelineExecutionId"].as_str());
    id.map(str::to_owned).with_context(|| format!("no execution has {status}"))
}
