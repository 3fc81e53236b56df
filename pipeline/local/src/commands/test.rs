//! `cargo local test`: everything that can be checked without an AWS account.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::aws::{REGION, ROOT_KEY};
use crate::console::{self, BAD, BOLD, GOOD, styled};
use crate::home::Home;
use crate::tools;

/// One part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Rust sources are formatted
    Format,
    /// clippy has no warnings
    Lint,
    /// Unit tests
    Unit,
    /// Tests of what is loaded into MiniStack
    Glue,
    /// Templates pass cfn-lint, `sam validate --lint` and checkov
    Templates,
    /// The website's types, lints, unit tests and build, and that its types of the API are those of docs/openapi.yaml
    Site,
    /// The pipeline's engine on projects that are built in a second
    Pipeline,
    /// A push through the whole pipeline, in a local cloud of its own
    EndToEnd,
}

const TEMPLATES: &str = "template.yaml pipeline/backend.yaml pipeline/environment.yaml pipeline/frontend.yaml \
                         pipeline/frontend-environment.yaml frontend/hosting.yaml";

/// Runs all steps or one, each whatever became of the others.
///
/// Among all of them, what the pipelines' builds do (lints and unit tests of functions, the website's checks) is left to the
/// push of the last step, whose builds do it on the same sources.
pub async fn run(home: &Home, only: Option<Step>) -> Result<ExitCode> {
    // Asked for first: a test build may replace the file.
    let program = env::current_exe().context("cannot find this program's own file")?;
    tools::ensure(home, true).await?;
    let steps: Vec<Step> =
        Step::value_variants().iter().copied().filter(|step| only.is_none_or(|only| only == *step)).collect();

    let mut failed = Vec::new();
    for step in &steps {
        let name = step_name(*step);
        anstream::println!("\n{}", styled(BOLD, format_args!("── {name}")));
        let started = Instant::now();
        if *step == Step::Templates {
            tools::ensure_checkov(home).await?;
        }
        let passed = passes(home, *step, only.is_some(), &program)?;
        let took = console::duration(started.elapsed());
        let (style, mark) = if passed { (GOOD, "✓") } else { (BAD, "✗") };
        anstream::println!("{} {name}, {took}", styled(style, mark));
        if !passed {
            failed.push(name);
        }
    }
    anstream::println!();
    if !failed.is_empty() {
        anstream::println!("Failed: {}", failed.join(", "));
    }
    anstream::println!("{} passed, {} failed", steps.len() - failed.len(), failed.len());
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the commands of a step up to the first that fails.
fn passes(home: &Home, step: Step, alone: bool, program: &PathBuf) -> Result<bool> {
    for mut command in commands(home, step, alone, program) {
        let line = show(home, &command);
        anstream::println!("$ {line}");
        if !command.status().with_context(|| format!("cannot run {line}"))?.success() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn commands(home: &Home, step: Step, alone: bool, program: &PathBuf) -> Vec<Command> {
    let cargo = |arguments: &str| command(home, "cargo".into(), arguments);
    let tool = |name: &str, arguments: &str| command(home, home.tools_bin_dir().join(name), arguments);
    match step {
        Step::Format => vec![cargo("fmt --all --check")],
        // Package by package: together they would agree on features, and compile what they share once more.
        Step::Lint => ["", "--package bookstore-local ", "--package bookstore-tests ", "--package bookstore-measure "]
            .into_iter()
            .skip(usize::from(!alone))
            .map(|package| cargo(&format!("clippy --locked {package}--all-targets -- -D warnings")))
            .collect(),
        Step::Unit => ["", " --package bookstore-local", " --package bookstore-tests --lib"]
            .into_iter()
            .skip(usize::from(!alone))
            .map(|package| cargo(&format!("test --locked{package}")))
            .collect(),
        Step::Glue => {
            // Class by class, more at a time than there are cores: they wait more than they compute.
            let arguments = "-m pytest --quiet --numprocesses 4 --dist loadscope -p no:cacheprovider glue/tests";
            let mut python = command(home, home.ministack_python(), arguments);
            python.current_dir(home.local_crate_dir());
            vec![python]
        }
        Step::Templates => {
            let mut validate = tool("sam", "validate --lint --template template.yaml");
            // The SAM CLI wants credentials and a region even for a check that calls nobody.
            validate
                .env("AWS_ACCESS_KEY_ID", ROOT_KEY)
                .env("AWS_SECRET_ACCESS_KEY", ROOT_KEY)
                .env("AWS_DEFAULT_REGION", REGION)
                .env("SAM_CLI_TELEMETRY", "0");
            let checkov = home.tools_dir().join("checkov/bin/checkov");
            let checkov = command(home, checkov, &format!("--config-file .checkov.yaml --file {TEMPLATES}"));
            vec![tool("cfn-lint", TEMPLATES), validate, checkov]
        }
        Step::Site => ["ci --no-audit --no-fund", "run api:check", "run lint", "run check", "test", "run build"]
            .into_iter()
            .take(if alone { 6 } else { 2 })
            .map(|arguments| command(home, "npm".into(), &format!("--prefix frontend {arguments}")))
            .collect(),
        Step::Pipeline | Step::EndToEnd => {
            let suite = if step == Step::Pipeline { "pipeline" } else { "push" };
            let mut tests = cargo(&format!("test --locked --package bookstore-tests --test {suite}"));
            tests.env("BOOKSTORE_LOCAL_BIN", program).env("BOOKSTORE_LOCAL_TOOLS", home.tools_dir());
            vec![tests]
        }
    }
}

fn command(home: &Home, program: PathBuf, arguments: &str) -> Command {
    let mut command = Command::new(program);
    command.args(arguments.split(' ')).current_dir(home.workspace());
    // The tests choose a home and a port themselves.
    command.env_remove("BOOKSTORE_LOCAL_HOME").env_remove("BOOKSTORE_LOCAL_PORT");
    command
}

/// A command as a person would type it at the root of the checkout.
fn show(home: &Home, command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let program = program.strip_prefix(home.workspace()).unwrap_or(&program).display().to_string();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn step_name(step: Step) -> String {
    step.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
