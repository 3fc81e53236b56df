//! What the queue would get for a piece of the stream, and what the stream is answered. No network: the SDK's HTTP is
//! canned.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_sdk_sqs::{
    Config,
    config::{
        BehaviorVersion, Credentials, HttpClient, Region, RuntimeComponents,
        http::{HttpRequest, HttpResponse},
        retry::RetryConfig,
    },
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    result::ConnectorError,
};
use serde_json::{Value, json};

use super::*;

/// Answers in turn, and the requests that got them.
#[derive(Debug, Clone, Default)]
struct Canned {
    answers: Arc<Mutex<VecDeque<Value>>>,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        assert_eq!(request.headers().get("x-amz-target"), Some("AmazonSQS.SendMessageBatch"));
        self.requests.lock().unwrap().push(serde_json::from_slice(request.body().bytes().unwrap()).unwrap());
        HttpConnectorFuture::ready(match self.answers.lock().unwrap().pop_front() {
            Some(body) => Ok(HttpResponse::new(200.try_into().unwrap(), body.to_string().into())),
            None => Err(ConnectorError::timeout("no more answers".into())),
        })
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// A queue that refuses these of the messages in each batch, batch by batch, and then falls silent.
fn queue(refusals: &[&[usize]]) -> (Queue, Canned) {
    let answers = refusals.iter().map(|refused| {
        let failed = refused.iter().map(|index| {
            json!({ "Id": index.to_string(), "SenderFault": false, "Code": "InternalError", "Message": "not now" })
        });
        json!({ "Successful": [], "Failed": failed.collect::<Vec<_>>() })
    });
    let canned = Canned { answers: Arc::new(Mutex::new(answers.collect())), ..Canned::default() };
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(canned.clone())
        .build();
    (Queue { client: Client::from_conf(config), url: "https://sqs/orders".into() }, canned)
}

fn record(sequence_number: usize, pk: &str) -> Value {
    json!({
        "eventID": format!("event-{sequence_number}"),
        "eventName": "INSERT",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1767225600,
            "Keys": { "PK": { "S": pk }, "SK": { "S": "ORDER" } },
            "SequenceNumber": sequence_number.to_string(),
            "SizeBytes": 90,
            "StreamViewType": "KEYS_ONLY",
        },
    })
}

fn stream(records: impl IntoIterator<Item = Value>) -> Event {
    serde_json::from_value(json!({ "Records": records.into_iter().collect::<Vec<_>>() })).unwrap()
}

/// That many new orders, with the sequence numbers 0, 1, 2, …
fn orders(count: usize) -> Event {
    stream((0..count).map(|number| record(number, &format!("ORDER#{}", OrderId::generate()))))
}

async fn forward(queue: &Queue, event: Event) -> Value {
    serde_json::to_value(queue.forward(event).await.unwrap()).unwrap()["batchItemFailures"].take()
}

#[tokio::test]
async fn a_new_order_becomes_a_message() {
    let event = serde_json::from_str(include_str!("../event.json")).unwrap();
    let (queue, canned) = queue(&[&[]]);
    assert_eq!(forward(&queue, event).await, json!([]));
    let body = r#"{"orderId":"01935000-0000-7000-8000-000000000000"}"#;
    assert_eq!(
        *canned.requests.lock().unwrap(),
        [json!({ "QueueUrl": "https://sqs/orders", "Entries": [{ "Id": "0", "MessageBody": body }] })]
    );
}

#[tokio::test]
async fn orders_are_sent_by_tens_in_their_sequence() {
    let event = orders(23);
    let keys = event.records.iter().map(|record| format!("{:?}", record.change.keys)).collect::<Vec<_>>();
    let (queue, canned) = queue(&[&[], &[], &[]]);
    assert_eq!(forward(&queue, event).await, json!([]));
    let requests = canned.requests.lock().unwrap();
    let batches = requests.iter().map(|request| request["Entries"].as_array().unwrap());
    assert_eq!(batches.clone().map(Vec::len).collect::<Vec<_>>(), [10, 10, 3]);
    for (message, key) in batches.flatten().zip(keys) {
        let message: Unannounced = serde_json::from_str(message["MessageBody"].as_str().unwrap()).unwrap();
        assert!(key.contains(&message.order_id.to_string()), "{key} {message:?}");
    }
}

#[tokio::test]
async fn the_stream_is_read_again_from_the_first_failure() {
    let (queue, canned) = queue(&[&[], &[7, 4], &[]]);
    assert_eq!(forward(&queue, orders(23)).await, json!([{ "itemIdentifier": "14" }]));
    assert_eq!(canned.requests.lock().unwrap().len(), 2, "what comes again is not sent before");
}

#[tokio::test]
async fn a_silent_queue_fails_from_its_batch_on() {
    let (queue, _) = queue(&[&[]]);
    assert_eq!(forward(&queue, orders(12)).await, json!([{ "itemIdentifier": "10" }]));
}

#[tokio::test]
async fn what_is_no_order_is_skipped_and_does_not_shift_the_numbers() {
    let id = OrderId::generate();
    let records = [
        record(0, &format!("BOOK#{id}")),
        record(1, &format!("ORDER#{id}")),
        record(2, "ORDER#?"),
        record(3, &format!("ORDER#{id}")),
    ];
    let (queue, canned) = queue(&[&[1]]);
    assert_eq!(forward(&queue, stream(records)).await, json!([{ "itemIdentifier": "3" }]));
    assert_eq!(canned.requests.lock().unwrap()[0]["Entries"].as_array().unwrap().len(), 2);

    let nothing = stream([record(0, &format!("BOOK#{id}"))]);
    assert_eq!(forward(&queue, nothing).await, json!([]));
    assert_eq!(canned.requests.lock().unwrap().len(), 1);
}
