//! One action of an execution: its configuration with the variables filled in, its artifacts, its role, its outcome.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::CodePipeline;
use super::actions::{Action, ActionContext, ActionFailure, Outcome};
use super::declaration::{ActionDeclaration, PipelineDeclaration, StageDeclaration};
use super::record::Execution;
use super::types::{
    ActionExecutionDetail, ActionExecutionInput, ActionExecutionOutput, ActionStatus, ArtifactDetail, ErrorDetails,
    S3Location,
};
use super::variables::{self, Namespaces};
use crate::api::{ApiError, Timestamp};
use crate::aws::REGION;

impl CodePipeline {
    /// Runs an action, and answers whether it succeeded. One that is in progress already is an approval that waited when
    /// the service was restarted: it waits on.
    pub(super) async fn run_action(
        &self,
        pipeline: &PipelineDeclaration,
        id: &str,
        stage: &StageDeclaration,
        action: &ActionDeclaration,
    ) -> Result<bool, ApiError> {
        let execution = self.execution(&pipeline.name, id, Execution::clone)?;
        let outputs =
            action.output_artifacts.iter().map(|artifact| place(pipeline, &artifact.name)).collect::<Vec<_>>();
        let inputs = inputs(&execution, action);
        let resolved = resolve(action, &execution);
        let waiting = execution.current_run(&stage.name, &action.name);
        let waiting = waiting.filter(|detail| detail.status == ActionStatus::InProgress);
        let action_execution_id = match waiting {
            Some(detail) => detail.action_execution_id.clone(),
            None => {
                let configuration = resolved.clone().unwrap_or_default();
                self.begin_action(pipeline, id, stage, action, configuration, inputs.clone())?
            }
        };

        let (external_execution, mut external_ids) = mpsc::unbounded_channel();
        let work = async {
            let configuration = resolved.map_err(|error| ActionFailure::new("ConfigurationError", error))?;
            let parsed = Action::parse(action, &configuration)
                .map_err(|error| ActionFailure::new("ConfigurationError", error))?;
            let mut context =
                self.context(pipeline, &execution, action, inputs, outputs.clone(), external_execution).await?;
            context.action_execution_id.clone_from(&action_execution_id);
            match &parsed {
                Action::Approval(approval) => self.approval(&context, stage, action, approval).await,
                other => other.run(&context).await,
            }
        };
        let note_ids = async {
            while let Some(external_id) = external_ids.recv().await {
                self.advance(&pipeline.name, id, |execution| {
                    if let Some(detail) = detail_of(execution, &action_execution_id) {
                        detail.output.execution_result.external_execution_id = Some(external_id);
                        detail.last_update_time = Timestamp::now();
                    }
                })?;
            }
            Ok::<(), ApiError>(())
        };
        let (result, noted) = tokio::join!(work, note_ids);
        noted?;

        self.advance(&pipeline.name, id, |execution| {
            finish_action(execution, &action_execution_id, action, outputs, result)
        })
    }

    /// Enters an action into the execution's record, and gives the id of this run of it.
    fn begin_action(
        &self,
        pipeline: &PipelineDeclaration,
        id: &str,
        stage: &StageDeclaration,
        action: &ActionDeclaration,
        resolved_configuration: BTreeMap<String, String>,
        input_artifacts: Vec<ArtifactDetail>,
    ) -> Result<String, ApiError> {
        let action_execution_id = Uuid::new_v4().to_string();
        let now = Timestamp::now();
        let detail = ActionExecutionDetail {
            pipeline_execution_id: id.to_owned(),
            action_execution_id: action_execution_id.clone(),
            pipeline_version: pipeline.version,
            stage_name: stage.name.clone(),
            action_name: action.name.clone(),
            start_time: now,
            last_update_time: now,
            status: ActionStatus::InProgress,
            input: ActionExecutionInput {
                action_type_id: action.action_type_id.clone(),
                configuration: action.configuration.clone(),
                resolved_configuration,
                role_arn: role_of(pipeline, action).to_owned(),
                region: REGION.to_owned(),
                input_artifacts,
                namespace: action.namespace.clone(),
            },
            output: ActionExecutionOutput::default(),
        };
        self.advance(&pipeline.name, id, |execution| execution.actions.push(detail))?;
        Ok(action_execution_id)
    }

