//! Uploads of covers: how each of them stands, and how a book gets its cover.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    StorageError, Table, books,
    table::Key,
    transaction::{Condition, Outcome},
};
use crate::domain::{BookId, Cover, UploadId, UploadStatus};

/// How long one may ask what became of an upload. The file itself goes after a day.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How often a cover is set while others change the book in between.
const ATTEMPTS: usize = 5;

/// What the table knows of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Upload {
    #[serde(rename = "upload")]
    pub status: UploadStatus,
    /// The cover that no book shows any more since this upload was done. It is kept so that its pictures are deleted even
    /// if the first one to try that did not live to do it.
    pub replaced: Option<Cover>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewItem {
    upload: UploadStatus,
    expires_at: i64,
}

impl Table {
    /// Starts an upload, if there is such a book. One that is deleted in between leaves an upload that leads to nothing, and
    /// that expires.
    pub async fn start_upload(&self, book: BookId, upload: UploadId) -> Result<bool, StorageError> {
        if self.book(book).await?.is_none() {
            return Ok(false);
        }
        let expires_at = (OffsetDateTime::now_utc() + REMEMBERED).unix_timestamp();
        let mut transaction = self.transaction();
        transaction.put(&key(book, upload), &NewItem { upload: UploadStatus::Waiting, expires_at })?;
        transaction.commit().await?;
        Ok(true)
    }

    pub async fn upload(&self, book: BookId, upload: UploadId) -> Result<Option<Upload>, StorageError> {
        self.get(&key(book, upload)).await
    }

    /// Marks an upload as failed, unless it has ended already: its first end is its only one. Says whether this was it.
    pub async fn fail_upload(&self, book: BookId, upload: UploadId, reason: String) -> Result<bool, StorageError> {
        let failed = status(&UploadStatus::Failed { reason })?;
        let mut transaction = self.transaction();
        transaction.update(&key(book, upload), "SET upload = :failed", [(":failed", failed)], waiting()?)?;
        Ok(matches!(transaction.commit().await?, Outcome::Done))
    }

    /// Makes this the cover of the book, and the upload done with that. Gives back the cover that no book shows then, whose
    /// pictures are to be deleted: the former one; or this one when the book is gone, when the upload has ended
    /// already with another one, or when the book has the cover of a later upload.
    pub async fn show_cover(
        &self,
        book: BookId,
        upload: UploadId,
        cover: Cover,
    ) -> Result<Option<Cover>, StorageError> {
        for _ in 0..ATTEMPTS {
            let Some(stored) = self.book(book).await? else {
                return Ok(Some(cover));
            };
            let mut transaction = self.transaction();
            let shown = stored.summary.cover.as_ref();
            let is_late = shown.is_some_and(|shown| *shown > cover);
            let replaced = if is_late { Some(&cover) } else { shown };
            let done = (":done", status(&UploadStatus::Done)?);
            let key = key(book, upload);
            let end = match replaced {
                Some(replaced) => {
                    let replaced = serde_dynamo::to_attribute_value(replaced).map_err(StorageError::Shape)?;
                    let values = [done, (":replaced", replaced)];
                    transaction.update(&key, "SET upload = :done, replaced = :replaced", values, waiting()?)?
                }
                None => transaction.update(&key, "SET upload = :done", [done], waiting()?)?,
            };
            if !is_late {
                books::replace(&stored, &stored.clone().with_cover(cover.clone()), &mut transaction)?;
            }
            match transaction.commit().await? {
                Outcome::Done => return Ok(replaced.cloned()),
                Outcome::Refused(refusals) if refusals.at(end).is_some() => {
                    // Somebody was faster. Perhaps with this very cover, so look again: the book as it was read above is
                    // older than that.
                    let stored = self.book(book).await?;
                    let is_shown = stored.is_some_and(|stored| stored.summary.cover.as_ref() == Some(&cover));
                    return Ok((!is_shown).then_some(cover));
                }
                Outcome::Refused(_) => {} // the book has changed: once more with its new edition
            }
        }
        Err(StorageError::restless())
    }
}

fn key(book: BookId, upload: UploadId) -> Key {
    Key::new(books::key(book).pk, format!("COVER#{upload}"))
}

fn status(status: &UploadStatus) -> Result<AttributeValue, StorageError> {
    serde_dynamo::to_attribute_value(status).map_err(StorageError::Shape)
}

fn waiting() -> Result<Condition, StorageError> {
    Ok(Condition::new("upload = :waiting", [(":waiting", status(&UploadStatus::Waiting)?)]))
}

#[cfg(test)]
mod tests;
