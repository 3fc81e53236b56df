//! Pipelines: what is declared.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::NameInput;
use crate::api::{ApiError, Call, Reply, Timestamp};
use crate::aws::{ACCOUNT, REGION};
use crate::codepipeline::declaration::PipelineDeclaration;
use crate::codepipeline::record::{Execution, PipelineRecord};
use crate::codepipeline::types::{ActionStatus, ExecutionStatus, ExecutionTrigger, PipelineSummary};
use crate::codepipeline::{CodePipeline, Pipeline, found, no_such_pipeline, pipeline_file, validation};

#[derive(Deserialize)]
struct PipelineInput {
    pipeline: PipelineDeclaration,
}

impl CodePipeline {
    pub(super) fn create(self: &Arc<Self>, call: &Call) -> Result<Reply, ApiError> {
        let mut declaration = declared(call)?;
        let mut pipelines = self.lock();
        if pipelines.contains_key(&declaration.name) {
            let message = format!("there is already a pipeline named {}", declaration.name);
            return Err(ApiError::new("PipelineNameInUseException", message));
        }
        declaration.version = 1;
        let now = Timestamp::now();
        let record = PipelineRecord {
            declaration: declaration.clone(),
            created: now,
            updated: now,
            executions_started: 0,
            disabled: BTreeMap::new(),
        };
        let name = declaration.name.clone();
        let mut pipeline = Pipeline { record, executions: BTreeMap::new(), running: BTreeMap::new() };
        // As on AWS, where it fails at the source as long as the repository is empty.
        let trigger = ExecutionTrigger { trigger_type: "CreatePipeline".to_owned(), trigger_detail: String::new() };
        self.start_execution(&mut pipeline, trigger, Vec::new(), Vec::new(), Uuid::new_v4().to_string())?;
        pipelines.insert(name, pipeline);
        Ok(call.reply(&json!({ "pipeline": declaration })))
    }

    pub(super) fn update(&self, call: &Call) -> Result<Reply, ApiError> {
        let mut declaration = declared(call)?;
        let mut pipelines = self.lock();
        let pipeline = pipelines.get_mut(&declaration.name).ok_or_else(|| no_such_pipeline(&declaration.name))?;
        declaration.version = pipeline.record.declaration.version + 1;
        pipeline.record.declaration = declaration.clone();
        pipeline.record.updated = Timestamp::now();
        self.store.put(pipeline_file(&declaration.name), &pipeline.record)?;
        let on_their_way = pipeline.executions.values().filter(|execution| !execution.summary.status.is_final());
        let on_their_way = on_their_way.map(|execution| execution.id().to_owned()).collect::<Vec<_>>();
        for id in on_their_way {
            if let Some(execution) = pipeline.executions.get(&id)
                && !is_at_work(execution)
                && let Some(task) = pipeline.running.remove(&id)
            {
                task.abort();
            }
            self.change_in(pipeline, &id, cancel)?;
        }
        Ok(call.reply(&json!({ "pipeline": declaration })))
    }

    pub(super) fn delete(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: NameInput = call.input()?;
        // Under the lock, or one that is created by this name meanwhile would lose its files. The pipeline's own goes last:
        // as long as it is there, a delete that was cut off can be repeated.
        let mut pipelines = self.lock();
        if let Some(pipeline) = pipelines.get(&input.name) {
            pipeline.running.values().for_each(|task| task.abort());
            self.store.remove(format!("executions/{}", input.name))?;
            self.store.remove(pipeline_file(&input.name))?;
            pipelines.remove(&input.name);
        }
        Ok(call.done())
    }

    pub(super) fn get(&self, call: &Call) -> Result<Reply, ApiError> {
        let input: NameInput = call.input()?;
        let pipelines = self.lock();
        let record = &found(&pipelines, &input.name)?.record;
        #[derive(serde::Serialize)]
        struct Output<'a> {
            pipeline: &'a PipelineDeclaration,
            metadata: Metadata,
        }
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Metadata {
            pipeline_arn: String,
            created: Timestamp,
            updated: Timestamp,
        }
        let metadata = Metadata {
            pipeline_arn: format!("arn:aws:codepipeline:{REGION}:{ACCOUNT}:{}", input.name),
            created: record.created,
            updated: record.updated,
        };
        Ok(call.reply(&Output { pipeline: &record.declaration, metadata }))
    }

    pub(super) fn list(&self, call: &Call) -> Reply {
        #[derive(serde::Serialize)]
        struct Output {
            pipelines: Vec<PipelineSummary>,
        }
        let pipelines = self.lock();
        let summaries = pipelines.values().map(|pipeline| PipelineSummary {
            name: pipeline.record.declaration.name.clone(),
            version: pipeline.record.declaration.version,
            pipeline_type: pipeline.record.declaration.pipeline_type,
            execution_mode: pipeline.record.declaration.execution_mode,
            created: pipeline.record.created,
            updated: pipeline.record.updated,
        });
        call.reply(&Output { pipelines: summaries.collect() })
    }
}

/// Whether an action does something that is not simply left: only approvals are.
fn is_at_work(execution: &Execution) -> bool {
    let running = execution.actions.iter().filter(|action| action.status == ActionStatus::InProgress);
    running.into_iter().any(|action| !action.is_approval())
}

/// An update of the definition: what waits is cancelled at once, what is at work after its current actions.
///
/// Source: "Edit a pipeline" and "execution modes" of the user guide. What becomes of an approval that waits is not written
/// there; it waits, so it ends at once.
fn cancel(execution: &mut Execution) {
    execution.is_cancelled = true;
    if !is_at_work(execution) {
        execution.end(ExecutionStatus::Cancelled, "the pipeline's definition was changed");
    }
}

/// The declaration in a create or update call; what it has that the service does not act on is named.
fn declared(call: &Call) -> Result<PipelineDeclaration, ApiError> {
    let input: PipelineInput = call.input().map_err(|error| {
        ApiError::new(
            "InvalidStructureException",
            format!("the local CodePipeline cannot run this pipeline: {}", error.message),
        )
    })?;
    validation::check(&input.pipeline)?;
    Ok(input.pipeline)
}
