//! `cargo local admin`: the first administrator, and any other.

use std::process::ExitCode;

use anyhow::Result;

use super::accounts::Accounts;
use super::running_store;
use crate::console::{GOOD, styled};
use crate::home::Home;

pub async fn run(home: &Home, stack: Option<String>, email: &str, password: Option<&str>) -> Result<ExitCode> {
    let store = running_store(home, stack).await?;
    let accounts = Accounts::of_stack(store.session, &store.stack).await?;
    let set = accounts.ensure(email, password).await?;
    accounts.make_administrator(email).await?;

    anstream::println!("{} {email} is an administrator", styled(GOOD, "✓"));
    // A password that was given is not shown: the person knows it.
    let made_up = set.as_deref().filter(|_| password.is_none());
    match (made_up, password) {
        (Some(made_up), _) => anstream::println!("  The password is {made_up}"),
        (None, Some(_)) => anstream::println!("  The password is the one you gave"),
        (None, None) => anstream::println!("  The password stays what it was; set another: --password"),
    }
    anstream::println!(
        "\nThe group is part of the token, so sign in again. With the AWS CLI set to the local cloud, as `cargo local up` says:
  {}",
        accounts.sign_in_command(email, made_up.unwrap_or("…"))
    );
    Ok(ExitCode::SUCCESS)
}

/// An e-mail address as far as it can be told without asking.
pub fn email(text: &str) -> Result<String, String> {
    match text.split_once('@') {
        Some((name, domain)) if !name.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace) => {
            Ok(text.to_owned())
        }
        _ => Err("it should look like somebody@example.com".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        assert!(email("ada@example.com").is_ok());
        assert!(
            ["", "ada", "ada@", "@example.com", "ada@home", "a da@example.com"].iter().all(|text| email(text).is_err())
        );
    }
}
