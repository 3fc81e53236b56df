//! Where a local cloud lives: one folder with everything that it remembers, so that two of them never meet.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The port of a local cloud that was given no other.
pub const DEFAULT_PORT: u16 = 4566;

/// The folders of one local cloud, and of the checkout that it serves.
#[derive(Debug, Clone)]
pub struct Home {
    workspace: PathBuf,
    root: PathBuf,
    tools: PathBuf,
}

impl Home {
    /// The home of the checkout around `start`, unless other folders were asked for.
    pub fn find(start: &Path, home: Option<PathBuf>, tools: Option<PathBuf>) -> Result<Self> {
        let absolute = |folder: PathBuf| std::path::absolute(start.join(folder));
        let is_workspace =
            |folder: &&Path| folder.join("Cargo.toml").is_file() && folder.join("template.yaml").is_file();
        let Some(workspace) = start.ancestors().find(is_workspace) else {
            bail!("{} is not in a checkout of the book store; change into one", start.display());
        };
        let beside = workspace.join(".local");
        Ok(Self {
            workspace: workspace.to_owned(),
            root: home.map_or_else(|| Ok(beside.clone()), absolute)?,
            tools: tools.map_or_else(|| Ok(beside.join("tools")), absolute)?,
        })
    }

    /// The root of the checkout.
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// The crate of the local cloud, with the glue that is loaded into MiniStack and the pinned tools.
    pub fn local_crate_dir(&self) -> PathBuf {
        self.workspace.join("pipeline/local")
    }

    /// The home itself: everything below it belongs to this one local cloud.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the services remember: `devtools/`, `ministack/` and `s3/`.
    pub fn state_dir(&self) -> PathBuf {
        self.root.join("state")
    }

    /// The bare Git repositories of CodeCommit.
    pub fn repositories_dir(&self) -> PathBuf {
        self.root.join("repositories")
    }

    /// The source folders of running builds.
    pub fn build_dir(&self) -> PathBuf {
        self.root.join("build")
    }

    /// `HOME` of the builds.
    pub fn build_home_dir(&self) -> PathBuf {
        self.root.join("build-home")
    }

    /// What builds keep from one to the next.
    pub fn cache_dir(&self) -> PathBuf {
        self.root.join("cache")
    }

    pub fn log_dir(&self) -> PathBuf {
        self.root.join("log")
    }

    /// What the background service prints.
    pub fn service_log(&self) -> PathBuf {
        self.log_dir().join("service.log")
    }

    /// The background service's own description of itself, see [`crate::daemon::ServiceRecord`].
    pub fn service_file(&self) -> PathBuf {
        self.root.join("service.json")
    }

    /// The environment of the pinned tools, shared by all homes of a checkout.
    pub fn tools_dir(&self) -> PathBuf {
        self.tools.clone()
    }

    /// The tools that builds find first in their `PATH`.
    pub fn tools_bin_dir(&self) -> PathBuf {
        self.tools.join("bin")
    }

    /// The Python that has MiniStack: an environment of its own, see `pipeline/local/tools`.
    pub fn ministack_python(&self) -> PathBuf {
        self.tools.join("ministack/bin/python")
    }

    /// Keeps every other command that changes this home out until the lock is dropped; `waiting` is called if it is held.
    pub fn lock(&self, waiting: impl FnOnce()) -> Result<File> {
        lock(&self.root.join("lock"), waiting)
    }

    /// Removes all that the local cloud remembers, but not the tools; says whether there was anything.
    pub fn clear(&self) -> Result<bool> {
        let folders =
            [self.state_dir(), self.repositories_dir(), self.build_dir(), self.build_home_dir(), self.cache_dir()];
        let mut found = false;
        for path in folders.into_iter().chain([self.log_dir(), self.service_file()]) {
            found |= remove(&path)?;
        }
        Ok(found)
    }
}

/// Takes the lock file at `path`, which other processes take too; `waiting` is called when one of them has it.
pub fn lock(path: &Path, waiting: impl FnOnce()) -> Result<File> {
    let locked = || -> std::io::Result<File> {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let file = File::create(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(file)
    };
    locked().with_context(|| format!("cannot lock {}", path.display()))
}

/// Removes a file or a folder with all that is in it; says whether it was there.
pub fn remove(path: &Path) -> Result<bool> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot remove {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("functions/get-book")).unwrap();
        for name in ["Cargo.toml", "template.yaml", "functions/get-book/Cargo.toml"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        folder
    }

    #[test]
    fn the_home_is_that_of_the_checkout_around_the_current_folder() {
        let checkout = checkout();
        let home = Home::find(&checkout.path().join("functions/get-book"), None, None).unwrap();
        assert_eq!(home.workspace(), checkout.path());
        assert_eq!(home.root(), checkout.path().join(".local"));

        let outside = tempfile::tempdir().unwrap();
        let error = Home::find(outside.path(), None, None).unwrap_err().to_string();
        assert!(error.contains("not in a checkout"), "{error}");
    }

    #[test]
    fn another_home_shares_the_tools_and_is_relative_to_the_current_folder() {
        let checkout = checkout();
        let home = Home::find(checkout.path(), Some("other".into()), None).unwrap();
        assert_eq!(home.state_dir(), checkout.path().join("other/state"));
        assert_eq!(home.tools_dir(), checkout.path().join(".local/tools"));
    }

    #[test]
    fn clearing_spares_the_tools_and_files_that_are_not_ours() {
        let checkout = checkout();
        let home = Home::find(checkout.path(), None, None).unwrap();
        assert!(!home.clear().unwrap());

        fs::create_dir_all(home.state_dir()).unwrap();
        fs::create_dir_all(home.tools_bin_dir()).unwrap();
        fs::write(home.root().join("notes.txt"), "mine").unwrap();
        assert!(home.clear().unwrap());
        assert!(!home.state_dir().exists());
        assert!(home.tools_bin_dir().exists() && home.root().join("notes.txt").exists());
    }
}
