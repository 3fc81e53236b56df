//! One build as it is remembered: each change is on disk before anyone sees it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use tokio::sync::watch;

use super::log::BuildLog;
use super::types::{Build, BuildPhase, PhaseContext, PhaseType, Status};
use crate::api::Timestamp;
use crate::store::Store;

#[derive(Debug)]
pub struct Record {
    store: Store,
    build: Mutex<Build>,
    stopped: watch::Sender<bool>,
}

impl Record {
    pub fn new(store: Store, build: Build) -> Result<Self> {
        let record = Self { store, build: Mutex::new(build), stopped: watch::Sender::new(false) };
        record.update(|_| ())?;
        Ok(record)
    }

    /// A build that is on disk already.
    pub fn loaded(store: Store, build: Build) -> Self {
        Self { store, build: Mutex::new(build), stopped: watch::Sender::new(false) }
    }

    pub fn build(&self) -> Build {
        self.locked().clone()
    }

    pub fn update(&self, change: impl FnOnce(&mut Build)) -> Result<()> {
        let mut build = self.locked();
        change(&mut build);
        self.store.put(format!("builds/{}.json", build.uuid()), &*build)
    }

    pub fn begin(&self, phase: PhaseType) -> Result<()> {
        self.update(|build| {
            build.current_phase = phase.name().to_owned();
            build.phases.push(BuildPhase {
                phase_type: phase,
                phase_status: None,
                start_time: Timestamp::now(),
                end_time: None,
                duration_in_seconds: None,
                contexts: Vec::new(),
            });
        })
    }

    /// Ends the phase that is going on, if there is one.
    pub fn end(&self, status: Status, contexts: Vec<PhaseContext>) -> Result<()> {
        self.update(|build| end_phase(build, status, contexts))
    }

    /// Ends the phase, and tells the log as CodeBuild does.
    pub fn end_logged(&self, log: &BuildLog, status: Status, contexts: Vec<PhaseContext>) -> Result<()> {
        log.line(format!("Phase complete: {} State: {}", self.locked().current_phase, status));
        match contexts.is_empty() {
            true => log.line("Phase context status code:  Message: "),
            false => contexts.iter().for_each(|context| {
                log.line(format!("Phase context status code: {} Message: {}", context.status_code, context.message));
            }),
        }
        self.end(status, contexts)
    }

    /// The build's end: nothing about it changes any more.
    pub fn complete(&self, status: Status) -> Result<()> {
        self.update(|build| {
            let now = Timestamp::now();
            build.build_status = status;
            build.build_complete = true;
            build.end_time = Some(now);
            build.current_phase = PhaseType::Completed.name().to_owned();
            build.phases.push(BuildPhase {
                phase_type: PhaseType::Completed,
                phase_status: None,
                start_time: now,
                end_time: None,
                duration_in_seconds: None,
                contexts: Vec::new(),
            });
        })
    }

    /// Asks the build to stop.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Waits until somebody asks the build to stop.
    pub async fn stop_requested(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.stopped.subscribe().wait_for(|stopped| *stopped).await;
    }

    fn locked(&self) -> MutexGuard<'_, Build> {
        self.build.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub fn end_phase(build: &mut Build, status: Status, contexts: Vec<PhaseContext>) {
    if let Some(phase) = build.phases.last_mut().filter(|phase| phase.end_time.is_none()) {
        let now = Timestamp::now();
        phase.phase_status = Some(status);
        phase.end_time = Some(now);
        phase.duration_in_seconds = Some(now.since(phase.start_time).as_secs());
        phase.contexts.extend(contexts);
    }
}
