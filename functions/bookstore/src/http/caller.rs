//! Who sends a request, by the claims of the token that API Gateway's JWT authorizer has verified.

use lambda_http::{Request, RequestExt, http::StatusCode, request::RequestContext};

use super::Problem;
use crate::domain::CustomerId;

/// The Cognito group of those who run the shop.
const ADMINISTRATORS: &str = "admins";

/// The signed-in customer; 401 when nobody is signed in.
pub fn customer(request: &Request) -> Result<CustomerId, Problem> {
    let claim = |name: &str| claim(request, name);
    match claim("token_use") {
        Some("access") => {}
        // The authorizer takes both kinds, as a client id stands in both. An id token is for the client, and tells who
        // somebody is; only an access token says that its bearer may call.
        Some(_) => return Err(Problem::unauthorized("Send the access token, not the id token.")),
        None => return Err(Problem::unauthorized("Sign in first, and send the access token.")),
    }
    let subject = claim("sub").unwrap_or_default().to_owned();
    subject.try_into().map_err(|_| Problem::unauthorized("The access token does not say whose it is."))
}

/// The signed-in administrator; 401 when nobody is signed in, 403 when it is somebody else.
pub fn administrator(request: &Request) -> Result<CustomerId, Problem> {
    let customer = customer(request)?;
    // An HTTP API passes a list on as `[admins editors]`, a REST API as `admins,editors`.
    let groups = claim(request, "cognito:groups").unwrap_or_default();
    let mut groups = groups.trim_matches(['[', ']']).split([' ', ',']);
    if groups.any(|group| group == ADMINISTRATORS) {
        Ok(customer)
    } else {
        Err(Problem::new(StatusCode::FORBIDDEN, "Only an administrator may do this."))
    }
}

fn claim<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return None;
    };
    context.authorizer.as_ref()?.jwt.as_ref()?.claims.get(name).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn request(claims: Value) -> Request {
        let event = json!({
            "version": "2.0",
            "routeKey": "GET /orders",
            "rawPath": "/orders",
            "rawQueryString": "",
            "headers": {},
            "requestContext": {
                "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "r",
                "routeKey": "GET /orders", "stage": "$default", "time": "t", "timeEpoch": 0,
                "http": { "method": "GET", "path": "/orders", "protocol": "HTTP/1.1", "sourceIp": "i", "userAgent": "u" },
                "authorizer": { "jwt": { "claims": claims, "scopes": null } },
            },
            "isBase64Encoded": false,
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    fn statuses(claims: Value) -> (u16, u16) {
        let status =
            |result: Result<CustomerId, Problem>| result.map_or_else(|problem| problem.status().as_u16(), |_| 200);
        let request = request(claims);
        (status(customer(&request)), status(administrator(&request)))
    }

    #[test]
    fn an_access_token_says_who_may_do_what() {
        let sub = "5d1e7e9c-1f2a-4b3c-9d4e-5f6071829304";
        assert_eq!(statuses(json!({ "sub": sub, "token_use": "access" })), (200, 403));
        for groups in ["[admins]", "[editors admins]", "editors,admins", "admins"] {
            assert_eq!(statuses(json!({ "sub": sub, "token_use": "access", "cognito:groups": groups })), (200, 200));
        }
        for groups in ["[administrators]", "[]", "", "[noadmins]"] {
            assert_eq!(statuses(json!({ "sub": sub, "token_use": "access", "cognito:groups": groups })), (200, 403));
        }
    }

    #[test]
    fn other_tokens_and_none_are_refused() {
        assert_eq!(statuses(json!({ "sub": "a", "token_use": "id", "cognito:groups": "[admins]" })), (401, 401));
        assert_eq!(statuses(json!({ "sub": "a" })), (401, 401));
        assert_eq!(statuses(json!({ "sub": "a#b", "token_use": "access" })), (401, 401));
        assert_eq!(customer(&Request::default()).unwrap_err().status(), StatusCode::UNAUTHORIZED);
    }
}
