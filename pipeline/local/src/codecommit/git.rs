//! The machine's git, run on a bare repository without the user's own configuration.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

pub struct Git {
    repository: PathBuf,
}

impl Git {
    pub fn in_repository(repository: PathBuf) -> Self {
        Self { repository }
    }

    pub fn repository(&self) -> &Path {
        &self.repository
    }

    /// A git command whose environment holds nothing that changes what git does: no user's hooks, aliases or filters.
    pub fn command() -> Command {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }

    /// Runs git on the repository and gives its standard output without the last line's end.
    pub async fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Self::command();
        command.arg("--git-dir").arg(&self.repository).args(arguments).stdin(Stdio::null());
        let output = command.output().await.context("git does not run")?;
        if !output.status.success() {
            bail!("git {}: {}", arguments[0], String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
    }

    /// The object id that a revision names, if the repository has it.
    pub async fn resolve(&self, revision: &str) -> Option<String> {
        self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", revision]).await.ok()
    }
}
