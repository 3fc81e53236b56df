//! Jobs that functions were given: they answer by `PutJobSuccessResult` and `PutJobFailureResult`.
//!
//! They are not remembered over a restart of the service: the action that waited has failed then, and can be retried.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use uuid::Uuid;

use crate::api::ApiError;

/// What a function says of its job.
#[derive(Debug, Clone, PartialEq)]
pub enum JobResult {
    /// With a continuation token it wants to be called again.
    Success {
        variables: BTreeMap<String, String>,
        summary: Option<String>,
        continuation_token: Option<String>,
    },
    Failure {
        message: String,
    },
}

#[derive(Debug, Default)]
pub struct Jobs {
    open: Mutex<BTreeMap<String, (Value, Sender<JobResult>)>>,
}

/// A job that is open as long as this lives.
pub struct Job {
    pub id: String,
    results: Receiver<JobResult>,
    jobs: Arc<Jobs>,
}

impl Jobs {
    pub fn open(self: &Arc<Self>, data: Value) -> Job {
        let id = Uuid::new_v4().to_string();
        let (sender, results) = channel(1);
        self.lock().insert(id.clone(), (data, sender));
        Job { id, results, jobs: Arc::clone(self) }
    }

    /// A job is answered once.
    pub fn answer(&self, id: &str, result: JobResult) -> Result<(), ApiError> {
        let jobs = self.lock();
        let (_, sender) = jobs.get(id).ok_or_else(|| unknown(id))?;
        let message = format!("the job {id} was answered already");
        sender.try_send(result).map_err(|_| ApiError::new("InvalidJobStateException", message))
    }

    pub fn data(&self, id: &str) -> Result<Value, ApiError> {
        self.lock().get(id).map(|(data, _)| data.clone()).ok_or_else(|| unknown(id))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (Value, Sender<JobResult>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    pub async fn result(&mut self) -> JobResult {
        // The sender lives as long as the job does.
        self.results.recv().await.unwrap_or_else(|| JobResult::Failure { message: "the job is gone".to_owned() })
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.jobs.lock().remove(&self.id);
    }
}

fn unknown(id: &str) -> ApiError {
    ApiError::new("JobNotFoundException", format!("there is no open job {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_job_is_answered_once_and_is_gone_after_its_action() {
        let jobs = Arc::new(Jobs::default());
        let mut job = jobs.open(Value::Null);
        let id = job.id.clone();
        let failure = || JobResult::Failure { message: "no".to_owned() };
        jobs.answer(&id, failure()).unwrap();
        assert_eq!(jobs.answer(&id, failure()).unwrap_err().code, "InvalidJobStateException");
        assert_eq!(job.result().await, failure());
        drop(job);
        assert_eq!(jobs.answer(&id, failure()).unwrap_err().code, "JobNotFoundException");
    }
}
