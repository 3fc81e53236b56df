//! Start-up, and processor time per request.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::runtime::Lambda;
use crate::samples::Samples;
use crate::shop::{self, Function, Shop};

/// Of one start: see the table's head.
type Measures = [f64; 5];

pub async fn measure(shop: &Shop, runs: usize, requests: usize, baseline: Option<PathBuf>) -> Result<()> {
    let mut samples = Samples::prepare(shop).await?;
    println!(
        "Medians of {runs} starts, each with {requests} requests (the function's event.json). CPU is user and system"
    );
    println!("time of the function's process; it is ready when it first asks for an event. Times in milliseconds.\n");
    println!(
        "| function | ready | CPU until ready | CPU of the first request | CPU of a later one | peak MiB | answers |"
    );
    println!("|---|---:|---:|---:|---:|---:|---|");
    for function in &shop.functions {
        let mut binaries = vec![shop.binary(function)?];
        if let Some(folder) = &baseline {
            binaries.push(shop::binary_in(folder, function)?);
        }
        let mut outcome = String::new();
        let mut measured = vec![Vec::new(); binaries.len()];
        // In turn, so that all meet the same disturbances. The first start of each only fills the page cache.
        for run in 0..=runs {
            for (binary, measured) in binaries.iter().zip(&mut measured) {
                let (measures, answer) = one_start(shop, function, binary, &mut samples, requests).await?;
                if run > 0 {
                    measured.push(measures);
                    outcome = answer;
                }
            }
        }
        let medians = measured.iter().map(|runs| medians(runs)).collect::<Vec<_>>();
        println!("| {} | {} | {outcome} |", function.name, columns(medians[0], ""));
        if let Some(baseline) = medians.get(1) {
            let ratios = std::array::from_fn(|column| medians[0][column] / baseline[column]);
            println!("| | {} | |", columns(ratios, "×"));
        }
    }
    Ok(())
}

async fn one_start(
    shop: &Shop,
    function: &Function,
    binary: &Path,
    samples: &mut Samples<'_>,
    requests: usize,
) -> Result<(Measures, String)> {
    let mut lambda = Lambda::start(function, binary, &shop.endpoint).await?;
    let ready = lambda.processor_time().await?;
    let mut first = f64::NAN;
    let mut later = f64::NAN;
    let mut outcome = "no event".to_owned();
    if let Some(event) = samples.event(function).await? {
        // An error is an answer, too: that of a function whose event is about something that is not there.
        outcome = lambda.invoke(event).await.map_or_else(|error| error.to_string(), |answer| status(&answer));
        let after_first = lambda.processor_time().await?;
        for _ in 0..requests {
            let event = samples.event(function).await?.context("the event has gone")?;
            let _answer = lambda.invoke(event).await;
        }
        first = milliseconds(after_first - ready);
        later = milliseconds(lambda.processor_time().await? - after_first) / requests as f64;
    }
    Ok(([milliseconds(lambda.start_up), milliseconds(ready), first, later, lambda.peak_memory()?], outcome))
}

fn status(answer: &Value) -> String {
    answer.get("statusCode").map_or_else(|| answer.to_string(), Value::to_string)
}

fn medians(runs: &[Measures]) -> Measures {
    std::array::from_fn(|column| {
        let mut values = runs.iter().map(|run| run[column]).collect::<Vec<_>>();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    })
}

fn columns(values: Measures, unit: &str) -> String {
    let value = |value: &f64| if value.is_nan() { "–".to_owned() } else { format!("{unit}{value:.2}") };
    values.iter().map(value).collect::<Vec<_>>().join(" | ")
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
