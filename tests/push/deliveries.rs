//! What a push delivers, and what it leaves alone.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::shop::{PIPELINE, Shop, UP, agent};

pub fn first_up(shop: &Shop) -> Result<()> {
    let said = shop.local(&UP)?;
    let (api, site) = (shop.api_url()?, shop.stack_output("bookstore-website-staging", "SiteUrl")?);
    ensure!(said.contains(&api) && said.contains("curl "), "up does not end with the API's URL:\n{said}");
    ensure!(
        said.rfind(&site) < said.rfind(&api) && said.contains(&site),
        "up does not end with the site's URL:\n{said}"
    );

    let id = shop.create_book("The Dispossessed")?;
    let (status, book) = shop.get(&format!("/books/{id}"))?;
    ensure!(status == 200 && book["title"] == "The Dispossessed", "GET /books/{id} answered {status}: {book}");
    let (status, page) = shop.get("/books")?;
    ensure!(status == 200 && page.to_string().contains(&id), "GET /books answered {status}: {page}");

    let (status, problem) = shop.get("/books/no-such-book")?;
    ensure!((400..=404).contains(&status) && problem["status"] == status, "an error is no problem document: {problem}");
    Ok(())
}

pub fn second_up(shop: &Shop) -> Result<()> {
    let before = executions(shop)?.len();
    shop.local(&UP)?;
    ensure!(executions(shop)?.len() == before, "a second up started an execution");
    Ok(())
}

/// What the suite asks of the account, which no test role may; the rest of it the pipeline has run.
pub fn rights(shop: &Shop) -> Result<()> {
    shop.test_rights().map(drop)
}

pub fn seed(shop: &Shop) -> Result<()> {
    let books = |shop: &Shop| -> Result<usize> {
        let (_, categories) = shop.get("/categories?limit=100")?;
        let counts = categories["items"].as_array().into_iter().flatten();
        Ok(counts.filter_map(|category| category["books"].as_u64()).sum::<u64>() as usize)
    };
    let before = books(shop)?;
    shop.local(&["seed", "--books", "12"])?;
    ensure!(books(shop)? == before + 12, "12 books were to be added to {before}: there are {}", books(shop)?);
    shop.local(&["seed", "--books", "12"])?;
    ensure!(books(shop)? == before + 12, "a second seed has added books: there are {}", books(shop)?);
    Ok(())
}

/// What whoever approves is told: by the topic, by the action, by the change set.
pub fn review(shop: &Shop) -> Result<()> {
    let execution = newest(shop)?;
    let approve = action(shop, &execution, "Approve")?;
    let told = &approve["input"]["resolvedConfiguration"];
    let data = told["CustomData"].as_str().unwrap_or_default();
    ensure!(data.contains("to add") && data.contains(&shop.git(&["rev-parse", "HEAD"])?), "CustomData: {data}");
    let link = told["ExternalEntityLink"].as_str().unwrap_or_default();
    ensure!(link == format!("{}/books", shop.api_url()?), "the link: {link}");
    let shown = shop.local(&["status"])?;
    ensure!(shown.contains("cargo local approve"), "status does not say what to do:\n{shown}");
    let production = shop.stack_output("bookstore-production", "ApiUrl");
    ensure!(production.is_err(), "production is deployed before the approval");
    Ok(())
}

