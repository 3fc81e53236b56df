//! One deployment from its first look at the alarms to its end.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::CodeDeploy;
use super::record::{Deployment, DeploymentStatus, ErrorCode, ErrorInformation, EventStatus, HookStatus, Phase};
use super::types::RollbackEvent;
use crate::api::{ApiError, Timestamp};
use crate::aws::{CallError, JsonService, Session};

/// How often alarms are asked for while traffic is shifted.
const WATCH: Duration = Duration::from_millis(250);
/// How many minutes a hook may take to answer. Source: "AppSpec hooks section" of the user guide.
const HOOK_PATIENCE: u32 = 60;

/// Why a deployment does not go on.
#[derive(Debug)]
pub struct Halt {
    pub status: DeploymentStatus,
    pub error: ErrorInformation,
    pub goes_back: bool,
}

impl CodeDeploy {
    pub(super) async fn drive(self: Arc<Self>, deployment: Deployment) {
        match self.shift(&deployment).await {
            Ok(()) => self.end(deployment.id(), DeploymentStatus::Succeeded, |_| ()),
            Err(halt) => self.halt(&deployment, halt).await,
        }
    }

    async fn shift(&self, deployment: &Deployment) -> Result<(), Halt> {
        // Traffic that never moved need not go back.
        let unmoved = |halt| Halt { goes_back: false, ..halt };
        let session = self.role(deployment).await.map_err(unmoved)?;
        self.check_version(deployment, &session).await.map_err(unmoved)?;
        self.watch(deployment, &session).await.map_err(unmoved)?;
        self.note(deployment, |deployment| {
            deployment.info.status = DeploymentStatus::InProgress;
            deployment.info.start_time = Some(Timestamp::now());
        })?;
        self.hook(deployment, &session, Phase::Before).await?;
        self.phase(deployment, Phase::Shift, EventStatus::InProgress)?;
        self.move_traffic(deployment, &session).await?;
        self.phase(deployment, Phase::Shift, EventStatus::Succeeded)?;
        self.hook(deployment, &session, Phase::After).await
    }

    pub(super) async fn role(&self, deployment: &Deployment) -> Result<Session, Halt> {
        let session = self.cloud.assume(&deployment.group.service_role_arn, deployment.id()).await;
        session.map_err(|error| deployment.failed(ErrorCode::IamRoleMissing, format!("{error:#}")))
    }

