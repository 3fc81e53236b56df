//! A deployment: what the API shows of it, and what else the service remembers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::appspec::LambdaTarget;
use super::types::{
    AlarmConfiguration, AutoRollbackConfiguration, ComputePlatform, DeploymentGroup, DeploymentStyle, RollbackEvent,
};
use crate::api::Timestamp;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deployment {
    pub info: DeploymentInfo,
    pub target: LambdaTarget,
    /// The group when the deployment began.
    pub group: DeploymentGroup,
    /// The share of the traffic that the target version has, in percent.
    pub weight: u32,
    pub events: [LifecycleEvent; 3],
    /// Somebody wants it to end: with the traffic put back, or not.
    pub stop_requested: Option<bool>,
    /// What hooks have answered, by their execution ids.
    pub hooks: BTreeMap<String, HookStatus>,
}

impl Deployment {
    pub fn id(&self) -> &str {
        &self.info.deployment_id
    }

    pub fn alarms(&self) -> &AlarmConfiguration {
        self.info.override_alarm_configuration.as_ref().unwrap_or(&self.group.alarm_configuration)
    }

    /// Whether the traffic goes back by itself after `event`.
    pub fn goes_back(&self, event: RollbackEvent) -> bool {
        self.info.auto_rollback_configuration.covers(event)
    }
}

/// DeploymentInfo of the API.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentInfo {
    pub deployment_id: String,
    pub application_name: String,
    pub deployment_group_name: String,
    pub deployment_config_name: String,
    pub compute_platform: ComputePlatform,
    pub deployment_style: DeploymentStyle,
    pub revision: Revision,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub creator: Creator,
    pub status: DeploymentStatus,
    pub create_time: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_information: Option<ErrorInformation>,
    pub auto_rollback_configuration: AutoRollbackConfiguration,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_alarm_configuration: Option<AlarmConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_info: Option<RollbackInfo>,
}

/// Where an appspec comes from: of Lambda deployments, the request itself. (`String` is the older name.)
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "revisionType")]
pub enum Revision {
    AppSpecContent {
        #[serde(rename = "appSpecContent")]
        content: Content,
    },
    String {
        #[serde(rename = "string")]
        content: Content,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Content {
    pub content: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Revision {
    pub fn appspec(&self) -> &str {
        match self {
            Self::AppSpecContent { content } | Self::String { content } => &content.content,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Creator {
    User,
    CodeDeployRollback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeploymentStatus {
    Created,
    Queued,
    InProgress,
    Baking,
    Succeeded,
    Failed,
    Stopped,
    Ready,
}

impl DeploymentStatus {
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorInformation {
    pub code: ErrorCode,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    AlarmActive,
    HookExecutionFailure,
    IamRoleMissing,
    IamRolePermissions,
    InternalError,
    InvalidLambdaConfiguration,
    InvalidLambdaFunction,
    ManualStop,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackInfo {
    /// The deployment that puts the traffic back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_deployment_id: Option<String>,
    /// Of that deployment: the one that it undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_triggering_deployment_id: Option<String>,
    pub rollback_message: String,
}

/// A phase of a deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecycleEvent {
    pub lifecycle_event_name: Phase,
    pub status: EventStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
}

impl LifecycleEvent {
    pub fn come_to(&mut self, status: EventStatus) {
        self.status = status;
        let now = Some(Timestamp::now());
        match status {
            EventStatus::InProgress => self.start_time = now,
            EventStatus::Succeeded | EventStatus::Failed => self.end_time = now,
            EventStatus::Pending | EventStatus::Skipped => {}
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    #[serde(rename = "BeforeAllowTraffic")]
    Before,
    #[serde(rename = "AllowTraffic")]
    Shift,
    #[serde(rename = "AfterAllowTraffic")]
    After,
}

impl Phase {
    /// All of them, still to come.
    pub fn all() -> [LifecycleEvent; 3] {
        [Self::Before, Self::Shift, Self::After].map(|phase| LifecycleEvent {
            lifecycle_event_name: phase,
            status: EventStatus::Pending,
            start_time: None,
            end_time: None,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventStatus {
    Pending,
    InProgress,
    Succeeded,
    Failed,
    Skipped,
}

/// What a hook says; Skipped and Unknown are of the API's type, but no hook may say them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HookStatus {
    Pending,
    Succeeded,
    Failed,
}
