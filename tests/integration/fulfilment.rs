//! What becomes of an order: seen, cancelled, processed, by its customer and by administrators.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::http::{Answer, moment, text};
use crate::orders::{lines, placed};
use crate::shop::{Shop, at_once, each, unknown_id};

pub const TESTS: &[(&str, Test)] = &[
    ("a_customer_lists_own_orders_newest_first", own),
    ("somebody_elses_order_is_not_there", somebody_elses),
    ("a_cancelled_order_gives_its_copies_back_once", cancelled),
    ("ten_cancellations_at_once_give_the_copies_back_once", cancelled_at_once),
    ("a_processed_order_stays_processed", processed),
    ("an_administrator_cancels", cancelled_by_admin),
    ("either_processed_or_cancelled_and_never_both", race),
    ("administrators_list_orders_by_status", by_status),
];

fn own(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    ensure!(shop.get("/orders").by(&customer).expect(200)?.body == json!({ "items": [] }), "no orders yet");
    let book = shop.stocked(100)?;
    let mut expected = Vec::new();
    for quantity in 1..=5 {
        let order = placed(shop, &customer, &lines(&[(&book, quantity)]))?.body;
        expected.insert(0, summary(&order, quantity));
    }
    let last = shop.post(&format!("/orders/{}/cancel", text(&expected[4], "id")?)).by(&customer).expect(200)?;
    expected[4] = summary(&last.body, 1);
    for limit in [1, 2, 5, 100] {
        let listed = shop.walk(Some(&customer), &format!("/orders?limit={limit}"))?;
        ensure!(listed == expected, "{limit} a page: {listed:?}, not {expected:?}");
    }
    Ok(())
}

fn summary(order: &Value, copies: u64) -> Value {
    let mut summary = order.clone();
    summary.as_object_mut().map(|fields| fields.remove("lines"));
    summary["copies"] = copies.into();
    summary
}

fn somebody_elses(shop: &Shop) -> Result<()> {
    let (customer, other) = (shop.customer()?, shop.customer()?);
    let book = shop.stocked(5)?;
    let order = placed(shop, &customer, &lines(&[(&book, 2)]))?;
    let path = format!("/orders/{}", order.id()?);
    // An administrator is a customer like others here; what is everybody's is below /admin.
    for stranger in [&other, shop.admin()] {
        shop.get(&path).by(stranger).expect(404)?;
        shop.post(&format!("{path}/cancel")).by(stranger).expect(404)?;
        let listed = shop.walk(Some(stranger), "/orders?limit=100")?;
        ensure!(listed.iter().all(|one| one["id"] != order.body["id"]), "listed for a stranger");
    }
    let seen = shop.get(&path).by(&customer).expect(200)?;
    ensure!(seen.body == order.body && shop.stock(&book)? == 3, "a stranger changed it: {seen}");
    // It answers as an order that never was, word for word.
    let (theirs, never) = (shop.get(&path).by(&other).send()?, shop.get(&format!("/orders/{}", unknown_id())));
    let never = never.by(&other).send()?;
    ensure!(theirs.body["detail"] == never.body["detail"], "{theirs} tells more than {never}");
    Ok(())
}

fn cancelled(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let (one, other) = (shop.stocked(5)?, shop.stocked(5)?);
    let order = placed(shop, &customer, &lines(&[(&one, 2), (&other, 5)]))?;
    let path = format!("/orders/{}", order.id()?);
    for _ in 0..2 {
        let cancelled = shop.post(&format!("{path}/cancel")).by(&customer).expect(200)?;
        ensure!(
            cancelled.body["status"] == "cancelled" && cancelled.body["lines"] == order.body["lines"],
            "{cancelled}"
        );
        ensure!(moment(&cancelled.body, "updatedAt")? > moment(&order.body, "updatedAt")?, "{cancelled}");
        ensure!((shop.stock(&one)?, shop.stock(&other)?) == (5, 5), "the copies did not come back once");
    }
    admin(shop, &order, "process", 409)?;
    ensure!(shop.get(&path).by(&customer).expect(200)?.body["status"] == "cancelled", "processed after all");
    Ok(())
}

fn cancelled_at_once(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let book = shop.stocked(5)?;
    let order = placed(shop, &customer, &lines(&[(&book, 3)]))?;
    let path = format!("/orders/{}/cancel", order.id()?);
    let answers = at_once(10, |n| match n % 2 {
        0 => shop.post(&path).by(&customer).patiently(),
        _ => shop.post(&format!("/admin{path}")).by(shop.admin()).patiently(),
    })?;
    ensure!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    ensure!(shop.stock(&book)? == 5, "{} copies came back to 2", shop.stock(&book)?);
    Ok(())
}

fn admin(shop: &Shop, order: &Answer, what: &str, status: u16) -> Result<Answer> {
    shop.post(&format!("/admin/orders/{}/{what}", order.id()?)).by(shop.admin()).expect(status)
}

