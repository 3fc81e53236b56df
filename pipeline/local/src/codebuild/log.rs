//! A build's log: one file that the commands append to themselves, so that their output is never out of order with
//! the service's own lines and survives the service.

use std::fs::{File, OpenOptions};
use std::io::Write;
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
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, file })
    }

    pub fn path(&self) -> &Path {
        &self.path
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
