//! The JSON object that a client sends, field by field, so that one answer names all that is wrong with it.

use lambda_http::{Request, http::StatusCode, http::header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use super::{InputError, Place, Problem};

/// The fields that were not asked for yet, and the mistakes in those that were.
#[derive(Debug)]
pub struct Form {
    fields: Map<String, Value>,
    errors: Vec<InputError>,
}

/// What a merge patch (RFC 7396) says of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patch<T> {
    Keep,
    Set(T),
}

impl<T> Patch<T> {
    pub fn or(self, kept: T) -> T {
        match self {
            Self::Keep => kept,
            Self::Set(value) => value,
        }
    }
}

impl Form {
    /// The largest body, in bytes. Any book fits, however its characters are escaped.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Reads the body. Answers 415 when it is not JSON, 413 when it is too long, 400 when it is broken and 422 when it
    /// is no object.
    pub fn read(request: &Request) -> Result<Self, Problem> {
        Self::read_as(&["application/json"], request)
    }

    /// The same for a merge patch, which may also be sent under its own media type.
    pub fn read_patch(request: &Request) -> Result<Self, Problem> {
        Self::read_as(&["application/merge-patch+json", "application/json"], request)
    }

    fn read_as(media_types: &[&str], request: &Request) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !media_types.iter().any(|allowed| media_type.eq_ignore_ascii_case(allowed)) {
            let detail = format!("The body must have the content-type {}.", media_types.join(" or "));
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let body: &[u8] = request.body().as_ref();
        if body.len() > Self::MAX_BYTES {
            let detail = format!("The body has {} bytes; at most {} are allowed.", body.len(), Self::MAX_BYTES);
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self { fields, errors: Vec::new() }),
            Ok(_) => {
                Err(Self { fields: Map::new(), errors: vec![error(String::new(), "must be an object")] }.problem())
            }
            Err(error) => Err(Problem::new(StatusCode::BAD_REQUEST, format!("The body is not valid JSON: {error}."))),
        }
    }

    /// A field that must be there. `None` when it is missing or not valid; [`finish`](Self::finish) then says so.
    pub fn required<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        match self.fields.remove(name) {
            Some(value) => self.parse(name, value),
            None => {
                self.errors.push(error(pointer(name), "is missing"));
                None
            }
        }
    }

    /// A field that may be absent or null: `Some(None)`. `None` when it is not valid.
    pub fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Option<Option<T>> {
        match self.fields.remove(name) {
            Some(value) => self.parse(name, value),
            None => Some(None),
        }
    }

    /// A field that keeps its value when it is absent. `None` when it is not valid.
    pub fn patch<T: DeserializeOwned>(&mut self, name: &str) -> Option<Patch<T>> {
        match self.fields.remove(name) {
            Some(value) => self.parse(name, value).map(Patch::Set),
            None => Some(Patch::Keep),
        }
    }

    /// Gives back what was made of the fields, or 422 with all mistakes. A field that nobody asked for is one.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Problem> {
        let unknown = self.fields.keys().map(|name| error(pointer(name), "is not a known field"));
        self.errors.extend(unknown);
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.problem()),
        }
    }

    fn parse<T: DeserializeOwned>(&mut self, name: &str, value: Value) -> Option<T> {
        serde_path_to_error::deserialize(value)
            .map_err(|failure| {
                let within = failure.path().iter().filter_map(|segment| match segment {
                    Segment::Map { key } => Some(pointer(key)),
                    Segment::Seq { index } => Some(format!("/{index}")),
                    Segment::Enum { .. } | Segment::Unknown => None,
                });
                let place = std::iter::once(pointer(name)).chain(within).collect();
                self.errors.push(error(place, &failure.inner().to_string()));
            })
            .ok()
    }

    fn problem(self) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "The body has mistakes.").with_errors(self.errors)
    }
}

fn error(pointer: String, detail: &str) -> InputError {
    InputError { place: Place::Pointer(pointer), detail: detail.to_owned() }
}

/// One step of a JSON Pointer.
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;
    use serde_json::json;

    use super::*;
    use crate::domain::{Description, Price, Title};

    fn request(content_type: &str, body: &str) -> Request {
        let builder = lambda_http::http::Request::builder().header("content-type", content_type);
        builder.body(Body::from(body)).unwrap()
    }

    fn read(body: &str) -> Result<(Title, Price, Option<Description>), Problem> {
        let mut form = Form::read(&request("application/json; charset=utf-8", body))?;
        let (title, price, description) =
            (form.required("title"), form.required("price"), form.optional("description"));
        form.finish((|| Some((title?, price?, description?)))())
    }

    fn errors(body: &str) -> serde_json::Value {
        let response = read(body).unwrap_err().into_response(None);
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        serde_json::from_slice::<Value>(response.body()).unwrap()["errors"].take()
    }

    #[test]
    fn a_good_body_becomes_values() {
        let price = r#""price":{"amount":990,"currency":"GBP"}"#;
        let (title, _, description) = read(&format!(r#"{{"title":"Emma",{price}}}"#)).unwrap();
        assert_eq!((title.as_str(), description), ("Emma", None));
        assert!(read(&format!(r#"{{"title":"Emma","description":null,{price}}}"#)).is_ok());
        assert!(read(&format!(r#"{{"title":"Emma","description":"A novel.",{price}}}"#)).unwrap().2.is_some());
    }

    #[test]
    fn every_mistake_is_named_at_its_place() {
        assert_eq!(
            errors(r#"{"title":"","price":{"amount":-1,"currency":"GBP"},"description":7,"a/b":1}"#),
            json!([
                { "pointer": "/title", "detail": "must not be empty" },
                { "pointer": "/price/amount", "detail": "invalid value: integer `-1`, expected u64" },
                { "pointer": "/description", "detail": "invalid type: integer `7`, expected a string" },
                { "pointer": "/a~1b", "detail": "is not a known field" },
            ])
        );
        assert_eq!(errors("{}")[1], json!({ "pointer": "/price", "detail": "is missing" }));
        assert_eq!(errors("[]"), json!([{ "pointer": "", "detail": "must be an object" }]));
    }

    #[test]
    fn a_body_that_cannot_be_read_is_refused() {
        let status = |request| Form::read(&request).unwrap_err().status().as_u16();
        assert_eq!(status(request("text/plain", "{}")), 415);
        assert_eq!(status(Request::default()), 415);
        assert_eq!(status(request("application/json", "{")), 400);
        assert_eq!(status(request("application/json", "")), 400);
        assert_eq!(status(request("application/json", &" ".repeat(Form::MAX_BYTES + 1))), 413);
        assert_eq!(status(request("application/json", &"[".repeat(10_000))), 400);
    }
}
