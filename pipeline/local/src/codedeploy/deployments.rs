//! Deployments as the API sees them: created, stopped, read.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::appspec::LambdaTarget;
use super::record::{Creator, Deployment, DeploymentInfo, DeploymentStatus, HookStatus, Phase, Revision};
use super::types::{AlarmConfiguration, AutoRollbackConfiguration, ComputePlatform};
use super::{CodeDeploy, SERVICE};
use crate::api::{ApiError, Call, Reply, Timestamp};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateInput {
    application_name: String,
    deployment_group_name: Option<String>,
    deployment_config_name: Option<String>,
    description: Option<String>,
    revision: Option<Revision>,
    auto_rollback_configuration: Option<AutoRollbackConfiguration>,
    override_alarm_configuration: Option<AlarmConfiguration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    deployment_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ids {
    deployment_ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopInput {
    deployment_id: String,
    #[serde(default)]
    auto_rollback_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    #[serde(default)]
    application_name: Option<String>,
    #[serde(default)]
    deployment_group_name: Option<String>,
    #[serde(default)]
    include_only_statuses: Vec<DeploymentStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HookInput {
    deployment_id: String,
    lifecycle_event_hook_execution_id: String,
    status: HookStatus,
}

impl CodeDeploy {
    pub(super) fn create_deployment(self: &Arc<Self>, call: &Call) -> Result<Reply, ApiError> {
        let input: CreateInput = call.supported_input(SERVICE)?;
        let required = |code, name: &str| ApiError::new(code, format!("a deployment needs {name}"));
        let revision = input.revision.ok_or_else(|| required("RevisionRequiredException", "a revision"))?;
        let group = input.deployment_group_name;
        let group =
            group.ok_or_else(|| required("DeploymentGroupNameRequiredException", "the name of a deployment group"))?;
        let target = LambdaTarget::parse(revision.appspec())
            .map_err(|reason| ApiError::new("InvalidRevisionException", reason))?;
        let mut state = self.lock();
        let group = state.group(&input.application_name, &group)?.clone();
        let config = input.deployment_config_name.unwrap_or_else(|| group.deployment_config_name.clone());
        state.config(&config)?;
        let busy = state.deployments.values().find(|other| {
            other.info.application_name == group.application_name
                && other.info.deployment_group_name == group.deployment_group_name
                && !other.info.status.is_final()
        });
        if let Some(busy) = busy {
            let message = format!(
                "the deployment group {} is at the deployment {}: wait for its end, or stop it",
                group.deployment_group_name,
                busy.id()
            );
            return Err(ApiError::new("DeploymentLimitExceededException", message));
        }
        let rollback = input.auto_rollback_configuration;
        let deployment = Deployment {
            info: DeploymentInfo {
                deployment_id: new_id(),
                application_name: group.application_name.clone(),
                deployment_group_name: group.deployment_group_name.clone(),
                deployment_config_name: config,
                compute_platform: ComputePlatform::Lambda,
                deployment_style: group.deployment_style,
                revision,
                description: input.description,
                creator: Creator::User,
                status: DeploymentStatus::Created,
                create_time: Timestamp::now(),
                start_time: None,
                complete_time: None,
                error_information: None,
                auto_rollback_configuration: rollback.unwrap_or_else(|| group.auto_rollback_configuration.clone()),
                override_alarm_configuration: input.override_alarm_configuration,
                rollback_info: None,
            },
            target,
            group,
            weight: 0,
            events: Phase::all(),
            stop_requested: None,
            hooks: BTreeMap::new(),
        };
        self.add(&mut state, deployment.clone())?;
        let id = deployment.id().to_owned();
        tokio::spawn(self.closing.clone().run_until_cancelled_owned(Arc::clone(self).drive(deployment)));
        Ok(call.reply(&json!({ "deploymentId": id })))
    }

    pub(super) fn get_deployment(&self, call: &Call) -> Result<Reply, ApiError> {
        let Id { deployment_id } = call.input()?;
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            deployment_info: DeploymentInfo,
        }
        Ok(call.reply(&Output { deployment_info: self.deployment(&deployment_id)?.info }))
    }

    pub(super) fn batch_get_deployments(&self, call: &Call) -> Result<Reply, ApiError> {
        let Ids { deployment_ids } = call.input()?;
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            deployments_info: Vec<DeploymentInfo>,
        }
        let state = self.lock();
        let found = deployment_ids.iter().filter_map(|id| Some(state.deployments.get(id)?.info.clone()));
        Ok(call.reply(&Output { deployments_info: found.collect() }))
    }

    pub(super) fn list_deployments(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: ListInput = call.input()?;
        let state = self.lock();
        let fits = |wanted: &Option<String>, found: &String| wanted.as_ref().is_none_or(|wanted| wanted == found);
        let mut found = state
            .deployments
            .values()
            .filter(|deployment| fits(&input.application_name, &deployment.info.application_name))
            .filter(|deployment| fits(&input.deployment_group_name, &deployment.info.deployment_group_name))
            .filter(|deployment| {
                input.include_only_statuses.is_empty() || input.include_only_statuses.contains(&deployment.info.status)
            })
            .collect::<Vec<_>>();
        found.sort_by_key(|deployment| std::cmp::Reverse(deployment.info.create_time));
        let ids = found.into_iter().map(|deployment| deployment.id()).collect::<Vec<_>>();
        Ok(call.reply(&json!({ "deployments": ids })))
    }

    pub(super) fn stop_deployment(&self, call: &Call) -> Result<Reply, ApiError> {
        let StopInput { deployment_id, auto_rollback_enabled } = call.input()?;
        self.change(&deployment_id, |deployment| {
            if deployment.info.status.is_final() {
                let message = format!("the deployment {deployment_id} has ended already");
                return Err(ApiError::new("DeploymentAlreadyCompletedException", message));
            }
            deployment.stop_requested = Some(auto_rollback_enabled.unwrap_or(false));
            Ok(())
        })??;
        Ok(call.reply(&json!({ "status": "Pending", "statusMessage": "the deployment is stopping" })))
    }

    pub(super) fn put_hook_status(&self, call: &Call) -> Result<Reply, ApiError> {
        let HookInput { deployment_id, lifecycle_event_hook_execution_id: hook, status } = call.input()?;
        self.change(&deployment_id, |deployment| match deployment.hooks.get_mut(&hook) {
            Some(known @ HookStatus::Pending) => {
                *known = status;
                Ok(())
            }
            Some(_) => {
                let message = format!("the hook {hook} has answered already");
                Err(ApiError::new("LifecycleEventAlreadyCompletedException", message))
            }
            None => {
                let message = format!("the deployment {deployment_id} has called no hook {hook}");
                Err(ApiError::new("InvalidLifecycleEventHookExecutionIdException", message))
            }
        })??;
        Ok(call.reply(&json!({ "lifecycleEventHookExecutionId": hook })))
    }
}

/// As AWS makes them: `d-` and nine letters or digits.
pub(super) fn new_id() -> String {
    let unique = Uuid::new_v4().simple().to_string().to_uppercase();
    format!("d-{}", &unique[..9])
}
