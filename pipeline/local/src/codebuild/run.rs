//! One build from its queue to its end.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use futures_util::FutureExt;
use tokio::time::timeout;

use super::buildspec::Buildspec;
use super::log::BuildLog;
use super::logs::{Destination, LogShipper};
use super::record::Record;
use super::refusal::Refusal;
use super::shell::Shell;
use super::types::{ArtifactLocation, Build, PhaseContext, PhaseType, Status};
use super::{CodeBuild, artifacts, cache, environment, locked, phases, reports, runtimes, secrets, transfer};
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
        if let Err(error) = caught(self.queue(&record, &plan)).await {
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
        // Builds that share a cache of this machine share its folders; all others run at the same time, as on AWS.
        let place = if build.cache.keeps_custom_paths() { &build.project_name } else { &build.id };
        let turn = locked(&self.turns).entry(place.clone()).or_default().clone();
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
        let folder = self.host.folder(build);
        clear(&folder)?;

        let mut shipper = None;
        let limit = Duration::from_secs(60 * build.timeout_in_minutes);
        // Whichever way this ends: dropping the future ends the build's processes with its shell.
        let (status, broken) = tokio::select! {
            ended = timeout(limit, caught(self.work(record, plan, build, &log, &mut shipper))) => match ended {
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
        if let Some(shipper) = shipper
            && let Err(error) = shipper.finish().await
        {
            notes.push(PhaseContext::new("CLOUDWATCH_LOGS_ERROR", format!("{error:#}")));
        }
        // Nobody reads the file any more, and no secret is masked in it.
        drop(log);
        clear_or_tell(&folder);
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
        if let (Some(group), Some(stream)) = (build.logs.group_name.clone(), build.logs.stream_name.clone()) {
            match LogShipper::start(session.clone(), Destination { group, stream }, log.path()).await {
                Ok(started) => *shipper = Some(started),
                Err(error) => {
                    let refused = anyhow!(
                        "Service role {} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for \
                         build {}. Error message: {error}",
                        build.service_role,
                        build.arn
                    );
                    return failed(record, log, "ACCESS_DENIED", &refused);
                }
            }
        }
        record.end(Status::Succeeded, Vec::new())?;

        record.begin(PhaseType::DownloadSource)?;
        log.line("Phase is DOWNLOAD_SOURCE");
        let Prepared { spec, mut shell, secrets } = match self.prepare(plan, build, &session, log).await {
            Ok(prepared) => prepared,
            Err(error) => {
                let code = error.downcast_ref().map_or("CLIENT_ERROR", |refusal: &Refusal| refusal.code);
                return failed(record, log, code, &error);
            }
        };
        if let Some(shipper) = shipper {
            shipper.mask(secrets);
        }
        record.end_logged(log, Status::Succeeded, Vec::new())?;

        let outcome = phases::run(&spec, &mut shell, log, record).await?;
        // What a command left running must not change files while they are packed.
        drop(shell);

        record.begin(PhaseType::UploadArtifacts)?;
        let (source, cache) = (self.host.source(build), self.host.cache.join(&build.project_name));
        let mut failures = reports::process(&self.store, &self.cloud.root(), &spec, record, &source, &cache).await?;
        if outcome.built {
            failures.extend(
                artifacts::upload_all(&session, &spec, &plan.outputs, &source, &cache, log)
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
    async fn prepare(&self, plan: &Plan, build: &Build, session: &Session, log: &BuildLog) -> Result<Prepared> {
        let folder = self.host.folder(build);
        let source = self.host.source(build);
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
        write_executable(folder.join("bin/codebuild-hash-files"), HASH_FILES)?;
        fs::create_dir_all(&self.host.home).context("cannot create the home of builds")?;
        let secrets = secrets::fetch(session, &spec.env, &build.environment.environment_variables).await?;
        let variables = environment::merge([
            environment::of_machine(&self.host, &folder, |name| std::env::var(name).ok()),
            environment::of_cloud(self.cloud.endpoint(), session.credentials()),
            spec.env.git(self.cloud.endpoint()),
            spec.env.variables.clone(),
            secrets.of_buildspec,
            secrets.of_project,
            environment::of_build(build, &source, &secondary),
        ]);
        runtimes::select(&spec.phases.install.runtime_versions, &variables, &folder, log).await?;
        let shell = Shell::new(spec.env.shell, &build.id, variables, &source, folder.join("script.sh"));
        Ok(Prepared { spec, shell, secrets: secrets.values })
    }

    fn buildspec(&self, plan: &Plan, source: &Path, log: &BuildLog) -> Result<Buildspec> {
        let text = match plan.buildspec.as_deref() {
            // As on AWS, what has more than one line is the buildspec itself.
            Some(text) if text.trim().contains('\n') => text.to_owned(),
            path => {
                let path = source.join(path.filter(|path| !path.is_empty()).unwrap_or("buildspec.yml"));
                log.line(format!("YAML location is {}", path.display()));
                fs::read_to_string(&path)
                    .map_err(|error| Refusal::yaml(format!("cannot read the buildspec {}: {error}", path.display())))?
            }
        };
        Ok(Buildspec::parse(&text).map_err(|error| Refusal::yaml(format!("buildspec: {error}")))?)
    }
}

/// What the phases need.
struct Prepared {
    spec: Buildspec,
    shell: Shell,
    /// What the log must not show.
    secrets: Vec<String>,
}

fn failed(record: &Record, log: &BuildLog, code: &str, error: &anyhow::Error) -> Result<Status> {
    record.end_logged(log, Status::Failed, vec![PhaseContext::new(code, format!("{error:#}"))])?;
    Ok(Status::Failed)
}

fn give_up(record: &Record, status: Status, code: &str, message: &str) -> Result<()> {
    record.end(status, vec![PhaseContext::new(code, message)])?;
    record.complete(status)
}

/// A panic is an error like any other: it must not leave a build without an end.
async fn caught<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let ended = AssertUnwindSafe(work).catch_unwind().await;
    ended.unwrap_or_else(|_| Err(anyhow!("the local CodeBuild panicked: its own log says where")))
}

/// Removes a project's scratch folder; caches are links in it, and stay.
fn clear(folder: &Path) -> Result<()> {
    let removed = match fs::remove_dir_all(folder) {
        // Some tools write-protect what they unpack: Go does so with its module cache.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(folder).and_then(|()| fs::remove_dir_all(folder))
        }
        removed => removed,
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot empty {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// As [`clear`], where what stays behind harms nobody.
pub fn clear_or_tell(folder: &Path) {
    if let Err(error) = clear(folder) {
        tracing::warn!("{error:#}");
    }
}

/// Gives the user all rights to a folder and those below it.
fn make_writable(folder: &Path) -> io::Result<()> {
    let mode = fs::metadata(folder)?.permissions().mode();
    fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A link is no folder here, whatever it leads to.
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}

fn write_executable(path: PathBuf, content: &str) -> Result<()> {
    let write = || -> io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(&path, content)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let error = caught::<()>(async { panic!("on purpose") }).await.unwrap_err();
        assert!(error.to_string().contains("panicked"), "{error}");
    }

    #[test]
    fn write_protected_folders_can_be_removed() {
        let root = tempfile::tempdir().unwrap();
        let (folder, cache) = (root.path().join("work"), root.path().join("cache"));
        fs::create_dir_all(folder.join("mod/deep")).unwrap();
        fs::create_dir(&cache).unwrap();
        fs::write(folder.join("mod/deep/file"), "").unwrap();
        std::os::unix::fs::symlink(&cache, folder.join("mod/cache")).unwrap();
        for path in [folder.join("mod/deep"), folder.join("mod"), cache.clone()] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o500)).unwrap();
        }
        // Nothing is denied to root, so the test does not rely on it.
        make_writable(&folder).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder.join("mod/deep")), mode(&cache)), (0o700, 0o500));
        clear(&folder).unwrap();
        assert!(!folder.exists());
        clear(&folder).unwrap();
    }
}
