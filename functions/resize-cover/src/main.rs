//! A file has been uploaded to be the cover of a book: makes two pictures of it, and shows them.
//!
//! Runs when S3 says "Object Created" through EventBridge, which may say it twice, or late. An error here is one of AWS:
//! Lambda tries again, and then sends the event to the queue for dead letters. A file that is of no use is no error.

mod cloud;
mod jpeg;
mod picture;
mod process;

use bookstore::covers::UploadKey;
use lambda_runtime::{Error, LambdaEvent, service_fn, tracing};
use serde::Deserialize;

use crate::cloud::Cloud;

/// The part of the event that counts.
#[derive(Debug, Deserialize)]
struct ObjectCreated {
    detail: Detail,
}

#[derive(Debug, Deserialize)]
struct Detail {
    bucket: Bucket,
    object: Object,
}

#[derive(Debug, Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Object {
    key: String,
}

// One thread: the pictures of one file are all that an environment has to do at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let cloud = Cloud::from_env().await?;
    lambda_runtime::run(service_fn(|event| resize_cover(&cloud, event))).await
}

async fn resize_cover(cloud: &Cloud, event: LambdaEvent<ObjectCreated>) -> Result<(), Error> {
    let Detail { bucket, object } = event.payload.detail;
    match object.key.parse::<UploadKey>() {
        Ok(key) => process::upload(&cloud.with_uploads(bucket.name), key).await,
        Err(_) => {
            tracing::warn!(key = object.key, "this object is no upload");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_and_key_are_read_from_the_event() {
        let event: ObjectCreated = serde_json::from_str(include_str!("../event.json")).unwrap();
        assert_eq!(event.detail.bucket.name, "uploads");
        assert!(event.detail.object.key.parse::<UploadKey>().is_ok());
    }
}
