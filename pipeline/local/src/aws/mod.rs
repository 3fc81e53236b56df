//! The local cloud as its clients see it: one endpoint, and sessions of the roles that act on it.

mod signed;
pub mod stacks;

use std::time::Duration;

use anyhow::{Context, Result};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

pub use signed::{CallError, JsonService};

/// The account that the local cloud gives its root credentials.
pub const ACCOUNT: &str = "000000000000";
/// The one region of the local cloud.
pub const REGION: &str = "us-east-1";
/// The root credentials of the local cloud: they open nothing else.
pub const ROOT_KEY: &str = "test";
/// What MiniStack's Cognito sends to everybody who signs up.
pub const CONFIRMATION_CODE: &str = "123456";
/// The same, to everybody who has forgotten a password.
pub const PASSWORD_CODE: &str = "654321";

/// An HTTP client for this machine: no proxy stands in between.
pub fn loopback_client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("without TLS there is nothing that could be missing")
}

/// The local cloud's endpoint.
#[derive(Debug, Clone)]
pub struct Cloud {
    endpoint: String,
    http: reqwest::Client,
}

impl Cloud {
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self { endpoint: endpoint.into(), http: loopback_client() }
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The account's root user: what the person at the machine is, and what no action of a pipeline runs as.
    pub fn root(&self) -> Session {
        self.session(Credentials::from_keys(ROOT_KEY, ROOT_KEY, None))
    }

    /// Takes on a role, as the AWS service that the role trusts would.
    pub async fn assume(&self, role_arn: &str, session_name: &str) -> Result<Session> {
        let assumed = aws_sdk_sts::Client::new(&self.root().config)
            .assume_role()
            .role_arn(role_arn)
            .role_session_name(session_name)
            .send()
            .await
            .map_err(|error| CallError::from_sdk(&error))
            .with_context(|| format!("cannot assume the role {role_arn}"))?;
        let keys = assumed.credentials.context("AssumeRole answered without credentials")?;
        Ok(self.session(Credentials::from_keys(keys.access_key_id, keys.secret_access_key, Some(keys.session_token))))
    }

    fn session(&self, credentials: Credentials) -> Session {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(&self.endpoint)
            .credentials_provider(SharedCredentialsProvider::new(credentials.clone()))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            // The endpoint is plain HTTP on this machine, so no TLS stack is compiled in.
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(300)).build())
            .build();
        Session { endpoint: self.endpoint.clone(), credentials, config, http: self.http.clone() }
    }
}

/// Credentials at the local cloud, and clients that use them.
#[derive(Debug, Clone)]
pub struct Session {
    endpoint: String,
    credentials: Credentials,
    config: SdkConfig,
    http: reqwest::Client,
}

impl Session {
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(true).build();
        aws_sdk_s3::Client::from_conf(config)
    }

    pub fn cloudformation(&self) -> aws_sdk_cloudformation::Client {
        aws_sdk_cloudformation::Client::new(&self.config)
    }
}
