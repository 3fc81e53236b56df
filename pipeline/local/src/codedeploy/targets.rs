//! What a deployment shifts, as the API shows it: one alias, and the phases that it goes through.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::record::{Deployment, DeploymentStatus, LifecycleEvent};
use super::{CodeDeploy, no_such_deployment};
use crate::api::{ApiError, Call, Reply, Timestamp};
use crate::aws::{ACCOUNT, REGION};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    deployment_id: String,
    target_id: Option<String>,
    #[serde(default)]
    target_ids: Vec<String>,
}

/// DeploymentTarget of the API. (Not a JSON value, which would lose what CBOR knows of times.)
#[derive(Serialize)]
#[serde(tag = "deploymentTargetType")]
enum DeploymentTarget {
    LambdaTarget {
        #[serde(rename = "lambdaTarget")]
        target: LambdaTarget,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LambdaTarget {
    deployment_id: String,
    target_id: String,
    target_arn: String,
    status: &'static str,
    last_updated_at: Timestamp,
    lifecycle_events: [LifecycleEvent; 3],
    lambda_function_info: LambdaFunctionInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LambdaFunctionInfo {
    function_name: String,
    function_alias: String,
    current_version: String,
    target_version: String,
    /// Of 1.
    target_version_weight: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OneTarget {
    deployment_target: DeploymentTarget,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    deployment_targets: Vec<DeploymentTarget>,
}

impl CodeDeploy {
    pub(super) fn list_targets(&self, call: &Call) -> Result<Reply, ApiError> {
        let Input { deployment_id, .. } = call.input()?;
        let id = self.deployment(&deployment_id)?.target_id();
        Ok(call.reply(&json!({ "targetIds": [id] })))
    }

    pub(super) fn get_target(&self, call: &Call) -> Result<Reply, ApiError> {
        let Input { deployment_id, target_id, .. } = call.input()?;
        let deployment = self.deployment(&deployment_id)?;
        if target_id.as_ref() != Some(&deployment.target_id()) {
            let message = format!("the deployment {deployment_id} has the one target {}", deployment.target_id());
            return Err(ApiError::new("DeploymentTargetDoesNotExistException", message));
        }
        Ok(call.reply(&OneTarget { deployment_target: deployment.into() }))
    }

    pub(super) fn batch_get_targets(&self, call: &Call) -> Result<Reply, ApiError> {
        let Input { deployment_id, target_ids, .. } = call.input()?;
        let deployment = self.deployment(&deployment_id)?;
        let found = target_ids.contains(&deployment.target_id()).then(|| deployment.into());
        Ok(call.reply(&Targets { deployment_targets: found.into_iter().collect() }))
    }

    pub(super) fn deployment(&self, id: &str) -> Result<Deployment, ApiError> {
        self.lock().deployments.get(id).cloned().ok_or_else(|| no_such_deployment(id))
    }
}

impl Deployment {
    fn target_id(&self) -> String {
        format!("{}:{}", self.target.function, self.target.alias)
    }
}

impl From<Deployment> for DeploymentTarget {
    fn from(deployment: Deployment) -> Self {
        let target_id = deployment.target_id();
        let status = match deployment.info.status {
            DeploymentStatus::Created | DeploymentStatus::Queued => "Pending",
            DeploymentStatus::Succeeded => "Succeeded",
            DeploymentStatus::Failed | DeploymentStatus::Stopped => "Failed",
            _ => "InProgress",
        };
        let times = deployment.events.iter().filter_map(|event| event.end_time.or(event.start_time));
        Self::LambdaTarget {
            target: LambdaTarget {
                target_arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{target_id}"),
                target_id,
                status,
                last_updated_at: times.max().unwrap_or(deployment.info.create_time),
                deployment_id: deployment.info.deployment_id,
                lifecycle_events: deployment.events,
                lambda_function_info: LambdaFunctionInfo {
                    function_name: deployment.target.function,
                    function_alias: deployment.target.alias,
                    current_version: deployment.target.current_version,
                    target_version: deployment.target.target_version,
                    target_version_weight: f64::from(deployment.weight) / 100.0,
                },
            },
        }
    }
}
