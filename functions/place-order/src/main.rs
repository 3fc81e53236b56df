//! POST /orders: places an order.

use bookstore::{
    domain::{Cart, Fingerprint, LineRefusal, Refusal},
    http::{self, Answer, Form, InputError, Problem},
    metrics::{Metric, Metrics},
    storage::{NotPlaced, Request as Work, Table},
};
use lambda_http::{Error, Request, http::StatusCode, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    let metrics = Metrics::from_env()?;
    http::run(|request| place_order(&table, &metrics, request)).await
}

async fn place_order(table: &Table, metrics: &Metrics, request: Request) -> Answer {
    let customer = http::customer(&request)?;
    let key = http::required_key(&request)?;
    let cart = cart(&request)?;
    let fingerprint = Fingerprint::of("place-order", &cart).map_err(Problem::internal)?;
    let work = Work { from: customer.clone(), key, fingerprint };
    match table.place_order(&customer, &cart, &work).await? {
        Ok((order, is_new)) => {
            if is_new {
                tracing::info!(orderId = %order.id, copies = order.summary().copies, "order placed");
                metrics.record(Metric::OrdersPlaced);
            }
            http::created(format!("/orders/{}", order.id), None, &order)
        }
        Err(NotPlaced::Refused(refusal)) => {
            if refusal.is_for_stock() {
                metrics.record(Metric::OutOfStock);
            }
            Err(explain(refusal))
        }
        Err(NotPlaced::OtherRequest) => Err(Problem::other_request()),
    }
}

fn cart(request: &Request) -> Result<Cart, Problem> {
    let mut form = Form::read(request)?;
    let lines = form.required("lines");
    let expected_total = form.optional("expectedTotal");
    form.finish((|| Some(Cart { lines: lines?, expected_total: expected_total? }))())
}

fn explain(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Lines(lines) => {
            let error = |(index, refusal): (usize, LineRefusal)| {
                let field = match refusal {
                    LineRefusal::Gone => "bookId",
                    LineRefusal::OutOfStock { .. } => "quantity",
                };
                InputError::at(format!("/lines/{index}/{field}"), refusal.to_string())
            };
            let detail = "Not all of these books can be had. Nothing was ordered.";
            Problem::conflict(detail).with_errors(lines.into_iter().map(error).collect())
        }
        Refusal::Currencies => {
            let detail = "The books have prices in different currencies. Place an order for each currency.";
            let errors = vec![InputError::at("/lines".into(), "must be books of one currency".into())];
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).with_errors(errors)
        }
        Refusal::Total(total) => {
            let detail = "The prices have changed meanwhile. Nothing was ordered.";
            let now = format!("the total is {} cents ({}) now", total.amount, total.currency.code());
            Problem::conflict(detail).with_errors(vec![InputError::at("/expectedTotal".into(), now)])
        }
    }
}
