//! The catalogue as lists: their orders, their pages, and what others write meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::http::text;
use crate::shop::{Shop, each, unique};

pub const TESTS: &[(&str, Test)] = &[
    ("each_sort_has_its_order_page_by_page", sorts),
    ("a_list_shows_the_summary_of_a_book", summaries),
    ("a_changed_book_is_listed_once_where_it_belongs_now", moved),
    ("an_unknown_category_is_an_empty_list", empty),
    ("pages_are_as_long_as_asked_for", page_sizes),
    ("a_cursor_belongs_to_its_list", cursors),
    ("untouched_books_appear_once_while_others_write", concurrent_writes),
    ("the_whole_catalogue_has_an_end", whole),
];

const SORTS: [&str; 4] = ["newest", "title", "price", "price-desc"];

fn sorts(shop: &Shop) -> Result<()> {
    let category = unique("shelf-");
    // By title as people look it up: case and accents do not count.
    let books = [
        ("zebra", 500, "GBP"),
        ("Äpfel", 999, "EUR"),
        ("apple", 1000, "EUR"),
        ("Apricot", 90, "USD"),
        ("Écume", 1_000_000, "GBP"),
        ("eclipse", 0, "EUR"),
        ("Zoo", 1000, "GBP"),
    ];
    for (title, amount, currency) in books {
        let price = json!({ "amount": amount, "currency": currency });
        shop.add_book(json!({ "category": category, "title": title, "price": price }))?;
    }
    let by_price = ["eclipse", "Äpfel", "apple", "zebra", "Zoo", "Écume", "Apricot"];
    for (sort, expected) in [
        ("newest", books.map(|(title, ..)| title).into_iter().rev().collect::<Vec<_>>()),
        ("title", vec!["Äpfel", "apple", "Apricot", "eclipse", "Écume", "zebra", "Zoo"]),
        ("price", by_price.to_vec()),
        ("price-desc", by_price.into_iter().rev().collect()),
    ] {
        for limit in [1, 2, 7, 100] {
            let items = shop.walk(None, &format!("/books?category={category}&sort={sort}&limit={limit}"))?;
            let titles = items.iter().map(|book| text(book, "title")).collect::<Result<Vec<_>>>()?;
            ensure!(titles == expected, "{sort}, {limit} a page: {titles:?}");
        }
    }
    let default = shop.walk(None, &format!("/books?category={category}"))?;
    ensure!(default[0]["title"] == "Zoo", "newest is not the default: {default:?}");
    Ok(())
}

fn summaries(shop: &Shop) -> Result<()> {
    let category = unique("shelf-");
    let book = shop.add_book(json!({ "category": category, "description": "Long.", "stock": 4 }))?;
    for sort in SORTS {
        let items = shop.walk(None, &format!("/books?category={category}&sort={sort}"))?;
        let [item] = &items[..] else { anyhow::bail!("{sort}: {items:?}") };
        for (field, value) in item.as_object().into_iter().flatten() {
            ensure!(book.body[field] == *value, "{sort}: {field} is {value}");
        }
    }
    Ok(())
}

fn moved(shop: &Shop) -> Result<()> {
    let (old, new) = (unique("shelf-"), unique("shelf-"));
    let ids = ["B", "D", "F"].map(|title| shop.add_book(json!({ "category": old, "title": title })));
    let ids = ids.into_iter().map(|book| book?.id()).collect::<Result<Vec<_>>>()?;
    let edit = |change: Value| shop.patch(&format!("/books/{}", ids[0])).by(shop.admin()).if_match("*").json(&change);
    let listed = |category: &str, sort: &str| -> Result<String> {
        let items = shop.walk(None, &format!("/books?category={category}&sort={sort}&limit=2"))?;
        Ok(items.iter().filter_map(|book| book["title"].as_str()).collect::<Vec<_>>().join(" "))
    };
    edit(json!({ "title": "E" })).expect(200)?;
    ensure!(listed(&old, "title")? == "D E F", "by title: {}", listed(&old, "title")?);
    ensure!(listed(&old, "newest")? == "F D E", "newest: {}", listed(&old, "newest")?);
    edit(json!({ "price": { "amount": 999_999, "currency": "EUR" } })).expect(200)?;
    ensure!(listed(&old, "price")?.ends_with(" E"), "by price: {}", listed(&old, "price")?);
    ensure!(listed(&old, "price-desc")?.starts_with("E "), "by price: {}", listed(&old, "price-desc")?);
    edit(json!({ "category": new })).expect(200)?;
    for sort in SORTS {
        ensure!(listed(&new, sort)? == "E", "{sort}: {}", listed(&new, sort)?);
        ensure!(!listed(&old, sort)?.contains('E'), "{sort}: {}", listed(&old, sort)?);
    }
    Ok(())
}

