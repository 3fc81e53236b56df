//! Stacks: the pipeline's, created and updated here, and what stacks answer in their outputs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Capability, Parameter, Stack};

use crate::aws::{CallError, stacks};
use crate::daemon;

/// The stack that `pipeline/backend.yaml` becomes.
pub const PIPELINE_STACK: &str = "bookstore-pipeline";

const PATIENCE: Duration = Duration::from_secs(300);

/// What the pipeline stack's outputs name.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub pipeline: String,
    pub repository: String,
    pub branch: String,
    pub clone_url: String,
    pub staging_stack: String,
}

impl Delivery {
    fn from_outputs(mut outputs: BTreeMap<String, String>) -> Result<Self> {
        let mut output = |name: &str| {
            outputs.remove(name).with_context(|| format!("the stack {PIPELINE_STACK} has no output {name}"))
        };
        Ok(Self {
            pipeline: output("PipelineName")?,
            repository: output("RepositoryName")?,
            branch: output("BranchName")?,
            clone_url: output("CloneUrlHttp")?,
            staging_stack: output("StagingStackName")?,
        })
    }

    /// What is deployed at present; `None` before the first `up`.
    pub async fn find(client: &Client) -> Result<Option<Self>> {
        match describe(client, PIPELINE_STACK).await? {
            Some(stack) if is_usable(status(&stack)) => Self::from_outputs(stacks::outputs(&stack)).map(Some),
            _ => Ok(None),
        }
    }

    /// Creates or updates the pipeline stack of the local cloud on `port`.
    pub async fn deploy(client: &Client, template: &str, port: u16) -> Result<Self> {
        let stack = deploy(client, template, &parameters(port)).await?;
        Self::from_outputs(stacks::outputs(&stack))
    }
}

/// One output of a stack; `None` as long as there is no such stack.
pub async fn output(client: &Client, stack: &str, name: &str) -> Result<Option<String>> {
    Ok(describe(client, stack).await?.and_then(|stack| stacks::outputs(&stack).remove(name)))
}

/// The same of a stack that has to have it.
pub async fn required_output(client: &Client, stack: &str, name: &str) -> Result<String> {
    let found = describe(client, stack).await?;
    let found = found.with_context(|| format!("there is no stack {stack} yet; deliver it: cargo local up"))?;
    let output = stacks::outputs(&found).remove(name);
    output.with_context(|| format!("the stack {stack} has no output {name}; deliver it anew: cargo local up"))
}

/// What this machine builds for, quickly, with its own disk as the cache; and where S3 is.
fn parameters(port: u16) -> Vec<Parameter> {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let s3 = daemon::endpoint(port);
    [("Architecture", architecture), ("BuildProfile", "dev"), ("BuildCache", "LOCAL"), ("S3Endpoint", &s3)]
        .map(|(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build())
        .into()
}

async fn deploy(client: &Client, template: &str, parameters: &[Parameter]) -> Result<Stack> {
    let mut found = describe(client, PIPELINE_STACK).await?;
    if found.as_ref().is_some_and(|stack| status(stack).ends_with("_IN_PROGRESS")) {
        found = Some(settled(client).await?);
    }
    if found.as_ref().is_some_and(|stack| !is_usable(status(stack))) {
        // Its creation failed: CloudFormation lets such a stack only be deleted.
        delete(client).await?;
        found = None;
    }
    let capability = Capability::CapabilityIam;
    let parameters = Some(parameters.to_vec());
    let refused = match &found {
        None => {
            let create = client.create_stack().stack_name(PIPELINE_STACK).template_body(template);
            let sent = create.capabilities(capability).set_parameters(parameters).send().await;
            sent.map(drop).map_err(|error| CallError::from_sdk(&error))
        }
        Some(_) => {
            let update = client.update_stack().stack_name(PIPELINE_STACK).template_body(template);
            let sent = update.capabilities(capability).set_parameters(parameters).send().await;
            sent.map(drop).map_err(|error| CallError::from_sdk(&error))
        }
    };
    match (refused, found) {
        (Ok(()), _) => {}
        (Err(error), Some(stack)) if error.to_string().contains("No updates are to be performed") => return Ok(stack),
        (Err(error), _) => return Err(error).with_context(|| format!("cannot deploy the stack {PIPELINE_STACK}")),
    }
    let stack = settled(client).await?;
    match status(&stack) {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" => Ok(stack),
        status => {
            let reasons = failures(client).await?;
            bail!("the stack {PIPELINE_STACK} ended as {status}{reasons}")
        }
    }
}

/// The pipeline stack when nothing happens to it any more.
async fn settled(client: &Client) -> Result<Stack> {
    let started = Instant::now();
    loop {
        let stack = describe(client, PIPELINE_STACK).await?.context("the stack was deleted meanwhile")?;
        if !status(&stack).ends_with("_IN_PROGRESS") {
            return Ok(stack);
        }
        give_up_after(started, status(&stack))?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn delete(client: &Client) -> Result<()> {
    client.delete_stack().stack_name(PIPELINE_STACK).send().await.map_err(|error| CallError::from_sdk(&error))?;
    let started = Instant::now();
    while let Some(stack) = describe(client, PIPELINE_STACK).await? {
        match status(&stack) {
            "DELETE_COMPLETE" => return Ok(()),
            "DELETE_FAILED" => bail!("cannot delete the failed stack {PIPELINE_STACK}{}", failures(client).await?),
            other => give_up_after(started, other)?,
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

fn give_up_after(started: Instant, status: &str) -> Result<()> {
    if started.elapsed() > PATIENCE {
        bail!("the stack {PIPELINE_STACK} stays {status}; start anew: cargo local destroy, then cargo local up");
    }
    Ok(())
}

async fn describe(client: &Client, name: &str) -> Result<Option<Stack>> {
    stacks::describe(client, name).await.with_context(|| format!("cannot describe the stack {name}"))
}

/// The reasons of the resources that failed in the stack's last operation, one to a line.
async fn failures(client: &Client) -> Result<String> {
    let failures = stacks::failures(client, PIPELINE_STACK).await?;
    Ok(failures.iter().map(|failure| format!("\n  - {failure}")).collect())
}

/// Whether a stack in this status can be used and updated.
fn is_usable(status: &str) -> bool {
    matches!(status, "CREATE_COMPLETE") || status.starts_with("UPDATE_")
}

fn status(stack: &Stack) -> &str {
    stack.stack_status.as_ref().map_or("", |status| status.as_str())
}
