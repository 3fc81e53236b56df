//! Customers who order.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::http::{Answer, Call};
use crate::shop::{Shop, User, at_once, each, unique, unknown_id};

pub const TESTS: &[(&str, Test)] = &[
    ("prices_and_total_come_from_the_catalogue", priced),
    ("an_order_keeps_what_it_was_placed_with", kept),
    ("an_expected_total_must_be_the_total", expected_total),
    ("out_of_stock_names_the_book_and_takes_nothing", out_of_stock),
    ("what_is_no_longer_sold_cannot_be_ordered", gone),
    ("one_order_has_one_currency", two_currencies),
    ("a_retry_answers_the_same_order", retry),
    ("ten_retries_at_once_place_one_order", retries_at_once),
    ("a_key_stands_for_one_body_of_one_customer", keys),
    ("a_refused_order_leaves_its_key_free", refused_key),
    ("of_fifty_orders_for_ten_copies_ten_succeed", fifty_for_ten),
    ("orders_of_the_same_books_in_any_order_do_not_block_each_other", crossed),
];

pub fn lines(lines: &[(&str, u64)]) -> Value {
    let lines = lines.iter().map(|(id, quantity)| json!({ "bookId": id, "quantity": quantity }));
    json!({ "lines": lines.collect::<Value>() })
}

pub fn place<'a>(shop: &'a Shop, customer: &User, key: &str, order: &Value) -> Call<'a> {
    shop.post("/orders").by(customer).key(key).json(order)
}

/// Places an order with a key of its own.
pub fn placed(shop: &Shop, customer: &User, order: &Value) -> Result<Answer> {
    place(shop, customer, &unique("key"), order).expect(201)
}

fn priced_book(shop: &Shop, stock: u32, amount: u64, currency: &str) -> Result<String> {
    shop.add_book(json!({ "stock": stock, "price": { "amount": amount, "currency": currency } }))?.id()
}

fn priced(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let (one, other) = (priced_book(shop, 10, 1250, "GBP")?, priced_book(shop, 3, 999, "GBP")?);
    let order = placed(shop, &customer, &lines(&[(&one, 2), (&other, 3)]))?;
    let price = |amount: u64| json!({ "amount": amount, "currency": "GBP" });
    let expected = json!([
        { "bookId": one, "title": "The Dispossessed", "quantity": 2, "price": price(1250) },
        { "bookId": other, "title": "The Dispossessed", "quantity": 3, "price": price(999) },
    ]);
    ensure!(order.body["lines"] == expected && order.body["total"] == price(5497), "{order}");
    ensure!(order.body["status"] == "placed" && order.body["createdAt"] == order.body["updatedAt"], "{order}");
    ensure!((shop.stock(&one)?, shop.stock(&other)?) == (8, 0), "the stock was not taken");
    let location = order.header("location").unwrap_or_default();
    ensure!(location == format!("/orders/{}", order.id()?), "Location: {location}");
    let read = shop.get(location).by(&customer).expect(200)?;
    ensure!(read.body == order.body, "{read}");
    // The most that an order may hold.
    let dear = each(&[0; 20], |_| priced_book(shop, 99, 1_000_000, "USD"))?;
    let all = dear.iter().map(|id| (id.as_str(), 99)).collect::<Vec<_>>();
    let order = placed(shop, &customer, &lines(&all))?;
    ensure!(order.body["total"]["amount"] == 1_980_000_000_u64, "{order}");
    Ok(())
}

fn kept(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let book = priced_book(shop, 10, 500, "EUR")?;
    let order = placed(shop, &customer, &lines(&[(&book, 1)]))?;
    let change = json!({ "title": "Dearer", "price": { "amount": 900, "currency": "EUR" } });
    shop.patch(&format!("/books/{book}")).by(shop.admin()).if_match("*").json(&change).expect(200)?;
    let read = shop.get(&format!("/orders/{}", order.id()?)).by(&customer).expect(200)?;
    ensure!(read.body == order.body, "{read} is not {order}");
    ensure!(placed(shop, &customer, &lines(&[(&book, 1)]))?.body["total"]["amount"] == 900, "the old price");
    Ok(())
}

