//! The request units of each operation, by how many books there are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::capacity::{Meter, Units};
use crate::catalogue;
use crate::events::Request;
use crate::operations::each_operation;
use crate::runtime::Lambda;
use crate::shop::Shop;

pub async fn measure(shop: &Shop, sizes: &[usize]) -> Result<()> {
    let mut ids = Vec::new();
    let mut measured = Vec::new();
    for &size in sizes {
        ids.extend(catalogue::fill(shop, ids.len()..size).await?);
        let mut api = Api::open(shop).await?;
        each_operation(&mut api, &ids).await?;
        measured.push(api.measured);
    }
    print(sizes, &measured);
    Ok(())
}

fn print(sizes: &[usize], measured: &[Vec<(&'static str, Units)>]) {
    println!("DynamoDB request units by the number of books: read + write, in so many requests.");
    println!("(+ n: estimated, for writes whose condition did not hold; no answer tells their units.)\n");
    let heads = sizes.iter().map(|size| format!(" {size} books |")).collect::<String>();
    println!("| operation |{heads}\n|---|{}", "---|".repeat(sizes.len()));
    for (row, (name, _)) in measured[0].iter().enumerate() {
        let columns = measured.iter().map(|all| format!(" {} |", describe(all[row].1)));
        println!("| {name} |{}", columns.collect::<String>());
    }
}

fn describe(units: Units) -> String {
    let refused = if units.refused > 0.0 { format!(" (+ {})", units.refused) } else { String::new() };
    format!("{} + {}{refused} in {}", units.read, units.write, units.requests)
}

pub struct Answer {
    pub body: Value,
    pub etag: String,
}

/// The API, its functions running in front of a metered DynamoDB.
pub struct Api<'a> {
    shop: &'a Shop,
    meter: Meter,
    running: HashMap<&'static str, Lambda>,
    measured: Vec<(&'static str, Units)>,
}

impl<'a> Api<'a> {
    async fn open(shop: &'a Shop) -> Result<Self> {
        let meter = Meter::in_front_of(&shop.endpoint).await?;
        Ok(Self { shop, meter, running: HashMap::new(), measured: Vec::new() })
    }

    /// Sends a request to a function, which must succeed, and writes down what it consumed.
    pub async fn measure(&mut self, name: &'static str, function: &'static str, request: Request) -> Result<Answer> {
        let answer = self.send(function, request).await.context(name)?;
        self.measured.push((name, self.meter.take().context(name)?));
        Ok(answer)
    }

    /// The same for what only prepares a measurement.
    pub async fn prepare(&mut self, function: &'static str, request: Request) -> Result<Answer> {
        let answer = self.send(function, request).await?;
        self.meter.take()?;
        Ok(answer)
    }

    async fn send(&mut self, function: &'static str, request: Request) -> Result<Answer> {
        let running = match self.running.entry(function) {
            Entry::Occupied(running) => running.into_mut(),
            Entry::Vacant(place) => {
                let function = self.shop.function(function)?;
                place.insert(Lambda::start(function, &self.shop.binary(function)?, &self.meter.endpoint).await?)
            }
        };
        let mut answer = running.invoke(request.event()).await?;
        for _ in 0..5 {
            if answer["statusCode"] != 503 {
                break;
            }
            // The emulator looks at each item of a partition, and may not be done in the time that a function has.
            self.meter.take()?;
            answer = running.invoke(request.event()).await?;
        }
        let status = answer["statusCode"].as_u64().context("an answer without status")?;
        ensure!((200..300).contains(&status), "{} was answered with {answer}", request.route);
        let body = answer["body"].as_str().unwrap_or_default();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body)? };
        Ok(Answer { body, etag: answer["headers"]["etag"].as_str().unwrap_or_default().to_owned() })
    }
}