/// Every stage has done what it is for, and says so.
pub fn to_production(shop: &Shop) -> Result<()> {
    let execution = newest(shop)?;
    shop.local(&["approve", &execution, "--summary", "Looked at it"])?;
    let (succeeded, shown) = shop.watch(&execution)?;
    ensure!(succeeded, "the execution {execution} failed:\n{shown}");

    let actions = shop.actions(&execution)?;
    let names =
        actions.iter().rev().map(|action| format!("{}/{}", text(&action["stageName"]), text(&action["actionName"])));
    let mut names = names.collect::<Vec<_>>();
    // Two of them run side by side.
    names[4..6].sort();
    let expected = "Source/Source Build/Build Staging/CreateChangeSet Staging/ExecuteChangeSet Staging/Acceptance \
                    Staging/Integration Staging/Load Approval/WaitForProduction Approval/ReviewChangeSet Approval/Summarize Approval/Approve \
                    Production/CreateChangeSet Production/ExecuteChangeSet Production/Smoke";
    ensure!(names.join(" ") == expected, "the actions: {names:?}");
    for (name, kinds) in [
        ("Build", &["TEST", "CODE_COVERAGE"][..]),
        ("Integration", &["TEST"]),
        ("Acceptance", &["TEST"]),
        ("Load", &["TEST"]),
        ("Smoke", &["TEST"]),
    ] {
        let build = action(shop, &execution, name)?["output"]["executionResult"]["externalExecutionId"].clone();
        let builds = shop.aws("codebuild", "batch_get_builds", json!({ "ids": [build] }))?;
        let reports = json!({ "reportArns": builds["builds"][0]["reportArns"] });
        let reports = shop.aws("codebuild", "batch_get_reports", reports)?;
        let reports = reports["reports"].as_array().cloned().unwrap_or_default();
        for kind in kinds {
            let report = reports.iter().find(|report| report["type"] == *kind);
            let whole = report.is_some_and(|report| {
                report["testSummary"]["total"].as_u64() > Some(0)
                    || report["codeCoverageSummary"]["linesCovered"].as_u64() > Some(0)
            });
            ensure!(whole, "{name} has no {kind} report: {reports:?}");
        }
    }
    let api = shop.stack_output("bookstore-production", "ApiUrl")?;
    let status = agent().get(format!("{api}/books")).call()?.status().as_u16();
    ensure!(status == 200, "GET /books of production answered {status}");

    for stack in ["bookstore-pipeline", "bookstore-staging", "bookstore-production"] {
        let stacks = shop.aws("cloudformation", "describe_stacks", json!({ "StackName": stack }))?;
        ensure!(stacks["Stacks"][0]["EnableTerminationProtection"] == true, "{stack} is not protected: {stacks}");
    }
    Ok(())
}

pub fn change(shop: &Shop) -> Result<()> {
    let functions = ["CreateBook", "GetBook", "ListBooks"];
    let before = functions.map(|function| shop.code_hash(function));
    shop.edit(
        "functions/get-book/src/main.rs",
        "    let book = table.book(id).await?.ok_or_else(Problem::not_found)?.public(covers);",
        "    let missing = || Problem::new(lambda_http::http::StatusCode::NOT_FOUND, \"no book of this id\");\n    \
             let book = table.book(id).await?.ok_or_else(missing)?.public(covers);",
    )?;
    shop.commit("Say it otherwise")?;
    let execution = shop.deliver()?;

    let (_, problem) = shop.get("/books/01890000-0000-7000-8000-000000000000")?;
    ensure!(problem.to_string().contains("no book of this id"), "the change is not live: {problem}");
    for (function, before) in functions.into_iter().zip(before) {
        let changed = shop.code_hash(function)? != before?;
        ensure!(changed == (function == "GetBook"), "{function}: changed is {changed}");
    }
    let api = shop.stack_output("bookstore-production", "ApiUrl")?;
    let mut answer = agent().get(format!("{api}/books/01890000-0000-7000-8000-000000000000")).call()?;
    let problem: Value = answer.body_mut().read_json()?;
    ensure!(problem.to_string().contains("no book of this id"), "the change is not live in production: {problem}");
    // By CodeDeploy, and of the one alias that has a new version.
    let deployments = shop.aws("codedeploy", "list_deployments", json!({}))?;
    let deployments = deployments["deployments"].as_array().cloned().unwrap_or_default();
    ensure!(deployments.len() == 1, "the deployments of {execution}: {deployments:?}");
    let info = shop.aws("codedeploy", "get_deployment", json!({ "deploymentId": deployments[0] }))?;
    ensure!(info["deploymentInfo"]["status"] == "Succeeded", "{info}");
    Ok(())
}

pub fn broken_test(shop: &Shop) -> Result<()> {
    let file = "functions/bookstore/src/lib.rs";
    let source = std::fs::read_to_string(shop.checkout().join(file))?;
    let test = "\n#[test]\nfn a_test_that_fails() {\n    assert_eq!(1 + 1, 3);\n}\n";
    std::fs::write(shop.checkout().join(file), source + test)?;
    shop.commit("Break a test")?;
    let execution = shop.push()?;
    let (succeeded, shown) = shop.watch(&execution)?;
    ensure!(!succeeded, "a failing test was delivered:\n{shown}");
    ensure!(shown.contains("a_test_that_fails"), "the failing test is not named:\n{shown}");
    let actions = shop.actions(&execution)?;
    ensure!(actions.len() == 2, "the execution did not end at Build: {actions:?}");
    let (_, problem) = shop.get("/books/01890000-0000-7000-8000-000000000000")?;
    ensure!(problem.to_string().contains("no book of this id"), "the old version does not serve: {problem}");
    shop.git(&["revert", "--no-edit", "HEAD"])?;
    Ok(())
}

