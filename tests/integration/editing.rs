//! Editors who change a book, and each other's changes.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::Test;
use crate::shop::{Shop, at_once, new_book, unique, unknown_id, with};

pub const TESTS: &[(&str, Test)] = &[
    ("a_book_is_replaced_whole", replaced),
    ("a_patch_changes_what_it_names", patched),
    ("both_content_types_of_a_patch_are_read", patch_types),
    ("a_patch_of_nothing_changes_nothing", empty_patch),
    ("a_lost_update_is_refused", lost_update),
    ("of_ten_editors_at_once_one_wins", ten_editors),
    ("a_sale_or_a_review_hinders_no_editor", sale_in_between),
    ("an_edit_of_whatever_is_there_loses_no_race", any_edition),
    ("a_removal_without_condition_loses_no_race", removal),
    ("without_if_match_nothing_is_changed", no_precondition),
    ("what_is_not_there_is_not_changed", missing),
];

fn replaced(shop: &Shop) -> Result<()> {
    let book = shop.add_book(json!({ "description": "Old.", "stock": 3 }))?;
    let path = format!("/books/{}", book.id()?);
    let sent = json!({
        "title": "The Word for World Is Forest",
        "author": "U. K. Le Guin",
        "category": unique("shelf-"),
        "price": { "amount": 0, "currency": "USD" },
    });
    let replaced = shop.put(&path).by(shop.admin()).if_match(&book.etag()?).json(&sent).expect(200)?;
    let expected = with(with(book.body.clone(), sent), json!({ "description": null }));
    ensure!(replaced.body == expected, "{replaced} is not {expected}");
    ensure!(replaced.etag()? != book.etag()?, "the ETag has not changed");
    let read = shop.get(&path).expect(200)?;
    ensure!(shop.details(&book.id()?)? == expected && read.etag()? == replaced.etag()?, "{read} is not {replaced}");
    Ok(())
}

fn patched(shop: &Shop) -> Result<()> {
    let book = shop.add_book(json!({ "description": "Old." }))?;
    let path = format!("/books/{}", book.id()?);
    let (mut expected, mut etag) = (book.body.clone(), book.etag()?);
    for change in [
        json!({ "price": { "amount": 1_000_000, "currency": "GBP" } }),
        json!({ "title": "Rocannon’s World" }),
        json!({ "author": "Le Guin", "category": "fantasy" }),
        json!({ "description": "New." }),
        json!({ "description": null }),
    ] {
        let patched = shop.patch(&path).by(shop.admin()).if_match(&etag).json(&change).expect(200)?;
        expected = with(expected, change);
        ensure!(patched.body == expected, "{patched} is not {expected}");
        etag = patched.etag()?;
        ensure!(shop.details(&book.id()?)? == expected, "it was answered and not stored");
    }
    Ok(())
}

fn patch_types(shop: &Shop) -> Result<()> {
    let path = format!("/books/{}", shop.add_book(json!({}))?.id()?);
    for (content_type, title) in [("application/merge-patch+json", "Voices"), ("application/json", "Powers")] {
        let patch = json!({ "title": title }).to_string();
        let patched = shop.patch(&path).by(shop.admin()).if_match("*").raw(content_type, patch).expect(200)?;
        ensure!(patched.body["title"] == title, "{patched}");
    }
    Ok(())
}

fn empty_patch(shop: &Shop) -> Result<()> {
    let book = shop.add_book(json!({ "description": "Old." }))?;
    let path = format!("/books/{}", book.id()?);
    let patched = shop.patch(&path).by(shop.admin()).if_match(&book.etag()?).json(&json!({})).expect(200)?;
    ensure!(patched.body == book.body, "{patched} is not {book}");
    Ok(())
}

fn lost_update(shop: &Shop) -> Result<()> {
    let book = shop.add_book(json!({}))?;
    let path = format!("/books/{}", book.id()?);
    let first = json!({ "title": "First" });
    let first = shop.patch(&path).by(shop.admin()).if_match(&book.etag()?).json(&first).expect(200)?;
    let second = with(new_book(), json!({ "title": "Second" }));
    for stale in [book.etag()?, "\"nonsense\"".into(), "nonsense".into()] {
        shop.put(&path).by(shop.admin()).if_match(&stale).json(&second).expect(412)?;
        shop.patch(&path).by(shop.admin()).if_match(&stale).json(&json!({ "title": "Third" })).expect(412)?;
    }
    ensure!(shop.details(&book.id()?)? == first.body, "a refused change was made");
    shop.put(&path).by(shop.admin()).if_match(&first.etag()?).json(&second).expect(200)?;
    Ok(())
}

