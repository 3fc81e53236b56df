//! The client of DynamoDB, made once for the life of the process.

use std::{env, time::Duration};

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::Client;

use super::Books;

/// The function was started without the name of its table.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable TABLE_NAME must name the DynamoDB table")]
pub struct NoTable(#[source] env::VarError);

impl Books {
    /// Takes the table from `TABLE_NAME`, and region, credentials and endpoint from where AWS SDKs look for them.
    pub async fn from_env() -> Result<Self, NoTable> {
        let table = env::var("TABLE_NAME").map_err(NoTable)?;
        let config = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(timeouts())
            .retry_config(retries())
            .load()
            .await;
        Ok(Self::new(Client::new(&config), table))
    }
}

/// DynamoDB answers within milliseconds. Whoever has waited for five seconds gets an answer to try again, well before
/// the function's own time (10 s) and API Gateway's (30 s) are up.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(5))
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_secs(1))
}
