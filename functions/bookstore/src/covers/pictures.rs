//! The bucket that everybody reads covers from.

use std::fmt::Write;

use aws_sdk_s3::{Client, primitives::ByteStream};
use sha2::{Digest, Sha256};

use super::{BucketError, UploadKey};
use crate::{
    domain::Cover,
    environment::{self, MissingVariable},
};

/// The bucket of covers.
#[derive(Debug, Clone)]
pub struct CoverBucket {
    client: Client,
    name: String,
}

/// The two pictures of a cover, as WebP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pictures {
    pub small: Vec<u8>,
    pub large: Vec<u8>,
}

impl Pictures {
    /// What the cover is called that these pictures make.
    ///
    /// Its name holds the hash of the content, as a URL allows several uploads while it is valid, and caches keep the
    /// first for ever. It holds the upload, so that two uploads never share an object: then a cover may be deleted once
    /// the book shows another one, even if the same file is uploaded anew at that very moment.
    pub fn cover_of(&self, key: UploadKey) -> Cover {
        let hash = Sha256::new()
            .chain_update((self.small.len() as u64).to_be_bytes()) // where the one ends and the other begins
            .chain_update(&self.small)
            .chain_update(&self.large)
            .finalize();
        let mut name = format!("{key}-");
        // A quarter of it tells the few files apart that can come by one URL, and the name stands on every list of the book.
        for byte in &hash[..8] {
            write!(name, "{byte:02x}").expect("a String takes all");
        }
        Cover { small: format!("{name}-small.webp"), large: format!("{name}-large.webp") }
    }
}

impl CoverBucket {
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Takes the bucket from `COVERS_BUCKET`.
    pub fn from_env(client: Client) -> Result<Self, MissingVariable> {
        Ok(Self::new(client, environment::variable("COVERS_BUCKET")?))
    }

    /// Writes both pictures, or over them what they are already.
    pub async fn put(&self, cover: &Cover, pictures: Pictures) -> Result<(), BucketError> {
        for (key, picture) in [(&cover.small, pictures.small), (&cover.large, pictures.large)] {
            self.client
                .put_object()
                .bucket(&self.name)
                .key(key)
                .content_type("image/webp")
                // A year is the longest that caches must heed.
                .cache_control("public, max-age=31536000, immutable")
                .body(ByteStream::from(picture))
                .send()
                .await?;
        }
        Ok(())
    }

    /// Deletes both pictures. It is no error when they are gone already.
    pub async fn delete(&self, cover: &Cover) -> Result<(), BucketError> {
        for key in [&cover.small, &cover.large] {
            self.client.delete_object().bucket(&self.name).key(key).send().await?;
        }
        Ok(())
    }
}
