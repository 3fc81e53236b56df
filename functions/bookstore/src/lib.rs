//! What the functions of the book store share.
//!
//! - [`domain`]: what a book is and which values are allowed. Plain types; knows nothing of AWS or HTTP.
//! - [`storage`]: the one DynamoDB table, its keys and its lists.
//! - [`covers`]: the two S3 buckets, for uploads and for the covers that are made of them.
//! - [`http`]: how a request is read, and how every error becomes an answer.
//! - [`events`]: how functions run that no request calls.
//! - [`metrics`]: what is counted and timed.
//! - [`aws`], [`environment`]: what a function is set up with when it starts.
//!
//! A function is a folder beside this one. Its `main.rs` reads the request, calls the storage and answers;
//! its entry in `template.yaml` says on which route it listens and what its role may do.

pub mod aws;
pub mod covers;
pub mod domain;
pub mod environment;
pub mod events;
pub mod http;
pub mod metrics;
pub mod storage;

#[cfg(test)]
mod canned;
