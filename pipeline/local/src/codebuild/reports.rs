//! The reports of a build: files of test results and of code coverage to reports in their groups.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::archive::Member;
use super::buildspec::{Buildspec, ReportSpec};
use super::record::Record;
use super::report_groups::{group_arn, group_file, is_name, new_group};
use super::selection::{Selection, SelectionError};
use super::types::{
    Build, CodeCoverage, PhaseContext, Report, ReportGroup, ReportStatus, ReportType, TestCase, TestStatus,
};
use super::{coverage, test_cases};
use crate::api::Timestamp;
use crate::aws::{ACCOUNT, REGION, Session};
use crate::store::Store;

/// A report and what it counts.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredReport {
    pub report: Report,
    #[serde(default)]
    pub test_cases: Vec<TestCase>,
    #[serde(default)]
    pub code_coverages: Vec<CodeCoverage>,
}

/// Makes the reports that the buildspec names, whether or not the build succeeded. What keeps one from being made is a
/// context that fails the phase, as on AWS.
pub async fn process(
    store: &Store,
    root: &Session,
    spec: &Buildspec,
    record: &Record,
    source: &Path,
    cache: &Path,
) -> Result<Vec<PhaseContext>> {
    let build = record.build();
    let mut failures = Vec::new();
    for (name, report) in &spec.reports {
        match make(store, root, &build, name, report, source, cache).await {
            Ok(arn) => record.update(|build| build.report_arns.push(arn))?,
            Err(error) => failures.push(PhaseContext::new(
                "CLIENT_ERROR",
                format!("Error in UPLOAD_ARTIFACTS phase: [{name}: [{error:#}]]"),
            )),
        }
    }
    Ok(failures)
}

/// Gives the new report's ARN.
async fn make(
    store: &Store,
    root: &Session,
    build: &Build,
    name: &str,
    spec: &ReportSpec,
    source: &Path,
    cache: &Path,
) -> Result<String> {
    // A name stands for a group of the project; an ARN for itself.
    let group_name = match name.strip_prefix(&group_arn("")) {
        Some(group) => group.to_owned(),
        None => format!("{}-{name}", build.project_name),
    };
    anyhow::ensure!(
        is_name(&group_name),
        "{group_name:?} is no report group name: use 2 to 128 letters, digits, - and _"
    );
    let group_arn = group_arn(&group_name);
    let group: Option<ReportGroup> = store.get(group_file(&group_name))?;
    // The emulator has no such operations, so IAM is asked for what the agent would call on AWS.
    let create_group = group.is_none().then_some("codebuild:CreateReportGroup");
    let report_type = spec.file_format.report_type();
    let put = match report_type {
        ReportType::Test => "codebuild:BatchPutTestCases",
        ReportType::CodeCoverage => "codebuild:BatchPutCodeCoverages",
    };
    let calls = ["codebuild:CreateReport", put, "codebuild:UpdateReport"];
    for action in create_group.into_iter().chain(calls) {
        if !root.may(&build.service_role, action, &group_arn, &[]).await? {
            anyhow::bail!(
                "AccessDeniedException: {} is not authorized to perform: {action} on resource: {group_arn}",
                build.service_role
            );
        }
    }
    let files = read(spec, source, cache)?;
    if group.is_none() {
        store.put(group_file(&group_name), &new_group(&group_name, report_type, Vec::new()))?;
    }

    let uuid = Uuid::new_v4();
    let arn = format!("arn:aws:codebuild:{REGION}:{ACCOUNT}:report/{group_name}:{uuid}");
    let mut stored = StoredReport {
        report: Report {
            arn: arn.clone(),
            report_type,
            name: group_name,
            report_group_arn: group_arn,
            execution_id: build.arn.clone(),
            status: ReportStatus::Succeeded,
            created: Timestamp::now(),
            test_summary: None,
            code_coverage_summary: None,
        },
        test_cases: Vec::new(),
        code_coverages: Vec::new(),
    };
    for (name, content) in files {
        match report_type {
            ReportType::Test => stored.test_cases.extend(test_cases::parse(&name, spec.file_format, &content)?),
            ReportType::CodeCoverage => {
                stored.code_coverages.extend(coverage::parse(&name, spec.file_format, &content)?)
            }
        }
    }
    stored.test_cases.iter_mut().for_each(|case| case.report_arn.clone_from(&arn));
    stored.code_coverages.iter_mut().for_each(|file| file.report_arn.clone_from(&arn));
    match report_type {
        ReportType::Test => {
            let failed = |case: &TestCase| matches!(case.status, TestStatus::Failed | TestStatus::Error);
            if stored.test_cases.iter().any(failed) {
                stored.report.status = ReportStatus::Failed;
            }
            stored.report.test_summary = Some(test_cases::summary(&stored.test_cases));
        }
        ReportType::CodeCoverage => {
            stored.report.code_coverage_summary = Some(coverage::summary(&stored.code_coverages));
        }
    }
    store.put(format!("reports/{uuid}.json"), &stored)?;
    Ok(arn)
}

/// The report's files, by their names.
fn read(spec: &ReportSpec, source: &Path, cache: &Path) -> Result<Vec<(String, String)>> {
    let base_directory = spec.base_directory.as_deref();
    let selection = Selection { files: &spec.files, base_directory, ..Selection::default() };
    let files = match selection.members(source, cache) {
        Err(SelectionError::NoFiles(_) | SelectionError::NoBase(_)) => anyhow::bail!("report files not found in build"),
        files => files?,
    };
    let read = |file: Member| {
        let text = std::fs::read_to_string(&file.file).with_context(|| format!("cannot read {}", file.name))?;
        Ok((file.name, text))
    };
    files.into_iter().map(read).collect()
}
