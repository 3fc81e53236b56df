//! Stacks: those of the delivery, set up here, and what stacks answer in their outputs.

use std::collections::BTreeMap;
use std::{env, fs};

use anyhow::{Context, Result};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::Stack;
use clap::ValueEnum;
use tokio::process::Command;

use crate::aws::{REGION, ROOT_KEY, stacks};
use crate::home::{self, Home};
use crate::{console, daemon};

/// What is delivered: each from a repository of its own, by a pipeline of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    BackEnd,
    Website,
}

impl Part {
    pub const ALL: [Self; 2] = [Self::BackEnd, Self::Website];

    /// The stack of its pipeline: what `pipeline/backend.yaml` or `pipeline/frontend.yaml` becomes.
    fn pipeline_stack(self) -> &'static str {
        match self {
            Self::BackEnd => "bookstore-pipeline",
            Self::Website => "bookstore-website-pipeline",
        }
    }

    /// The name of the Git remote that leads to its repository.
    pub fn remote(self) -> &'static str {
        match self {
            Self::BackEnd => "local",
            Self::Website => "local-website",
        }
    }

    /// The output of its stack in an environment that says where to find it.
    pub fn url_output(self) -> &'static str {
        match self {
            Self::BackEnd => "ApiUrl",
            Self::Website => "SiteUrl",
        }
    }
}

/// What serves the website.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Hosting {
    /// A private bucket behind CloudFront, which has the API on the site's own address
    Cloudfront,
    /// A bucket with S3's own website endpoint
    S3,
    /// No website
    None,
}

impl Hosting {
    /// As `pipeline/set-up.sh` calls it.
    fn parameter(self) -> &'static str {
        match self {
            Self::Cloudfront => "CloudFront",
            Self::S3 => "S3Website",
            Self::None => "none",
        }
    }
}

/// What the outputs of a pipeline's stack name.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub part: Part,
    pub pipeline: String,
    pub repository: String,
    pub branch: String,
    pub clone_url: String,
    pub staging_stack: String,
    pub production_stack: String,
}

impl Delivery {
    fn from_outputs(part: Part, mut outputs: BTreeMap<String, String>) -> Result<Self> {
        let stack = part.pipeline_stack();
        let mut output =
            |name: &str| outputs.remove(name).with_context(|| format!("the stack {stack} has no output {name}"));
        Ok(Self {
            part,
            pipeline: output("PipelineName")?,
            repository: output("RepositoryName")?,
            branch: output("BranchName")?,
            clone_url: output("CloneUrlHttp")?,
            staging_stack: output("StagingStackName")?,
            production_stack: output("ProductionStackName")?,
        })
    }

    /// What is deployed at present; `None` before the first `up`.
    pub async fn find(client: &Client, part: Part) -> Result<Option<Self>> {
        match describe(client, part.pipeline_stack()).await? {
            Some(stack) if is_usable(status(&stack)) => Self::from_outputs(part, stacks::outputs(&stack)).map(Some),
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

/// Runs `pipeline/set-up.sh`, unless the stacks are as it would make them. Answers the deliveries of the back end and of
/// the website, if there is to be one.
pub async fn set_up(
    home: &Home,
    client: &Client,
    port: u16,
    approval: bool,
    website: Hosting,
) -> Result<(Delivery, Option<Delivery>)> {
    let parameters = parameters(port, approval, website);
    let wanted = inputs(home, &parameters)?;
    // With the stacks' own state: who removes that has to set up anew.
    let stamp = home.state_dir().join("set-up.txt");
    let is_set_up = fs::read_to_string(&stamp).is_ok_and(|made| made == wanted);
    if is_set_up && let Ok(deliveries) = deliveries(client, website).await {
        return Ok(deliveries);
    }
    home::remove(&stamp)?;
    let mut script = Command::new(home.workspace().join("pipeline/set-up.sh"));
    script.args(&parameters).envs(environment(home, port)).env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN");
    console::run("Setting up the delivery", &mut script).await?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    deliveries(client, website).await
}

async fn deliveries(client: &Client, website: Hosting) -> Result<(Delivery, Option<Delivery>)> {
    let find = async |part: Part| {
        let found = Delivery::find(client, part).await?;
        found.with_context(|| format!("there is no stack {} after its set-up", part.pipeline_stack()))
    };
    let website = if website == Hosting::None { None } else { Some(find(Part::Website).await?) };
    Ok((find(Part::BackEnd).await?, website))
}

/// What decides how the stacks look, as one text.
fn inputs(home: &Home, parameters: &[String]) -> Result<String> {
    let folder = home.workspace().join("pipeline");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        files.push(entry?.path());
    }
    files.retain(|path| path.ends_with("set-up.sh") || path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut inputs = parameters.join("\n");
    for path in files {
        inputs += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(inputs)
}

/// What this machine builds for, quickly, with its own disk as the cache; a load that it bears; and where AWS is.
fn parameters(port: u16, approval: bool, website: Hosting) -> Vec<String> {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    vec![
        format!("Architecture={architecture}"),
        "BuildProfile=dev".to_owned(),
        "BuildCache=LOCAL".to_owned(),
        format!("AwsEndpoint={}", daemon::endpoint(port)),
        format!("Approval={approval}"),
        format!("Website={}", website.parameter()),
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
        let first = inputs(&home, &parameters(4566, true, Hosting::Cloudfront)).unwrap();
        assert_eq!(inputs(&home, &parameters(4566, true, Hosting::Cloudfront)).unwrap(), first);
        assert_ne!(inputs(&home, &parameters(4570, true, Hosting::Cloudfront)).unwrap(), first, "another port");
        assert_ne!(inputs(&home, &parameters(4566, false, Hosting::Cloudfront)).unwrap(), first, "without an approval");
        let by_s3 = parameters(4566, true, Hosting::S3);
        assert_ne!(inputs(&home, &by_s3).unwrap(), first, "another hosting");
        assert!(by_s3.contains(&"Website=S3Website".to_owned()), "{by_s3:?}");
        write("template.yaml", "changed");
        assert_eq!(
            inputs(&home, &parameters(4566, true, Hosting::Cloudfront)).unwrap(),
            first,
            "that is delivered, not set up"
        );
        write("pipeline/environment.yaml", "changed");
        assert_ne!(inputs(&home, &parameters(4566, true, Hosting::Cloudfront)).unwrap(), first, "another template");
    }
}
