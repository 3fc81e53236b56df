//! The tool environment: what `pipeline/local/tools` pins, installed once for all homes of a checkout.
//!
//! Python environments, because MiniStack, the SAM CLI and checkov pin different versions of the same libraries: `tools/`
//! itself, whose `bin` builds find first in their `PATH`, `tools/ministack`, and once templates are tested `tools/checkov`.

mod prerequisites;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::console;
use crate::home::{self, Home};

/// A Python environment, and the requirement files that it is made from.
struct Environment {
    what: &'static str,
    folder: PathBuf,
    requirements: &'static [&'static str],
}

/// Checks the machine, also for a website if there is to be one, and makes those tool environments that are missing, half
/// made or out of date.
pub async fn ensure(home: &Home, website: bool) -> Result<()> {
    let _lock = lock(home)?;
    let tools = home.tools_dir();
    // In this order: the second lies in the folder of the first, and goes when that is made anew.
    let environments = [
        Environment {
            what: "the SAM CLI and Cargo's subcommands",
            folder: tools.clone(),
            requirements: &["sam.txt", "cargo.txt"],
        },
        Environment { what: "MiniStack", folder: tools.join("ministack"), requirements: &["ministack.txt"] },
    ];
    install(home, website, &environments).await?;
    link_aws_cli(&tools)
}

/// The same for checkov, which the tests of templates alone want, and of which there is much.
pub async fn ensure_checkov(home: &Home) -> Result<()> {
    let _lock = lock(home)?;
    let folder = home.tools_dir().join("checkov");
    install(home, false, &[Environment { what: "checkov", folder, requirements: &["checkov.txt"] }]).await
}

fn lock(home: &Home) -> Result<File> {
    home::lock(&home.tools_dir().with_extension("lock"), || {
        anstream::println!("Another command is installing the tools; waiting for it …");
    })
}

async fn install(home: &Home, website: bool, environments: &[Environment]) -> Result<()> {
    let python = prerequisites::check(website)?;
    for environment in environments {
        let pinned = pins(&home.local_crate_dir().join("tools"), environment.requirements)?;
        if !is_ready(&environment.folder, &pinned) {
            make(home, &python, environment, &pinned).await?;
        }
    }
    Ok(())
}

/// Lets builds and people find the AWS CLI beside the other tools; it shares MiniStack's environment, as both take the
/// same version of botocore.
fn link_aws_cli(tools: &Path) -> Result<()> {
    let (link, program) = (tools.join("bin/aws"), Path::new("../ministack/bin/aws"));
    if fs::read_link(&link).is_ok_and(|found| found == program) {
        return Ok(());
    }
    std::os::unix::fs::symlink(program, &link).with_context(|| format!("cannot make {}", link.display()))
}

/// Removes the tools; says whether there were any.
pub fn remove(home: &Home) -> Result<bool> {
    let tools = home.tools_dir();
    home::remove(&tools.with_extension("lock"))?;
    home::remove(&tools)
}

async fn make(home: &Home, python: &Path, environment: &Environment, pinned: &str) -> Result<()> {
    let Environment { what, folder, requirements } = environment;
    home::remove(folder)?;
    let mut venv = Command::new(python);
    console::run(&format!("Preparing a Python environment for {what}"), venv.args(["-m", "venv"]).arg(folder)).await?;

    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--require-hashes"]);
    for file in *requirements {
        pip.arg("-r").arg(home.local_crate_dir().join("tools").join(file));
    }
    console::run(&format!("Installing {what}"), &mut pip).await?;
    // Written last: an environment without its stamp is a half-made one.
    let stamp = stamp(folder);
    fs::write(&stamp, pinned).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Whether the environment was made from these pins and its Python, a link to the system's, is still there.
fn is_ready(folder: &Path, pinned: &str) -> bool {
    fs::read_to_string(stamp(folder)).is_ok_and(|made| made == pinned) && folder.join("bin/python").exists()
}

fn stamp(folder: &Path) -> PathBuf {
    folder.join("pins.txt")
}

/// The requirement files as one text.
fn pins(folder: &Path, files: &[&str]) -> Result<String> {
    let read = |file: &&str| {
        let path = folder.join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    files.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_made_again_when_pins_change_or_its_python_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_ready(folder.path(), "a==1"), "never made");

        fs::create_dir(folder.path().join("bin")).unwrap();
        fs::write(folder.path().join("bin/python"), "").unwrap();
        assert!(!is_ready(folder.path(), "a==1"), "half made");

        fs::write(stamp(folder.path()), "a==1").unwrap();
        assert!(is_ready(folder.path(), "a==1"));
        assert!(!is_ready(folder.path(), "a==2"), "other pins");

        fs::remove_file(folder.path().join("bin/python")).unwrap();
        assert!(!is_ready(folder.path(), "a==1"), "no Python");
    }
}
