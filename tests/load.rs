//! Load on a deployed book store: what visitors read, at a named rate for a named time. It fails when too many requests
//! fail, or when the slowest hundredth takes too long. A full load is the same command with a larger rate:
//!
//! `LOAD_REQUESTS_PER_SECOND=50 LOAD_SECONDS=300 cargo test -p bookstore-tests --test load`

use std::env;
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow};
use bookstore_tests::http::text;
use bookstore_tests::load::{Measured, Plan};
use bookstore_tests::shop::Shop;
use bookstore_tests::suite::{self, trial};
use libtest_mimic::Arguments;

static MEASURED: OnceLock<Result<(Plan, Measured)>> = OnceLock::new();

fn main() -> ExitCode {
    let thresholds = vec![
        trial("few_requests_fail".into(), |shop| measured(shop).and_then(|(plan, measured)| measured.few_errors(plan))),
        trial("p99_is_short".into(), |shop| measured(shop).and_then(|(plan, measured)| measured.fast(plan))),
    ];
    suite::run("load", Arguments::from_args(), [thresholds, vec![]])
}

/// One load for both thresholds.
fn measured(shop: &Shop) -> Result<&'static (Plan, Measured)> {
    MEASURED.get_or_init(|| measure(shop)).as_ref().map_err(|error| anyhow!("nothing was measured: {error:#}"))
}

fn measure(shop: &Shop) -> Result<(Plan, Measured)> {
    let plan = Plan::read(|name| env::var(name).ok())?;
    let paths = paths(shop)?;
    let measured = plan.run(|request| {
        let path = &paths[usize::try_from(request).unwrap_or(0) % paths.len()];
        let mut answer =
            shop.agent().get(format!("{}{path}", shop.api_url())).call().map_err(|error| error.to_string())?;
        answer.body_mut().read_to_vec().map_err(|error| error.to_string())?;
        match answer.status().as_u16() {
            200 => Ok(()),
            status => Err(format!("GET {path}: {status}")),
        }
    })?;
    println!("{}", measured.table());
    Ok((plan, measured))
}

/// As visitors do: of ten requests four look at books, three at lists, two search, one is for the categories.
fn paths(shop: &Shop) -> Result<Vec<String>> {
    let page = shop.get("/books?limit=20").expect(200)?;
    let mut books = page.items()?.iter().map(|book| text(book, "id")).collect::<Result<Vec<_>>>()?;
    if books.is_empty() {
        books.push(shop.stocked(1).context("the shop has no book, and none could be added")?);
    }
    let lists = ["/books?limit=20", "/books?limit=20&sort=price", "/books?limit=20&sort=title"];
    let mut paths = Vec::new();
    for (n, book) in books.iter().enumerate() {
        paths.push(format!("/books/{book}"));
        paths.push(lists[n % lists.len()].to_owned());
        paths.push(format!("/books/{}", books[(n + 1) % books.len()]));
        paths.push("/books?limit=20&q=the".to_owned());
        paths.push(lists[(n + 1) % lists.len()].to_owned());
        paths.push(format!("/books/{}", books[(n + 2) % books.len()]));
        paths.push("/books?limit=20&q=boo".to_owned());
        paths.push(lists[(n + 2) % lists.len()].to_owned());
        paths.push(format!("/books/{}", books[(n + 3) % books.len()]));
        paths.push("/categories".to_owned());
    }
    Ok(paths)
}
