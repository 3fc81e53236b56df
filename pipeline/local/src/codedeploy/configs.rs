//! Deployment configurations: by which steps traffic moves.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::groups::{check_name, only_lambda};
use super::types::{ComputePlatform, DeploymentConfig, TrafficRoutingConfig};
use super::{CodeDeploy, SERVICE, State};
use crate::api::{ApiError, Call, Reply};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConfigInput {
    deployment_config_name: String,
    compute_platform: Option<String>,
    traffic_routing_config: Option<TrafficRoutingConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigName {
    deployment_config_name: String,
}

impl CodeDeploy {
    pub(super) fn create_config(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: ConfigInput = call.supported_input(SERVICE)?;
        only_lambda(input.compute_platform.as_deref())?;
        let name = input.deployment_config_name;
        check_name(&name)?;
        let mut state = self.lock();
        if state.config(&name).is_ok() {
            let message = format!("there is already a deployment configuration {name}");
            return Err(ApiError::new("DeploymentConfigAlreadyExistsException", message));
        }
        let traffic_routing_config = input.traffic_routing_config.unwrap_or(TrafficRoutingConfig::AllAtOnce);
        if !traffic_routing_config.is_valid() {
            let message = "a step moves 1 to 99 percent, and the steps take from a minute to two days altogether";
            return Err(ApiError::new("InvalidTrafficRoutingConfigurationException", message));
        }
        let config = DeploymentConfig {
            deployment_config_id: Uuid::new_v4().to_string(),
            deployment_config_name: name.clone(),
            compute_platform: ComputePlatform::Lambda,
            traffic_routing_config,
        };
        self.store.put(format!("configs/{name}.json"), &config)?;
        let id = config.deployment_config_id.clone();
        state.configs.insert(name, config);
        Ok(call.reply(&json!({ "deploymentConfigId": id })))
    }

    pub(super) fn get_config(&self, call: &Call) -> Result<Reply, ApiError> {
        let ConfigName { deployment_config_name } = call.input()?;
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            deployment_config_info: DeploymentConfig,
        }
        Ok(call.reply(&Output { deployment_config_info: self.lock().config(&deployment_config_name)? }))
    }

    pub(super) fn delete_config(&self, call: &Call) -> Result<Reply, ApiError> {
        let ConfigName { deployment_config_name: name } = call.input()?;
        if DeploymentConfig::predefined(&name).is_some() {
            let message = format!("{name} is of AWS and cannot be deleted");
            return Err(ApiError::new("InvalidOperationException", message));
        }
        let mut state = self.lock();
        if let Some(group) = state.groups.values().find(|group| group.deployment_config_name == name) {
            let message = format!("{name} is in use by the deployment group {}", group.deployment_group_name);
            return Err(ApiError::new("DeploymentConfigInUseException", message));
        }
        if state.configs.remove(&name).is_some() {
            self.store.remove(format!("configs/{name}.json"))?;
        }
        Ok(call.done())
    }

    pub(super) fn list_configs(&self, call: &Call) -> Reply {
        let own = self.lock().configs.keys().cloned().collect::<Vec<_>>();
        let names = DeploymentConfig::predefined_names().chain(own).collect::<Vec<_>>();
        call.reply(&json!({ "deploymentConfigsList": names }))
    }
}

impl State {
    pub(super) fn config(&self, name: &str) -> Result<DeploymentConfig, ApiError> {
        DeploymentConfig::predefined(name).or_else(|| self.configs.get(name).cloned()).ok_or_else(|| {
            let message = format!("there is no deployment configuration {name} for Lambda");
            ApiError::new("DeploymentConfigDoesNotExistException", message)
        })
    }
}
