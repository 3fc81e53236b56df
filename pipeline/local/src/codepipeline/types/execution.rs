//! Executions of a pipeline.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::StageStatus;
use crate::api::Timestamp;
use crate::codepipeline::declaration::{ActionTypeId, ExecutionMode, PipelineType};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExecutionStatus {
    InProgress,
    Stopping,
    Stopped,
    Succeeded,
    Superseded,
    Failed,
    Cancelled,
}

impl ExecutionStatus {
    /// Whether nothing of the execution runs or waits any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::InProgress | Self::Stopping)
    }

    /// How the stage ends that an execution of this end was in.
    pub fn of_its_stage(self) -> StageStatus {
        match self {
            Self::InProgress => StageStatus::InProgress,
            Self::Stopping => StageStatus::Stopping,
            Self::Stopped => StageStatus::Stopped,
            Self::Succeeded => StageStatus::Succeeded,
            Self::Superseded | Self::Cancelled => StageStatus::Cancelled,
            Self::Failed => StageStatus::Failed,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionStatus {
    InProgress,
    Succeeded,
    Failed,
    Abandoned,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionTrigger {
    pub trigger_type: String,
    #[serde(default)]
    pub trigger_detail: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceRevision {
    pub action_name: String,
    pub revision_id: String,
    #[serde(default)]
    pub revision_summary: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceRevisionOverride {
    pub action_name: String,
    pub revision_type: String,
    pub revision_value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3Location {
    pub bucket: String,
    pub key: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactDetail {
    pub name: String,
    pub s3location: S3Location,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorDetails {
    pub code: String,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionExecutionInput {
    pub action_type_id: ActionTypeId,
    pub configuration: BTreeMap<String, String>,
    pub resolved_configuration: BTreeMap<String, String>,
    pub role_arn: String,
    pub region: String,
    pub input_artifacts: Vec<ArtifactDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionExecutionResult {
    /// The build's or the change set's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_execution_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_execution_summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_execution_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_details: Option<ErrorDetails>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ActionExecutionOutput {
    pub output_artifacts: Vec<ArtifactDetail>,
    pub execution_result: ActionExecutionResult,
    pub output_variables: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionExecutionDetail {
    pub pipeline_execution_id: String,
    pub action_execution_id: String,
    pub pipeline_version: u32,
    pub stage_name: String,
    pub action_name: String,
    pub start_time: Timestamp,
    pub last_update_time: Timestamp,
    pub status: ActionStatus,
    pub input: ActionExecutionInput,
    pub output: ActionExecutionOutput,
}

impl ActionExecutionDetail {
    /// Whether the action is a person's to end.
    pub fn is_approval(&self) -> bool {
        self.input.action_type_id.category == "Approval"
    }
}

/// Whether an execution came from a source, or takes a stage back to an earlier one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ExecutionType {
    #[default]
    Standard,
    Rollback,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackMetadata {
    pub rollback_target_pipeline_execution_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopTrigger {
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionSummary {
    pub pipeline_execution_id: String,
    pub status: ExecutionStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_summary: Option<String>,
    pub start_time: Timestamp,
    pub last_update_time: Timestamp,
    #[serde(default)]
    pub source_revisions: Vec<SourceRevision>,
    pub trigger: ExecutionTrigger,
    #[serde(default)]
    pub execution_mode: ExecutionMode,
    #[serde(default)]
    pub execution_type: ExecutionType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_metadata: Option<RollbackMetadata>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_trigger: Option<StopTrigger>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineSummary {
    pub name: String,
    pub version: u32,
    pub pipeline_type: PipelineType,
    pub execution_mode: ExecutionMode,
    pub created: Timestamp,
    pub updated: Timestamp,
}
