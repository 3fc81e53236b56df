//! Rollback: a stage goes back to an execution that succeeded in it, with that execution's artifacts and variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::record::{Execution, Rollback};
use super::types::{
    ActionStatus, ExecutionStatus, ExecutionSummary, ExecutionTrigger, ExecutionType, RollbackMetadata, StageStatus,
};
use super::{CodePipeline, Pipeline, no_such_execution, no_such_pipeline};
use crate::api::{ApiError, Timestamp};
use crate::aws::ACCOUNT;

impl CodePipeline {
    /// Starts a rollback of a stage to an execution; answers the id of the execution that does it.
    pub(super) fn roll_back(self: &Arc<Self>, name: &str, stage: &str, target: &str) -> Result<String, ApiError> {
        let mut pipelines = self.lock();
        let pipeline = pipelines.get_mut(name).ok_or_else(|| no_such_pipeline(name))?;
        let declaration = &pipeline.record.declaration;
        match declaration.stages.iter().position(|found| found.name == stage) {
            None => return Err(ApiError::new("StageNotFoundException", format!("the pipeline has no stage {stage}"))),
            Some(0) => return Err(unable("the source stage cannot be rolled back: push the commit that you want")),
            Some(_) => {}
        }
        let execution = pipeline.executions.get(target).ok_or_else(|| no_such_execution(target))?;
        check_target(execution, stage, declaration.version)?;
        if pipeline.executions.values().any(|other| other.stage_status(stage) == Some(StageStatus::InProgress)) {
            return Err(ApiError::new(
                "ConflictException",
                format!("an execution is in the stage {stage}: wait for its end"),
            ));
        }
        let trigger = ExecutionTrigger {
            trigger_type: "ManualRollback".to_owned(),
            trigger_detail: format!("arn:aws:iam::{ACCOUNT}:root"),
        };
        let rollback = rollback_of(execution, stage, trigger);
        self.enqueue(pipeline, rollback)
    }

    /// After a stage has failed: goes back to the last execution that succeeded in it. When that cannot be, the failed
    /// execution says why.
    pub(super) fn roll_back_automatically(
        self: &Arc<Self>,
        pipeline: &mut Pipeline,
        failed: &str,
        stage: &str,
    ) -> Result<(), ApiError> {
        let version = pipeline.record.declaration.version;
        // A rollback that fails is not rolled back in its turn.
        if pipeline.executions.get(failed).is_some_and(Execution::is_rollback) {
            return Ok(());
        }
        let targets = pipeline.executions.values().filter(|execution| check_target(execution, stage, version).is_ok());
        let started = match targets.max_by_key(|execution| execution.number) {
            None => Err("no earlier execution has succeeded in this stage under this definition".to_owned()),
            Some(target) => {
                let trigger = ExecutionTrigger {
                    trigger_type: "AutomatedRollback".to_owned(),
                    trigger_detail: failed.to_owned(),
                };
                let rollback = rollback_of(target, stage, trigger);
                self.enqueue(pipeline, rollback).map_err(|error| error.message)
            }
        };
        let Err(reason) = started else { return Ok(()) };
        self.change_in(pipeline, failed, |execution| {
            let summary = execution.summary.status_summary.get_or_insert_default();
            summary.push_str(&format!("; the stage {stage} was not rolled back: {reason}"));
        })
    }
}

/// Source: "Configuring stage rollback" of the user guide.
fn check_target(execution: &Execution, stage: &str, version: u32) -> Result<(), ApiError> {
    if execution.is_rollback() {
        return Err(unable("the target is a rollback itself: name the execution that it went back to"));
    }
    if execution.pipeline.version != version {
        return Err(unable(
            "the target ran under another definition of the pipeline: start the pipeline with its commit (aws codepipeline \
             start-pipeline-execution --source-revisions …)",
        ));
    }
    if !execution.has_succeeded_in(stage) {
        return Err(unable("the target has not succeeded in this stage"));
    }
    Ok(())
}

fn unable(reason: &str) -> ApiError {
    ApiError::new("UnableToRollbackStageException", reason)
}

fn rollback_of(target: &Execution, stage: &str, trigger: ExecutionTrigger) -> Execution {
    let now = Timestamp::now();
    let before = target.pipeline.stages.iter().take_while(|found| found.name != stage).map(|found| found.name.as_str());
    let before = before.collect::<Vec<_>>();
    let useful = |detail: &&super::types::ActionExecutionDetail| {
        detail.status == ActionStatus::Succeeded && before.contains(&detail.stage_name.as_str())
    };
    Execution {
        number: 0,
        summary: ExecutionSummary {
            pipeline_execution_id: Uuid::new_v4().to_string(),
            status: ExecutionStatus::InProgress,
            status_summary: None,
            start_time: now,
            last_update_time: now,
            source_revisions: target.summary.source_revisions.clone(),
            trigger,
            execution_mode: target.summary.execution_mode,
            execution_type: ExecutionType::Rollback,
            rollback_metadata: Some(RollbackMetadata { rollback_target_pipeline_execution_id: target.id().to_owned() }),
            stop_trigger: None,
        },
        pipeline: target.pipeline.clone(),
        source_overrides: Vec::new(),
        variables: target.variables.clone(),
        actions: Vec::new(),
        stage_runs: BTreeMap::new(),
        is_cancelled: false,
        approvals: BTreeMap::new(),
        rollback: Some(Rollback {
            stage: stage.to_owned(),
            inherited: target.actions.iter().filter(useful).cloned().collect(),
        }),
    }
}
