//! RFC 9457, problem details for HTTP.

use std::error::Error;

use lambda_http::{
    Body, Response,
    http::{StatusCode, header},
    tracing,
};
use serde::Serialize;

use crate::storage::StorageError;

/// Why a request got no other answer. Its type is `about:blank`: the status says what kind it is, the rest is for
/// people.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<InputError>,
    retry_after: Option<u32>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// One thing that is wrong with what the client sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputError {
    #[serde(flatten)]
    pub place: Place,
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the body: a JSON Pointer (RFC 6901), for example `/price/amount`.
    Pointer(String),
    /// In the query.
    Parameter(&'static str),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [InputError],
    /// Finds the request in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), errors: Vec::new(), retry_after: None, source: None }
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
    }

    /// A fault of ours. The client learns that it is none of its own; the cause goes to the log.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let mut problem =
            Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The book store failed. The fault is not yours.");
        problem.source = Some(source.into());
        problem
    }

    /// 503: the same request may succeed after that many seconds.
    pub fn busy(retry_after: u32, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "The book store is busy. Please try again.");
        problem.retry_after = Some(retry_after);
        problem.source = Some(source.into());
        problem
    }

    pub fn with_errors(mut self, errors: Vec<InputError>) -> Self {
        self.errors = errors;
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn into_response(self, request_id: Option<String>) -> Response<Body> {
        if let Some(source) = &self.source {
            tracing::error!(status = self.status.as_u16(), cause = chain(source.as_ref()), "request failed");
        }
        let document = Document {
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            request_id: request_id.as_deref(),
        };
        let mut builder = Response::builder().status(self.status);
        if let Some(seconds) = self.retry_after {
            builder = builder.header(header::RETRY_AFTER, seconds);
        }
        super::json(builder, "application/problem+json", &document)
            .expect("strings and numbers are JSON, and the headers are ours")
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Busy(_) => Self::busy(1, error),
            StorageError::Refused(_) | StorageError::Shape(_) => Self::internal(error),
        }
    }
}

/// The error and its causes, from the outermost to the first.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut error = error;
    while let Some(cause) = error.source() {
        text = format!("{text}: {cause}");
        error = cause;
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body(response: Response<Body>) -> Value {
        serde_json::from_slice(response.body()).unwrap()
    }

    #[test]
    fn a_problem_names_the_request_and_what_is_wrong() {
        let errors = vec![InputError { place: Place::Pointer("/title".into()), detail: "must not be empty".into() }];
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Look again.").with_errors(errors);
        let response = problem.into_response(Some("7".into()));
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(
            body(response),
            json!({
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "Look again.",
                "errors": [{ "pointer": "/title", "detail": "must not be empty" }],
                "requestId": "7",
            })
        );
    }

    #[test]
    fn a_busy_table_asks_to_come_back() {
        let response = Problem::from(StorageError::Busy("throttled".into())).into_response(None);
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    }

    #[test]
    fn causes_stay_inside() {
        let error = StorageError::Refused("no dynamodb:Query for arn:aws:iam::123456789012:role/x".into());
        assert!(chain(&error).ends_with(": no dynamodb:Query for arn:aws:iam::123456789012:role/x"));
        let response = Problem::from(error).into_response(None);
        assert_eq!(response.status().as_u16(), 500);
        assert!(!body(response).to_string().contains("arn:aws"));
    }
}
