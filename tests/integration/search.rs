//! Books by words of their title and author.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::http::text;
use crate::shop::{Shop, each, unique};

pub const TESTS: &[(&str, Test)] = &[
    ("the_beginning_of_a_word_is_enough", prefixes),
    ("case_accents_and_apostrophes_do_not_count", folded),
    ("every_word_must_be_there", several_words),
    ("a_book_is_found_once_however_often_it_matches", once),
    ("a_category_narrows_it", in_category),
    ("what_is_found_follows_the_book", follows),
    ("a_page_reads_a_bounded_part_of_the_index", bounded),
    ("words_of_two_letters_and_other_scripts_are_found", scripts),
    ("a_cursor_of_a_search_is_none_of_a_list", cursors),
];

/// The ids of all that is found, page by page.
fn found(shop: &Shop, q: &str, rest: &str) -> Result<Vec<String>> {
    let items = shop.walk(None, &format!("/books?q={}{rest}", encoded(q)))?;
    items.iter().map(|book| text(book, "id")).collect()
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => (byte as char).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn add(shop: &Shop, title: &str, author: &str) -> Result<String> {
    shop.add_book(json!({ "title": title, "author": author }))?.id()
}

fn prefixes(shop: &Shop) -> Result<()> {
    let word = unique("pre");
    let id = add(shop, &format!("The {word}dispossessed"), "Le Guin")?;
    for q in [word.clone(), format!("{word}dis"), format!("{word}dispossessed")] {
        ensure!(found(shop, &q, "")? == [id.as_str()], "{q}");
    }
    for q in [format!("{word}dispossessedx"), word[1..].to_owned(), format!("x{word}")] {
        ensure!(found(shop, &q, "")?.is_empty(), "{q}");
    }
    Ok(())
}

fn folded(shop: &Shop) -> Result<()> {
    let word = unique("fold");
    let id = add(shop, &format!("Café-{word} ÉCUME des jours"), &format!("Flann O’Brien{word} Čapek"))?;
    for q in ["cafe", "CAFÉ", "cafe\u{301}", "ecume", "Écume", "o'brien", "O’BRIEN", "obrien", "capek"] {
        let q = format!("{word} {q}");
        ensure!(found(shop, &q, "")? == [id.as_str()], "{q}");
    }
    ensure!(found(shop, &format!("o'brien{word}"), "")? == [id.as_str()], "an apostrophe is no gap between words");
    Ok(())
}

fn several_words(shop: &Shop) -> Result<()> {
    let word = unique("many");
    let both = add(shop, &format!("{word} of the Western Shore"), "Annals")?;
    let one = add(shop, &format!("{word} of the Eastern Shore"), "Western Union")?;
    let neither = add(shop, &format!("{word} of nothing"), "Nobody")?;
    let mut all = found(shop, &word, "")?;
    all.sort();
    ensure!(all == [both.as_str(), one.as_str(), neither.as_str()], "{all:?}");
    ensure!(found(shop, &format!("shore {word} annals"), "")? == [both.as_str()], "title and author together");
    ensure!(found(shop, &format!("{word} union western shore of"), "")? == [one.as_str()], "five words");
    ensure!(found(shop, &format!("{word} shore missing"), "")?.is_empty(), "a word that is not there");
    ensure!(found(shop, &format!(" , {word} ; nothing ! "), "")? == [neither.as_str()], "what is between words");
    ensure!(found(shop, &format!("{word} {word}"), "")?.len() == 3, "the same word twice");
    Ok(())
}

fn once(shop: &Shop) -> Result<()> {
    let word = unique("once");
    let title = format!("{word}a {word}b {word}c {word}");
    let id = shop.add_book(json!({ "title": title, "author": format!("{word}d {word}a") }))?.id()?;
    let other = add(shop, &format!("{word}b"), &format!("{word}z"))?;
    for limit in [1, 2, 100] {
        for q in [word.clone(), format!("{word} {word}b"), format!("{word}b {word}")] {
            let mut ids = found(shop, &q, &format!("&limit={limit}"))?;
            ids.sort();
            ensure!(ids == [id.as_str(), other.as_str()], "{q}, {limit} a page: {ids:?}");
        }
    }
    Ok(())
}

fn in_category(shop: &Shop) -> Result<()> {
    let (word, category) = (unique("cat"), unique("shelf-"));
    let inside = shop.add_book(json!({ "title": word, "category": category }))?.id()?;
    shop.add_book(json!({ "title": word }))?;
    ensure!(found(shop, &word, &format!("&category={category}"))? == [inside.as_str()], "only of that category");
    ensure!(found(shop, &word, &format!("&category={}", unique("shelf-")))?.is_empty(), "no such category");
    Ok(())
}

fn follows(shop: &Shop) -> Result<()> {
    let (old, new, kept) = (unique("old"), unique("new"), unique("kept"));
    let book = shop.add_book(json!({ "title": old, "author": kept }))?;
    let path = format!("/books/{}", book.id()?);
    let edit = |change: Value| shop.patch(&path).by(shop.admin()).if_match("*").json(&change).expect(200);
    edit(json!({ "title": new, "price": { "amount": 1, "currency": "EUR" } }))?;
    ensure!(found(shop, &old, "")?.is_empty(), "found by its old title");
    for word in [&new, &kept] {
        let page = shop.walk(None, &format!("/books?q={word}"))?;
        ensure!(page.len() == 1 && page[0]["price"]["amount"] == 1, "{word}: {page:?}");
    }
    edit(json!({ "category": unique("shelf-") }))?;
    ensure!(found(shop, &new, "")?.len() == 1, "not found in its new category");
    shop.delete(&path).by(shop.admin()).expect(204)?;
    ensure!(found(shop, &new, "")?.is_empty() && found(shop, &kept, "")?.is_empty(), "found though deleted");
    Ok(())
}

/// Of many books with one word and many with another, one has both. A request that read on until it has found that one
/// would take the longer the more books there are.
fn bounded(shop: &Shop) -> Result<()> {
    let (one, other) = (unique("one"), unique("other"));
    let numbers = (0..240).collect::<Vec<_>>();
    each(&numbers, |n| add(shop, if n % 2 == 0 { &one } else { &other }, "Anonymous"))?;
    let both = add(shop, &one, &other)?;
    for limit in [7, 100] {
        ensure!(found(shop, &one, &format!("&limit={limit}"))?.len() == 121, "{limit} a page");
    }
    for q in [format!("{one} {other}"), format!("{other} {one}")] {
        ensure!(found(shop, &q, "&limit=100")? == [both.as_str()], "{q}");
        let page = shop.get(&format!("/books?q={}&limit=100", encoded(&q))).expect(200)?;
        ensure!(page.body["next"].is_string(), "121 entries were read for one page");
    }
    Ok(())
}

fn scripts(shop: &Shop) -> Result<()> {
    let word = unique("x");
    let id = add(shop, &format!("{word} 戦争 Ю мир 1984"), "Лев Толстой")?;
    for other in ["戦", "ю", "МИР", "198", "толстой"] {
        ensure!(found(shop, &format!("{word} {other}"), "")? == [id.as_str()], "{other}");
    }
    Ok(())
}

fn cursors(shop: &Shop) -> Result<()> {
    let word = unique("cur");
    each(&[0; 3], |_| add(shop, &word, "Somebody"))?;
    let next = text(&shop.get(&format!("/books?q={word}&limit=1")).expect(200)?.body, "next")?;
    let refused = shop.get(&format!("/books?sort=title&cursor={next}")).expect(400)?;
    ensure!(refused.places() == ["cursor"], "{refused}");
    Ok(())
}
