//! A push, end to end: a local cloud of its own, the pipeline's stack, and this checkout as it stands.
//!
//! `cargo local test` runs it with the tools in place; by itself: `cargo local test --only end-to-end`.

mod canary;
mod clients;
mod deliveries;
mod durability;
mod shop;
mod website;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use libtest_mimic::{Arguments, Failed, Trial};

use shop::Shop;

type Step = fn(&Shop) -> Result<()>;

const STEPS: [(&str, Step); 22] = [
    ("up_on_a_fresh_clone_ends_with_a_working_api_in_staging", deliveries::first_up),
    ("a_second_up_deploys_nothing", deliveries::second_up),
    ("an_approval_tells_what_production_would_get", deliveries::review),
    ("every_runtime_resolves_the_api_url", clients::resolve_url),
    ("aws_clients_get_the_right_shapes", clients::aws_shapes),
    ("git_clones_what_was_pushed", clients::git_clone),
    ("strangers_are_refused", clients::strangers),
    ("the_account_holds_what_the_contract_promises", deliveries::rights),
    ("the_walkthrough_can_be_copied", clients::walkthrough),
    ("seeding_fills_the_shop_once", deliveries::seed),
    ("an_approved_push_reaches_production_through_every_stage", deliveries::to_production),
    ("the_website_follows_it_to_production", website::to_production),
    ("a_pushed_change_goes_live_and_touches_its_function_alone", deliveries::change),
    ("a_broken_test_stops_at_build_and_the_old_version_serves_on", deliveries::broken_test),
    ("a_version_that_fails_in_production_is_rolled_back_by_its_alarm", canary::rolled_back_by_its_alarm),
    ("after_kill_9_of_everything_the_data_is_there", durability::kill_everything),
    ("a_breached_load_threshold_stops_promotion", deliveries::breach),
    ("production_is_taken_back_by_hand", deliveries::roll_back),
    ("without_an_approval_a_commit_goes_to_production", deliveries::continuous),
    ("a_push_of_the_website_shows_alone_and_the_way_back_is_short", website::push_and_back),
    ("clean_up_leaves_nothing_behind", durability::clean_up),
    ("down_and_destroy_can_be_repeated", durability::down_and_destroy),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // In the order above, one at a time.
    arguments.test_threads = Some(1);
    let shop = match Shop::open() {
        Ok(shop) => Arc::new(shop),
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let trials = STEPS.map(|(name, step)| {
        let shop = Arc::clone(&shop);
        Trial::test(name, move || step(&shop).map_err(|error| Failed::from(format!("{error:#}"))))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.into());
    if let Err(error) = shop.close() {
        eprintln!("error: the test's local cloud was not removed: {error:#}");
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}
