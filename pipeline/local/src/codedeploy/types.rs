//! The shapes of the CodeDeploy API, which are also what the service remembers.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::Timestamp;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    pub application_id: String,
    pub application_name: String,
    pub compute_platform: ComputePlatform,
    pub create_time: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ComputePlatform {
    Lambda,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentGroup {
    pub application_name: String,
    pub deployment_group_id: String,
    pub deployment_group_name: String,
    pub deployment_config_name: String,
    pub service_role_arn: String,
    #[serde(default)]
    pub alarm_configuration: AlarmConfiguration,
    #[serde(default)]
    pub auto_rollback_configuration: AutoRollbackConfiguration,
    #[serde(default)]
    pub deployment_style: DeploymentStyle,
    pub compute_platform: ComputePlatform,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AlarmConfiguration {
    pub enabled: bool,
    /// Goes on although CloudWatch does not answer.
    pub ignore_poll_alarm_failure: bool,
    pub alarms: Vec<Alarm>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    pub name: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AutoRollbackConfiguration {
    pub enabled: bool,
    pub events: Vec<RollbackEvent>,
}

impl AutoRollbackConfiguration {
    pub fn covers(&self, event: RollbackEvent) -> bool {
        self.enabled && self.events.contains(&event)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RollbackEvent {
    #[serde(rename = "DEPLOYMENT_FAILURE")]
    Failure,
    #[serde(rename = "DEPLOYMENT_STOP_ON_ALARM")]
    StopOnAlarm,
    #[serde(rename = "DEPLOYMENT_STOP_ON_REQUEST")]
    StopOnRequest,
}

/// Of a Lambda deployment there is one style.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DeploymentStyle {
    deployment_type: DeploymentType,
    deployment_option: DeploymentOption,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum DeploymentType {
    #[default]
    BlueGreen,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum DeploymentOption {
    #[default]
    WithTrafficControl,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentConfig {
    pub deployment_config_id: String,
    pub deployment_config_name: String,
    pub compute_platform: ComputePlatform,
    pub traffic_routing_config: TrafficRoutingConfig,
}

/// How traffic moves: percentages of 100, intervals in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum TrafficRoutingConfig {
    AllAtOnce,
    TimeBasedCanary {
        #[serde(rename = "timeBasedCanary")]
        canary: Canary,
    },
    TimeBasedLinear {
        #[serde(rename = "timeBasedLinear")]
        linear: Linear,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Canary {
    pub canary_percentage: u32,
    pub canary_interval: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Linear {
    pub linear_percentage: u32,
    pub linear_interval: u32,
}

impl TrafficRoutingConfig {
    const fn canary(canary_percentage: u32, canary_interval: u32) -> Self {
        Self::TimeBasedCanary { canary: Canary { canary_percentage, canary_interval } }
    }

    const fn linear(linear_percentage: u32, linear_interval: u32) -> Self {
        Self::TimeBasedLinear { linear: Linear { linear_percentage, linear_interval } }
    }

    /// What AWS takes: 1 to 99 percent, and two days altogether. Source: quotas in the user guide.
    pub fn is_valid(&self) -> bool {
        let (percentage, interval) = match self {
            Self::AllAtOnce => return true,
            Self::TimeBasedCanary { canary } => (canary.canary_percentage, canary.canary_interval),
            Self::TimeBasedLinear { linear } => (linear.linear_percentage, linear.linear_interval),
        };
        let minutes = || self.steps().iter().map(|(_, minutes)| u64::from(*minutes)).sum::<u64>();
        (1..100).contains(&percentage) && interval > 0 && minutes() <= 2 * 24 * 60
    }

    /// The shares that the new version has before it has all, each for so many minutes.
    pub fn steps(&self) -> Vec<(u32, u32)> {
        match self {
            Self::AllAtOnce => Vec::new(),
            Self::TimeBasedCanary { canary } => vec![(canary.canary_percentage, canary.canary_interval)],
            Self::TimeBasedLinear { linear } => {
                let shares = (linear.linear_percentage..100).step_by(linear.linear_percentage as usize);
                shares.map(|share| (share, linear.linear_interval)).collect()
            }
        }
    }
}

/// Those that every account has.
const PREDEFINED: [(&str, TrafficRoutingConfig); 9] = [
    ("CodeDeployDefault.LambdaAllAtOnce", TrafficRoutingConfig::AllAtOnce),
    ("CodeDeployDefault.LambdaCanary10Percent5Minutes", TrafficRoutingConfig::canary(10, 5)),
    ("CodeDeployDefault.LambdaCanary10Percent10Minutes", TrafficRoutingConfig::canary(10, 10)),
    ("CodeDeployDefault.LambdaCanary10Percent15Minutes", TrafficRoutingConfig::canary(10, 15)),
    ("CodeDeployDefault.LambdaCanary10Percent30Minutes", TrafficRoutingConfig::canary(10, 30)),
    ("CodeDeployDefault.LambdaLinear10PercentEvery1Minute", TrafficRoutingConfig::linear(10, 1)),
    ("CodeDeployDefault.LambdaLinear10PercentEvery2Minutes", TrafficRoutingConfig::linear(10, 2)),
    ("CodeDeployDefault.LambdaLinear10PercentEvery3Minutes", TrafficRoutingConfig::linear(10, 3)),
    ("CodeDeployDefault.LambdaLinear10PercentEvery10Minutes", TrafficRoutingConfig::linear(10, 10)),
];

impl DeploymentConfig {
    pub const ALL_AT_ONCE: &str = "CodeDeployDefault.LambdaAllAtOnce";

    pub fn predefined(name: &str) -> Option<Self> {
        let (_, traffic_routing_config) = PREDEFINED.into_iter().find(|(known, _)| *known == name)?;
        Some(Self {
            deployment_config_id: Uuid::nil().to_string(),
            deployment_config_name: name.to_owned(),
            compute_platform: ComputePlatform::Lambda,
            traffic_routing_config,
        })
    }

    pub fn predefined_names() -> impl Iterator<Item = String> {
        PREDEFINED.into_iter().map(|(name, _)| name.to_owned())
    }
}

/// A tag, whose members are the only ones of this API that begin with a capital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    pub key: String,
    #[serde(default)]
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_moves_in_steps() {
        let last = |name: &str| DeploymentConfig::predefined(name).unwrap().traffic_routing_config.steps();
        assert_eq!(last("CodeDeployDefault.LambdaAllAtOnce"), []);
        assert_eq!(last("CodeDeployDefault.LambdaCanary10Percent15Minutes"), [(10, 15)]);
        let linear = last("CodeDeployDefault.LambdaLinear10PercentEvery2Minutes");
        assert_eq!((linear.len(), linear[0], linear[8]), (9, (10, 2), (90, 2)));
        assert_eq!(TrafficRoutingConfig::linear(40, 1).steps(), [(40, 1), (80, 1)]);
    }

    #[test]
    fn what_aws_does_not_take_is_not_valid() {
        for (config, valid) in [
            (TrafficRoutingConfig::canary(99, 2880), true),
            (TrafficRoutingConfig::canary(100, 5), false),
            (TrafficRoutingConfig::canary(10, 0), false),
            (TrafficRoutingConfig::canary(10, 2881), false),
            (TrafficRoutingConfig::linear(0, 1), false),
            (TrafficRoutingConfig::linear(10, 320), true),
            (TrafficRoutingConfig::linear(10, 321), false),
        ] {
            assert_eq!(config.is_valid(), valid, "{config:?}");
        }
    }

    #[test]
    fn a_configuration_is_written_as_the_api_has_it() {
        let config = DeploymentConfig::predefined("CodeDeployDefault.LambdaCanary10Percent5Minutes").unwrap();
        let written = serde_json::to_value(config.traffic_routing_config).unwrap();
        assert_eq!(
            written,
            serde_json::json!({"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5}})
        );
    }
}
