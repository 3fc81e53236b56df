//! A queue that hears what a topic says, for as long as a test listens.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::http::text;
use crate::shop::{Shop, unique};

pub struct Subscription<'a> {
    shop: &'a Shop,
    queue: String,
    arn: String,
}

impl<'a> Subscription<'a> {
    pub fn to(shop: &'a Shop, topic: &str) -> Result<Self> {
        let queue = shop.aws.call("sqs", "create_queue", json!({ "QueueName": unique("bookstore-test-") }))?;
        let queue = text(&queue, "QueueUrl")?;
        let input = json!({ "QueueUrl": queue, "AttributeNames": ["QueueArn"] });
        let queue_arn = text(&shop.aws.call("sqs", "get_queue_attributes", input)?["Attributes"], "QueueArn")?;
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": { "ArnEquals": { "aws:SourceArn": topic } },
        }] });
        let input = json!({ "QueueUrl": queue, "Attributes": { "Policy": policy.to_string() } });
        shop.aws.call("sqs", "set_queue_attributes", input)?;
        let input =
            json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": queue_arn, "ReturnSubscriptionArn": true });
        let arn = text(&shop.aws.call("sns", "subscribe", input)?, "SubscriptionArn")?;
        // Both take some seconds to hold everywhere.
        thread::sleep(Duration::from_secs(3));
        Ok(Self { shop, queue, arn })
    }

    /// Some of what was said since the last time: each with its `Message`, `Subject` and `MessageAttributes`.
    pub fn receive(&self) -> Result<Vec<Value>> {
        let messages = receive(self.shop, &self.queue)?.into_iter().map(|message| {
            let receipt = json!({ "QueueUrl": self.queue, "ReceiptHandle": message["ReceiptHandle"] });
            self.shop.aws.call("sqs", "delete_message", receipt)?;
            Ok(serde_json::from_str(&text(&message, "Body")?)?)
        });
        messages.collect()
    }
}

impl Drop for Subscription<'_> {
    fn drop(&mut self) {
        let unsubscribed = self.shop.aws.call("sns", "unsubscribe", json!({ "SubscriptionArn": self.arn }));
        let deleted = self.shop.aws.call("sqs", "delete_queue", json!({ "QueueUrl": self.queue }));
        if let Err(error) = unsubscribed.and(deleted) {
            eprintln!("error: {} was not removed: {error:#}", self.queue);
        }
    }
}

/// Some of the messages of a queue.
pub fn receive(shop: &Shop, queue: &str) -> Result<Vec<Value>> {
    // Without waiting: the calls of all tests go through one process, one after the other.
    let input = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 10 });
    let answer = shop.aws.call("sqs", "receive_message", input)?;
    Ok(answer["Messages"].as_array().cloned().unwrap_or_default())
}
