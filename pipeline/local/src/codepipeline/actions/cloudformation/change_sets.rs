//! Change sets: one action makes one, another executes it.

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{ChangeSetStatus, ChangeSetType, ExecutionStatus, StackStatus};

use super::StackContent;
use super::parameters::Settings;
use super::stack::{POLL, StackClient};
use crate::aws::{CallError, stacks};
use crate::codepipeline::actions::{ActionFailure, Outcome, artifact};

impl StackClient<'_> {
    pub async fn replace_change_set(&self, name: &str, content: &StackContent) -> Result<Outcome, ActionFailure> {
        self.may_pass(&content.role_arn).await?;
        let template = content.template.read(self.context).await?;
        let template = artifact::presigned(self.context, &content.template, &template).await?;
        let settings = Settings::read(content, self.context).await?;
        self.delete_change_set(name).await?;
        let created = self
            .client
            .create_change_set()
            .stack_name(self.name)
            .change_set_name(name)
            .change_set_type(self.change_set_type().await?)
            .role_arn(&content.role_arn)
            .template_url(template)
            .set_parameters(Some(settings.parameters))
            .set_tags(Some(settings.tags))
            .set_capabilities(Some(content.capabilities.clone()))
            .send()
            .await
            .map_err(|error| ActionFailure::sdk(&error))?;
        let _ = self.context.external_execution.send(created.id.unwrap_or_default());
        let change_set = self.finished_change_set(name).await?;
        let summary = if changes_nothing(&change_set) {
            format!("Change set {name} has no changes{}", settings.remark)
        } else {
            format!("Change set {name} created: {}{}", changes(&change_set), settings.remark)
        };
        Ok(Outcome { summary: Some(summary), ..Outcome::default() })
    }

    /// Executes a change set. One that is being executed, as after a retry, is followed; one that was executed is done.
    pub async fn execute_change_set(&self, name: &str) -> Result<Outcome, ActionFailure> {
        let change_set = self.describe_change_set(name).await?;
        let execution = change_set.execution_status.clone();
        if changes_nothing(&change_set) || execution == Some(ExecutionStatus::ExecuteComplete) {
            let stack = self.describe().await?;
            return Ok(self.outcome(stack, format!("Stack {} is up to date", self.name)));
        }
        if execution != Some(ExecutionStatus::ExecuteInProgress) {
            let execute = self.client.execute_change_set().stack_name(self.name).change_set_name(name);
            execute.send().await.map_err(|error| ActionFailure::sdk(&error))?;
        }
        let _ = self.context.external_execution.send(change_set.stack_id.unwrap_or_default());
        let stack = self.settled().await?;
        Ok(self.outcome(stack, format!("Stack {} was deployed", self.name)))
    }

    async fn change_set_type(&self) -> Result<ChangeSetType, ActionFailure> {
        match self.describe().await?.and_then(|stack| stack.stack_status) {
            None | Some(StackStatus::ReviewInProgress) => Ok(ChangeSetType::Create),
            Some(StackStatus::RollbackComplete | StackStatus::CreateFailed | StackStatus::RollbackFailed) => {
                Err(ActionFailure::new(
                    "JobFailed",
                    format!(
                        "the first deployment of the stack {} failed: delete the stack, then retry the stage",
                        self.name
                    ),
                ))
            }
            Some(_) => Ok(ChangeSetType::Update),
        }
    }

    async fn delete_change_set(&self, name: &str) -> Result<(), ActionFailure> {
        let delete = self.client.delete_change_set().stack_name(self.name).change_set_name(name);
        match delete.send().await.map_err(|error| CallError::from_sdk(&error)) {
            Err(error) if !stacks::is_absent(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn describe_change_set(&self, name: &str) -> Result<DescribeChangeSetOutput, ActionFailure> {
        let describe = self.client.describe_change_set().stack_name(self.name).change_set_name(name);
        describe.send().await.map_err(|error| ActionFailure::sdk(&error))
    }

    async fn finished_change_set(&self, name: &str) -> Result<DescribeChangeSetOutput, ActionFailure> {
        loop {
            let change_set = self.describe_change_set(name).await?;
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
