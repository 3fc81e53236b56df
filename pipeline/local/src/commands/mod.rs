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
pub mod stack;
pub mod status;
pub mod test;
pub mod up;
pub mod watch;

use anyhow::{Result, bail};

use crate::aws::{Cloud, Session};
use crate::daemon;
use crate::home::Home;
use pipeline::Pipeline;
use stack::{Delivery, Part};

/// The account's owner at the local cloud on `port`.
fn session(port: u16) -> Session {
    Cloud::new(format!("http://127.0.0.1:{port}")).root()
}

/// Which pipelines a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    Website,
}

/// Those pipelines of a local cloud that runs: at least one, the back end's first.
async fn running_pipelines(home: &Home, which: Which) -> Result<Vec<Pipeline>> {
    let Some(service) = daemon::running(home)? else {
        bail!("the local cloud is not running; start it: cargo local up");
    };
    let session = session(service.port);
    let cloudformation = session.cloudformation();
    let mut pipelines = Vec::new();
    for part in Part::ALL {
        if (which == Which::All || part == Part::Website)
            && let Some(delivery) = Delivery::find(&cloudformation, part).await?
        {
            pipelines.push(Pipeline::new(session.clone(), delivery.pipeline));
        }
    }
    match (pipelines.is_empty(), which) {
        (false, _) => Ok(pipelines),
        (true, Which::All) => bail!("the local cloud has no pipeline yet; make it: cargo local up"),
        (true, Which::Website) => bail!("the local cloud has no pipeline of a website; make it: cargo local up"),
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
    let stack = match (stack, Delivery::find(&session.cloudformation(), Part::BackEnd).await?) {
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
