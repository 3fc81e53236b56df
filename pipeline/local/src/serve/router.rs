//! Which service a request is for.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use super::{TOKEN_HEADER, push};
use crate::api::Call;
use crate::aws::{Cloud, JsonService};
use crate::codebuild::CodeBuild;
use crate::codecommit::{CodeCommit, hook, http};
use crate::codedeploy::CodeDeploy;
use crate::codepipeline::CodePipeline;

/// An API request is text; what is large goes through S3 or git.
const LARGEST_API_REQUEST: usize = 8 << 20;

pub struct Services {
    pub cloud: Cloud,
    pub codecommit: Arc<CodeCommit>,
    pub codebuild: Arc<CodeBuild>,
    pub codedeploy: Arc<CodeDeploy>,
    pub codepipeline: Arc<CodePipeline>,
    /// The environment of the repositories' hook.
    pub hook: Vec<(String, String)>,
    /// What MiniStack and these services know each other by.
    pub token: String,
}

pub fn router(services: Arc<Services>) -> Router {
    let for_push = Arc::clone(&services);
    let for_git = Arc::clone(&services);
    let expected = HeaderValue::from_str(&services.token).ok();
    Router::new()
        .route(
            &format!("{}/{{repository}}", hook::ROUTE),
            post(move |repository, body| push::pushed(for_push, repository, body)),
        )
        .route(
            &format!("{}{{*path}}", http::PREFIX),
            axum::routing::any(move |request: Request| async move {
                Arc::clone(&for_git.codecommit).serve_git(request, &for_git.hook).await
            }),
        )
        .fallback(move |request| api(services, request))
        // Any process of this machine can reach the port, and so can a page in its browser: a push runs code.
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let is_ours = expected.is_some() && request.headers().get(TOKEN_HEADER) == expected.as_ref();
            async move { if is_ours { next.run(request).await } else { StatusCode::FORBIDDEN.into_response() } }
        }))
}

async fn api(services: Arc<Services>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match to_bytes(body, LARGEST_API_REQUEST).await {
        Ok(body) => body,
        Err(error) => return (StatusCode::PAYLOAD_TOO_LARGE, error.to_string()).into_response(),
    };
    let Some(call) = Call::parse(&parts.uri, parts.headers, body) else {
        return (StatusCode::NOT_FOUND, "no API operation has this path\n").into_response();
    };
    let answer = match call.target.as_str() {
        target if target == JsonService::CODECOMMIT.target => services.codecommit.handle(&call).await,
        target if target == JsonService::CODEBUILD.target => services.codebuild.handle(&call).await,
        target if target == JsonService::CODEDEPLOY.target => services.codedeploy.handle(&call).await,
        target if target == JsonService::CODEPIPELINE.target => services.codepipeline.handle(&call).await,
        target => Err(crate::api::ApiError::unsupported(target)),
    };
    answer.unwrap_or_else(|error| call.error(&error))
}
