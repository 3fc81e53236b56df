//! Build projects. What a project asks for and this machine cannot give is refused when the project is made.

use serde::{Deserialize, Serialize};

use super::types::{
    ArtifactsType, CacheType, EnvironmentVariable, LogsConfig, LogsStatus, Project, ProjectArtifacts, ProjectCache,
    ProjectEnvironment, ProjectSource, SourceType, Tag,
};
use super::{CodeBuild, input, invalid, page};
use crate::api::{ApiError, Call, Reply, Timestamp};
use crate::aws::{ACCOUNT, REGION};

/// The input of CreateProject; of UpdateProject, too, where what is missing stays as it was.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProjectInput {
    name: String,
    description: Option<String>,
    source: Option<ProjectSource>,
    artifacts: Option<ProjectArtifacts>,
    cache: Option<ProjectCache>,
    environment: Option<ProjectEnvironment>,
    service_role: Option<String>,
    timeout_in_minutes: Option<u64>,
    queued_timeout_in_minutes: Option<u64>,
    encryption_key: Option<String>,
    tags: Option<Vec<Tag>>,
    logs_config: Option<LogsConfig>,
    concurrent_build_limit: Option<u32>,
    /// A badge shows a public page, which this machine has none of.
    #[serde(rename = "badgeEnabled")]
    _badge_enabled: Option<bool>,
}

impl ProjectInput {
    fn create(self) -> Result<Project, ApiError> {
        let required = |name: &str| invalid(format!("a project needs {name}"));
        let now = Timestamp::now();
        Ok(Project {
            arn: format!("arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{}", self.name),
            name: self.name,
            description: self.description,
            source: self.source.ok_or_else(|| required("source"))?,
            artifacts: self.artifacts.ok_or_else(|| required("artifacts"))?,
            cache: self.cache.unwrap_or_default(),
            environment: self.environment.ok_or_else(|| required("environment"))?,
            service_role: self.service_role.ok_or_else(|| required("serviceRole"))?,
            timeout_in_minutes: self.timeout_in_minutes.unwrap_or(60),
            queued_timeout_in_minutes: self.queued_timeout_in_minutes.unwrap_or(480),
            encryption_key: self.encryption_key,
            tags: self.tags.unwrap_or_default(),
            logs_config: self.logs_config.unwrap_or_default(),
            concurrent_build_limit: self.concurrent_build_limit,
            project_visibility: "PRIVATE".to_owned(),
            created: now,
            last_modified: now,
        })
    }

    fn update(self, old: Project) -> Project {
        Project {
            description: self.description.or(old.description),
            source: self.source.unwrap_or(old.source),
            artifacts: self.artifacts.unwrap_or(old.artifacts),
            cache: self.cache.unwrap_or(old.cache),
            environment: self.environment.unwrap_or(old.environment),
            service_role: self.service_role.unwrap_or(old.service_role),
            timeout_in_minutes: self.timeout_in_minutes.unwrap_or(old.timeout_in_minutes),
            queued_timeout_in_minutes: self.queued_timeout_in_minutes.unwrap_or(old.queued_timeout_in_minutes),
            encryption_key: self.encryption_key.or(old.encryption_key),
            tags: self.tags.unwrap_or(old.tags),
            logs_config: self.logs_config.unwrap_or(old.logs_config),
            concurrent_build_limit: self.concurrent_build_limit.or(old.concurrent_build_limit),
            last_modified: Timestamp::now(),
            ..old
        }
    }
}

/// The environment type whose binaries this machine runs.
pub fn host_environment_type() -> &'static str {
    if cfg!(target_arch = "aarch64") { "ARM_CONTAINER" } else { "LINUX_CONTAINER" }
}

fn check(project: &Project) -> Result<(), ApiError> {
    let name = &project.name;
    let valid = name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
        && (2..=150).contains(&name.len());
    if !valid {
        return Err(invalid(format!("{name:?} is no project name: use 2 to 150 letters, digits, - and _")));
    }
    let fits = matches!(
        (project.source.source_type, project.artifacts.artifacts_type),
        (SourceType::Codepipeline, ArtifactsType::Codepipeline) | (SourceType::S3, ArtifactsType::NoArtifacts)
    );
    if !fits {
        return Err(invalid(
            "source and artifacts must both be of type CODEPIPELINE; a source of type S3 goes with NO_ARTIFACTS",
        ));
    }
    let environment = &project.environment;
    if environment.environment_type != host_environment_type() {
        return Err(invalid(format!(
            "this machine is {}, so the environment type must be {}, not {}: set the stack's parameter Architecture to match",
            std::env::consts::ARCH,
            host_environment_type(),
            environment.environment_type,
        )));
    }
    if environment.privileged_mode {
        return Err(invalid("the local CodeBuild does not support privilegedMode: builds run as you, without Docker"));
    }
    if project.cache.cache_type == CacheType::S3 {
        return Err(invalid(
            "the local CodeBuild keeps caches on this machine: set the stack's parameter BuildCache to LOCAL",
        ));
    }
    if let Some(mode) = project.cache.modes.iter().find(|mode| *mode != "LOCAL_CUSTOM_CACHE") {
        return Err(invalid(format!("the local CodeBuild does not support the cache mode {mode}")));
    }
    if project.logs_config.s3_logs.as_ref().is_some_and(|logs| logs.status == LogsStatus::Enabled) {
        return Err(invalid("the local CodeBuild does not support s3Logs"));
    }
    check_timeouts(project.timeout_in_minutes, project.queued_timeout_in_minutes)?;
    check_variables(&environment.environment_variables)
}

