//! A pipeline's state, read off its executions: what `GetPipelineState` answers.

use super::Pipeline;
use super::declaration::{ActionDeclaration, StageDeclaration};
use super::record::{Execution, PipelineRecord};
use super::types::{
    ActionExecution, ActionExecutionDetail, ActionRevision, ActionState, ActionStatus, PipelineState, StageExecution,
    StageState, StageStatus, TransitionState,
};

pub fn of(pipeline: &Pipeline) -> PipelineState {
    let declaration = &pipeline.record.declaration;
    let mut executions = pipeline.executions.values().collect::<Vec<_>>();
    executions.sort_by_key(|execution| execution.number);
    PipelineState {
        pipeline_name: declaration.name.clone(),
        pipeline_version: declaration.version,
        stage_states: declaration
            .stages
            .iter()
            .map(|stage| stage_state(stage, &pipeline.record, &executions))
            .collect(),
        created: pipeline.record.created,
        updated: pipeline.record.updated,
    }
}

fn stage_state(stage: &StageDeclaration, record: &PipelineRecord, executions: &[&Execution]) -> StageState {
    let stage_execution = |execution: &Execution, status| StageExecution {
        pipeline_execution_id: execution.id().to_owned(),
        status,
        execution_type: execution.summary.execution_type,
    };
    let waiting = executions.iter().filter(|execution| execution.waits_for(&stage.name));
    let entered = executions.iter().filter_map(|execution| Some((*execution, execution.stage_runs.get(&stage.name)?)));
    let mut entered = entered.collect::<Vec<_>>();
    entered.sort_by_key(|(_, run)| run.entered);
    let order = entered.iter().map(|(execution, _)| *execution).collect::<Vec<_>>();
    let entered = entered.pop();
    let closed = record.closed(&stage.name);
    StageState {
        stage_name: stage.name.clone(),
        inbound_executions: waiting.map(|execution| stage_execution(execution, StageStatus::InProgress)).collect(),
        inbound_transition_state: TransitionState {
            enabled: closed.is_none(),
            last_changed_by: closed.map(|closed| closed.by.clone()),
            last_changed_at: closed.map(|closed| closed.at),
            disabled_reason: closed.map(|closed| closed.reason.clone()),
        },
        action_states: stage.actions.iter().map(|action| action_state(stage, action, &order)).collect(),
        latest_execution: entered
            .and_then(|(execution, _)| Some(stage_execution(execution, execution.shown_status(&stage.name)?))),
        retry_stage_metadata: entered
            .map(|(_, run)| run.retries.clone())
            .filter(|retries| retries.latest_retry_trigger.is_some()),
    }
}

/// `entered`: the executions that have entered the stage, in that order.
fn action_state(stage: &StageDeclaration, action: &ActionDeclaration, entered: &[&Execution]) -> ActionState {
    let newest = entered.iter().rev().find_map(|execution| {
        let detail = execution
            .actions
            .iter()
            .rev()
            .find(|detail| detail.stage_name == stage.name && detail.action_name == action.name)?;
        Some((*execution, detail))
    });
    let revision = newest.and_then(|(execution, detail)| {
        let revision =
            execution.summary.source_revisions.iter().find(|revision| revision.action_name == action.name)?;
        Some(ActionRevision {
            revision_id: revision.revision_id.clone(),
            revision_change_id: detail.action_execution_id.clone(),
            created: detail.last_update_time,
        })
    });
    ActionState {
        action_name: action.name.clone(),
        current_revision: revision,
        latest_execution: newest.map(|(execution, detail)| action_execution(execution, detail)),
    }
}

fn action_execution(execution: &Execution, detail: &ActionExecutionDetail) -> ActionExecution {
    let approval = execution.approvals.get(&detail.action_execution_id);
    let waits = detail.status == ActionStatus::InProgress;
    let result = &detail.output.execution_result;
    ActionExecution {
        action_execution_id: detail.action_execution_id.clone(),
        status: detail.status,
        summary: result.external_execution_summary.clone(),
        last_status_change: detail.last_update_time,
        token: approval.filter(|_| waits).map(|approval| approval.token.clone()),
        external_execution_id: result.external_execution_id.clone(),
        error_details: result.error_details.clone(),
    }
}
