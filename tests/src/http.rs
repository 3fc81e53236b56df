//! A request to the book store and its answer, which is held against the contract every time.

use std::fmt;
use std::io::Read;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use ureq::http::{HeaderMap, Request};

use crate::shop::{Shop, User};

#[must_use]
pub struct Call<'a> {
    shop: &'a Shop,
    method: &'a str,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: HeaderMap,
    /// Null when there is none.
    pub body: Value,
}

impl<'a> Call<'a> {
    pub fn new(shop: &'a Shop, method: &'a str, path: &str) -> Self {
        Self { shop, method, path: path.to_owned(), headers: Vec::new(), body: None }
    }

    pub fn by(self, user: &User) -> Self {
        self.with_token(&user.access_token)
    }

    pub fn with_token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    pub fn if_none_match(self, etag: &str) -> Self {
        self.header("if-none-match", etag)
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// Any answer that the contract permits.
    pub fn send(&self) -> Result<Answer> {
        let what = self.to_string();
        let answer = self.unchecked().with_context(|| what.clone())?;
        let content_type = self.headers.iter().find(|(name, _)| name == "content-type");
        let sent = self.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
        let sent = content_type.zip(sent.as_ref()).map(|((_, content_type), body)| (content_type.as_str(), body));
        let checked = self.shop.contract.check(self.method, &self.path, sent, &answer);
        checked.with_context(|| format!("{what} answered {answer}"))?;
        self.shop.remember(&self.path, &answer);
        Ok(answer)
    }

    /// The answer, which must have this status. What only reads comes back when the store is busy, as it is asked to.
    pub fn expect(&self, status: u16) -> Result<Answer> {
        let answer = if self.method == "GET" { self.patiently()? } else { self.send()? };
        ensure!(answer.status == status, "{self} must answer {status}, not {answer}");
        Ok(answer)
    }

    /// As clients in a crowd do: comes back when the store is busy.
    pub fn patiently(&self) -> Result<Answer> {
        for _ in 0..20 {
            let answer = self.send()?;
            if ![429, 503].contains(&answer.status) {
                return Ok(answer);
            }
            let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse().ok()).unwrap_or(1);
            thread::sleep(Duration::from_secs(seconds));
        }
        bail!("{self} was answered with 503 time and again")
    }

    fn unchecked(&self) -> Result<Answer> {
        let mut request = Request::builder().method(self.method).uri(format!("{}{}", self.shop.api_url(), self.path));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = match (&self.body, self.method) {
            (Some(body), _) => self.shop.agent().run(request.body(body.as_slice())?)?,
            (None, "POST" | "PUT" | "PATCH") => self.shop.agent().run(request.body(&[][..])?)?,
            (None, _) => self.shop.agent().run(request.body(())?)?,
        };
        let (head, body) = response.into_parts();
        let mut bytes = Vec::new();
        body.into_reader().read_to_end(&mut bytes)?;
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned())),
        };
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (name, value) in self.headers.iter().filter(|(name, _)| name != "authorization") {
            write!(f, " {name}: {value}")?;
        }
        let body = self.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        write!(f, " {}", body.chars().take(300).collect::<String>())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body.to_string();
        write!(f, "{} {}", self.status, body.chars().take(1000).collect::<String>())
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn etag(&self) -> Result<String> {
        self.header("etag").map(str::to_owned).context("no ETag")
    }

    pub fn id(&self) -> Result<String> {
        text(&self.body, "id")
    }

    /// The items of a page.
    pub fn items(&self) -> Result<&Vec<Value>> {
        self.body["items"].as_array().context("no items")
    }

    /// Where the problem document says that something is wrong: pointers, parameters and headers.
    pub fn places(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors.filter_map(|error| ["pointer", "parameter", "header"].iter().find_map(|at| error[at].as_str())).collect()
    }
}

/// A time in a body, to be compared: as texts, times with and without fractions of a second sort by this alone.
pub fn moment(body: &Value, name: &str) -> Result<String> {
    Ok(text(body, name)?.trim_end_matches('Z').to_owned())
}

/// A field that is a text.
pub fn text(value: &Value, field: &str) -> Result<String> {
    value[field].as_str().map(str::to_owned).with_context(|| format!("no {field} in {value}"))
}
