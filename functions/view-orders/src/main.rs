//! GET /orders and GET /orders/{id}: a customer's own orders.

use bookstore::{
    http::{self, Answer, Problem},
    storage::Table,
};
use lambda_http::{Error, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    http::run(|request| view_orders(&table, request)).await
}

async fn view_orders(table: &Table, request: Request) -> Answer {
    let customer = http::customer(&request)?;
    match http::route(&request) {
        "GET /orders" => {
            let size = http::query(&request, "limit")?.unwrap_or_default();
            let from = http::query(&request, "cursor")?;
            http::ok(&table.orders_of(&customer, size, from).await?)
        }
        "GET /orders/{id}" => {
            let id = http::path(&request, "id")?;
            http::ok(&table.order(id, &customer).await?.ok_or_else(Problem::not_found)?)
        }
        _ => Err(Problem::not_found()),
    }
}
