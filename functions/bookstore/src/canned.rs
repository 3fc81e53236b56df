//! HTTP for tests of what talks to AWS: answers in turn, and the requests that got them. No network.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::config::{
    HttpClient, RuntimeComponents,
    http::{HttpRequest, HttpResponse},
    retry::RetryConfig,
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    result::ConnectorError,
};
use serde_json::{Value, json};

/// An answer of AWS.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// What was asked, as far as tests look.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Default)]
pub struct Canned {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Canned {
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), asked: Arc::default() }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The requests as DynamoDB reads them: the operation, and its body.
    pub fn operations(&self) -> Vec<Value> {
        let operation = |asked: Asked| {
            let target = asked.header("x-amz-target").unwrap().split_once('.').unwrap().1.to_owned();
            json!({ target: serde_json::from_slice::<Value>(&asked.body).unwrap() })
        };
        self.asked().into_iter().map(operation).collect()
    }
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Answer {
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string().into() }
    }

    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }
}

/// As many attempts as the functions make, with hardly a pause between them.
pub fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1))
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.asked.lock().unwrap().push(Asked {
            method: request.method().to_owned(),
            url: request.uri().to_owned(),
            headers: headers.collect(),
            body: request.body().bytes().unwrap_or_default().to_owned(),
        });
        HttpConnectorFuture::ready(match self.answers.lock().unwrap().pop_front() {
            Some(Answer { status, headers, body }) => {
                let mut response = HttpResponse::new(status.try_into().unwrap(), body.into());
                for (name, value) in headers {
                    response.headers_mut().insert(name, value);
                }
                Ok(response)
            }
            None => Err(ConnectorError::timeout("no more answers".into())),
        })
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
