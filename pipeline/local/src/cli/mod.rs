//! The command line.

mod arguments;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use crate::codepipeline::declaration::RetryMode;
use crate::codepipeline::record::Answer;
use crate::commands::{admin, approval, down, executions, logs, seed, status, test, up, watch};
use crate::console::{BAD, styled};
use crate::home::Home;
use crate::{codecommit, daemon, serve};
use arguments::{AnswerArgs, Cli, Command, Place};

impl AnswerArgs {
    async fn give(&self, home: &Home, answer: Answer) -> Result<ExitCode> {
        let wanted = approval::Wanted {
            which: self.which.which(),
            execution: self.execution.as_deref(),
            action: self.action.as_deref(),
        };
        approval::run(home, wanted, answer, &self.summary).await
    }
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
    let home =
        || Home::find(&std::env::current_dir().context("the current folder is gone")?, home.clone(), tools_dir.clone());
    if port.is_some() && !matches!(cli.command, Command::Hook) {
        daemon::port(&home()?, port)?; // Refused, unless it is the cloud's own.
    }
    match cli.command {
        Command::Up { continuous, website, empty } => {
            up::run(&home()?, port, up::Wanted { approval: !continuous, website, empty }).await
        }
        Command::Watch { execution, which } => watch::run(&home()?, which.which(), execution.as_deref()).await,
        Command::Approve(answer) => answer.give(&home()?, Answer::Approved).await,
        Command::Reject(answer) => answer.give(&home()?, Answer::Rejected).await,
        Command::Retry { execution, all, which } => {
            let mode = if all { RetryMode::AllActions } else { RetryMode::FailedActions };
            executions::retry(&home()?, which.which(), execution.as_deref(), mode).await
        }
        Command::Rollback { execution, stage, which } => {
            executions::roll_back(&home()?, which.which(), execution.as_deref(), stage.as_deref()).await
        }
        Command::Stop { execution, abandon, reason, which } => {
            executions::stop(&home()?, which.which(), execution.as_deref(), abandon, reason.as_deref()).await
        }
        Command::Status => status::run(&home()?).await,
        Command::Logs { action, execution, follow, which } => {
            logs::run(&home()?, which.which(), action.as_deref(), execution.as_deref(), follow).await
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