    async fn context(
        &self,
        pipeline: &PipelineDeclaration,
        execution: &Execution,
        action: &ActionDeclaration,
        inputs: Vec<ArtifactDetail>,
        outputs: Vec<ArtifactDetail>,
        external_execution: mpsc::UnboundedSender<String>,
    ) -> Result<ActionContext, ActionFailure> {
        let role_arn = role_of(pipeline, action);
        if role_arn != pipeline.role_arn
            && !self.cloud.root().may(&pipeline.role_arn, "sts:AssumeRole", role_arn, &[]).await?
        {
            let message =
                format!("{} is not authorized to perform: sts:AssumeRole on resource: {role_arn}", pipeline.role_arn);
            return Err(ActionFailure::new("PermissionError", message));
        }
        let pinned = execution.source_overrides.iter().find(|source| source.action_name == action.name);
        Ok(ActionContext {
            pipeline: pipeline.name.clone(),
            execution_id: execution.id().to_owned(),
            action_execution_id: String::new(),
            role_arn: role_arn.to_owned(),
            session: self.cloud.assume(role_arn, execution.id()).await?,
            cloud: self.cloud.clone(),
            codecommit: Arc::clone(&self.codecommit),
            jobs: Arc::clone(&self.jobs),
            inputs,
            outputs,
            pinned_revision: pinned.cloned(),
            source_revision: execution.summary.source_revisions.first().map(|source| source.revision_id.clone()),
            external_execution,
        })
    }
}

fn finish_action(
    execution: &mut Execution,
    action_execution_id: &str,
    action: &ActionDeclaration,
    outputs: Vec<ArtifactDetail>,
    result: Result<Outcome, ActionFailure>,
) -> bool {
    if let Ok(Outcome { revision: Some(revision), .. }) = &result {
        let mut revision = revision.clone();
        revision.action_name.clone_from(&action.name);
        // A source that is retried has one revision all the same.
        execution.summary.source_revisions.retain(|known| known.action_name != action.name);
        execution.summary.source_revisions.push(revision);
    }
    if let Err(failure) = &result {
        execution.summary.status_summary = Some(format!("{} failed: {}", action.name, failure.message));
    }
    let Some(detail) = detail_of(execution, action_execution_id) else { return false };
    detail.last_update_time = Timestamp::now();
    match result {
        Ok(outcome) => {
            detail.status = ActionStatus::Succeeded;
            detail.output.output_artifacts = outputs;
            detail.output.output_variables = outcome.variables;
            detail.output.execution_result.external_execution_summary = outcome.summary;
            true
        }
        Err(failure) => {
            detail.status = ActionStatus::Failed;
            detail.output.execution_result.error_details =
                Some(ErrorDetails { code: failure.code.to_owned(), message: failure.message });
            false
        }
    }
}

fn detail_of<'a>(execution: &'a mut Execution, action_execution_id: &str) -> Option<&'a mut ActionExecutionDetail> {
    execution.actions.iter_mut().find(|detail| detail.action_execution_id == action_execution_id)
}

fn role_of<'a>(pipeline: &'a PipelineDeclaration, action: &'a ActionDeclaration) -> &'a str {
    action.role_arn.as_deref().unwrap_or(&pipeline.role_arn)
}

/// Where an output artifact goes: a key that no other run writes to.
fn place(pipeline: &PipelineDeclaration, artifact: &str) -> ArtifactDetail {
    let unique = Uuid::new_v4().simple().to_string();
    let short = |text: &str, length| text.chars().take(length).collect::<String>();
    let key = format!("{}/{}/{}", short(&pipeline.name, 20), short(artifact, 10), short(&unique, 16));
    ArtifactDetail {
        name: artifact.to_owned(),
        s3location: S3Location { bucket: pipeline.artifact_store.location.clone(), key },
    }
}

fn inputs(execution: &Execution, action: &ActionDeclaration) -> Vec<ArtifactDetail> {
    let produced = || execution.produced().rev().flat_map(|detail| &detail.output.output_artifacts);
    let wanted = action.input_artifacts.iter();
    wanted.filter_map(|input| produced().find(|artifact| artifact.name == input.name).cloned()).collect()
}

fn resolve(action: &ActionDeclaration, execution: &Execution) -> Result<BTreeMap<String, String>, String> {
    let mut namespaces = Namespaces::new();
    let id = execution.id().to_owned();
    namespaces.insert("codepipeline".to_owned(), BTreeMap::from([("PipelineExecutionId".to_owned(), id)]));
    namespaces.insert("variables".to_owned(), execution.variables.clone());
    for detail in execution.produced() {
        if let Some(namespace) = &detail.input.namespace {
            namespaces.insert(namespace.clone(), detail.output.output_variables.clone());
        }
    }
    let entries = action.configuration.iter();
    entries.map(|(key, value)| Ok((key.clone(), variables::resolve(value, &namespaces)?))).collect()
}
