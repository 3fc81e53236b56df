//! The CloudFormation actions on change sets: one makes the change set, one executes it.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use anyhow::Context;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{Capability, ChangeSetStatus, ChangeSetType, Parameter, Stack, StackStatus};

use super::{ActionContext, ActionFailure, Configuration, Outcome};
use crate::aws::{CallError, stacks};

/// How often a change set or a stack is asked for while it changes.
const POLL: Duration = Duration::from_millis(250);
const SERVICE: &str = "cloudformation.amazonaws.com";

#[derive(Debug, Clone, PartialEq)]
pub struct ChangeSetAction {
    stack: String,
    change_set: String,
    step: Step,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Replace {
        template: FileInArtifact,
        role_arn: String,
        capabilities: Vec<String>,
        parameters: BTreeMap<String, String>,
    },
    Execute,
}

/// `Artifact::path/in/artifact`.
#[derive(Debug, Clone, PartialEq)]
struct FileInArtifact {
    artifact: String,
    path: String,
}

impl ChangeSetAction {
    pub fn parse(configuration: &mut Configuration) -> Result<Self, String> {
        let mode = configuration.only("ActionMode", &["CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"])?;
        let stack = configuration.required("StackName")?;
        let change_set = configuration.required("ChangeSetName")?;
        let step = match mode.as_deref() {
            Some("CHANGE_SET_REPLACE") => Step::Replace {
                template: FileInArtifact::parse(&configuration.required("TemplatePath")?)?,
                role_arn: configuration.required("RoleArn")?,
                capabilities: configuration
                    .optional("Capabilities")
                    .map(|list| list.split(',').map(str::to_owned).collect())
                    .unwrap_or_default(),
                parameters: match configuration.optional("ParameterOverrides") {
                    None => BTreeMap::new(),
                    Some(text) => serde_json::from_str(&text)
                        .map_err(|error| format!("ParameterOverrides is no JSON object of texts: {error}"))?,
                },
            },
            Some(_) => {
                // The role and the capabilities came with the change set: AWS ignores them here.
                configuration.optional("RoleArn");
                configuration.optional("Capabilities");
                Step::Execute
            }
            None => return Err("a CloudFormation action needs ActionMode in its configuration".to_owned()),
        };
        Ok(Self { stack, change_set, step })
    }

