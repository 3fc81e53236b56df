//! DynamoDB as it is on a bad day. Only where the environment offers to make it so, which AWS does not:
//! `/_local/faults` beside the local cloud's APIs.

use std::env;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Completion, Trial};
use serde_json::{Value, json};

use crate::fulfilment::listed_since;
use crate::http::Answer;
use crate::orders::{lines, place, placed};
use crate::shop::{Shop, User, unique};
use crate::skippable;

/// What a client wants done. `check` tells whether the shop is as it is with that done once, or not at all.
struct Errand<'a> {
    run: Box<dyn Fn() -> Result<Answer> + 'a>,
    check: Box<dyn Fn(bool) -> Result<()> + 'a>,
}

type Begin = for<'a> fn(&'a Shop) -> Result<Errand<'a>>;

const ERRANDS: [(&str, Begin); 6] = [
    ("an_order", order),
    ("a_cancellation", cancellation),
    ("a_processed_order", processing),
    ("a_review", review),
    ("an_edit", edit),
    ("a_change_of_stock", stock),
];

/// With the operation that it hits, and whether one of it must pass unnoticed.
const FAULTS: [(&str, &str, bool); 5] = [
    ("conflict", "TransactWriteItems", true),
    ("throttle", "*", true),
    ("error", "*", true),
    ("timeout", "TransactWriteItems", false),
    ("lost-answer", "TransactWriteItems", false),
];

pub fn tests() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (errand, begin) in ERRANDS {
        for (fault, operation, unnoticed) in FAULTS {
            trials.push(skippable(format!("account::faults::{fault}::{errand}"), move |shop| {
                let Some(faults) = Faults::offered(shop)? else {
                    return Ok(Completion::ignored_with("not applicable: this environment has no /_local/faults"));
                };
                once(&faults, begin(shop)?, fault, operation, unnoticed).context("met once")?;
                for_ever(&faults, begin(shop)?, fault, operation).context("met time and again")?;
                Ok(Completion::Completed)
            }));
        }
    }
    trials
}

fn once(faults: &Faults<'_>, errand: Errand<'_>, fault: &str, operation: &str, unnoticed: bool) -> Result<()> {
    let answer = faults.during(fault, operation, 1, &errand.run)?;
    ensure!(is_success(&answer) || (!unnoticed && is_busy(&answer)), "{answer}");
    settle(&errand, &answer, fault)
}

fn for_ever(faults: &Faults<'_>, errand: Errand<'_>, fault: &str, operation: &str) -> Result<()> {
    let start = Instant::now();
    let answer = faults.during(fault, operation, 1000, &errand.run)?;
    let time = start.elapsed();
    ensure!(time < Duration::from_secs(29), "answered after {} s, and API Gateway waits for 30", time.as_secs());
    ensure!(is_busy(&answer), "{answer}");
    settle(&errand, &answer, fault)
}

/// The state fits the answer, and after a retry it is done, once.
fn settle(errand: &Errand<'_>, answer: &Answer, fault: &str) -> Result<()> {
    if is_success(answer) {
        (errand.check)(true)?;
    } else if ["timeout", "lost-answer"].contains(&fault) {
        // Who has got no answer does not know.
        (errand.check)(true).or_else(|_| (errand.check)(false)).context("neither done nor not done")?;
    } else {
        (errand.check)(false).context("busy, and yet something was done")?;
    }
    let again = (errand.run)()?;
    // An edit that was made without an answer: to the retry it is somebody else's.
    ensure!(is_success(&again) || again.status == 412, "the retry was answered {again}");
    (errand.check)(true).context("after the retry")
}

fn is_success(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

fn is_busy(answer: &Answer) -> bool {
    answer.status == 503 && answer.header("retry-after").is_some()
}

fn order(shop: &Shop) -> Result<Errand<'_>> {
    let (customer, book, key) = (shop.customer()?, shop.stocked(5)?, unique("key"));
    let body = lines(&[(&book, 2)]);
    let reader = customer.clone();
    Ok(Errand {
        run: Box::new(move || place(shop, &customer, &key, &body).send()),
        check: Box::new(move |done| {
            let (stock, orders) = (shop.stock(&book)?, shop.walk(Some(&reader), "/orders?limit=100")?.len());
            let expected = if done { (3, 1) } else { (5, 0) };
            ensure!((stock, orders) == expected, "{stock} copies, {orders} orders; should be {expected:?}");
            Ok(())
        }),
    })
}

fn cancellation(shop: &Shop) -> Result<Errand<'_>> {
    let placed = Placed::new(shop)?;
    let (customer, path) = (placed.customer.clone(), format!("/orders/{}/cancel", placed.order));
    Ok(Errand {
        run: Box::new(move || shop.post(&path).by(&customer).send()),
        check: Box::new(move |done| placed.check(shop, if done { ("cancelled", 5) } else { ("placed", 3) })),
    })
}

fn processing(shop: &Shop) -> Result<Errand<'_>> {
    let placed = Placed::new(shop)?;
    let path = format!("/admin/orders/{}/process", placed.order);
    Ok(Errand {
        run: Box::new(move || shop.post(&path).by(shop.admin()).send()),
        check: Box::new(move |done| placed.check(shop, if done { ("processed", 3) } else { ("placed", 3) })),
    })
}

