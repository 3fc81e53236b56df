//! What CodeDeploy tells EventBridge: how deployments begin and end.
//!
//! Source: "CodeDeploy Deployment State-change Notification" in the reference of EventBridge's events.

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::groups::{application_arn, group_arn};
use super::record::{DeploymentInfo, DeploymentStatus};
use crate::api::Timestamp;
use crate::aws::{JsonService, REGION, Session};

/// The event of a deployment that has come to its status just now.
pub fn of(info: &DeploymentInfo) -> Option<Value> {
    let state = match info.status {
        DeploymentStatus::InProgress => "START",
        DeploymentStatus::Succeeded => "SUCCESS",
        DeploymentStatus::Failed => "FAILURE",
        DeploymentStatus::Stopped => "STOP",
        _ => return None,
    };
    let (application, group) = (&info.application_name, &info.deployment_group_name);
    let detail = json!({
        "region": REGION,
        "deploymentId": info.deployment_id,
        "application": application,
        "deploymentGroup": group,
        "state": state,
    });
    Some(json!({
        "Source": "aws.codedeploy",
        "DetailType": "CodeDeploy Deployment State-change Notification",
        "Resources": [application_arn(application), group_arn(application, group)],
        "Time": Timestamp::now(),
        "Detail": detail.to_string(),
    }))
}

/// Raises events in their order, as long as the service lives. One that EventBridge does not take is lost, and logged: it
/// must not hold a deployment up.
pub async fn raise(mut events: UnboundedReceiver<Value>, session: Session, token_header: &'static str, token: String) {
    while let Some(event) = events.recv().await {
        let as_service = [(token_header, token.as_str())];
        let input = json!({ "Entries": [event] });
        let raised: Result<Value, _> = session.call_with(JsonService::EVENTS, "PutEvents", &input, &as_service).await;
        match raised {
            Ok(answer) if answer["FailedEntryCount"] == 0 => {}
            Ok(answer) => tracing::error!("EventBridge did not take {input}: {answer}"),
            Err(error) => tracing::error!("EventBridge did not take {input}: {error}"),
        }
    }
}
