//! How a pipeline stands: its stages, what waits before them and what ran in them last.

use serde::{Deserialize, Serialize};

use super::{ActionStatus, ErrorDetails, ExecutionType};
use crate::api::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StageStatus {
    InProgress,
    Succeeded,
    Failed,
    Stopping,
    Stopped,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageExecution {
    pub pipeline_execution_id: String,
    pub status: StageStatus,
    #[serde(default, rename = "type")]
    pub execution_type: ExecutionType,
}

/// Whether executions may enter a stage, and who said that they may not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransitionState {
    pub enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_changed_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_changed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetryTrigger {
    AutomatedStageRetry,
    ManualStageRetry,
}

/// How often a stage of an execution was retried.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryStageMetadata {
    pub auto_stage_retry_attempt: u32,
    pub manual_stage_retry_attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_retry_trigger: Option<RetryTrigger>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionExecution {
    pub action_execution_id: String,
    pub status: ActionStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    pub last_status_change: Timestamp,
    /// What whoever approves or rejects hands in; only while a manual approval waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_execution_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_details: Option<ErrorDetails>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionRevision {
    pub revision_id: String,
    pub revision_change_id: String,
    pub created: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionState {
    pub action_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_revision: Option<ActionRevision>,
    /// Absent as long as the action never ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_execution: Option<ActionExecution>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageState {
    pub stage_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inbound_executions: Vec<StageExecution>,
    pub inbound_transition_state: TransitionState,
    pub action_states: Vec<ActionState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_execution: Option<StageExecution>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_stage_metadata: Option<RetryStageMetadata>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineState {
    pub pipeline_name: String,
    pub pipeline_version: u32,
    pub stage_states: Vec<StageState>,
    pub created: Timestamp,
    pub updated: Timestamp,
}
