//! A push, from the hook's report to the lines that the pusher reads.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::TOKEN_HEADER;
use super::router::Services;
use crate::api::Timestamp;
use crate::codecommit::push::MovedReference;

/// How long a push waits to name the execution that it started.
const PATIENCE: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(50);

pub async fn pushed(services: Arc<Services>, Path(repository): Path<String>, body: String) -> Response {
    let moved = body.lines().filter_map(MovedReference::parse).collect::<Vec<_>>();
    let since = Timestamp::now();
    let as_service = (TOKEN_HEADER, services.token.as_str());
    let raised = services.codecommit.pushed(&repository, &moved, &services.cloud.root(), as_service).await;
    if let Err(error) = raised {
        let said = format!("The push is stored, but no event was raised: {error:#}\nStart the pipeline by hand.\n");
        return (StatusCode::INTERNAL_SERVER_ERROR, said).into_response();
    }
    let mut said = String::new();
    for reference in &moved {
        if let (Some(branch), Some(commit_id)) = (reference.branch(), &reference.new) {
            said.push_str(&what_started(&services, &repository, branch, commit_id, since).await);
        }
    }
    said.into_response()
}

async fn what_started(
    services: &Services,
    repository: &str,
    branch: &str,
    commit_id: &str,
    since: Timestamp,
) -> String {
    let short = commit_id.get(..8).unwrap_or(commit_id);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let (followed, started) = services.codepipeline.started_by(repository, branch, commit_id, since);
        if !started.is_empty() {
            let lines = started.iter().map(|(pipeline, id)| {
                format!("Pipeline {pipeline}: execution {id} started for {short}\nFollow it: cargo local watch {id}\n")
            });
            return lines.collect();
        }
        if !followed {
            return format!("No pipeline follows the branch {branch}.\n");
        }
        if tokio::time::Instant::now() > deadline {
            return format!("The push of {short} is stored; no execution has started yet. See: cargo local status\n");
        }
        tokio::time::sleep(POLL).await;
    }
}
