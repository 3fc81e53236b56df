//! The shop's API as its clients see it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::aws::loopback_client;
use crate::commands::accounts::{AccessToken, Accounts};

/// How often a request is made that there is no capacity for.
const ATTEMPTS: usize = 8;

pub struct Shop {
    http: Client,
    api: String,
    accounts: Accounts,
}

/// Somebody with an account, signed in when that is first needed and again before the token expires.
pub struct Person {
    pub email: String,
    pub password: &'static str,
    token: Mutex<Option<AccessToken>>,
}

impl Person {
    pub fn new(email: impl Into<String>, password: &'static str) -> Self {
        Self { email: email.into(), password, token: Mutex::new(None) }
    }
}

/// What is asked of the API.
pub struct Request<'a> {
    method: Method,
    path: &'a str,
    by: Option<&'a Person>,
    key: Option<&'a str>,
    body: Option<Value>,
}

impl<'a> Request<'a> {
    pub fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, by: None, key: None, body: None }
    }

    pub fn post(path: &'a str) -> Self {
        Self { method: Method::POST, ..Self::get(path) }
    }

    pub fn put(path: &'a str) -> Self {
        Self { method: Method::PUT, ..Self::get(path) }
    }

    pub fn by(self, person: &'a Person) -> Self {
        Self { by: Some(person), ..self }
    }

    /// Makes a repetition of the request do nothing.
    pub fn once(self, key: &'a str) -> Self {
        Self { key: Some(key), ..self }
    }

    pub fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

/// What the API says.
pub struct Answer {
    /// The request, for messages.
    asked: String,
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The body of an answer with one of these statuses; what any other says becomes an error.
    pub fn expect(self, statuses: &[u16]) -> Result<Value> {
        if statuses.contains(&self.status) {
            return Ok(self.body);
        }
        let Self { asked, status, body } = self;
        let texts = ["title", "detail", "message"].iter().filter_map(|field| body[field].as_str());
        // What is no JSON stands for itself.
        let said = texts.chain(body.as_str()).collect::<Vec<_>>().join(": ");
        let errors = body["errors"].as_array().map_or_else(String::new, |_| format!(" {}", body["errors"]));
        let request = body["requestId"].as_str().map_or_else(String::new, |id| format!(" (request {id})"));
        bail!("{asked} was answered by {status} {said}{errors}{request}")
    }
}

impl Shop {
    pub fn new(api: String, accounts: Accounts) -> Self {
        Self { http: loopback_client(), api, accounts }
    }

    pub fn url(&self) -> &str {
        &self.api
    }

    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    pub async fn ask(&self, request: Request<'_>) -> Result<Answer> {
        let asked = format!("{} {}", request.method, request.path);
        let sent = patiently(|| self.ask_once(&request)).await;
        let response = sent.with_context(|| format!("{asked} got no answer"))?;
        let status = response.status().as_u16();
        let body = response.bytes().await.with_context(|| format!("{asked} got half an answer"))?;
        let body = match serde_json::from_slice(&body) {
            Ok(body) => body,
            Err(_) => Value::String(String::from_utf8_lossy(&body).into_owned()),
        };
        Ok(Answer { asked, status, body })
    }

    async fn ask_once(&self, request: &Request<'_>) -> Result<Response> {
        let mut sent = self.http.request(request.method.clone(), format!("{}{}", self.api, request.path));
        if let Some(person) = request.by {
            sent = sent.header(AUTHORIZATION, format!("Bearer {}", self.token(person).await?));
        }
        if let Some(key) = request.key {
            sent = sent.header("idempotency-key", key);
        }
        if let Some(body) = &request.body {
            sent = sent.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        Ok(sent.send().await?)
    }

    async fn token(&self, person: &Person) -> Result<String> {
        let mut token = person.token.lock().await;
        match &*token {
            Some(token) if token.is_fresh() => Ok(token.text.clone()),
            _ => {
                let fresh = self.accounts.sign_in(&person.email, person.password).await?;
                Ok(token.insert(fresh).text.clone())
            }
        }
    }

    /// Does what the `upload` of an answer describes.
    pub async fn upload(&self, upload: &Value, file: &[u8]) -> Result<()> {
        let url = upload["url"].as_str().with_context(|| format!("there is no URL to upload to in {upload}"))?;
        let put = || async {
            let headers = upload["headers"].as_object().into_iter().flatten();
            let put = self.http.put(url).body(file.to_owned());
            let put = headers.fold(put, |put, (name, value)| put.header(name, value.as_str().unwrap_or_default()));
            Ok(put.send().await?)
        };
        let response = patiently(put).await.context("cannot upload a cover")?;
        let status = response.status();
        if !status.is_success() {
            bail!("the upload of a cover was answered by {status}: {}", response.text().await?);
        }
        Ok(())
    }
}

/// Sends, and waits and sends again while the other side is busy.
async fn patiently<F: Future<Output = Result<Response>>>(send: impl Fn() -> F) -> Result<Response> {
    let mut attempt = 1;
    loop {
        let response = send().await?;
        if !matches!(response.status().as_u16(), 429 | 503) || attempt == ATTEMPTS {
            return Ok(response);
        }
        tokio::time::sleep(pause(&response)).await;
        attempt += 1;
    }
}

/// How long the other side asks to wait.
fn pause(response: &Response) -> Duration {
    let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(asked.unwrap_or(1).min(30))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unexpected_answer_is_told_with_all_that_it_says() {
        let answer = |status, body| Answer { asked: "POST /orders".to_owned(), status, body };
        assert_eq!(answer(201, json!({ "id": 1 })).expect(&[200, 201]).unwrap()["id"], 1);
        let problem = json!({
            "title": "Out of stock", "status": 409, "detail": "not enough copies", "requestId": "r-1",
            "errors": [{ "pointer": "/lines/0" }],
        });
        assert_eq!(
            answer(409, problem).expect(&[201]).unwrap_err().to_string(),
            r#"POST /orders was answered by 409 Out of stock: not enough copies [{"pointer":"/lines/0"}] (request r-1)"#
        );
    }
}
