//! Every limit of the contract, at its edge and one past it.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::http::Call;
use crate::shop::{Shop, at_once, new_book, unique, with};

pub const TESTS: &[(&str, Test)] = &[
    ("of_a_book", book),
    ("of_a_new_book", new),
    ("of_a_change_of_stock", stock),
    ("of_a_review", review),
    ("of_an_order", order),
    ("of_a_cover", cover),
];

/// A field, where its mistakes are named, what is good, and what is not.
type Limits<'a> = (&'a str, &'a str, Vec<Value>, Vec<Value>);

fn texts<'a>(field: &'a str, place: &'a str, longest: usize) -> Limits<'a> {
    let good = ["x".into(), "書".repeat(longest), "🙂".repeat(longest), "a\u{a0}b\tc".into()];
    let bad = [
        "".into(),
        " ".into(),
        "x".repeat(longest + 1),
        " x".into(),
        "x\u{2003}".into(),
        "x\u{0}".into(),
        "\u{1b}[1m".into(),
    ];
    let mut bad = bad.map(Value::String).to_vec();
    bad.extend([json!(1), json!(true), json!(["x"]), json!({})]);
    (field, place, good.map(Value::String).to_vec(), bad)
}

fn book_limits() -> Vec<Limits<'static>> {
    let price = |amount: Value, currency: &str| json!({ "amount": amount, "currency": currency });
    vec![
        texts("title", "/title", 200),
        texts("author", "/author", 200),
        texts("description", "/description", 4000),
        (
            "category",
            "/category",
            vec![json!("a"), json!("0-9"), json!("z".repeat(40))],
            vec![json!(""), json!("z".repeat(41)), json!("Fiction"), json!("a b"), json!("é"), json!("a#b"), json!(1)],
        ),
        (
            "price",
            "/price/amount",
            vec![price(json!(0), "EUR"), price(json!(1_000_000), "GBP"), price(json!(1), "USD")],
            [json!(-1), json!(1_000_001), json!(1.5), json!("1"), json!(1e30), Value::Null]
                .map(|amount| price(amount, "EUR"))
                .to_vec(),
        ),
        ("price", "/price/currency", vec![], ["eur", "JPY", ""].map(|currency| price(json!(1), currency)).to_vec()),
        ("price", "/price", vec![], vec![json!(1), json!("1 EUR"), json!({}), json!([])]),
    ]
}

fn check<'a>(
    limits: Vec<Limits<'_>>,
    good_body: &Value,
    statuses: [u16; 2],
    call: impl Fn() -> Call<'a>,
) -> Result<()> {
    for (field, place, good, bad) in limits {
        for value in good {
            let answer = call().json(&with(good_body.clone(), json!({ field: value }))).send()?;
            ensure!(statuses.contains(&answer.status), "{field} {value} was refused: {answer}");
        }
        for value in bad {
            let refused = call().json(&with(good_body.clone(), json!({ field: value }))).expect(422)?;
            let places = refused.places();
            ensure!(!places.is_empty() && places.iter().all(|at| at.starts_with(place)), "{field} {value}: {refused}");
        }
    }
    Ok(())
}

