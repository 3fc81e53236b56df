//! What a push delivers, and what it leaves alone.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::shop::Shop;

pub fn first_up(shop: &Shop) -> Result<()> {
    let said = shop.local(&["up"])?;
    let api = shop.api_url()?;
    ensure!(said.contains(&api) && said.contains("curl "), "up does not end with the API's URL:\n{said}");

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
    let before = executions(shop)?;
    shop.local(&["up"])?;
    ensure!(executions(shop)? == before, "a second up started an execution");
    Ok(())
}

pub fn api(shop: &Shop) -> Result<()> {
    shop.test_api().map(drop)
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
    shop.deliver()?;

    let (_, problem) = shop.get("/books/01890000-0000-7000-8000-000000000000")?;
    ensure!(problem.to_string().contains("no book of this id"), "the change is not live: {problem}");
    for (function, before) in functions.into_iter().zip(before) {
        let changed = shop.code_hash(function)? != before?;
        ensure!(changed == (function == "GetBook"), "{function}: changed is {changed}");
    }
    Ok(())
}

pub fn text_only(shop: &Shop) -> Result<()> {
    shop.edit("README.md", "# ", "# The ")?;
    shop.commit("Better words")?;
    let execution = shop.deliver()?;
    let summary = change_set_summary(shop, &execution)?;
    ensure!(summary.contains("no changes"), "the change set of a text: {summary}");
    Ok(())
}

/// Two pushes in quick succession, and then the older commit once more.
pub fn pushes_in_order(shop: &Shop) -> Result<()> {
    shop.edit("README.md", "# The ", "# This ")?;
    let older = shop.commit("One")?;
    let first = shop.push()?;
    shop.edit("README.md", "# This ", "# That ")?;
    shop.commit("Two")?;
    let second = shop.push()?;
    for execution in [&first, &second] {
        let (succeeded, shown) = shop.watch(execution)?;
        ensure!(succeeded, "the execution {execution} failed:\n{shown}");
    }
    let ended = |id: &str| -> Result<String> {
        let actions = actions(shop, id)?;
        Ok(actions.iter().map(|action| action["lastUpdateTime"].to_string()).max().unwrap_or_default())
    };
    ensure!(ended(&first)? < ended(&second)?, "the second push overtook the first");

    shop.git(&["reset", "--quiet", "--hard", &older])?;
    let again = shop.push_forced()?;
    ensure!(again != first, "the push of a known commit names an execution that is long over");
    let (succeeded, shown) = shop.watch(&again)?;
    ensure!(succeeded, "the execution {again} failed:\n{shown}");
    Ok(())
}

/// An abandoned execution has ended at once and for good, and the next one is not held up.
pub fn stop(shop: &Shop) -> Result<()> {
    let pipeline = "bookstore-backend";
    for _ in 0..5 {
        let started = shop.aws("codepipeline", "start_pipeline_execution", json!({ "name": pipeline }))?;
        let execution = json!({ "pipelineName": pipeline, "pipelineExecutionId": started["pipelineExecutionId"] });
        let mut stop = execution.clone();
        stop["abandon"] = json!(true);
        shop.aws("codepipeline", "stop_pipeline_execution", stop)?;
        let state = shop.aws("codepipeline", "get_pipeline_execution", execution)?;
        ensure!(state["pipelineExecution"]["status"] == "Stopped", "an abandoned execution: {state}");
    }
    let started = shop.aws("codepipeline", "start_pipeline_execution", json!({ "name": pipeline }))?;
    let (succeeded, shown) = shop.watch(started["pipelineExecutionId"].as_str().unwrap_or_default())?;
    ensure!(succeeded, "the execution after stopped ones failed:\n{shown}");
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
    let state = shop.aws("codepipeline", "get_pipeline_state", json!({ "name": "bookstore-backend" }))?;
    let newest =
        |stage: usize| state["stageStates"][stage]["latestExecution"]["pipelineExecutionId"] == execution.as_str();
    ensure!(newest(1) && !newest(2), "the execution did not end at Build: {state}");

    let (_, problem) = shop.get("/books/01890000-0000-7000-8000-000000000000")?;
    ensure!(problem.to_string().contains("no book of this id"), "the old version does not serve: {problem}");
    shop.git(&["revert", "--no-edit", "HEAD"])?;
    shop.deliver()?;
    Ok(())
}

fn executions(shop: &Shop) -> Result<usize> {
    let list = shop.aws("codepipeline", "list_pipeline_executions", json!({ "pipelineName": "bookstore-backend" }))?;
    Ok(list["pipelineExecutionSummaries"].as_array().map_or(0, Vec::len))
}

fn change_set_summary(shop: &Shop, execution: &str) -> Result<String> {
    let actions = actions(shop, execution)?;
    let deploy = actions.iter().find(|action| action["input"]["configuration"]["ActionMode"] == "CHANGE_SET_REPLACE");
    let summary = deploy.map(|action| &action["output"]["executionResult"]["externalExecutionSummary"]);
    Ok(summary.and_then(|summary| summary.as_str()).unwrap_or_default().to_owned())
}

fn actions(shop: &Shop, execution: &str) -> Result<Vec<Value>> {
    let filter = json!({ "pipelineName": "bookstore-backend", "filter": { "pipelineExecutionId": execution } });
    let list = shop.aws("codepipeline", "list_action_executions", filter)?;
    Ok(list["actionExecutionDetails"].as_array().cloned().unwrap_or_default())
}
