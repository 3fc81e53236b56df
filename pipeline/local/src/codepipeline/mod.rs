//! The local CodePipeline: pipelines as CloudFormation declares them, executed action by action with their own roles.

mod action_run;
mod actions;
mod api;
mod approvals;
pub mod declaration;
mod engine;
mod events;
mod jobs;
mod queue;
pub mod record;
mod restart;
mod rollback;
mod state;
#[cfg(test)]
mod tests;
pub mod types;
mod validation;
mod variables;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::api::{ApiError, Timestamp};
use crate::aws::Cloud;
use crate::codecommit::CodeCommit;
use crate::store::Store;
use events::Event;
use jobs::Jobs;
use record::{Execution, PipelineRecord};

pub struct CodePipeline {
    store: Store,
    cloud: Cloud,
    codecommit: Arc<CodeCommit>,
    /// How long a minute of an approval's time-out lasts.
    approval_minute: Duration,
    pipelines: Mutex<BTreeMap<String, Pipeline>>,
    /// Counts the changes of any execution: whoever waits for one looks again.
    changes: watch::Sender<u64>,
    jobs: Arc<Jobs>,
    events: UnboundedSender<Event>,
    /// Taken by the task that raises the events, once the cloud answers.
    raised: Mutex<Option<UnboundedReceiver<Event>>>,
}

/// A pipeline and everything that it ever ran.
struct Pipeline {
    record: PipelineRecord,
    executions: BTreeMap<String, Execution>,
    running: BTreeMap<String, AbortHandle>,
}

impl CodePipeline {
    /// Reads what earlier runs of the service left; [`CodePipeline::resume`] then goes on with it.
    pub fn open(
        store: Store,
        cloud: Cloud,
        codecommit: Arc<CodeCommit>,
        approval_minute: Duration,
    ) -> Result<Arc<Self>> {
        let (events, raised) = unbounded_channel();
        let pipelines = Mutex::new(restart::read(&store, &events)?);
        Ok(Arc::new(Self {
            store,
            cloud,
            codecommit,
            approval_minute,
            pipelines,
            changes: watch::Sender::new(0),
            jobs: Arc::default(),
            events,
            raised: Mutex::new(Some(raised)),
        }))
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
            started.extend(of_commit.map(|execution| (name.clone(), execution.id().to_owned())));
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
        let mut pipelines = self.lock();
        let found = pipelines.get_mut(pipeline).ok_or_else(|| no_such_pipeline(pipeline))?;
        self.advance_in(found, id, change)
    }

    /// The same, of a pipeline that is locked already.
    fn advance_in<T>(
        &self,
        pipeline: &mut Pipeline,
        id: &str,
        change: impl FnOnce(&mut Execution) -> T,
    ) -> Result<T, ApiError> {
        self.change_in(pipeline, id, |execution| {
            if execution.summary.status.is_final() {
                return Err(ApiError::new("ConflictException", format!("the execution {id} has ended")));
            }
            Ok(change(execution))
        })?
    }

    /// Changes an execution, remembers it, tells EventBridge, and wakes who waits for a change.
    fn change<T>(&self, pipeline: &str, id: &str, change: impl FnOnce(&mut Execution) -> T) -> Result<T, ApiError> {
        let mut pipelines = self.lock();
        let found = pipelines.get_mut(pipeline).ok_or_else(|| no_such_pipeline(pipeline))?;
        self.change_in(found, id, change)
    }

    /// The same, of a pipeline that is locked already.
    fn change_in<T>(
        &self,
        pipeline: &mut Pipeline,
        id: &str,
        change: impl FnOnce(&mut Execution) -> T,
    ) -> Result<T, ApiError> {
        let execution = pipeline.executions.get_mut(id).ok_or_else(|| no_such_execution(id))?;
        let before = execution.clone();
        let result = change(execution);
        execution.summary.last_update_time = Timestamp::now();
        let stored = self.store.put(execution_file(&execution.pipeline.name, id), execution);
        self.tell(Some(&before), execution);
        self.changes.send_modify(|count| *count += 1);
        stored?;
        Ok(result)
    }

    fn tell(&self, before: Option<&Execution>, after: &Execution) {
        for event in events::between(before, after) {
            // The receiver ends with the service.
            let _ = self.events.send(event);
        }
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
