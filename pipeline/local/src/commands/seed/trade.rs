//! Reviews and orders, as customers write and place them.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use super::books::Stocked;
use super::customers::{Customer, Ending, NewOrder};
use super::shop::{Person, Request, Shop};

/// How many copies come when too few are left: enough for all customers who ask at the same time.
const DELIVERY: u32 = 100;

/// Writes the reviews that a customer has not written yet.
pub async fn review(shop: &Shop, customer: &Customer, person: &Person, books: &[Stocked]) -> Result<()> {
    for review in &customer.reviews {
        let path = format!("/books/{}/review", books[review.book].id);
        // Whoever changed a review while trying the shop keeps it.
        let own = shop.ask(Request::get(&path).by(person)).await?;
        if own.status == 404 {
            let body = json!({ "rating": review.rating, "name": customer.pen_name, "text": review.text });
            shop.ask(Request::put(&path).by(person).with(body)).await?.expect(&[200, 201])?;
        } else {
            own.expect(&[200])?;
        }
    }
    Ok(())
}

/// Places the orders that a customer has not placed yet, and brings all of them to their ends.
pub async fn order(shop: &Shop, customer: &Customer, person: &Person, admin: &Person, books: &[Stocked]) -> Result<()> {
    // Orders are placed one after the other, so their number tells which ones are there.
    let mut placed = own_orders(shop, person).await?;
    for (index, order) in customer.orders.iter().enumerate().skip(placed.len()) {
        placed.push(place(shop, person, admin, order, index, books).await?);
    }
    for (order, placed) in customer.orders.iter().zip(&placed) {
        // Not those that somebody has dealt with already.
        if placed["status"] == "placed" {
            end(shop, person, admin, order.ending, placed).await?;
        }
    }
    Ok(())
}

/// A customer's orders, oldest first.
async fn own_orders(shop: &Shop, person: &Person) -> Result<Vec<Value>> {
    let mut orders = Vec::new();
    let mut path = "/orders".to_owned();
    loop {
        let mut page = shop.ask(Request::get(&path).by(person)).await?.expect(&[200])?;
        orders.append(page["items"].as_array_mut().context("a page of orders has no items")?);
        let Some(next) = page["next"].as_str() else { break };
        let cursor = serde_urlencoded::to_string([("cursor", next)]).context("a cursor cannot be sent")?;
        path = format!("/orders?{cursor}");
    }
    orders.reverse();
    Ok(orders)
}

async fn place(
    shop: &Shop,
    person: &Person,
    admin: &Person,
    order: &NewOrder,
    index: usize,
    books: &[Stocked],
) -> Result<Value> {
    let lines: Vec<Value> =
        order.lines.iter().map(|(book, quantity)| json!({ "bookId": books[*book].id, "quantity": quantity })).collect();
    let body = json!({ "lines": lines });
    // The book is part of the key, because a shop that was emptied meanwhile has others under other ids.
    let first = order.lines.first().map_or("", |(book, _)| &books[*book].id);
    let key = format!("seed-{index}-{first}");
    let request = || Request::post("/orders").by(person).once(&key).with(body.clone());
    let answer = shop.ask(request()).await?;
    if answer.status != 409 {
        return answer.expect(&[201]);
    }
    // The copies that the catalogue had are sold: the shop gets new ones.
    for (book, _) in &order.lines {
        let path = format!("/books/{}/stock", books[*book].id);
        let delivery_key = Uuid::new_v4().to_string();
        let delivery = Request::post(&path).by(admin).once(&delivery_key).with(json!({ "change": DELIVERY }));
        shop.ask(delivery).await?.expect(&[200])?;
    }
    shop.ask(request()).await?.expect(&[201])
}

async fn end(shop: &Shop, person: &Person, admin: &Person, ending: Ending, order: &Value) -> Result<()> {
    let id = order["id"].as_str().with_context(|| format!("an order has no id: {order}"))?;
    let (who, path) = match ending {
        Ending::Placed => return Ok(()),
        Ending::Processed => (admin, format!("/admin/orders/{id}/process")),
        Ending::CancelledByCustomer => (person, format!("/orders/{id}/cancel")),
        Ending::CancelledByShop => (admin, format!("/admin/orders/{id}/cancel")),
    };
    shop.ask(Request::post(&path).by(who)).await?.expect(&[200]).map(drop)
}
