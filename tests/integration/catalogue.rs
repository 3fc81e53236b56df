//! One book: made, read, deleted, and what caches may keep of it.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::Test;
use crate::http::text;
use crate::shop::{Shop, at_once, each, new_book, unique, unknown_id, with};

pub const TESTS: &[(&str, Test)] = &[
    ("a_new_book_is_there_as_it_was_sent", new),
    ("a_new_book_may_be_as_short_as_possible", shortest),
    ("a_book_is_added_once_however_often_its_key_is_sent", key),
    ("a_book_is_fetched_again_only_when_it_has_changed", book_etag),
    ("lists_are_fetched_again_only_when_they_have_changed", list_etags),
    ("an_etag_can_be_one_of_several", several_etags),
    ("a_deleted_book_is_gone_with_all_that_shows_it", deleted),
    ("deleting_is_done_once_and_answers_the_same_again", deleted_again),
    ("deleting_an_edition_spares_a_newer_one", deleted_edition),
    ("categories_count_their_books", categories),
];

fn new(shop: &Shop) -> Result<()> {
    let sent = with(new_book(), json!({ "description": "An ambiguous utopia.\nTwo worlds.", "stock": 7 }));
    let created = shop.post("/books").by(shop.admin()).json(&sent).expect(201)?;
    for field in ["title", "author", "category", "price", "description", "stock"] {
        ensure!(created.body[field] == sent[field], "{field}: {created}");
    }
    let location = created.header("location").unwrap_or_default();
    ensure!(location == format!("/books/{}", created.id()?), "Location: {location}");
    let read = shop.get(location).expect(200)?;
    ensure!(read.body == with(created.body.clone(), json!({ "reviews": [] })), "{read} is not {created}");
    ensure!(read.etag()? == created.etag()?, "the ETags differ");
    Ok(())
}

