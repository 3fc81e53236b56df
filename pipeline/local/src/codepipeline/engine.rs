//! How an execution travels: stage after stage in the order of starts, and in a stage by run order.
//!
//! Where an execution stands is in its record alone, so that a task can take it up anywhere: after a restart of the
//! service as after a retry.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;

use super::declaration::{ActionDeclaration, FailureResult, PipelineDeclaration, StageDeclaration};
use super::types::{ActionStatus, ExecutionStatus, RetryTrigger, StageStatus};
use super::{CodePipeline, Pipeline, no_such_pipeline};
use crate::api::ApiError;

/// How a stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StageEnd {
    Succeeded,
    Failed,
    /// There was more to do, but the execution was stopped or cancelled.
    Halted(ExecutionStatus),
}

impl CodePipeline {
    /// Runs an execution to its end, in the background, from wherever it stands.
    pub(super) fn spawn(self: &Arc<Self>, pipeline: &mut Pipeline, id: &str) {
        let service = Arc::clone(self);
        let name = pipeline.record.declaration.name.clone();
        let task = tokio::spawn({
            let id = id.to_owned();
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
                if let Some(pipeline) = service.lock().get_mut(&name)
                    && pipeline.running.get(&id).map(|task| task.id()) == tokio::task::try_id()
                {
                    // Unless a retry has put another task in its place.
                    pipeline.running.remove(&id);
                }
            }
        });
        pipeline.running.insert(id.to_owned(), task.abort_handle());
    }

    /// Ends an execution that cannot be run any further, so that those behind it can.
    fn give_up(&self, pipeline: &str, id: &str, error: &str) {
        let ended = self.change(pipeline, id, |execution| {
            if !execution.summary.status.is_final() {
                tracing::error!("the execution {id} of {pipeline} is given up: {error}");
                execution.end(ExecutionStatus::Failed, error);
            }
        });
        // Its pipeline was deleted meanwhile, or its end is known but not on disk.
        if let Err(error) = ended {
            tracing::warn!("the end of the execution {id} of {pipeline} is not stored: {error}");
        }
    }

    async fn run(self: &Arc<Self>, pipeline: &str, id: &str) -> Result<(), ApiError> {
        let (declaration, path) = self.execution(pipeline, id, |execution| {
            let ahead = execution.path().filter(|stage| !execution.has_succeeded_in(&stage.name));
            (execution.pipeline.clone(), ahead.cloned().collect::<Vec<_>>())
        })?;
        for stage in &path {
            if !self.enter(pipeline, id, &stage.name).await? {
                return Ok(());
            }
            let mut end = self.run_stage(&declaration, id, stage).await?;
            if end == StageEnd::Failed && self.begin_automatic_retry(pipeline, id, stage)? {
                end = self.run_stage(&declaration, id, stage).await?;
            }
            if !self.leave(pipeline, id, stage, end)? {
                return Ok(());
            }
        }
        self.advance(pipeline, id, |execution| execution.summary.status = ExecutionStatus::Succeeded)
    }

    /// Runs the actions of a stage that have not succeeded yet.
    async fn run_stage(
        &self,
        pipeline: &PipelineDeclaration,
        id: &str,
        stage: &StageDeclaration,
    ) -> Result<StageEnd, ApiError> {
        let mut by_order = BTreeMap::<u32, Vec<&ActionDeclaration>>::new();
        for action in &stage.actions {
            by_order.entry(action.run_order).or_default().push(action);
        }
        for mut actions in by_order.into_values() {
            let (halt, at_work) = self.execution(&pipeline.name, id, |execution| {
                let status = |action: &ActionDeclaration| {
                    execution.current_run(&stage.name, &action.name).map(|detail| detail.status)
                };
                actions.retain(|action| status(action) != Some(ActionStatus::Succeeded));
                let at_work = actions.iter().filter(|action| status(action) == Some(ActionStatus::InProgress));
                (execution.halt(), at_work.map(|action| action.name.clone()).collect::<BTreeSet<_>>())
            })?;
            if actions.is_empty() {
                continue;
            }
            if let Some(status) = halt {
                // What is at work is waited for: after a restart, an approval.
                actions.retain(|action| at_work.contains(&action.name));
                if actions.is_empty() {
                    return Ok(StageEnd::Halted(status));
                }
            }
            let runs = actions.into_iter().map(|action| self.run_action(pipeline, id, stage, action));
            for succeeded in join_all(runs).await {
                if !succeeded? {
                    return Ok(StageEnd::Failed);
                }
            }
        }
        Ok(StageEnd::Succeeded)
    }

    /// A stage that is declared so is tried once more by itself, exactly once.
    fn begin_automatic_retry(&self, pipeline: &str, id: &str, stage: &StageDeclaration) -> Result<bool, ApiError> {
        let Some(on_failure) = stage.on_failure.as_ref().filter(|rule| rule.result == FailureResult::Retry) else {
            return Ok(false);
        };
        let mode = on_failure.retry_configuration.as_ref().map(|retry| retry.retry_mode).unwrap_or_default();
        self.advance(pipeline, id, |execution| {
            let run = execution.stage_runs.get(&stage.name);
            let is_first =
                run.is_some_and(|run| run.retries.auto_stage_retry_attempt == 0) && execution.halt().is_none();
            if is_first {
                execution.begin_retry(&stage.name, mode, RetryTrigger::AutomatedStageRetry);
            }
            is_first
        })
    }

    /// Notes how a stage ended; true when the execution goes on to the next.
    fn leave(
        self: &Arc<Self>,
        pipeline: &str,
        id: &str,
        stage: &StageDeclaration,
        end: StageEnd,
    ) -> Result<bool, ApiError> {
        // One lock for the end and the rollback, or the next in the queue would enter between the two.
        let mut pipelines = self.lock();
        let pipeline = pipelines.get_mut(pipeline).ok_or_else(|| no_such_pipeline(pipeline))?;
        let goes_on = self.advance_in(pipeline, id, |execution| {
            let (stage_status, execution_status) = match (end, execution.halt()) {
                (StageEnd::Succeeded, None) => (StageStatus::Succeeded, ExecutionStatus::InProgress),
                (StageEnd::Succeeded, Some(halt)) => (StageStatus::Succeeded, halt),
                (StageEnd::Failed, _) => (StageStatus::Failed, ExecutionStatus::Failed),
                (StageEnd::Halted(halt), _) => (halt.of_its_stage(), halt),
            };
            if let Some(run) = execution.stage_runs.get_mut(&stage.name) {
                run.status = stage_status;
            }
            execution.summary.status = execution_status;
            execution_status == ExecutionStatus::InProgress
        })?;
        let rolls_back = stage.on_failure.as_ref().is_some_and(|rule| rule.result == FailureResult::Rollback);
        if end == StageEnd::Failed && rolls_back {
            self.roll_back_automatically(pipeline, id, &stage.name)?;
        }
        Ok(goes_on)
    }
}
