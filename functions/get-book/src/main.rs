//! GET /books/{id} and GET /books/{id}/reviews: one book, and what customers say of it.

use bookstore::{
    domain::{Book, BookId, CoversUrl, PageSize, Review},
    environment,
    http::{self, Answer, Problem, Validator},
    storage::Table,
};
use lambda_http::{Error, Request};
use serde::Serialize;

/// How many reviews come with a book.
const FIRST_REVIEWS: PageSize = PageSize::new(5).expect("a page has 1 to 100 entries");

#[derive(Serialize)]
struct BookPage {
    #[serde(flatten)]
    book: Book,
    reviews: Vec<Review>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    let covers = environment::covers_url()?;
    http::run(|request| answer(&table, &covers, request)).await
}

async fn answer(table: &Table, covers: &CoversUrl, request: Request) -> Answer {
    let id = http::path(&request, "id")?;
    match http::route(&request) {
        "GET /books/{id}" => get_book(table, covers, id, &request).await,
        "GET /books/{id}/reviews" => list_reviews(table, id, &request).await,
        _ => Err(Problem::not_found()),
    }
}

async fn get_book(table: &Table, covers: &CoversUrl, id: BookId, request: &Request) -> Answer {
    let book = table.book(id).await?.ok_or_else(Problem::not_found)?.public(covers);
    let validator = Validator::book(book.version);
    if let Some(answer) = validator.not_modified(request) {
        return answer;
    }
    // After the book, and not beside it: so the reviews are never older than the ETag says.
    let reviews = table.reviews(id, FIRST_REVIEWS, None).await?.items;
    validator.ok(request, &BookPage { book, reviews })
}

async fn list_reviews(table: &Table, id: BookId, request: &Request) -> Answer {
    let size = http::query(request, "limit")?.unwrap_or_default();
    let from = http::query(request, "cursor")?;
    // A book that is being removed may leave reviews for a while.
    table.book(id).await?.ok_or_else(Problem::not_found)?;
    let page = table.reviews(id, size, from).await?;
    Validator::fresh_list(&page)?.ok(request, &page)
}
