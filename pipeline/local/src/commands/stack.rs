//! Stacks: those of the delivery, set up here, and what stacks answer in their outputs.

use std::collections::BTreeMap;
use std::{env, fs};

use anyhow::{Context, Result};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::Stack;
use tokio::process::Command;

use crate::aws::{REGION, ROOT_KEY, stacks};
use crate::home::{self, Home};
use crate::{console, daemon};

/// The stack that `pipeline/backend.yaml` becomes.
pub const PIPELINE_STACK: &str = "bookstore-pipeline";

/// What the pipeline stack's outputs name.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub pipeline: String,
    pub repository: String,
    pub branch: String,
    pub clone_url: String,
    pub staging_stack: String,
    pub production_stack: String,
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
            production_stack: output("ProductionStackName")?,
        })
    }

    /// What is deployed at present; `None` before the first `up`.
    pub async fn find(client: &Client) -> Result<Option<Self>> {
        match describe(client, PIPELINE_STACK).await? {
            Some(stack) if is_usable(status(&stack)) => Self::from_outputs(stacks::outputs(&stack)).map(Some),
            _ => Ok(None),
        }
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

/// Runs `pipeline/set-up.sh`, unless the stacks are as it would make them.
pub async fn set_up(home: &Home, client: &Client, port: u16, approval: bool) -> Result<Delivery> {
    let parameters = parameters(port, approval);
    let wanted = inputs(home, &parameters)?;
    // With the stacks' own state: who removes that has to set up anew.
    let stamp = home.state_dir().join("set-up.txt");
    let is_set_up = fs::read_to_string(&stamp).is_ok_and(|made| made == wanted);
    if is_set_up && let Some(delivery) = Delivery::find(client).await? {
        return Ok(delivery);
    }
    home::remove(&stamp)?;
    let mut script = Command::new(home.workspace().join("pipeline/set-up.sh"));
    script.args(&parameters).envs(environment(home, port)).env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN");
    console::run("Setting up the delivery", &mut script).await?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Delivery::find(client).await?.with_context(|| format!("there is no stack {PIPELINE_STACK} after its set-up"))
}

/// What decides how the stacks look, as one text.
fn inputs(home: &Home, parameters: &[String]) -> Result<String> {
    let mut inputs = parameters.join("\n");
    for file in ["set-up.sh", "backend.yaml", "environment.yaml"] {
        let path = home.workspace().join("pipeline").join(file);
        inputs += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(inputs)
}

/// What this machine builds for, quickly, with its own disk as the cache; a load that it bears; and where S3 is.
fn parameters(port: u16, approval: bool) -> Vec<String> {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    vec![
        format!("Architecture={architecture}"),
        "BuildProfile=dev".to_owned(),
        "BuildCache=LOCAL".to_owned(),
        format!("S3Endpoint={}", daemon::endpoint(port)),
        format!("Approval={approval}"),
        "LoadRequestsPerSecond=20".to_owned(),
        "LoadSeconds=10".to_owned(),
        // This machine does other things beside it: what is slow here says little.
        "LoadMaxP99Milliseconds=10000".to_owned(),
    ]
}

/// The AWS CLI of the tools, at the local cloud and at no other.
fn environment(home: &Home, port: u16) -> Vec<(&'static str, String)> {
    let inherited = |name: &str| env::var(name).unwrap_or_default();
    let mut variables = vec![
        ("PATH", format!("{}:{}", home.tools_bin_dir().display(), inherited("PATH"))),
        ("AWS_ENDPOINT_URL", daemon::endpoint(port)),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", ROOT_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", ROOT_KEY.to_owned()),
        ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
    ];
    // No proxy knows the way to the local cloud.
    variables.extend(["no_proxy", "NO_PROXY"].map(|name| (name, format!("{},localhost,127.0.0.1", inherited(name)))));
    variables
}

async fn describe(client: &Client, name: &str) -> Result<Option<Stack>> {
    stacks::describe(client, name).await.with_context(|| format!("cannot describe the stack {name}"))
}

/// Whether a stack in this status can be used and updated.
fn is_usable(status: &str) -> bool {
    matches!(status, "CREATE_COMPLETE") || status.starts_with("UPDATE_")
}

fn status(stack: &Stack) -> &str {
    stack.stack_status.as_ref().map_or("", |status| status.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_up_is_repeated_when_a_parameter_or_a_file_of_it_changes() {
        let checkout = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| fs::write(checkout.path().join(file), text).unwrap();
        fs::create_dir(checkout.path().join("pipeline")).unwrap();
        for file in
            ["Cargo.toml", "template.yaml", "pipeline/set-up.sh", "pipeline/backend.yaml", "pipeline/environment.yaml"]
        {
            write(file, file);
        }
        let home = Home::find(checkout.path(), None, None).unwrap();
        let first = inputs(&home, &parameters(4566, true)).unwrap();
        assert_eq!(inputs(&home, &parameters(4566, true)).unwrap(), first);
        assert_ne!(inputs(&home, &parameters(4570, true)).unwrap(), first, "another port");
        assert_ne!(inputs(&home, &parameters(4566, false)).unwrap(), first, "without an approval");
        write("template.yaml", "changed");
        assert_eq!(inputs(&home, &parameters(4566, true)).unwrap(), first, "that is delivered, not set up");
        write("pipeline/environment.yaml", "changed");
        assert_ne!(inputs(&home, &parameters(4566, true)).unwrap(), first, "another template");
    }
}