fn expected_total(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let book = priced_book(shop, 10, 500, "EUR")?;
    let order = |amount: u64, currency: &str| {
        let mut order = lines(&[(&book, 2)]);
        order["expectedTotal"] = json!({ "amount": amount, "currency": currency });
        order
    };
    for (amount, currency) in [(999, "EUR"), (1001, "EUR"), (1000, "USD")] {
        let refused = place(shop, &customer, &unique("key"), &order(amount, currency)).expect(409)?;
        ensure!(refused.places() == ["/expectedTotal"], "{refused}");
    }
    ensure!(shop.stock(&book)? == 10, "a refused order took stock");
    placed(shop, &customer, &order(1000, "EUR"))?;
    ensure!(shop.stock(&book)? == 8, "the stock was not taken");
    Ok(())
}

fn out_of_stock(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let (plenty, few, none) = (shop.stocked(10)?, shop.stocked(2)?, shop.stocked(0)?);
    let order = lines(&[(&plenty, 1), (&few, 3), (&none, 1)]);
    let refused = place(shop, &customer, &unique("key"), &order).expect(409)?;
    let places = refused.places();
    let named = |line: &str| places.iter().any(|place| place.starts_with(line));
    ensure!(named("/lines/1") && named("/lines/2") && !named("/lines/0"), "{refused}");
    ensure!((shop.stock(&plenty)?, shop.stock(&few)?) == (10, 2), "a refused order took stock");
    ensure!(shop.walk(Some(&customer), "/orders?limit=100")?.is_empty(), "a refused order is listed");
    Ok(())
}

fn gone(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let (sold, deleted) = (shop.stocked(10)?, shop.stocked(10)?);
    shop.delete(&format!("/books/{deleted}")).by(shop.admin()).expect(204)?;
    for missing in [deleted, unknown_id()] {
        let order = lines(&[(&sold, 1), (&missing, 1)]);
        let refused = place(shop, &customer, &unique("key"), &order).expect(409)?;
        let places = refused.places();
        ensure!(!places.is_empty() && places.iter().all(|place| place.starts_with("/lines/1")), "{refused}");
    }
    ensure!(shop.stock(&sold)? == 10, "a refused order took stock");
    Ok(())
}

fn two_currencies(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let (euros, dollars) = (priced_book(shop, 10, 500, "EUR")?, priced_book(shop, 10, 500, "USD")?);
    place(shop, &customer, &unique("key"), &lines(&[(&euros, 1), (&dollars, 1)])).expect(422)?;
    ensure!((shop.stock(&euros)?, shop.stock(&dollars)?) == (10, 10), "a refused order took stock");
    Ok(())
}

fn retry(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let (book, key) = (shop.stocked(5)?, unique("key"));
    let order = lines(&[(&book, 2)]);
    let first = place(shop, &customer, &key, &order).expect(201)?;
    // Whatever has become of book and order meanwhile.
    shop.delete(&format!("/books/{book}")).by(shop.admin()).expect(204)?;
    let again = place(shop, &customer, &key, &order).expect(201)?;
    ensure!(again.body == first.body && again.header("location") == first.header("location"), "{again}");
    shop.post(&format!("/orders/{}/cancel", first.id()?)).by(&customer).expect(200)?;
    ensure!(place(shop, &customer, &key, &order).expect(201)?.id()? == first.id()?, "another order");
    ensure!(shop.walk(Some(&customer), "/orders?limit=100")?.len() == 1, "a retry placed another order");
    Ok(())
}

