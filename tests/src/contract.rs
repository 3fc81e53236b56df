//! docs/openapi.yaml, as far as a test needs it: what may be asked, and what may be answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use jsonschema::Validator;
use serde_json::Value;

use crate::http::Answer;
use crate::schema::{member, resolved, validator};

pub struct Contract {
    pub operations: Vec<Operation>,
    /// What `$default` answers.
    not_found: Response,
    method_not_allowed: Response,
    /// Which operation has answered with which status, so far.
    seen: Mutex<BTreeSet<(String, u16)>>,
}

pub struct Operation {
    pub id: String,
    pub method: String,
    /// With `{…}` for what varies.
    pub path: String,
    pub audience: Audience,
    /// By content type.
    bodies: BTreeMap<String, Validator>,
    responses: BTreeMap<u16, Arc<Response>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Anyone,
    Customers,
    Administrators,
}

struct Response {
    headers: BTreeMap<String, Header>,
    /// By content type.
    content: BTreeMap<String, Validator>,
}

struct Header {
    required: bool,
    validator: Validator,
}

impl Contract {
    pub fn document() -> Result<Value> {
        Ok(serde_saphyr::from_str(include_str!("../../docs/openapi.yaml"))?)
    }

    pub fn read() -> Result<Self> {
        let document = Self::document()?;
        let mut shared = BTreeMap::new();
        let mut operations = Vec::new();
        for (path, item) in member(&document, "paths")? {
            for method in ["get", "post", "put", "patch", "delete"] {
                if let Some(operation) = item.get(method) {
                    let read = Operation::read(&document, path, method, operation, &mut shared);
                    operations.push(read.with_context(|| format!("{method} {path}"))?);
                }
            }
        }
        let response = |name: &str| Response::read(&document, &document["components"]["responses"][name]);
        Ok(Self {
            operations,
            not_found: response("NotFound")?,
            method_not_allowed: response("MethodNotAllowed")?,
            seen: Mutex::default(),
        })
    }

    /// Whether this may be answered to such a request. What was accepted must have been valid, too.
    pub fn check(&self, method: &str, path: &str, sent: Option<(&str, &Value)>, answer: &Answer) -> Result<()> {
        let path = path.split('?').next().unwrap_or_default();
        let of_path = self.operations.iter().filter(|operation| operation.is_at(path)).collect::<Vec<_>>();
        let Some(operation) = of_path.iter().find(|operation| operation.method == method) else {
            let (status, response) =
                if of_path.is_empty() { (404, &self.not_found) } else { (405, &self.method_not_allowed) };
            ensure!(answer.status == status, "no operation of the contract: must answer {status}");
            return response.check(answer);
        };
        let response = operation.responses.get(&answer.status);
        response.with_context(|| format!("the contract has no such status for {}", operation.id))?.check(answer)?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert((operation.id.clone(), answer.status));
        if let (200..300, Some((content_type, body))) = (answer.status, sent) {
            let media_type = content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
            let schema =
                operation.bodies.get(&media_type).context("accepted a content type that the contract lacks")?;
            valid(schema, body).context("accepted a body that the contract refuses")?;
        }
        Ok(())
    }

    /// The answers of the contract that no test has got. 429, 500 and 503 are nothing that a test can ask for.
    pub fn unseen(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |operation: &Operation| {
            let statuses = operation.responses.keys().filter(|status| ![429, 500, 503].contains(*status));
            let unseen = statuses.filter(|status| !seen.contains(&(operation.id.clone(), **status)));
            unseen.map(|status| format!("{} {status}", operation.id)).collect::<Vec<_>>()
        };
        self.operations.iter().flat_map(of).collect()
    }
}

impl Operation {
    fn read(
        document: &Value,
        path: &str,
        method: &str,
        operation: &Value,
        shared: &mut BTreeMap<String, Arc<Response>>,
    ) -> Result<Self> {
        let mut responses = BTreeMap::new();
        for (status, response) in member(operation, "responses")? {
            // Most are the same everywhere: compiled once.
            let read = match response["$ref"].as_str() {
                Some(name) if shared.contains_key(name) => Arc::clone(&shared[name]),
                name => {
                    let read = Arc::new(Response::read(document, response)?);
                    shared.extend(name.map(|name| (name.to_owned(), Arc::clone(&read))));
                    read
                }
            };
            responses.insert(status.parse()?, read);
        }
        let audience = match (operation.get("security"), responses.contains_key(&403)) {
            (Some(_), _) => Audience::Anyone,
            (None, false) => Audience::Customers,
            (None, true) => Audience::Administrators,
        };
        let bodies = match operation.get("requestBody") {
            Some(body) => content(document, body)?,
            None => BTreeMap::new(),
        };
        let id = operation["operationId"].as_str().context("no operationId")?.to_owned();
        Ok(Self { id, method: method.to_uppercase(), path: path.to_owned(), audience, bodies, responses })
    }

    pub fn has_body(&self) -> bool {
        !self.bodies.is_empty()
    }

    fn is_at(&self, path: &str) -> bool {
        let (mut ours, mut theirs) = (self.path.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(our), Some(their)) if our == their || (our.starts_with('{') && !their.is_empty()) => {}
                _ => return false,
            }
        }
    }
}

impl Response {
    fn read(document: &Value, response: &Value) -> Result<Self> {
        let response = resolved(document, response)?;
        let mut headers = BTreeMap::new();
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let header = resolved(document, header)?;
            let validator = validator(document, &header["schema"])?;
            headers.insert(name.to_lowercase(), Header { required: header["required"] == true, validator });
        }
        Ok(Self { headers, content: content(document, response)? })
    }

    fn check(&self, answer: &Answer) -> Result<()> {
        for (name, Header { required, validator }) in &self.headers {
            match answer.header(name) {
                Some(value) => {
                    valid(validator, &Value::String(value.to_owned())).with_context(|| format!("header {name}"))?;
                }
                None => ensure!(!required, "the header {name} is missing"),
            }
        }
        if self.content.is_empty() {
            ensure!(answer.body.is_null(), "the body should be empty");
            return Ok(());
        }
        let content_type = answer.header("content-type").context("no content type")?;
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let Some(schema) = self.content.get(media_type) else { bail!("the content type is {content_type}") };
        valid(schema, &answer.body)?;
        if media_type == "application/problem+json" {
            ensure!(answer.body["status"] == answer.status, "the problem document tells of another status");
        }
        Ok(())
    }
}

fn content(document: &Value, of: &Value) -> Result<BTreeMap<String, Validator>> {
    let content = of["content"].as_object().into_iter().flatten();
    content.map(|(media_type, one)| Ok((media_type.clone(), validator(document, &one["schema"])?))).collect()
}

fn valid(validator: &Validator, value: &Value) -> Result<()> {
    let errors = validator.iter_errors(value).map(|error| format!("{error} at `{}`", error.instance_path()));
    let errors = errors.collect::<Vec<_>>();
    ensure!(errors.is_empty(), "against the contract: {}", errors.join("; "));
    Ok(())
}
