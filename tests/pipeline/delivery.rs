//! A pipeline of a test, its repository, and what becomes of its executions.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::cloud::{Cloud, eventually};

const BASE: &str = include_str!("base.yaml");

pub struct Delivery<'a> {
    pub cloud: &'a Cloud,
    pub name: String,
}

/// How an action of an execution stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionOutcome {
    pub status: String,
    pub message: String,
}

impl<'a> Delivery<'a> {
    /// Makes repository, buckets, roles and build project; the pipeline is made of the stages.
    pub fn new(cloud: &'a Cloud, name: &str, stages: &[Value]) -> Result<Self> {
        let delivery = Self { cloud, name: name.to_owned() };
        cloud.deploy(&format!("{name}-base"), BASE, &[("Name", name)])?;
        delivery.git(&["init", "--quiet", "--initial-branch=main"])?;
        cloud.aws("codepipeline", "create_pipeline", json!({ "pipeline": delivery.declaration(stages) }))?;
        // AWS starts a new pipeline at once, and it finds the repository empty.
        delivery.execution_ended(&delivery.newest()?)?;
        Ok(delivery)
    }

    pub fn declaration(&self, stages: &[Value]) -> Value {
        let name = &self.name;
        json!({
            "name": name,
            "roleArn": self.role("pipeline"),
            "pipelineType": "V2",
            "executionMode": "QUEUED",
            "artifactStore": { "type": "S3", "location": format!("{name}-artifacts") },
            "stages": stages,
        })
    }

    pub fn role(&self, kind: &str) -> String {
        format!("arn:aws:iam::000000000000:role/{}-{kind}", self.name)
    }

    pub fn folder(&self) -> PathBuf {
        self.cloud.scratch().join(&self.name)
    }

