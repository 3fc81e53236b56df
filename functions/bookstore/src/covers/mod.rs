//! The files of covers: two buckets, and what lies where in them.
//!
//! | bucket  | key                                                    | what                                 | who reads it |
//! |---------|--------------------------------------------------------|--------------------------------------|--------------|
//! | uploads | `covers/<bookId>/<uploadId>`                           | a file as it was uploaded, for a day | resize-cover |
//! | covers  | `covers/<bookId>/<uploadId>-<hash>-<small or large>.webp` | a picture that was made of it     | anyone       |
//!
//! Browsers put files into the first by an URL that is signed for one key, type and length, so no file passes through
//! the API. Nobody but us writes to the second, and an object in it never changes: its name holds the hash of its content.

mod client;
mod error;
mod pictures;
mod uploads;

pub use self::{
    client::{Client, client},
    error::BucketError,
    pictures::{CoverBucket, Pictures},
    uploads::{PresignedUpload, UnknownUpload, UploadBucket, UploadKey},
};

#[cfg(test)]
mod tests;
