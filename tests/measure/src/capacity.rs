//! A proxy in front of DynamoDB that keeps account of the request units.

use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;

/// What requests have consumed.
#[derive(Clone, Copy, Default)]
pub struct Units {
    pub requests: u32,
    pub read: f64,
    pub write: f64,
    /// Of writes whose condition did not hold. They are charged, too, but neither AWS nor the emulator says how much:
    /// estimated, as if none of their items were larger than 1 KB.
    pub refused: f64,
}

/// The proxy. It listens until the program ends.
pub struct Meter {
    pub endpoint: String,
    account: Arc<Account>,
}

struct Account {
    upstream: String,
    client: reqwest::Client,
    units: Mutex<Result<Units>>,
}

impl Meter {
    pub async fn in_front_of(upstream: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let client = reqwest::Client::new();
        let account =
            Arc::new(Account { upstream: upstream.to_owned(), client, units: Mutex::new(Ok(Units::default())) });
        let router = Router::new().fallback(pass_on).with_state(Arc::clone(&account));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { endpoint, account })
    }

    /// What has been consumed since the last time.
    pub fn take(&self) -> Result<Units> {
        let mut units = self.account.units.lock().expect("no thread panics with the lock");
        std::mem::replace(&mut *units, Ok(Units::default()))
    }
}

async fn pass_on(
    State(account): State<Arc<Account>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match account.pass_on(method, uri, headers, body).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

impl Account {
    async fn pass_on(&self, method: Method, uri: Uri, mut headers: HeaderMap, mut body: Bytes) -> Result<Response> {
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.strip_prefix("DynamoDB_20120810.")).map(str::to_owned);
        let mut request = Value::Null;
        if operation.is_some() {
            request = serde_json::from_slice(&body)?;
            request["ReturnConsumedCapacity"] = "TOTAL".into();
            body = request.to_string().into();
            headers.remove("content-length");
        }
        let url = format!("{}{uri}", self.upstream);
        let answer = self.client.request(method, url).headers(headers).body(body).send().await?;
        let (status, headers, body) = (answer.status(), answer.headers().clone(), answer.bytes().await?);
        if let Some(operation) = operation {
            let consumed = consumed(&operation, &request, &serde_json::from_slice(&body)?, status.is_success());
            let mut units = self.units.lock().expect("no thread panics with the lock");
            if let Ok(sum) = &mut *units {
                match consumed {
                    Ok(consumed) => {
                        sum.requests += 1;
                        sum.read += consumed.read;
                        sum.write += consumed.write;
                        sum.refused += consumed.refused;
                    }
                    Err(error) => *units = Err(error),
                }
            }
        }
        Ok((status, headers, body).into_response())
    }
}

/// Writes as DynamoDB says. Reads by DynamoDB's rules, from what was read: the emulator takes each for one of 4 KB.
fn consumed(operation: &str, request: &Value, answer: &Value, succeeded: bool) -> Result<Units> {
    if !succeeded {
        return refused(request, answer);
    }
    let hides = ["FilterExpression", "ProjectionExpression", "Select"];
    let hidden = hides.iter().find(|&&what| request.get(what).is_some());
    ensure!(hidden.is_none(), "{operation} with {}: what it reads cannot be seen in its answer", hidden.unwrap_or(&""));
    let rate = |request: &Value| if request["ConsistentRead"] == true { 1.0 } else { 0.5 };
    let mut units = Units::default();
    match operation {
        "GetItem" => units.read = rate(request) * read_units(item_size(&answer["Item"])),
        "Query" => {
            let items = answer["Items"].as_array().context("a Query without Items")?;
            units.read = rate(request) * read_units(items.iter().map(item_size).sum());
        }
        "BatchGetItem" => {
            for (table, items) in answer["Responses"].as_object().context("a BatchGetItem without Responses")? {
                let asked = &request["RequestItems"][table];
                let items = items.as_array().context("a table without items")?;
                let missing = asked["Keys"].as_array().map_or(0, Vec::len) - items.len();
                let found = items.iter().map(|item| read_units(item_size(item))).sum::<f64>();
                units.read += rate(asked) * (found + missing as f64);
            }
        }
        "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems" => units.write = write_units(answer)?,
        other => bail!("{other} is not accounted for"),
    }
    Ok(units)
}

fn refused(request: &Value, answer: &Value) -> Result<Units> {
    let kind = answer["__type"].as_str().and_then(|kind| kind.split('#').next_back());
    let refused = match kind {
        Some("ConditionalCheckFailedException") => 1,
        Some("TransactionCanceledException") => 2 * request["TransactItems"].as_array().map_or(0, Vec::len),
        _ => bail!("DynamoDB failed: {answer}"),
    };
    Ok(Units { refused: refused as f64, ..Units::default() })
}

/// One for each started 4 KB, and one for nothing.
fn read_units(size: usize) -> f64 {
    size.div_ceil(4096).max(1) as f64
}

fn write_units(answer: &Value) -> Result<f64> {
    let consumed = answer.get("ConsumedCapacity").context("no ConsumedCapacity")?;
    let tables = consumed.as_array().map_or(std::slice::from_ref(consumed), Vec::as_slice);
    tables.iter().map(|table| table["CapacityUnits"].as_f64().context("no CapacityUnits")).sum()
}

/// The size by which DynamoDB bills an item: names and values, and a little for each list and map.
fn item_size(item: &Value) -> usize {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else { return 0 };
    let text = value.as_str().unwrap_or_default();
    match kind.as_str() {
        "S" => text.len(),
        "N" => text.chars().filter(char::is_ascii_digit).count().div_ceil(2) + 1,
        "B" => text.len() / 4 * 3,
        "BOOL" | "NULL" => 1,
        "L" => 3 + value.as_array().into_iter().flatten().map(|value| 1 + value_size(value)).sum::<usize>(),
        "M" => {
            3 + value
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| 1 + name.len() + value_size(value))
                .sum::<usize>()
        }
        _ => value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::len).sum(),
    }
}
