//! POST /orders/{id}/cancel: a customer calls an order off.

use bookstore::{
    domain::OrderStatus,
    http::{self, Answer, Problem},
    storage::{Ending, Table},
};
use lambda_http::{Error, Request, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    http::run(|request| cancel_order(&table, request)).await
}

async fn cancel_order(table: &Table, request: Request) -> Answer {
    let customer = http::customer(&request)?;
    let id = http::path(&request, "id")?;
    let ending = Ending { status: OrderStatus::Cancelled, of: Some(&customer) };
    let order = table.end_order(id, ending).await?.ok_or_else(Problem::not_found)??;
    tracing::info!(orderId = %id, "order cancelled by its customer");
    http::ok(&order)
}
