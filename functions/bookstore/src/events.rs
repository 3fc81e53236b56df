//! Functions that no request calls but an event: a queue's messages, a table's changes.

use std::future::Future;

use lambda_runtime::{Error, LambdaEvent, service_fn, tracing};
use serde::{Deserialize, Serialize};

/// Handles events until the environment is shut down. An error, like a panic, fails the whole event: what sent it
/// sends it again. What only some records of a batch met belongs into the answer instead.
pub async fn run<E, A, H, F>(handler: H) -> Result<(), Error>
where
    E: for<'de> Deserialize<'de>,
    A: Serialize,
    H: Fn(E) -> F,
    F: Future<Output = Result<A, Error>>,
{
    tracing::init_default_subscriber();
    lambda_runtime::run(service_fn(|event: LambdaEvent<E>| handler(event.payload))).await
}