fn retries_at_once(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let (book, key) = (shop.stocked(5)?, unique("key"));
    let order = lines(&[(&book, 2)]);
    let answers = at_once(10, |_| place(shop, &customer, &key, &order).patiently())?;
    let id = answers[0].id()?;
    ensure!(answers.iter().all(|answer| answer.status == 201 && answer.body["id"] == id.as_str()), "{answers:?}");
    ensure!(shop.stock(&book)? == 3, "stock was taken more than once: {}", shop.stock(&book)?);
    ensure!(shop.walk(Some(&customer), "/orders?limit=100")?.len() == 1, "more than one order");
    Ok(())
}

fn keys(shop: &Shop) -> Result<()> {
    let (customer, other) = (shop.customer()?, shop.customer()?);
    let (book, key) = (shop.stocked(9)?, unique("key"));
    let first = place(shop, &customer, &key, &lines(&[(&book, 2)])).expect(201)?;
    place(shop, &customer, &key, &lines(&[(&book, 3)])).expect(422)?;
    ensure!(shop.stock(&book)? == 7, "a refused order took stock");
    // The same JSON in another spelling is the same request.
    let spelling = format!(r#"{{ "lines" : [ {{ "quantity":2, "bookId":"{book}" }} ] }}"#);
    let spelled = shop.post("/orders").by(&customer).key(&key).raw("application/json", spelling).expect(201)?;
    ensure!(spelled.id()? == first.id()?, "{spelled} is not {first}");
    let others = place(shop, &other, &key, &lines(&[(&book, 2)])).expect(201)?;
    ensure!(others.id()? != first.id()?, "somebody else's key answered this order");
    ensure!(shop.stock(&book)? == 5, "two orders of two copies");
    Ok(())
}

fn refused_key(shop: &Shop) -> Result<()> {
    let customer = shop.customer()?;
    let (book, key) = (shop.stocked(1)?, unique("key"));
    place(shop, &customer, &key, &lines(&[(&book, 2)])).expect(409)?;
    place(shop, &customer, &key, &lines(&[(&book, 0)])).expect(422)?;
    place(shop, &customer, &key, &lines(&[(&book, 1)])).expect(201)?;
    Ok(())
}

fn fifty_for_ten(shop: &Shop) -> Result<()> {
    let book = shop.stocked(10)?;
    let customers = each(&[0; 10], |_| shop.customer())?;
    let order = lines(&[(&book, 1)]);
    let answers = at_once(50, |n| place(shop, &customers[n % 10], &unique("key"), &order).patiently())?;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    ensure!(count(201) == 10 && count(409) == 40, "{} succeeded, {} found no stock", count(201), count(409));
    ensure!(shop.stock(&book)? == 0, "{} copies are left", shop.stock(&book)?);
    let listed = each(&customers, |customer| Ok(shop.walk(Some(customer), "/orders?limit=100")?.len()))?;
    ensure!(listed.iter().sum::<usize>() == 10, "{listed:?} orders are listed");
    let refused = answers.iter().filter(|answer| answer.status == 409);
    let named = |answer: &Answer| answer.places().iter().any(|place| place.starts_with("/lines/0"));
    ensure!(refused.clone().all(named), "a refusal does not name the book: {:?}", refused.collect::<Vec<_>>());
    Ok(())
}

/// The same two books in opposite orders: what locks one after the other would wait for ever.
fn crossed(shop: &Shop) -> Result<()> {
    let (one, other) = (shop.stocked(20)?, shop.stocked(20)?);
    let customer = shop.customer()?;
    let (there, back) = (lines(&[(&one, 1), (&other, 1)]), lines(&[(&other, 1), (&one, 1)]));
    let answers =
        at_once(20, |n| place(shop, &customer, &unique("key"), if n % 2 == 0 { &there } else { &back }).patiently())?;
    ensure!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    ensure!((shop.stock(&one)?, shop.stock(&other)?) == (0, 0), "the stock does not fit the orders");
    Ok(())
}
