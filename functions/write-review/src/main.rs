//! GET, PUT and DELETE /books/{id}/review: the one review that a customer has of a book.

use bookstore::{
    domain::{BookId, CustomerId, Opinion},
    http::{self, Answer, Form, Problem},
    storage::{Table, Written},
};
use lambda_http::{Error, Request, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    http::run(|request| answer(&table, request)).await
}

async fn answer(table: &Table, request: Request) -> Answer {
    let customer = http::customer(&request)?;
    let book = http::path(&request, "id")?;
    match http::route(&request) {
        "GET /books/{id}/review" => http::ok(&table.review_of(book, &customer).await?.ok_or_else(Problem::not_found)?),
        "PUT /books/{id}/review" => write(table, book, &customer, opinion(&request)?).await,
        "DELETE /books/{id}/review" => {
            table.withdraw_review(book, &customer).await?;
            http::no_content()
        }
        _ => Err(Problem::not_found()),
    }
}

async fn write(table: &Table, book: BookId, customer: &CustomerId, opinion: Opinion) -> Answer {
    match table.write_review(book, customer, &opinion).await?.ok_or_else(Problem::not_found)? {
        Written::New(review) => {
            tracing::info!(bookId = %book, reviewId = %review.id, "review written");
            http::created(format!("/books/{book}/review"), None, &review)
        }
        Written::Changed(review) => http::ok(&review),
    }
}

fn opinion(request: &Request) -> Result<Opinion, Problem> {
    let mut form = Form::read(request)?;
    let rating = form.required("rating");
    let name = form.required("name");
    let text = form.required("text");
    form.finish((|| Some(Opinion { rating: rating?, name: name?, text: text? }))())
}
