//! Metrics by CloudWatch's embedded format: a line of JSON on standard output becomes a metric, without any call.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::environment::{self, MissingVariable};

/// What is measured. The dashboard and the alarms of `template.yaml` know it by these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    OrdersPlaced,
    /// An order was refused because of it.
    OutOfStock,
    /// An upload did not become a cover.
    ImageFailures,
    /// How long after it was placed an order is announced.
    AnnouncementDelay(Duration),
}

impl Metric {
    /// Its name, its unit and its value.
    fn parts(self) -> (&'static str, &'static str, u64) {
        match self {
            Self::OrdersPlaced => ("OrdersPlaced", "Count", 1),
            Self::OutOfStock => ("OutOfStock", "Count", 1),
            Self::ImageFailures => ("ImageFailures", "Count", 1),
            Self::AnnouncementDelay(delay) => ("AnnouncementDelay", "Milliseconds", milliseconds(delay)),
        }
    }
}

/// The metrics of one deployment. It is their only dimension, as CloudWatch bills for each combination.
#[derive(Debug, Clone)]
pub struct Metrics {
    environment: String,
}

impl Metrics {
    pub fn new(environment: String) -> Self {
        Self { environment }
    }

    pub fn from_env() -> Result<Self, MissingVariable> {
        environment::variable("ENVIRONMENT").map(Self::new)
    }

    pub fn record(&self, metric: Metric) {
        println!("{}", self.line(metric, SystemTime::now()));
    }

    fn line(&self, metric: Metric, now: SystemTime) -> Value {
        let (name, unit, value) = metric.parts();
        json!({
            "_aws": {
                "Timestamp": milliseconds(now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()),
                "CloudWatchMetrics": [{
                    "Namespace": "Bookstore",
                    "Dimensions": [["Environment"]],
                    "Metrics": [{ "Name": name, "Unit": unit }],
                }],
            },
            "Environment": self.environment,
            name: value,
        })
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_a_line_of_embedded_format() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_225_600_123);
        let line = Metrics::new("staging".into()).line(Metric::OrdersPlaced, now);
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 1_767_225_600_123_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Bookstore",
                        "Dimensions": [["Environment"]],
                        "Metrics": [{ "Name": "OrdersPlaced", "Unit": "Count" }],
                    }],
                },
                "Environment": "staging",
                "OrdersPlaced": 1,
            })
        );
        assert!(!line.to_string().contains('\n'));
    }

    #[test]
    fn a_delay_is_whole_milliseconds() {
        let parts = |delay| Metric::AnnouncementDelay(delay).parts();
        assert_eq!(parts(Duration::from_micros(1_500_999)), ("AnnouncementDelay", "Milliseconds", 1500));
        assert_eq!(parts(Duration::MAX).2, u64::MAX);
    }
}
