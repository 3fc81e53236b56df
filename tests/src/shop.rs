//! A deployed book store, and those who use it in a test.

use std::env;
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::aws::Aws;
use crate::contract::Contract;
use crate::http::{Answer, Call, text};

pub struct Shop {
    pub aws: Aws,
    pub contract: Contract,
    pub stack: String,
    /// Made when a test first asks for it: a visitor's tests make nobody.
    admin: OnceLock<User>,
    api_url: String,
    pool: Pool,
    agent: ureq::Agent,
    /// The paths of what tests have made, and do not leave behind.
    made: Mutex<Vec<String>>,
}

#[derive(Clone)]
pub struct User {
    pub access_token: String,
    pub id_token: String,
}

struct Pool {
    id: String,
    client: String,
    /// Those whom the tests have made.
    users: Mutex<Vec<String>>,
}

impl Shop {
    /// The stack that BOOKSTORE_STACK names. Endpoint, region and credentials come from where AWS clients look for them.
    pub fn open() -> Result<Self> {
        let stack = env::var("BOOKSTORE_STACK").unwrap_or_else(|_| "bookstore-staging".into());
        let aws = Aws::start(python())?;
        let api_url = aws.stack_output(&stack, "ApiUrl")?;
        let pool = Pool {
            id: aws.stack_output(&stack, "UserPoolId")?,
            client: aws.stack_output(&stack, "UserPoolClientId")?,
            users: Mutex::default(),
        };
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // API Gateway gives up after 30 seconds.
            .timeout_global(Some(Duration::from_secs(40)))
            .max_idle_connections_per_host(16)
            .build();
        Ok(Self {
            aws,
            contract: Contract::read()?,
            stack,
            admin: OnceLock::new(),
            api_url,
            pool,
            agent: agent.into(),
            made: Mutex::default(),
        })
    }

    /// Removes users and books; what was ordered stays, cancelled.
    pub fn close(&self) -> Result<()> {
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner));
        let (orders, books): (Vec<_>, Vec<_>) = made.iter().partition(|path| path.starts_with("/orders/"));
        let cancelled = each(&orders, |order| {
            let answer = self.post(&format!("/admin{order}/cancel")).by(self.admin()).patiently()?;
            ensure!([200, 409].contains(&answer.status), "{order} was not cancelled: {answer}");
            Ok(())
        });
        let deleted = each(&books, |book| self.delete(book).by(self.admin()).expect(204).map(drop));
        // What failed must not keep the rest from being done.
        let removed = self.pool.remove_users(&self.aws);
        cancelled.and(deleted)?;
        removed
    }

    /// Of the group `admins`. Panics, which fails the test, when none can be made.
    pub fn admin(&self) -> &User {
        self.admin.get_or_init(|| match self.pool.add_user(&self.aws, Some("admins")) {
            Ok(admin) => admin,
            Err(error) => panic!("no administrator could be made: {error:#}"),
        })
    }

    pub fn customer(&self) -> Result<User> {
        self.pool.add_user(&self.aws, None)
    }

    pub fn get<'a>(&'a self, path: &str) -> Call<'a> {
        Call::new(self, "GET", path)
    }

    pub fn post<'a>(&'a self, path: &str) -> Call<'a> {
        Call::new(self, "POST", path)
    }

    pub fn put<'a>(&'a self, path: &str) -> Call<'a> {
        Call::new(self, "PUT", path)
    }

    pub fn patch<'a>(&'a self, path: &str) -> Call<'a> {
        Call::new(self, "PATCH", path)
    }

    pub fn delete<'a>(&'a self, path: &str) -> Call<'a> {
        Call::new(self, "DELETE", path)
    }

    /// Adds a book that has these fields, and others that do not matter.
    pub fn add_book(&self, fields: Value) -> Result<Answer> {
        self.post("/books").by(self.admin()).json(&with(new_book(), fields)).expect(201)
    }

    /// The id of a new book with so many copies.
    pub fn stocked(&self, copies: u32) -> Result<String> {
        self.add_book(json!({ "stock": copies }))?.id()
    }

    pub fn book(&self, id: &str) -> Result<Answer> {
        self.get(&format!("/books/{id}")).expect(200)
    }

    /// The book as writes answer it: without its reviews.
    pub fn details(&self, id: &str) -> Result<Value> {
        Ok(with(self.book(id)?.body, json!({ "reviews": null })))
    }

    pub fn stock(&self, id: &str) -> Result<u64> {
        self.book(id)?.body["stock"].as_u64().context("no stock")
    }

    /// All items of a list, page by page, through `next` to the end. `path` has a query.
    pub fn walk(&self, user: Option<&User>, path: &str) -> Result<Vec<Value>> {
        self.walk_while(user, path, |_| true)
    }

    /// The same, up to the page that ends with an item of no interest.
    pub fn walk_while(
        &self,
        user: Option<&User>,
        path: &str,
        interesting: impl Fn(&Value) -> bool,
    ) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut page = path.to_owned();
        for _ in 0..10_000 {
            let call = self.get(&page);
            let answer = if let Some(user) = user { call.by(user) } else { call }.expect(200)?;
            items.extend(answer.items()?.iter().cloned());
            match answer.body["next"].as_str().filter(|_| items.last().is_none_or(&interesting)) {
                Some(next) => page = format!("{path}&cursor={next}"),
                None => return Ok(items),
            }
        }
        bail!("{path} has no end")
    }

    /// The physical id of a resource of the stack.
    pub fn resource(&self, logical_id: &str) -> Result<String> {
        let input = json!({ "StackName": self.stack, "LogicalResourceId": logical_id });
        let answer = self.aws.call("cloudformation", "describe_stack_resource", input)?;
        text(&answer["StackResourceDetail"], "PhysicalResourceId").with_context(|| format!("no resource {logical_id}"))
    }

    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    pub fn agent(&self) -> &ureq::Agent {
        &self.agent
    }

    /// What an answer tells of something new.
    pub fn remember(&self, path: &str, answer: &Answer) {
        if answer.status == 201 && ["/books", "/orders"].contains(&path) {
            let location = answer.header("location").map(str::to_owned);
            self.made.lock().unwrap_or_else(PoisonError::into_inner).extend(location);
        }
    }
}

