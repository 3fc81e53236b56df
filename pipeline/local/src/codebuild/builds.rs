//! Builds as the API sees them: started, stopped, read.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::environment::BuildHost;
use super::projects::{check_timeouts, check_variables, missing};
use super::record::{Record, end_phase};
use super::run::{Plan, clear_or_tell};
use super::types::{
    ArtifactLocation, BatchGetBuildsInput, BatchGetBuildsOutput, Build, BuildArtifacts, BuildOutput,
    EnvironmentVariable, LogsConfig, LogsLocation, LogsStatus, PhaseContext, PhaseType, PipelineContext, Project,
    StartBuildInput, Status,
};
use super::{CodeBuild, input, invalid, locked, log, page, processes};
use crate::api::{ApiError, Call, Reply, Timestamp};
use crate::aws::{ACCOUNT, REGION};
use crate::store::Store;

/// The builds that `store` knows. Those that a killed service was running are ended here, with all their processes.
pub fn load(store: &Store, host: &BuildHost) -> Result<BTreeMap<String, Arc<Record>>> {
    let mut records = BTreeMap::new();
    for build in store.list::<Build>("builds")? {
        let (id, complete, folder) = (build.id.clone(), build.build_complete, host.folder(&build));
        // No build is running now, and secrets are not masked in this file.
        log::remove(&store.path(format!("builds/{}.log", build.uuid())));
        let record = Record::loaded(store.clone(), build);
        if !complete {
            processes::kill_all(&id, None);
            clear_or_tell(&folder);
            let killed = PhaseContext::new(
                "INTERNAL_SERVICE_ERROR",
                "the local service was killed while the build ran: start it again",
            );
            record.update(|build| end_phase(build, Status::Fault, vec![killed]))?;
            record.complete(Status::Fault)?;
        }
        records.insert(id, Arc::new(record));
    }
    Ok(records)
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListBuildsInput {
    project_name: Option<String>,
    sort_order: Option<String>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListBuildsOutput {
    ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl CodeBuild {
    pub(super) fn start_build(self: &Arc<Self>, call: &Call) -> Result<Reply, ApiError> {
        let start: StartBuildInput = input(call)?;
        let project = self.project(&start.project_name)?.ok_or_else(|| missing(&start.project_name))?;
        check_variables(&start.environment_variables_override)?;
        let plan = plan(&project, &start)?;
        let record = {
            // The build's number and its place among the builds are taken together.
            let mut builds = locked(&self.builds);
            let running = builds.values().map(|record| record.build());
            let running = running.filter(|build| build.project_name == project.name && !build.build_complete).count();
            if let Some(limit) = project.concurrent_build_limit.filter(|limit| running >= *limit as usize) {
                return Err(ApiError::new(
                    "AccountLimitExceededException",
                    format!("Cannot have more than {limit} active builds for the project {}", project.name),
                ));
            }
            let numbers = builds.values().map(|record| record.build());
            let number =
                numbers.filter(|build| build.project_name == project.name).map(|build| build.build_number).max();
            let build = new_build(&project, &start, &plan, number.unwrap_or_default() + 1);
            check_timeouts(build.timeout_in_minutes, build.queued_timeout_in_minutes)?;
            let record = Arc::new(Record::new(self.store.clone(), build)?);
            builds.insert(record.build().id, record.clone());
            record
        };
        record.begin(PhaseType::Submitted)?;
        record.end(Status::Succeeded, Vec::new())?;
        record.begin(PhaseType::Queued)?;
        let build = record.build();
        let mut running = locked(&self.running);
        while let Some(ended) = running.try_join_next() {
            if let Err(error) = ended {
                tracing::error!("a build broke: {error}");
            }
        }
        running.spawn(self.clone().drive(record, plan));
        Ok(call.reply(&BuildOutput { build }))
    }

    pub(super) fn stop_build(&self, call: &Call) -> Result<Reply, ApiError> {
        let Id { id } = input(call)?;
        let record = self
            .record(&id)
            .ok_or_else(|| ApiError::new("ResourceNotFoundException", format!("Build cannot be found: {id}")))?;
        record.stop();
        Ok(call.reply(&BuildOutput { build: record.build() }))
    }

    pub(super) fn batch_get_builds(&self, call: &Call) -> Result<Reply, ApiError> {
        let BatchGetBuildsInput { ids } = input(call)?;
        if !(1..=100).contains(&ids.len()) {
            return Err(invalid("ids must name 1 to 100 builds"));
        }
        let (mut builds, mut builds_not_found) = (Vec::new(), Vec::new());
        for id in ids {
            match self.record(&id) {
                Some(record) => builds.push(record.build()),
                None => builds_not_found.push(id),
            }
        }
        Ok(call.reply(&BatchGetBuildsOutput { builds, builds_not_found }))
    }

    pub(super) fn list_builds(&self, call: &Call) -> Result<Reply, ApiError> {
        self.list(call, input(call)?)
    }

    pub(super) fn list_builds_for_project(&self, call: &Call) -> Result<Reply, ApiError> {
        let list: ListBuildsInput = input(call)?;
        let name = list.project_name.as_deref().ok_or_else(|| invalid("projectName is missing"))?;
        self.project(name)?.ok_or_else(|| missing(name))?;
        self.list(call, list)
    }

    fn list(&self, call: &Call, list: ListBuildsInput) -> Result<Reply, ApiError> {
        let mut builds: Vec<Build> = locked(&self.builds).values().map(|record| record.build()).collect();
        builds.retain(|build| list.project_name.as_ref().is_none_or(|name| *name == build.project_name));
        builds.sort_by_key(|build| (build.start_time, build.build_number));
        if list.sort_order.as_deref() != Some("ASCENDING") {
            builds.reverse();
        }
        let ids = builds.into_iter().map(|build| build.id).collect();
        let (ids, next_token) = page(ids, list.next_token.as_deref(), 100)?;
        Ok(call.reply(&ListBuildsOutput { ids, next_token }))
    }

    /// An ARN names a build as well.
    fn record(&self, id: &str) -> Option<Arc<Record>> {
        locked(&self.builds).get(id.rsplit('/').next().unwrap_or(id)).cloned()
    }
}

/// Where the build's source comes from and its artifacts go.
fn plan(project: &Project, start: &StartBuildInput) -> Result<Plan, ApiError> {
    let buildspec = start.buildspec_override.clone().or_else(|| project.source.buildspec.clone());
    let (mut inputs, primary, outputs) = match (&start.pipeline, &project.source.location) {
        (Some(pipeline), _) => {
            // Each name becomes a folder.
            if let Some(input) = pipeline.inputs.iter().find(|input| !is_artifact_name(&input.name)) {
                return Err(invalid(format!(
                    "{:?} is no artifact name: use 1 to 100 letters, digits, - and _",
                    input.name
                )));
            }
            (pipeline.inputs.clone(), pipeline.primary.as_deref(), pipeline.outputs.clone())
        }
        (None, Some(location)) => {
            let (bucket, key) = location
                .trim_start_matches("arn:aws:s3:::")
                .split_once('/')
                .ok_or_else(|| invalid(format!("the source location {location} must be <bucket>/<key of a zip>")))?;
            let zip = ArtifactLocation { name: "source".to_owned(), bucket: bucket.to_owned(), key: key.to_owned() };
            (vec![zip], None, Vec::new())
        }
        (None, None) => {
            return Err(invalid(format!("{} takes its source from a pipeline: start the pipeline", project.name)));
        }
    };
    let first = match primary {
        Some(name) => inputs.iter().position(|input| input.name == name),
        None => Some(0).filter(|_| !inputs.is_empty()),
    };
    let source = inputs.remove(first.ok_or_else(|| invalid("the build has no primary source"))?);
    Ok(Plan { source, secondary: inputs, outputs, buildspec, logs: log_destination(&project.logs_config) })
}

fn is_artifact_name(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
}

/// The log group and the stream's prefix that the project sets; `None` when it wants no log there.
fn log_destination(config: &LogsConfig) -> Option<(Option<String>, Option<String>)> {
    match &config.cloud_watch_logs {
        Some(logs) if logs.status == LogsStatus::Disabled => None,
        Some(logs) => Some((logs.group_name.clone(), logs.stream_name.clone())),
        None => Some((None, None)),
    }
}

fn new_build(project: &Project, start: &StartBuildInput, plan: &Plan, number: u64) -> Build {
    let uuid = Uuid::new_v4();
    let id = format!("{}:{uuid}", project.name);
    let pipeline = start.pipeline.as_ref();
    let logs = plan.logs.as_ref().map_or_else(LogsLocation::default, |(group, prefix)| {
        let group = group.clone().unwrap_or_else(|| format!("/aws/codebuild/{}", project.name));
        let stream = prefix.as_ref().map_or_else(|| uuid.to_string(), |prefix| format!("{prefix}/{uuid}"));
        LogsLocation {
            cloud_watch_logs_arn: Some(format!(
                "arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:{stream}"
            )),
            group_name: Some(group),
            stream_name: Some(stream),
            deep_link: None,
        }
    });
    let mut environment = project.environment.clone();
    environment.environment_variables =
        overridden(&environment.environment_variables, &start.environment_variables_override);
    Build {
        arn: format!("arn:aws:codebuild:{REGION}:{ACCOUNT}:build/{id}"),
        id,
        build_number: number,
        start_time: Timestamp::now(),
        end_time: None,
        current_phase: PhaseType::Submitted.name().to_owned(),
        build_status: Status::InProgress,
        source_version: start.source_version.clone().or_else(|| pipeline.map(|_| plan.source.arn())),
        resolved_source_version: pipeline.and_then(PipelineContext::commit),
        project_name: project.name.clone(),
        phases: Vec::new(),
        source: project.source.clone(),
        artifacts: plan.outputs.first().map_or_else(BuildArtifacts::default, |output| BuildArtifacts {
            location: Some(output.arn()),
            artifact_identifier: None,
        }),
        secondary_artifacts: Vec::new(),
        cache: project.cache.clone(),
        environment,
        service_role: start.service_role_override.clone().unwrap_or_else(|| project.service_role.clone()),
        logs,
        timeout_in_minutes: start.timeout_in_minutes_override.unwrap_or(project.timeout_in_minutes),
        queued_timeout_in_minutes: project.queued_timeout_in_minutes,
        build_complete: false,
        initiator: pipeline
            .map_or_else(|| "root".to_owned(), |pipeline| format!("codepipeline/{}", pipeline.pipeline_name)),
        encryption_key: project.encryption_key.clone(),
        exported_environment_variables: Vec::new(),
        report_arns: Vec::new(),
    }
}

fn overridden(project: &[EnvironmentVariable], start: &[EnvironmentVariable]) -> Vec<EnvironmentVariable> {
    let kept = project.iter().filter(|variable| start.iter().all(|other| other.name != variable.name));
    kept.chain(start).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_inputs_are_no_paths() {
        for (name, valid) in [("Source_2-b", true), ("", false), ("../up", false), ("/etc", false), ("a.b", false)] {
            assert_eq!(is_artifact_name(name), valid, "{name:?}");
        }
        assert!(!is_artifact_name(&"a".repeat(101)));
    }
}
