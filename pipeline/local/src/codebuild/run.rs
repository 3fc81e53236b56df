//! One build from its queue to its end.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::timeout;

use super::buildspec::Buildspec;
use super::log::BuildLog;
use super::logs::{Destination, LogShipper};
use super::record::Record;
use super::shell::Shell;
use super::types::{ArtifactLocation, Build, PhaseContext, PhaseType, Status};
use super::{CodeBuild, artifacts, cache, environment, locked, phases, reports, transfer};
use crate::aws::Session;

/// What a build needs beyond what its record tells.
#[derive(Debug)]
pub struct Plan {
    pub source: ArtifactLocation,
    /// Further inputs of a pipeline action, each in a folder of its own.
    pub secondary: Vec<ArtifactLocation>,
    pub outputs: Vec<ArtifactLocation>,
    /// A path in the source, or the text itself.
    pub buildspec: Option<String>,
    /// The log group and the stream's prefix where the project sets them; `None` when it wants no log.
    pub logs: Option<(Option<String>, Option<String>)>,
}

const HASH_FILES: &str = include_str!("codebuild-hash-files.sh");

impl CodeBuild {
    /// Runs a build that is in its QUEUED phase, whatever may happen to it.
    pub(super) async fn drive(self: Arc<Self>, record: Arc<Record>, plan: Plan) {
        if let Err(error) = self.queue(&record, &plan).await {
            tracing::error!("build {}: {error:#}", record.build().id);
            let fault = PhaseContext::new("INTERNAL_SERVICE_ERROR", format!("{error:#}"));
            let ended = record.end(Status::Fault, vec![fault]).and_then(|()| record.complete(Status::Fault));
            if let Err(error) = ended {
                tracing::error!("cannot record the end of build {}: {error:#}", record.build().id);
            }
        }
    }

    async fn queue(&self, record: &Record, plan: &Plan) -> Result<()> {
        let build = record.build();
        let turn = locked(&self.turns).entry(build.project_name.clone()).or_default().clone();
        let queued = Duration::from_secs(60 * build.queued_timeout_in_minutes);
        let _turn = tokio::select! {
            turn = timeout(queued, turn.lock()) => match turn {
                Ok(turn) => turn,
                Err(_) => return give_up(record, Status::TimedOut, "BUILD_QUEUED_TIMED_OUT", "the build has waited too long"),
            },
            () = record.stop_requested() => return give_up(record, Status::Stopped, "STOPPED", "the build was stopped"),
        };
        record.end(Status::Succeeded, Vec::new())?;
        self.run(record, plan, &build).await
    }

    async fn run(&self, record: &Record, plan: &Plan, build: &Build) -> Result<()> {
        let log = BuildLog::create(self.store.path(format!("builds/{}.log", build.uuid())))?;
        let folder = self.host.project(&build.project_name);
        clear(&folder)?;

        let mut shipper = None;
        let limit = Duration::from_secs(60 * build.timeout_in_minutes);
        // Whichever way this ends: dropping the future ends the build's processes with its shell.
        let (status, broken) = tokio::select! {
            ended = timeout(limit, self.work(record, plan, build, &log, &mut shipper)) => match ended {
                Ok(Ok(status)) => (status, None),
                Ok(Err(error)) => (Status::Fault, Some(PhaseContext::new("INTERNAL_SERVICE_ERROR", format!("{error:#}")))),
                Err(_) => (Status::TimedOut, Some(PhaseContext::new(
                    "BUILD_TIMED_OUT",
                    format!("the build ran longer than {} minutes", build.timeout_in_minutes),
                ))),
            },
            () = record.stop_requested() => {
                (Status::Stopped, Some(PhaseContext::new("STOPPED", "the build was stopped")))
            }
        };
        if let Some(context) = broken {
            record.end_logged(&log, status, vec![context])?;
        }

        record.begin(PhaseType::Finalizing)?;
        let mut notes = Vec::new();
        if let Some(shipper) = shipper {
            match shipper.finish().await {
                // CloudWatch Logs has it all now.
                Ok(()) => std::fs::remove_file(log.path()).context("cannot remove the build's log")?,
                Err(error) => notes.push(PhaseContext::new("CLOUDWATCH_LOGS_ERROR", format!("{error:#}"))),
            }
        }
        clear(&folder)?;
        record.end(Status::Succeeded, notes)?;
        record.complete(status)
    }

