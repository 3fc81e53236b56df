//! The API of a deployed book store, against docs/openapi.yaml. The same command runs against any of them:
//!
//! `BOOKSTORE_STACK=bookstore-staging cargo test -p bookstore-tests --test api`
//!
//! It needs Python with boto3 (BOOKSTORE_PYTHON), and credentials that may make users and queues. It makes its own users,
//! books and orders, and needs nothing of what is there to be its own, so that it can run while others use the shop.

mod alarms;
mod announcements;
mod authorization;
#[path = "../aws.rs"]
mod aws;
mod catalogue;
mod contract;
mod covers;
mod document;
mod editing;
mod errors;
mod faults;
mod fulfilment;
mod http;
mod images;
mod limits;
mod listing;
mod orders;
mod permissions;
mod reviews;
mod rights;
mod schema;
mod search;
mod shop;
mod stock;
mod subscription;

use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Result, anyhow};
use libtest_mimic::{Arguments, Completion, Failed, Trial};

use shop::Shop;

type Test = fn(&Shop) -> Result<()>;

/// In parallel: each has users and books of its own.
const THEMES: [(&str, &[(&str, Test)]); 13] = [
    ("alarms", alarms::TESTS),
    ("announcements", announcements::TESTS),
    ("covers", covers::TESTS),
    ("catalogue", catalogue::TESTS),
    ("editing", editing::TESTS),
    ("stock", stock::TESTS),
    ("listing", listing::TESTS),
    ("search", search::TESTS),
    ("reviews", reviews::TESTS),
    ("orders", orders::TESTS),
    ("fulfilment", fulfilment::TESTS),
    ("errors", errors::TESTS),
    ("limits", limits::TESTS),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Most of a test's time goes by waiting for answers.
    arguments.test_threads.get_or_insert(8);
    let examples = || document::examples_are_valid().map_err(failed);
    let mut trials = vec![Trial::test("document::its_examples_are_valid", examples)];
    for (theme, tests) in THEMES {
        trials.extend(tests.iter().map(|(name, test)| trial(format!("{theme}::{name}"), *test)));
    }
    match authorization::tests() {
        Ok(tests) => trials.extend(tests),
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    }
    trials.extend(permissions::tests());
    let parallel = libtest_mimic::run(&arguments, trials);

    // One after the other: what one of these breaks on purpose, all would feel.
    let mut alone = vec![];
    if arguments.filter.is_none() && arguments.skip.is_empty() {
        alone.push(trial("document::every_answer_was_seen".into(), document::every_answer_was_seen));
    }
    alone.extend(faults::tests());
    arguments.test_threads = Some(1);
    let alone = libtest_mimic::run(&arguments, alone);

    if let Some(Ok(shop)) = SHOP.get()
        && let Err(error) = shop.close()
    {
        eprintln!("error: what the tests have made was not removed: {error:#}");
        return ExitCode::FAILURE;
    }
    if parallel.has_failed() || alone.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

static SHOP: OnceLock<Result<Shop>> = OnceLock::new();

/// The book store, opened by the first test that wants it: to list the tests takes none.
fn shop() -> Result<&'static Shop> {
    SHOP.get_or_init(Shop::open).as_ref().map_err(|error| anyhow!("the book store is not there: {error:#}"))
}

fn trial(name: String, test: impl FnOnce(&Shop) -> Result<()> + Send + 'static) -> Trial {
    skippable(name, |shop| test(shop).map(|()| Completion::Completed))
}

fn skippable(name: String, test: impl FnOnce(&Shop) -> Result<Completion> + Send + 'static) -> Trial {
    Trial::ignorable_test(name, || shop().and_then(test).map_err(failed))
}

fn failed(error: anyhow::Error) -> Failed {
    format!("{error:#}").into()
}
