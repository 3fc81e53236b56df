//! What a new service makes of the executions that an earlier one left on their way.
//!
//! An execution that waited, for its turn or for a person, goes on as if nothing had happened. One that had an action at
//! work has failed: what became of that work nobody can tell. A retry of all of its stage's actions is always right.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use anyhow::Result;
use tokio::sync::mpsc::UnboundedSender;

use super::events::Event;
use super::record::{Execution, PipelineRecord};
use super::types::{ActionStatus, ErrorDetails, ExecutionStatus};
use super::{CodePipeline, Pipeline, events, execution_file};
use crate::api::Timestamp;
use crate::store::Store;

pub fn read(store: &Store, events: &UnboundedSender<Event>) -> Result<BTreeMap<String, Pipeline>> {
    let mut pipelines = BTreeMap::new();
    for record in store.list::<PipelineRecord>("pipelines")? {
        let name = record.declaration.name.clone();
        let mut executions = BTreeMap::new();
        for mut execution in store.list::<Execution>(format!("executions/{name}"))? {
            let before = execution.clone();
            if !execution.summary.status.is_final() && fail_interrupted(&mut execution) {
                store.put(execution_file(&name, execution.id()), &execution)?;
                for event in events::between(Some(&before), &execution) {
                    // Raised once the cloud answers; the receiver lives as long as the service.
                    let _ = events.send(event);
                }
            }
            executions.insert(execution.id().to_owned(), execution);
        }
        pipelines.insert(name, Pipeline { record, executions, running: BTreeMap::new() });
    }
    Ok(pipelines)
}

/// Fails an execution whose actions were at work; false when none was.
pub fn fail_interrupted(execution: &mut Execution) -> bool {
    let stage = execution.actions.iter().find(|action| action.status == ActionStatus::InProgress);
    let Some(stage) = stage.map(|action| action.stage_name.clone()) else { return false };
    let message = format!(
        "the local service ended while this action ran; run its stage again: cargo local retry {} --all",
        execution.id().get(..7).unwrap_or_default()
    );
    let mut at_work = false;
    for action in execution.actions.iter_mut().filter(|action| action.status == ActionStatus::InProgress) {
        if action.is_approval() {
            continue;
        }
        at_work = true;
        action.status = ActionStatus::Failed;
        action.output.execution_result.error_details =
            Some(ErrorDetails { code: "JobFailed".to_owned(), message: message.clone() });
        action.last_update_time = Timestamp::now();
    }
    if at_work {
        execution.end(ExecutionStatus::Failed, &format!("{stage}: {message}"));
        execution.summary.last_update_time = Timestamp::now();
    }
    at_work
}

impl CodePipeline {
    /// Leaves everything as it stands, for the next service: as if this one had been killed, but before what the
    /// executions work with goes away and looks like their failure.
    pub fn close(&self) {
        for pipeline in self.lock().values_mut() {
            std::mem::take(&mut pipeline.running).values().for_each(|task| task.abort());
        }
    }

    /// Goes on with the executions that waited when the last service ended. Called once, as soon as the cloud answers.
    pub fn resume(self: &Arc<Self>, token_header: &'static str, token: &str) {
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(raised) = raised {
            tokio::spawn(events::raise(raised, self.cloud.root(), token_header, token.to_owned()));
        }
        for pipeline in self.lock().values_mut() {
            let waiting = pipeline.executions.values().filter(|execution| !execution.summary.status.is_final());
            let waiting = waiting.map(|execution| execution.id().to_owned()).collect::<Vec<_>>();
            for id in waiting {
                if !pipeline.running.contains_key(&id) {
                    self.spawn(pipeline, &id);
                }
            }
        }
    }
}