fn book(shop: &Shop) -> Result<()> {
    let path = format!("/books/{}", shop.stocked(0)?);
    check(book_limits(), &new_book(), [200, 200], || shop.put(&path).by(shop.admin()).if_match("*"))?;
    check(book_limits(), &json!({}), [200, 200], || shop.patch(&path).by(shop.admin()).if_match("*"))?;
    for field in ["title", "author", "category", "price"] {
        let null = format!(r#"{{"{field}":null}}"#);
        shop.patch(&path).by(shop.admin()).if_match("*").raw("application/json", null).expect(422)?;
    }
    // Stock is not edited but changed.
    let stock = json!({ "stock": 5 });
    shop.put(&path).by(shop.admin()).if_match("*").json(&with(new_book(), stock.clone())).expect(422)?;
    shop.patch(&path).by(shop.admin()).if_match("*").json(&stock).expect(422)?;
    Ok(())
}

fn new(shop: &Shop) -> Result<()> {
    let mut limits = book_limits();
    let bad = vec![json!(-1), json!(1_000_001), json!(1.5), json!("1")];
    limits.push(("stock", "/stock", vec![json!(0), json!(1_000_000)], bad));
    check(limits, &new_book(), [201, 201], || shop.post("/books").by(shop.admin()))
}

fn stock(shop: &Shop) -> Result<()> {
    let path = format!("/books/{}/stock", shop.stocked(20_000)?);
    let good = vec![json!(1), json!(-1), json!(10_000), json!(-10_000)];
    let bad = vec![json!(0), json!(10_001), json!(-10_001), json!(0.5), json!("1"), json!([])];
    let call = || shop.post(&path).by(shop.admin()).key(&unique("key"));
    check(vec![("change", "/change", good, bad)], &json!({}), [200, 200], call)
}

fn review(shop: &Shop) -> Result<()> {
    let path = format!("/books/{}/review", shop.stocked(0)?);
    let customer = shop.customer()?;
    let ratings = (1..=5).map(|rating| json!(rating)).collect();
    let bad = vec![json!(0), json!(6), json!(-1), json!(4.5), json!("5"), json!(true)];
    let limits = vec![("rating", "/rating", ratings, bad), texts("name", "/name", 50), texts("text", "/text", 2000)];
    let good = json!({ "rating": 3, "name": "Me", "text": "So so." });
    check(limits, &good, [200, 201], || shop.put(&path).by(&customer))
}

fn order(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let books = at_once(21, |_| shop.stocked(1000))?;
    let line = |book: &str, quantity: Value| json!({ "bookId": book, "quantity": quantity });
    let one = |quantity: Value| json!([line(&books[0], quantity)]);
    let first = |count: usize| books[..count].iter().map(|book| line(book, json!(1))).collect::<Value>();
    let twice = json!([line(&books[0], json!(1)), line(&books[1], json!(1)), line(&books[0], json!(2))]);
    let good = vec![one(json!(1)), one(json!(99)), first(20)];
    let bad = vec![json!([]), first(21), twice, json!({}), json!("x"), json!([1]), json!([{}])];
    let quantities = [json!(0), json!(100), json!(-1), json!(1.5), json!("1"), Value::Null].map(one);
    let ids = ["1", "", "6fa459ea-ee8a-4ca4-894e-db77e160355e", &books[0].to_uppercase()]
        .map(|id| json!([line(id, json!(1))]));
    let total = |amount: Value, currency: &str| json!({ "amount": amount, "currency": currency });
    let totals =
        vec![total(json!(-1), "EUR"), total(json!(1.5), "EUR"), total(json!(1299), "JPY"), json!(1299), json!([])];
    let limits = vec![
        ("lines", "/lines", good, bad),
        ("lines", "/lines/0/quantity", vec![], quantities.to_vec()),
        ("lines", "/lines/0/bookId", vec![], ids.to_vec()),
        ("expectedTotal", "/expectedTotal", vec![total(json!(1299), "EUR")], totals),
    ];
    let call = || shop.post("/orders").by(&customer).key(&unique("key"));
    check(limits, &json!({ "lines": one(json!(1)) }), [201, 201], call)
}

fn cover(shop: &Shop) -> Result<()> {
    let path = format!("/books/{}/cover-uploads", shop.stocked(0)?);
    let types = ["image/jpeg", "image/png", "image/webp"].map(|media_type| json!(media_type)).to_vec();
    let other = vec![
        json!("image/gif"),
        json!("image/svg+xml"),
        json!("IMAGE/PNG"),
        json!("image/png; a=b"),
        json!(""),
        json!(1),
    ];
    let bad = vec![json!(0), json!(10_485_761), json!(-1), json!(1.5), json!("1")];
    let limits =
        vec![("contentType", "/contentType", types, other), ("size", "/size", vec![json!(1), json!(10_485_760)], bad)];
    let good = json!({ "contentType": "image/png", "size": 100 });
    check(limits, &good, [201, 201], || shop.post(&path).by(shop.admin()))
}
