//! The requests that DynamoDB would get, and what becomes of its answers.

use serde_json::{Value, json};

use super::*;
use crate::{
    canned::Answer,
    storage::canned::{done, table},
};

fn item(item: Value) -> Answer {
    Answer::json(200, &json!({ "Item": item }))
}

/// A book as the table holds it: of edition 7, with this cover.
fn book(cover: Option<&Cover>) -> Answer {
    let mut summary = json!({
        "id": { "S": BookId::generate().to_string() },
        "title": { "S": "Emma" },
        "author": { "S": "Jane Austen" },
        "category": { "S": "classics" },
        "price": { "M": { "amount": { "N": "990" }, "currency": { "S": "GBP" } } },
        "createdAt": { "S": "2026-01-01T00:00:00Z" },
    });
    if let Some(cover) = cover {
        summary["cover"] = stored(cover);
    }
    let counters = ["stock", "ratingCount", "ratingSum", "revision"].map(|name| (name.to_owned(), json!({ "N": "0" })));
    let mut attributes = serde_json::Map::from_iter(counters);
    attributes.extend([("summary".to_owned(), json!({ "M": summary })), ("edition".to_owned(), json!({ "N": "7" }))]);
    item(attributes.into())
}

fn stored(cover: &Cover) -> Value {
    json!({ "M": { "small": { "S": cover.small }, "large": { "S": cover.large } } })
}

fn is(status: &str) -> Value {
    json!({ "M": { "status": { "S": status } } })
}

/// A transaction that came to nothing, by the codes of its writes.
fn cancelled(codes: &[&str]) -> Answer {
    let reasons: Vec<Value> = codes.iter().map(|code| json!({ "Code": code })).collect();
    Answer::json(
        400,
        &json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "message": "Transaction cancelled",
            "CancellationReasons": reasons,
        }),
    )
}

/// A cover; those with a greater number are of later uploads.
fn cover(number: u8) -> Cover {
    Cover { small: format!("covers/1/{number}-small.webp"), large: format!("covers/1/{number}-large.webp") }
}

fn writes(operation: &Value) -> &Vec<Value> {
    operation["TransactWriteItems"]["TransactItems"].as_array().unwrap()
}

#[tokio::test]
async fn an_upload_waits_and_is_forgotten_after_a_week() {
    let (table, canned) = table([book(None), done()]);
    let (book, upload) = (BookId::generate(), UploadId::generate());
    assert!(table.start_upload(book, upload).await.unwrap());

    let operations = canned.operations();
    assert_eq!(operations[0]["GetItem"]["Key"]["PK"]["S"], format!("BOOK#{book}"));
    let item = &writes(&operations[1])[0]["Put"]["Item"];
    assert_eq!(item["PK"]["S"], format!("BOOK#{book}"));
    assert_eq!(item["SK"]["S"], format!("COVER#{upload}"));
    assert_eq!(item["upload"], is("waiting"));
    let expires_at: i64 = item["expiresAt"]["N"].as_str().unwrap().parse().unwrap();
    let days = (expires_at - OffsetDateTime::now_utc().unix_timestamp()) as f64 / 86_400.0;
    assert!((6.9..=7.0).contains(&days), "{days}");
}

#[tokio::test]
async fn there_is_no_upload_for_no_book() {
    let (table, canned) = table([Answer::json(200, &json!({}))]);
    assert!(!table.start_upload(BookId::generate(), UploadId::generate()).await.unwrap());
    assert_eq!(canned.operations().len(), 1);
}

#[tokio::test]
async fn an_upload_comes_back_as_it_stands() {
    let failed = json!({ "M": { "status": { "S": "failed" }, "reason": { "S": "It is no image." } } });
    let (table, _) = table([
        item(json!({ "upload": is("waiting"), "expiresAt": { "N": "1" } })),
        item(json!({ "upload": is("done"), "replaced": stored(&cover(1)) })),
        item(json!({ "upload": failed })),
        Answer::json(200, &json!({})),
    ]);
    let (book, id) = (BookId::generate(), UploadId::generate());
    let mut uploads = Vec::new();
    for _ in 0..4 {
        uploads.push(table.upload(book, id).await.unwrap());
    }
    let failed = UploadStatus::Failed { reason: "It is no image.".into() };
    assert_eq!(
        uploads,
        [
            Some(Upload { status: UploadStatus::Waiting, replaced: None }),
            Some(Upload { status: UploadStatus::Done, replaced: Some(cover(1)) }),
            Some(Upload { status: failed, replaced: None }),
            None,
        ]
    );
}

#[tokio::test]
async fn an_upload_fails_once() {
    let (table, canned) = table([done(), cancelled(&["ConditionalCheckFailed"])]);
    let (book, upload) = (BookId::generate(), UploadId::generate());
    assert!(table.fail_upload(book, upload, "It is no image.".into()).await.unwrap());
    assert!(!table.fail_upload(book, upload, "It is no image.".into()).await.unwrap());

    let update = writes(&canned.operations()[0])[0]["Update"].clone();
    assert_eq!(update["ConditionExpression"], "upload = :waiting");
    assert_eq!(
        update["ExpressionAttributeValues"],
        json!({
            ":waiting": is("waiting"),
            ":failed": { "M": { "status": { "S": "failed" }, "reason": { "S": "It is no image." } } },
        })
    );
}

