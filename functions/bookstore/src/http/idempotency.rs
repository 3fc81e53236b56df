//! The header `Idempotency-Key`.

use lambda_http::{Request, http::StatusCode};

use super::{InputError, Place, Problem};
use crate::domain::RequestKey;

const NAME: &str = "Idempotency-Key";

/// The key that the client has given to its request, if it has.
pub fn key(request: &Request) -> Result<Option<RequestKey>, Problem> {
    let Some(value) = request.headers().get(NAME) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    text.parse().map(Some).map_err(|error| refused(format!("{error}")))
}

/// The same; 400 without it.
pub fn required_key(request: &Request) -> Result<RequestKey, Problem> {
    key(request)?.ok_or_else(|| refused("is missing; a new UUID for each new piece of work serves".into()))
}

fn refused(detail: String) -> Problem {
    let errors = vec![InputError { place: Place::Header(NAME), detail }];
    Problem::new(StatusCode::BAD_REQUEST, "A header of the request is not valid.").with_errors(errors)
}

impl Problem {
    /// 422: the key was used for something else before.
    pub fn other_request() -> Self {
        let detail = "This Idempotency-Key was used for a request with another body. Take a new key for new work.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }
}
