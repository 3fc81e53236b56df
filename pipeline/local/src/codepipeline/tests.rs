//! The engine's pieces without a cloud: what an execution may do, where it stands, what is told of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Pipeline;
use super::declaration::RetryMode;
use super::events;
use super::queue::{is_free, is_superseded};
use super::record::{ApprovalRecord, Disabled, Execution, PipelineRecord};
use super::restart::fail_interrupted;
use super::types::{ActionStatus, ExecutionStatus, RetryTrigger, StageStatus};
use crate::api::Timestamp;

/// Stages named `A`, `B` and `C`.
fn declaration(mode: &str) -> Value {
    let stage = |name: &str| json!({ "name": name, "actions": [] });
    json!({
        "name": "shop", "roleArn": "role", "version": 1, "pipelineType": "V2", "executionMode": mode,
        "artifactStore": { "type": "S3", "location": "bucket" }, "stages": [stage("A"), stage("B"), stage("C")],
    })
}

/// An execution that has entered these stages, and stands in them so.
fn execution(number: u64, mode: &str, stages: &[(&str, &str)]) -> Execution {
    let runs = stages
        .iter()
        .map(|(name, status)| ((*name).to_owned(), json!({ "status": status, "entered": number as f64, "since": 0 })));
    serde_json::from_value(json!({
        "number": number,
        "summary": {
            "pipelineExecutionId": number.to_string(), "status": "InProgress", "startTime": 0.0, "lastUpdateTime": 0.0,
            "trigger": { "triggerType": "StartPipelineExecution" },
        },
        "pipeline": declaration(mode), "source_overrides": [], "variables": {}, "actions": [],
        "stage_runs": runs.collect::<serde_json::Map<_, _>>(),
    }))
    .unwrap()
}

fn rollback(number: u64, stage: &str) -> Execution {
    let mut execution = execution(number, "QUEUED", &[]);
    execution.summary.execution_type = super::types::ExecutionType::Rollback;
    execution.rollback = serde_json::from_value(json!({ "stage": stage, "inherited": [] })).unwrap();
    execution
}

fn ended(mut execution: Execution, status: ExecutionStatus) -> Execution {
    execution.end(status, "for a test");
    execution
}

fn begin(execution: &mut Execution, stage: &str, action: &str, status: &str) {
    let detail = json!({
        "pipelineExecutionId": execution.id(), "actionExecutionId": format!("{action}-{}", execution.actions.len()),
        "pipelineVersion": 1, "stageName": stage, "actionName": action, "startTime": 0.0, "lastUpdateTime": 0.0,
        "status": status,
        "input": {
            "actionTypeId": { "category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1" },
            "configuration": {}, "resolvedConfiguration": {}, "roleArn": "r", "region": "us-east-1", "inputArtifacts": [],
        },
        "output": {},
    });
    execution.actions.push(serde_json::from_value(detail).unwrap());
}

fn pipeline(executions: Vec<Execution>) -> Pipeline {
    let record = PipelineRecord {
        declaration: serde_json::from_value(declaration("QUEUED")).unwrap(),
        created: Timestamp::now(),
        updated: Timestamp::now(),
        executions_started: 9,
        disabled: BTreeMap::new(),
    };
    let executions = executions.into_iter().map(|execution| (execution.id().to_owned(), execution)).collect();
    Pipeline { record, executions, running: BTreeMap::new() }
}

#[test]
fn an_execution_enters_a_stage_in_its_turn() {
    let done_with_a = |number| execution(number, "QUEUED", &[("A", "Succeeded")]);
    let in_b = |number| execution(number, "QUEUED", &[("A", "Succeeded"), ("B", "InProgress")]);
    for (what, others, me, free) in [
        ("alone", vec![], done_with_a(2), true),
        ("an earlier one is in the stage", vec![in_b(1)], done_with_a(2), false),
        (
            "an earlier one is still to come",
            vec![execution(1, "QUEUED", &[("A", "InProgress")])],
            done_with_a(2),
            false,
        ),
        ("an earlier one waits as well", vec![done_with_a(1)], done_with_a(2), false),
        ("a later one waits as well", vec![done_with_a(3)], done_with_a(2), true),
        ("an earlier one has failed there", vec![ended(in_b(1), ExecutionStatus::Failed)], done_with_a(2), true),
        ("a later one is in the stage, by a retry", vec![in_b(3)], done_with_a(2), false),
        ("a rollback waits", vec![rollback(3, "B")], done_with_a(2), false),
        ("a rollback of another stage waits", vec![rollback(3, "C")], done_with_a(2), true),
        ("a rollback goes before those that are to come", vec![done_with_a(1)], rollback(2, "B"), true),
        ("a rollback does not enter where another is", vec![in_b(1)], rollback(2, "B"), false),
    ] {
        let pipeline = pipeline([others, vec![me.clone()]].concat());
        assert_eq!(is_free(&pipeline, &me, "B"), free, "{what}");
    }
}

#[test]
fn nobody_enters_a_closed_stage() {
    let me = execution(1, "QUEUED", &[("A", "Succeeded")]);
    for stage_and_side in [("B", true), ("A", false)] {
        let mut pipeline = pipeline(vec![me.clone()]);
        let disabled = Some(Disabled { reason: "sale".to_owned(), by: "me".to_owned(), at: Timestamp::now() });
        let transitions = pipeline.record.disabled.entry(stage_and_side.0.to_owned()).or_default();
        match stage_and_side.1 {
            true => transitions.inbound = disabled,
            false => transitions.outbound = disabled,
        }
        assert!(!is_free(&pipeline, &me, "B"), "{stage_and_side:?}");
        assert_eq!(pipeline.record.closed("B").map(|closed| closed.reason.as_str()), Some("sale"));
        assert!(pipeline.record.closed("C").is_none());
    }
}

