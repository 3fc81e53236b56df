//! POST /books/{id}/stock: copies that came in, or that were lost.
//!
//! A difference and not the new number: orders change the stock meanwhile, and none of them may be undone.

use bookstore::{
    domain::{Fingerprint, Stock, StockChange},
    http::{self, Answer, Form, Problem},
    storage::{Replay, Request as Work, StockRefusal, Table},
};
use lambda_http::{Error, Request, tracing};
use serde::Serialize;

#[derive(Serialize)]
struct StockLevel {
    stock: Stock,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    http::run(|request| change_stock(&table, request)).await
}

async fn change_stock(table: &Table, request: Request) -> Answer {
    let from = http::administrator(&request)?;
    let id = http::path(&request, "id")?;
    let key = http::required_key(&request)?;
    let mut form = Form::read(&request)?;
    let change = form.required("change");
    let change: StockChange = form.finish(change)?;
    let fingerprint = Fingerprint::of("change-stock", &(id, change)).map_err(Problem::internal)?;
    match table.change_stock(id, change, &Work { from, key, fingerprint }).await? {
        Ok(()) => tracing::info!(bookId = %id, change = change.get(), "stock changed"),
        Err(StockRefusal::Replay(Replay::Same(_))) => {}
        Err(StockRefusal::Replay(Replay::Other)) => return Err(Problem::other_request()),
        Err(StockRefusal::NoSuchBook) => return Err(Problem::not_found()),
        Err(StockRefusal::OutOfRange) => {
            return Err(Problem::conflict(format!("The stock would not stay from 0 to {}.", Stock::MAX)));
        }
    }
    let book = table.book(id).await?.ok_or_else(Problem::not_found)?;
    http::ok(&StockLevel { stock: book.stock })
}
