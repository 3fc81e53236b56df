//! The API of a deployed book store, against docs/openapi.yaml. The same command runs against any of them:
//!
//! `BOOKSTORE_STACK=bookstore-staging cargo test -p bookstore-tests --test integration`
//!
//! Some tests (`account::`) need more than the shop's users have: they set alarms off, read queues, simulate roles. Where
//! the credentials do not permit that, `--skip account::` leaves them out.
//!
//! It needs Python with boto3 (BOOKSTORE_PYTHON), and credentials that may make users and queues. It makes its own users,
//! books and orders, and needs nothing of what is there to be its own, so that it can run while others use the shop.

mod alarms;
mod announcements;
mod authorization;
mod catalogue;
mod covers;
mod document;
mod editing;
mod errors;
mod faults;
mod fulfilment;
mod limits;
mod listing;
mod orders;
mod permissions;
mod reviews;
mod rights;
mod search;
mod stock;
mod subscription;

use std::process::ExitCode;

use anyhow::Result;
use bookstore_tests::suite::{self, skippable, trial};
use bookstore_tests::{aws, contract, http, images, schema, shop};
use libtest_mimic::{Arguments, Completion};

use shop::Shop;

type Test = fn(&Shop) -> Result<()>;

/// In parallel: each has users and books of its own.
const THEMES: [(&str, &[(&str, Test)]); 13] = [
    ("account::alarms", alarms::TESTS),
    ("account::announcements", announcements::TESTS),
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
    let mut trials = vec![suite::recorded("document::its_examples_are_valid".into(), || {
        document::examples_are_valid().map(|()| Completion::Completed)
    })];
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
    // One after the other: what one of these breaks on purpose, all would feel.
    let mut alone = faults::tests();
    if arguments.filter.is_none() && arguments.skip.is_empty() {
        alone.insert(0, trial("document::every_answer_was_seen".into(), document::every_answer_was_seen));
    }
    suite::run("integration", arguments, [trials, alone])
}
