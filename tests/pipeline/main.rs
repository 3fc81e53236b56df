//! The pipeline's engine on tiny projects: a local cloud without a book store, builds of a shell command, one function.
//!
//! `cargo local test --only pipeline` runs it with the tools in place.

mod cloud;
mod delivery;
mod executions;
mod interruptions;
mod projects;
mod recovery;
mod roles;
mod stages;
mod website;

use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Result, anyhow};
use libtest_mimic::{Arguments, Failed, Trial};

use cloud::Cloud;

type Test = fn(&Cloud) -> Result<()>;

/// In parallel, in one cloud: each has a pipeline and names of its own.
const THEMES: [(&str, &[(&str, Test)]); 5] = [
    ("executions", executions::TESTS),
    ("recovery", recovery::TESTS),
    ("roles", roles::TESTS),
    ("projects", projects::TESTS),
    ("website", website::TESTS),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(4);
    let tests = THEMES.iter().flat_map(|(theme, tests)| tests.iter().map(move |(name, test)| (theme, name, test)));
    let trials = tests.map(|(theme, name, test)| {
        Trial::test(format!("{theme}::{name}"), move || shared().and_then(test).map_err(failed))
    });
    let mut trials = trials.collect::<Vec<_>>();
    // A cloud of its own: it is killed.
    trials.push(Trial::test("interruptions::kill_9_in_the_middle_of_each_kind_of_action", || {
        let cloud = Cloud::start("interrupted").map_err(failed)?;
        interruptions::kill_in_the_middle(&cloud).and_then(|()| cloud.close()).map_err(failed)
    }));
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(Ok(cloud)) = SHARED.get()
        && let Err(error) = cloud.close()
    {
        eprintln!("error: the tests' local cloud was not removed: {error:#}");
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

static SHARED: OnceLock<Result<Cloud>> = OnceLock::new();

/// The cloud, started by the first test that wants it: to list the tests takes none.
fn shared() -> Result<&'static Cloud> {
    let started = SHARED.get_or_init(|| Cloud::start("pipelines"));
    started.as_ref().map_err(|error| anyhow!("there is no local cloud: {error:#}"))
}

fn failed(error: anyhow::Error) -> Failed {
    format!("{error:#}").into()
}
