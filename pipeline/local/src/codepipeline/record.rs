//! Pipelines and executions as the service remembers them, in more detail than the API tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::declaration::{PipelineDeclaration, RetryMode, StageDeclaration};
use super::types::{
    ActionExecutionDetail, ActionStatus, ExecutionStatus, ExecutionSummary, ExecutionType, RetryStageMetadata,
    RetryTrigger, SourceRevisionOverride, StageStatus,
};
use crate::api::Timestamp;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PipelineRecord {
    pub declaration: PipelineDeclaration,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// How many executions were ever started: the next one's place in the queue.
    pub executions_started: u64,
    /// The transitions that were disabled, by stage.
    #[serde(default)]
    pub disabled: BTreeMap<String, DisabledTransitions>,
}

/// Who may not pass at a stage.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DisabledTransitions {
    pub inbound: Option<Disabled>,
    pub outbound: Option<Disabled>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Disabled {
    pub reason: String,
    pub by: String,
    pub at: Timestamp,
}

impl PipelineRecord {
    /// Why nothing may enter a stage at present: its own inbound transition, or the outbound one of the stage before.
    pub fn closed(&self, stage: &str) -> Option<&Disabled> {
        let stages = &self.declaration.stages;
        let before = stages.iter().position(|found| found.name == stage).and_then(|index| index.checked_sub(1));
        let outbound = before.and_then(|index| self.disabled.get(&stages[index].name)?.outbound.as_ref());
        self.disabled.get(stage).and_then(|transitions| transitions.inbound.as_ref()).or(outbound)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Execution {
    /// Its place in the order of starts: no execution overtakes one with a smaller number.
    pub number: u64,
    pub summary: ExecutionSummary,
    /// The pipeline as it was declared when the execution started.
    pub pipeline: PipelineDeclaration,
    pub source_overrides: Vec<SourceRevisionOverride>,
    /// Values of the pipeline's variables.
    pub variables: BTreeMap<String, String>,
    /// Every action that was started, in that order.
    pub actions: Vec<ActionExecutionDetail>,
    /// The stages that were entered.
    #[serde(default)]
    pub stage_runs: BTreeMap<String, StageRun>,
    /// The pipeline's definition was changed: it ends after the actions that are at work.
    #[serde(default)]
    pub is_cancelled: bool,
    /// What each manual approval waits for, or was told, by its action execution id.
    #[serde(default)]
    pub approvals: BTreeMap<String, ApprovalRecord>,
    /// Of a rollback: the stage, and what the target's earlier stages have left.
    #[serde(default)]
    pub rollback: Option<Rollback>,
}

/// A stage of an execution, from its entry on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageRun {
    pub status: StageStatus,
    /// A rollback may enter before executions that were started before it, so the order of starts does not tell.
    pub entered: Timestamp,
    /// Actions before this one in the execution's list belong to an earlier try that is begun anew.
    pub since: usize,
    #[serde(default)]
    pub retries: RetryStageMetadata,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApprovalRecord {
    pub token: String,
    pub expires: Timestamp,
    pub decision: Option<Decision>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub status: Answer,
    #[serde(default)]
    pub summary: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Approved,
    Rejected,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rollback {
    pub stage: String,
    /// Actions of the target that succeeded in earlier stages: their artifacts and variables are used once more.
    pub inherited: Vec<ActionExecutionDetail>,
}

impl Execution {
    pub fn id(&self) -> &str {
        &self.summary.pipeline_execution_id
    }

    pub fn is_rollback(&self) -> bool {
        self.summary.execution_type == ExecutionType::Rollback
    }

    /// The stages on this execution's way.
    pub fn path(&self) -> impl Iterator<Item = &StageDeclaration> {
        let only = self.rollback.as_ref().map(|rollback| rollback.stage.as_str());
        self.pipeline.stages.iter().filter(move |stage| only.is_none_or(|only| only == stage.name))
    }

    pub fn stage_status(&self, stage: &str) -> Option<StageStatus> {
        self.stage_runs.get(stage).map(|run| run.status)
    }

    /// The stage as the API and the events show it: while the execution is stopping, so is the stage that it is in.
    pub fn shown_status(&self, stage: &str) -> Option<StageStatus> {
        match (self.stage_status(stage)?, self.summary.status) {
            (StageStatus::InProgress, ExecutionStatus::Stopping) => Some(StageStatus::Stopping),
            (status, _) => Some(status),
        }
    }

    pub fn has_succeeded_in(&self, stage: &str) -> bool {
        self.stage_status(stage) == Some(StageStatus::Succeeded)
    }

    /// Whether it is on its way and stands before this stage.
    pub fn waits_for(&self, stage: &str) -> bool {
        let next = self.path().find(|found| !self.has_succeeded_in(&found.name));
        !self.summary.status.is_final()
            && next.is_some_and(|next| next.name == stage && self.stage_status(stage).is_none())
    }

    /// What it ends as when its running actions have ended, although there is more to do.
    pub fn halt(&self) -> Option<ExecutionStatus> {
        if self.is_cancelled {
            return Some(ExecutionStatus::Cancelled);
        }
        (self.summary.status == ExecutionStatus::Stopping).then_some(ExecutionStatus::Stopped)
    }

    /// The newest run of an action in the present try of its stage.
    pub fn current_run(&self, stage: &str, action: &str) -> Option<&ActionExecutionDetail> {
        let since = self.stage_runs.get(stage).map_or(0, |run| run.since);
        let runs = self.actions.get(since..).unwrap_or_default();
        runs.iter().rev().find(|detail| detail.stage_name == stage && detail.action_name == action)
    }

    /// All that earlier actions have left for later ones: oldest first.
    pub fn produced(&self) -> impl DoubleEndedIterator<Item = &ActionExecutionDetail> {
        let inherited = self.rollback.as_ref().map_or(&[][..], |rollback| &rollback.inherited);
        inherited.iter().chain(&self.actions)
    }

    /// Puts a stage that has failed or was stopped to work again.
    pub fn begin_retry(&mut self, stage: &str, mode: RetryMode, trigger: RetryTrigger) {
        let actions = self.actions.len();
        let Some(run) = self.stage_runs.get_mut(stage) else { return };
        run.status = StageStatus::InProgress;
        if mode == RetryMode::AllActions {
            run.since = actions;
        }
        run.retries.latest_retry_trigger = Some(trigger);
        match trigger {
            RetryTrigger::AutomatedStageRetry => run.retries.auto_stage_retry_attempt += 1,
            RetryTrigger::ManualStageRetry => run.retries.manual_stage_retry_attempt += 1,
        }
        self.summary.status = ExecutionStatus::InProgress;
        self.summary.status_summary = None;
        self.summary.stop_trigger = None;
    }

    /// Ends it, whatever its task is at.
    pub fn end(&mut self, status: ExecutionStatus, reason: &str) {
        for action in self.actions.iter_mut().filter(|action| action.status == ActionStatus::InProgress) {
            action.status = ActionStatus::Abandoned;
            action.last_update_time = Timestamp::now();
        }
        for run in self.stage_runs.values_mut() {
            if run.status == StageStatus::InProgress {
                run.status = status.of_its_stage();
            }
        }
        self.summary.status = status;
        self.summary.status_summary = Some(reason.to_owned());
    }
}
