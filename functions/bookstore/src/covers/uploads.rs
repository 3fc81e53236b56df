//! The bucket that browsers upload to.

use std::{fmt, str::FromStr, time::Duration};

use aws_sdk_s3::{Client, presigning::PresigningConfig};
use serde::Serialize;
use time::OffsetDateTime;

use super::BucketError;
use crate::{
    domain::{BookId, ImageType, UploadId, UploadSize},
    environment::{self, MissingVariable},
};

/// How long an upload may wait for its beginning.
const VALID: Duration = Duration::from_secs(15 * 60);

/// The bucket for uploads.
#[derive(Debug, Clone)]
pub struct UploadBucket {
    client: Client,
    name: String,
}

/// Which file it is, and at the same time its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadKey {
    pub book: BookId,
    pub upload: UploadId,
}

/// A key that [`UploadBucket::presign`] never allows to write to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the key of an upload")]
pub struct UnknownUpload;

/// A request that the client may make, once it has a file of just that type and length.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PresignedUpload {
    method: &'static str,
    url: String,
    headers: Headers,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// The headers that the signature asks for. `content-length` is a third one, which no browser lets its page set: it is
/// the length of the file.
#[derive(Debug, Serialize)]
struct Headers {
    #[serde(rename = "content-type")]
    content_type: &'static str,
}

impl UploadBucket {
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Takes the bucket from `UPLOADS_BUCKET`.
    pub fn from_env(client: Client) -> Result<Self, MissingVariable> {
        Ok(Self::new(client, environment::variable("UPLOADS_BUCKET")?))
    }

    /// Allows one upload, for 15 minutes. S3 refuses what has another type or length. No request is made for this.
    pub async fn presign(
        &self,
        key: UploadKey,
        image_type: ImageType,
        size: UploadSize,
    ) -> Result<PresignedUpload, BucketError> {
        let now = OffsetDateTime::now_utc();
        let now = now.replace_nanosecond(0).expect("every second has a nanosecond 0"); // a signature knows no fractions
        let valid = PresigningConfig::builder().start_time(now.into()).expires_in(VALID).build();
        let request = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key.to_string())
            .content_type(image_type.media_type())
            .content_length(size.get().into())
            .presigned(valid.map_err(|error| BucketError::Refused(error.into()))?)
            .await?;
        Ok(PresignedUpload {
            method: "PUT",
            url: request.uri().to_owned(),
            headers: Headers { content_type: image_type.media_type() },
            expires_at: now + VALID,
        })
    }

    /// The file, or `None` when it is longer than [`presign`](Self::presign) allows any to be.
    pub async fn read(&self, key: UploadKey) -> Result<Option<Vec<u8>>, BucketError> {
        let object = self.client.get_object().bucket(&self.name).key(key.to_string()).send().await?;
        // S3 always says the length, and the body ends there. Without it, nothing would bound what we read.
        let length = object.content_length().and_then(|length| u32::try_from(length).ok());
        if length.is_none_or(|length| length > UploadSize::MAX) {
            return Ok(None);
        }
        let file = object.body.collect().await.map_err(|error| BucketError::Busy(error.into()))?;
        Ok(Some(file.to_vec()))
    }
}

impl fmt::Display for UploadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "covers/{}/{}", self.book, self.upload)
    }
}

impl FromStr for UploadKey {
    type Err = UnknownUpload;

    fn from_str(key: &str) -> Result<Self, UnknownUpload> {
        let ids = key.strip_prefix("covers/").and_then(|ids| ids.split_once('/'));
        let (book, upload) = ids.ok_or(UnknownUpload)?;
        Ok(Self { book: book.parse().map_err(|_| UnknownUpload)?, upload: upload.parse().map_err(|_| UnknownUpload)? })
    }
}
