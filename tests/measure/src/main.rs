//! What the functions cost: `cargo measure cold-start` and `cargo measure request-units`.
//!
//! Runs the functions' release binaries as Lambda does, with the environment of a deployed stack, but on a table of its
//! own. No test: nothing fails when a number grows.

mod capacity;
mod catalogue;
mod cold_start;
mod events;
mod operations;
mod request_units;
mod runtime;
mod samples;
mod shop;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// What the functions cost, measured against a running local cloud
///
/// Build what is measured first: `cargo lambda build --release`.
#[derive(Parser)]
#[command(bin_name = "cargo measure")]
struct Cli {
    /// The deployed stack whose functions' environment is used
    #[arg(long, global = true, default_value = "bookstore-staging")]
    stack: String,
    /// Folder with a folder for each function, its `bootstrap` within [default: lambda in the target folder]
    #[arg(long, global = true, value_name = "FOLDER")]
    binaries: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start-up and processor time of each function, and of its requests
    ColdStart {
        /// Starts of each function; the table shows the median
        #[arg(long, default_value_t = 15)]
        runs: usize,
        /// Requests after each start, with the function's event.json
        #[arg(long, default_value_t = 25)]
        requests: usize,
        /// Binaries to compare with, in turn with the others in this same run, because machines are noisy
        #[arg(long, value_name = "FOLDER")]
        baseline: Option<PathBuf>,
    },
    /// DynamoDB request units that each operation of the API consumes
    RequestUnits {
        /// With how many books in the catalogue
        #[arg(long, default_values_t = [100, 10_000])]
        books: Vec<usize>,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let shop = shop::Shop::open(&cli.stack, cli.binaries)?;
    let measured = match cli.command {
        Command::ColdStart { runs, requests, baseline } => cold_start::measure(&shop, runs, requests, baseline).await,
        Command::RequestUnits { books } => request_units::measure(&shop, &books).await,
    };
    shop.close()?;
    measured
}
