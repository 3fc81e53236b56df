//! GET /books: the catalogue, newest first, page by page.

use bookstore::{
    http::{self, Answer},
    storage::Books,
};
use lambda_http::{Error, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let books = Books::from_env().await?;
    http::run(|request| list_books(&books, request)).await
}

async fn list_books(books: &Books, request: Request) -> Answer {
    let size = http::query(&request, "limit")?.unwrap_or_default();
    let from = http::query(&request, "cursor")?;
    http::ok(&books.newest(size, from).await?)
}
