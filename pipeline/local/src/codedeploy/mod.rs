//! The local CodeDeploy: traffic of Lambda aliases, shifted from one version to the next while alarms watch.
//!
//! Of the service's compute platforms it has Lambda only.

mod appspec;
mod configs;
mod deployments;
mod events;
mod groups;
mod record;
mod resume;
mod rollback;
mod shift;
mod tags;
mod targets;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiError, Call, Reply};
use crate::aws::Cloud;
use crate::store::Store;
use record::Deployment;
use types::{Application, DeploymentConfig, DeploymentGroup, Tag};

/// What it calls itself where it refuses.
const SERVICE: &str = "CodeDeploy";

type Tags = BTreeMap<String, Vec<Tag>>;

pub struct CodeDeploy {
    store: Store,
    cloud: Cloud,
    /// How long a minute between two shifts lasts.
    minute: Duration,
    state: Mutex<State>,
    /// Counts the changes of any deployment: whoever waits for one looks again.
    changes: watch::Sender<u64>,
    /// Cancelled when the service ends: no deployment goes on then.
    closing: CancellationToken,
    events: UnboundedSender<Value>,
    /// Taken by the task that raises the events, once the cloud answers.
    raised: Mutex<Option<UnboundedReceiver<Value>>>,
}

#[derive(Default)]
struct State {
    applications: BTreeMap<String, Application>,
    /// By application and name.
    groups: BTreeMap<(String, String), DeploymentGroup>,
    /// Those that somebody has made: CodeDeploy's own are always there.
    configs: BTreeMap<String, DeploymentConfig>,
    deployments: BTreeMap<String, Deployment>,
    tags: Tags,
}

impl CodeDeploy {
    /// Reads what earlier runs of the service left; [`CodeDeploy::resume`] then ends what they were at.
    pub fn open(store: Store, cloud: Cloud, minute: Duration) -> Result<Arc<Self>> {
        let mut state = State { tags: Self::stored_tags(&store)?, ..State::default() };
        for application in store.list::<Application>("applications")? {
            state.applications.insert(application.application_name.clone(), application);
        }
        for group in store.list::<DeploymentGroup>("groups")? {
            state.groups.insert((group.application_name.clone(), group.deployment_group_name.clone()), group);
        }
        for config in store.list::<DeploymentConfig>("configs")? {
            state.configs.insert(config.deployment_config_name.clone(), config);
        }
        for deployment in store.list::<Deployment>("deployments")? {
            state.deployments.insert(deployment.id().to_owned(), deployment);
        }
        let (events, raised) = unbounded_channel();
        Ok(Arc::new(Self {
            store,
            cloud,
            minute,
            state: Mutex::new(state),
            changes: watch::Sender::new(0),
            closing: CancellationToken::new(),
            events,
            raised: Mutex::new(Some(raised)),
        }))
    }

    /// Leaves the deployments as they stand, for the next service to put their traffic back: before the cloud goes away,
    /// or its silence would look like their failure.
    pub fn close(&self) {
        self.closing.cancel();
    }

    pub async fn handle(self: &Arc<Self>, call: &Call) -> Result<Reply, ApiError> {
        match call.operation.as_str() {
            "CreateApplication" => self.create_application(call),
            "GetApplication" => self.get_application(call),
            "DeleteApplication" => self.delete_application(call),
            "ListApplications" => Ok(self.list_applications(call)),
            "CreateDeploymentGroup" => self.create_group(call),
            "UpdateDeploymentGroup" => self.update_group(call),
            "GetDeploymentGroup" => self.get_group(call),
            "DeleteDeploymentGroup" => self.delete_group(call),
            "ListDeploymentGroups" => self.list_groups(call),
            "CreateDeploymentConfig" => self.create_config(call),
            "GetDeploymentConfig" => self.get_config(call),
            "DeleteDeploymentConfig" => self.delete_config(call),
            "ListDeploymentConfigs" => Ok(self.list_configs(call)),
            "CreateDeployment" => self.create_deployment(call),
            "GetDeployment" => self.get_deployment(call),
            "BatchGetDeployments" => self.batch_get_deployments(call),
            "ListDeployments" => self.list_deployments(call),
            "StopDeployment" => self.stop_deployment(call),
            "ListDeploymentTargets" => self.list_targets(call),
            "GetDeploymentTarget" => self.get_target(call),
            "BatchGetDeploymentTargets" => self.batch_get_targets(call),
            "PutLifecycleEventHookExecutionStatus" => self.put_hook_status(call),
            "ListTagsForResource" => self.list_tags(call),
            "TagResource" => self.tag(call),
            "UntagResource" => self.untag(call),
            operation => Err(ApiError::unsupported(operation)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The maps are whole after a panic elsewhere: each change of them is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a new deployment.
    fn add(&self, state: &mut State, deployment: Deployment) -> Result<(), ApiError> {
        self.keep(&deployment)?;
        state.deployments.insert(deployment.id().to_owned(), deployment);
        Ok(())
    }

    /// Changes a deployment, remembers it, wakes who waits for a change, and tells EventBridge.
    fn change<T>(&self, id: &str, change: impl FnOnce(&mut Deployment) -> T) -> Result<T, ApiError> {
        let mut state = self.lock();
        let deployment = state.deployments.get_mut(id).ok_or_else(|| no_such_deployment(id))?;
        let before = deployment.info.status;
        let result = change(deployment);
        self.keep(deployment)?;
        if deployment.info.status != before
            && let Some(event) = events::of(&deployment.info)
        {
            // The receiver goes only when the service does.
            let _ = self.events.send(event);
        }
        self.changes.send_modify(|count| *count += 1);
        Ok(result)
    }

    fn keep(&self, deployment: &Deployment) -> Result<()> {
        self.store.put(format!("deployments/{}.json", deployment.id()), deployment)
    }
}

fn no_such_deployment(id: &str) -> ApiError {
    ApiError::new("DeploymentDoesNotExistException", format!("there is no deployment {id}"))
}
