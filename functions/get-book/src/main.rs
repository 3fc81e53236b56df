//! GET /books/{id}: one book.

use bookstore::{
    http::{self, Answer, Problem},
    storage::Books,
};
use lambda_http::{Error, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let books = Books::from_env().await?;
    http::run(|request| get_book(&books, request)).await
}

async fn get_book(books: &Books, request: Request) -> Answer {
    let id = http::path(&request, "id")?;
    let book = books.get(id).await?.ok_or_else(Problem::not_found)?;
    http::ok(&book)
}