/// A store that fails too many of its visitors is not promoted: its table does not answer, by a fault that is put in.
pub fn breach(shop: &Shop) -> Result<()> {
    let before = newest(shop)?;
    shop.edit("README.md", "# ", "# The ")?;
    shop.commit("Better words")?;
    let execution = shop.push()?;
    // Not before the load: the other suites would feel it. The first calls are the load's own look at the catalogue.
    shop.wait_for_action(&execution, "Load")?;
    let fault = json!([{ "service": "dynamodb", "operation": "Query", "fault": "timeout", "after": 5, "times": 1000,
                         "seconds": 3, "caller": "*:assumed-role/bookstore-staging-*" }]);
    let url = format!("{}/_local/faults", shop.endpoint());
    ensure!(agent().post(&url).send_json(&fault)?.status() == 200, "the fault was refused");
    let (succeeded, shown) = shop.watch(&execution)?;
    agent().delete(&url).call()?;
    ensure!(!succeeded && shown.contains("of the requests failed"), "the limit is not named:\n{shown}");
    let summary =
        action(shop, &execution, "CreateChangeSet")?["output"]["executionResult"]["externalExecutionSummary"].clone();
    ensure!(summary.to_string().contains("no changes"), "the change set of a text: {summary}");
    let actions = shop.actions(&execution)?;
    ensure!(actions.iter().all(|action| action["stageName"] != "Approval"), "it was promoted: {actions:?}");

    // Its cause is gone, so the stage goes on, with the same artifacts. It waits behind what came before it, and is
    // reviewed once that is in production.
    shop.local(&["retry"])?;
    shop.wait_until_it_waits(&execution)?;
    shop.local(&["approve", &before])?;
    shop.wait_for_approval(&execution)?;
    // And a person may still say no.
    shop.local(&["reject", "--summary", "Not these words"])?;
    let (succeeded, shown) = shop.watch(&execution)?;
    ensure!(!succeeded && shown.contains("Not these words"), "it was rejected:\n{shown}");
    let actions = shop.actions(&execution)?;
    ensure!(actions.iter().all(|action| action["stageName"] != "Production"), "it went to production: {actions:?}");
    Ok(())
}

/// A person takes production back to what was there before.
pub fn roll_back(shop: &Shop) -> Result<()> {
    shop.local(&["rollback"])?;
    let (succeeded, shown) = shop.watch(&newest(shop)?)?;
    ensure!(succeeded, "the rollback failed:\n{shown}");
    let (newest, earlier) =
        executions(shop)?.split_first().map(|(first, rest)| (first.clone(), rest.to_vec())).context("none")?;
    ensure!(newest["executionType"] == "ROLLBACK", "{newest}");
    let target = &newest["rollbackMetadata"]["rollbackTargetPipelineExecutionId"];
    let mut succeeded = earlier.iter().filter(|one| one["status"] == "Succeeded" && one["executionType"] != "ROLLBACK");
    let before = succeeded.nth(1).context("two executions have reached production")?;
    ensure!(before["pipelineExecutionId"] == *target, "back to {target}, not to {before}");
    Ok(())
}

/// Continuous deployment: one parameter takes the approval away.
pub fn continuous(shop: &Shop) -> Result<()> {
    // HEAD was rejected before it was delivered, so this delivers it.
    shop.local(&["up", "--empty", "--continuous"])?;
    let state = shop.aws("codepipeline", "get_pipeline_state", json!({ "name": PIPELINE }))?;
    let stages = state["stageStates"].as_array().into_iter().flatten().map(|stage| text(&stage["stageName"]));
    let stages = stages.collect::<Vec<_>>();
    ensure!(stages == ["Source", "Build", "Staging", "Production"], "the stages: {stages:?}");
    let delivered = &executions(shop)?[0];
    let head = shop.git(&["rev-parse", "HEAD"])?;
    ensure!(
        delivered["status"] == "Succeeded" && delivered["sourceRevisions"][0]["revisionId"] == head.as_str(),
        "{delivered}"
    );
    action(shop, &text(&delivered["pipelineExecutionId"]), "Smoke")?;
    Ok(())
}

fn executions(shop: &Shop) -> Result<Vec<Value>> {
    let list = shop.aws("codepipeline", "list_pipeline_executions", json!({ "pipelineName": PIPELINE }))?;
    Ok(list["pipelineExecutionSummaries"].as_array().cloned().unwrap_or_default())
}

fn newest(shop: &Shop) -> Result<String> {
    executions(shop)?.first().map(|execution| text(&execution["pipelineExecutionId"])).context("no execution")
}

fn action(shop: &Shop, execution: &str, name: &str) -> Result<Value> {
    let actions = shop.actions(execution)?;
    actions.into_iter().rev().find(|action| action["actionName"] == name).with_context(|| format!("no action {name}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
