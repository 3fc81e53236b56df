//! POST /books: adds a book to the catalogue.

use bookstore::{
    domain::{Book, NewBook},
    http::{self, Answer, Form, Problem},
    storage::Books,
};
use lambda_http::{Error, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let books = Books::from_env().await?;
    http::run(|request| create_book(&books, request)).await
}

async fn create_book(books: &Books, request: Request) -> Answer {
    let book = Book::new(read(&request)?);
    books.create(&book).await?;
    http::created(format!("/books/{}", book.summary.id), &book)
}

fn read(request: &Request) -> Result<NewBook, Problem> {
    let mut form = Form::read(request)?;
    let title = form.required("title");
    let author = form.required("author");
    let category = form.required("category");
    let price = form.required("price");
    let description = form.optional("description");
    let book = || {
        Some(NewBook { title: title?, author: author?, category: category?, price: price?, description: description? })
    };
    form.finish(book())
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http::StatusCode};

    use super::*;

    fn request(body: &str) -> Request {
        let builder = lambda_http::http::Request::builder().header("content-type", "application/json");
        builder.body(Body::from(body)).unwrap()
    }

    #[test]
    fn a_book_is_read_from_the_body() {
        let book = read(&request(
            r#"{
                "title": "Frankenstein",
                "author": "Mary Shelley",
                "category": "science-fiction",
                "price": { "amount": 1250, "currency": "EUR" }
            }"#,
        ))
        .unwrap();
        assert_eq!(book.title.as_str(), "Frankenstein");
        assert_eq!(book.description, None);
    }

    #[test]
    fn a_client_does_not_choose_the_id() {
        let problem = read(&request(r#"{"id": "1", "title": "Frankenstein"}"#)).unwrap_err();
        assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}
