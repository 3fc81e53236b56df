//! PUT and PATCH /books/{id}: changes what the catalogue says of a book.

use bookstore::{
    domain::CoversUrl,
    environment,
    http::{self, Answer, IfMatch, Problem, Validator, book_form},
    storage::Table,
};
use lambda_http::{Error, Request, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    let covers = environment::covers_url()?;
    http::run(|request| update_book(&table, &covers, request)).await
}

async fn update_book(table: &Table, covers: &CoversUrl, request: Request) -> Answer {
    http::administrator(&request)?;
    let id = http::path(&request, "id")?;
    let expected = IfMatch::required(&request)?;
    let changed = loop {
        let book = table.book(id).await?.ok_or_else(Problem::not_found)?;
        expected.check(book.version)?;
        let details = match http::route(&request) {
            "PUT /books/{id}" => book_form::all_details(&request)?,
            "PATCH /books/{id}" => book_form::some_details(&request, book.details())?,
            _ => return Err(Problem::not_found()),
        };
        if details == book.details() {
            break book;
        }
        let changed = book.clone().with_details(details);
        if table.change_book(&book, &changed).await? {
            tracing::info!(bookId = %id, edition = changed.version.edition, "book changed");
            break changed;
        }
        // Somebody was faster: look again, whether it is still the one that is meant.
    };
    let validator = Validator::book(changed.version);
    http::changed(&validator, &changed.public(covers))
}