    /// An alias that is not where the appspec says would be moved elsewhere by a rollback.
    async fn check_version(&self, deployment: &Deployment, session: &Session) -> Result<(), Halt> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Alias {
            function_version: String,
        }
        let target = &deployment.target;
        let answer = session.get("lambda", &target.path()).await;
        let answer = answer.map_err(|error| deployment.refused("The alias cannot be read", &error))?;
        let alias: Alias = serde_json::from_slice(&answer)
            .map_err(|error| deployment.failed(ErrorCode::InternalError, format!("Lambda's answer: {error}")))?;
        if alias.function_version == target.current_version {
            return Ok(());
        }
        let message = format!(
            "The alias {}:{} points to version {}, and not to {} as the appspec's CurrentVersion says",
            target.function, target.alias, alias.function_version, target.current_version
        );
        Err(deployment.failed(ErrorCode::InvalidLambdaConfiguration, message))
    }

    async fn move_traffic(&self, deployment: &Deployment, session: &Session) -> Result<(), Halt> {
        let config = self.lock().config(&deployment.info.deployment_config_name);
        let config = config.map_err(|error| deployment.broken(&error))?;
        for (percent, minutes) in config.traffic_routing_config.steps() {
            self.route(deployment, session, percent).await?;
            let until = Instant::now() + self.minute * minutes;
            while Instant::now() < until {
                tokio::time::sleep(WATCH.min(until - Instant::now())).await;
                self.watch(deployment, session).await?;
            }
        }
        self.route(deployment, session, 100).await
    }

    /// Gives the target version so many percent of the alias' traffic.
    pub(super) async fn route(&self, deployment: &Deployment, session: &Session, percent: u32) -> Result<(), Halt> {
        let target = &deployment.target;
        let (version, weights) = match percent {
            100 => (&target.target_version, json!({})),
            _ => (&target.current_version, json!({ &target.target_version: f64::from(percent) / 100.0 })),
        };
        let body = json!({ "FunctionVersion": version, "RoutingConfig": { "AdditionalVersionWeights": weights } });
        let put = session.put("lambda", &target.path(), body.to_string().into_bytes()).await;
        put.map_err(|error| deployment.refused("The alias cannot be changed", &error))?;
        self.note(deployment, |deployment| deployment.weight = percent)
    }

    /// Looks whether somebody wants the deployment to stop, and whether an alarm of its group rings.
    async fn watch(&self, deployment: &Deployment, session: &Session) -> Result<(), Halt> {
        let stop = self.lock().deployments.get(deployment.id()).and_then(|found| found.stop_requested);
        if let Some(with_rollback) = stop {
            return Err(Halt {
                status: DeploymentStatus::Stopped,
                error: ErrorInformation {
                    code: ErrorCode::ManualStop,
                    message: "The deployment was stopped by StopDeployment".to_owned(),
                },
                goes_back: with_rollback || deployment.goes_back(RollbackEvent::StopOnRequest),
            });
        }
        let alarms = deployment.alarms();
        if !alarms.enabled || alarms.alarms.is_empty() {
            return Ok(());
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            #[serde(default)]
            metric_alarms: Vec<Alarm>,
            #[serde(default)]
            composite_alarms: Vec<Alarm>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Alarm {
            alarm_name: String,
        }
        let names = alarms.alarms.iter().map(|alarm| &alarm.name).collect::<Vec<_>>();
        let input = json!({
            "AlarmNames": names, "StateValue": "ALARM", "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
        });
        let answer = session.call::<Answer>(JsonService::CLOUDWATCH, "DescribeAlarms", &input).await;
        let ringing = match answer {
            Ok(answer) => answer.metric_alarms.into_iter().chain(answer.composite_alarms),
            Err(_) if alarms.ignore_poll_alarm_failure => return Ok(()),
            Err(error) => return Err(deployment.refused("The alarms cannot be read", &error)),
        };
        let ringing = ringing.map(|alarm| alarm.alarm_name).collect::<Vec<_>>();
        if ringing.is_empty() {
            return Ok(());
        }
        let message = format!(
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the \
             affected deployments have been stopped. Activated alarms: <{}>",
            ringing.join(", ")
        );
        Err(Halt {
            status: DeploymentStatus::Stopped,
            error: ErrorInformation { code: ErrorCode::AlarmActive, message },
            goes_back: deployment.goes_back(RollbackEvent::StopOnAlarm),
        })
    }

    /// Calls a phase's hook, if it has one, and waits for what it says by `PutLifecycleEventHookExecutionStatus`.
    async fn hook(&self, deployment: &Deployment, session: &Session, phase: Phase) -> Result<(), Halt> {
        let Some(function) = deployment.target.hook(phase) else {
            return self.phase(deployment, phase, EventStatus::Skipped);
        };
        self.phase(deployment, phase, EventStatus::InProgress)?;
        let hook = Uuid::new_v4().to_string();
        self.note(deployment, |deployment| {
            deployment.hooks.insert(hook.clone(), HookStatus::Pending);
        })?;
        let event = json!({ "DeploymentId": deployment.id(), "LifecycleEventHookExecutionId": hook });
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let invoked =
            session.post("lambda", &path, &[("x-amz-invocation-type", "Event")], event.to_string().into_bytes()).await;
        invoked.map_err(|error| deployment.refused(&format!("The hook {function} cannot be called"), &error))?;
        let failed =
            |reason: &str| deployment.failed(ErrorCode::HookExecutionFailure, format!("The hook {function} {reason}"));
        let mut changes = self.changes.subscribe();
        let until = Instant::now() + self.minute * HOOK_PATIENCE;
        loop {
            let said = self.lock().deployments.get(deployment.id()).and_then(|found| found.hooks.get(&hook).copied());
            match said {
                Some(HookStatus::Succeeded) => return self.phase(deployment, phase, EventStatus::Succeeded),
                Some(HookStatus::Failed) => return Err(failed("says that it failed")),
                _ if Instant::now() >= until => {
                    return Err(failed("has not called PutLifecycleEventHookExecutionStatus within an hour"));
                }
                _ => {}
            }
            self.watch(deployment, session).await?;
            // Either way it is looked at again.
            let _ = tokio::time::timeout(WATCH, changes.changed()).await;
        }
    }

    pub(super) fn phase(&self, deployment: &Deployment, phase: Phase, status: EventStatus) -> Result<(), Halt> {
        self.note(deployment, |deployment| {
            for event in deployment.events.iter_mut().filter(|event| event.lifecycle_event_name == phase) {
                event.come_to(status);
            }
        })
    }

    pub(super) fn note(&self, deployment: &Deployment, change: impl FnOnce(&mut Deployment)) -> Result<(), Halt> {
        self.change(deployment.id(), change).map_err(|error| deployment.broken(&error))
    }
}

impl Deployment {
    fn failed(&self, code: ErrorCode, message: String) -> Halt {
        let goes_back = self.goes_back(RollbackEvent::Failure);
        Halt { status: DeploymentStatus::Failed, error: ErrorInformation { code, message }, goes_back }
    }

    /// This machine's failure.
    fn broken(&self, error: &ApiError) -> Halt {
        self.failed(ErrorCode::InternalError, error.to_string())
    }

    fn refused(&self, what: &str, error: &CallError) -> Halt {
        let code = match error.code() {
            code if code.starts_with("AccessDenied") => ErrorCode::IamRolePermissions,
            "ResourceNotFoundException" => ErrorCode::InvalidLambdaFunction,
            _ => ErrorCode::InternalError,
        };
        self.failed(code, format!("{what}: {error}"))
    }
}
