//! `cargo local up`: from a fresh clone to a shop that works, and from anywhere in between.

use std::process::ExitCode;

use anyhow::Result;

use super::pipeline::Pipeline;
use super::push::{self, Delivered};
use super::stack::{self, Delivery, Hosting, Part};
use super::watch::{self, AtApproval, Outcome};
use super::{seed, session};
use crate::aws::{CONFIRMATION_CODE, PASSWORD_CODE, Session};
use crate::console::{BOLD, GOOD, styled};
use crate::home::Home;
use crate::{daemon, tools};

/// How the local cloud is to be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// A person is asked before production.
    pub approval: bool,
    pub website: Hosting,
    /// A shop without books stays so.
    pub empty: bool,
}

pub async fn run(home: &Home, asked_port: Option<u16>, wanted: Wanted) -> Result<ExitCode> {
    tools::ensure(home, wanted.website != Hosting::None).await?;
    let lock = home.lock(|| anstream::println!("Another command is at work on this local cloud; waiting for it …"))?;
    let port = daemon::port(home, asked_port)?;
    daemon::ensure(home, port).await?;

    let session = session(port);
    let (back_end, website) =
        stack::set_up(home, &session.cloudformation(), port, wanted.approval, wanted.website).await?;
    drop(lock);

    let outcome = deliver(home, &session, &back_end).await?;
    if !is_in_staging(outcome) {
        return Ok(outcome.code());
    }
    if !wanted.empty {
        seed::fill_if_empty(&session, &back_end.staging_stack).await?;
    }
    // In this order: where the site finds the API and the accounts is written down by the back end's stack.
    let outcome = match &website {
        Some(website) => deliver(home, &session, website).await?,
        None => outcome,
    };
    if is_in_staging(outcome) {
        explain_how_to_go_on(&session, port, &back_end, website.as_ref()).await?;
    }
    Ok(outcome.code())
}

/// Whether an execution has come as far as it does without a person.
fn is_in_staging(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Succeeded | Outcome::WaitsForApproval)
}

/// Delivers what HEAD has of a part, as far as it goes without a person.
async fn deliver(home: &Home, session: &Session, delivery: &Delivery) -> Result<Outcome> {
    anstream::println!("{} The pipeline {} is as pipeline/ says", styled(GOOD, "✓"), delivery.pipeline);
    let pipeline = Pipeline::new(session.clone(), delivery.pipeline.clone());
    let lock = home.lock(|| anstream::println!("Another command is at work on this local cloud; waiting for it …"))?;
    let delivered = push::deliver(home.workspace(), delivery, &pipeline).await?;
    drop(lock);
    match delivered {
        Delivered::By(execution) => watch::follow(&pipeline, &execution, AtApproval::End).await,
        Delivered::Already => {
            let what = if delivery.part == Part::Website { "Its website" } else { "HEAD" };
            anstream::println!("{} {what} is delivered already", styled(GOOD, "✓"));
            Ok(Outcome::Succeeded)
        }
    }
}

async fn explain_how_to_go_on(
    session: &Session,
    port: u16,
    back_end: &Delivery,
    website: Option<&Delivery>,
) -> Result<()> {
    let cloudformation = session.cloudformation();
    anstream::println!();
    if let Some(website) = website {
        let output = Part::Website.url_output();
        let site = stack::required_output(&cloudformation, &website.staging_stack, output).await?;
        let live = stack::output(&cloudformation, &website.production_stack, output).await?;
        anstream::println!("{}    {site}", styled(BOLD, "The shop:"));
        anstream::println!("{}  {}", styled(BOLD, "Production:"), live.as_deref().unwrap_or(NOTHING_YET));
        anstream::println!();
    }
    let output = Part::BackEnd.url_output();
    let api = stack::required_output(&cloudformation, &back_end.staging_stack, output).await?;
    let live = stack::output(&cloudformation, &back_end.production_stack, output).await?;
    anstream::println!("{}     {api}", styled(BOLD, "The API:"));
    anstream::println!("{}  {}", styled(BOLD, "Production:"), live.as_deref().unwrap_or(NOTHING_YET));

    let website = website.map_or_else(String::new, |website| {
        format!(
            "\n  pipeline/push-website.sh {}   (the folder frontend/, to its own repository)",
            website.part.remote()
        )
    });
    let accounts = seed::who_may_sign_in(session, &back_end.staging_stack).await?;
    let accounts = accounts.unwrap_or_else(|| "Fill it (what is there is left alone):\n  cargo local seed".to_owned());
    anstream::println!(
        "  curl {api}/books

{accounts}

Or register. No e-mail leaves this machine: the code {CONFIRMATION_CODE} confirms an address, {PASSWORD_CODE} replaces a password.
To become an administrator:
  cargo local admin you@example.com

Change something, commit it, and deliver it:
  git push {remote} {branch}{website}
  cargo local watch

Look at the local cloud with the AWS CLI, the SAM CLI (both in .local/tools/bin) or an SDK:
  export AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1",
        remote = back_end.part.remote(),
        branch = back_end.branch,
        endpoint = daemon::endpoint(port),
    );
    Ok(())
}

const NOTHING_YET: &str = "nothing yet; what waits for it: cargo local approve";
