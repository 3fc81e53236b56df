//! How an execution travels: stage after stage in the order of starts, and in a stage by run order.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::actions::{Action, ActionContext, ActionFailure, Outcome};
use super::declaration::{ActionDeclaration, PipelineDeclaration, StageDeclaration};
use super::types::{
    ActionExecutionDetail, ActionExecutionInput, ActionExecutionOutput, ActionStatus, ArtifactDetail, ErrorDetails,
    Execution, ExecutionStatus, S3Location, StageStatus,
};
use super::variables::{self, Namespaces};
use super::{CodePipeline, Pipeline, end};
use crate::api::{ApiError, Timestamp};
use crate::aws::REGION;

impl CodePipeline {
    /// Runs a started execution to its end, in the background.
    pub(super) fn spawn(self: &Arc<Self>, pipeline: &mut Pipeline, execution: &Execution) {
        let service = Arc::clone(self);
        let name = execution.pipeline.name.clone();
        let id = execution.summary.pipeline_execution_id.clone();
        let task = tokio::spawn({
            let id = id.clone();
            async move {
                let ended = AssertUnwindSafe(service.run(&name, &id)).catch_unwind().await;
                let error = match ended {
                    Ok(Ok(())) => None,
                    Ok(Err(error)) => Some(error.to_string()),
                    Err(_) => Some("the engine panicked; the service's log says where".to_owned()),
                };
                if let Some(error) = error {
                    service.give_up(&name, &id, &error);
                }
                if let Some(pipeline) = service.lock().get_mut(&name) {
                    pipeline.running.remove(&id);
                }
            }
        });
        pipeline.running.insert(id, task.abort_handle());
    }

    /// Ends an execution that cannot be run any further, so that those behind it can.
    fn give_up(&self, pipeline: &str, id: &str, error: &str) {
        let ended = self.change(pipeline, id, |execution| {
            if !execution.summary.status.is_final() {
                tracing::error!("the execution {id} of {pipeline} is given up: {error}");
                end(execution, ExecutionStatus::Failed, StageStatus::Failed, error);
            }
        });
        // Its pipeline was deleted meanwhile, or its end is known but not on disk.
        if let Err(error) = ended {
            tracing::warn!("the end of the execution {id} of {pipeline} is not stored: {error}");
        }
    }

    async fn run(&self, pipeline: &str, id: &str) -> Result<(), ApiError> {
        let declaration = self.execution(pipeline, id, |execution| execution.pipeline.clone())?;
        for stage in &declaration.stages {
            if !self.enter(pipeline, id, &stage.name).await? {
                return Ok(());
            }
            let succeeded = self.run_stage(&declaration, id, stage).await?;
            let goes_on = self.advance(pipeline, id, |execution| leave(execution, &stage.name, succeeded))?;
            if !goes_on {
                return Ok(());
            }
        }
        self.advance(pipeline, id, |execution| execution.summary.status = ExecutionStatus::Succeeded)
    }

    /// Waits until every earlier execution is through the stage, so that none is overtaken; false when stopped.
    async fn enter(&self, pipeline: &str, id: &str, stage: &str) -> Result<bool, ApiError> {
        let mut changes = self.changes.subscribe();
        loop {
            let stopping =
                self.execution(pipeline, id, |execution| execution.summary.status != ExecutionStatus::InProgress)?;
            if stopping {
                self.advance(pipeline, id, |execution| execution.summary.status = ExecutionStatus::Stopped)?;
                return Ok(false);
            }
            let free = self.lock().get(pipeline).is_some_and(|pipeline| is_free(pipeline, id, stage));
            if free {
                self.advance(pipeline, id, |execution| {
                    execution.stages.insert(stage.to_owned(), StageStatus::InProgress);
                })?;
                return Ok(true);
            }
            // The sender lives in self: this only ever wakes on a change.
            let _ = changes.changed().await;
        }
    }