    /// PROVISIONING to UPLOAD_ARTIFACTS.
    async fn work(
        &self,
        record: &Record,
        plan: &Plan,
        build: &Build,
        log: &BuildLog,
        shipper: &mut Option<LogShipper>,
    ) -> Result<Status> {
        record.begin(PhaseType::Provisioning)?;
        log.line(format!("Running on this machine ({})", std::env::consts::ARCH));
        let session = match self.cloud.assume(&build.service_role, &format!("AWSCodeBuild-{}", build.uuid())).await {
            Ok(session) => session,
            Err(error) => return failed(record, log, "CLIENT_ERROR", &error),
        };
        let mut notes = Vec::new();
        if let (Some(group), Some(stream)) = (build.logs.group_name.clone(), build.logs.stream_name.clone()) {
            match LogShipper::start(session.clone(), Destination { group, stream }, log.path()).await {
                Ok(started) => *shipper = Some(started),
                // As on AWS, the build goes on without its log.
                Err(error) => notes.push(PhaseContext::new("CLOUDWATCH_LOGS_ERROR", error.to_string())),
            }
        }
        record.end(Status::Succeeded, notes)?;

        record.begin(PhaseType::DownloadSource)?;
        log.line("Phase is DOWNLOAD_SOURCE");
        let (spec, mut shell) = match self.prepare(plan, build, &session, log).await {
            Ok(prepared) => prepared,
            Err(error) => {
                let code = if error.is::<YamlFileError>() { "YAML_FILE_ERROR" } else { "CLIENT_ERROR" };
                return failed(record, log, code, &error);
            }
        };
        record.end_logged(log, Status::Succeeded, Vec::new())?;

        let outcome = phases::run(&spec, &mut shell, log, record).await?;
        // What a command left running must not change files while they are packed.
        drop(shell);

        record.begin(PhaseType::UploadArtifacts)?;
        let source = self.host.source(&build.project_name);
        let mut failures = reports::process(&self.store, &self.cloud.root(), &spec, record, &source).await?;
        if outcome.built {
            failures.extend(
                artifacts::upload_all(&session, &spec, &plan.outputs, &source, log)
                    .await
                    .err()
                    .map(|error| PhaseContext::new("CLIENT_ERROR", format!("{error:#}"))),
            );
        }
        let succeeded = outcome.succeeded && failures.is_empty();
        let status = if failures.is_empty() { Status::Succeeded } else { Status::Failed };
        record.end_logged(log, status, failures)?;
        Ok(if succeeded { Status::Succeeded } else { Status::Failed })
    }

    /// The source, the buildspec, the caches and the shell.
    async fn prepare(
        &self,
        plan: &Plan,
        build: &Build,
        session: &Session,
        log: &BuildLog,
    ) -> Result<(Buildspec, Shell)> {
        let folder = self.host.project(&build.project_name);
        let source = self.host.source(&build.project_name);
        transfer::download(session, &plan.source, &source).await?;
        let mut secondary = Vec::new();
        for input in &plan.secondary {
            let into = folder.join("inputs").join(&input.name);
            transfer::download(session, input, &into).await?;
            secondary.push((input.name.clone(), into, input.arn()));
        }
        log.line(format!("CODEBUILD_SRC_DIR={}", source.display()));

        let spec = self.buildspec(plan, &source, log)?;
        if build.cache.keeps_custom_paths() {
            cache::link(&spec.cache.paths, &source, &self.host.cache.join(&build.project_name), log)?;
        }
        let helpers = folder.join("bin");
        write_executable(helpers.join("codebuild-hash-files"), HASH_FILES)?;
        std::fs::create_dir_all(&self.host.home).context("cannot create the home of builds")?;
        let variables = environment::merge(
            environment::of_machine(&self.host, &helpers, |name| std::env::var(name).ok()),
            environment::of_cloud(self.cloud.endpoint(), session.credentials()),
            &spec.env.variables,
            &build.environment.environment_variables,
            environment::of_build(build, &source, &secondary),
        );
        let shell = Shell::new(spec.env.shell, &build.id, variables, &source, folder.join("script.sh"));
        Ok((spec, shell))
    }

    fn buildspec(&self, plan: &Plan, source: &std::path::Path, log: &BuildLog) -> Result<Buildspec> {
        let text = match plan.buildspec.as_deref() {
            // As on AWS, what has more than one line is the buildspec itself.
            Some(text) if text.trim().contains('\n') => text.to_owned(),
            path => {
                let path = source.join(path.filter(|path| !path.is_empty()).unwrap_or("buildspec.yml"));
                log.line(format!("YAML location is {}", path.display()));
                std::fs::read_to_string(&path)
                    .map_err(|error| YamlFileError(format!("cannot read the buildspec {}: {error}", path.display())))?
            }
        };
        Ok(Buildspec::parse(&text).map_err(|error| YamlFileError(format!("buildspec: {error}")))?)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct YamlFileError(String);

fn failed(record: &Record, log: &BuildLog, code: &str, error: &anyhow::Error) -> Result<Status> {
    record.end_logged(log, Status::Failed, vec![PhaseContext::new(code, format!("{error:#}"))])?;
    Ok(Status::Failed)
}

fn give_up(record: &Record, status: Status, code: &str, message: &str) -> Result<()> {
    record.end(status, vec![PhaseContext::new(code, message)])?;
    record.complete(status)
}

/// Removes a project's scratch folder; caches are links in it, and stay.
fn clear(folder: &PathBuf) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot empty {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn write_executable(path: PathBuf, content: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
        std::fs::write(&path, content)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
