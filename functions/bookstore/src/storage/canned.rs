//! A table without a network, and what DynamoDB may answer.

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
};
use serde_json::{Value, json};

use super::Table;
use crate::canned::{self, Answer, Canned};

/// A table that gives these answers; when they are used up, none comes in time.
pub fn table(answers: impl IntoIterator<Item = Answer>) -> (Table, Canned) {
    let canned = Canned::new(answers);
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .retry_config(canned::retries())
        .http_client(canned.clone())
        .build();
    (Table::new(Client::from_conf(config), "shop".into()), canned)
}

/// What a transaction writes, as `Put BOOKS#newest 0193…`.
pub fn writes(operation: &Value) -> Vec<String> {
    let line = |write: &Value| {
        let (kind, write) = write.as_object().unwrap().iter().next().unwrap();
        let key = if kind == "Put" { &write["Item"] } else { &write["Key"] };
        format!("{kind} {} {}", key["PK"]["S"].as_str().unwrap(), key["SK"]["S"].as_str().unwrap())
    };
    operation["TransactWriteItems"]["TransactItems"].as_array().unwrap().iter().map(line).collect()
}

/// Operations without what they were asked.
pub fn names(operations: &[Value]) -> Vec<&str> {
    operations.iter().map(|operation| operation.as_object().unwrap().keys().next().unwrap().as_str()).collect()
}

pub fn done() -> Answer {
    Answer::json(200, &json!({}))
}

pub fn throttled() -> Answer {
    let kind = "com.amazonaws.dynamodb.v20120810#ThrottlingException";
    Answer::json(400, &json!({ "__type": kind, "message": "slow down" }))
}

/// A cancelled transaction, with a reason for each write.
pub fn cancelled(reasons: &[Value]) -> Answer {
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    Answer::json(400, &json!({ "__type": kind, "Message": "Transaction cancelled", "CancellationReasons": reasons }))
}

pub fn none() -> Value {
    json!({ "Code": "None" })
}

pub fn conflict() -> Value {
    json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" })
}

/// The condition did not hold for this item; `null` when there is none.
pub fn refused(item: Value) -> Value {
    let mut reason = json!({ "Code": "ConditionalCheckFailed", "Message": "The conditional request failed" });
    if !item.is_null() {
        reason["Item"] = item;
    }
    reason
}
