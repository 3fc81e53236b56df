//! What the functions of the book store share.
//!
//! - [`domain`]: what a book is and which values are allowed. Plain types; knows nothing of AWS or HTTP.
//! - [`storage`]: the one DynamoDB table, its keys and its indexes.
//! - [`http`]: how a request is read, and how every error becomes an answer.
//!
//! A function is a folder beside this one. Its `main.rs` reads the request, calls the storage and answers;
//! its entry in `template.yaml` says on which route it listens and what its role may do.

pub mod domain;
pub mod http;
pub mod storage;
