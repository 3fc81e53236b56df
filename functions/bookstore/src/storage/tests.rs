//! The requests that DynamoDB would get, and what becomes of its answers.

mod books;
mod orders;
mod reviews;
mod trouble;

use serde_json::{Value, json};

use super::{
    canned::{cancelled, conflict, done, names, none, refused, table, throttled, writes},
    *,
};
use crate::{
    canned::{Answer, Canned},
    domain::*,
};

fn book(title: &str) -> Book {
    let details = BookDetails {
        title: title.to_owned().try_into().unwrap(),
        author: "Jane Austen".to_owned().try_into().unwrap(),
        category: "classics".to_owned().try_into().unwrap(),
        price: Price { amount: Cents::try_from(990).unwrap(), currency: Currency::Gbp },
        description: None,
    };
    Book::new(details, Stock::try_from(3).unwrap())
}

fn summary(book: &Book) -> Value {
    let created_at = book.summary.created_at.format(&time::format_description::well_known::Rfc3339).unwrap();
    json!({ "M": {
        "id": { "S": book.summary.id.to_string() },
        "title": { "S": book.summary.title.as_str() },
        "author": { "S": "Jane Austen" },
        "category": { "S": "classics" },
        "price": { "M": { "amount": { "N": "990" }, "currency": { "S": "GBP" } } },
        "createdAt": { "S": created_at },
    } })
}

/// The book as the table holds it.
fn item(book: &Book) -> Value {
    json!({
        "PK": { "S": format!("BOOK#{}", book.summary.id) },
        "SK": { "S": "BOOK" },
        "summary": summary(book),
        "stock": { "N": "3" },
        "ratingCount": { "N": "0" },
        "ratingSum": { "N": "0" },
        "edition": { "N": "1" },
        "revision": { "N": "0" },
    })
}

fn entry(sk: &str, book: &Book) -> Value {
    json!({ "SK": { "S": sk }, "summary": summary(book) })
}

fn request(key: &str, body: &str) -> Request {
    Request {
        from: CustomerId::try_from("c1".to_owned()).unwrap(),
        key: key.parse().unwrap(),
        fingerprint: Fingerprint::of("test", &body).unwrap(),
    }
}

fn two() -> PageSize {
    PageSize::new(2).unwrap()
}
