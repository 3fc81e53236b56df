//! Books to measure with, made by create-book itself.

use std::ops::Range;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::events::{Request, Who};
use crate::runtime::Lambda;
use crate::shop::Shop;

const NOUNS: [&str; 24] = [
    "Sea", "Garden", "Winter", "River", "Mountain", "Letter", "Stranger", "Island", "Clock", "Forest", "Mirror",
    "House", "Journey", "Shadow", "Harvest", "Machine", "Window", "Silence", "Bridge", "Lantern", "Orchard", "Harbour",
    "Painter", "Storm",
];
const ADJECTIVES: [&str; 16] = [
    "Quiet",
    "Hidden",
    "Last",
    "Golden",
    "Broken",
    "Distant",
    "Invisible",
    "Northern",
    "Forgotten",
    "Endless",
    "Small",
    "Wandering",
    "Crooked",
    "Secret",
    "Burning",
    "Patient",
];
const FIRST_NAMES: [&str; 16] = [
    "Mary", "Jorge", "Ursula", "Chinua", "Virginia", "Gabriel", "Toni", "Italo", "Sylvia", "Haruki", "Isabel", "Franz",
    "Zadie", "Orhan", "Agatha", "Leo",
];
const CATEGORIES: [&str; 12] = [
    "fiction",
    "science-fiction",
    "history",
    "travel",
    "poetry",
    "crime",
    "children",
    "cookery",
    "biography",
    "nature",
    "art",
    "philosophy",
];
const SENTENCE: &str =
    "A book that nobody will put down before its last page, and that its readers give to their friends. ";

/// Creates the books of these numbers, and gives their ids.
pub async fn fill(shop: &Shop, books: Range<usize>) -> Result<Vec<String>> {
    let mut create_book = shop.start("create-book").await?;
    let mut ids = Vec::with_capacity(books.len());
    for number in books {
        let answer = create(&mut create_book, number).await?;
        let created: Value = serde_json::from_str(answer["body"].as_str().context("create-book answers no body")?)?;
        ids.push(created["id"].as_str().context("a book without id")?.to_owned());
    }
    Ok(ids)
}

async fn create(create_book: &mut Lambda, number: usize) -> Result<Value> {
    // With a key, because a local cloud with this many books is at times too busy to answer in time.
    let request = Request::new(Who::Admin, "POST /books", &[]).header("idempotency-key", &Uuid::now_v7().to_string());
    let request = request.json(book(number));
    for _ in 0..5 {
        let answer = create_book.invoke(request.event()).await?;
        if answer["statusCode"] == 201 {
            return Ok(answer);
        }
        ensure!(answer["statusCode"] == 503, "create-book: {answer}");
        sleep(Duration::from_secs(1)).await;
    }
    bail!("create-book is too busy")
}

/// A book of average size. Words repeat as they do in a shop: a noun is in each twelfth title.
pub fn book(number: usize) -> Value {
    let pick = |list: &[&'static str], step: usize| list[number / step % list.len()];
    json!({
        "title": format!("The {} {} and the {}", pick(&ADJECTIVES, 7), pick(&NOUNS, 1), pick(&NOUNS, 31)),
        "author": format!("{} {}son", pick(&FIRST_NAMES, 3), pick(&NOUNS, 11)),
        "category": pick(&CATEGORIES, 1),
        "price": { "amount": 500 + number * 7 % 3000, "currency": "EUR" },
        "description": SENTENCE.repeat(5).trim_end(),
        "stock": 100_000,
    })
}
