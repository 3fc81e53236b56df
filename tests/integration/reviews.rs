//! What customers write of a book.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::http::{moment, text};
use crate::shop::{Shop, at_once, each, unknown_id};

pub const TESTS: &[(&str, Test)] = &[
    ("a_customer_reviews_a_book_once", once),
    ("a_review_may_be_changed_and_withdrawn", changed),
    ("reviews_come_newest_first_page_by_page", pages),
    ("the_average_is_exact_when_twenty_write_at_once", twenty_at_once),
    ("a_hasty_customer_counts_once", hasty),
    ("what_is_no_book_has_no_reviews", no_book),
];

fn review(rating: u64, text: &str) -> Value {
    json!({ "rating": rating, "name": "Shevek", "text": text })
}

fn rating(shop: &Shop, book: &str) -> Result<(u64, f64)> {
    let book = shop.book(book)?;
    let rating = &book.body["rating"];
    Ok((rating["count"].as_u64().unwrap_or_default(), rating["average"].as_f64().unwrap_or_default()))
}

/// Of these ratings, to two decimals at least.
fn is_exact((count, average): (u64, f64), ratings: &[u64]) -> bool {
    let exact = ratings.iter().sum::<u64>() as f64 / ratings.len().max(1) as f64;
    count == ratings.len() as u64 && (average - exact).abs() < 0.005 + 1e-9
}

fn once(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    let (customer, other) = (shop.customer()?, shop.customer()?);
    let path = format!("/books/{book}/review");
    shop.get(&path).by(&customer).expect(404)?;
    let written = shop.put(&path).by(&customer).json(&review(5, "Read it in one night.")).expect(201)?;
    ensure!(written.body["createdAt"] == written.body["updatedAt"], "{written}");
    ensure!(written.header("location") == Some(path.as_str()), "Location: {:?}", written.header("location"));
    let read = shop.get(&path).by(&customer).expect(200)?;
    ensure!(read.body == written.body, "{read}");
    shop.get(&path).by(&other).expect(404)?;
    let shown = shop.book(&book)?;
    ensure!(shown.body["reviews"] == json!([written.body]), "{shown}");
    ensure!(is_exact(rating(shop, &book)?, &[5]), "{shown}");
    Ok(())
}

fn changed(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    let (customer, other) = (shop.customer()?, shop.customer()?);
    let path = format!("/books/{book}/review");
    let first = shop.put(&path).by(&customer).json(&review(1, "No.")).expect(201)?;
    let others = shop.put(&path).by(&other).json(&review(4, "Yes.")).expect(201)?;
    let second = shop.put(&path).by(&customer).json(&review(2, "Well.")).expect(200)?;
    ensure!(second.id()? == first.id()? && second.body["createdAt"] == first.body["createdAt"], "{second}");
    ensure!(moment(&second.body, "updatedAt")? > moment(&first.body, "updatedAt")?, "{second}");
    ensure!(is_exact(rating(shop, &book)?, &[2, 4]), "{:?}", rating(shop, &book)?);
    // The same again changes nothing that counts.
    shop.put(&path).by(&customer).json(&review(2, "Well.")).expect(200)?;
    ensure!(is_exact(rating(shop, &book)?, &[2, 4]), "{:?}", rating(shop, &book)?);
    let listed = shop.walk(None, &format!("/books/{book}/reviews?limit=100"))?;
    ensure!(listed[0] == others.body && listed[1]["id"] == first.body["id"], "a changed review moved: {listed:?}");
    ensure!(listed[1]["text"] == "Well." && listed.len() == 2, "{listed:?}");

    for _ in 0..2 {
        shop.delete(&path).by(&customer).expect(204)?;
        shop.get(&path).by(&customer).expect(404)?;
        ensure!(is_exact(rating(shop, &book)?, &[4]), "{:?}", rating(shop, &book)?);
    }
    let again = shop.put(&path).by(&customer).json(&review(3, "On second thoughts.")).expect(201)?;
    ensure!(again.id()? != first.id()?, "a new review has the id of a withdrawn one");
    shop.delete(&path).by(&customer).expect(204)?;
    shop.delete(&path).by(&other).expect(204)?;
    let book = shop.book(&book)?;
    ensure!(book.body["rating"] == json!({ "count": 0 }) && book.body["reviews"] == json!([]), "{book}");
    Ok(())
}