pub fn check_timeouts(build: u64, queued: u64) -> Result<(), ApiError> {
    match ((5..=2160).contains(&build), (5..=480).contains(&queued)) {
        (true, true) => Ok(()),
        (false, _) => Err(invalid("timeoutInMinutes must be from 5 to 2160")),
        (_, false) => Err(invalid("queuedTimeoutInMinutes must be from 5 to 480")),
    }
}

pub fn check_variables(variables: &[EnvironmentVariable]) -> Result<(), ApiError> {
    for EnvironmentVariable { name, .. } in variables {
        if name.starts_with("CODEBUILD_") || name.is_empty() || name.contains(['=', '\0']) {
            return Err(invalid(format!("the variable name {name:?} is reserved or no name")));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Names {
    names: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListProjectsInput {
    sort_order: Option<String>,
    next_token: Option<String>,
}

#[derive(Serialize)]
struct ProjectOutput {
    project: Project,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchGetProjectsOutput {
    projects: Vec<Project>,
    projects_not_found: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListProjectsOutput {
    projects: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl CodeBuild {
    pub(super) fn project(&self, name: &str) -> Result<Option<Project>, ApiError> {
        // A name is part of a file's path.
        let plain = name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'));
        Ok(if plain { self.store.get(project_file(name))? } else { None })
    }

    pub(super) fn create_project(&self, call: &Call) -> Result<Reply, ApiError> {
        let project = input::<ProjectInput>(call)?.create()?;
        check(&project)?;
        if self.project(&project.name)?.is_some() {
            return Err(ApiError::new(
                "ResourceAlreadyExistsException",
                format!("Project already exists: {}", project.arn),
            ));
        }
        self.store.put(project_file(&project.name), &project)?;
        Ok(call.reply(&ProjectOutput { project }))
    }

    pub(super) fn update_project(&self, call: &Call) -> Result<Reply, ApiError> {
        let changes: ProjectInput = input(call)?;
        let old = self.project(&changes.name)?.ok_or_else(|| missing(&changes.name))?;
        let project = changes.update(old);
        check(&project)?;
        self.store.put(project_file(&project.name), &project)?;
        Ok(call.reply(&ProjectOutput { project }))
    }

    /// Deleting what is not there succeeds, as on AWS. Builds stay.
    pub(super) fn delete_project(&self, call: &Call) -> Result<Reply, ApiError> {
        let Name { name } = input(call)?;
        if self.project(&name)?.is_some() {
            self.store.remove(project_file(&name))?;
            let cache = self.host.cache.join(&name);
            if cache.exists() {
                std::fs::remove_dir_all(&cache)
                    .map_err(|error| anyhow::anyhow!("cannot remove {}: {error}", cache.display()))?;
            }
        }
        Ok(call.done())
    }

    pub(super) fn batch_get_projects(&self, call: &Call) -> Result<Reply, ApiError> {
        let Names { names } = input(call)?;
        let (mut projects, mut not_found) = (Vec::new(), Vec::new());
        for name in names {
            // An ARN names a project as well.
            match self.project(name.rsplit('/').next().unwrap_or(&name))? {
                Some(project) => projects.push(project),
                None => not_found.push(name),
            }
        }
        Ok(call.reply(&BatchGetProjectsOutput { projects, projects_not_found: not_found }))
    }

    pub(super) fn list_projects(&self, call: &Call) -> Result<Reply, ApiError> {
        let list: ListProjectsInput = input(call)?;
        let mut names: Vec<String> =
            self.store.list::<Project>("projects")?.into_iter().map(|project| project.name).collect();
        names.sort();
        if list.sort_order.as_deref() == Some("DESCENDING") {
            names.reverse();
        }
        let (projects, next_token) = page(names, list.next_token.as_deref(), 100)?;
        Ok(call.reply(&ListProjectsOutput { projects, next_token }))
    }
}

pub fn missing(name: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("Project cannot be found: arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{name}"),
    )
}

fn project_file(name: &str) -> String {
    format!("projects/{name}.json")
}
