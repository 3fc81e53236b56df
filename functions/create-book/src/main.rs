//! POST /books: adds a book to the catalogue.

use bookstore::{
    domain::{CoversUrl, Fingerprint},
    environment,
    http::{self, Answer, Problem, Validator, book_form},
    storage::{Replay, Request as Work, Table},
};
use lambda_http::{Error, Request, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    let covers = environment::covers_url()?;
    http::run(|request| create_book(&table, &covers, request)).await
}

async fn create_book(table: &Table, covers: &CoversUrl, request: Request) -> Answer {
    let administrator = http::administrator(&request)?;
    let key = http::key(&request)?;
    let mut book = book_form::new_book(&request)?;
    let work = match key {
        Some(key) => Some(Work { from: administrator, key, fingerprint: fingerprint(&book)? }),
        None => None,
    };
    match table.create_book(&book, work.as_ref()).await? {
        None => tracing::info!(bookId = %book.summary.id, "book added"),
        Some(Replay::Other) => return Err(Problem::other_request()),
        Some(Replay::Same(id)) => {
            let id = id.parse().map_err(Problem::internal)?;
            let removed = || Problem::conflict("The book that this request added was removed meanwhile.");
            book = table.book(id).await?.ok_or_else(removed)?;
        }
    }
    let validator = Validator::book(book.version);
    let book = book.public(covers);
    http::created(format!("/books/{}", book.summary.id), Some(&validator), &book)
}

/// Of what the client says of the book, and not of its id.
fn fingerprint(book: &bookstore::domain::Book) -> Result<Fingerprint, Problem> {
    let details = book.details();
    let said = (&details.title, &details.author, &details.category, &details.price, &details.description, book.stock);
    Fingerprint::of("create-book", &said).map_err(Problem::internal)
}
