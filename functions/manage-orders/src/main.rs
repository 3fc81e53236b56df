//! /admin/orders: what those who run the shop see of orders, and do with them.

use bookstore::{
    domain::OrderStatus,
    http::{self, Answer, Problem},
    storage::{Ending, Table},
};
use lambda_http::{Error, Request, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    http::run(|request| manage_orders(&table, request)).await
}

async fn manage_orders(table: &Table, request: Request) -> Answer {
    http::administrator(&request)?;
    match http::route(&request) {
        "GET /admin/orders" => {
            let size = http::query(&request, "limit")?.unwrap_or_default();
            let from = http::query(&request, "cursor")?;
            let status = http::query(&request, "status")?.unwrap_or(OrderStatus::Placed);
            http::ok(&table.orders_in(status, size, from).await?)
        }
        "GET /admin/orders/{id}" => {
            let id = http::path(&request, "id")?;
            http::ok(&table.customers_order(id).await?.ok_or_else(Problem::not_found)?)
        }
        "POST /admin/orders/{id}/process" => end(table, &request, OrderStatus::Processed).await,
        "POST /admin/orders/{id}/cancel" => end(table, &request, OrderStatus::Cancelled).await,
        _ => Err(Problem::not_found()),
    }
}

async fn end(table: &Table, request: &Request, status: OrderStatus) -> Answer {
    let id = http::path(request, "id")?;
    let order = table.end_order(id, Ending { status, of: None }).await?.ok_or_else(Problem::not_found)??;
    tracing::info!(orderId = %id, status = status.as_str(), "order ended by an administrator");
    http::ok(&order)
}
