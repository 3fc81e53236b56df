//! Signed calls of the JSON 1.1 services.
//!
//! The SDK crates of these services would double what a fresh clone compiles before its first `up`; the shapes are
//! this crate's own types anyway, because it serves three of these services itself.

use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{REGION, Session};

/// A service with the JSON 1.1 protocol.
#[derive(Debug, Clone, Copy)]
pub struct JsonService {
    /// The name that requests are signed for.
    pub name: &'static str,
    /// The prefix of `X-Amz-Target`.
    pub target: &'static str,
}

impl JsonService {
    pub const CLOUDWATCH: Self = Self { name: "monitoring", target: "GraniteServiceVersion20100801" };
    pub const CODEBUILD: Self = Self { name: "codebuild", target: "CodeBuild_20161006" };
    pub const CODEDEPLOY: Self = Self { name: "codedeploy", target: "CodeDeploy_20141006" };
    pub const CODECOMMIT: Self = Self { name: "codecommit", target: "CodeCommit_20150413" };
    pub const CODEPIPELINE: Self = Self { name: "codepipeline", target: "CodePipeline_20150709" };
    pub const COGNITO: Self = Self { name: "cognito-idp", target: "AWSCognitoIdentityProviderService" };
    pub const EVENTS: Self = Self { name: "events", target: "AWSEvents" };
    pub const SECRETS_MANAGER: Self = Self { name: "secretsmanager", target: "secretsmanager" };
    pub const SSM: Self = Self { name: "ssm", target: "AmazonSSM" };
    pub const LOGS: Self = Self { name: "logs", target: "Logs_20140328" };
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service refused: its error's name and sentence.
    #[error("{code}: {message}")]
    Service { code: String, message: String },
    #[error("the local cloud does not answer ({0})")]
    Unreachable(String),
}

impl CallError {
    /// The service's word for the error; empty when the service could not be reached.
    pub fn code(&self) -> &str {
        match self {
            Self::Service { code, .. } => code,
            Self::Unreachable(_) => "",
        }
    }

    /// What an SDK client met, without the layers of its error type.
    pub fn from_sdk<E, R>(error: &aws_sdk_sts::error::SdkError<E, R>) -> Self
    where
        E: aws_sdk_sts::error::ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        match error.as_service_error() {
            Some(service) => Self::Service {
                code: service.code().unwrap_or("UnknownError").to_owned(),
                message: service.message().map_or_else(|| service.to_string(), str::to_owned),
            },
            None => Self::Unreachable(aws_sdk_sts::error::DisplayErrorContext(error).to_string()),
        }
    }
}

impl Session {
    /// Calls one operation of a JSON 1.1 service as this session.
    pub async fn call<O: DeserializeOwned>(
        &self,
        service: JsonService,
        operation: &str,
        input: &impl Serialize,
    ) -> Result<O, CallError> {
        self.call_with(service, operation, input, &[]).await
    }

    /// The same, with headers of its own.
    pub async fn call_with<O: DeserializeOwned>(
        &self,
        service: JsonService,
        operation: &str,
        input: &impl Serialize,
        headers: &[(&str, &str)],
    ) -> Result<O, CallError> {
        let target = format!("{}.{operation}", service.target);
        let body = serde_json::to_vec(input).map_err(|error| CallError::Unreachable(error.to_string()))?;
        let protocol = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let answer = self.send(service.name, &[&protocol, headers].concat(), body).await?;
        let answer = if answer.is_empty() { b"{}".to_vec() } else { answer };
        serde_json::from_slice(&answer)
            .map_err(|error| CallError::Unreachable(format!("{target} answered what no client understands: {error}")))
    }

    /// Asks IAM whether a role may do `action` on `resource`: for permissions that no API call of ours exercises.
    ///
    /// `context` holds condition keys and their values, such as `iam:PassedToService`.
    pub async fn may(
        &self,
        role_arn: &str,
        action: &str,
        resource: &str,
        context: &[(&str, &str)],
    ) -> Result<bool, CallError> {
        let mut form = vec![
            ("Action".to_owned(), "SimulatePrincipalPolicy"),
            ("Version".to_owned(), "2010-05-08"),
            ("PolicySourceArn".to_owned(), role_arn),
            ("ActionNames.member.1".to_owned(), action),
            ("ResourceArns.member.1".to_owned(), resource),
        ];
        for (index, (key, value)) in context.iter().enumerate() {
            let entry = format!("ContextEntries.member.{}", index + 1);
            form.push((format!("{entry}.ContextKeyName"), key));
            form.push((format!("{entry}.ContextKeyType"), "string"));
            form.push((format!("{entry}.ContextKeyValues.member.1"), value));
        }
        let answer = self.query("iam", &form).await?;
        Ok(answer.contains("<EvalDecision>allowed</EvalDecision>"))
    }

    /// Calls an operation of a service with the Query protocol; answers the XML.
    pub async fn query(&self, service: &str, form: &impl Serialize) -> Result<String, CallError> {
        let body = serde_urlencoded::to_string(form).map_err(|error| CallError::Unreachable(error.to_string()))?;
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.send(service, &headers, body.into_bytes()).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    async fn send(&self, service: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Vec<u8>, CallError> {
        self.post(service, "/", headers, body).await
    }

    /// Posts to a path of a service with the REST protocol.
    pub async fn post(
        &self,
        service: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Vec<u8>, CallError> {
        self.request(Method::POST, service, path, headers, body).await
    }

    /// Gets a path of a service with the REST protocol.
    pub async fn get(&self, service: &str, path: &str) -> Result<Vec<u8>, CallError> {
        self.request(Method::GET, service, path, &[], Vec::new()).await
    }

    /// Puts to a path of a service with the REST protocol.
    pub async fn put(&self, service: &str, path: &str, body: Vec<u8>) -> Result<Vec<u8>, CallError> {
        self.request(Method::PUT, service, path, &[("content-type", "application/json")], body).await
    }

    async fn request(
        &self,
        method: Method,
        service: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Vec<u8>, CallError> {
        let unreachable = |error: &dyn std::fmt::Display| CallError::Unreachable(error.to_string());
        let url = format!("{}{path}", self.endpoint);
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unreachable(&error))?
            .into();
        let signable = SignableRequest::new(method.as_str(), &url, headers.iter().copied(), SignableBody::Bytes(&body))
            .map_err(|error| unreachable(&error))?;
        let (signature, _) = sign(signable, &parameters).map_err(|error| unreachable(&error))?.into_parts();

        let mut request = self.http.request(method, &url).body(body);
        for (name, value) in headers.iter().copied().chain(signature.headers()) {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let answer = response.bytes().await.map_err(|error| unreachable(&error))?;
        if status.is_success() { Ok(answer.into()) } else { Err(service_error(status.as_u16(), &answer)) }
    }
}

/// The error in a JSON or XML body; any other body stands for itself.
fn service_error(status: u16, body: &[u8]) -> CallError {
    let text = String::from_utf8_lossy(body);
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0.to_owned())
    };
    if let (Some(code), Some(message)) = (element("Code"), element("Message")) {
        return CallError::Service { code, message };
    }
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = json["__type"].as_str().or_else(|| json["code"].as_str());
    let message = json["message"].as_str().or_else(|| json["Message"].as_str());
    CallError::Service {
        // Some services put their namespace before the name.
        code: code.map_or_else(|| format!("HTTP {status}"), |code| code.rsplit('#').next().unwrap_or(code).to_owned()),
        message: message.map_or_else(|| String::from_utf8_lossy(body).trim().to_owned(), str::to_owned),
    }
}
