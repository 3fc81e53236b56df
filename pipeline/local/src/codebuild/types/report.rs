//! The shapes of test reports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Tag;
use crate::api::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportType {
    Test,
    CodeCoverage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExportType {
    NoExport,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportExportConfig {
    pub export_config_type: ExportType,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportGroup {
    pub arn: String,
    pub name: String,
    #[serde(rename = "type")]
    pub report_type: ReportType,
    pub export_config: ReportExportConfig,
    pub created: Timestamp,
    pub last_modified: Timestamp,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportStatus {
    Succeeded,
    Failed,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub arn: String,
    #[serde(rename = "type")]
    pub report_type: ReportType,
    pub name: String,
    pub report_group_arn: String,
    /// The ARN of the build that made the report.
    pub execution_id: String,
    pub status: ReportStatus,
    pub created: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_summary: Option<TestReportSummary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_coverage_summary: Option<CodeCoverageSummary>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeCoverageSummary {
    pub line_coverage_percentage: f64,
    pub lines_covered: u64,
    pub lines_missed: u64,
    pub branch_coverage_percentage: f64,
    pub branches_covered: u64,
    pub branches_missed: u64,
}

/// The coverage of one source file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeCoverage {
    pub id: String,
    #[serde(rename = "reportARN")]
    pub report_arn: String,
    pub file_path: String,
    pub line_coverage_percentage: f64,
    pub lines_covered: u64,
    pub lines_missed: u64,
    pub branch_coverage_percentage: f64,
    pub branches_covered: u64,
    pub branches_missed: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestReportSummary {
    pub total: u64,
    /// How many test cases ended in each status.
    pub status_counts: BTreeMap<TestStatus, u64>,
    pub duration_in_nano_seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TestStatus {
    Succeeded,
    Failed,
    Error,
    Skipped,
    Unknown,
}

impl TestStatus {
    pub const ALL: [Self; 5] = [Self::Error, Self::Failed, Self::Skipped, Self::Succeeded, Self::Unknown];
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestCase {
    #[serde(default)]
    pub report_arn: String,
    /// The report file, relative to the source folder.
    pub test_raw_data_path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    pub name: String,
    pub status: TestStatus,
    pub duration_in_nano_seconds: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_suite_name: Option<String>,
}
