//! The queue OrdersToAnnounce → the topic OrderTopic: the administrator learns of each new order.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sns::{
    Client,
    error::DisplayErrorContext,
    types::{MessageAttributeValue, PublishBatchRequestEntry},
};
use bookstore::{
    aws,
    domain::{Announcement, Unannounced},
    environment, events,
    metrics::{Metric, Metrics},
};
use lambda_runtime::{Error, tracing};
use time::OffsetDateTime;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let arn = environment::variable("TOPIC_ARN")?;
    let metrics = Metrics::from_env()?;
    let topic = Topic { client: Client::new(&aws::config().await), arn, metrics };
    events::run(|event| topic.announce(event)).await
}

struct Topic {
    client: Client,
    arn: String,
    metrics: Metrics,
}

/// What a message of the queue asks for.
struct Due {
    message_id: String,
    announcement: Announcement,
}

impl Topic {
    /// How many messages SNS takes at once.
    const BATCH: usize = 10;

    /// Answers which messages failed. The queue gives them again, and after some attempts moves them to its
    /// dead-letter queue.
    async fn announce(&self, event: SqsEvent) -> Result<SqsBatchResponse, Error> {
        let mut response = SqsBatchResponse::default();
        let mut due = Vec::new();
        for message in event.records {
            match read(message) {
                Ok(one) => due.push(one),
                Err(message_id) => response.add_failure(message_id),
            }
        }
        for batch in due.chunks(Self::BATCH) {
            for failed in self.publish(batch).await? {
                response.add_failure(&failed.message_id);
            }
        }
        Ok(response)
    }

    /// Gives those that the topic did not take.
    async fn publish<'a>(&self, due: &'a [Due]) -> Result<Vec<&'a Due>, Error> {
        let entries = due.iter().enumerate().map(|(index, one)| entry(index, &one.announcement));
        let entries = entries.collect::<Result<Vec<_>, Error>>()?;
        let request = self.client.publish_batch().topic_arn(&self.arn).set_publish_batch_request_entries(Some(entries));
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(cause = %DisplayErrorContext(error), "the topic does not answer");
                return Ok(due.iter().collect());
            }
        };
        let mut failed = Vec::new();
        for (index, one) in due.iter().enumerate() {
            let order_id = one.announcement.order_id;
            match answer.failed().iter().find(|failed| failed.id() == index.to_string()) {
                Some(refusal) => {
                    let (code, cause) = (refusal.code(), refusal.message());
                    tracing::error!(orderId = %order_id, code, cause, "the topic refused an announcement");
                    failed.push(one);
                }
                None => {
                    tracing::info!(orderId = %order_id, "announced");
                    self.metrics.record(Metric::AnnouncementDelay(one.announcement.delay(OffsetDateTime::now_utc())));
                }
            }
        }
        Ok(failed)
    }
}

/// Gives the id of a message that names no order, and never will.
fn read(message: SqsMessage) -> Result<Due, String> {
    // Every message has an id; to answer with an empty one would have the whole event sent again.
    let message_id = message.message_id.unwrap_or_default();
    match serde_json::from_str::<Unannounced>(&message.body.unwrap_or_default()) {
        Ok(order) => Ok(Due { message_id, announcement: order.into() }),
        Err(error) => {
            tracing::error!(messageId = message_id, cause = %error, "this names no order");
            Err(message_id)
        }
    }
}

/// Programs tell a duplicate by the attribute, without reading the message; people see the id in the subject.
fn entry(index: usize, announcement: &Announcement) -> Result<PublishBatchRequestEntry, Error> {
    let order_id = announcement.order_id.to_string();
    Ok(PublishBatchRequestEntry::builder()
        .id(index.to_string())
        .subject(format!("New order {order_id}"))
        .message(serde_json::to_string(announcement)?)
        .message_attributes(
            "orderId",
            MessageAttributeValue::builder().data_type("String").string_value(order_id).build()?,
        )
        .build()?)
}

#[cfg(test)]
mod tests;
