//! Orders, and requests that are sent again.

use serde_json::{Value, json};

use super::*;

fn emmas(copies: u64, emma: &Book) -> Cart {
    let line = CartLine { book_id: emma.summary.id, quantity: Quantity::try_from(copies).unwrap() };
    Cart { lines: vec![line].try_into().unwrap(), expected_total: None }
}

fn shelf(books: &[&Book]) -> Answer {
    Answer::json(200, &json!({ "Responses": { "shop": books.iter().map(|book| item(book)).collect::<Vec<_>>() } }))
}

async fn order(
    answers: Vec<Answer>,
    emma: &Book,
    copies: u64,
) -> (Result<Result<(Order, bool), NotPlaced>, StorageError>, Canned) {
    let (table, canned) = table(answers);
    let request = request("k", "body");
    (table.place_order(&request.from, &emmas(copies, emma), &request).await, canned)
}

#[tokio::test]
async fn an_order_takes_its_copies_at_its_price_in_one_transaction() {
    let emma = book("Emma");
    let (result, canned) = order(vec![shelf(&[&emma]), done()], &emma, 2).await;
    let (placed, is_new) = result.unwrap().unwrap();
    assert!(is_new);
    let id = placed.id;
    assert_eq!(
        writes(&canned.operations()[1]),
        [
            format!("Put ORDER#{id} ORDER"),
            format!("Put CUSTOMER#c1 ORDER#{id}"),
            format!("Put ORDERS#placed {id}"),
            "Put CUSTOMER#c1 REQUEST#k".to_owned(),
            format!("Update BOOK#{} BOOK", emma.summary.id),
        ]
    );
    let update = &canned.operations()[1]["TransactWriteItems"]["TransactItems"][4]["Update"];
    assert_eq!(update["ConditionExpression"], "stock >= :copies AND summary.price = :price");
    assert_eq!(update["ExpressionAttributeValues"][":copies"], json!({ "N": "2" }));
}

#[tokio::test]
async fn an_order_whose_price_changes_meanwhile_is_made_anew() {
    let emma = book("Emma");
    let lost = cancelled(&[none(), none(), none(), none(), refused(item(&emma))]);
    let (result, canned) = order(vec![shelf(&[&emma]), lost, shelf(&[&emma]), done()], &emma, 1).await;
    assert!(result.unwrap().unwrap().1);
    assert_eq!(
        names(&canned.operations()),
        ["BatchGetItem", "TransactWriteItems", "BatchGetItem", "TransactWriteItems"]
    );
}

#[tokio::test]
async fn the_same_request_gets_the_same_order_even_when_nothing_is_left() {
    let mut emma = book("Emma");
    let (first, _) = order(vec![shelf(&[&emma]), done()], &emma, 3).await;
    let placed = first.unwrap().unwrap().0;
    let remembered = |body: &str| {
        json!({
            "fingerprint": { "S": serde_json::to_value(request("k", body).fingerprint).unwrap() },
            "outcome": { "S": placed.id.to_string() },
            "expiresAt": { "N": "99999999999" },
        })
    };
    let stored = stored_order(&placed);

    // The two meet: the second is refused by the record of the first.
    let met = cancelled(&[none(), none(), none(), refused(remembered("body")), none()]);
    let (again, _) = order(vec![shelf(&[&emma]), met, stored.clone()], &emma, 3).await;
    assert_eq!(again.unwrap().unwrap(), (placed.clone(), false));

    // The second comes later, and finds no copies left.
    emma.stock = Stock::default();
    let mut sold_out = item(&emma);
    sold_out["stock"] = json!({ "N": "0" });
    let sold_out = Answer::json(200, &json!({ "Responses": { "shop": [sold_out] } }));
    let later = vec![sold_out.clone(), Answer::json(200, &json!({ "Item": remembered("body") })), stored];
    assert_eq!(order(later, &emma, 3).await.0.unwrap().unwrap(), (placed.clone(), false));

    let other = vec![sold_out.clone(), Answer::json(200, &json!({ "Item": remembered("another body") }))];
    assert_eq!(order(other, &emma, 3).await.0.unwrap(), Err(NotPlaced::OtherRequest));
    let (result, _) = order(vec![sold_out, done()], &emma, 3).await;
    let left = LineRefusal::OutOfStock { left: 0 };
    assert_eq!(result.unwrap(), Err(NotPlaced::Refused(Refusal::Lines(vec![(0, left)]))));
}

/// The answer that holds an order as the table has it.
fn stored_order(order: &Order) -> Answer {
    let item: serde_dynamo::Item =
        serde_dynamo::to_item(json!({ "document": order, "customer": "c1", "version": 1 })).unwrap();
    let item: std::collections::HashMap<String, serde_dynamo::AttributeValue> = item.into();
    let item: serde_json::Map<_, _> = item.into_iter().map(|(name, value)| (name, plain(value))).collect();
    Answer::json(200, &json!({ "Item": item }))
}

#[tokio::test]
async fn a_cancelled_order_gives_its_copies_back_to_those_books_that_are_still_there() {
    let emma = book("Emma");
    let placed = order(vec![shelf(&[&emma]), done()], &emma, 2).await.0.unwrap().unwrap().0;
    let gone = cancelled(&[none(), none(), none(), none(), refused(Value::Null)]);
    let (table, canned) = table([stored_order(&placed), gone, stored_order(&placed), done()]);
    let customer = request("k", "").from;
    let ending = Ending { status: OrderStatus::Cancelled, of: Some(&customer) };
    let ended = table.end_order(placed.id, ending).await.unwrap().unwrap().unwrap();
    assert_eq!(ended.status, OrderStatus::Cancelled);
    let (id, operations) = (placed.id, canned.operations());
    let lists = [
        format!("Put ORDER#{id} ORDER"),
        format!("Delete ORDERS#placed {id}"),
        format!("Put CUSTOMER#c1 ORDER#{id}"),
        format!("Put ORDERS#cancelled {id}"),
    ];
    assert_eq!(writes(&operations[1])[..4], lists);
    assert_eq!(writes(&operations[1])[4], format!("Update BOOK#{} BOOK", emma.summary.id));
    assert_eq!(writes(&operations[3]), lists, "the second time without the book that is gone");
}

#[tokio::test]
async fn nobody_ends_the_order_of_somebody_else() {
    let emma = book("Emma");
    let placed = order(vec![shelf(&[&emma]), done()], &emma, 1).await.0.unwrap().unwrap().0;
    let (table, canned) = table([stored_order(&placed)]);
    let stranger = CustomerId::try_from("c2".to_owned()).unwrap();
    let ending = Ending { status: OrderStatus::Cancelled, of: Some(&stranger) };
    assert_eq!(table.end_order(placed.id, ending).await.unwrap(), None);
    assert_eq!(names(&canned.operations()), ["GetItem"]);
}

/// DynamoDB's JSON of a value.
fn plain(value: serde_dynamo::AttributeValue) -> Value {
    use serde_dynamo::AttributeValue as A;
    match value {
        A::S(text) => json!({ "S": text }),
        A::N(number) => json!({ "N": number }),
        A::L(list) => json!({ "L": list.into_iter().map(plain).collect::<Vec<_>>() }),
        A::M(map) => {
            json!({ "M": map.into_iter().map(|(name, value)| (name, plain(value))).collect::<serde_json::Map<_, _>>() })
        }
        other => panic!("{other:?}"),
    }
}
