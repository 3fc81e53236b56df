//! What can be asked for, explained: `cargo local --help` is made of this.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::stack::Hosting;
use crate::commands::{Which, admin, seed, test};

/// The book store's whole delivery on this machine: a local cloud, its pipelines, and your pushes
#[derive(Parser)]
#[command(
    name = "cargo local",
    bin_name = "cargo local",
    version,
    arg_required_else_help = true,
    after_help = "Begin with `cargo local up`. Then, after any commit: `git push local main` and `cargo local watch`."
)]
pub struct Cli {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args)]
#[command(next_help_heading = "Which local cloud")]
pub struct Place {
    /// Port of the one endpoint [default: the port last used, else 4566]
    #[arg(long, global = true, env = "BOOKSTORE_LOCAL_PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Folder of everything that the local cloud stores [default: .local in the checkout]
    #[arg(long, global = true, env = "BOOKSTORE_LOCAL_HOME", value_name = "FOLDER")]
    pub home: Option<PathBuf>,
    /// Folder of the installed tools [default: .local/tools in the checkout]
    #[arg(long, global = true, env = "BOOKSTORE_LOCAL_TOOLS", value_name = "FOLDER", hide_short_help = true)]
    pub tools_dir: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Set everything up, deliver HEAD, and print the shop's URL
    ///
    /// Does what is still to be done and nothing twice: checks the machine, installs the pinned tools, starts the local
    /// cloud in the background, sets the delivery up by pipeline/set-up.sh, pushes HEAD to it and follows the execution
    /// until it waits for an approval or ends. Then the same for the website, which is the folder frontend/ in a repository
    /// of its own. A shop without books is filled before. Ends with exit code 1 if something failed.
    #[command(
        after_help = "Examples:\n  cargo local up\n  cargo local up --port 4570\n  cargo local up --continuous\n  cargo local up --website s3"
    )]
    Up {
        /// Deliver to production without an approval: continuous deployment
        #[arg(long)]
        continuous: bool,
        /// What serves the website
        #[arg(long, value_enum, value_name = "HOSTING", default_value_t = Hosting::Cloudfront)]
        website: Hosting,
        /// Leave a shop without books as it is
        #[arg(long)]
        empty: bool,
    },
    /// Follow an execution of a pipeline until it ends
    ///
    /// Shows each action as it starts and ends, and the end of the running build's log. Use it after `git push local main`.
    /// Where the execution waits for an approval, it shows what that is about, and goes on when somebody has answered.
    /// Ctrl-C ends only the watching. Exit code 0 means delivered, 1 means not.
    #[command(
        after_help = "Examples:\n  cargo local watch\n  cargo local watch 3f2a91c     (of this commit or execution)"
    )]
    Watch {
        /// The beginning of an execution's id or of a commit's [default: the newest execution]
        execution: Option<String>,
        #[command(flatten)]
        which: WhichArgs,
    },
    /// Approve what waits for an answer: the execution goes on
    ///
    /// A stage with a manual approval holds an execution up until a person has looked. `cargo local status` shows what waits,
    /// `cargo local watch` what it is about. The same as `aws codepipeline put-approval-result`, without looking for its token.
    #[command(
        after_help = "Examples:\n  cargo local approve\n  cargo local approve 3f2a91c --summary 'Looked at the change set'"
    )]
    Approve(AnswerArgs),
    /// Reject what waits for an answer: the execution fails there, until `cargo local retry` asks once more
    #[command(after_help = "Examples:\n  cargo local reject --summary 'The table would be replaced'")]
    Reject(AnswerArgs),
    /// Try the failed or stopped stage of an execution again
    ///
    /// It goes on with the actions that failed, in the same execution, with the same artifacts: for a failure whose cause was
    /// not in the commit. Only the latest execution of a stage can be retried, and only under the definition that it ran under.
    #[command(after_help = "Examples:\n  cargo local retry\n  cargo local retry 3f2a91c --all")]
    Retry {
        /// The beginning of an execution's id or of its commit's [default: the newest that can be retried]
        execution: Option<String>,
        /// Also run those actions of the stage again that have succeeded
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        which: WhichArgs,
    },
    /// Take a stage back to an earlier execution
    ///
    /// A new execution runs that stage alone, with the artifacts and variables of the earlier one, which must have succeeded
    /// there since the pipeline's definition was changed last. Without an id it is a stage of the back end's pipeline.
    #[command(
        after_help = "Examples:\n  cargo local rollback\n  cargo local rollback --website\n  cargo local rollback 3f2a91c --stage Staging"
    )]
    Rollback {
        /// The beginning of the id of the execution to go back to, or of its commit's [default: the one before the present]
        execution: Option<String>,
        /// The stage [default: the last one]
        #[arg(long)]
        stage: Option<String>,
        #[command(flatten)]
        which: WhichArgs,
    },
    /// Stop an execution
    ///
    /// Lets the actions that run come to their end; a manual approval that waits goes on waiting for its answer until then.
    /// With --abandon it ends at once, and what its actions have begun (a build, a stack's update) goes on unwatched.
    #[command(
        after_help = "Examples:\n  cargo local stop\n  cargo local stop 3f2a91c --abandon --reason 'Wrong branch'"
    )]
    Stop {
        /// The beginning of an execution's id or of its commit's [default: the newest that is on its way]
        execution: Option<String>,
        /// Do not wait for the actions that run
        #[arg(long)]
        abandon: bool,
        /// Why, for whoever looks at the execution later; at most 200 characters
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        which: WhichArgs,
    },
    /// Show what runs, how the pipelines stand, and what was delivered
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
        #[command(flatten)]
        which: WhichArgs,
    },
    /// Fill the book store with books, covers, customers, reviews and orders
    ///
    /// The same invented catalogue each time, put in through the public API. What is there already is left alone, so a run
    /// that was interrupted goes on, and a second run adds only what is missing. Prints accounts to try the shop with.
    #[command(
        after_help = "Examples:\n  cargo local seed\n  cargo local seed --books 50\n  cargo local seed --stack bookstore-production"
    )]
    Seed {
        /// How many books
        #[arg(long, default_value_t = seed::BOOKS, value_parser = seed::parse_books)]
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
    /// Books, stacks, the pushed repositories, build caches and the git remotes `local` and `local-website` go; your checkout and the installed
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
    /// Run all tests: formatting, lints, unit tests, templates, the website, and a push through the whole pipeline
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
pub struct WhichArgs {
    /// Look at the website's pipeline alone
    #[arg(long)]
    website: bool,
}

impl WhichArgs {
    pub fn which(&self) -> Which {
        if self.website { Which::Website } else { Which::All }
    }
}

#[derive(Args)]
pub struct AnswerArgs {
    /// The beginning of an execution's id or of its commit's [default: the one that waits]
    pub execution: Option<String>,
    /// The approval's action, where several wait
    #[arg(long, value_name = "NAME")]
    pub action: Option<String>,
    /// Why, for whoever looks at the execution later; at most 512 characters
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub summary: String,
    #[command(flatten)]
    pub which: WhichArgs,
}

#[derive(Args)]
pub struct StoreArgs {
    /// The stack of the book store [default: the one that the pipeline delivers]
    #[arg(long, env = "BOOKSTORE_LOCAL_STACK", hide_env = true)]
    pub stack: Option<String>,
}