    /// Writes files, commits them and pushes; gives the commit's id.
    pub fn push(&self, files: &[(&str, &str)]) -> Result<String> {
        for (file, content) in files {
            let path = self.folder().join(file);
            fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
            fs::write(path, content)?;
        }
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "A change"])?;
        let url = self.cloud.aws("codecommit", "get_repository", json!({ "repositoryName": self.name }))?;
        let url = url["repositoryMetadata"]["cloneUrlHttp"].as_str().context("the repository has no URL")?.to_owned();
        self.git(&["push", "--quiet", &url, "HEAD:main"])?;
        self.git(&["rev-parse", "HEAD"])
    }

    /// The same, and waits for the execution that it starts.
    pub fn deliver(&self, files: &[(&str, &str)]) -> Result<String> {
        let commit = self.push(files)?;
        self.started_by(&commit)
    }

    /// The newest execution of a commit.
    pub fn started_by(&self, commit: &str) -> Result<String> {
        eventually(&format!("the push of {commit} starts no execution"), || {
            let executions = self.executions()?;
            let of_commit = executions.iter().find(|execution| execution["sourceRevisions"][0]["revisionId"] == commit);
            Ok(of_commit.map(id))
        })
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        fs::create_dir_all(self.folder())?;
        let output = Command::new("git")
            .current_dir(self.folder())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .output()
            .context("git does not run")?;
        ensure!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Newest first.
    pub fn executions(&self) -> Result<Vec<Value>> {
        let list = self.call("list_pipeline_executions", json!({}))?;
        list["pipelineExecutionSummaries"].as_array().cloned().context("no list of executions")
    }

    pub fn newest(&self) -> Result<String> {
        self.executions()?.first().map(id).context("the pipeline has no execution")
    }

    pub fn status(&self, execution: &str) -> Result<String> {
        let answer = self.call("get_pipeline_execution", json!({ "pipelineExecutionId": execution }))?;
        answer["pipelineExecution"]["status"].as_str().map(str::to_owned).context("the execution has no status")
    }

    /// Waits for the end of an execution and gives its status.
    pub fn execution_ended(&self, execution: &str) -> Result<String> {
        eventually(&format!("the execution {execution} does not end"), || {
            Ok(Some(self.status(execution)?).filter(|status| !matches!(status.as_str(), "InProgress" | "Stopping")))
        })
    }

    pub fn ends_as(&self, execution: &str, expected: &str) -> Result<()> {
        let status = self.execution_ended(execution)?;
        let actions = self.actions(execution)?;
        ensure!(status == expected, "the execution ended as {status}, not as {expected}: {actions:?}");
        Ok(())
    }

    /// How the newest run of each action of an execution stands.
    pub fn actions(&self, execution: &str) -> Result<Vec<(String, ActionOutcome)>> {
        let filter = json!({ "filter": { "pipelineExecutionId": execution } });
        let list = self.call("list_action_executions", filter)?;
        let mut actions = Vec::<(String, ActionOutcome)>::new();
        let mut seen = BTreeSet::new();
        for action in list["actionExecutionDetails"].as_array().into_iter().flatten() {
            let name = text(&action["actionName"]);
            let result = &action["output"]["executionResult"];
            let message = match result["errorDetails"]["message"].as_str() {
                Some(message) => message.to_owned(),
                None => text(&result["externalExecutionSummary"]),
            };
            if seen.insert((text(&action["stageName"]), name.clone())) {
                actions.push((name, ActionOutcome { status: text(&action["status"]), message }));
            }
        }
        Ok(actions)
    }

    pub fn action(&self, execution: &str, name: &str) -> Result<Option<ActionOutcome>> {
        Ok(self.actions(execution)?.into_iter().find(|(action, _)| action == name).map(|(_, outcome)| outcome))
    }

    /// Waits until an action of an execution has this status.
    pub fn action_is(&self, execution: &str, name: &str, status: &str) -> Result<()> {
        eventually(&format!("the action {name} does not become {status}"), || {
            let found = self.action(execution, name)?.filter(|action| action.status == status);
            if found.is_none() {
                self.is_on_its_way(execution)?;
            }
            Ok(found)
        })?;
        Ok(())
    }

    /// The action that failed, and why.
    pub fn failed_action(&self, execution: &str) -> Result<(String, String)> {
        let failed = self.actions(execution)?.into_iter().find(|(_, action)| action.status == "Failed");
        failed.map(|(name, action)| (name, action.message)).context("no action has failed")
    }

    /// What one waits for will not come to be after the end.
    fn is_on_its_way(&self, execution: &str) -> Result<()> {
        let status = self.status(execution)?;
        let is_on_its_way = matches!(status.as_str(), "InProgress" | "Stopping");
        ensure!(is_on_its_way, "the execution ended as {status}: {:?}", self.actions(execution)?);
        Ok(())
    }

    pub fn state(&self) -> Result<Value> {
        self.cloud.aws("codepipeline", "get_pipeline_state", json!({ "name": self.name }))
    }

    /// Waits for the approval of an execution, and gives its token.
    pub fn token(&self, execution: &str, stage: &str) -> Result<String> {
        eventually("no approval waits", || {
            self.is_on_its_way(execution)?;
            let state = self.state()?;
            let stages = state["stageStates"].as_array().into_iter().flatten();
            let stage = stages.into_iter().find(|found| found["stageName"] == stage).cloned().unwrap_or_default();
            let waits = stage["latestExecution"]["pipelineExecutionId"] == execution;
            let actions = stage["actionStates"].as_array().cloned().unwrap_or_default();
            let token = actions.iter().find_map(|action| action["latestExecution"]["token"].as_str());
            Ok(token.filter(|_| waits).map(str::to_owned))
        })
    }

    pub fn answer(&self, execution: &str, stage: &str, status: &str) -> Result<()> {
        let token = self.token(execution, stage)?;
        let result = json!({ "status": status, "summary": "says a test" });
        let input = json!({ "stageName": stage, "actionName": "Approve", "token": token, "result": result });
        self.call("put_approval_result", input).map(drop)
    }

    /// An operation of this pipeline that names it by `pipelineName`.
    pub fn call(&self, operation: &str, mut input: Value) -> Result<Value> {
        input["pipelineName"] = json!(self.name);
        self.cloud.aws("codepipeline", operation, input)
    }
}

fn id(execution: &Value) -> String {
    text(&execution["pipelineExecutionId"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
