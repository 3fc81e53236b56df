//! The requests that DynamoDB would get, and what becomes of its answers. No network: the SDK's HTTP is canned.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client, Config,
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
use crate::domain::{Cents, Currency, NewBook, Price};

/// Answers in turn, and the requests that got them.
#[derive(Debug, Clone, Default)]
struct Canned {
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").unwrap().split_once('.').unwrap().1.to_owned();
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        self.requests.lock().unwrap().push(json!({ operation: body }));
        HttpConnectorFuture::ready(match self.answers.lock().unwrap().pop_front() {
            Some((status, body)) => Ok(HttpResponse::new(status.try_into().unwrap(), body.to_string().into())),
            None => Err(ConnectorError::timeout("no more answers".into())),
        })
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// Books on a table that gives these answers; `requests` shows afterwards what it was asked.
fn books(answers: impl IntoIterator<Item = (u16, Value)>) -> (Books, Canned) {
    let canned = Canned { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Canned::default() };
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1)))
        .http_client(canned.clone())
        .build();
    (Books::new(Client::from_conf(config), "shop".into()), canned)
}

fn book(title: &str) -> Book {
    Book::new(NewBook {
        title: title.to_owned().try_into().unwrap(),
        author: "Jane Austen".to_owned().try_into().unwrap(),
        category: "classics".to_owned().try_into().unwrap(),
        price: Price { amount: Cents::try_from(990).unwrap(), currency: Currency::Gbp },
        description: None,
    })
}

/// The book as the table holds it.
fn item(book: &Book) -> Value {
    let BookSummary { id, created_at, .. } = book.summary;
    let created_at = created_at.format(&time::format_description::well_known::Rfc3339).unwrap();
    json!({
        "PK": { "S": format!("BOOK#{id}") },
        "SK": { "S": "BOOK" },
        "GSI1PK": { "S": "BOOKS" },
        "GSI1SK": { "S": id.to_string() },
        "summary": { "M": {
            "id": { "S": id.to_string() },
            "title": { "S": book.summary.title.as_str() },
            "author": { "S": "Jane Austen" },
            "category": { "S": "classics" },
            "price": { "M": { "amount": { "N": "990" }, "currency": { "S": "GBP" } } },
            "createdAt": { "S": created_at },
        } },
    })
}

#[tokio::test]
async fn a_new_book_is_one_item() {
    let emma = book("Emma");
    let (books, canned) = books([(200, json!({}))]);
    books.create(&emma).await.unwrap();
    assert_eq!(*canned.requests.lock().unwrap(), [json!({ "PutItem": { "TableName": "shop", "Item": item(&emma) } })]);
}

#[tokio::test]
async fn a_book_comes_back_as_it_was_stored() {
    let emma = book("Emma");
    let (books, canned) = books([(200, json!({ "Item": item(&emma) }))]);
    assert_eq!(books.get(emma.summary.id).await.unwrap(), Some(emma.clone()));
    let key = json!({ "PK": item(&emma)["PK"], "SK": { "S": "BOOK" } });
    assert_eq!(
        *canned.requests.lock().unwrap(),
        [json!({ "GetItem": { "TableName": "shop", "Key": key, "ConsistentRead": true } })]
    );
}

#[tokio::test]
async fn an_absent_book_is_none() {
    let (books, _) = books([(200, json!({}))]);
    assert_eq!(books.get(BookId::generate()).await.unwrap(), None);
}

#[tokio::test]
async fn a_page_asks_for_one_more_to_know_of_the_next() {
    let shelf: Vec<Book> = ["Persuasion", "Emma", "Sanditon"].map(book).into();
    let (books, canned) = books([
        (200, json!({ "Items": [item(&shelf[2]), item(&shelf[1]), item(&shelf[0])] })),
        (200, json!({ "Items": [item(&shelf[0])] })),
    ]);
    let two = "2".parse().unwrap();

    let first = books.newest(two, None).await.unwrap();
    assert_eq!(first.items, [shelf[2].summary.clone(), shelf[1].summary.clone()]);
    let last = books.newest(two, first.next).await.unwrap();
    assert_eq!(last, Page { items: vec![shelf[0].summary.clone()], next: None });

    let requests = canned.requests.lock().unwrap();
    assert_eq!(
        requests[0]["Query"],
        json!({
            "TableName": "shop",
            "IndexName": "GSI1",
            "KeyConditionExpression": "GSI1PK = :books",
            "ExpressionAttributeValues": { ":books": { "S": "BOOKS" } },
            "ScanIndexForward": false,
            "Limit": 3,
        })
    );
    assert_eq!(requests[1]["Query"]["KeyConditionExpression"], "GSI1PK = :books AND GSI1SK < :after");
    assert_eq!(
        requests[1]["Query"]["ExpressionAttributeValues"][":after"],
        json!({ "S": shelf[1].summary.id.to_string() })
    );
}

fn throttled() -> (u16, Value) {
    (400, json!({ "__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down" }))
}

#[tokio::test]
async fn throttling_is_tried_again_and_then_busy() {
    let emma = book("Emma");
    let (lucky, _) = books([throttled(), throttled(), (200, json!({}))]);
    lucky.create(&emma).await.unwrap();

    let (unlucky, canned) = books([throttled(), throttled(), throttled(), (200, json!({}))]);
    assert!(matches!(unlucky.create(&emma).await, Err(StorageError::Busy(_))));
    assert_eq!(canned.requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn silence_and_server_errors_are_busy() {
    let (silent, _) = books([]);
    assert!(matches!(silent.get(BookId::generate()).await, Err(StorageError::Busy(_))));
    let failure = (500, json!({ "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError" }));
    let (failing, _) = books([failure.clone(), failure.clone(), failure]);
    assert!(matches!(failing.get(BookId::generate()).await, Err(StorageError::Busy(_))));
}

#[tokio::test]
async fn what_is_not_permitted_is_refused_at_once() {
    let denied = (400, json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "message": "no" }));
    let (books, canned) = books([denied]);
    let error = books.newest(PageSize::default(), None).await.unwrap_err();
    assert!(matches!(error, StorageError::Refused(_)), "{error:?}");
    assert_eq!(canned.requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_item_of_another_shape_is_an_error() {
    let emma = book("Emma");
    let mut spoilt = item(&emma);
    spoilt["summary"]["M"]["price"]["M"]["amount"]["N"] = json!("-990");
    let (books, _) = books([(200, json!({ "Item": spoilt }))]);
    assert!(matches!(books.get(emma.summary.id).await, Err(StorageError::Shape(_))));
}
