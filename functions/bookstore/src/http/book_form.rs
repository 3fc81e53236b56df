//! What an administrator sends of a book.

use lambda_http::Request;

use super::{Form, Problem};
use crate::domain::{Book, BookDetails, Stock};

/// A book that is added.
pub fn new_book(request: &Request) -> Result<Book, Problem> {
    let mut form = Form::read(request)?;
    let details = details(&mut form);
    let stock: Option<Option<Stock>> = form.optional("stock");
    form.finish((|| Some(Book::new(details?, stock?.unwrap_or_default())))())
}

/// All details of a book.
pub fn all_details(request: &Request) -> Result<BookDetails, Problem> {
    let mut form = Form::read(request)?;
    let details = details(&mut form);
    form.finish(details)
}

/// Some details, in a merge patch (RFC 7396): what it does not name stays as it is, and `null` removes the description.
pub fn some_details(request: &Request, before: BookDetails) -> Result<BookDetails, Problem> {
    let mut form = Form::read_patch(request)?;
    let title = form.patch("title");
    let author = form.patch("author");
    let category = form.patch("category");
    let price = form.patch("price");
    let description = form.patch("description");
    let details = || {
        Some(BookDetails {
            title: title?.or(before.title),
            author: author?.or(before.author),
            category: category?.or(before.category),
            price: price?.or(before.price),
            description: description?.or(before.description),
        })
    };
    form.finish(details())
}

fn details(form: &mut Form) -> Option<BookDetails> {
    let title = form.required("title");
    let author = form.required("author");
    let category = form.required("category");
    let price = form.required("price");
    let description = form.optional("description");
    Some(BookDetails { title: title?, author: author?, category: category?, price: price?, description: description? })
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http::StatusCode};
    use serde_json::{Value, json};

    use super::*;

    fn request(body: Value) -> Request {
        let builder = lambda_http::http::Request::builder().header("content-type", "application/json");
        builder.body(Body::from(body.to_string())).unwrap()
    }

    fn frankenstein() -> Value {
        json!({
            "title": "Frankenstein",
            "author": "Mary Shelley",
            "category": "science-fiction",
            "price": { "amount": 1250, "currency": "EUR" },
            "description": "The modern Prometheus.",
        })
    }

    #[test]
    fn a_book_is_read_from_the_body() {
        let book = new_book(&request(frankenstein())).unwrap();
        assert_eq!((book.summary.title.as_str(), book.stock.get()), ("Frankenstein", 0));
        let mut with_stock = frankenstein();
        with_stock["stock"] = json!(7);
        assert_eq!(new_book(&request(with_stock)).unwrap().stock.get(), 7);
    }

    #[test]
    fn a_client_does_not_choose_the_id() {
        let mut with_id = frankenstein();
        with_id["id"] = json!("1");
        let problem = new_book(&request(with_id)).unwrap_err();
        assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let before = all_details(&request(frankenstein())).unwrap();
        let patched = |patch| some_details(&request(patch), before.clone());
        assert_eq!(patched(json!({})).unwrap(), before);
        let after = patched(json!({ "description": null, "price": { "amount": 1, "currency": "EUR" } })).unwrap();
        assert_eq!((after.description, after.price.amount.get(), after.title), (None, 1, before.title.clone()));
        assert!(patched(json!({ "title": null })).is_err());
        assert!(patched(json!({ "stock": 5 })).is_err());
    }
}
