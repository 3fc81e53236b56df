//! What is refused, and how: one table for each kind of mistake, over all operations that can be asked so.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::contract::Audience;
use crate::http::Call;
use crate::shop::{Shop, User, new_book, unique, unknown_id, with};

pub const TESTS: &[(&str, Test)] = &[
    ("a_body_that_is_no_json_object", no_object),
    ("a_body_of_another_content_type", content_types),
    ("a_body_that_is_too_long", too_long),
    ("fields_that_are_unknown", unknown_fields),
    ("fields_that_are_missing", missing_fields),
    ("every_mistake_is_named_at_once", all_mistakes),
    ("keys_that_are_missing_or_not_valid", keys),
    ("queries_that_are_not_valid", queries),
    ("ids_that_cannot_be", ids),
    ("what_belongs_to_no_book", no_book),
    ("paths_that_are_not_there", unknown_paths),
    ("methods_that_a_path_does_not_have", methods),
];

/// A request that is good but for the body that a test gives it.
struct Write<'a> {
    shop: &'a Shop,
    method: &'static str,
    /// As the contract writes it.
    route: &'static str,
    path: String,
    user: &'a User,
    good: Value,
}

impl<'a> Write<'a> {
    fn call(&self) -> Call<'a> {
        let call = Call::new(self.shop, self.method, &self.path).by(self.user);
        // Read where the contract asks for it, and ignored elsewhere.
        call.key(&unique("key")).if_match("*")
    }
}

/// Every operation that has a body, with a good one.
fn writes<'a>(shop: &'a Shop, customer: &'a User) -> Result<Vec<Write<'a>>> {
    let book = shop.stocked(1000)?;
    let write = |method, route: &'static str, user, good| Write {
        shop,
        method,
        route,
        path: route.replace("{id}", &book),
        user,
        good,
    };
    let lines = json!({ "lines": [{ "bookId": book, "quantity": 1 }] });
    let writes = vec![
        write("POST", "/books", shop.admin(), new_book()),
        write("PUT", "/books/{id}", shop.admin(), new_book()),
        write("PATCH", "/books/{id}", shop.admin(), json!({ "title": "Tehanu" })),
        write("POST", "/books/{id}/stock", shop.admin(), json!({ "change": 1 })),
        write("POST", "/books/{id}/cover-uploads", shop.admin(), json!({ "contentType": "image/png", "size": 100 })),
        write("PUT", "/books/{id}/review", customer, json!({ "rating": 3, "name": "Me", "text": "So so." })),
        write("POST", "/orders", customer, lines),
    ];
    let with_body = shop.contract.operations.iter().filter(|operation| operation.has_body()).count();
    ensure!(
        with_body == writes.len(),
        "the contract has {with_body} operations with a body: bring this test up to date"
    );
    Ok(writes)
}

fn no_object(shop: &Shop) -> Result<()> {
    for write in writes(shop, &shop.customer()?)? {
        for broken in ["", "{", "{\"a\":1,}", "nonsense", "{\"a\":\"\u{1}\"}", "{} {}"] {
            write.call().raw("application/json", broken).expect(400)?;
        }
        for other in ["[]", "null", "7", "\"text\"", "[{}]"] {
            write.call().raw("application/json", other).expect(422)?;
        }
    }
    Ok(())
}

fn content_types(shop: &Shop) -> Result<()> {
    for write in writes(shop, &shop.customer()?)? {
        let body = write.good.to_string();
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "text/json"] {
            write.call().raw(content_type, body.clone()).expect(415)?;
        }
        if write.method != "PATCH" {
            write.call().raw("application/merge-patch+json", body.clone()).expect(415)?;
        }
        for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
            let answer = write.call().raw(content_type, body.clone()).send()?;
            ensure!((200..300).contains(&answer.status), "{} {} {content_type}: {answer}", write.method, write.path);
        }
    }
    Ok(())
}

fn too_long(shop: &Shop) -> Result<()> {
    for write in writes(shop, &shop.customer()?)? {
        let good = write.good.to_string();
        let padded = |length: usize| format!("{good}{}", " ".repeat(length - good.len()));
        for length in [65_537, 200_000] {
            write.call().raw("application/json", padded(length)).expect(413)?;
        }
        let answer = write.call().raw("application/json", padded(65_536)).send()?;
        ensure!((200..300).contains(&answer.status), "{} {} of 64 KiB: {answer}", write.method, write.path);
    }
    Ok(())
}

