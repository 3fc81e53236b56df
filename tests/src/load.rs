//! Open load: requests go out by the clock, whether or not earlier ones were answered. A latency counts from when its
//! request was due, so that a store which stalls cannot hide it by keeping its callers waiting.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;

/// How much, how long, and what is still good.
pub struct Plan {
    pub requests_per_second: u64,
    pub seconds: u64,
    /// 0 to 100.
    pub max_error_percent: f64,
    pub max_p99_milliseconds: u64,
}

impl Plan {
    /// From LOAD_REQUESTS_PER_SECOND, LOAD_SECONDS, LOAD_MAX_ERROR_PERCENT and LOAD_MAX_P99_MILLISECONDS, by name.
    pub fn read(setting: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let number = |name: &str, default: u64| match setting(name) {
            None => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(anyhow::anyhow!("{name} must be a whole number above 0, not {text:?}")),
            },
        };
        let percent = setting("LOAD_MAX_ERROR_PERCENT").unwrap_or_else(|| "1".into());
        let max_error_percent = percent
            .parse()
            .ok()
            .filter(|percent| (0.0..=100.0).contains(percent))
            .with_context(|| format!("LOAD_MAX_ERROR_PERCENT must be a number from 0 to 100, not {percent:?}"))?;
        Ok(Self {
            requests_per_second: number("LOAD_REQUESTS_PER_SECOND", 10)?,
            seconds: number("LOAD_SECONDS", 30)?,
            max_error_percent,
            max_p99_milliseconds: number("LOAD_MAX_P99_MILLISECONDS", 1000)?,
        })
    }

    pub fn requests(&self) -> u64 {
        self.requests_per_second * self.seconds
    }

    /// After the start.
    fn due(&self, request: u64) -> Duration {
        Duration::from_nanos((u128::from(request) * 1_000_000_000 / u128::from(self.requests_per_second)) as u64)
    }

    /// Sends the requests by number; an error is the kind of what went wrong.
    pub fn run(&self, send: impl Fn(u64) -> Result<(), String> + Sync) -> Result<Measured> {
        let (next, start) = (&AtomicU64::new(0), Instant::now());
        // A thread for each request that may be under way: so many are due in the time that is waited for an answer.
        let threads = (self.requests_per_second * 10).clamp(16, 1000).min(self.requests());
        let work = || -> Result<Measured> {
            let mut measured = Measured::new()?;
            loop {
                let request = next.fetch_add(1, Ordering::Relaxed);
                if request >= self.requests() {
                    return Ok(measured);
                }
                let due = start + self.due(request);
                thread::sleep(due.saturating_duration_since(Instant::now()));
                let result = send(request);
                measured.record(due.elapsed(), result);
            }
        };
        let mut all = Measured::new()?;
        thread::scope(|scope| {
            let threads = (0..threads).map(|_| scope.spawn(work)).collect::<Vec<_>>();
            threads.into_iter().try_for_each(|thread| all.add(thread.join().expect("a thread of the load panicked")?))
        })?;
        all.took = start.elapsed();
        Ok(all)
    }
}

pub struct Measured {
    /// In microseconds.
    latencies: Histogram<u64>,
    errors: BTreeMap<String, u64>,
    took: Duration,
}

impl Measured {
    fn new() -> Result<Self> {
        Ok(Self {
            latencies: Histogram::new_with_bounds(1, 3_600_000_000, 3)?,
            errors: BTreeMap::new(),
            took: Duration::ZERO,
        })
    }

    fn record(&mut self, latency: Duration, result: Result<(), String>) {
        self.latencies.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        if let Err(kind) = result {
            *self.errors.entry(kind).or_default() += 1;
        }
    }

    fn add(&mut self, other: Self) -> Result<()> {
        self.latencies.add(&other.latencies)?;
        for (kind, count) in other.errors {
            *self.errors.entry(kind).or_default() += count;
        }
        Ok(())
    }

    fn milliseconds(&self, quantile: f64) -> f64 {
        self.latencies.value_at_quantile(quantile) as f64 / 1000.0
    }

    fn error_percent(&self) -> f64 {
        100.0 * self.errors.values().sum::<u64>() as f64 / self.latencies.len().max(1) as f64
    }

