//! `cargo local down` and `cargo local destroy`: the ends of a local cloud, one to come back from and one not.

use std::fs;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::push;
use crate::console::{GOOD, styled};
use crate::home::Home;
use crate::{daemon, tools};

pub async fn down(home: &Home) -> Result<ExitCode> {
    let _lock = home.lock(|| anstream::println!("Another command is at work on this local cloud; waiting for it …"))?;
    if stop(home).await? {
        anstream::println!("What it stored is kept; start it again: cargo local up");
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn destroy(home: &Home, and_tools: bool, sure: bool) -> Result<ExitCode> {
    if !sure && !confirmed(home)? {
        anstream::println!("Nothing was removed.");
        return Ok(ExitCode::FAILURE);
    }
    let lock = home.lock(|| anstream::println!("Another command is at work on this local cloud; waiting for it …"))?;
    let endpoint = daemon::endpoint(daemon::port(home, None)?);
    stop(home).await?;
    for remote in push::remove_remotes(home.workspace(), &endpoint)? {
        anstream::println!("Removed the git remote `{remote}`");
    }
    let mut found = home.clear()?;
    if and_tools {
        found |= tools::remove(home)?;
    }
    drop(lock);
    fs::remove_file(home.root().join("lock")).context("cannot remove the lock")?;
    // Left alone when something else is in it: the tools, or what is not ours.
    let _ = fs::remove_dir(home.root());
    let said = if found { "Removed all that the local cloud stored" } else { "There was nothing to remove" };
    anstream::println!("{} {said}", styled(GOOD, "✓"));
    Ok(ExitCode::SUCCESS)
}

/// Stops the service; says whether it ran.
async fn stop(home: &Home) -> Result<bool> {
    match daemon::running(home)? {
        Some(service) => {
            daemon::stop(home, &service).await?;
            anstream::println!(
                "{} The local cloud at {} has stopped",
                styled(GOOD, "✓"),
                daemon::endpoint(service.port)
            );
            Ok(true)
        }
        None => {
            anstream::println!("The local cloud was not running.");
            Ok(false)
        }
    }
}

fn confirmed(home: &Home) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("this removes all data in {}; say so: cargo local destroy --yes", home.root().display());
    }
    anstream::print!("Remove all data of the local cloud in {}? [y/N] ", home.root().display());
    anstream::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
