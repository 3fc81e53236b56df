//! `cargo local seed`: a shop that looks like one, put together through its own API.

mod books;
mod catalogue;
mod covers;
mod customers;
mod names;
mod progress;
mod random;
mod reviews;
mod shelves;
mod shop;
mod trade;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

use super::accounts::Accounts;
use super::{running_store, stack};
use crate::aws::Session;
use crate::console::{self, BOLD, styled};
use crate::daemon;
use crate::home::Home;
use shop::{Person, Request, Shop};

/// How many books, unless somebody says otherwise.
pub const BOOKS: usize = 300;
const ADMINISTRATOR: &str = "administrator@example.com";
/// Of all accounts that are made here. It is no secret, so it must open nothing but a local cloud.
const PASSWORD: &str = "bookstore-local";

pub async fn run(home: &Home, stack: Option<String>, count: usize) -> Result<ExitCode> {
    let started = Instant::now();
    let store = running_store(home, stack).await?;
    let shop = shop_of(&store.session, &store.stack).await?;
    fill(&shop, count).await.context("the shop is not complete; the same command goes on where it stopped")?;

    let api = shop.url();
    let customer = customers::email(names::CUSTOMERS[0]);
    anstream::println!(
        "\n{} {api}  (filled in {})
  curl '{api}/books?limit=3'

{}

A token for the API, once AWS_ENDPOINT_URL={} is set:
  {}",
        styled(BOLD, "The API:"),
        console::duration(started.elapsed()),
        seeded_accounts(),
        daemon::endpoint(store.port),
        shop.accounts().sign_in_command(&customer, PASSWORD),
    );
    Ok(ExitCode::SUCCESS)
}

/// Fills the book store of a stack, if it has no book.
pub async fn fill_if_empty(session: &Session, stack: &str) -> Result<()> {
    let shop = shop_of(session, stack).await?;
    let books = shop.ask(Request::get("/books?limit=1")).await?.expect(&[200])?;
    if books["items"].as_array().is_some_and(Vec::is_empty) {
        anstream::println!("The shop has no book yet; filling it (to leave it empty: cargo local up --empty)");
        fill(&shop, BOOKS).await.context("the shop is not complete; to go on where it stopped: cargo local seed")?;
    }
    Ok(())
}

/// Who may sign in to the book store of a stack, if it was filled.
pub async fn who_may_sign_in(session: &Session, stack: &str) -> Result<Option<String>> {
    let accounts = Accounts::of_stack(session.clone(), stack).await?;
    Ok(accounts.exists(ADMINISTRATOR).await?.then(seeded_accounts))
}

async fn shop_of(session: &Session, stack: &str) -> Result<Shop> {
    let api = stack::required_output(&session.cloudformation(), stack, "ApiUrl").await?;
    Ok(Shop::new(api, Accounts::of_stack(session.clone(), stack).await?))
}

fn seeded_accounts() -> String {
    let customer = customers::email(names::CUSTOMERS[0]);
    format!(
        "Sign in with the password {PASSWORD} as
  {ADMINISTRATOR}  (administrator)
  {customer}  (customer, like {} others)",
        names::CUSTOMERS.len() - 1
    )
}

/// Adds what is missing, in the order in which one thing needs the other.
async fn fill(shop: &Shop, count: usize) -> Result<()> {
    let books = catalogue::books(count);
    let customers = customers::customers(&books);
    let admin = Person::new(ADMINISTRATOR, PASSWORD);
    let people: Vec<Person> = customers.iter().map(|customer| Person::new(&customer.email, PASSWORD)).collect();

    let everyone = people.iter().chain([&admin]);
    let accounts = everyone.map(|person| shop.accounts().ensure(&person.email, Some(PASSWORD)));
    progress::all(&format!("{} accounts", people.len() + 1), accounts).await?;
    shop.accounts().make_administrator(ADMINISTRATOR).await?;

    let stocked = books::stock(shop, &admin, &books).await?;
    books::illustrate(shop, &admin, &books, &stocked).await?;

    let buyers = || customers.iter().zip(&people);
    let reviews = customers.iter().map(|customer| customer.reviews.len()).sum::<usize>();
    let written = buyers().map(|(customer, person)| trade::review(shop, customer, person, &stocked));
    progress::all(&format!("{reviews} reviews by {} customers", customers.len()), written).await?;

    let orders = customers.iter().map(|customer| customer.orders.len()).sum::<usize>();
    let placed = buyers().map(|(customer, person)| trade::order(shop, customer, person, &admin, &stocked));
    progress::all(&format!("{orders} orders by {} customers", customers.len()), placed).await?;
    Ok(())
}

/// The number of books that the command line asks for.
pub fn parse_books(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if (1..=catalogue::MOST_BOOKS).contains(&count) => Ok(count),
        _ => Err(format!("it should be a number from 1 to {}", catalogue::MOST_BOOKS)),
    }
}