/// An order of two of five copies.
struct Placed {
    customer: User,
    book: String,
    order: String,
}

impl Placed {
    fn new(shop: &Shop) -> Result<Self> {
        let (customer, book) = (shop.customer()?, shop.stocked(5)?);
        let order = placed(shop, &customer, &lines(&[(&book, 2)]))?.id()?;
        Ok(Self { customer, book, order })
    }

    /// The order has this status wherever it is shown, and the book so many copies.
    fn check(&self, shop: &Shop, (status, copies): (&str, u64)) -> Result<()> {
        let order = shop.get(&format!("/orders/{}", self.order)).by(&self.customer).expect(200)?;
        ensure!(order.body["status"] == status, "not {status}: {order}");
        let own = shop.walk(Some(&self.customer), "/orders?limit=100")?;
        ensure!(own.len() == 1 && own[0]["status"] == status, "not {status} in the customer's list: {own:?}");
        for list in ["placed", "processed", "cancelled"] {
            let all = listed_since(shop, &self.order, &format!("&status={list}"))?;
            let times = all.iter().filter(|one| one["id"] == self.order.as_str()).count();
            ensure!(times == usize::from(list == status), "{times} times in the list of the {list}");
        }
        ensure!(shop.stock(&self.book)? == copies, "{} copies, should be {copies}", shop.stock(&self.book)?);
        Ok(())
    }
}

fn review(shop: &Shop) -> Result<Errand<'_>> {
    let (customer, book) = (shop.customer()?, shop.stocked(0)?);
    let path = format!("/books/{book}/review");
    let body = json!({ "rating": 4, "name": "Me", "text": "Good." });
    Ok(Errand {
        run: Box::new(move || shop.put(&path).by(&customer).json(&body).send()),
        check: Box::new(move |done| {
            let shown = shop.book(&book)?;
            let listed = shop.walk(None, &format!("/books/{book}/reviews?limit=100"))?;
            let rating = if done { json!({ "count": 1, "average": 4.0 }) } else { json!({ "count": 0 }) };
            let same = shown.body["rating"]["count"] == rating["count"]
                && shown.body["rating"]["average"].as_f64() == rating["average"].as_f64();
            ensure!(same && listed.len() == usize::from(done), "{shown}, and {} are listed", listed.len());
            Ok(())
        }),
    })
}

fn edit(shop: &Shop) -> Result<Errand<'_>> {
    let (old, new) = (unique("shelf-"), unique("shelf-"));
    let book = shop.add_book(json!({ "category": old }))?;
    let (path, etag, change) = (format!("/books/{}", book.id()?), book.etag()?, json!({ "category": new }));
    Ok(Errand {
        run: Box::new(move || shop.patch(&path).by(shop.admin()).if_match(&etag).json(&change).send()),
        check: Box::new(move |done| {
            for (category, books) in [(&old, usize::from(!done)), (&new, usize::from(done))] {
                for sort in ["newest", "title", "price"] {
                    let listed = shop.walk(None, &format!("/books?category={category}&sort={sort}"))?.len();
                    ensure!(listed == books, "{listed} books in {category} by {sort}, not {books}");
                }
            }
            Ok(())
        }),
    })
}

fn stock(shop: &Shop) -> Result<Errand<'_>> {
    let (book, key) = (shop.stocked(5)?, unique("key"));
    let path = format!("/books/{book}/stock");
    Ok(Errand {
        run: Box::new(move || shop.post(&path).by(shop.admin()).key(&key).json(&json!({ "change": 2 })).send()),
        check: Box::new(move |done| {
            let (copies, expected) = (shop.stock(&book)?, if done { 7 } else { 5 });
            ensure!(copies == expected, "{copies} copies, should be {expected}");
            Ok(())
        }),
    })
}

/// The environment's own way to make services fail.
struct Faults<'a> {
    shop: &'a Shop,
    url: String,
}

impl<'a> Faults<'a> {
    fn offered(shop: &'a Shop) -> Result<Option<Self>> {
        let Ok(endpoint) = env::var("AWS_ENDPOINT_URL") else { return Ok(None) };
        let url = format!("{}/_local/faults", endpoint.trim_end_matches('/'));
        let offered = shop.agent().get(&url).call()?.status() == 200;
        Ok(offered.then_some(Self { shop, url }))
    }

    /// Runs something while so many calls of the operation fail. It must have met at least one of them.
    fn during(&self, fault: &str, operation: &str, times: u64, run: impl Fn() -> Result<Answer>) -> Result<Answer> {
        // Those of this stack's functions: others use the same cloud.
        let caller = format!("*:assumed-role/{}-*", self.shop.stack);
        let faults = json!([
            { "service": "dynamodb", "operation": operation, "times": times, "fault": fault, "caller": caller }
        ]);
        let status = self.shop.agent().post(&self.url).send_json(&faults)?.status();
        ensure!(status == 200, "the faults were refused with {status}: {faults}");
        let answer = run();
        let left = self.shop.agent().get(&self.url).call()?.body_mut().read_json::<Value>();
        self.shop.agent().delete(&self.url).call()?;
        let left = left?[0]["times"].as_u64().unwrap_or_default();
        ensure!(left < times, "no call of {operation} met the fault");
        answer
    }
}
