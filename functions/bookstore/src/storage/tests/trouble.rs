//! What becomes of DynamoDB's refusals.

use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn throttling_is_tried_again_and_then_busy() {
    let emma = book("Emma");
    let (first, canned) = table([throttled(), throttled(), done()]);
    first.book(emma.summary.id).await.unwrap();
    assert_eq!(canned.operations().len(), 3);
    let (second, _) = table([throttled(), throttled(), throttled()]);
    assert!(matches!(second.book(emma.summary.id).await, Err(StorageError::Busy(_))));
    let (silent, _) = table([]);
    assert!(matches!(silent.book(emma.summary.id).await, Err(StorageError::Busy(_))));
}

#[tokio::test]
async fn a_denied_request_is_not_tried_again() {
    let denied = json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "Message": "no" });
    let (table, canned) = table([Answer::json(400, &denied)]);
    assert!(matches!(table.book(BookId::generate()).await, Err(StorageError::Refused(_))));
    assert_eq!(canned.operations().len(), 1);
}

#[tokio::test]
async fn a_transaction_that_collides_is_tried_again() {
    let reasons = |first: Value| [vec![first], vec![none(); 10]].concat();
    let (table, canned) = table([cancelled(&reasons(conflict())), cancelled(&reasons(conflict())), done()]);
    table.create_book(&book("Emma"), None).await.unwrap();
    assert_eq!(names(&canned.operations()), ["TransactWriteItems"; 3]);
}

#[tokio::test]
async fn a_transaction_that_goes_on_colliding_is_given_up() {
    let (table, canned) = table(std::iter::repeat_n(cancelled(&[conflict()]), 1000));
    let result = table.create_book(&book("Emma"), None).await;
    assert!(matches!(result, Err(StorageError::Busy(_))), "{result:?}");
    assert!(canned.operations().len() > 5);
}
