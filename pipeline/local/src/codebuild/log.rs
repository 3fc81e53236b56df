//! A build's log: one file that the commands append to themselves, so that their output is never out of order with
//! the service's own lines. No secret is masked in it: it is the user's alone, and ends with its build.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use time::OffsetDateTime;
use time::macros::format_description;

#[derive(Debug)]
pub struct BuildLog {
    path: PathBuf,
    file: File,
}

impl BuildLog {
    pub fn create(path: PathBuf) -> Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, file })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes it holds.
    pub fn length(&self) -> Result<u64> {
        Ok(self.file.metadata().context("cannot look at the build's log")?.len())
    }

    /// What was written after its first `length` bytes.
    pub fn since(&self, length: u64) -> Result<String> {
        let log = std::fs::read(&self.path).with_context(|| format!("cannot read {}", self.path.display()))?;
        let from = usize::try_from(length).unwrap_or(usize::MAX).min(log.len());
        Ok(String::from_utf8_lossy(&log[from..]).into_owned())
    }

    /// Where a command writes.
    pub fn output(&self) -> Result<File> {
        self.file.try_clone().context("cannot share the build's log")
    }

    /// A line of the service itself, in the form that CodeBuild gives its own.
    pub fn line(&self, text: impl AsRef<str>) {
        let format = format_description!("[year]/[month]/[day] [hour]:[minute]:[second].[subsecond digits:6]");
        let now = OffsetDateTime::now_utc().format(&format).unwrap_or_default();
        let mut file = &self.file;
        if let Err(error) = file.write_all(format!("[Container] {now} {}\n", text.as_ref()).as_bytes()) {
            tracing::error!("cannot write {}: {error}", self.path.display());
        }
    }
}

impl Drop for BuildLog {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes the log of a build that is over, if it is still there.
pub fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!("cannot remove {}: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_log_is_the_users_alone_and_ends_with_its_build() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("builds/log");
        let log = BuildLog::create(path.clone()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(log);
        assert!(!path.exists());
    }
}