#[tokio::test]
async fn the_first_cover_of_a_book_replaces_none() {
    let (table, canned) = table([book(None), done()]);
    let obsolete = table.show_cover(BookId::generate(), UploadId::generate(), cover(1)).await.unwrap();
    assert_eq!(obsolete, None);
    let end = writes(&canned.operations()[1])[0]["Update"].clone();
    assert_eq!(end["UpdateExpression"], "SET upload = :done");
}

#[tokio::test]
async fn a_new_cover_and_the_end_of_its_upload_are_one_change() {
    let (table, canned) = table([book(Some(&cover(1))), done()]);
    let (id, upload) = (BookId::generate(), UploadId::generate());
    assert_eq!(table.show_cover(id, upload, cover(2)).await.unwrap(), Some(cover(1)));

    let operations = canned.operations();
    let [end, change, entries @ ..] = &writes(&operations[1])[..] else { panic!("{operations:?}") };
    assert_eq!(end["Update"]["Key"]["SK"]["S"], format!("COVER#{upload}"));
    assert_eq!(end["Update"]["ConditionExpression"], "upload = :waiting");
    let replaced = stored(&cover(1));
    assert_eq!(
        end["Update"]["ExpressionAttributeValues"],
        json!({ ":waiting": is("waiting"), ":done": is("done"), ":replaced": replaced })
    );
    let change = &change["Update"];
    assert_eq!(change["Key"]["SK"]["S"], "BOOK");
    assert_eq!(change["ConditionExpression"], "edition = :old");
    let values = &change["ExpressionAttributeValues"];
    assert_eq!((&values[":old"], &values[":new"]), (&json!({ "N": "7" }), &json!({ "N": "8" })));
    let shown = |summary: &Value| summary["M"]["cover"].clone();
    assert_eq!(shown(&values[":summary"]), stored(&cover(2)));
    // 6 lists, and the words Emma, Jane and Austen.
    assert_eq!(entries.len(), 9);
    assert!(entries.iter().all(|entry| shown(&entry["Put"]["Item"]["summary"]) == stored(&cover(2))), "{entries:?}");
}

#[tokio::test]
async fn a_book_that_changes_meanwhile_is_read_again() {
    let busy = || cancelled(&["None", "ConditionalCheckFailed"]);
    let (lucky, _) = table([book(None), busy(), book(Some(&cover(1))), done()]);
    let (book_id, upload) = (BookId::generate(), UploadId::generate());
    assert_eq!(lucky.show_cover(book_id, upload, cover(2)).await.unwrap(), Some(cover(1)));

    let (unlucky, canned) = table((0..ATTEMPTS).flat_map(|_| [book(None), busy()]));
    assert!(matches!(unlucky.show_cover(book_id, upload, cover(2)).await, Err(StorageError::Busy(_))));
    assert_eq!(canned.operations().len(), 2 * ATTEMPTS);
}

#[tokio::test]
async fn the_cover_of_an_earlier_upload_does_not_replace_a_later_one() {
    let (table, canned) = table([book(Some(&cover(2))), done()]);
    let obsolete = table.show_cover(BookId::generate(), UploadId::generate(), cover(1)).await.unwrap();
    assert_eq!(obsolete, Some(cover(1)));
    let operations = canned.operations();
    let [end] = &writes(&operations[1])[..] else { panic!("{operations:?}") };
    assert_eq!(end["Update"]["ExpressionAttributeValues"][":replaced"], stored(&cover(1)));
}

#[tokio::test]
async fn an_upload_that_has_ended_leaves_only_the_cover_that_is_shown() {
    let ended = || cancelled(&["ConditionalCheckFailed", "ConditionalCheckFailed"]);
    let (id, upload) = (BookId::generate(), UploadId::generate());

    // The same event twice at once: the other one has shown this cover after the book was read here.
    let (twice, _) = table([book(Some(&cover(1))), ended(), book(Some(&cover(2)))]);
    assert_eq!(twice.show_cover(id, upload, cover(2)).await.unwrap(), None);

    let (replaced, _) = table([book(Some(&cover(1))), ended(), book(Some(&cover(3)))]);
    assert_eq!(replaced.show_cover(id, upload, cover(2)).await.unwrap(), Some(cover(2)));
}

#[tokio::test]
async fn a_book_that_is_gone_shows_no_cover() {
    let gone = || Answer::json(200, &json!({}));
    let (before, _) = table([gone()]);
    assert_eq!(before.show_cover(BookId::generate(), UploadId::generate(), cover(1)).await.unwrap(), Some(cover(1)));

    let refused = cancelled(&["ConditionalCheckFailed", "ConditionalCheckFailed"]);
    let (meanwhile, _) = table([book(None), refused, gone()]);
    assert_eq!(meanwhile.show_cover(BookId::generate(), UploadId::generate(), cover(1)).await.unwrap(), Some(cover(1)));
}
