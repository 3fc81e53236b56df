//! The local CodeCommit: bare git repositories behind the CodeCommit API and git's own smart HTTP.

mod api;
mod git;
pub mod hook;
pub mod http;
pub mod push;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::api::{ApiError, Timestamp};
use crate::store::Store;
use git::Git;

pub struct CodeCommit {
    store: Store,
    /// Holds one bare repository for each name.
    folder: PathBuf,
    /// Where git clients find the service.
    endpoint: String,
    repositories: Mutex<BTreeMap<String, Repository>>,
}

/// A repository as the service remembers it; its commits are git's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    repository_id: String,
    repository_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repository_description: Option<String>,
    creation_date: Timestamp,
    last_modified_date: Timestamp,
}

impl CodeCommit {
    pub fn open(store: Store, folder: PathBuf, endpoint: String) -> Result<Arc<Self>> {
        let repositories = store.list::<Repository>("repositories")?;
        let repositories = repositories.into_iter().map(|one| (one.repository_name.clone(), one)).collect();
        Ok(Arc::new(Self { store, folder, endpoint, repositories: Mutex::new(repositories) }))
    }

    /// A zip of a commit's files, without git's own folder, in a file that goes away when it is dropped.
    pub async fn archive(&self, repository: &str, commit_id: &str) -> Result<NamedTempFile> {
        let archive = NamedTempFile::new().context("cannot make a temporary file")?;
        let output = format!("--output={}", archive.path().display());
        self.git(repository).run(&["archive", "--format=zip", &output, commit_id]).await?;
        Ok(archive)
    }

    fn git(&self, repository: &str) -> Git {
        Git::in_repository(self.folder.join(format!("{repository}.git")))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Repository>> {
        // The map is whole after a panic elsewhere: each change of it is one assignment.
        self.repositories.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn repository(&self, name: &str) -> Result<Repository, ApiError> {
        self.lock().get(name).cloned().ok_or_else(|| {
            ApiError::new("RepositoryDoesNotExistException", format!("there is no repository named {name}"))
        })
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Repository)) -> Result<(), ApiError> {
        let mut repositories = self.lock();
        if let Some(repository) = repositories.get_mut(name) {
            change(repository);
            repository.last_modified_date = Timestamp::now();
            self.store.put(repository_file(name), repository)?;
        }
        Ok(())
    }
}

fn repository_file(name: &str) -> String {
    format!("repositories/{name}.json")
}
