//! Each alarm watches what it should, and rings at the topic when that goes wrong.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::http::text;
use crate::shop::{Shop, eventually};
use crate::subscription::Subscription;

pub const TESTS: &[(&str, Test)] = &[("each_alarm_rings", each_rings)];

/// Rates and percentiles need so many samples that what the shop measures meanwhile does not matter.
const MANY: f64 = 1_000_000.0;

/// A metric: namespace and name, its dimension with the resource that it stands for, and a value that is too much.
type Watched = (&'static str, &'static str, Option<(&'static str, &'static str)>, f64);

const ALARMS: [(&str, &[Watched]); 10] = [
    // Two of a hundred answers.
    (
        "ServerErrorAlarm",
        &[
            ("AWS/ApiGateway", "5xx", Some(("ApiId", "Api")), 0.02),
            ("AWS/ApiGateway", "Count", Some(("ApiId", "Api")), 1.0),
        ],
    ),
    ("SlowAnswerAlarm", &[("AWS/ApiGateway", "Latency", Some(("ApiId", "Api")), 1001.0)]),
    ("FunctionThrottleAlarm", &[("AWS/Lambda", "Throttles", None, 1.0)]),
    // Together more than ten.
    (
        "TableThrottleAlarm",
        &[
            ("AWS/DynamoDB", "ReadThrottleEvents", Some(("TableName", "Table")), 6.0),
            ("AWS/DynamoDB", "WriteThrottleEvents", Some(("TableName", "Table")), 5.0),
        ],
    ),
    ("OrdersNotAnnouncedAlarm", &[waiting("OrdersNotAnnounced")]),
    ("OrdersNotForwardedAlarm", &[waiting("OrdersNotForwarded")]),
    ("CoversNotResizedAlarm", &[waiting("CoversNotResized")]),
    ("ForwardingLateAlarm", &[("AWS/Lambda", "IteratorAge", Some(("FunctionName", "ForwardOrders")), 300_001.0)]),
    (
        "AnnouncingLateAlarm",
        &[("AWS/SQS", "ApproximateAgeOfOldestMessage", Some(("QueueName", "OrdersToAnnounce")), 181.0)],
    ),
    ("ImageFailureAlarm", &[("Bookstore", "ImageFailures", Some(("Environment", "Environment")), 5.0)]),
];

const fn waiting(queue: &'static str) -> Watched {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", Some(("QueueName", queue)), 1.0)
}

fn each_rings(shop: &Shop) -> Result<()> {
    let alarms = alarms(shop)?;
    let topic = shop.resource("AlarmTopic")?;
    let subscription = Subscription::to(shop, &topic)?;
    let mut known = BTreeSet::new();
    for (name, watched) in ALARMS {
        let physical = shop.resource(name)?;
        let alarm = alarms.iter().find(|alarm| alarm["AlarmName"] == physical.as_str());
        let alarm = alarm.with_context(|| format!("the stack has no {name}"))?;
        set_off(shop, alarm, watched).with_context(|| name)?;
        known.insert(physical);
    }
    // One without actions is for CodeDeploy to look at, and rings nowhere.
    let rings = |alarm: &&Value| alarm["AlarmActions"].as_array().is_some_and(|actions| !actions.is_empty());
    let names = alarms.iter().filter(rings).map(|alarm| text(alarm, "AlarmName")).collect::<Result<BTreeSet<_>>>()?;
    ensure!(names == known, "no test makes these ring: {:?}", names.difference(&known).collect::<Vec<_>>());

    // For all of them together: each looks at its metrics only now and then.
    let mut silent = known;
    eventually(Duration::from_secs(240), "the alarms to ring", || {
        for notification in subscription.receive()? {
            let told: Value = serde_json::from_str(&text(&notification, "Message")?)?;
            if told["NewStateValue"] == "ALARM" {
                silent.remove(&text(&told, "AlarmName")?);
            }
        }
        Ok(silent.is_empty().then_some(()))
    })
    .with_context(|| format!("these do not ring: {silent:?}"))
}