fn unknown_fields(shop: &Shop) -> Result<()> {
    for write in writes(shop, &shop.customer()?)? {
        for name in ["id", "createdAt", "Title", "a/b~c", ""] {
            let place = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            let mut body = write.good.clone();
            body[name] = json!(1);
            let refused = write.call().json(&body).expect(422)?;
            ensure!(refused.places() == [place.as_str()], "{} {} {name}: {refused}", write.method, write.path);
        }
    }
    // Deeper down, too.
    let customer = shop.customer()?;
    let mut book = new_book();
    book["price"]["vat"] = json!(7);
    shop.post("/books").by(shop.admin()).json(&book).expect(422)?;
    let line = json!({ "bookId": unknown_id(), "quantity": 1 });
    let total = json!({ "amount": 1, "currency": "EUR", "vat": 7 });
    for order in [
        json!({ "lines": [with(line.clone(), json!({ "price": 0 }))] }),
        json!({ "lines": [line], "expectedTotal": total }),
    ] {
        shop.post("/orders").by(&customer).key(&unique("key")).json(&order).expect(422)?;
    }
    Ok(())
}

fn missing_fields(shop: &Shop) -> Result<()> {
    for write in writes(shop, &shop.customer()?)?.iter().filter(|write| write.method != "PATCH") {
        for field in write.good.as_object().into_iter().flatten().map(|(name, _)| name) {
            let place = format!("/{field}");
            let absent = with(write.good.clone(), json!({ field: null }));
            let mut null = write.good.clone();
            null[field] = Value::Null;
            for body in [absent, null] {
                let refused = write.call().json(&body).expect(422)?;
                ensure!(refused.places() == [place.as_str()], "{} {} {field}: {refused}", write.method, write.path);
            }
        }
    }
    Ok(())
}

fn all_mistakes(shop: &Shop) -> Result<()> {
    let body = json!({
        "title": "",
        "author": 7,
        "price": { "amount": 1, "currency": "JPY" },
        "description": "x".repeat(4001),
        "colour": "red",
    });
    let refused = shop.post("/books").by(shop.admin()).json(&body).expect(422)?;
    let mut places = refused.places();
    places.sort_unstable();
    let expected = ["/author", "/category", "/colour", "/description", "/price/currency", "/title"];
    ensure!(places == expected, "{refused}");
    Ok(())
}