fn shortest(shop: &Shop) -> Result<()> {
    let book = shop.post("/books").by(shop.admin()).json(&new_book()).expect(201)?;
    ensure!(book.body["stock"] == 0 && book.body["rating"] == json!({ "count": 0 }), "{book}");
    ensure!(book.body.get("description").is_none() && book.body.get("cover").is_none(), "{book}");
    let described = with(new_book(), json!({ "title": "Null" }));
    let described = described.to_string().replacen('{', r#"{"description":null,"#, 1);
    shop.post("/books").by(shop.admin()).raw("application/json; charset=utf-8", described).expect(201)?;
    Ok(())
}

fn key(shop: &Shop) -> Result<()> {
    let (key, category) = (unique("key"), unique("shelf-"));
    let add = |title: &str| {
        let book = with(new_book(), json!({ "title": title, "category": category }));
        shop.post("/books").by(shop.admin()).key(&key).json(&book)
    };
    let added = at_once(10, |_| add("Once").patiently())?;
    let id = added[0].id()?;
    ensure!(added.iter().all(|one| one.status == 201 && one.body["id"] == id.as_str()), "{added:?}");
    ensure!(shop.walk(None, &format!("/books?category={category}"))?.len() == 1, "it was added more than once");
    add("Twice").expect(422)?;
    shop.delete(&format!("/books/{id}")).by(shop.admin()).expect(204)?;
    add("Once").expect(409)?;
    Ok(())
}

fn book_etag(shop: &Shop) -> Result<()> {
    let id = shop.stocked(5)?;
    let path = format!("/books/{id}");
    let first = shop.get(&path).expect(200)?;
    ensure!(first.header("cache-control") == Some("no-cache"), "{:?}", first.header("cache-control"));
    let again = shop.get(&path).if_none_match(&first.etag()?).expect(304)?;
    ensure!(again.etag()? == first.etag()?, "304 carries another ETag");

    // Whatever the book shows counts: its text, its stock, its reviews.
    let mut etag = first.etag()?;
    let customer = shop.customer()?;
    let review = json!({ "rating": 4, "name": "Shevek", "text": "Good." });
    let changes = [
        shop.patch(&path).by(shop.admin()).if_match("*").json(&json!({ "title": "Always Coming Home" })),
        shop.post(&format!("{path}/stock")).by(shop.admin()).key(&unique("key")).json(&json!({ "change": -1 })),
        shop.put(&format!("{path}/review")).by(&customer).json(&review),
    ];
    for change in changes {
        let what = change.to_string();
        change.send()?;
        let changed = shop.get(&path).if_none_match(&etag).expect(200);
        let changed = changed.map_err(|error| error.context(what))?;
        etag = changed.etag()?;
        shop.get(&path).if_none_match(&etag).expect(304)?;
    }
    Ok(())
}

fn list_etags(shop: &Shop) -> Result<()> {
    let category = unique("shelf-");
    let book = shop.add_book(json!({ "category": category, "title": "Malafrena" }))?;
    let customer = shop.customer()?;
    let reviews = format!("/books/{}/reviews", book.id()?);
    let review = json!({ "rating": 4, "name": "Itale", "text": "Good." });
    for (path, caching, change) in [
        (
            format!("/books?category={category}&sort=title"),
            "public, max-age=30",
            shop.post("/books").by(shop.admin()).json(&with(new_book(), json!({ "category": category }))),
        ),
        (
            "/categories".into(),
            "public, max-age=30",
            // The first of them, and so on the first page.
            shop.post("/books").by(shop.admin()).json(&with(new_book(), json!({ "category": unique("0-") }))),
        ),
        (reviews.clone(), "no-cache", shop.put(&reviews.replace("/reviews", "/review")).by(&customer).json(&review)),
    ] {
        let first = shop.get(&path).expect(200)?;
        ensure!(first.header("cache-control") == Some(caching), "{path}: {:?}", first.header("cache-control"));
        // Others may change the list of all categories meanwhile: then ask again.
        if path != "/categories" {
            shop.get(&path).if_none_match(&first.etag()?).expect(304)?;
        }
        change.expect(201)?;
        let changed = shop.get(&path).if_none_match(&first.etag()?).expect(200)?;
        ensure!(changed.etag()? != first.etag()?, "{path} has changed, and its ETag has not");
    }
    let unchanged = (0..20).map(|_| {
        let etag = shop.get("/categories").expect(200)?.etag()?;
        shop.get("/categories").if_none_match(&etag).send().map(|answer| answer.status)
    });
    let statuses = unchanged.collect::<Result<Vec<_>>>()?;
    ensure!(statuses.contains(&304), "/categories never answers 304: {statuses:?}");
    Ok(())
}

fn several_etags(shop: &Shop) -> Result<()> {
    let book = shop.add_book(json!({}))?;
    let path = format!("/books/{}", book.id()?);
    let etag = book.etag()?;
    for holds in [format!("\"0-0\", {etag}"), format!("W/{etag}"), "*".into()] {
        shop.get(&path).if_none_match(&holds).expect(304)?;
    }
    for holds_not in ["\"0-0\"".into(), etag.replace('"', ""), "\"".into(), String::new()] {
        shop.get(&path).if_none_match(&holds_not).expect(200)?;
    }
    Ok(())
}

fn deleted(shop: &Shop) -> Result<()> {
    let (category, word) = (unique("shelf-"), unique("word"));
    let book = shop.add_book(json!({ "category": category, "title": word, "stock": 3 }))?;
    let path = format!("/books/{}", book.id()?);
    let customers = (0..3).map(|_| shop.customer()).collect::<Result<Vec<_>>>()?;
    each(&customers, |customer| {
        let review = json!({ "rating": 2, "name": "Me", "text": "So so." });
        shop.put(&format!("{path}/review")).by(customer).json(&review).expect(201)
    })?;
    let order = json!({ "lines": [{ "bookId": book.id()?, "quantity": 1 }] });
    let order = shop.post("/orders").by(&customers[0]).key(&unique("key")).json(&order).expect(201)?;

    shop.delete(&path).by(shop.admin()).expect(204)?;
    for gone in [path.clone(), format!("{path}/reviews")] {
        shop.get(&gone).expect(404)?;
    }
    for customer in &customers {
        shop.get(&format!("{path}/review")).by(customer).expect(404)?;
    }
    for list in ["newest", "title", "price", "price-desc"] {
        let items = shop.walk(None, &format!("/books?category={category}&sort={list}"))?;
        ensure!(items.is_empty(), "still listed by {list}: {items:?}");
    }
    ensure!(shop.walk(None, &format!("/books?q={word}"))?.is_empty(), "still found");
    ensure!(count_of(shop, &category)? == 0, "its category still counts it");
    let order = shop.get(&format!("/orders/{}", order.id()?)).by(&customers[0]).expect(200)?;
    ensure!(text(&order.body["lines"][0], "title")? == word, "the order lost its line: {order}");
    // To cancel an order of a book that is no more returns no copy anywhere, and works.
    shop.post(&format!("/orders/{}/cancel", order.id()?)).by(&customers[0]).expect(200)?;
    shop.get(&path).expect(404)?;
    Ok(())
}

fn deleted_again(shop: &Shop) -> Result<()> {
    let path = format!("/books/{}", shop.add_book(json!({}))?.id()?);
    for _ in 0..2 {
        shop.delete(&path).by(shop.admin()).expect(204)?;
    }
    shop.delete(&format!("/books/{}", unknown_id())).by(shop.admin()).expect(204)?;
    Ok(())
}

fn deleted_edition(shop: &Shop) -> Result<()> {
    let book = shop.add_book(json!({}))?;
    let path = format!("/books/{}", book.id()?);
    let edit =
        shop.patch(&path).by(shop.admin()).if_match(&book.etag()?).json(&json!({ "title": "Tehanu" })).expect(200)?;
    shop.delete(&path).by(shop.admin()).if_match(&book.etag()?).expect(412)?;
    shop.get(&path).expect(200)?;
    shop.delete(&path).by(shop.admin()).if_match(&edit.etag()?).expect(204)?;
    shop.get(&path).expect(404)?;
    Ok(())
}

fn categories(shop: &Shop) -> Result<()> {
    let (one, other) = (unique("shelf-"), unique("shelf-"));
    ensure!(count_of(shop, &one)? == 0, "a category that nobody has used");
    let books = each(&[0; 6], |_| shop.add_book(json!({ "category": one })))?;
    ensure!(count_of(shop, &one)? == 6, "six books were added");
    let path = format!("/books/{}", books[0].id()?);
    shop.patch(&path).by(shop.admin()).if_match("*").json(&json!({ "category": other })).expect(200)?;
    ensure!((count_of(shop, &one)?, count_of(shop, &other)?) == (5, 1), "one of six was moved");
    each(&books, |book| shop.delete(&format!("/books/{}", book.id()?)).by(shop.admin()).expect(204))?;
    ensure!((count_of(shop, &one)?, count_of(shop, &other)?) == (0, 0), "all were deleted");

    let categories = shop.walk(None, "/categories?limit=2")?;
    let names = categories.iter().map(|category| text(category, "name")).collect::<Result<Vec<_>>>()?;
    ensure!(names.is_sorted_by(|a, b| a < b), "not by name: {names:?}");
    Ok(())
}

/// How many books the category has, as /categories tells it; it does not tell of empty ones.
fn count_of(shop: &Shop, category: &str) -> Result<u64> {
    let categories = shop.walk(None, "/categories?limit=100")?;
    let found = categories.iter().find(|one| one["name"] == category);
    Ok(found.and_then(|found| found["books"].as_u64()).unwrap_or_default())
}
