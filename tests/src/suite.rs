//! How a suite runs: its tests share one book store, which is left as it was found, and JUNIT_REPORT names the file for a
//! report that CodeBuild shows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, anyhow};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::shop::Shop;

static SHOP: OnceLock<Result<Shop>> = OnceLock::new();
static CASES: Mutex<Vec<TestCase>> = Mutex::new(Vec::new());

/// The book store, opened by the first test that wants it: to list the tests takes none.
pub fn shop() -> Result<&'static Shop> {
    SHOP.get_or_init(Shop::open).as_ref().map_err(|error| anyhow!("the book store is not there: {error:#}"))
}

pub fn trial(name: String, test: impl FnOnce(&Shop) -> Result<()> + Send + 'static) -> Trial {
    skippable(name, |shop| test(shop).map(|()| Completion::Completed))
}

pub fn skippable(name: String, test: impl FnOnce(&Shop) -> Result<Completion> + Send + 'static) -> Trial {
    recorded(name, || shop().and_then(test))
}

/// A test that is in the report.
pub fn recorded(name: String, test: impl FnOnce() -> Result<Completion> + Send + 'static) -> Trial {
    Trial::ignorable_test(name.clone(), move || {
        let start = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(test)).unwrap_or_else(|panic| {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(anyhow!("panicked: {}", message.unwrap_or("with no message")))
        });
        record(&name, start.elapsed(), &result);
        result.map_err(|error| Failed::from(format!("{error:#}")))
    })
}

fn record(name: &str, time: Duration, result: &Result<Completion>) {
    let status = match result {
        Ok(Completion::Completed) => TestCaseStatus::success(),
        Ok(Completion::Ignored { .. }) => TestCaseStatus::skipped(),
        Err(error) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(format!("{error:#}"));
            status
        }
    };
    let mut case = TestCase::new(name, status);
    case.set_time(time);
    CASES.lock().unwrap_or_else(PoisonError::into_inner).push(case);
}

/// Runs one part after the other, removes what the tests have made, and reports.
pub fn run(name: &str, mut arguments: Arguments, [parallel, alone]: [Vec<Trial>; 2]) -> ExitCode {
    let mut failed = libtest_mimic::run(&arguments, parallel).has_failed();
    if !alone.is_empty() {
        arguments.test_threads = Some(1);
        failed |= libtest_mimic::run(&arguments, alone).has_failed();
    }
    if let Some(Ok(shop)) = SHOP.get()
        && let Err(error) = shop.close()
    {
        eprintln!("error: what the tests have made was not removed: {error:#}");
        failed = true;
    }
    if let Err(error) = report(name) {
        eprintln!("error: {error:#}");
        failed = true;
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn report(name: &str) -> Result<()> {
    let Some(path) = env::var_os("JUNIT_REPORT") else { return Ok(()) };
    let mut suite = TestSuite::new(name);
    suite.add_test_cases(CASES.lock().unwrap_or_else(PoisonError::into_inner).drain(..));
    let mut report = Report::new(name);
    report.add_test_suite(suite);
    fs::write(&path, report.to_string()?).with_context(|| format!("cannot write {}", path.display()))
}
