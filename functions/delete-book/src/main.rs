//! DELETE /books/{id}: takes a book from the catalogue, with its reviews and its cover.

use bookstore::{
    covers::{self, CoverBucket},
    http::{self, Answer, IfMatch},
    storage::Table,
};
use lambda_http::{Error, Request, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    let covers = CoverBucket::from_env(covers::client().await)?;
    http::run(|request| delete_book(&table, &covers, request)).await
}

/// Answers the same however often it is asked, and finishes what an earlier attempt has begun.
async fn delete_book(table: &Table, covers: &CoverBucket, request: Request) -> Answer {
    http::administrator(&request)?;
    let id = http::path(&request, "id")?;
    let expected = IfMatch::read(&request).unwrap_or(IfMatch::Any);
    while let Some(book) = table.book(id).await? {
        expected.check(book.version)?;
        if table.remove_book(&book).await? {
            tracing::info!(bookId = %id, "book removed");
            break;
        }
        // Somebody has changed it meanwhile: look again, whether it is still the one that is meant.
    }
    loop {
        let leftovers = table.leftovers(id).await?;
        if leftovers.is_empty() {
            return http::no_content();
        }
        for cover in &leftovers.covers {
            covers.delete(cover).await?;
        }
        table.remove_leftovers(leftovers).await?;
    }
}
