//! What survives, and what does not.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::shop::Shop;

/// What is older than this survives the end of every process.
const SAVED_WITHIN: Duration = Duration::from_secs(10);

pub fn kill_everything(shop: &Shop) -> Result<()> {
    let id = shop.create_book("The Left Hand of Darkness")?;
    sleep(SAVED_WITHIN);
    let killed = kill_processes_of(shop.home())?;
    ensure!(killed >= 2, "the service and MiniStack should run, {killed} processes did");

    shop.local(&["up"])?;
    let (status, book) = shop.get(&format!("/books/{id}"))?;
    ensure!(status == 200 && book["title"] == "The Left Hand of Darkness", "GET /books/{id} answered {status}: {book}");
    // And it goes on: the stack, the repository and the pipeline still belong together.
    shop.edit("README.md", "# This ", "# Our ")?;
    shop.commit("Other words")?;
    shop.deliver()?;
    Ok(())
}

pub fn down_and_destroy(shop: &Shop) -> Result<()> {
    shop.local(&["down"])?;
    shop.local(&["down"])?;
    let said = shop.local(&["status"])?;
    ensure!(said.contains("cargo local up"), "status does not say how to start:\n{said}");

    let (state, cache) = (shop.home().join("state"), shop.home().join("cache"));
    ensure!(state.exists(), "down has removed the state");
    // Spared for the next run of this test.
    let spared = shop.home().with_extension("spared");
    if cache.exists() {
        fs::rename(&cache, &spared)?;
    }
    shop.local(&["destroy", "--yes"])?;
    shop.local(&["destroy", "--yes"])?;
    ensure!(!state.exists(), "destroy has left the state");
    ensure!(!shop.git(&["remote"])?.contains("local"), "destroy has left the git remote");
    if spared.exists() {
        fs::create_dir_all(shop.home())?;
        fs::rename(&spared, &cache)?;
    }
    Ok(())
}

/// Kills every process that was started for this home, children of children too, in one blow.
fn kill_processes_of(home: &Path) -> Result<usize> {
    let home = home.to_string_lossy();
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let pid = entry.file_name().to_string_lossy().into_owned();
        // Processes end while they are looked at, and others are not ours to read.
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let is_process = pid.chars().all(|c| c.is_ascii_digit()) && pid != std::process::id().to_string();
        let names_home = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(&*home);
        if is_process && (names_home(&environment) || names_home(&command)) {
            pids.push(pid);
        }
    }
    let status = Command::new("kill").arg("-9").args(&pids).status()?;
    ensure!(status.success(), "kill -9 {} failed", pids.join(" "));
    Ok(pids.len())
}
