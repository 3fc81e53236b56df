//! A visitor's journeys through a deployed book store. It reads and writes nothing else, so it may run against production:
//!
//! `BOOKSTORE_STACK=bookstore-production cargo test -p bookstore-tests --test smoke`

use std::process::ExitCode;

use bookstore_tests::{journeys, suite};
use libtest_mimic::Arguments;

fn main() -> ExitCode {
    suite::run("smoke", Arguments::from_args(), [journeys::visitor(), vec![]])
}