fn ten_editors(shop: &Shop) -> Result<()> {
    let book = shop.add_book(json!({}))?;
    let path = format!("/books/{}", book.id()?);
    let etag = book.etag()?;
    let answers = at_once(10, |n| {
        let change = json!({ "title": format!("By editor {n}"), "category": unique("shelf-") });
        shop.patch(&path).by(shop.admin()).if_match(&etag).json(&change).patiently()
    })?;
    let won = answers.iter().filter(|answer| answer.status == 200).collect::<Vec<_>>();
    let lost = answers.iter().filter(|answer| answer.status == 412).count();
    let statuses = answers.iter().map(|answer| answer.status).collect::<Vec<_>>();
    ensure!(won.len() == 1 && lost == 9, "{statuses:?}");
    ensure!(shop.details(&book.id()?)? == won[0].body, "the book is not the winner's");
    let category = won[0].body["category"].as_str().unwrap_or_default();
    let listed = shop.walk(None, &format!("/books?category={category}"))?;
    ensure!(listed.len() == 1 && listed[0]["title"] == won[0].body["title"], "{listed:?}");
    Ok(())
}

fn sale_in_between(shop: &Shop) -> Result<()> {
    let book = shop.add_book(json!({ "stock": 5 }))?;
    let path = format!("/books/{}", book.id()?);
    let customer = shop.customer()?;
    let order = json!({ "lines": [{ "bookId": book.id()?, "quantity": 2 }] });
    shop.post("/orders").by(&customer).key(&unique("key")).json(&order).expect(201)?;
    let review = json!({ "rating": 5, "name": "Me", "text": "Wonderful." });
    shop.put(&format!("{path}/review")).by(&customer).json(&review).expect(201)?;
    let change = shop.patch(&path).by(shop.admin()).if_match(&book.etag()?).json(&json!({ "title": "Later" }));
    let changed = change.expect(200)?;
    ensure!(changed.body["stock"] == 3 && changed.body["rating"]["count"] == 1, "the edit took them back: {changed}");
    let read = shop.book(&book.id()?)?;
    ensure!(read.body["stock"] == 3 && read.body["rating"]["average"] == 5.0, "the edit took them back: {read}");
    Ok(())
}

/// `*` is for the edition that is there, whoever comes in between.
fn any_edition(shop: &Shop) -> Result<()> {
    let path = format!("/books/{}", shop.add_book(json!({}))?.id()?);
    at_once(8, |n| {
        let price = json!({ "price": { "amount": n, "currency": "EUR" } });
        shop.patch(&path).by(shop.admin()).if_match("*").json(&price).expect(200)
    })?;
    let etag = shop.get(&path).expect(200)?.etag()?;
    ensure!(etag.starts_with("\"9-") || etag.starts_with("\"8-"), "eight edits of the first edition made {etag}");
    Ok(())
}

fn removal(shop: &Shop) -> Result<()> {
    for _ in 0..3 {
        let path = format!("/books/{}", shop.add_book(json!({}))?.id()?);
        at_once(4, |n| match n {
            0 => shop.delete(&path).by(shop.admin()).expect(204).map(drop),
            n => {
                let price = json!({ "price": { "amount": n, "currency": "EUR" } });
                let answer = shop.patch(&path).by(shop.admin()).if_match("*").json(&price).send()?;
                ensure!([200, 404].contains(&answer.status), "{answer}");
                Ok(())
            }
        })?;
        shop.get(&path).expect(404)?;
        shop.get(&format!("{path}/reviews")).expect(404)?;
    }
    Ok(())
}

fn no_precondition(shop: &Shop) -> Result<()> {
    let book = shop.add_book(json!({}))?;
    let path = format!("/books/{}", book.id()?);
    shop.put(&path).by(shop.admin()).json(&new_book()).expect(428)?;
    shop.patch(&path).by(shop.admin()).json(&json!({ "title": "Blind" })).expect(428)?;
    ensure!(shop.details(&book.id()?)? == book.body, "a refused change was made");
    Ok(())
}

fn missing(shop: &Shop) -> Result<()> {
    for id in [unknown_id(), "1".into()] {
        let path = format!("/books/{id}");
        shop.put(&path).by(shop.admin()).if_match("*").json(&new_book()).expect(404)?;
        shop.patch(&path).by(shop.admin()).if_match("*").json(&json!({ "title": "Nothing" })).expect(404)?;
    }
    Ok(())
}
