//! The local CodeBuild: projects, builds that run on this machine, and their test reports.

mod archive;
mod artifacts;
mod builds;
mod buildspec;
mod cache;
mod coverage;
mod environment;
mod log;
mod logs;
mod on_failure;
mod phases;
mod processes;
mod projects;
mod record;
mod refusal;
mod report_groups;
mod reports;
mod run;
mod runtimes;
mod secrets;
mod selection;
mod shell;
mod test_cases;
mod transfer;
pub mod types;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;

use self::record::Record;
use crate::api::{ApiError, Call, Reply};
use crate::aws::Cloud;
use crate::store::Store;

pub use self::environment::BuildHost;

pub struct CodeBuild {
    store: Store,
    cloud: Cloud,
    host: BuildHost,
    /// Every build that is known, by its id.
    builds: Mutex<BTreeMap<String, Arc<Record>>>,
    /// Builds of one project that share a local cache take turns.
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    running: Mutex<JoinSet<()>>,
}

impl CodeBuild {
    /// Opens the service on what `store` remembers. Builds that a killed service left behind are ended as faults.
    pub fn open(store: Store, cloud: Cloud, host: BuildHost) -> Result<Arc<Self>> {
        let builds = builds::load(&store, &host)?;
        Ok(Arc::new(Self {
            store,
            cloud,
            host,
            builds: Mutex::new(builds),
            turns: Mutex::default(),
            running: Mutex::default(),
        }))
    }

    pub async fn handle(self: &Arc<Self>, call: &Call) -> Result<Reply, ApiError> {
        match call.operation.as_str() {
            "CreateProject" => self.create_project(call),
            "UpdateProject" => self.update_project(call),
            "DeleteProject" => self.delete_project(call),
            "BatchGetProjects" => self.batch_get_projects(call),
            "ListProjects" => self.list_projects(call),
            "StartBuild" => self.start_build(call),
            "StopBuild" => self.stop_build(call),
            "BatchGetBuilds" => self.batch_get_builds(call),
            "ListBuilds" => self.list_builds(call),
            "ListBuildsForProject" => self.list_builds_for_project(call),
            "CreateReportGroup" => self.create_report_group(call),
            "DeleteReportGroup" => self.delete_report_group(call),
            "ListReportGroups" => self.list_report_groups(call),
            "BatchGetReportGroups" => self.batch_get_report_groups(call),
            "BatchGetReports" => self.batch_get_reports(call),
            "ListReportsForReportGroup" => self.list_reports_for_report_group(call),
            "DescribeCodeCoverages" => self.describe_code_coverages(call),
            "DescribeTestCases" => self.describe_test_cases(call),
            operation => Err(ApiError::unsupported(operation)),
        }
    }

    /// Stops every build, and returns when none of their processes is left.
    pub async fn stop_all(&self) {
        for record in locked(&self.builds).values() {
            record.stop();
        }
        let mut running = std::mem::take(&mut *locked(&self.running));
        while let Some(ended) = running.join_next().await {
            if let Err(error) = ended {
                tracing::error!("a build broke: {error}");
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInputException", message)
}

/// A call's input; a setting or a value that the shapes do not have is refused by its name.
fn input<T: DeserializeOwned>(call: &Call) -> Result<T, ApiError> {
    call.supported_input("CodeBuild")
}

/// One page of a list, and the token of the next. An empty page would be followed by itself.
fn page<T>(items: Vec<T>, token: Option<&str>, size: usize) -> Result<(Vec<T>, Option<String>), ApiError> {
    if !(1..=100).contains(&size) {
        return Err(invalid("maxResults must be from 1 to 100"));
    }
    let start: usize = match token {
        Some(token) => token.parse().map_err(|_| invalid(format!("nextToken {token:?} is of no earlier answer")))?,
        None => 0,
    };
    let end = start.saturating_add(size);
    let next = (items.len() > end).then(|| end.to_string());
    Ok((items.into_iter().skip(start).take(size).collect(), next))
}
