//! The CloudFormation action in its five modes.
//!
//! Source: "AWS CloudFormation deploy action reference" of the CodePipeline user guide.

mod change_sets;
mod parameters;
mod stack;

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::Capability;

use super::artifact::FileInArtifact;
use super::{ActionContext, ActionFailure, Configuration, Outcome};
use crate::codepipeline::declaration::ActionDeclaration;
use parameters::ParameterValue;
use stack::StackClient;

const SERVICE: &str = "cloudformation.amazonaws.com";

#[derive(Debug, Clone, PartialEq)]
pub struct CloudFormationAction {
    stack: String,
    mode: Mode,
    /// The file in the output artifact that the stack's outputs are written to.
    output_file: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Mode {
    ReplaceChangeSet { change_set: String, content: StackContent },
    ExecuteChangeSet { change_set: String },
    CreateUpdate { content: StackContent, replaces_failed: bool },
    Delete { role_arn: String },
}

/// What a stack is made of.
#[derive(Debug, Clone, PartialEq)]
struct StackContent {
    template: FileInArtifact,
    configuration: Option<FileInArtifact>,
    role_arn: String,
    capabilities: Vec<Capability>,
    parameters: BTreeMap<String, ParameterValue>,
}

impl CloudFormationAction {
    pub fn parse(configuration: &mut Configuration, action: &ActionDeclaration) -> Result<Self, String> {
        let mode = configuration.required("ActionMode")?;
        let stack = configuration.required("StackName")?;
        let output_file = configuration.optional("OutputFileName");
        if output_file.is_some() != (action.output_artifacts.len() == 1) || action.output_artifacts.len() > 1 {
            return Err(format!(
                "the action {} has OutputFileName and one output artifact, or neither: the file is all that it makes",
                action.name
            ));
        }
        let mode = match mode.as_str() {
            "CHANGE_SET_REPLACE" => Mode::ReplaceChangeSet {
                change_set: configuration.required("ChangeSetName")?,
                content: StackContent::parse(configuration)?,
            },
            "CHANGE_SET_EXECUTE" => {
                // The role and the capabilities came with the change set: AWS ignores them here.
                configuration.optional("RoleArn");
                configuration.optional("Capabilities");
                Mode::ExecuteChangeSet { change_set: configuration.required("ChangeSetName")? }
            }
            "CREATE_UPDATE" => {
                Mode::CreateUpdate { content: StackContent::parse(configuration)?, replaces_failed: false }
            }
            "REPLACE_ON_FAILURE" => {
                Mode::CreateUpdate { content: StackContent::parse(configuration)?, replaces_failed: true }
            }
            "DELETE_ONLY" => {
                configuration.optional("Capabilities");
                Mode::Delete { role_arn: configuration.required("RoleArn")? }
            }
            other => {
                return Err(format!(
                    "the action {} has ActionMode: {other}; the modes are CHANGE_SET_REPLACE, CHANGE_SET_EXECUTE, \
                     CREATE_UPDATE, REPLACE_ON_FAILURE and DELETE_ONLY",
                    action.name
                ));
            }
        };
        Ok(Self { stack, mode, output_file })
    }

    pub async fn run(&self, context: &ActionContext) -> Result<Outcome, ActionFailure> {
        let stack = StackClient::new(context, &self.stack);
        let outcome = match &self.mode {
            Mode::ReplaceChangeSet { change_set, content } => stack.replace_change_set(change_set, content).await?,
            Mode::ExecuteChangeSet { change_set } => stack.execute_change_set(change_set).await?,
            Mode::CreateUpdate { content, replaces_failed } => {
                stack.create_or_update(content, *replaces_failed).await?
            }
            Mode::Delete { role_arn } => stack.delete(role_arn).await?,
        };
        if let (Some(file), Some(output)) = (&self.output_file, context.outputs.first()) {
            let text = serde_json::to_string_pretty(&outcome.variables).map_err(anyhow::Error::from)?;
            super::artifact::write_file(context, &output.s3location, file, &text).await?;
        }
        Ok(outcome)
    }
}

impl StackContent {
    fn parse(configuration: &mut Configuration) -> Result<Self, String> {
        let capabilities = configuration.optional("Capabilities").unwrap_or_default();
        Ok(Self {
            template: FileInArtifact::parse("TemplatePath", &configuration.required("TemplatePath")?)?,
            configuration: match configuration.optional("TemplateConfiguration") {
                None => None,
                Some(place) => Some(FileInArtifact::parse("TemplateConfiguration", &place)?),
            },
            role_arn: configuration.required("RoleArn")?,
            capabilities: capabilities.split(',').filter(|name| !name.is_empty()).map(Capability::from).collect(),
            parameters: parameters::parse_overrides(configuration.optional("ParameterOverrides").as_deref())?,
        })
    }
}