fn pages(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    let mut written = Vec::new();
    for n in 0..7 {
        let customer = shop.customer()?;
        let path = format!("/books/{book}/review");
        written.push(shop.put(&path).by(&customer).json(&review(n % 5 + 1, "Fine.")).expect(201)?.body);
    }
    written.reverse();
    for limit in [1, 3, 7, 100] {
        let listed = shop.walk(None, &format!("/books/{book}/reviews?limit={limit}"))?;
        ensure!(listed == written, "{limit} a page: {listed:?}");
    }
    let shown = shop.book(&book)?;
    ensure!(shown.body["reviews"] == json!(written[..5]), "the book must show the newest five: {shown}");
    let next = text(&shop.get(&format!("/books/{book}/reviews?limit=1")).expect(200)?.body, "next")?;
    shop.get(&format!("/books?cursor={next}")).expect(400)?;
    Ok(())
}

fn twenty_at_once(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    let path = format!("/books/{book}/review");
    let customers = each(&[0; 20], |_| shop.customer())?;
    let write = |n: usize, rating: u64, status: u16| -> Result<()> {
        let answer = shop.put(&path).by(&customers[n]).json(&review(rating, "At once.")).patiently()?;
        ensure!(answer.status == status, "{answer}");
        Ok(())
    };
    let first = (0..20).map(|n| n % 5 + 1).collect::<Vec<u64>>();
    at_once(20, |n| write(n, first[n], 201))?;
    ensure!(is_exact(rating(shop, &book)?, &first), "after writing: {:?}", rating(shop, &book)?);

    let second = (0..20).map(|n| n * 7 % 5 + 1).collect::<Vec<u64>>();
    at_once(20, |n| write(n, second[n], 200))?;
    ensure!(is_exact(rating(shop, &book)?, &second), "after changing: {:?}", rating(shop, &book)?);

    at_once(20, |n| match n % 2 {
        0 => shop.delete(&path).by(&customers[n]).patiently().map(drop),
        _ => write(n, 3, 200),
    })?;
    ensure!(is_exact(rating(shop, &book)?, &[3; 10]), "after withdrawing: {:?}", rating(shop, &book)?);
    let listed = shop.walk(None, &format!("/books/{book}/reviews?limit=4"))?;
    ensure!(listed.len() == 10, "{} reviews are listed", listed.len());
    Ok(())
}

/// One customer in ten windows.
fn hasty(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    let path = format!("/books/{book}/review");
    let customer = shop.customer()?;
    let answers = at_once(10, |n| shop.put(&path).by(&customer).json(&review(n as u64 % 5 + 1, "Quick.")).patiently())?;
    let new = answers.iter().filter(|answer| answer.status == 201).count();
    let statuses = answers.iter().map(|answer| answer.status).collect::<Vec<_>>();
    ensure!(new == 1 && statuses.iter().all(|status| [200, 201].contains(status)), "{statuses:?}");
    let kept = shop.get(&path).by(&customer).expect(200)?.body["rating"].as_u64().unwrap_or_default();
    ensure!(is_exact(rating(shop, &book)?, &[kept]), "{:?} of one review with {kept}", rating(shop, &book)?);
    at_once(10, |_| shop.delete(&path).by(&customer).patiently())?;
    ensure!(is_exact(rating(shop, &book)?, &[]), "{:?}", rating(shop, &book)?);
    Ok(())
}

fn no_book(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let path = format!("/books/{}/review", unknown_id());
    shop.put(&path).by(&customer).json(&review(3, "Of nothing.")).expect(404)?;
    shop.get(&path).by(&customer).expect(404)?;
    shop.delete(&path).by(&customer).expect(204)?;
    shop.get(&format!("{path}s")).expect(404)?;
    Ok(())
}
