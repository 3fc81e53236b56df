//! The table's stream → the queue OrdersToAnnounce: a message for each new order.
//!
//! It only forwards: while it works on a change, the stream waits, and what goes wrong with announcing one order must
//! not hold up the next.

use aws_lambda_events::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use aws_sdk_sqs::{Client, error::DisplayErrorContext, types::SendMessageBatchRequestEntry};
use bookstore::{
    aws,
    domain::{OrderId, Unannounced},
    environment, events, storage,
};
use lambda_runtime::{Error, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let url = environment::variable("QUEUE_URL")?;
    let queue = Queue { client: Client::new(&aws::config().await), url };
    events::run(|event| queue.forward(event)).await
}

struct Queue {
    client: Client,
    url: String,
}

struct NewOrder {
    id: OrderId,
    /// Its place in the stream.
    sequence_number: String,
}

impl Queue {
    /// How many messages SQS takes at once.
    const BATCH: usize = 10;

    /// Answers where the stream is to be read again, if something failed. What follows there comes again as well, so
    /// none of it is sent now.
    async fn forward(&self, event: Event) -> Result<DynamoDbEventResponse, Error> {
        let orders: Vec<NewOrder> = event.records.into_iter().filter_map(new_order).collect();
        let mut response = DynamoDbEventResponse::default();
        for batch in orders.chunks(Self::BATCH) {
            if let Some(failed) = self.send(batch).await? {
                let mut failure = DynamoDbBatchItemFailure::default();
                failure.item_identifier = Some(failed.sequence_number.clone());
                response.batch_item_failures.push(failure);
                break;
            }
        }
        Ok(response)
    }

    /// Gives the first order that the queue did not take.
    async fn send<'a>(&self, orders: &'a [NewOrder]) -> Result<Option<&'a NewOrder>, Error> {
        let entries = orders.iter().enumerate().map(|(index, order)| message(index, order.id));
        let entries = entries.collect::<Result<Vec<_>, Error>>()?;
        let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let failed = match request.send().await {
            Ok(answer) => {
                for failed in answer.failed() {
                    tracing::error!(code = failed.code(), cause = failed.message(), "the queue refused a message");
                }
                // The ids are ours; with one that is not, the first order is as good a place to begin again.
                answer.failed().iter().map(|failed| failed.id().parse().unwrap_or(0)).min()
            }
            Err(error) => {
                tracing::error!(cause = %DisplayErrorContext(error), "the queue does not answer");
                Some(0)
            }
        };
        for order in &orders[..failed.unwrap_or(orders.len())] {
            tracing::info!(orderId = %order.id, "forwarded");
        }
        Ok(failed.map(|index| &orders[index]))
    }
}

fn new_order(record: EventRecord) -> Option<NewOrder> {
    let order = storage::placed_order(&record.event_name, record.change.keys);
    if order.is_none() {
        tracing::warn!(eventId = record.event_id, eventName = record.event_name, "skipped: this is no new order");
    }
    // Every change has a number; to answer with an empty one would have the whole event sent again.
    Some(NewOrder { id: order?, sequence_number: record.change.sequence_number.unwrap_or_default() })
}

fn message(index: usize, order_id: OrderId) -> Result<SendMessageBatchRequestEntry, Error> {
    let body = serde_json::to_string(&Unannounced { order_id })?;
    Ok(SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body).build()?)
}

#[cfg(test)]
mod tests;
