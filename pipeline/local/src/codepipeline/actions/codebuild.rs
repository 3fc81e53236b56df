//! The CodeBuild action: starts a build of a project and follows it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::{ActionContext, ActionFailure, Configuration, Outcome};
use crate::aws::JsonService;
use crate::codebuild::types::{Build, Status};
use crate::codepipeline::declaration::ActionDeclaration;

/// How often a running build is asked for.
const POLL: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, PartialEq)]
pub struct CodeBuildRun {
    project: String,
    /// The input artifact whose root is the build's source folder.
    primary: String,
    environment: Vec<Value>,
}

impl CodeBuildRun {
    pub fn parse(configuration: &mut Configuration, action: &ActionDeclaration) -> Result<Self, String> {
        configuration.only("BatchEnabled", &["false"])?;
        let project = configuration.required("ProjectName")?;
        let primary = match (configuration.optional("PrimarySource"), action.input_artifacts.as_slice()) {
            (Some(primary), _) => primary,
            (None, [only]) => only.name.clone(),
            (None, []) => return Err(format!("the action {} needs an input artifact", action.name)),
            (None, _) => return Err(format!("the action {} has several inputs and needs PrimarySource", action.name)),
        };
        let environment = match configuration.optional("EnvironmentVariables") {
            None => Vec::new(),
            Some(text) => serde_json::from_str(&text).map_err(|error| {
                format!("EnvironmentVariables of the action {} is no JSON array: {error}", action.name)
            })?,
        };
        Ok(Self { project, primary, environment })
    }

    pub async fn run(&self, context: &ActionContext) -> Result<Outcome, ActionFailure> {
        let place = |artifact: &super::ArtifactDetail| json!({ "name": artifact.name, "bucket": artifact.s3location.bucket, "key": artifact.s3location.key });
        let input = json!({
            "projectName": self.project,
            "environmentVariablesOverride": self.environment,
            "pipeline": {
                "executionId": context.execution_id,
                "pipelineName": context.pipeline,
                "sourceVersion": context.source_revision.as_deref().unwrap_or_default(),
                "inputs": context.inputs.iter().map(place).collect::<Vec<_>>(),
                "primary": self.primary,
                "outputs": context.outputs.iter().map(place).collect::<Vec<_>>(),
            },
        });
        let started: Value = context.session.call(JsonService::CODEBUILD, "StartBuild", &input).await?;
        let id = started["build"]["id"].as_str().unwrap_or_default().to_owned();
        // Nobody listens any more when the execution was abandoned: the build goes on by itself, as on AWS.
        let _ = context.external_execution.send(id.clone());

        let build = self.finished(context, &id).await?;
        if build.build_status != Status::Succeeded {
            return Err(ActionFailure::new("JobFailed", failure_of(&build)));
        }
        let variables: BTreeMap<String, String> =
            build.exported_environment_variables.into_iter().map(|variable| (variable.name, variable.value)).collect();
        Ok(Outcome { variables, ..Outcome::default() })
    }

    async fn finished(&self, context: &ActionContext, id: &str) -> Result<Build, ActionFailure> {
        #[derive(serde::Deserialize)]
        struct Builds {
            builds: Vec<Build>,
        }
        loop {
            let answer: Builds =
                context.session.call(JsonService::CODEBUILD, "BatchGetBuilds", &json!({ "ids": [id] })).await?;
            match answer.builds.into_iter().next() {
                None => return Err(ActionFailure::new("JobFailed", format!("the build {id} is gone"))),
                Some(build) if build.build_complete => return Ok(build),
                Some(_) => tokio::time::sleep(POLL).await,
            }
        }
    }
}

/// The first phase that failed and what it said.
fn failure_of(build: &Build) -> String {
    let failed = build.phases.iter().find_map(|phase| {
        let context = phase.contexts.iter().find(|context| !context.message.is_empty())?;
        let failed = phase.phase_status.is_some_and(|status| status != Status::Succeeded);
        failed.then(|| format!(" in the phase {}: {}", phase.phase_type, context.message))
    });
    format!("the build {} ended as {}{}", build.id, build.build_status, failed.unwrap_or_default())
}
