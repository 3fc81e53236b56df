//! What `cargo local` can do: one module for each command, and what they share.

mod accounts;
pub mod admin;
pub mod approval;
pub mod down;
pub mod executions;
mod lines;
pub mod logs;
mod pipeline;
mod push;
mod reports;
pub mod seed;
mod stack;
pub mod status;
pub mod test;
pub mod up;
pub mod watch;

use anyhow::{Result, bail};

use crate::aws::{Cloud, Session};
use crate::daemon;
use crate::home::Home;
use pipeline::Pipeline;
use stack::Delivery;

/// The account's owner at the local cloud on `port`.
fn session(port: u16) -> Session {
    Cloud::new(format!("http://127.0.0.1:{port}")).root()
}

/// The pipeline of a local cloud that runs and has one.
async fn running_pipeline(home: &Home) -> Result<Pipeline> {
    let Some(service) = daemon::running(home)? else {
        bail!("the local cloud is not running; start it: cargo local up");
    };
    let session = session(service.port);
    match Delivery::find(&session.cloudformation()).await? {
        Some(delivery) => Ok(Pipeline::new(session, delivery.pipeline)),
        None => bail!("the local cloud has no pipeline yet; make it: cargo local up"),
    }
}

/// A deployed book store.
struct Store {
    session: Session,
    stack: String,
    port: u16,
}

/// The book store of a local cloud that runs: that of staging, unless another stack is named.
async fn running_store(home: &Home, stack: Option<String>) -> Result<Store> {
    let Some(service) = daemon::running(home)? else {
        bail!("the local cloud is not running; start it: cargo local up");
    };
    let session = session(service.port);
    let stack = match (stack, Delivery::find(&session.cloudformation()).await?) {
        (Some(stack), _) => stack,
        (None, Some(delivery)) => delivery.staging_stack,
        (None, None) => bail!("the local cloud has no book store yet; deliver it: cargo local up"),
    };
    Ok(Store { session, stack, port: service.port })
}

/// A commit id as short as Git shows it.
fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
