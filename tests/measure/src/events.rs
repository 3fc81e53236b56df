//! Events as API Gateway makes them (HTTP API, payload format 2.0).

use serde_json::{Map, Value, json};

#[derive(Clone, Copy, PartialEq)]
pub enum Who {
    Anyone,
    Customer,
    Admin,
}

/// A request to the API.
pub struct Request {
    /// As in `GET /books/{id}`.
    pub route: &'static str,
    pub who: Who,
    /// Which of many customers.
    pub number: u8,
    /// What stands in the braces of the route, in their order.
    pub ids: Vec<String>,
    /// As in `sort=title&limit=5`, without anything that needs escaping.
    pub query: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Value>,
}

impl Request {
    pub fn new(who: Who, route: &'static str, ids: &[&str]) -> Self {
        let ids = ids.iter().map(|&id| id.to_owned()).collect();
        Self { route, who, number: 0, ids, query: String::new(), headers: Vec::new(), body: None }
    }

    pub fn query(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        let content_type =
            if self.route.starts_with("PATCH") { "application/merge-patch+json" } else { "application/json" };
        self.header("content-type", content_type)
    }

    /// The same from another customer.
    pub fn from(mut self, number: u8) -> Self {
        self.number = number + 1;
        self
    }

    pub fn event(&self) -> Value {
        let (method, template) = self.route.split_once(' ').unwrap_or((self.route, "/"));
        let mut ids = self.ids.iter();
        let mut parameters = Map::new();
        let segments = template.split('/').map(|segment| match segment.strip_prefix('{') {
            Some(name) => {
                let id = ids.next().map_or("", String::as_str);
                parameters.insert(name.trim_end_matches('}').to_owned(), id.into());
                id
            }
            None => segment,
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let query = self.query.split('&').filter_map(|pair| pair.split_once('='));
        let query = query.map(|(name, value)| (name.to_owned(), value.into())).collect::<Map<_, _>>();
        let headers = self.headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.route,
            "rawPath": path,
            "rawQueryString": self.query,
            "headers": headers.collect::<Map<_, _>>(),
            "pathParameters": parameters,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "measure",
                "domainName": "localhost",
                "domainPrefix": "localhost",
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "::1", "userAgent": "measure" },
                "requestId": "measure",
                "routeKey": self.route,
                "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000",
                "timeEpoch": 1_767_225_600_000_u64,
            },
            "isBase64Encoded": false,
        });
        if !query.is_empty() {
            event["queryStringParameters"] = query.into();
        }
        if let Some(body) = &self.body {
            event["body"] = body.to_string().into();
        }
        if self.who != Who::Anyone {
            event["requestContext"]["authorizer"] = json!({ "jwt": { "claims": self.claims(), "scopes": null } });
        }
        event
    }

    /// Of an access token, as the authorizer passes them on: text, whatever they are.
    fn claims(&self) -> Value {
        let customer = format!("5f8d2c1e-0000-4000-8000-0000000001{:02x}", self.number);
        let mut claims = json!({
            "sub": customer,
            "token_use": "access",
            "client_id": "measure",
            "username": customer,
            "scope": "aws.cognito.signin.user.admin",
        });
        if self.who == Who::Admin {
            claims["cognito:groups"] = "[admins]".into();
        }
        claims
    }
}
