//! After a restart: what an earlier service was at is over, and no traffic is left half shifted.

use std::sync::PoisonError;

use super::record::{Creator, DeploymentStatus, ErrorCode, ErrorInformation};
use super::shift::Halt;
use super::{CodeDeploy, events};

impl CodeDeploy {
    /// Called once, as soon as the cloud answers.
    pub async fn resume(&self, token_header: &'static str, token: &str) {
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(raised) = raised {
            tokio::spawn(events::raise(raised, self.cloud.root(), token_header, token.to_owned()));
        }
        let mut left = self.lock().deployments.values().cloned().collect::<Vec<_>>();
        // Of one that was only created, no traffic has moved, and the alias may be elsewhere than it says.
        left.retain(|found| !found.info.status.is_final());
        for deployment in left {
            let error = ErrorInformation {
                code: ErrorCode::InternalError,
                message: "The local service ended during this deployment: deploy once more".to_owned(),
            };
            // What was putting traffic back is done over by the deployment that it belongs to.
            let goes_back =
                deployment.info.creator == Creator::User && deployment.info.status != DeploymentStatus::Created;
            self.halt(&deployment, Halt { status: DeploymentStatus::Failed, error, goes_back }).await;
        }
    }
}
