//! The local CodePipeline: pipelines as CloudFormation declares them, executed action by action with their own roles.

mod actions;
mod api;
pub mod declaration;
mod engine;
mod state;
pub mod types;
mod validation;
mod variables;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::api::{ApiError, Timestamp};
use crate::aws::Cloud;
use crate::codecommit::CodeCommit;
use crate::store::Store;
use types::{ActionStatus, ErrorDetails, Execution, ExecutionStatus, PipelineRecord, StageStatus};

pub struct CodePipeline {
    store: Store,
    cloud: Cloud,
    codecommit: Arc<CodeCommit>,
    pipelines: Mutex<BTreeMap<String, Pipeline>>,
    /// Counts the changes of any execution: whoever waits for one looks again.
    changes: watch::Sender<u64>,
}

/// A pipeline and everything that it ever ran.
struct Pipeline {
    record: PipelineRecord,
    executions: BTreeMap<String, Execution>,
    running: BTreeMap<String, AbortHandle>,
}

impl CodePipeline {
    /// Reads what earlier runs of the service left. An execution that was running then has failed: its action is gone.
    pub fn open(store: Store, cloud: Cloud, codecommit: Arc<CodeCommit>) -> Result<Arc<Self>> {
        let mut pipelines = BTreeMap::new();
        for record in store.list::<PipelineRecord>("pipelines")? {
            let name = record.declaration.name.clone();
            let mut executions = BTreeMap::new();
            for mut execution in store.list::<Execution>(format!("executions/{name}"))? {
                if !execution.summary.status.is_final() {
                    fail_interrupted(&mut execution);
                    store.put(execution_file(&name, &execution.summary.pipeline_execution_id), &execution)?;
                }
                executions.insert(execution.summary.pipeline_execution_id.clone(), execution);
            }
            pipelines.insert(name, Pipeline { record, executions, running: BTreeMap::new() });
        }
        let changes = watch::Sender::new(0);
        Ok(Arc::new(Self { store, cloud, codecommit, pipelines: Mutex::new(pipelines), changes }))
    }

    /// The executions (pipeline and id) that `commit_id` has started after `since`, and whether any pipeline follows
    /// the branch.
    pub fn started_by(
        &self,
        repository: &str,
        branch: &str,
        commit_id: &str,
        since: Timestamp,
    ) -> (bool, Vec<(String, String)>) {
        let pipelines = self.lock();
        let mut followed = false;
        let mut started = Vec::new();
        for (name, pipeline) in pipelines.iter() {
            let follows = pipeline.record.declaration.actions().any(|action| {
                matches!(actions::Action::parse(action, &action.configuration),
                    Ok(actions::Action::CodeCommit(source)) if source.follows(repository, branch))
            });
            if !follows {
                continue;
            }
            followed = true;
            let of_commit = pipeline.executions.values().filter(|execution| {
                execution.summary.start_time >= since
                    && execution.source_overrides.iter().any(|source| source.revision_value == commit_id)
            });
            started.extend(of_commit.map(|execution| (name.clone(), execution.summary.pipeline_execution_id.clone())));
        }
        (followed, started)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Pipeline>> {
        // The map is whole after a panic elsewhere: each change of it is one assignment.
        self.pipelines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads an execution.
    fn execution<T>(&self, pipeline: &str, id: &str, read: impl FnOnce(&Execution) -> T) -> Result<T, ApiError> {
        let pipelines = self.lock();
        let found = found(&pipelines, pipeline)?.executions.get(id);
        found.map(read).ok_or_else(|| no_such_execution(id))
    }

    /// Changes an execution on its way. One that has ended stays as it is: its task may not know yet that it is over.
    fn advance<T>(&self, pipeline: &str, id: &str, change: impl FnOnce(&mut Execution) -> T) -> Result<T, ApiError> {
        self.change(pipeline, id, |execution| {
            if execution.summary.status.is_final() {
                return Err(ApiError::new("ConflictException", format!("the execution {id} has ended")));
            }
            Ok(change(execution))
        })?
    }

    /// Changes an execution, remembers it and wakes who waits for a change.
    fn change<T>(&self, pipeline: &str, id: &str, change: impl FnOnce(&mut Execution) -> T) -> Result<T, ApiError> {
        let mut pipelines = self.lock();
        let found = pipelines.get_mut(pipeline).and_then(|pipeline| pipeline.executions.get_mut(id));
        let execution = found.ok_or_else(|| no_such_execution(id))?;
        let result = change(execution);
        execution.summary.last_update_time = Timestamp::now();
        let stored = self.store.put(execution_file(pipeline, id), execution);
        drop(pipelines);
        self.changes.send_modify(|count| *count += 1);
        stored?;
        Ok(result)
    }
}

fn found<'a>(pipelines: &'a BTreeMap<String, Pipeline>, name: &str) -> Result<&'a Pipeline, ApiError> {
    pipelines.get(name).ok_or_else(|| no_such_pipeline(name))
}

fn no_such_pipeline(name: &str) -> ApiError {
    ApiError::new("PipelineNotFoundException", format!("there is no pipeline named {name}"))
}

fn no_such_execution(id: &str) -> ApiError {
    ApiError::new("PipelineExecutionNotFoundException", format!("there is no execution {id} of this pipeline"))
}

fn pipeline_file(name: &str) -> String {
    format!("pipelines/{name}.json")
}

fn execution_file(pipeline: &str, id: &str) -> String {
    format!("executions/{pipeline}/{id}.json")
}

/// Ends an execution, whatever its task is at.
fn end(execution: &mut Execution, status: ExecutionStatus, stage_status: StageStatus, reason: &str) {
    for action in &mut execution.actions {
        if action.status == ActionStatus::InProgress {
            action.status = ActionStatus::Abandoned;
            action.last_update_time = Timestamp::now();
        }
    }
    for stage in execution.stages.values_mut() {
        if matches!(stage, StageStatus::InProgress | StageStatus::Stopping) {
            *stage = stage_status;
        }
    }
    execution.summary.status = status;
    execution.summary.status_summary = Some(reason.to_owned());
}

/// Ends an execution that was on its way when the service ended: the actions that ran then have failed.
fn fail_interrupted(execution: &mut Execution) {
    let message = "the local service was stopped while this action ran; start the pipeline again";
    for action in execution.actions.iter_mut().filter(|action| action.status == ActionStatus::InProgress) {
        action.status = ActionStatus::Failed;
        action.output.execution_result.error_details =
            Some(ErrorDetails { code: "JobFailed".to_owned(), message: message.to_owned() });
    }
    end(execution, ExecutionStatus::Failed, StageStatus::Failed, message);
}
