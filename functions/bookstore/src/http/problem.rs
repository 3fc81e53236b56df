//! RFC 9457, problem details for HTTP.

use std::error::Error;

use lambda_http::{
    Body, Response,
    http::{HeaderName, HeaderValue, StatusCode, header},
    tracing,
};
use serde::Serialize;

use crate::{
    domain::{Ended, InvalidCursor},
    storage::StorageError,
};

/// Why a request got no other answer. Its type is `about:blank`: the status says what kind it is, the rest is for
/// people.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<InputError>,
    // Boxed, so that a result that holds a problem stays small.
    header: Option<Box<(HeaderName, HeaderValue)>>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// One thing that is wrong with what the client sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputError {
    #[serde(flatten)]
    pub place: Place,
    pub detail: String,
}

impl InputError {
    /// Something in the body; `pointer` is a JSON Pointer.
    pub fn at(pointer: String, detail: String) -> Self {
        Self { place: Place::Pointer(pointer), detail }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the body: a JSON Pointer (RFC 6901), for example `/price/amount`.
    Pointer(String),
    /// In the query.
    Parameter(&'static str),
    /// A header of the request.
    Header(&'static str),
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
        Self { status, detail: detail.into(), errors: Vec::new(), header: None, source: None }
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
    }

    /// 401: nobody is signed in, as far as this request shows.
    pub fn unauthorized(detail: &'static str) -> Self {
        let challenge = HeaderValue::from_static("Bearer");
        Self::new(StatusCode::UNAUTHORIZED, detail).with_header(header::WWW_AUTHENTICATE, challenge)
    }

    /// 409: what is asked for does not fit to how things are.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 405: there is something at this address, but with other methods.
    pub fn method_not_allowed(allow: HeaderValue) -> Self {
        let detail = "This address does not know that method.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail).with_header(header::ALLOW, allow)
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
        problem.source = Some(source.into());
        problem.with_header(header::RETRY_AFTER, retry_after.into())
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    /// 400: a parameter of the query is not valid.
    pub fn parameter(name: &'static str, detail: String) -> Self {
        let errors = vec![InputError { place: Place::Parameter(name), detail }];
        Self::new(StatusCode::BAD_REQUEST, "A parameter of the query is not valid.").with_errors(errors)
    }

    pub fn with_errors(mut self, errors: Vec<InputError>) -> Self {
        self.errors = errors;
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn into_response(self, request_id: Option<String>) -> Response<Body> {
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
        let mut builder = Response::builder().status(self.status).header(header::CACHE_CONTROL, "no-store");
        if let Some(header) = self.header {
            let (name, value) = *header;
            builder = builder.header(name, value);
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
            StorageError::Cursor(cursor) => cursor.into(),
        }
    }
}

impl From<Ended> for Problem {
    fn from(ended: Ended) -> Self {
        Self::conflict(format!("It is too late: {ended}."))
    }
}

impl From<InvalidCursor> for Problem {
    fn from(error: InvalidCursor) -> Self {
        Self::parameter("cursor", error.to_string())
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
