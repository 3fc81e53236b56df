//! What survives, and what does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::shop::{Shop, UP, printed};

/// What is older than this survives the end of every process.
const SAVED_WITHIN: Duration = Duration::from_secs(10);

pub fn kill_everything(shop: &Shop) -> Result<()> {
    let id = shop.create_book("The Left Hand of Darkness")?;
    sleep(SAVED_WITHIN);
    let killed = kill_processes_of(shop.home())?;
    ensure!(killed >= 2, "the service and MiniStack should run, {killed} processes did");

    shop.local(&UP)?;
    let (status, book) = shop.get(&format!("/books/{id}"))?;
    ensure!(status == 200 && book["title"] == "The Left Hand of Darkness", "GET /books/{id} answered {status}: {book}");
    Ok(())
}

/// What an account may hold of the book store, as its lists tell it.
const LISTS: [(&str, &str, &str); 23] = [
    ("apigatewayv2", "get_apis", "Items"),
    ("cloudformation", "describe_stacks", "Stacks"),
    ("cloudfront", "list_distributions", "DistributionList"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("cloudwatch", "list_dashboards", "DashboardEntries"),
    ("codebuild", "list_projects", "projects"),
    ("codebuild", "list_report_groups", "reportGroups"),
    ("codecommit", "list_repositories", "repositories"),
    ("codedeploy", "list_applications", "applications"),
    ("codepipeline", "list_pipelines", "pipelines"),
    ("cognito-idp", "list_user_pools", "UserPools"),
    ("dynamodb", "list_tables", "TableNames"),
    ("events", "list_rules", "Rules"),
    ("iam", "list_policies", "Policies"),
    ("iam", "list_roles", "Roles"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings"),
    ("lambda", "list_functions", "Functions"),
    ("logs", "describe_log_groups", "logGroups"),
    ("s3", "list_buckets", "Buckets"),
    ("ssm", "describe_parameters", "Parameters"),
    ("sns", "list_subscriptions", "Subscriptions"),
    ("sns", "list_topics", "Topics"),
    ("sqs", "list_queues", "QueueUrls"),
];

/// First it keeps what holds data, and names it; then that is gone, too.
pub fn clean_up(shop: &Shop) -> Result<()> {
    // A project's cache goes with it; this one is spared for the next run of this test.
    if shop.home().join("cache").exists() {
        fs::rename(shop.home().join("cache"), spared(shop))?;
    }
    let clean_up = |arguments: &[&str]| -> Result<String> {
        let mut script = shop.with_tools("pipeline/clean-up.sh");
        let output = script.args(arguments).current_dir(shop.checkout()).output()?;
        ensure!(output.status.success(), "clean-up.sh {}: {}", arguments.join(" "), printed(&output));
        Ok(printed(&output))
    };
    let mut script = shop.with_tools("pipeline/clean-up.sh");
    let asked = script.current_dir(shop.checkout()).stdin(Stdio::null()).output()?;
    ensure!(!asked.status.success(), "it was not told yes: {}", printed(&asked));
    ensure!(left(shop, "cloudformation")?.len() >= 5, "without a yes, stacks are gone");

    let said = clean_up(&["--yes"])?;
    let (kept, remedy) = (said.split("Kept, with their data:").nth(1).unwrap_or_default(), "clean-up.sh --data");
    for kind in
        ["table bookstore-production-", "user pool ", "bucket bookstore-staging-covers-", "repository bookstore"]
    {
        ensure!(kept.contains(kind), "it does not say that the {kind} is kept:\n{said}");
    }
    ensure!(kept.contains(remedy), "it does not say how to remove that, too:\n{said}");
    let tables = left(shop, "dynamodb")?;
    ensure!(tables.len() == 2, "the tables of staging and production are kept: {tables:?}");

    clean_up(&["--yes", "--data"])?;
    let left = left(shop, "")?;
    ensure!(left.is_empty(), "left behind: {left:#?}");
    clean_up(&["--yes", "--data"])?;
    Ok(())
}

fn spared(shop: &Shop) -> PathBuf {
    shop.home().with_extension("spared")
}

/// What the lists of a service name, or of all.
fn left(shop: &Shop, service: &str) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for (of, operation, field) in LISTS.iter().filter(|(of, ..)| service.is_empty() || *of == service) {
        let scope = if *operation == "list_policies" { json!({ "Scope": "Local" }) } else { json!({}) };
        let input = if *operation == "list_user_pools" { json!({ "MaxResults": 60 }) } else { scope };
        let answer = shop.aws(of, operation, input)?;
        let entries = if *of == "cloudfront" { &answer[field]["Items"] } else { &answer[field] };
        let entries = entries.as_array().cloned().unwrap_or_default();
        left.extend(entries.iter().map(|entry: &Value| format!("{of}: {entry}")));
    }
    Ok(left)
}

pub fn down_and_destroy(shop: &Shop) -> Result<()> {
    shop.local(&["down"])?;
    shop.local(&["down"])?;
    let said = shop.local(&["status"])?;
    ensure!(said.contains("cargo local up"), "status does not say how to start:\n{said}");

    let state = shop.home().join("state");
    ensure!(state.exists(), "down has removed the state");
    shop.local(&["destroy", "--yes"])?;
    shop.local(&["destroy", "--yes"])?;
    ensure!(!state.exists(), "destroy has left the state");
    ensure!(!shop.git(&["remote"])?.contains("local"), "destroy has left the git remote");
    if spared(shop).exists() {
        fs::create_dir_all(shop.home())?;
        fs::rename(spared(shop), shop.home().join("cache"))?;
    }
    Ok(())
}

/// Kills every process that was started for this home, children of children too, in one blow.
fn kill_processes_of(home: &Path) -> Result<usize> {
    let home = home.to_string_lossy();
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let pid = entry.file_name().to_string_lossy().into_owned();
        // Processes end while they are looked at, and others are not ours to read.
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let is_process = pid.chars().all(|c| c.is_ascii_digit()) && pid != std::process::id().to_string();
        let names_home = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(&*home);
        if is_process && (names_home(&environment) || names_home(&command)) {
            pids.push(pid);
        }
    }
    let status = Command::new("kill").arg("-9").args(&pids).status()?;
    ensure!(status.success(), "kill -9 {} failed", pids.join(" "));
    Ok(pids.len())
}
