//! The queue: the order of executions, and when one may enter a stage.

use std::sync::Arc;

use super::declaration::ExecutionMode;
use super::record::{Execution, StageRun};
use super::types::{ExecutionStatus, StageStatus};
use super::{CodePipeline, Pipeline, execution_file, no_such_execution, no_such_pipeline, pipeline_file};
use crate::api::{ApiError, Timestamp};

/// How many executions of a pipeline may be on their way. Source: "Quotas in AWS CodePipeline".
const LIMIT: usize = 50;

impl CodePipeline {
    /// Gives a new execution its place in the queue, and lets it run.
    pub(super) fn enqueue(
        self: &Arc<Self>,
        pipeline: &mut Pipeline,
        mut execution: Execution,
    ) -> Result<String, ApiError> {
        check_limit(pipeline)?;
        let id = execution.id().to_owned();
        let name = execution.pipeline.name.clone();
        execution.number = pipeline.record.executions_started;
        pipeline.record.executions_started += 1;
        self.store.put(pipeline_file(&name), &pipeline.record)?;
        self.store.put(execution_file(&name, &id), &execution)?;
        self.tell(None, &execution);
        pipeline.executions.insert(id.clone(), execution);
        self.spawn(pipeline, &id);
        Ok(id)
    }

    /// Waits until the execution may enter the stage, and enters; false when it has ended before.
    pub(super) async fn enter(&self, pipeline: &str, id: &str, stage: &str) -> Result<bool, ApiError> {
        let mut changes = self.changes.subscribe();
        loop {
            if let Some(entered) = self.try_enter(pipeline, id, stage)? {
                return Ok(entered);
            }
            // The sender lives in self: this only ever wakes on a change.
            let _ = changes.changed().await;
        }
    }

    /// `None` when it has to wait on.
    fn try_enter(&self, name: &str, id: &str, stage: &str) -> Result<Option<bool>, ApiError> {
        // Looked at and entered under one lock, or two would enter at once.
        let mut pipelines = self.lock();
        let pipeline = pipelines.get_mut(name).ok_or_else(|| no_such_pipeline(name))?;
        let execution = pipeline.executions.get(id).ok_or_else(|| no_such_execution(id))?;
        if execution.stage_status(stage) == Some(StageStatus::InProgress) {
            return Ok(Some(true));
        }
        let halt = execution
            .halt()
            .or_else(|| is_superseded(pipeline, execution, stage).then_some(ExecutionStatus::Superseded));
        if let Some(status) = halt {
            self.change_in(pipeline, id, |execution| execution.summary.status = status)?;
            return Ok(Some(false));
        }
        if !is_free(pipeline, execution, stage) {
            return Ok(None);
        }
        self.change_in(pipeline, id, |execution| {
            let run = StageRun {
                status: StageStatus::InProgress,
                entered: Timestamp::now(),
                since: execution.actions.len(),
                retries: <_>::default(),
            };
            execution.stage_runs.insert(stage.to_owned(), run);
        })?;
        Ok(Some(true))
    }
}

/// Refuses one more execution on its way when there are as many as there may be.
pub fn check_limit(pipeline: &Pipeline) -> Result<(), ApiError> {
    let on_their_way = pipeline.executions.values().filter(|other| !other.summary.status.is_final()).count();
    if on_their_way < LIMIT {
        return Ok(());
    }
    let message = format!("{LIMIT} executions of this pipeline are on their way: wait until one has ended");
    Err(ApiError::new("ConcurrentPipelineExecutionsLimitExceededException", message))
}

/// Whether nobody is in the stage, and nobody before this execution is still to come.
pub fn is_free(pipeline: &Pipeline, execution: &Execution, stage: &str) -> bool {
    if pipeline.record.closed(stage).is_some() {
        return false;
    }
    let others = || {
        pipeline
            .executions
            .values()
            .filter(|other| other.number != execution.number && !other.summary.status.is_final())
    };
    if others().any(|other| other.stage_status(stage) == Some(StageStatus::InProgress)) {
        return false;
    }
    // A rollback goes before all that have yet to enter; that is what it is for. Were it to wait for a newer execution, it
    // would take the stage back behind that one. Rollbacks go in the order in which they were asked for.
    let goes_first =
        |other: &Execution| other.is_rollback() && (!execution.is_rollback() || other.number < execution.number);
    if others().any(|other| goes_first(other) && other.waits_for(stage)) {
        return false;
    }
    let earlier = others().filter(|other| other.number < execution.number && !execution.is_rollback());
    let mut on_its_way = earlier.filter(|other| other.path().any(|found| found.name == stage));
    on_its_way.all(|other| other.has_succeeded_in(stage))
}

/// In the mode SUPERSEDED a newer execution that has come as far takes the place of one that waits.
pub fn is_superseded(pipeline: &Pipeline, execution: &Execution, stage: &str) -> bool {
    execution.pipeline.execution_mode == ExecutionMode::Superseded
        && pipeline
            .executions
            .values()
            .any(|other| other.number > execution.number && !other.is_rollback() && other.waits_for(stage))
}
