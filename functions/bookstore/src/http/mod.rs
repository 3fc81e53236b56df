//! Requests and answers of the API: JSON both ways, and RFC 9457 for everything that goes wrong.

pub mod book_form;
mod caller;
mod conditional;
mod form;
mod idempotency;
mod problem;

use std::{convert::Infallible, fmt::Display, future::Future, str::FromStr, time::Duration};

use lambda_http::{
    Body, Error, Request, RequestExt, Response,
    http::{StatusCode, header},
    request::RequestContext,
    service_fn, tracing,
};
use serde::Serialize;

pub use self::{
    caller::{administrator, customer},
    conditional::{IfMatch, Validator},
    form::{Form, Patch},
    idempotency::{key, required_key},
    problem::{InputError, Place, Problem},
};

/// An answer, or the problem that takes its place.
pub type Answer = Result<Response<Body>, Problem>;

/// How long a request is worked on. Some make many calls of AWS; whatever happens to them, the client gets an answer of
/// ours, before the function's own time (20 s) is up, and API Gateway's (30 s).
const PATIENCE: Duration = Duration::from_secs(15);

/// Serves requests until the environment is shut down. Problems are answered like everything else; only a panic,
/// which is a bug, counts as an error of the function. It costs that one request: the runtime catches it.
pub async fn run<H, F>(handler: H) -> Result<(), Error>
where
    H: Fn(Request) -> F,
    F: Future<Output = Answer> + Send,
{
    tracing::init_default_subscriber();
    lambda_http::run(service_fn(|request: Request| {
        let request_id = request.lambda_context_ref().map(|context| context.request_id.clone());
        let answer = within(PATIENCE, handler(request));
        async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|problem| problem.into_response(request_id))) }
    }))
    .await
}

/// 503 when there is no answer in time. What was written stays, so a client that tries again goes on from there.
async fn within(patience: Duration, answer: impl Future<Output = Answer>) -> Answer {
    tokio::time::timeout(patience, answer).await.unwrap_or_else(|late| Err(Problem::busy(1, late)))
}

/// 200 with this as JSON, for the eyes of who asked.
pub fn ok(value: &impl Serialize) -> Answer {
    json(private(StatusCode::OK), "application/json", value).map_err(Problem::internal)
}

/// 200 with this as JSON: what a write has made of a resource that has an ETag.
pub fn changed(validator: &Validator, value: &impl Serialize) -> Answer {
    let builder = private(StatusCode::OK).header(header::ETAG, validator.tag());
    json(builder, "application/json", value).map_err(Problem::internal)
}

/// 201 for a resource that is now at `location`, a path.
pub fn created(location: String, validator: Option<&Validator>, value: &impl Serialize) -> Answer {
    let mut builder = private(StatusCode::CREATED).header(header::LOCATION, location);
    if let Some(validator) = validator {
        builder = builder.header(header::ETAG, validator.tag());
    }
    json(builder, "application/json", value).map_err(Problem::internal)
}

/// 204.
pub fn no_content() -> Answer {
    private(StatusCode::NO_CONTENT).body(Body::Empty).map_err(Problem::internal)
}

/// The route on which API Gateway has sent the request, such as `GET /books/{id}`.
pub fn route(request: &Request) -> &str {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.route_key.as_deref().unwrap_or_default(),
        _ => "",
    }
}

fn private(status: StatusCode) -> lambda_http::http::response::Builder {
    Response::builder().status(status).header(header::CACHE_CONTROL, "no-store")
}

fn json(
    builder: lambda_http::http::response::Builder,
    content_type: &str,
    value: &impl Serialize,
) -> Result<Response<Body>, Error> {
    let body = serde_json::to_string(value)?;
    Ok(builder.header(header::CONTENT_TYPE, content_type).body(body.into())?)
}

/// A query parameter that may be absent. When it is given more than once, the first one counts.
pub fn query<T: FromStr<Err: Display>>(request: &Request, name: &'static str) -> Result<Option<T>, Problem> {
    let parameters = request.query_string_parameters_ref();
    let Some(text) = parameters.and_then(|parameters| parameters.first(name)) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|error: T::Err| Problem::parameter(name, error.to_string()))
}

/// The part of the path that the route calls `name`. Says 404 when there is nothing that such a name could stand for.
pub fn path<T: FromStr>(request: &Request, name: &'static str) -> Result<T, Problem> {
    let parameters = request.path_parameters_ref();
    parameters.and_then(|parameters| parameters.first(name)?.parse().ok()).ok_or_else(Problem::not_found)
}

#[cfg(test)]
mod tests {
    use lambda_http::aws_lambda_events::query_map::QueryMap;

    use super::*;
    use crate::domain::{BookId, PageSize};

    fn with_limit(limit: &str) -> Request {
        let parameters = [("limit".to_owned(), vec![limit.to_owned()])];
        Request::default().with_query_string_parameters(std::collections::HashMap::from(parameters))
    }

    #[test]
    fn a_parameter_is_parsed_or_named() {
        assert_eq!(query::<PageSize>(&with_limit("7"), "limit").unwrap(), Some("7".parse().unwrap()));
        assert_eq!(query::<PageSize>(&Request::default(), "limit").unwrap(), None);
        let problem = query::<PageSize>(&with_limit("many"), "limit").unwrap_err();
        let body = problem.into_response(None).into_body();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            body["errors"],
            serde_json::json!([{ "parameter": "limit", "detail": "must be a whole number from 1 to 100" }])
        );
    }

    #[test]
    fn an_id_that_cannot_be_is_not_found() {
        let request = Request::default().with_path_parameters(QueryMap::from(std::collections::HashMap::from([(
            "id".to_owned(),
            vec!["1".to_owned()],
        )])));
        assert_eq!(path::<BookId>(&request, "id").unwrap_err().status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn who_waits_too_long_is_asked_to_come_again() {
        let never = std::future::pending::<Answer>();
        assert_eq!(within(Duration::ZERO, never).await.unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
        let at_once = async { no_content() };
        assert_eq!(within(Duration::ZERO, at_once).await.unwrap().status(), StatusCode::NO_CONTENT);
    }

    #[test]
    fn what_is_created_has_a_location() {
        let answer = created("/books/1".into(), None, &serde_json::json!({ "a": 1 })).unwrap();
        assert_eq!(
            (answer.status(), &answer.headers()["location"]),
            (StatusCode::CREATED, &"/books/1".parse().unwrap())
        );
        assert_eq!(answer.body().as_ref(), br#"{"a":1}"#);
    }
}
