//! The background service: MiniStack as a child, and beside it the developer tools services that MiniStack lacks.
//!
//! Clients only ever talk to MiniStack's port. What is loaded into MiniStack (`glue/`) checks who asks and hands on
//! the requests for CodeCommit, CodeBuild and CodePipeline, with a token that nobody else has.

mod ministack;
mod push;
mod router;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use uuid::Uuid;

use crate::aws::{Cloud, loopback_client};
use crate::codebuild::{BuildHost, CodeBuild};
use crate::codecommit::{CodeCommit, hook};
use crate::codedeploy::CodeDeploy;
use crate::codepipeline::CodePipeline;
use crate::daemon::ServiceRecord;
use crate::home::Home;
use crate::pace::Pace;
use crate::store::Store;
use router::Services;

/// Carries the token on every request that MiniStack hands on.
pub const TOKEN_HEADER: &str = "x-devtools-token";

/// Serves the local cloud on `port` until the process is told to end.
pub async fn run(home: Home, port: u16) -> Result<()> {
    let log_level = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(log_level).with_ansi(false).init();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let pace = Pace::from_env()?;
    let token = Uuid::new_v4().to_string();
    let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot listen on the loopback interface")?;
    let url = format!("http://{}", listener.local_addr()?);
    let services = open_services(&home, port, pace, &url, &token)?;
    let router = router::router(Arc::clone(&services));

    let mut ministack = ministack::start(&home, port, &url, &token)?;
    ServiceRecord::new(&home, port)?.write(&home)?;
    tokio::spawn(resume(Arc::clone(&services), token));
    let ended = tokio::select! {
        served = async { axum::serve(listener, router).await } => served.context("the developer tools services ended"),
        status = ministack.ended() => Err(anyhow::anyhow!("MiniStack ended by itself ({})", status?)),
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    services.codepipeline.close();
    services.codedeploy.close();
    services.codebuild.stop_all().await;
    ministack.stop().await?;
    ended
}

/// Lets executions go on that an earlier service left waiting, as soon as the cloud answers.
async fn resume(services: Arc<Services>, token: String) {
    let health = format!("{}/_ministack/health", services.cloud.endpoint());
    let http = loopback_client();
    while !http.get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    services.codedeploy.resume(TOKEN_HEADER, &token).await;
    services.codepipeline.resume(TOKEN_HEADER, &token);
}

fn open_services(home: &Home, port: u16, pace: Pace, url: &str, token: &str) -> Result<Arc<Services>> {
    let state = home.state_dir().join("devtools");
    let cloud = Cloud::new(format!("http://127.0.0.1:{port}"));
    let codecommit = CodeCommit::open(
        Store::open(state.join("codecommit"))?,
        home.repositories_dir(),
        format!("http://localhost:{port}"),
    )?;
    let host = BuildHost {
        work: home.build_dir(),
        cache: home.cache_dir(),
        tools_bin: home.tools_bin_dir(),
        home: home.build_home_dir(),
    };
    let codebuild = CodeBuild::open(Store::open(state.join("codebuild"))?, cloud.clone(), host)?;
    let store = Store::open(state.join("codedeploy"))?;
    let codedeploy = CodeDeploy::open(store, cloud.clone(), pace.deployment_minute)?;
    let store = Store::open(state.join("codepipeline"))?;
    let codepipeline = CodePipeline::open(store, cloud.clone(), Arc::clone(&codecommit), pace.approval_minute)?;
    let hook = hook::install(&home.state_dir().join("hooks"), url, token)?;
    Ok(Arc::new(Services { cloud, codecommit, codebuild, codedeploy, codepipeline, hook, token: token.to_owned() }))
}
