//! Reviews, and the ratings that books have from them.

use serde_json::json;

use super::*;

fn opinion(stars: u64) -> Opinion {
    Opinion {
        rating: Stars::try_from(stars).unwrap(),
        name: "Ann".to_owned().try_into().unwrap(),
        text: "Good.".to_owned().try_into().unwrap(),
    }
}

/// What the table knows of a customer who has given so many stars before.
fn reviewer(stars: u8) -> Answer {
    let id = ReviewId::generate().to_string();
    let item = json!({ "reviewId": { "S": id }, "rating": { "N": stars.to_string() }, "version": { "N": "4" } });
    Answer::json(200, &json!({ "Item": item }))
}

#[tokio::test]
async fn a_first_review_is_counted_with_the_book() {
    let customer = request("k", "").from;
    let book = BookId::generate();
    let (table, canned) = table([done(), done()]);
    let Some(Written::New(review)) = table.write_review(book, &customer, &opinion(4)).await.unwrap() else {
        panic!("the review is new");
    };
    let operations = canned.operations();
    assert_eq!(
        writes(&operations[1]),
        [
            format!("Put BOOK#{book} REVIEWER#c1"),
            format!("Put BOOK#{book} REVIEW#{}", review.id),
            format!("Update BOOK#{book} BOOK"),
        ]
    );
    let update = &operations[1]["TransactWriteItems"]["TransactItems"][2]["Update"];
    assert_eq!(update["ExpressionAttributeValues"][":stars"], json!({ "N": "4" }));
}

#[tokio::test]
async fn another_opinion_changes_the_sum_by_the_difference_alone() {
    let customer = request("k", "").from;
    let lost = cancelled(&[refused(json!({ "version": { "N": "5" } })), none(), none()]);
    let (table, canned) = table([reviewer(5), lost, reviewer(2), done()]);
    let written = table.write_review(BookId::generate(), &customer, &opinion(3)).await.unwrap();
    assert!(matches!(written, Some(Written::Changed(_))), "{written:?}");
    let values = |operation: &serde_json::Value| {
        operation["TransactWriteItems"]["TransactItems"][2]["Update"]["ExpressionAttributeValues"][":more"].clone()
    };
    let operations = canned.operations();
    // Read again after somebody else (another window of the same customer) was faster.
    assert_eq!([values(&operations[1]), values(&operations[3])], [json!({ "N": "-2" }), json!({ "N": "1" })]);
}

#[tokio::test]
async fn a_book_that_is_gone_takes_no_review() {
    let customer = request("k", "").from;
    let gone = cancelled(&[none(), none(), refused(serde_json::Value::Null)]);
    let (table, _) = table([done(), gone]);
    assert_eq!(table.write_review(BookId::generate(), &customer, &opinion(3)).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_not_there_need_not_be_withdrawn() {
    let (table, canned) = table([done()]);
    table.withdraw_review(BookId::generate(), &request("k", "").from).await.unwrap();
    assert_eq!(names(&canned.operations()), ["GetItem"]);
}
