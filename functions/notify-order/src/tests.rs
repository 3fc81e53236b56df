//! What the topic would get for messages of the queue, and what the queue is answered. No network: the SDK's HTTP is
//! canned.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use aws_sdk_sns::{
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
use bookstore::domain::OrderId;
use serde_json::{Value, json};

use super::*;

/// Answers in turn, and the requests that got them.
#[derive(Debug, Clone, Default)]
struct Canned {
    answers: Arc<Mutex<VecDeque<String>>>,
    requests: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let form = form_urlencoded::parse(request.body().bytes().unwrap());
        self.requests.lock().unwrap().push(form.into_owned().collect());
        HttpConnectorFuture::ready(match self.answers.lock().unwrap().pop_front() {
            Some(body) => Ok(HttpResponse::new(200.try_into().unwrap(), body.into())),
            None => Err(ConnectorError::timeout("no more answers".into())),
        })
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// A topic that refuses these of the messages in each batch, batch by batch, and then falls silent.
fn topic(refusals: &[&[usize]]) -> (Topic, Canned) {
    let answers = refusals.iter().map(|refused| {
        let failed = refused.iter().map(|index| {
            format!(
                "<member><Id>{index}</Id><Code>InternalError</Code><Message>not now</Message>\
                 <SenderFault>false</SenderFault></member>"
            )
        });
        format!(
            "<PublishBatchResponse><PublishBatchResult><Successful/><Failed>{}</Failed></PublishBatchResult>\
             </PublishBatchResponse>",
            failed.collect::<String>()
        )
    });
    let canned = Canned { answers: Arc::new(Mutex::new(answers.collect())), ..Canned::default() };
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(canned.clone())
        .build();
    let (client, metrics) = (Client::from_conf(config), Metrics::new("test".into()));
    (Topic { client, arn: "arn:aws:sns:eu-central-1:123456789012:orders".into(), metrics }, canned)
}

/// Messages with the ids 0, 1, 2, …
fn messages(bodies: impl IntoIterator<Item = String>) -> SqsEvent {
    let records = bodies.into_iter().enumerate().map(|(id, body)| json!({ "messageId": id.to_string(), "body": body }));
    serde_json::from_value(json!({ "Records": records.collect::<Vec<_>>() })).unwrap()
}

fn order() -> String {
    serde_json::to_string(&Unannounced { order_id: OrderId::generate() }).unwrap()
}

async fn announce(topic: &Topic, event: SqsEvent) -> Value {
    serde_json::to_value(topic.announce(event).await.unwrap()).unwrap()["batchItemFailures"].take()
}

#[tokio::test]
async fn a_message_becomes_an_announcement() {
    let event = serde_json::from_str(include_str!("../event.json")).unwrap();
    let (topic, canned) = topic(&[&[]]);
    assert_eq!(announce(&topic, event).await, json!([]));
    let id = "01935000-0000-7000-8000-000000000000";
    let entry = "PublishBatchRequestEntries.member.1";
    let attribute = format!("{entry}.MessageAttributes.entry.1");
    let expected = [
        ("Action".to_owned(), "PublishBatch".to_owned()),
        ("Version".to_owned(), "2010-03-31".to_owned()),
        ("TopicArn".to_owned(), topic.arn.clone()),
        (format!("{entry}.Id"), "0".to_owned()),
        (format!("{entry}.Subject"), format!("New order {id}")),
        (format!("{entry}.Message"), format!(r#"{{"orderId":"{id}","placedAt":"2024-11-21T18:33:17.568Z"}}"#)),
        (format!("{attribute}.Name"), "orderId".to_owned()),
        (format!("{attribute}.Value.DataType"), "String".to_owned()),
        (format!("{attribute}.Value.StringValue"), id.to_owned()),
    ];
    assert_eq!(*canned.requests.lock().unwrap(), [BTreeMap::from(expected)]);
}

#[tokio::test]
async fn what_the_topic_refuses_comes_again_alone() {
    let (topic, canned) = topic(&[&[2, 0], &[1]]);
    let failed = json!([{ "itemIdentifier": "0" }, { "itemIdentifier": "2" }, { "itemIdentifier": "11" }]);
    assert_eq!(announce(&topic, messages((0..12).map(|_| order()))).await, failed);
    assert_eq!(canned.requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_poisonous_message_fails_and_harms_no_other() {
    let bodies = [order(), String::new(), "{}".to_owned(), r#"{"orderId":"1"}"#.to_owned(), order()];
    let (topic, canned) = topic(&[&[1]]);
    let failed = ["1", "2", "3", "4"].map(|id| json!({ "itemIdentifier": id }));
    assert_eq!(announce(&topic, messages(bodies)).await, json!(failed));
    assert!(!canned.requests.lock().unwrap()[0].contains_key("PublishBatchRequestEntries.member.3.Id"));

    assert_eq!(announce(&topic, messages(["?".to_owned()])).await, json!([{ "itemIdentifier": "0" }]));
    assert_eq!(canned.requests.lock().unwrap().len(), 1, "there was nothing to publish");
}

#[tokio::test]
async fn a_silent_topic_fails_them_all() {
    let (topic, _) = topic(&[]);
    let failed = json!([{ "itemIdentifier": "0" }, { "itemIdentifier": "1" }]);
    assert_eq!(announce(&topic, messages([order(), order()])).await, failed);
}