/// One with boto3.
pub fn python() -> Command {
    Command::new(env::var_os("BOOKSTORE_PYTHON").unwrap_or_else(|| "python3".into()))
}

impl Pool {
    fn add_user(&self, aws: &Aws, group: Option<&str>) -> Result<User> {
        let name = format!("test-{}@example.com", Uuid::now_v7());
        let password = format!("Test-1-{}", Uuid::now_v7());
        let call = |operation: &str, input: Value| {
            aws.call("cognito-idp", operation, with(json!({ "UserPoolId": self.id, "Username": name }), input))
        };
        let attributes = json!([{ "Name": "email", "Value": name }, { "Name": "email_verified", "Value": "true" }]);
        call("admin_create_user", json!({ "MessageAction": "SUPPRESS", "UserAttributes": attributes }))?;
        self.users.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
        call("admin_set_user_password", json!({ "Password": password, "Permanent": true }))?;
        if let Some(group) = group {
            call("admin_add_user_to_group", json!({ "GroupName": group }))?;
        }
        let input = json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": self.client,
            "AuthParameters": { "USERNAME": name, "PASSWORD": password },
        });
        let tokens = &aws.call("cognito-idp", "initiate_auth", input)?["AuthenticationResult"];
        Ok(User { access_token: text(tokens, "AccessToken")?, id_token: text(tokens, "IdToken")? })
    }

    fn remove_users(&self, aws: &Aws) -> Result<()> {
        for name in self.users.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            aws.call("cognito-idp", "admin_delete_user", json!({ "UserPoolId": self.id, "Username": name }))?;
        }
        Ok(())
    }
}

pub fn new_book() -> Value {
    json!({
        "title": "The Dispossessed",
        "author": "Ursula K. Le Guin",
        "category": "science-fiction",
        "price": { "amount": 1299, "currency": "EUR" },
    })
}

/// The object with these fields put in, or taken out where they are null.
pub fn with(mut object: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(object.as_object_mut().and_then(|object| object.remove(name))),
            value => object[name] = value.clone(),
        }
    }
    object
}

/// A word that nothing in the shop has but what this test makes.
pub fn unique(prefix: &str) -> String {
    let id = Uuid::now_v7().simple().to_string();
    format!("{prefix}{}", &id[20..])
}

/// The id of nothing.
pub fn unknown_id() -> String {
    Uuid::now_v7().to_string()
}

/// Does it for all of them, some at a time, and gives the results in order.
pub fn each<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let share = things.len().div_ceil(10).max(1);
    thread::scope(|scope| {
        let threads = things.chunks(share).map(|things| scope.spawn(|| things.iter().map(&work).collect::<Vec<_>>()));
        let threads = threads.collect::<Vec<_>>();
        threads.into_iter().flat_map(|thread| thread.join().expect("a test's thread panicked")).collect()
    })
}

/// Does it that many times at once, each on a thread of its own.
pub fn at_once<R: Send>(times: usize, work: impl Fn(usize) -> Result<R> + Sync) -> Result<Vec<R>> {
    thread::scope(|scope| {
        let work = &work;
        let threads = (0..times).map(|n| scope.spawn(move || work(n))).collect::<Vec<_>>();
        threads.into_iter().map(|thread| thread.join().expect("a test's thread panicked")).collect()
    })
}

/// Asks again and again until there is something, or the time is up.
pub fn eventually<T>(limit: Duration, what: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = ask()? {
            return Ok(found);
        }
        ensure!(start.elapsed() < limit, "{what}: not within {} seconds", limit.as_secs());
        thread::sleep(Duration::from_millis(200));
    }
}
