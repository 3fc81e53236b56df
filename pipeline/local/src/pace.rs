//! How long a minute lasts where AWS would let a person wait: settings of the background service.

use std::env;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A canary of five minutes is tried in seconds, and a time-out of an approval in a test at all.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// CodeDeploy's waits between two shifts of traffic: BOOKSTORE_LOCAL_DEPLOYMENT_MINUTE, in seconds.
    pub deployment_minute: Duration,
    /// The time-outs of manual approvals: BOOKSTORE_LOCAL_APPROVAL_MINUTE, in seconds.
    pub approval_minute: Duration,
}

impl Pace {
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            deployment_minute: seconds("BOOKSTORE_LOCAL_DEPLOYMENT_MINUTE", 3.0)?,
            approval_minute: seconds("BOOKSTORE_LOCAL_APPROVAL_MINUTE", 60.0)?,
        })
    }
}

fn seconds(name: &str, default: f64) -> Result<Duration> {
    let seconds = match env::var(name) {
        Ok(text) => text.parse().with_context(|| format!("{name} is {text:?}: write a number of seconds"))?,
        Err(_) => default,
    };
    ensure!((0.001..=3600.0).contains(&seconds), "{name} is {seconds}: it may be 0.001 to 3600 seconds");
    Ok(Duration::from_secs_f64(seconds))
}