fn empty(shop: &Shop) -> Result<()> {
    for sort in SORTS {
        let page = shop.get(&format!("/books?category={}&sort={sort}", unique("shelf-"))).expect(200)?;
        ensure!(page.body == json!({ "items": [] }), "{page}");
    }
    Ok(())
}

fn page_sizes(shop: &Shop) -> Result<()> {
    let category = unique("shelf-");
    each(&[0; 21], |_| shop.add_book(json!({ "category": category })))?;
    let list = format!("/books?category={category}");
    for (query, items, more) in [("", 20, true), ("&limit=1", 1, true), ("&limit=100", 21, false)] {
        let page = shop.get(&format!("{list}{query}")).expect(200)?;
        ensure!(page.items()?.len() == items && page.body["next"].is_string() == more, "{query}: {page}");
    }
    // What is unknown is ignored, and of the same parameter the first counts.
    let page = shop.get(&format!("{list}&limit=2&limit=3&colour=red")).expect(200)?;
    ensure!(page.items()?.len() == 2, "{page}");
    Ok(())
}

fn cursors(shop: &Shop) -> Result<()> {
    let category = unique("shelf-");
    each(&[0; 4], |_| shop.add_book(json!({ "category": category })))?;
    let list = |query: &str| format!("/books?category={category}&{query}");
    for (sort, elsewhere) in [("newest", "sort=title"), ("title", "sort=price"), ("price", "sort=newest")] {
        let sort = format!("sort={sort}");
        let next = text(&shop.get(&list(&format!("{sort}&limit=1"))).expect(200)?.body, "next")?;
        // Another limit is another cut of the same list.
        let rest = shop.get(&list(&format!("{sort}&cursor={next}&limit=100"))).expect(200)?;
        ensure!(rest.items()?.len() == 3, "{sort}: {rest}");
        for other in [list(elsewhere), list("q=dispossessed"), "/categories?".into()] {
            let refused = shop.get(&format!("{other}&cursor={next}")).expect(400)?;
            ensure!(refused.places() == ["cursor"], "{other}: {refused}");
        }
    }
    Ok(())
}

/// Others are added, renamed, repriced and deleted all the time; the walk goes on until it has seen enough of that.
fn concurrent_writes(shop: &Shop) -> Result<()> {
    let category = unique("shelf-");
    let numbers = (0..30).collect::<Vec<_>>();
    let fields = |n: &i32, title: &str| {
        let price = json!({ "amount": n * 10, "currency": "EUR" });
        json!({ "category": category, "title": format!("{title} {n:02}"), "price": price })
    };
    let untouched = each(&numbers, |n| shop.add_book(fields(n, "Still"))?.id())?;
    let restless = each(&numbers[..10], |n| shop.add_book(fields(n, "Restless"))?.id())?;
    let done = AtomicBool::new(false);
    let write = || -> Result<()> {
        for n in (0..30).cycle() {
            if done.load(Ordering::Relaxed) {
                break;
            }
            let path = format!("/books/{}", restless[n as usize % restless.len()]);
            let title = format!("{} {n}", ["A", "Still 15", "Z"][n as usize % 3]);
            let change = json!({ "title": title, "price": { "amount": n * 7, "currency": "EUR" } });
            shop.patch(&path).by(shop.admin()).if_match("*").json(&change).expect(200)?;
            let passing = shop.add_book(fields(&n, "Passing"))?.id()?;
            shop.delete(&format!("/books/{passing}")).by(shop.admin()).expect(204)?;
        }
        Ok(())
    };
    let read = || -> Result<()> {
        for sort in SORTS.into_iter().cycle().take(8) {
            let items = shop.walk(None, &format!("/books?category={category}&sort={sort}&limit=3"))?;
            let mut times = BTreeMap::<String, u32>::new();
            for item in &items {
                *times.entry(text(item, "id")?).or_default() += 1;
            }
            for id in &untouched {
                let times = times.get(id).copied().unwrap_or_default();
                ensure!(times == 1, "by {sort}, the untouched book {id} appears {times} times");
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let writer = scope.spawn(write);
        let read = read();
        done.store(true, Ordering::Relaxed);
        writer.join().expect("the writer panicked").and(read)
    })
}

fn whole(shop: &Shop) -> Result<()> {
    let ours = each(&[0; 5], |_| shop.add_book(json!({}))?.id())?;
    for sort in SORTS {
        let items = shop.walk(None, &format!("/books?sort={sort}&limit=100"))?;
        for id in &ours {
            let times = items.iter().filter(|item| item["id"] == id.as_str()).count();
            ensure!(times == 1, "by {sort}, the book {id} appears {times} times");
        }
    }
    Ok(())
}
