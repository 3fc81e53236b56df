//! A pipeline's state, read off its executions: what `GetPipelineState` answers.

use super::Pipeline;
use super::declaration::{ActionDeclaration, StageDeclaration};
use super::types::{
    ActionExecution, ActionExecutionDetail, ActionRevision, ActionState, Execution, PipelineState, StageExecution,
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
            .enumerate()
            .map(|(index, stage)| {
                let before = index.checked_sub(1).map(|index| declaration.stages[index].name.as_str());
                stage_state(stage, before, &executions)
            })
            .collect(),
        created: pipeline.record.created,
        updated: pipeline.record.updated,
    }
}

fn stage_state(stage: &StageDeclaration, before: Option<&str>, executions: &[&Execution]) -> StageState {
    let stage_execution = |execution: &Execution, status| StageExecution {
        pipeline_execution_id: execution.summary.pipeline_execution_id.clone(),
        status,
    };
    let waiting = executions.iter().filter(|execution| {
        let through_before = before.is_none_or(|before| execution.stages.get(before) == Some(&StageStatus::Succeeded));
        !execution.summary.status.is_final() && through_before && !execution.stages.contains_key(&stage.name)
    });
    let latest = executions
        .iter()
        .rev()
        .find_map(|execution| execution.stages.get(&stage.name).map(|status| stage_execution(execution, *status)));
    StageState {
        stage_name: stage.name.clone(),
        inbound_executions: waiting.map(|execution| stage_execution(execution, StageStatus::InProgress)).collect(),
        inbound_transition_state: TransitionState { enabled: true },
        action_states: stage.actions.iter().map(|action| action_state(stage, action, executions)).collect(),
        latest_execution: latest,
    }
}

fn action_state(stage: &StageDeclaration, action: &ActionDeclaration, executions: &[&Execution]) -> ActionState {
    let newest = executions.iter().rev().find_map(|execution| {
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
        latest_execution: newest.map(|(_, detail)| action_execution(detail)),
    }
}

fn action_execution(detail: &ActionExecutionDetail) -> ActionExecution {
    let result = &detail.output.execution_result;
    ActionExecution {
        action_execution_id: detail.action_execution_id.clone(),
        status: detail.status,
        summary: result.external_execution_summary.clone(),
        last_status_change: detail.last_update_time,
        external_execution_id: result.external_execution_id.clone(),
        error_details: result.error_details.clone(),
    }
}