fn processed(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let book = shop.stocked(5)?;
    let order = placed(shop, &customer, &lines(&[(&book, 2)]))?;
    for _ in 0..2 {
        ensure!(admin(shop, &order, "process", 200)?.body["status"] == "processed", "not processed");
    }
    shop.post(&format!("/orders/{}/cancel", order.id()?)).by(&customer).expect(409)?;
    admin(shop, &order, "cancel", 409)?;
    let read = shop.get(&format!("/orders/{}", order.id()?)).by(&customer).expect(200)?;
    ensure!(read.body["status"] == "processed" && shop.stock(&book)? == 3, "{read}");
    Ok(())
}

fn cancelled_by_admin(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let book = shop.stocked(5)?;
    let order = placed(shop, &customer, &lines(&[(&book, 2)]))?;
    for _ in 0..2 {
        let cancelled = admin(shop, &order, "cancel", 200)?;
        let seen = shop.get(&format!("/orders/{}", order.id()?)).by(&customer).expect(200)?;
        ensure!(cancelled.body["status"] == "cancelled" && seen.body == cancelled.body, "{seen}");
        ensure!(shop.stock(&book)? == 5, "the copies did not come back once");
    }
    Ok(())
}

fn race(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let book = shop.stocked(20)?;
    let mut kept = 0;
    for _ in 0..5 {
        let order = placed(shop, &customer, &lines(&[(&book, 2)]))?;
        let path = format!("/orders/{}", order.id()?);
        let answers = at_once(6, |n| match n % 2 {
            0 => shop.post(&format!("{path}/cancel")).by(&customer).patiently(),
            _ => shop.post(&format!("/admin{path}/process")).by(shop.admin()).patiently(),
        })?;
        let status = shop.get(&path).by(&customer).expect(200)?.body["status"].clone();
        let won = usize::from(status == "processed");
        kept += 2 * won as u64;
        for (n, answer) in answers.iter().enumerate() {
            ensure!(answer.status == if n % 2 == won { 200 } else { 409 }, "it is {status}, and {n} got {answer}");
        }
    }
    ensure!(shop.stock(&book)? == 20 - kept, "{} copies, and {kept} are sold", shop.stock(&book)?);
    Ok(())
}

/// The orders of a list for administrators, as far as they can be this one or later ones. All that were placed, which
/// come oldest first; of the others, which become ever more, the newest.
pub fn listed_since(shop: &Shop, order: &str, query: &str) -> Result<Vec<Value>> {
    let newest_first = query.contains("processed") || query.contains("cancelled");
    let since = |one: &Value| !newest_first || one["id"].as_str().is_none_or(|id| id >= order);
    shop.walk_while(Some(shop.admin()), &format!("/admin/orders?limit=100{query}"), since)
}

fn by_status(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let book = shop.stocked(100)?;
    let orders = (0..9).map(|_| placed(shop, &customer, &lines(&[(&book, 1)]))).collect::<Result<Vec<_>>>()?;
    let ids = orders.iter().map(Answer::id).collect::<Result<Vec<_>>>()?;
    each(&orders[3..6], |order| admin(shop, order, "process", 200))?;
    each(&orders[6..], |order| admin(shop, order, "cancel", 200))?;
    // Others order meanwhile: look for these only.
    let listed = |query: &str| -> Result<Vec<usize>> {
        let items = listed_since(shop, &ids[0], query)?;
        Ok(items.iter().filter_map(|item| ids.iter().position(|id| item["id"] == id.as_str())).collect())
    };
    for (query, expected) in [
        ("", vec![0, 1, 2]),
        ("&status=placed", vec![0, 1, 2]),
        ("&status=processed", vec![5, 4, 3]),
        ("&status=cancelled", vec![8, 7, 6]),
    ] {
        ensure!(listed(query)? == expected, "{query}: {:?} of {ids:?}", listed(query)?);
    }
    for order in &orders {
        let seen = shop.get(&format!("/admin/orders/{}", order.id()?)).by(shop.admin()).expect(200)?;
        ensure!(seen.body["lines"] == order.body["lines"] && seen.body["total"] == order.body["total"], "{seen}");
        ensure!(seen.body["customer"].is_string() && order.body["customer"].is_null(), "whose it is: {seen}, {order}");
    }
    let page = shop.get("/admin/orders?limit=1").by(shop.admin()).expect(200)?;
    let next = page.body["next"].as_str().context("three orders at least, and no next page")?;
    shop.get(&format!("/orders?cursor={next}")).by(&customer).expect(400)?;
    for path in [format!("/admin/orders/{}", unknown_id()), "/admin/orders/1".into()] {
        shop.get(&path).by(shop.admin()).expect(404)?;
        for what in ["process", "cancel"] {
            shop.post(&format!("{path}/{what}")).by(shop.admin()).expect(404)?;
        }
    }
    Ok(())
}
