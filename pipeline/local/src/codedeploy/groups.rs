//! Applications and deployment groups.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::types::{
    AlarmConfiguration, Application, AutoRollbackConfiguration, ComputePlatform, DeploymentConfig, DeploymentGroup,
    DeploymentStyle, Tag,
};
use super::{CodeDeploy, SERVICE};
use crate::api::{ApiError, Call, Reply, Timestamp};
use crate::aws::{ACCOUNT, REGION};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApplicationInput {
    application_name: String,
    compute_platform: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationName {
    application_name: String,
}

/// The input of CreateDeploymentGroup; of UpdateDeploymentGroup, too, where what is missing stays as it was.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GroupInput {
    application_name: String,
    #[serde(alias = "currentDeploymentGroupName")]
    deployment_group_name: String,
    deployment_config_name: Option<String>,
    service_role_arn: Option<String>,
    alarm_configuration: Option<AlarmConfiguration>,
    auto_rollback_configuration: Option<AutoRollbackConfiguration>,
    deployment_style: Option<DeploymentStyle>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupName {
    application_name: String,
    deployment_group_name: String,
}

impl CodeDeploy {
    pub(super) fn create_application(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: ApplicationInput = call.supported_input(SERVICE)?;
        only_lambda(input.compute_platform.as_deref())?;
        let name = input.application_name;
        check_name(&name)?;
        let mut state = self.lock();
        if state.applications.contains_key(&name) {
            let message = format!("there is already an application {name}");
            return Err(ApiError::new("ApplicationAlreadyExistsException", message));
        }
        let application = Application {
            application_id: Uuid::new_v4().to_string(),
            application_name: name.clone(),
            compute_platform: ComputePlatform::Lambda,
            create_time: Timestamp::now(),
        };
        self.store.put(format!("applications/{name}.json"), &application)?;
        let id = application.application_id.clone();
        self.put_tags(&mut state, &application_arn(&name), input.tags)?;
        state.applications.insert(name, application);
        Ok(call.reply(&json!({ "applicationId": id })))
    }

    pub(super) fn get_application(&self, call: &Call) -> Result<Reply, ApiError> {
        let ApplicationName { application_name } = call.input()?;
        #[derive(Serialize)]
        struct Output {
            application: Application,
        }
        let application = self.lock().applications.get(&application_name).cloned();
        Ok(call.reply(&Output { application: application.ok_or_else(|| no_such_application(&application_name))? }))
    }

    /// Deleting what is not there succeeds, as on AWS.
    pub(super) fn delete_application(&self, call: &Call) -> Result<Reply, ApiError> {
        let ApplicationName { application_name } = call.input()?;
        let mut state = self.lock();
        let groups = state.groups.keys().filter(|(application, _)| *application == application_name).cloned();
        for group in groups.collect::<Vec<_>>() {
            self.remove_group(&mut state, &group)?;
        }
        if state.applications.remove(&application_name).is_some() {
            self.store.remove(format!("applications/{application_name}.json"))?;
            self.put_tags(&mut state, &application_arn(&application_name), Vec::new())?;
        }
        Ok(call.done())
    }

    pub(super) fn list_applications(&self, call: &Call) -> Reply {
        call.reply(&json!({ "applications": self.lock().applications.keys().collect::<Vec<_>>() }))
    }

    pub(super) fn create_group(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: GroupInput = call.supported_input(SERVICE)?;
        check_name(&input.deployment_group_name)?;
        let mut state = self.lock();
        if !state.applications.contains_key(&input.application_name) {
            return Err(no_such_application(&input.application_name));
        }
        let key = (input.application_name.clone(), input.deployment_group_name.clone());
        if state.groups.contains_key(&key) {
            let message = format!("there is already a deployment group {}", key.1);
            return Err(ApiError::new("DeploymentGroupAlreadyExistsException", message));
        }
        let role = input.service_role_arn.clone();
        let role =
            role.ok_or_else(|| ApiError::new("RoleRequiredException", "a deployment group needs serviceRoleArn"))?;
        let config = input.deployment_config_name.clone().unwrap_or_else(|| DeploymentConfig::ALL_AT_ONCE.to_owned());
        let group = DeploymentGroup {
            application_name: key.0.clone(),
            deployment_group_id: Uuid::new_v4().to_string(),
            deployment_group_name: key.1.clone(),
            deployment_config_name: config,
            service_role_arn: role,
            alarm_configuration: input.alarm_configuration.unwrap_or_default(),
            auto_rollback_configuration: input.auto_rollback_configuration.unwrap_or_default(),
            deployment_style: input.deployment_style.unwrap_or_default(),
            compute_platform: ComputePlatform::Lambda,
        };
        state.config(&group.deployment_config_name)?;
        self.store.put(group_file(&key.0, &key.1), &group)?;
        self.put_tags(&mut state, &group_arn(&key.0, &key.1), input.tags)?;
        let id = group.deployment_group_id.clone();
        state.groups.insert(key, group);
        Ok(call.reply(&json!({ "deploymentGroupId": id })))
    }

    pub(super) fn update_group(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: GroupInput = call.supported_input(SERVICE)?;
        let mut state = self.lock();
        let mut group = state.group(&input.application_name, &input.deployment_group_name)?.clone();
        group.deployment_config_name = input.deployment_config_name.unwrap_or(group.deployment_config_name);
        group.service_role_arn = input.service_role_arn.unwrap_or(group.service_role_arn);
        group.alarm_configuration = input.alarm_configuration.unwrap_or(group.alarm_configuration);
        group.auto_rollback_configuration =
            input.auto_rollback_configuration.unwrap_or(group.auto_rollback_configuration);
        group.deployment_style = input.deployment_style.unwrap_or(group.deployment_style);
        state.config(&group.deployment_config_name)?;
        self.store.put(group_file(&group.application_name, &group.deployment_group_name), &group)?;
        state.groups.insert((group.application_name.clone(), group.deployment_group_name.clone()), group);
        Ok(call.done())
    }

    pub(super) fn get_group(&self, call: &Call) -> Result<Reply, ApiError> {
        let GroupName { application_name, deployment_group_name } = call.input()?;
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Output {
            deployment_group_info: DeploymentGroup,
        }
        let group = self.lock().group(&application_name, &deployment_group_name)?.clone();
        Ok(call.reply(&Output { deployment_group_info: group }))
    }

    pub(super) fn delete_group(&self, call: &Call) -> Result<Reply, ApiError> {
        let GroupName { application_name, deployment_group_name } = call.input()?;
        self.remove_group(&mut self.lock(), &(application_name, deployment_group_name))?;
        Ok(call.reply(&json!({ "hooksNotCleanedUp": [] })))
    }

    fn remove_group(&self, state: &mut super::State, key: &(String, String)) -> Result<(), ApiError> {
        if state.groups.remove(key).is_some() {
            self.store.remove(group_file(&key.0, &key.1))?;
            self.put_tags(state, &group_arn(&key.0, &key.1), Vec::new())?;
        }
        Ok(())
    }

    pub(super) fn list_groups(&self, call: &Call) -> Result<Reply, ApiError> {
        let ApplicationName { application_name } = call.input()?;
        let state = self.lock();
        let groups = state.groups.keys().filter(|(application, _)| *application == application_name);
        let names = groups.map(|(_, name)| name).collect::<Vec<_>>();
        Ok(call.reply(&json!({ "applicationName": application_name, "deploymentGroups": names })))
    }
}

impl super::State {
    pub(super) fn group(&self, application: &str, name: &str) -> Result<&DeploymentGroup, ApiError> {
        if !self.applications.contains_key(application) {
            return Err(no_such_application(application));
        }
        self.groups.get(&(application.to_owned(), name.to_owned())).ok_or_else(|| {
            let message = format!("the application {application} has no deployment group {name}");
            ApiError::new("DeploymentGroupDoesNotExistException", message)
        })
    }
}

pub(super) fn no_such_application(name: &str) -> ApiError {
    ApiError::new("ApplicationDoesNotExistException", format!("there is no application {name}"))
}

/// A name is part of a file's path.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let is_name =
        (1..=100).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+=,@".contains(c));
    if is_name {
        Ok(())
    } else {
        Err(ApiError::validation(format!("{name:?} is no name: use letters, digits and -_.+=,@")))
    }
}

pub(super) fn only_lambda(platform: Option<&str>) -> Result<(), ApiError> {
    match platform {
        Some("Lambda") => Ok(()),
        other => {
            let message =
                format!("the local CodeDeploy has the compute platform Lambda, not {}", other.unwrap_or("Server"));
            Err(ApiError::new("InvalidComputePlatformException", message))
        }
    }
}

pub(super) fn application_arn(name: &str) -> String {
    format!("arn:aws:codedeploy:{REGION}:{ACCOUNT}:application:{name}")
}

pub(super) fn group_arn(application: &str, name: &str) -> String {
    format!("arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:{application}/{name}")
}

fn group_file(application: &str, name: &str) -> String {
    format!("groups/{application}:{name}.json")
}