/// The alarms that the stack has, whatever this file knows of them.
fn alarms(shop: &Shop) -> Result<Vec<Value>> {
    let input = json!({ "AlarmNamePrefix": format!("{}-", shop.stack), "MaxRecords": 100 });
    let answer = shop.aws.call("cloudwatch", "describe_alarms", input)?;
    answer["MetricAlarms"].as_array().cloned().context("no list of alarms")
}

/// Gives an alarm, which must watch what it should, every reason to ring.
fn set_off(shop: &Shop, alarm: &Value, watched: &[Watched]) -> Result<()> {
    let should = watched.iter().map(|one| metric(shop, one)).collect::<Result<Vec<_>>>()?;
    let watches = metrics_of(alarm);
    let is_right = watches.len() == should.len() && should.iter().all(|metric| watches.contains(metric));
    ensure!(is_right, "it watches {watches:?}, and should {should:?}");

    let name = text(alarm, "AlarmName")?;
    let set = |state: &str| {
        let input = json!({ "AlarmName": name, "StateValue": state, "StateReason": "tests/integration/alarms.rs" });
        shop.aws.call("cloudwatch", "set_alarm_state", input)
    };
    // An alarm rings when its state changes, and an earlier run may have left it ringing.
    set("OK")?;
    for (metric, (namespace, .., value)) in should.iter().zip(watched) {
        let data = data(alarm, metric, *value);
        let put = json!({ "Namespace": namespace, "MetricData": data });
        match shop.aws.call("cloudwatch", "put_metric_data", put) {
            // AWS keeps its own namespaces to itself. There, the way from the alarm to the topic is all that can be tried.
            Err(error) if error.to_string().contains("InvalidParameterValue") => drop(set("ALARM")?),
            result => drop(result?),
        }
    }
    Ok(())
}

/// The same value, many times over, in each of the periods that the alarm looks at.
fn data(alarm: &Value, metric: &Value, value: f64) -> Vec<Value> {
    let period = alarm["Period"]
        .as_u64()
        .or_else(|| alarm["Metrics"].as_array()?.iter().find_map(|one| one["MetricStat"]["Period"].as_u64()));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    (0..alarm["EvaluationPeriods"].as_u64().unwrap_or(1))
        .map(|n| {
            json!({
                "MetricName": metric["MetricName"],
                "Dimensions": metric["Dimensions"],
                "Timestamp": now - n * period.unwrap_or(60),
                "Values": [value],
                "Counts": [MANY],
            })
        })
        .collect()
}

/// What an alarm watches, by itself or by metric math.
fn metrics_of(alarm: &Value) -> Vec<Value> {
    let stats = alarm["Metrics"].as_array().into_iter().flatten().filter_map(|one| one.get("MetricStat"));
    let metrics = stats.map(|stat| &stat["Metric"]).collect::<Vec<_>>();
    let metrics = if metrics.is_empty() { vec![alarm] } else { metrics };
    metrics
        .into_iter()
        .map(|metric| {
            json!({
                "Namespace": metric["Namespace"],
                "MetricName": metric["MetricName"],
                "Dimensions": metric["Dimensions"].as_array().cloned().unwrap_or_default(),
            })
        })
        .collect()
}

fn metric(shop: &Shop, (namespace, name, dimension, _): &Watched) -> Result<Value> {
    let dimensions = dimension.iter().map(|(name, of)| Ok(json!({ "Name": name, "Value": value_of(shop, name, of)? })));
    let dimensions = dimensions.collect::<Result<Vec<_>>>()?;
    Ok(json!({ "Namespace": namespace, "MetricName": name, "Dimensions": dimensions }))
}

fn value_of(shop: &Shop, dimension: &str, of: &str) -> Result<String> {
    if dimension == "Environment" {
        let stacks = shop.aws.call("cloudformation", "describe_stacks", json!({ "StackName": shop.stack }))?;
        let mut parameters = stacks["Stacks"][0]["Parameters"].as_array().into_iter().flatten();
        let parameter = parameters.find(|parameter| parameter["ParameterKey"] == of);
        return text(parameter.context("the stack has no such parameter")?, "ParameterValue");
    }
    let id = shop.resource(of)?;
    // A queue's id is its URL.
    Ok(id.rsplit('/').next().unwrap_or_default().to_owned())
}
