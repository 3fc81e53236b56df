//! A stack that an action works on: created, updated, deleted, and followed to the end of its operation.

use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Stack, StackStatus};

use super::parameters::Settings;
use super::{SERVICE, StackContent};
use crate::aws::{CallError, stacks};
use crate::codepipeline::actions::{ActionContext, ActionFailure, Outcome, artifact};

/// How often a change set or a stack is asked for while it changes.
pub const POLL: Duration = Duration::from_millis(250);

pub struct StackClient<'a> {
    pub context: &'a ActionContext,
    pub client: Client,
    pub name: &'a str,
}

impl<'a> StackClient<'a> {
    pub fn new(context: &'a ActionContext, name: &'a str) -> Self {
        Self { context, client: context.session.cloudformation(), name }
    }

    pub async fn describe(&self) -> Result<Option<Stack>, ActionFailure> {
        Ok(stacks::describe(&self.client, self.name).await?)
    }

    /// Whether the pipeline may give CloudFormation the role: a right that no call of ours exercises.
    pub async fn may_pass(&self, role_arn: &str) -> Result<(), ActionFailure> {
        self.context.require("iam:PassRole", role_arn, &[("iam:PassedToService", SERVICE)]).await
    }

    pub async fn create_or_update(
        &self,
        content: &StackContent,
        replaces_failed: bool,
    ) -> Result<Outcome, ActionFailure> {
        self.may_pass(&content.role_arn).await?;
        let template = content.template.read(self.context).await?;
        let template = artifact::presigned(self.context, &content.template, &template).await?;
        let settings = Settings::read(content, self.context).await?;
        let mut stack = self.describe().await?;
        if let Some(status) = stack.as_ref().and_then(|stack| stack.stack_status.clone())
            && is_failed(&status)
        {
            if !replaces_failed {
                let message =
                    format!("the stack {} is {}: delete it, or set REPLACE_ON_FAILURE", self.name, status.as_str());
                return Err(ActionFailure::new("JobFailed", message));
            }
            self.delete(&content.role_arn).await?;
            stack = None;
        }
        let id = if stack.is_some() {
            let update = self
                .client
                .update_stack()
                .stack_name(self.name)
                .template_url(template)
                .role_arn(&content.role_arn)
                .set_capabilities(Some(content.capabilities.clone()))
                .set_parameters(Some(settings.parameters))
                .set_tags(Some(settings.tags));
            match update.send().await.map_err(|error| CallError::from_sdk(&error)) {
                Ok(answer) => answer.stack_id,
                Err(CallError::Service { message, .. }) if message.contains("No updates are to be performed") => {
                    return Ok(self.outcome(stack, format!("Stack {} is up to date{}", self.name, settings.remark)));
                }
                Err(error) => return Err(error.into()),
            }
        } else {
            let create = self
                .client
                .create_stack()
                .stack_name(self.name)
                .template_url(template)
                .role_arn(&content.role_arn)
                .set_capabilities(Some(content.capabilities.clone()))
                .set_parameters(Some(settings.parameters))
                .set_tags(Some(settings.tags));
            create.send().await.map_err(|error| ActionFailure::sdk(&error))?.stack_id
        };
        let _ = self.context.external_execution.send(id.unwrap_or_default());
        let stack = self.settled().await?;
        Ok(self.outcome(stack, format!("Stack {} was deployed{}", self.name, settings.remark)))
    }

    pub async fn delete(&self, role_arn: &str) -> Result<Outcome, ActionFailure> {
        self.may_pass(role_arn).await?;
        let gone = Outcome { summary: Some(format!("Stack {} is gone", self.name)), ..Outcome::default() };
        let Some(stack) = self.describe().await? else { return Ok(gone) };
        // By its id: the name of a deleted stack names nothing.
        let id = stack.stack_id.unwrap_or_default();
        let delete = self.client.delete_stack().stack_name(&id).role_arn(role_arn);
        delete.send().await.map_err(|error| ActionFailure::sdk(&error))?;
        let _ = self.context.external_execution.send(id.clone());
        loop {
            let stack = stacks::describe(&self.client, &id).await?;
            match stack.as_ref().and_then(|stack| stack.stack_status.clone()) {
                None | Some(StackStatus::DeleteComplete) => return Ok(gone),
                Some(StackStatus::DeleteFailed) => return Err(self.failed("DELETE_FAILED", reason(stack)).await),
                Some(_) => tokio::time::sleep(POLL).await,
            }
        }
    }

    /// Waits for the end of the stack's operation; one that failed is an error with the first resource's reason.
    pub async fn settled(&self) -> Result<Option<Stack>, ActionFailure> {
        loop {
            let stack = self.describe().await?;
            match stack.as_ref().and_then(|stack| stack.stack_status.clone()) {
                Some(StackStatus::CreateComplete | StackStatus::UpdateComplete) => return Ok(stack),
                // The stack shows its operation from the moment that the call which began it has answered.
                Some(status) if status.as_str().ends_with("_IN_PROGRESS") => tokio::time::sleep(POLL).await,
                Some(status) => return Err(self.failed(status.as_str(), reason(stack)).await),
                None => return Err(ActionFailure::new("JobFailed", format!("the stack {} is gone", self.name))),
            }
        }
    }

    /// The first resource that failed tells more than the stack's own reason. To read it is a right that AWS calls
    /// optional.
    async fn failed(&self, status: &str, reason: Option<String>) -> ActionFailure {
        let reason = match stacks::failures(&self.client, self.name).await {
            Ok(failures) => failures.into_iter().next().or(reason).unwrap_or_else(|| "no reason given".to_owned()),
            Err(error) => format!("its events cannot be read: {error}"),
        };
        ActionFailure::new("JobFailed", format!("the stack {} ended as {status}: {reason}", self.name))
    }

    /// A success whose variables are the stack's outputs.
    pub fn outcome(&self, stack: Option<Stack>, summary: String) -> Outcome {
        let variables = stack.as_ref().map(stacks::outputs).unwrap_or_default();
        Outcome { summary: Some(summary), variables, ..Outcome::default() }
    }
}

fn reason(stack: Option<Stack>) -> Option<String> {
    stack.and_then(|stack| stack.stack_status_reason).filter(|reason| !reason.is_empty())
}

/// The states of a stack that no update brings on. Source: the action's reference, REPLACE_ON_FAILURE.
fn is_failed(status: &StackStatus) -> bool {
    matches!(
        status,
        StackStatus::RollbackComplete
            | StackStatus::RollbackFailed
            | StackStatus::CreateFailed
            | StackStatus::DeleteFailed
            | StackStatus::UpdateRollbackFailed
    )
}
