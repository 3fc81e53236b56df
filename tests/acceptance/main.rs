//! The journeys that the shop is for, by its API, as its users take them. It removes what it makes.
//!
//! `BOOKSTORE_STACK=bookstore-staging cargo test -p bookstore-tests --test acceptance`

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};
use bookstore_tests::http::text;
use bookstore_tests::journeys::Journey;
use bookstore_tests::shop::{Shop, eventually, unique};
use bookstore_tests::suite::{self, trial};
use bookstore_tests::{images, journeys};
use image::ImageFormat;
use libtest_mimic::Arguments;
use serde_json::json;

fn main() -> ExitCode {
    let mut trials = journeys::visitor();
    let own: [(&str, Journey); 4] = [
        ("customer::reviews_a_book", review),
        ("customer::orders_and_cancels", order),
        ("administrator::adds_a_book_with_a_cover", cover),
        ("administrator::stocks_a_book_and_processes_its_order", fulfil),
    ];
    trials.extend(own.into_iter().map(|(name, journey)| trial(name.into(), journey)));
    suite::run("acceptance", Arguments::from_args(), [trials, vec![]])
}

fn review(shop: &Shop) -> Result<()> {
    let (customer, book) = (shop.customer()?, shop.stocked(0)?);
    let path = format!("/books/{book}/review");
    let review = json!({ "rating": 4, "name": "A reader", "text": "Could not put it down." });
    shop.put(&path).by(&customer).json(&review).expect(201)?;
    let listed = shop.get(&format!("/books/{book}/reviews")).expect(200)?;
    ensure!(listed.items()?.len() == 1 && listed.items()?[0]["rating"] == 4, "{listed}");
    shop.delete(&path).by(&customer).expect(204)?;
    Ok(())
}

fn order(shop: &Shop) -> Result<()> {
    let (customer, book, key) = (shop.customer()?, shop.stocked(5)?, unique("key"));
    let order = json!({ "lines": [{ "bookId": book, "quantity": 2 }] });
    let place = || shop.post("/orders").by(&customer).key(&key).json(&order).expect(201);
    let placed = place()?;
    ensure!(place()?.id()? == placed.id()?, "a retry placed another order");
    ensure!(shop.stock(&book)? == 3, "two copies of five are ordered, and {} are left", shop.stock(&book)?);
    ensure!(shop.walk(Some(&customer), "/orders?limit=100")?.len() == 1, "the order is not listed once");
    let cancelled = shop.post(&format!("/orders/{}/cancel", placed.id()?)).by(&customer).expect(200)?;
    ensure!(cancelled.body["status"] == "cancelled", "{cancelled}");
    ensure!(shop.stock(&book)? == 5, "the copies of a cancelled order did not return");
    Ok(())
}

fn cover(shop: &Shop) -> Result<()> {
    let (admin, book, file) = (shop.admin(), shop.stocked(1)?, images::picture(400, 600, ImageFormat::Png)?);
    let wanted = json!({ "contentType": "image/png", "size": file.len() });
    let upload = shop.post(&format!("/books/{book}/cover-uploads")).by(admin).json(&wanted).expect(201)?;
    let url = text(&upload.body["upload"], "url")?;
    let put = shop.agent().put(&url).header("content-type", "image/png").send(&file[..])?;
    ensure!(put.status() == 200, "S3 answered the upload with {}", put.status());
    let path = format!("/books/{book}/cover-uploads/{}", upload.id()?);
    eventually(Duration::from_secs(60), "the cover is not done", || {
        let upload = shop.get(&path).by(admin).expect(200)?;
        ensure!(upload.body["status"] != "failed", "{upload}");
        Ok((upload.body["status"] == "done").then_some(()))
    })?;
    for size in ["small", "large"] {
        let url = text(&shop.book(&book)?.body["cover"], size)?;
        let shown = shop.agent().get(&url).call()?;
        ensure!(shown.status() == 200, "{url} was answered with {}", shown.status());
    }
    Ok(())
}

fn fulfil(shop: &Shop) -> Result<()> {
    let (admin, customer, book) = (shop.admin(), shop.customer()?, shop.stocked(0)?);
    let stock = shop.post(&format!("/books/{book}/stock")).by(admin).key(&unique("key"));
    stock.json(&json!({ "change": 3 })).expect(200)?;
    let order = json!({ "lines": [{ "bookId": book, "quantity": 3 }] });
    let order = shop.post("/orders").by(&customer).key(&unique("key")).json(&order).expect(201)?.id()?;
    let processed = shop.post(&format!("/admin/orders/{order}/process")).by(admin).expect(200)?;
    ensure!(processed.body["status"] == "processed", "{processed}");
    shop.post(&format!("/orders/{order}/cancel")).by(&customer).expect(409)?;
    Ok(())
}
