//! The pipeline on one machine: `cargo local`, and the AWS developer tools services behind it.

mod api;
mod aws;
mod cli;
mod codebuild;
mod codecommit;
mod codedeploy;
mod codepipeline;
mod commands;
mod console;
mod daemon;
mod home;
mod pace;
mod serve;
mod store;
mod tools;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