    async fn run_stage(
        &self,
        pipeline: &PipelineDeclaration,
        id: &str,
        stage: &StageDeclaration,
    ) -> Result<bool, ApiError> {
        let mut by_order = BTreeMap::<u32, Vec<&ActionDeclaration>>::new();
        for action in &stage.actions {
            by_order.entry(action.run_order).or_default().push(action);
        }
        for actions in by_order.into_values() {
            let stopping = self
                .execution(&pipeline.name, id, |execution| execution.summary.status != ExecutionStatus::InProgress)?;
            if stopping {
                return Ok(false);
            }
            let runs = actions.into_iter().map(|action| self.run_action(pipeline, id, stage, action));
            for succeeded in join_all(runs).await {
                if !succeeded? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    async fn run_action(
        &self,
        pipeline: &PipelineDeclaration,
        id: &str,
        stage: &StageDeclaration,
        action: &ActionDeclaration,
    ) -> Result<bool, ApiError> {
        let action_execution_id = Uuid::new_v4().to_string();
        let execution = self.execution(&pipeline.name, id, Execution::clone)?;
        let outputs =
            action.output_artifacts.iter().map(|artifact| place(pipeline, &artifact.name)).collect::<Vec<_>>();
        let inputs = inputs(&execution, action);
        let resolved = resolve(action, &execution);
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
                resolved_configuration: resolved.clone().unwrap_or_default(),
                role_arn: role_of(pipeline, action).to_owned(),
                region: REGION.to_owned(),
                input_artifacts: inputs.clone(),
                namespace: action.namespace.clone(),
            },
            output: ActionExecutionOutput::default(),
        };
        self.advance(&pipeline.name, id, |execution| execution.actions.push(detail))?;

        let (external_execution, mut external_ids) = mpsc::unbounded_channel();
        let work = async {
            let configuration = resolved.map_err(|error| ActionFailure::new("ConfigurationError", error))?;
            let parsed = Action::parse(action, &configuration)
                .map_err(|error| ActionFailure::new("ConfigurationError", error))?;
            let context =
                self.context(pipeline, &execution, action, inputs, outputs.clone(), external_execution).await?;
            parsed.run(&context).await
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
        let id = &execution.summary.pipeline_execution_id;
        let pinned = execution.source_overrides.iter().find(|source| source.action_name == action.name);
        Ok(ActionContext {
            pipeline: pipeline.name.clone(),
            execution_id: id.clone(),
            role_arn: role_arn.to_owned(),
            session: self.cloud.assume(role_arn, id).await?,
            cloud: self.cloud.clone(),
            codecommit: Arc::clone(&self.codecommit),
            inputs,
            outputs,
            pinned_revision: pinned.map(|source| source.revision_value.clone()),
            source_revision: execution.summary.source_revisions.first().map(|source| source.revision_id.clone()),
            external_execution,
        })
    }
}

/// Whether every earlier execution has succeeded in the stage or has ended.
fn is_free(pipeline: &Pipeline, id: &str, stage: &str) -> bool {
    let Some(number) = pipeline.executions.get(id).map(|execution| execution.number) else { return false };
    pipeline
        .executions
        .values()
        .filter(|earlier| earlier.number < number)
        .all(|earlier| earlier.summary.status.is_final() || earlier.stages.get(stage) == Some(&StageStatus::Succeeded))
}

/// Notes how a stage ended; true when the execution goes on to the next.
fn leave(execution: &mut Execution, stage: &str, succeeded: bool) -> bool {
    let failed =
        execution.actions.iter().any(|action| action.stage_name == stage && action.status == ActionStatus::Failed);
    let stopping = execution.summary.status == ExecutionStatus::Stopping;
    let (stage_status, execution_status) = match (succeeded, failed, stopping) {
        (true, _, false) => (StageStatus::Succeeded, ExecutionStatus::InProgress),
        (true, _, true) => (StageStatus::Succeeded, ExecutionStatus::Stopped),
        (false, false, true) => (StageStatus::Stopped, ExecutionStatus::Stopped),
        (false, _, _) => (StageStatus::Failed, ExecutionStatus::Failed),
    };
    execution.stages.insert(stage.to_owned(), stage_status);
    execution.summary.status = execution_status;
    execution_status == ExecutionStatus::InProgress
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
    let produced = || execution.actions.iter().rev().flat_map(|detail| &detail.output.output_artifacts);
    let wanted = action.input_artifacts.iter();
    wanted.filter_map(|input| produced().find(|artifact| artifact.name == input.name).cloned()).collect()
}

fn resolve(action: &ActionDeclaration, execution: &Execution) -> Result<BTreeMap<String, String>, String> {
    let mut namespaces = Namespaces::new();
    let id = execution.summary.pipeline_execution_id.clone();
    namespaces.insert("codepipeline".to_owned(), BTreeMap::from([("PipelineExecutionId".to_owned(), id)]));
    namespaces.insert("variables".to_owned(), execution.variables.clone());
    for detail in &execution.actions {
        if let Some(namespace) = &detail.input.namespace {
            namespaces.insert(namespace.clone(), detail.output.output_variables.clone());
        }
    }
    let entries = action.configuration.iter();
    entries.map(|(key, value)| Ok((key.clone(), variables::resolve(value, &namespaces)?))).collect()
}