    pub async fn run(&self, context: &ActionContext) -> Result<Outcome, ActionFailure> {
        let client = context.session.cloudformation();
        match &self.step {
            Step::Replace { template, role_arn, capabilities, parameters } => {
                context.require("iam:PassRole", role_arn, &[("iam:PassedToService", SERVICE)]).await?;
                let template = template.read(context).await?;
                self.delete_change_set(&client).await?;
                let parameters = parameters
                    .iter()
                    .map(|(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build());
                let created = client
                    .create_change_set()
                    .stack_name(&self.stack)
                    .change_set_name(&self.change_set)
                    .change_set_type(self.change_set_type(&client).await?)
                    .role_arn(role_arn)
                    .template_body(template)
                    .set_parameters(Some(parameters.collect()))
                    .set_capabilities(Some(capabilities.iter().map(|name| Capability::from(name.as_str())).collect()))
                    .send()
                    .await
                    .map_err(|error| ActionFailure::sdk(&error))?;
                let _ = context.external_execution.send(created.id.unwrap_or_default());
                let change_set = self.finished_change_set(&client).await?;
                let summary = if changes_nothing(&change_set) {
                    format!("Change set {} has no changes", self.change_set)
                } else {
                    format!("Change set {} created: {}", self.change_set, changes(&change_set))
                };
                Ok(Outcome { summary: Some(summary), ..Outcome::default() })
            }
            Step::Execute => self.execute(context, &client).await,
        }
    }

    async fn execute(&self, context: &ActionContext, client: &Client) -> Result<Outcome, ActionFailure> {
        let change_set = self.describe_change_set(client).await?;
        if changes_nothing(&change_set) {
            let stack = self.stack(client).await?;
            let summary = Some(format!("Stack {} is up to date", self.stack));
            return Ok(Outcome { summary, variables: outputs(stack.as_ref()), ..Outcome::default() });
        }
        let execute = client.execute_change_set().stack_name(&self.stack).change_set_name(&self.change_set);
        execute.send().await.map_err(|error| ActionFailure::sdk(&error))?;
        let _ = context.external_execution.send(change_set.stack_id.unwrap_or_default());
        loop {
            let stack = self.stack(client).await?;
            let status = stack.as_ref().and_then(|stack| stack.stack_status.clone());
            match status {
                Some(StackStatus::CreateComplete | StackStatus::UpdateComplete) => {
                    let summary = Some(format!("Stack {} was deployed", self.stack));
                    return Ok(Outcome { summary, variables: outputs(stack.as_ref()), ..Outcome::default() });
                }
                // The stack shows its operation from the moment that ExecuteChangeSet has answered.
                Some(status) if status.as_str().ends_with("_IN_PROGRESS") => tokio::time::sleep(POLL).await,
                Some(status) => {
                    let reason = stack.and_then(|stack| stack.stack_status_reason).filter(|reason| !reason.is_empty());
                    return Err(self.failed(client, status.as_str(), reason).await);
                }
                None => return Err(ActionFailure::new("JobFailed", format!("the stack {} is gone", self.stack))),
            }
        }
    }

    /// The first resource that failed tells more than the stack's own reason. To read it is a right that AWS calls
    /// optional.
    async fn failed(&self, client: &Client, status: &str, reason: Option<String>) -> ActionFailure {
        let reason = match stacks::failures(client, &self.stack).await {
            Ok(failures) => failures.into_iter().next().or(reason).unwrap_or_else(|| "no reason given".to_owned()),
            Err(error) => format!("its events cannot be read: {error}"),
        };
        ActionFailure::new("JobFailed", format!("the stack {} ended as {status}: {reason}", self.stack))
    }

    async fn change_set_type(&self, client: &Client) -> Result<ChangeSetType, ActionFailure> {
        match self.stack(client).await?.and_then(|stack| stack.stack_status) {
            None | Some(StackStatus::ReviewInProgress) => Ok(ChangeSetType::Create),
            Some(StackStatus::RollbackComplete) => Err(ActionFailure::new(
                "JobFailed",
                format!(
                    "the first deployment of the stack {} failed: delete the stack, then run the stage again",
                    self.stack
                ),
            )),
            Some(_) => Ok(ChangeSetType::Update),
        }
    }

    async fn stack(&self, client: &Client) -> Result<Option<Stack>, ActionFailure> {
        Ok(stacks::describe(client, &self.stack).await?)
    }

    async fn delete_change_set(&self, client: &Client) -> Result<(), ActionFailure> {
        let delete = client.delete_change_set().stack_name(&self.stack).change_set_name(&self.change_set);
        match delete.send().await.map_err(|error| CallError::from_sdk(&error)) {
            Err(error) if !stacks::is_absent(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn describe_change_set(&self, client: &Client) -> Result<DescribeChangeSetOutput, ActionFailure> {
        let describe = client.describe_change_set().stack_name(&self.stack).change_set_name(&self.change_set);
        describe.send().await.map_err(|error| ActionFailure::sdk(&error))
    }

    async fn finished_change_set(&self, client: &Client) -> Result<DescribeChangeSetOutput, ActionFailure> {
        loop {
            let change_set = self.describe_change_set(client).await?;
            match &change_set.status {
                Some(ChangeSetStatus::CreateComplete) => return Ok(change_set),
                Some(ChangeSetStatus::Failed) if changes_nothing(&change_set) => return Ok(change_set),
                Some(ChangeSetStatus::Failed) => {
                    let reason = change_set.status_reason.unwrap_or_default();
                    return Err(ActionFailure::new("JobFailed", format!("the change set cannot be made: {reason}")));
                }
                _ => tokio::time::sleep(POLL).await,
            }
        }
    }
}

impl FileInArtifact {
    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once("::") {
            Some((artifact, path)) if !artifact.is_empty() && !path.is_empty() => {
                Ok(Self { artifact: artifact.to_owned(), path: path.to_owned() })
            }
            _ => Err(format!("TemplatePath is {text}; it reads Artifact::path/in/artifact")),
        }
    }

    async fn read(&self, context: &ActionContext) -> Result<String, ActionFailure> {
        let place = context.input(&self.artifact)?;
        let object = context.session.s3().get_object().bucket(&place.bucket).key(&place.key).send().await;
        let object = object.map_err(|error| ActionFailure::sdk(&error))?;
        let bytes = object.body.collect().await.context("cannot read the artifact")?.into_bytes();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).context("the artifact is no zip")?;
        let mut file = archive.by_name(&self.path).map_err(|error| {
            ActionFailure::new("ConfigurationError", format!("{} is not in {}: {error}", self.path, self.artifact))
        })?;
        let mut template = String::new();
        file.read_to_string(&mut template).context("the template is no text")?;
        Ok(template)
    }
}

/// AWS makes such a change set FAILED, yet the actions of a pipeline take it for done.
fn changes_nothing(change_set: &DescribeChangeSetOutput) -> bool {
    let reason = change_set.status_reason.as_deref().unwrap_or_default();
    change_set.status == Some(ChangeSetStatus::Failed)
        && (reason.contains("didn't contain changes") || reason.contains("No updates are to be performed"))
}

fn changes(change_set: &DescribeChangeSetOutput) -> String {
    match change_set.changes().len() {
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    }
}

fn outputs(stack: Option<&Stack>) -> BTreeMap<String, String> {
    stack.map(stacks::outputs).unwrap_or_default()
}