    pub fn table(&self) -> String {
        let mut table =
            format!("{:>10} {:>10} {:>10} {:>10} {:>10}\n", "requests/s", "p50 ms", "p90 ms", "p99 ms", "max ms");
        let rate = self.latencies.len() as f64 / self.took.as_secs_f64();
        table += &format!("{rate:>10.1}");
        for quantile in [0.5, 0.9, 0.99, 1.0] {
            table += &format!(" {:>10.1}", self.milliseconds(quantile));
        }
        for (kind, count) in &self.errors {
            table += &format!("\n{count} × {kind}");
        }
        table
    }

    pub fn few_errors(&self, plan: &Plan) -> Result<()> {
        let (percent, most) = (self.error_percent(), plan.max_error_percent);
        ensure!(percent <= most, "{percent:.2} % of the requests failed, and LOAD_MAX_ERROR_PERCENT permits {most} %");
        Ok(())
    }

    pub fn fast(&self, plan: &Plan) -> Result<()> {
        let (p99, most) = (self.milliseconds(0.99), plan.max_p99_milliseconds);
        ensure!(p99 <= most as f64, "the p99 is {p99:.0} ms, and LOAD_MAX_P99_MILLISECONDS permits {most} ms");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(settings: &[(&str, &str)]) -> Result<Plan> {
        Plan::read(|name| settings.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn settings_are_numbers_or_are_named() {
        assert_eq!(plan(&[("LOAD_REQUESTS_PER_SECOND", "7"), ("LOAD_SECONDS", "3")]).unwrap().requests(), 21);
        for (name, value) in
            [("LOAD_SECONDS", "0"), ("LOAD_REQUESTS_PER_SECOND", "x"), ("LOAD_MAX_ERROR_PERCENT", "101")]
        {
            let error = plan(&[(name, value)]).err().unwrap().to_string();
            assert!(error.starts_with(name) && error.contains(value), "{error}");
        }
    }

    #[test]
    fn requests_are_due_by_the_clock() {
        let plan = plan(&[("LOAD_REQUESTS_PER_SECOND", "3")]).unwrap();
        assert_eq!(plan.due(0), Duration::ZERO);
        assert_eq!(plan.due(1), Duration::from_nanos(333_333_333));
        assert_eq!(plan.due(300), Duration::from_secs(100));
    }

    #[test]
    fn a_stall_counts_for_all_that_were_due_meanwhile() {
        let plan = plan(&[("LOAD_REQUESTS_PER_SECOND", "100"), ("LOAD_SECONDS", "1")]).unwrap();
        // A store that answers one at a time, and the first only after 600 ms.
        let store = std::sync::Mutex::new(());
        let measured = plan.run(|request| {
            let _busy = store.lock().unwrap();
            if request == 0 {
                thread::sleep(Duration::from_millis(600));
            }
            Ok(())
        });
        let measured = measured.unwrap();
        assert_eq!(measured.latencies.len(), 100);
        // Sixty were due within the stall, and waited 300 ms on average.
        assert!(measured.latencies.count_between(100_000, 1_000_000) >= 30, "{}", measured.table());
    }

    #[test]
    fn each_threshold_fails_with_a_sentence() {
        let plan = plan(&[("LOAD_MAX_P99_MILLISECONDS", "50"), ("LOAD_MAX_ERROR_PERCENT", "1")]).unwrap();
        let mut measured = Measured::new().unwrap();
        (0..99).for_each(|_| measured.record(Duration::from_millis(10), Ok(())));
        measured.record(Duration::from_millis(40), Err("503".into()));
        assert!(measured.few_errors(&plan).is_ok() && measured.fast(&plan).is_ok());
        (0..2).for_each(|_| measured.record(Duration::from_millis(200), Err("503".into())));
        let errors = measured.few_errors(&plan).unwrap_err().to_string();
        assert!(errors.contains("2.94 %") && errors.contains("LOAD_MAX_ERROR_PERCENT"), "{errors}");
        let slow = measured.fast(&plan).unwrap_err().to_string();
        assert!(slow.contains("LOAD_MAX_P99_MILLISECONDS permits 50 ms"), "{slow}");
        assert!(measured.table().ends_with("3 × 503"), "{}", measured.table());
    }
}
