//! What happens to an upload, step by step. It may be cut off after any of them, begin anew, and run twice at once: in the
//! end the upload has ended in one way, the book shows the cover of its latest good upload, and no other pictures are left.
//!
//! Two cases leave some kilobytes that nobody finds. Both need an attempt that was cut off, and then, before it is made
//! again, either another file that is uploaded by the same URL, or the deletion of the book.

use bookstore::{
    covers::{Pictures, UploadKey},
    domain::{Cover, UploadStatus},
    metrics::Metric,
    storage::Upload,
};
use lambda_runtime::{Error, tracing};

use crate::picture::{self, Unusable};

/// What the processing needs of the shop.
pub trait Shop {
    async fn upload(&self, key: UploadKey) -> Result<Option<Upload>, Error>;
    /// The uploaded file, or `None` when it is larger than any may be.
    async fn file(&self, key: UploadKey) -> Result<Option<Vec<u8>>, Error>;
    async fn put(&self, cover: &Cover, pictures: Pictures) -> Result<(), Error>;
    /// Changes the book and ends the upload, in one. Gives back the cover that no book shows then: the former one, or
    /// this one when it is of no use any more.
    async fn show(&self, key: UploadKey, cover: Cover) -> Result<Option<Cover>, Error>;
    /// Ends the upload, unless it has ended already. Says whether this was it.
    async fn fail(&self, key: UploadKey, reason: String) -> Result<bool, Error>;
    async fn delete(&self, cover: &Cover) -> Result<(), Error>;
    fn record(&self, metric: Metric);
}

pub async fn upload(shop: &impl Shop, key: UploadKey) -> Result<(), Error> {
    let UploadKey { book, upload } = key;
    let is_waiting = match shop.upload(key).await? {
        Some(Upload { status: UploadStatus::Waiting, .. }) => true,
        // Somebody was here before, but perhaps not to the end.
        Some(Upload { status: UploadStatus::Done, replaced }) => {
            delete(shop, replaced).await?;
            false
        }
        Some(Upload { status: UploadStatus::Failed { .. }, .. }) => return Ok(()),
        // The book has been deleted.
        None => false,
    };
    // An upload that does not wait gets no cover any more. But an attempt that was cut off may have left pictures after that
    // was settled, and making them again is how to find out what they are called.
    let pictures = match shop.file(key).await? {
        Some(file) => picture::pictures(&file),
        None => Err(Unusable::TooLarge),
    };
    match pictures {
        Ok(pictures) => {
            let cover = pictures.cover_of(key);
            if is_waiting {
                shop.put(&cover, pictures).await?;
            }
            let obsolete = shop.show(key, cover).await?;
            tracing::info!(bookId = %book, uploadId = %upload, isNew = is_waiting, "the cover is made");
            delete(shop, obsolete).await
        }
        Err(unusable) => {
            if shop.fail(key, unusable.to_string()).await? {
                tracing::warn!(bookId = %book, uploadId = %upload, reason = %unusable, "the file cannot become a cover");
                shop.record(Metric::ImageFailures);
            }
            Ok(())
        }
    }
}

/// After the book has changed, never before: whoever reads it finds its pictures.
async fn delete(shop: &impl Shop, obsolete: Option<Cover>) -> Result<(), Error> {
    match obsolete {
        Some(cover) => shop.delete(&cover).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
