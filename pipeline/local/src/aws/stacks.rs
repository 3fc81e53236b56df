//! What CloudFormation tells of a stack, for the CLI and for the pipeline's actions.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::Stack;

use super::CallError;

/// The stack of that name; `None` when there is none.
pub async fn describe(client: &Client, name: &str) -> Result<Option<Stack>, CallError> {
    match client.describe_stacks().stack_name(name).send().await {
        Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next()),
        Err(error) => match CallError::from_sdk(&error) {
            error if is_absent(&error) => Ok(None),
            error => Err(error),
        },
    }
}

/// Whether an error says that there is no such stack or change set; for a stack CloudFormation has no code of its own.
pub fn is_absent(error: &CallError) -> bool {
    match error {
        CallError::Service { code, message } => code == "ChangeSetNotFound" || message.contains("does not exist"),
        CallError::Unreachable(_) => false,
    }
}

/// What failed in a stack's last operation, resources or the stack itself, each with its reason; the first comes first.
pub async fn failures(client: &Client, name: &str) -> Result<Vec<String>, CallError> {
    let answer = client.describe_stack_events().stack_name(name).send().await;
    let events = answer.map_err(|error| CallError::from_sdk(&error))?.stack_events.unwrap_or_default();
    let mut failures = Vec::new();
    // Newest first, so those of the last operation end where the stack's own operation began.
    for event in events {
        let status = event.resource_status.as_ref().map_or("", |status| status.as_str());
        let is_stack = event.resource_type.as_deref() == Some("AWS::CloudFormation::Stack");
        if is_stack && matches!(status, "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS") {
            break;
        }
        // The stack itself fails when the template does not pass validation.
        if status.ends_with("_FAILED") {
            let resource = event.logical_resource_id.unwrap_or_default();
            let reason = event.resource_status_reason.unwrap_or_else(|| "no reason given".to_owned());
            failures.push(format!("{resource}: {reason}"));
        }
    }
    failures.reverse();
    Ok(failures)
}

/// A stack's outputs by their keys.
pub fn outputs(stack: &Stack) -> BTreeMap<String, String> {
    let outputs = stack.outputs().iter();
    outputs.filter_map(|output| Some((output.output_key.clone()?, output.output_value.clone()?))).collect()
}
