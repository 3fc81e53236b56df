//! What every client of an AWS service is made with, once for the life of the process.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};

/// Region, credentials and endpoint from where AWS SDKs look for them; timeouts and retries on purpose.
pub async fn config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts()).retry_config(retries()).load().await
}

/// DynamoDB, SQS and SNS answer within milliseconds, S3 within some hundred. A file that is being read may take longer:
/// the SDK gives up when nothing more of it comes. Whoever has waited for five seconds gets an answer to try again,
/// well before the function's own time (20 s) and API Gateway's (30 s) are up.
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
