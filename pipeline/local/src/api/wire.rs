//! JSON 1.1 (`X-Amz-Target`) and RPC v2 CBOR (`/service/<target>/operation/<name>`) to and from serde types.
//!
//! The newest AWS clients prefer CBOR for CodePipeline and CodeBuild, older ones speak JSON: both are answered.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::ApiError;

const AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-errortype");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Json,
    Cbor,
}

/// One API request: which operation of which service, and its input still encoded.
#[derive(Debug)]
pub struct Call {
    /// The service's target prefix, such as `CodePipeline_20150709`.
    pub target: String,
    pub operation: String,
    pub headers: HeaderMap,
    protocol: Protocol,
    body: Bytes,
}

/// An encoded answer.
pub type Reply = Response;

impl Call {
    /// Reads the operation's name from where its protocol puts it; `None` for a request that is no API call.
    pub fn parse(uri: &Uri, headers: HeaderMap, body: Bytes) -> Option<Self> {
        let (protocol, target, operation) = match headers.get(AMZ_TARGET) {
            Some(value) => {
                let (target, operation) = value.to_str().ok()?.split_once('.')?;
                (Protocol::Json, target.to_owned(), operation.to_owned())
            }
            None => {
                let mut segments = uri.path().trim_start_matches('/').split('/');
                match (segments.next(), segments.next(), segments.next(), segments.next()) {
                    (Some("service"), Some(target), Some("operation"), Some(operation)) => {
                        (Protocol::Cbor, target.to_owned(), operation.to_owned())
                    }
                    _ => return None,
                }
            }
        };
        Some(Self { target, operation, headers, protocol, body })
    }

    /// The operation's input; a body that does not fit it is the caller's error.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let malformed = |error: String| ApiError::new("SerializationException", error);
        match self.protocol {
            Protocol::Json if self.body.is_empty() => serde_json::from_str("{}").map_err(|e| malformed(e.to_string())),
            Protocol::Json => serde_json::from_slice(&self.body).map_err(|e| malformed(e.to_string())),
            Protocol::Cbor if self.body.is_empty() => {
                ciborium::from_reader([0xa0].as_slice()).map_err(|e| malformed(e.to_string()))
            }
            Protocol::Cbor => ciborium::from_reader(self.body.as_ref()).map_err(|e| malformed(e.to_string())),
        }
    }

    /// The input of an operation whose shapes deny unknown fields: what `service` does not support is refused by its name.
    pub fn supported_input<T: DeserializeOwned>(&self, service: &str) -> Result<T, ApiError> {
        self.input().map_err(|error| {
            let name = |kind: &str| error.message.split_once(kind).and_then(|(_, rest)| rest.split_once('`'));
            let message = match name("unknown field `").or_else(|| name("unknown variant `")) {
                Some((name, _)) => format!("the local {service} does not support {name}"),
                None => error.message,
            };
            ApiError::new("InvalidInputException", message)
        })
    }

    /// The operation's output in the protocol of the request.
    pub fn reply(&self, output: &impl Serialize) -> Reply {
        self.encode(StatusCode::OK, output)
    }

    /// The answer to an operation that returns nothing.
    pub fn done(&self) -> Reply {
        self.reply(&json!({}))
    }

    pub fn error(&self, error: &ApiError) -> Reply {
        let status =
            if error.code == "InternalFailure" { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST };
        let mut reply = self.encode(status, &json!({ "__type": error.code, "message": error.message }));
        reply.headers_mut().insert(QUERY_ERROR, HeaderValue::from_static(error.code));
        reply
    }

    fn encode(&self, status: StatusCode, output: &impl Serialize) -> Reply {
        match self.protocol {
            Protocol::Json => match serde_json::to_vec(output) {
                Ok(body) => (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body).into_response(),
                Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
            },
            Protocol::Cbor => {
                let mut body = Vec::new();
                let headers = [
                    (header::CONTENT_TYPE, HeaderValue::from_static("application/cbor")),
                    (SMITHY_PROTOCOL, HeaderValue::from_static("rpc-v2-cbor")),
                ];
                match ciborium::into_writer(output, &mut body) {
                    Ok(()) => (status, headers, body).into_response(),
                    Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use ciborium::Value;
    use serde::Deserialize;

    use super::*;
    use crate::api::Timestamp;

    #[derive(Serialize, Deserialize)]
    struct Shape {
        name: String,
        created: Timestamp,
    }

    fn json(body: &str) -> Call {
        let headers =
            HeaderMap::from_iter([(AMZ_TARGET, HeaderValue::from_static("CodePipeline_20150709.GetPipeline"))]);
        Call::parse(&Uri::from_static("/"), headers, Bytes::from(body.to_owned())).unwrap()
    }

    fn cbor(input: &impl Serialize) -> Call {
        let mut body = Vec::new();
        ciborium::into_writer(input, &mut body).unwrap();
        let uri = Uri::from_static("/service/CodePipeline_20150709/operation/GetPipeline");
        Call::parse(&uri, HeaderMap::new(), body.into()).unwrap()
    }

    async fn body(reply: Reply) -> Bytes {
        to_bytes(reply.into_body(), usize::MAX).await.unwrap()
    }

    #[tokio::test]
    async fn each_protocol_is_answered_in_kind() {
        let shape = Shape { name: "shop".to_owned(), created: Timestamp::now() };
        let (json, cbor) = (json(&serde_json::to_string(&shape).unwrap()), cbor(&shape));
        for call in [&json, &cbor] {
            assert_eq!((call.target.as_str(), call.operation.as_str()), ("CodePipeline_20150709", "GetPipeline"));
            let input: Shape = call.input().unwrap();
            assert_eq!((input.name.as_str(), input.created), ("shop", shape.created));
        }

        let answer: serde_json::Value = serde_json::from_slice(&body(json.reply(&shape)).await).unwrap();
        assert_eq!(answer["created"], shape.created.seconds());
        let reply = cbor.reply(&shape);
        assert_eq!(reply.headers()[SMITHY_PROTOCOL], "rpc-v2-cbor");
        let answer: Value = ciborium::from_reader(body(reply).await.as_ref()).unwrap();
        let created = &answer.as_map().unwrap()[1].1;
        assert_eq!(created, &Value::Tag(1, Box::new(Value::Float(shape.created.seconds()))));
    }

    #[tokio::test]
    async fn an_error_has_its_name_and_its_sentence() {
        let error = ApiError::new("PipelineNotFoundException", "there is no pipeline named shop");
        let reply = json("{}").error(&error);
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST);
        let answer: serde_json::Value = serde_json::from_slice(&body(reply).await).unwrap();
        assert_eq!((answer["__type"].as_str(), answer["message"].as_str()), (Some(error.code), Some(&*error.message)));
    }

    #[test]
    fn what_is_not_supported_is_named() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Known {
            #[serde(rename = "name")]
            _name: Option<String>,
        }
        for call in [json("{\"tea\": 1}"), cbor(&serde_json::json!({ "tea": 1 }))] {
            let error = call.supported_input::<Known>("CodeDeploy").unwrap_err();
            assert_eq!(error.message, "the local CodeDeploy does not support tea");
        }
    }

    #[test]
    fn what_is_malformed_is_the_callers_error() {
        for call in [json("{\"name\": 1}"), json("{"), cbor(&7)] {
            assert_eq!(call.input::<Shape>().err().unwrap().code, "SerializationException");
        }
        assert!(Call::parse(&Uri::from_static("/elsewhere"), HeaderMap::new(), Bytes::new()).is_none());
    }
}
