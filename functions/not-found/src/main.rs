//! $default: whatever no other route answers. 404, or 405 when the address is right and the method is not.

mod routes;

use bookstore::http::{self, Answer, Problem};
use lambda_http::{
    Body, Error, Request, RequestExt, Response,
    http::{HeaderValue, Method, StatusCode, header},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    http::run(async |request| not_found(&request)).await
}

fn not_found(request: &Request) -> Answer {
    let methods = routes::methods(request.raw_http_path()).ok_or_else(Problem::not_found)?;
    let allow = HeaderValue::from_str(&format!("{}, OPTIONS", methods.join(", "))).map_err(Problem::internal)?;
    if request.method() != Method::OPTIONS {
        return Err(Problem::method_not_allowed(allow));
    }
    // API Gateway answers a browser's preflight itself. Should one come through, only a success lets the browser go
    // on; the gateway adds the CORS headers.
    let answer = Response::builder().status(StatusCode::NO_CONTENT).header(header::ALLOW, allow);
    answer.body(Body::Empty).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(method: Method, path: &str) -> Answer {
        let mut request = Request::default().with_raw_http_path(path);
        *request.method_mut() = method;
        not_found(&request)
    }

    #[test]
    fn an_unknown_address_is_404() {
        for path in ["/", "/book", "/books/1/2"] {
            assert_eq!(answer(Method::GET, path).unwrap_err().status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(answer(Method::OPTIONS, "/book").unwrap_err().status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_known_address_is_405_with_what_it_allows() {
        let response = answer(Method::DELETE, "/books").unwrap_err().into_response(None);
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()["allow"], "GET, POST, OPTIONS");
    }

    #[test]
    fn a_stray_preflight_succeeds() {
        let answer = answer(Method::OPTIONS, "/books/1/review").unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(answer.headers()["allow"], "GET, PUT, DELETE, OPTIONS");
    }
}
