//! The test reports of a build: JUnit files to reports in their groups.

use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::buildspec::{Buildspec, ReportSpec};
use super::record::Record;
use super::report_groups::{group_arn, group_file, new_group};
use super::selection::{Selection, SelectionError};
use super::types::{Build, PhaseContext, Report, ReportGroup, ReportStatus, ReportType, TestCase, TestStatus};
use super::{junit, types};
use crate::api::Timestamp;
use crate::aws::{ACCOUNT, REGION, Session};
use crate::store::Store;

/// A report and what it counts.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredReport {
    pub report: Report,
    pub test_cases: Vec<TestCase>,
}

/// Makes the reports that the buildspec names, whether or not the build succeeded. What keeps one from being made is a
/// context that fails the phase, as on AWS.
pub async fn process(
    store: &Store,
    root: &Session,
    spec: &Buildspec,
    record: &Record,
    source: &Path,
) -> Result<Vec<PhaseContext>> {
    let build = record.build();
    let mut failures = Vec::new();
    for (name, report) in &spec.reports {
        match make(store, root, &build, name, report, source).await {
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
) -> Result<String> {
    // A name stands for a group of the project; an ARN for itself.
    let group_name = match name.strip_prefix(&group_arn("")) {
        Some(group) => group.to_owned(),
        None => format!("{}-{name}", build.project_name),
    };
    let group_arn = group_arn(&group_name);
    let group: Option<ReportGroup> = store.get(group_file(&group_name))?;
    // The emulator has no such operations, so IAM is asked for what the agent would call on AWS.
    let create_group = group.is_none().then_some("codebuild:CreateReportGroup");
    let calls = ["codebuild:CreateReport", "codebuild:BatchPutTestCases", "codebuild:UpdateReport"];
    for action in create_group.into_iter().chain(calls) {
        if !root.may(&build.service_role, action, &group_arn, &[]).await? {
            anyhow::bail!(
                "AccessDeniedException: {} is not authorized to perform: {action} on resource: {group_arn}",
                build.service_role
            );
        }
    }
    let test_cases = read(spec, source)?;
    if group.is_none() {
        store.put(group_file(&group_name), &new_group(&group_name, Vec::new()))?;
    }

    let uuid = Uuid::new_v4();
    let arn = format!("arn:aws:codebuild:{REGION}:{ACCOUNT}:report/{group_name}:{uuid}");
    let failed = |case: &TestCase| matches!(case.status, TestStatus::Failed | TestStatus::Error);
    let report = Report {
        arn: arn.clone(),
        report_type: ReportType::Test,
        name: group_name,
        report_group_arn: group_arn,
        execution_id: build.arn.clone(),
        status: if test_cases.iter().any(failed) { ReportStatus::Failed } else { ReportStatus::Succeeded },
        created: Timestamp::now(),
        test_summary: junit::summary(&test_cases),
    };
    let test_cases = test_cases.into_iter().map(|case| types::TestCase { report_arn: arn.clone(), ..case }).collect();
    store.put(format!("reports/{uuid}.json"), &StoredReport { report, test_cases })?;
    Ok(arn)
}

fn read(spec: &ReportSpec, source: &Path) -> Result<Vec<TestCase>> {
    let base_directory = spec.base_directory.as_deref();
    let selection = Selection { files: &spec.files, base_directory, ..Selection::default() };
    let files = match selection.members(source) {
        Err(SelectionError::NoFiles(_) | SelectionError::NoBase(_)) => anyhow::bail!("report files not found in build"),
        files => files?,
    };
    let mut cases = Vec::new();
    for file in files {
        cases.extend(junit::parse(&file.name, &std::fs::read(&file.file)?)?);
    }
    Ok(cases)
}
