//! Copies that come and go.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::Test;
use crate::http::Call;
use crate::orders::{lines, placed};
use crate::shop::{Shop, at_once, unique};

pub const TESTS: &[(&str, Test)] = &[
    ("stock_is_changed_by_so_many_copies", changes),
    ("stock_stays_within_its_limits", limits),
    ("what_cancellations_brought_above_the_limit_can_be_taken_away", above),
    ("a_retry_changes_nothing_more", retry),
    ("ten_retries_at_once_change_it_once", retries_at_once),
    ("a_key_stands_for_one_request", same_key_other_request),
    ("changes_at_once_all_count", changes_at_once),
];

fn change<'a>(shop: &'a Shop, book: &str, key: &str, change: i64) -> Call<'a> {
    shop.post(&format!("/books/{book}/stock")).by(shop.admin()).key(key).json(&json!({ "change": change }))
}

fn changes(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    for (by, stock) in [(10_000, 10_000), (-1, 9_999), (-9_999, 0), (7, 7)] {
        let answer = change(shop, &book, &unique("key"), by).expect(200)?;
        ensure!(answer.body == json!({ "stock": stock }), "{by}: {answer}");
        ensure!(shop.stock(&book)? == stock, "{by} was answered and not stored");
    }
    Ok(())
}

fn limits(shop: &Shop) -> Result<()> {
    let few = shop.stocked(3)?;
    change(shop, &few, &unique("key"), -4).expect(409)?;
    ensure!(shop.stock(&few)? == 3, "a refused change was made");
    let many = shop.stocked(999_999)?;
    change(shop, &many, &unique("key"), 2).expect(409)?;
    change(shop, &many, &unique("key"), 1).expect(200)?;
    ensure!(shop.stock(&many)? == 1_000_000, "a million copies are allowed");
    Ok(())
}

fn above(shop: &Shop) -> Result<()> {
    let book = shop.stocked(1_000_000)?;
    let customer = shop.customer()?;
    let order = placed(shop, &customer, &lines(&[(&book, 50)]))?.id()?;
    change(shop, &book, &unique("key"), 50).expect(200)?;
    shop.post(&format!("/orders/{order}/cancel")).by(&customer).expect(200)?;
    ensure!(shop.stock(&book)? == 1_000_050, "the copies have come back to {}", shop.stock(&book)?);
    change(shop, &book, &unique("key"), 1).expect(409)?;
    change(shop, &book, &unique("key"), -60).expect(200)?;
    ensure!(shop.stock(&book)? == 999_990, "60 were to be taken away: {}", shop.stock(&book)?);
    Ok(())
}

fn retry(shop: &Shop) -> Result<()> {
    let (book, key) = (shop.stocked(5)?, unique("key"));
    let first = change(shop, &book, &key, 3).expect(200)?;
    change(shop, &book, &unique("key"), 10).expect(200)?;
    let second = change(shop, &book, &key, 3).expect(200)?;
    ensure!((&first.body["stock"], &second.body["stock"]) == (&json!(8), &json!(18)), "{first}, {second}");
    ensure!(shop.stock(&book)? == 18, "a retry changed the stock");
    // A refused request leaves its key free.
    let key = unique("key");
    change(shop, &book, &key, -19).expect(409)?;
    change(shop, &book, &unique("key"), 1).expect(200)?;
    change(shop, &book, &key, -19).expect(200)?;
    Ok(())
}

fn retries_at_once(shop: &Shop) -> Result<()> {
    let (book, key) = (shop.stocked(5)?, unique("key"));
    let answers = at_once(10, |_| change(shop, &book, &key, 3).patiently())?;
    ensure!(answers.iter().all(|answer| answer.status == 200 && answer.body["stock"] == 8), "{answers:?}");
    ensure!(shop.stock(&book)? == 8, "the stock changed more than once");
    Ok(())
}

fn same_key_other_request(shop: &Shop) -> Result<()> {
    let (book, other, key) = (shop.stocked(5)?, shop.stocked(5)?, unique("key"));
    change(shop, &book, &key, 1).expect(200)?;
    change(shop, &book, &key, 2).expect(422)?;
    change(shop, &other, &key, 1).expect(422)?;
    ensure!((shop.stock(&book)?, shop.stock(&other)?) == (6, 5), "a refused change was made");
    Ok(())
}

fn changes_at_once(shop: &Shop) -> Result<()> {
    let book = shop.stocked(10)?;
    let by = |n| if n % 2 == 0 { 3 } else { -1 };
    let answers = at_once(20, |n| change(shop, &book, &unique("key"), by(n)).patiently())?;
    ensure!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    ensure!(shop.stock(&book)? == 30, "of 10 ×3 and 10 ×-1, some were lost");
    Ok(())
}