#[test]
fn a_waiting_execution_is_superseded_by_a_newer_one_in_that_mode_only() {
    for (mode, newer_stands, superseded) in [
        ("SUPERSEDED", &[("A", "Succeeded")][..], true),
        ("SUPERSEDED", &[("A", "InProgress")][..], false),
        ("QUEUED", &[("A", "Succeeded")][..], false),
    ] {
        let me = execution(1, mode, &[("A", "Succeeded")]);
        let pipeline = pipeline(vec![me.clone(), execution(2, mode, newer_stands)]);
        assert_eq!(is_superseded(&pipeline, &me, "B"), superseded, "{mode} {newer_stands:?}");
    }
}

#[test]
fn a_retry_begins_with_what_failed_or_with_everything() {
    for (mode, again) in [(RetryMode::FailedActions, false), (RetryMode::AllActions, true)] {
        let mut execution = execution(1, "QUEUED", &[("A", "Failed")]);
        begin(&mut execution, "A", "Lint", "Succeeded");
        begin(&mut execution, "A", "Build", "Failed");
        execution.end(ExecutionStatus::Failed, "Build failed");
        execution.begin_retry("A", mode, RetryTrigger::ManualStageRetry);
        assert_eq!(execution.current_run("A", "Lint").is_none(), again, "{mode:?}");
        assert_eq!(execution.stage_status("A"), Some(StageStatus::InProgress));
        assert_eq!(
            (execution.summary.status, execution.summary.status_summary.clone()),
            (ExecutionStatus::InProgress, None)
        );
        assert_eq!(execution.stage_runs["A"].retries.manual_stage_retry_attempt, 1);
    }
}

#[test]
fn a_stop_halts_an_execution_and_its_stage_shows_it() {
    let mut execution = execution(1, "QUEUED", &[("A", "Succeeded"), ("B", "InProgress")]);
    assert_eq!(execution.halt(), None);
    execution.summary.status = ExecutionStatus::Stopping;
    assert_eq!(execution.halt(), Some(ExecutionStatus::Stopped));
    assert_eq!(execution.shown_status("B"), Some(StageStatus::Stopping));
    assert_eq!(execution.shown_status("A"), Some(StageStatus::Succeeded));
    execution.is_cancelled = true;
    assert_eq!(execution.halt(), Some(ExecutionStatus::Cancelled));
}

#[test]
fn after_a_kill_work_has_failed_and_waiting_goes_on() {
    let mut at_work = execution(1, "QUEUED", &[("A", "InProgress")]);
    begin(&mut at_work, "A", "Build", "InProgress");
    assert!(fail_interrupted(&mut at_work));
    assert_eq!(
        (at_work.summary.status, at_work.stage_status("A")),
        (ExecutionStatus::Failed, Some(StageStatus::Failed))
    );
    let error = at_work.actions[0].output.execution_result.error_details.as_ref().unwrap();
    assert_eq!((at_work.actions[0].status, error.message.contains("cargo local retry")), (ActionStatus::Failed, true));

    let mut asking = execution(1, "QUEUED", &[("A", "InProgress")]);
    begin(&mut asking, "A", "Approve", "InProgress");
    asking.actions[0].input.action_type_id.category = "Approval".to_owned();
    let asked = ApprovalRecord { token: "t".to_owned(), expires: Timestamp::now(), decision: None };
    asking.approvals.insert("Approve-0".to_owned(), asked);
    let mut between = execution(1, "QUEUED", &[("A", "Succeeded")]);
    for waiting in [&mut asking, &mut between] {
        assert!(!fail_interrupted(waiting));
        assert_eq!(waiting.summary.status, ExecutionStatus::InProgress);
    }
}

#[test]
fn each_change_is_told_once_and_from_the_outside_in() {
    let told = |before: Option<&Execution>, after: &Execution| {
        let events = events::between(before, after).into_iter();
        events.map(|event| event.brief()).collect::<Vec<_>>()
    };
    let new = execution(1, "QUEUED", &[]);
    assert_eq!(told(None, &new), ["Pipeline STARTED"]);
    assert!(told(Some(&new), &new).is_empty());

    let mut entered = execution(1, "QUEUED", &[("A", "InProgress")]);
    begin(&mut entered, "A", "Build", "InProgress");
    assert_eq!(told(Some(&new), &entered), ["Stage STARTED", "Action STARTED"]);

    let mut stopping = entered.clone();
    stopping.summary.status = ExecutionStatus::Stopping;
    assert_eq!(told(Some(&entered), &stopping), ["Pipeline STOPPING", "Stage STOPPING"]);

    let stopped = ended(stopping.clone(), ExecutionStatus::Stopped);
    assert_eq!(told(Some(&stopping), &stopped), ["Stage STOPPED", "Action ABANDONED", "Pipeline STOPPED"]);

    let mut retried = stopped.clone();
    retried.begin_retry("A", RetryMode::FailedActions, RetryTrigger::ManualStageRetry);
    assert_eq!(told(Some(&stopped), &retried), ["Pipeline RESUMED", "Stage RESUMED"]);
}
