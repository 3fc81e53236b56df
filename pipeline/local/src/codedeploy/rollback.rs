//! How a deployment ends, and how its traffic goes back.

use super::CodeDeploy;
use super::deployments::new_id;
use super::record::{
    Content, Creator, Deployment, DeploymentInfo, DeploymentStatus, EventStatus, Phase, Revision, RollbackInfo,
};
use super::shift::Halt;
use super::types::DeploymentConfig;
use crate::api::Timestamp;

impl CodeDeploy {
    /// Ends a deployment that did not succeed, and puts the traffic back where that is wanted.
    pub(super) async fn halt(&self, deployment: &Deployment, halt: Halt) {
        let rollback = if halt.goes_back { self.put_back(deployment).await } else { None };
        self.end(deployment.id(), halt.status, |deployment| {
            deployment.info.error_information = Some(halt.error);
            deployment.info.rollback_info = rollback.or(deployment.info.rollback_info.take());
        });
    }

    pub(super) fn end(&self, id: &str, status: DeploymentStatus, change: impl FnOnce(&mut Deployment)) {
        let ended = self.change(id, |deployment| {
            for event in &mut deployment.events {
                match event.status {
                    EventStatus::Pending => event.status = EventStatus::Skipped,
                    EventStatus::InProgress => event.come_to(EventStatus::Failed),
                    _ => {}
                }
            }
            deployment.info.status = status;
            deployment.info.complete_time = Some(Timestamp::now());
            change(deployment);
        });
        if let Err(error) = ended {
            tracing::error!("the end of the deployment {id} is not stored: {error}");
        }
    }

    /// Gives all traffic back to the version that had it: a deployment of its own, as on AWS. It ends before the one
    /// that it undoes, so that nobody deploys in between.
    async fn put_back(&self, undone: &Deployment) -> Option<RollbackInfo> {
        let mut back = undone.back();
        let target = &back.target;
        let message = format!(
            "Deployment {} puts all traffic of {}:{} back to version {}",
            back.id(),
            target.function,
            target.alias,
            target.target_version
        );
        let info = RollbackInfo { rollback_message: message, ..RollbackInfo::default() };
        back.info.rollback_info =
            Some(RollbackInfo { rollback_triggering_deployment_id: Some(undone.id().to_owned()), ..info.clone() });
        if let Err(error) = self.add(&mut self.lock(), back.clone()) {
            tracing::error!("the rollback of the deployment {} is not stored: {error}", undone.id());
        }
        let routed = async {
            self.note(&back, |back| back.info.status = DeploymentStatus::InProgress)?;
            self.phase(&back, Phase::Shift, EventStatus::InProgress)?;
            let session = self.role(&back).await?;
            self.route(&back, &session, 100).await?;
            self.phase(&back, Phase::Shift, EventStatus::Succeeded)
        };
        match routed.await {
            Ok(()) => self.end(back.id(), DeploymentStatus::Succeeded, |_| ()),
            Err(halt) => {
                self.end(back.id(), halt.status, |back| back.info.error_information = Some(halt.error));
            }
        }
        Some(RollbackInfo { rollback_deployment_id: Some(back.id().to_owned()), ..info })
    }
}

impl Deployment {
    /// The deployment that undoes this one.
    fn back(&self) -> Self {
        let target = self.target.reversed();
        let now = Timestamp::now();
        Self {
            info: DeploymentInfo {
                deployment_id: new_id(),
                deployment_config_name: DeploymentConfig::ALL_AT_ONCE.to_owned(),
                revision: Revision::String { content: Content { content: target.to_appspec(), sha256: None } },
                creator: Creator::CodeDeployRollback,
                status: DeploymentStatus::Created,
                create_time: now,
                start_time: Some(now),
                complete_time: None,
                error_information: None,
                ..self.info.clone()
            },
            target,
            weight: 0,
            events: Phase::all(),
            stop_requested: None,
            hooks: Default::default(),
            group: self.group.clone(),
        }
    }
}
