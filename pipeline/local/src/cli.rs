//! The command line: what can be asked for, explained.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

use crate::commands::{admin, down, logs, seed, status, test, up, watch};
use crate::console::{BAD, styled};
use crate::home::Home;
use crate::{codecommit, daemon, serve};

/// The book store's whole delivery on this machine: a local cloud, its pipeline, and your pushes
#[derive(Parser)]
#[command(
    name = "cargo local",
    bin_name = "cargo local",
    version,
    arg_required_else_help = true,
    after_help = "Begin with `cargo local up`. Then, after any commit: `git push local main` and `cargo local watch`."
)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
#[command(next_help_heading = "Which local cloud")]
struct Place {
    /// Port of the one endpoint [default: the port last used, else 4566]
    #[arg(long, global = true, env = "BOOKSTORE_LOCAL_PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Folder of everything that the local cloud stores [default: .local in the checkout]
    #[arg(long, global = true, env = "BOOKSTORE_LOCAL_HOME", value_name = "FOLDER")]
    home: Option<PathBuf>,
    /// Folder of the installed tools [default: .local/tools in the checkout]
    #[arg(long, global = true, env = "BOOKSTORE_LOCAL_TOOLS", value_name = "FOLDER", hide_short_help = true)]
    tools_dir: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Set everything up, deliver HEAD, and print the API's URL
    ///
    /// Does what is still to be done and nothing twice: checks the machine, installs the pinned tools, starts the local
    /// cloud in the background, creates or updates the pipeline from pipeline/backend.yaml, pushes HEAD to it and follows
    /// the execution. Ends with exit code 1 if that failed.
    #[command(after_help = "Examples:\n  cargo local up\n  cargo local up --port 4570")]
    Up,
    /// Follow an execution of the pipeline until it ends
    ///
    /// Shows each action as it starts and ends, and the end of the running build's log. Use it after `git push local main`.
    /// Ctrl-C ends only the watching. Exit code 0 means delivered, 1 means not.
    #[command(
        after_help = "Examples:\n  cargo local watch\n  cargo local watch 3f2a91c     (of this commit or execution)"
    )]
    Watch {
        /// The beginning of an execution's id or of a commit's [default: the newest execution]
        execution: Option<String>,
    },
    /// Show what runs, how the pipeline stands, and what was delivered
    ///
    /// Answers at once and changes nothing; also when nothing runs.
    Status,
    /// Print the log of a build
    ///
    /// The log of the newest run of an action, or of the newest action that has a log. Builds have logs; for other actions,
    /// `cargo local status` shows why they failed.
    #[command(
        after_help = "Examples:\n  cargo local logs\n  cargo local logs Build --follow\n  cargo local logs --execution 3f2a91c"
    )]
    Logs {
        /// The action's name, such as Build
        action: Option<String>,
        /// The beginning of an execution's id or of its commit's
        #[arg(long, value_name = "ID")]
        execution: Option<String>,
        /// Go on until the build ends
        #[arg(long, short)]
        follow: bool,
    },
    /// Fill the book store with books, covers, customers, reviews and orders
    ///
    /// The same invented catalogue each time, put in through the public API. What is there already is left alone, so a run
    /// that was interrupted goes on, and a second run adds only what is missing. Prints accounts to try the shop with.
    #[command(after_help = "Examples:\n  cargo local seed\n  cargo local seed --books 50")]
    Seed {
        /// How many books
        #[arg(long, default_value_t = 300, value_parser = seed::parse_books)]
        books: usize,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Make somebody an administrator of the book store
    ///
    /// Creates the account if there is none, confirmed and with a password, and adds it to the group `admins`. An account
    /// that has a password keeps it, unless --password gives another.
    #[command(
        after_help = "Examples:\n  cargo local admin ada@example.com\n  cargo local admin ada@example.com --password 'correct horse'"
    )]
    Admin {
        /// The e-mail address that the account signs in with
        #[arg(value_parser = admin::email)]
        email: String,
        /// The account's password [default: one that is made up and printed]
        #[arg(long)]
        password: Option<String>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Stop the local cloud and keep what it stored
    ///
    /// The next `cargo local up` finds books, stacks and repositories as they were.
    Down,
    /// Stop the local cloud and remove all that it stored
    ///
    /// Books, stacks, the pushed repository, build caches and the git remote `local` go; your checkout and the installed
    /// tools stay. Use it to start anew.
    #[command(after_help = "Examples:\n  cargo local destroy\n  cargo local destroy --yes --tools")]
    Destroy {
        /// Remove the installed tools, too
        #[arg(long)]
        tools: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Run all tests: formatting, lints, unit tests, templates, and a push through the whole pipeline
    ///
    /// Sets up what is missing. The end-to-end test makes a local cloud of its own and leaves yours alone. All steps run,
    /// also after one failed.
    #[command(after_help = "Examples:\n  cargo local test\n  cargo local test --only unit")]
    Test {
        /// Run only this step
        #[arg(long, value_name = "STEP")]
        only: Option<test::Step>,
    },
    /// Be the background service
    #[command(hide = true)]
    Serve,
    /// Be the repositories' post-receive hook
    #[command(hide = true)]
    Hook,
}

#[derive(Args)]
struct StoreArgs {
    /// The stack of the book store [default: the one that the pipeline delivers]
    #[arg(long, env = "BOOKSTORE_LOCAL_STACK", hide = true)]
    stack: Option<String>,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = tokio::runtime::Runtime::new().context("cannot start").and_then(|runtime| runtime.block_on(run(cli)));
    done.unwrap_or_else(|error| {
        anstream::eprintln!("{} {error}", styled(BAD, "error:"));
        error.chain().skip(1).for_each(|cause| anstream::eprintln!("  caused by: {cause}"));
        ExitCode::FAILURE
    })
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let Place { port, home, tools_dir } = cli.place;
    // Found when it is asked for: git runs the hook in a bare repository, which has no checkout around it.
    let home = || Home::find(&std::env::current_dir().context("the current folder is gone")?, home, tools_dir);
    match cli.command {
        Command::Up => up::run(&home()?, port).await,
        Command::Watch { execution } => watch::run(&home()?, execution.as_deref()).await,
        Command::Status => status::run(&home()?).await,
        Command::Logs { action, execution, follow } => {
            logs::run(&home()?, action.as_deref(), execution.as_deref(), follow).await
        }
        Command::Seed { books, store } => seed::run(&home()?, store.stack, books).await,
        Command::Admin { email, password, store } => {
            admin::run(&home()?, store.stack, &email, password.as_deref()).await
        }
        Command::Down => down::down(&home()?).await,
        Command::Destroy { tools, yes } => down::destroy(&home()?, tools, yes).await,
        Command::Test { only } => test::run(&home()?, only).await,
        Command::Serve => {
            let home = home()?;
            let port = daemon::port(&home, port)?;
            serve::run(home, port).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Hook => codecommit::hook::run().await.map(|()| ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_of_the_place_stand_before_or_after_the_command() {
        let cli = Cli::try_parse_from(["cargo local", "--home", "h", "up", "--port", "4570"]).unwrap();
        assert_eq!((cli.place.port, cli.place.home), (Some(4570), Some("h".into())));
        assert!(Cli::try_parse_from(["cargo local", "up", "--port", "0"]).is_err());
    }
}
