//! Carries a build's log to CloudWatch Logs while it is written.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::locked;
use crate::api::Timestamp;
use crate::aws::{CallError, JsonService, Session};

/// How long a line waits for others to travel with it.
const INTERVAL: Duration = Duration::from_millis(300);
/// Below the service's limit of 1 MiB for a batch, which counts 26 bytes more for each event.
const BATCH_BYTES: usize = 900_000;
const BATCH_EVENTS: usize = 10_000;
/// A line without an end is cut at this length.
const EVENT_BYTES: usize = 200_000;

/// Where a build's log goes.
#[derive(Debug, Clone)]
pub struct Destination {
    pub group: String,
    pub stream: String,
}

#[derive(Debug)]
pub struct LogShipper {
    finish: oneshot::Sender<()>,
    secrets: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<Result<(), CallError>>,
}

impl LogShipper {
    /// Makes the stream, and the group if the role may, and follows the file at `log`.
    pub async fn start(session: Session, to: Destination, log: &Path) -> Result<Self, CallError> {
        let stream = json!({ "logGroupName": to.group, "logStreamName": to.stream });
        match call(&session, "CreateLogStream", &stream).await {
            Err(error) if error.code() == "ResourceNotFoundException" => {
                call(&session, "CreateLogGroup", &json!({ "logGroupName": to.group })).await?;
                call(&session, "CreateLogStream", &stream).await?;
            }
            Err(error) if error.code() != "ResourceAlreadyExistsException" => return Err(error),
            _ => {}
        }
        let (finish, finished) = oneshot::channel();
        let secrets = Arc::new(Mutex::new(of_session(&session)));
        let task = tokio::spawn(follow(session, to, log.to_owned(), Arc::clone(&secrets), finished));
        Ok(Self { finish, secrets, task })
    }

    /// From now on these values, too, are shown as `***`. As on AWS only where they stand exactly so.
    pub fn mask(&self, values: Vec<String>) {
        let mut secrets = locked(&self.secrets);
        secrets.extend(values);
        // One that is part of another is looked for after it.
        secrets.sort_by_key(|value| std::cmp::Reverse(value.len()));
    }

    /// Sends what the log holds by now, and ends.
    pub async fn finish(self) -> Result<()> {
        // A task that failed has stopped listening.
        let _ = self.finish.send(());
        self.task.await.context("the log's carrier broke")?.context("cannot write to CloudWatch Logs")
    }
}

/// The role's credentials, which each command of the build sees.
fn of_session(session: &Session) -> Vec<String> {
    let credentials = session.credentials();
    let token = credentials.session_token().unwrap_or_default();
    let mut values = [token, credentials.secret_access_key(), credentials.access_key_id()].map(str::to_owned).to_vec();
    // An empty value is everywhere.
    values.retain(|value| !value.is_empty());
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values
}

async fn follow(
    session: Session,
    to: Destination,
    log: PathBuf,
    secrets: Arc<Mutex<Vec<String>>>,
    mut finished: oneshot::Receiver<()>,
) -> Result<(), CallError> {
    let unreadable = |error: std::io::Error| CallError::Unreachable(format!("{}: {error}", log.display()));
    let mut file = File::open(&log).await.map_err(unreadable)?;
    let mut pending = Vec::new();
    loop {
        let last = tokio::select! {
            _ = &mut finished => true,
            () = tokio::time::sleep(INTERVAL) => false,
        };
        file.read_to_end(&mut pending).await.map_err(unreadable)?;
        while let Some((events, length)) = next_batch(&pending, last) {
            let events = masked(events, &locked(&secrets));
            match put(&session, &to, events).await {
                Ok(()) => drop(pending.drain(..length)),
                // The cloud may be restarting: the lines wait.
                Err(CallError::Unreachable(error)) if !last => {
                    tracing::warn!("the log of {} waits: {error}", to.stream);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if last {
            return Ok(());
        }
    }
}

/// The next events and how many bytes of `pending` they are; `None` when there is no whole line yet.
fn next_batch(pending: &[u8], last: bool) -> Option<(Vec<Value>, usize)> {
    let now = Timestamp::now().millis();
    let (mut events, mut length, mut weight) = (Vec::new(), 0, 0);
    while events.len() < BATCH_EVENTS && length < pending.len() {
        let rest = &pending[length..];
        let end = match rest.iter().take(EVENT_BYTES).position(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None if rest.len() >= EVENT_BYTES => EVENT_BYTES,
            None if last => rest.len(),
            None => break,
        };
        // Bytes that are no UTF-8 may grow to three times their number.
        let message = String::from_utf8_lossy(&rest[..end]).into_owned();
        weight += message.len() + 26;
        if weight > BATCH_BYTES && !events.is_empty() {
            break;
        }
        events.push(json!({ "timestamp": now, "message": message }));
        length += end;
    }
    (!events.is_empty()).then_some((events, length))
}

fn masked(mut events: Vec<Value>, secrets: &[String]) -> Vec<Value> {
    for event in &mut events {
        for secret in secrets {
            if let Some(message) = event["message"].as_str().filter(|message| message.contains(secret.as_str())) {
                event["message"] = json!(message.replace(secret.as_str(), "***"));
            }
        }
    }
    events
}

async fn put(session: &Session, to: &Destination, events: Vec<Value>) -> Result<(), CallError> {
    let input = json!({ "logGroupName": to.group, "logStreamName": to.stream, "logEvents": events });
    call(session, "PutLogEvents", &input).await
}

/// These answer nothing, or nothing of interest: an empty body counts as well.
async fn call(session: &Session, operation: &str, input: &Value) -> Result<(), CallError> {
    session.call::<Value>(JsonService::LOGS, operation, input).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(pending: &[u8], last: bool) -> Vec<String> {
        let (events, length) = next_batch(pending, last).unwrap_or_default();
        let messages: Vec<String> = events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect();
        assert_eq!(length, messages.iter().map(String::len).sum::<usize>());
        messages
    }

    #[test]
    fn whole_lines_travel_and_the_rest_waits() {
        assert_eq!(messages(b"one\n\ntwo\nthr", false), ["one\n", "\n", "two\n"]);
        assert_eq!(messages(b"thr", false), [""; 0]);
        assert_eq!(messages(b"thr", true), ["thr"]);
        assert_eq!(messages(&vec![b'x'; EVENT_BYTES + 5], false).len(), 1);
    }

    #[test]
    fn secrets_are_not_shown() {
        let (events, _) = next_batch(b"the word is plough, and plough again\n", true).unwrap();
        let events = masked(events, &["plough".to_owned()]);
        assert_eq!(events[0]["message"], "the word is ***, and *** again\n");
    }

    #[test]
    fn credentials_of_the_role_are_secrets() {
        let session = crate::aws::Cloud::new("http://127.0.0.1:1").root();
        // The root user has no token, and an empty text would be found everywhere.
        assert_eq!(of_session(&session), [crate::aws::ROOT_KEY; 2]);
    }

    #[test]
    fn a_batch_stays_below_the_limits() {
        let many = b"\n".repeat(BATCH_EVENTS + 5);
        assert_eq!(messages(&many, false).len(), BATCH_EVENTS);
        let long = [vec![b'x'; EVENT_BYTES - 1], vec![b'\n']].concat().repeat(6);
        assert_eq!(messages(&long, false).len(), 4);
    }
}
