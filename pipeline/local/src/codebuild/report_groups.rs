//! Report groups and reports as the API sees them.

use serde::{Deserialize, Serialize};

use super::reports::StoredReport;
use super::types::{
    CodeCoverage, ExportType, Report, ReportExportConfig, ReportGroup, ReportType, Tag, TestCase, TestStatus,
};
use super::{CodeBuild, input, invalid, page};
use crate::api::{ApiError, Call, Reply, Timestamp};
use crate::aws::{ACCOUNT, REGION};

pub fn group_arn(name: &str) -> String {
    format!("arn:aws:codebuild:{REGION}:{ACCOUNT}:report-group/{name}")
}

pub fn group_file(name: &str) -> String {
    format!("report-groups/{name}.json")
}

pub fn new_group(name: &str, report_type: ReportType, tags: Vec<Tag>) -> ReportGroup {
    let now = Timestamp::now();
    ReportGroup {
        arn: group_arn(name),
        name: name.to_owned(),
        report_type,
        export_config: ReportExportConfig { export_config_type: ExportType::NoExport },
        created: now,
        last_modified: now,
        tags,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateReportGroupInput {
    name: String,
    #[serde(rename = "type")]
    report_type: ReportType,
    #[serde(rename = "exportConfig")]
    _export_config: ReportExportConfig,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeleteReportGroupInput {
    arn: String,
    #[serde(default)]
    delete_reports: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupArns {
    report_group_arns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportArns {
    report_arns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListGroupsInput {
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListReportsInput {
    report_group_arn: String,
    sort_order: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DescribeTestCasesInput {
    report_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
    #[serde(default)]
    filter: TestCaseFilter,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeCodeCoveragesInput {
    report_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeCoveragesOutput {
    code_coverages: Vec<CodeCoverage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TestCaseFilter {
    status: Option<TestStatus>,
    keyword: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupOutput {
    report_group: ReportGroup,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupsOutput {
    report_groups: Vec<ReportGroup>,
    report_groups_not_found: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportsOutput {
    reports: Vec<Report>,
    reports_not_found: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListGroupsOutput {
    report_groups: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListReportsOutput {
    reports: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TestCasesOutput {
    test_cases: Vec<TestCase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl CodeBuild {
    fn report_group(&self, arn: &str) -> Result<Option<ReportGroup>, ApiError> {
        match arn.strip_prefix(&group_arn("")) {
            Some(name) if is_name(name) => Ok(self.store.get(group_file(name))?),
            _ => Ok(None),
        }
    }

    fn report(&self, arn: &str) -> Result<Option<StoredReport>, ApiError> {
        let uuid = arn.rsplit(':').next().unwrap_or_default();
        let stored: Option<StoredReport> =
            if is_name(uuid) { self.store.get(format!("reports/{uuid}.json"))? } else { None };
        Ok(stored.filter(|stored| stored.report.arn == arn))
    }

    fn reports_of(&self, group_arn: &str) -> Result<Vec<Report>, ApiError> {
        let stored: Vec<StoredReport> = self.store.list("reports")?;
        Ok(stored
            .into_iter()
            .map(|stored| stored.report)
            .filter(|report| report.report_group_arn == group_arn)
            .collect())
    }

    pub(super) fn create_report_group(&self, call: &Call) -> Result<Reply, ApiError> {
        let create: CreateReportGroupInput = input(call)?;
        if !is_name(&create.name) {
            return Err(invalid(format!("{:?} is no report group name", create.name)));
        }
        if self.report_group(&group_arn(&create.name))?.is_some() {
            let message = format!("Report group already exists: {}", group_arn(&create.name));
            return Err(ApiError::new("ResourceAlreadyExistsException", message));
        }
        let report_group = new_group(&create.name, create.report_type, create.tags);
        self.store.put(group_file(&create.name), &report_group)?;
        Ok(call.reply(&GroupOutput { report_group }))
    }

    pub(super) fn delete_report_group(&self, call: &Call) -> Result<Reply, ApiError> {
        let delete: DeleteReportGroupInput = input(call)?;
        let Some(group) = self.report_group(&delete.arn)? else { return Ok(call.done()) };
        let reports = self.reports_of(&delete.arn)?;
        if !reports.is_empty() && !delete.delete_reports {
            return Err(invalid(format!("{} has reports: delete them with it by deleteReports", group.name)));
        }
        for report in reports {
            self.store.remove(format!("reports/{}.json", report.arn.rsplit(':').next().unwrap_or_default()))?;
        }
        self.store.remove(group_file(&group.name))?;
        Ok(call.done())
    }

    pub(super) fn list_report_groups(&self, call: &Call) -> Result<Reply, ApiError> {
        let list: ListGroupsInput = input(call)?;
        let mut arns: Vec<String> =
            self.store.list::<ReportGroup>("report-groups")?.into_iter().map(|group| group.arn).collect();
        arns.sort();
        let (report_groups, next_token) = page(arns, list.next_token.as_deref(), list.max_results.unwrap_or(100))?;
        Ok(call.reply(&ListGroupsOutput { report_groups, next_token }))
    }

    pub(super) fn batch_get_report_groups(&self, call: &Call) -> Result<Reply, ApiError> {
        let GroupArns { report_group_arns } = input(call)?;
        let (mut report_groups, mut report_groups_not_found) = (Vec::new(), Vec::new());
        for arn in report_group_arns {
            match self.report_group(&arn)? {
                Some(group) => report_groups.push(group),
                None => report_groups_not_found.push(arn),
            }
        }
        Ok(call.reply(&GroupsOutput { report_groups, report_groups_not_found }))
    }

    pub(super) fn batch_get_reports(&self, call: &Call) -> Result<Reply, ApiError> {
        let ReportArns { report_arns } = input(call)?;
        let (mut reports, mut reports_not_found) = (Vec::new(), Vec::new());
        for arn in report_arns {
            match self.report(&arn)? {
                Some(stored) => reports.push(stored.report),
                None => reports_not_found.push(arn),
            }
        }
        Ok(call.reply(&ReportsOutput { reports, reports_not_found }))
    }

    pub(super) fn list_reports_for_report_group(&self, call: &Call) -> Result<Reply, ApiError> {
        let list: ListReportsInput = input(call)?;
        self.report_group(&list.report_group_arn)?.ok_or_else(|| not_found("Report group", &list.report_group_arn))?;
        let mut reports = self.reports_of(&list.report_group_arn)?;
        reports.sort_by_key(|report| report.created);
        if list.sort_order.as_deref() != Some("ASCENDING") {
            reports.reverse();
        }
        let arns = reports.into_iter().map(|report| report.arn).collect();
        let (reports, next_token) = page(arns, list.next_token.as_deref(), list.max_results.unwrap_or(100))?;
        Ok(call.reply(&ListReportsOutput { reports, next_token }))
    }

    pub(super) fn describe_code_coverages(&self, call: &Call) -> Result<Reply, ApiError> {
        let describe: DescribeCodeCoveragesInput = input(call)?;
        let stored = self.report(&describe.report_arn)?.ok_or_else(|| not_found("Report", &describe.report_arn))?;
        let size = describe.max_results.unwrap_or(100);
        let (code_coverages, next_token) = page(stored.code_coverages, describe.next_token.as_deref(), size)?;
        Ok(call.reply(&CodeCoveragesOutput { code_coverages, next_token }))
    }

    pub(super) fn describe_test_cases(&self, call: &Call) -> Result<Reply, ApiError> {
        let describe: DescribeTestCasesInput = input(call)?;
        let stored = self.report(&describe.report_arn)?.ok_or_else(|| not_found("Report", &describe.report_arn))?;
        let filter = describe.filter;
        let wanted = |case: &TestCase| {
            filter.status.is_none_or(|status| status == case.status)
                && filter.keyword.as_ref().is_none_or(|keyword| case.name.contains(keyword))
        };
        let cases = stored.test_cases.into_iter().filter(wanted).collect();
        let (test_cases, next_token) =
            page(cases, describe.next_token.as_deref(), describe.max_results.unwrap_or(100))?;
        Ok(call.reply(&TestCasesOutput { test_cases, next_token }))
    }
}

/// A name that may be part of a file's path.
pub fn is_name(name: &str) -> bool {
    (2..=128).contains(&name.len())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
}

fn not_found(what: &str, arn: &str) -> ApiError {
    ApiError::new("ResourceNotFoundException", format!("{what} cannot be found: {arn}"))
}