fn keys<'a>(shop: &'a Shop) -> Result<()> {
    let customer = shop.customer()?;
    let book = shop.stocked(9)?;
    let (stock, order) = (json!({ "change": 1 }), json!({ "lines": [{ "bookId": book, "quantity": 1 }] }));
    let stock = || shop.post(&format!("/books/{book}/stock")).by(shop.admin()).json(&stock);
    let order = || shop.post("/orders").by(&customer).json(&order);
    for (call, status) in [(&stock as &dyn Fn() -> Call<'a>, 200), (&order, 201)] {
        call().expect(400)?;
        for key in ["a b", "a.b", "ä", "a,b", &"k".repeat(65)] {
            call().key(key).expect(400)?;
        }
        call().key(&format!("{}{}", "k".repeat(52), unique(""))).expect(status)?;
        call().key(&format!("A_z-{}", unique(""))).expect(status)?;
    }
    ensure!(shop.stock(&book)? == 9, "two copies more, two sold, and no refused request counted");
    Ok(())
}

fn queries(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let reviews = format!("/books/{}/reviews", shop.stocked(0)?);
    let everywhere =
        ["limit=0", "limit=101", "limit=-1", "limit=1.5", "limit=ten", "limit=", "cursor=x", "cursor=AAAA", "cursor="];
    let words_6 = "a%20b%20c%20d%20e%20f";
    let long = format!("q={}", "x".repeat(101));
    let of_books = [
        "sort=author",
        "sort=TITLE",
        "sort=",
        "category=Fiction",
        "category=a%20b",
        "category=",
        "q=",
        "q=%20",
        "q=!",
        &format!("q={words_6}"),
        &long,
        "sort=title&q=guin",
        "sort=newest&q=guin",
    ];
    for (path, user, queries) in [
        ("/books", None, &of_books[..]),
        ("/categories", None, &[]),
        (&reviews, None, &[]),
        ("/orders", Some(&customer), &[]),
        ("/admin/orders", Some(shop.admin()), &["status=shipped", "status=", "status=PLACED"]),
    ] {
        for query in everywhere.iter().chain(queries) {
            let call = shop.get(&format!("{path}?{query}"));
            let refused = if let Some(user) = user { call.by(user) } else { call }.expect(400)?;
            let parameter = query.split('=').next().unwrap_or_default();
            ensure!(refused.places().contains(&parameter), "{path}?{query}: {refused}");
        }
    }
    for query in [format!("q={}", "x".repeat(100)), "q=a%20b%20c%20d%20e".into(), "limit=100".into()] {
        shop.get(&format!("/books?{query}")).expect(200)?;
    }
    Ok(())
}

/// Every operation that has an id in its path.
fn ids(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let book = shop.stocked(1)?;
    let writes = writes(shop, &customer)?;
    for operation in shop.contract.operations.iter().filter(|operation| operation.path.contains("{id}")) {
        let good = writes.iter().find(|write| write.method == operation.method && write.route == operation.path);
        let user = if operation.audience == Audience::Customers { &customer } else { shop.admin() };
        for id in
            ["1", &book.to_uppercase(), &book.replace('-', ""), "6fa459ea-ee8a-4ca4-894e-db77e160355e", "%20", "..%2F"]
        {
            let path = operation.path.replace("{id}", id).replace("{uploadId}", &unknown_id());
            let call = Call::new(shop, &operation.method, &path).by(user).key(&unique("key")).if_match("*");
            match good {
                Some(write) => call.json(&write.good).expect(404)?,
                None => call.expect(404)?,
            };
        }
    }
    Ok(())
}

fn no_book(shop: &Shop) -> Result<()> {
    let (customer, id) = (shop.customer()?, unknown_id());
    let path = format!("/books/{id}");
    shop.get(&path).expect(404)?;
    shop.get(&format!("{path}/reviews")).expect(404)?;
    let stock = json!({ "change": 1 });
    shop.post(&format!("{path}/stock")).by(shop.admin()).key(&unique("key")).json(&stock).expect(404)?;
    let upload = json!({ "contentType": "image/png", "size": 100 });
    shop.post(&format!("{path}/cover-uploads")).by(shop.admin()).json(&upload).expect(404)?;
    shop.get(&format!("{path}/cover-uploads/{}", unknown_id())).by(shop.admin()).expect(404)?;
    shop.get(&format!("/orders/{id}")).by(&customer).expect(404)?;
    shop.post(&format!("/orders/{id}/cancel")).by(&customer).expect(404)?;
    Ok(())
}

fn unknown_paths(shop: &Shop) -> Result<()> {
    for path in ["/", "/book", "/books/a/b/c", "/admin", "/admin/books", "/Books", "/orders/a/b", "/favicon.ico"] {
        for method in ["GET", "POST", "DELETE"] {
            let missing = Call::new(shop, method, path).expect(404)?;
            ensure!(missing.header("allow").is_none(), "{method} {path} has methods: {:?}", missing.header("allow"));
        }
    }
    Ok(())
}

fn methods(shop: &Shop) -> Result<()> {
    let operations = &shop.contract.operations;
    for path in operations.iter().map(|operation| &operation.path) {
        let has =
            operations.iter().filter(|operation| operation.path == *path).map(|operation| operation.method.as_str());
        let has = has.collect::<Vec<_>>();
        let at = path.replace("{id}", &unknown_id()).replace("{uploadId}", &unknown_id());
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(|method| !has.contains(method)) {
            let refused = Call::new(shop, method, &at).by(shop.admin()).expect(405)?;
            let allowed = refused.header("allow").context("no Allow")?.split(", ").collect::<Vec<_>>();
            let extra = allowed.iter().find(|method| !has.contains(method) && **method != "OPTIONS");
            ensure!(has.iter().all(|method| allowed.contains(method)) && extra.is_none(), "{method} {at}: {allowed:?}");
        }
    }
    Ok(())
}
