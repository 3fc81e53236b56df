//! `cargo local up`: from a fresh clone to a working API, and from anywhere in between.

use std::process::ExitCode;

use anyhow::Result;

use super::pipeline::Pipeline;
use super::push::{self, Delivered, REMOTE};
use super::watch::{self, AtApproval, Outcome};
use super::{session, stack};
use crate::console::{BOLD, GOOD, styled};
use crate::home::Home;
use crate::{daemon, tools};

pub async fn run(home: &Home, asked_port: Option<u16>, approval: bool) -> Result<ExitCode> {
    tools::ensure(home).await?;
    let lock = home.lock(|| anstream::println!("Another command is at work on this local cloud; waiting for it …"))?;
    let port = daemon::port(home, asked_port)?;
    daemon::ensure(home, port).await?;

    let session = session(port);
    let cloudformation = session.cloudformation();
    let delivery = stack::set_up(home, &cloudformation, port, approval).await?;
    anstream::println!("{} The pipeline {} is as pipeline/ says", styled(GOOD, "✓"), delivery.pipeline);
    let pipeline = Pipeline::new(session, delivery.pipeline.clone());
    let delivered = push::deliver(home.workspace(), &delivery, &pipeline).await?;
    drop(lock);

    let outcome = match delivered {
        Delivered::By(execution) => watch::follow(&pipeline, &execution, AtApproval::End).await?,
        Delivered::Already => {
            anstream::println!("{} HEAD is delivered already", styled(GOOD, "✓"));
            Outcome::Succeeded
        }
    };
    if matches!(outcome, Outcome::Succeeded | Outcome::WaitsForApproval) {
        let api = stack::required_output(&cloudformation, &delivery.staging_stack, "ApiUrl").await?;
        let production = stack::output(&cloudformation, &delivery.production_stack, "ApiUrl").await?;
        explain_how_to_go_on(&api, production.as_deref(), port, &delivery.branch);
    }
    Ok(outcome.code())
}

fn explain_how_to_go_on(api: &str, production: Option<&str>, port: u16, branch: &str) {
    let endpoint = daemon::endpoint(port);
    let production = production.unwrap_or("nothing yet; what waits for it: cargo local approve");
    anstream::println!(
        "
{staging}     {api}
{live}  {production}
  curl {api}/books

Fill it, and become its administrator:
  cargo local seed
  cargo local admin you@example.com

Change something, commit it, and deliver it:
  git push {REMOTE} {branch}
  cargo local watch

Look at the local cloud with the AWS CLI, the SAM CLI (both in .local/tools/bin) or an SDK:
  export AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1",
        staging = styled(BOLD, "Staging:"),
        live = styled(BOLD, "Production:"),
    );
}
