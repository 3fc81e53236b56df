//! Several writes, of which all happen or none.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    StorageError, Table,
    table::{Item, Key},
};

/// How long a transaction that collides with others is tried again. With the time that a single call may take it stays
/// below the function's own.
const PATIENCE: Duration = Duration::from_secs(3);
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// What must hold for the item that is there, or for its absence.
#[derive(Debug, Clone, Default)]
pub(super) struct Condition {
    expression: &'static str,
    values: Vec<(&'static str, AttributeValue)>,
}

#[must_use]
pub(super) struct Transaction<'a> {
    table: &'a Table,
    writes: Vec<TransactWriteItem>,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Done,
    /// Nothing was written, because these conditions did not hold.
    Refused(Refusals),
}

/// The writes whose conditions did not hold, each with the item that was there.
#[derive(Debug)]
pub(super) struct Refusals(Vec<(usize, Option<Item>)>);

impl Condition {
    pub fn absent() -> Self {
        Self::new("attribute_not_exists(PK)", [])
    }

    pub fn present() -> Self {
        Self::new("attribute_exists(PK)", [])
    }

    pub fn new<const N: usize>(expression: &'static str, values: [(&'static str, AttributeValue); N]) -> Self {
        Self { expression, values: values.into() }
    }

    fn expression(&self) -> Option<String> {
        (!self.expression.is_empty()).then(|| self.expression.to_owned())
    }
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

impl<'a> Transaction<'a> {
    pub fn new(table: &'a Table) -> Self {
        Self { table, writes: Vec::new() }
    }

    /// Puts an item whatever is there.
    pub fn put(&mut self, key: &Key, item: &impl Serialize) -> Result<usize, StorageError> {
        self.put_if(key, item, Condition::default())
    }

    /// Each of these gives the number of the write, by which [`Refusals`] knows it.
    pub fn put_if(&mut self, key: &Key, item: &impl Serialize, when: Condition) -> Result<usize, StorageError> {
        let mut attributes: Item = serde_dynamo::to_item(item).map_err(StorageError::Shape)?;
        attributes.extend(key.attributes());
        let mut put = Put::builder().table_name(&self.table.name).set_item(Some(attributes));
        put = put.set_condition_expression(when.expression());
        for (name, value) in when.values {
            put = put.expression_attribute_values(name, value);
        }
        put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = put.build().map_err(StorageError::refused)?;
        Ok(self.add(TransactWriteItem::builder().put(put)))
    }

    pub fn delete(&mut self, key: &Key) -> Result<usize, StorageError> {
        self.delete_if(key, Condition::default())
    }

    pub fn delete_if(&mut self, key: &Key, when: Condition) -> Result<usize, StorageError> {
        let mut delete = Delete::builder().table_name(&self.table.name).set_key(Some(key.attributes()));
        delete = delete.set_condition_expression(when.expression());
        for (name, value) in when.values {
            delete = delete.expression_attribute_values(name, value);
        }
        delete = delete.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let delete = delete.build().map_err(StorageError::refused)?;
        Ok(self.add(TransactWriteItem::builder().delete(delete)))
    }

    /// Changes attributes of an item. Condition and change share their values.
    pub fn update<const N: usize>(
        &mut self,
        key: &Key,
        change: &'static str,
        values: [(&'static str, AttributeValue); N],
        when: Condition,
    ) -> Result<usize, StorageError> {
        let mut update = Update::builder().table_name(&self.table.name).set_key(Some(key.attributes()));
        update = update.update_expression(change).set_condition_expression(when.expression());
        for (name, value) in values.into_iter().chain(when.values) {
            update = update.expression_attribute_values(name, value);
        }
        update = update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let update = update.build().map_err(StorageError::refused)?;
        Ok(self.add(TransactWriteItem::builder().update(update)))
    }

    fn add(&mut self, write: aws_sdk_dynamodb::types::builders::TransactWriteItemBuilder) -> usize {
        self.writes.push(write.build());
        self.writes.len() - 1
    }

    /// Writes all or nothing. A transaction that collides with another one, or is throttled, is tried again for a while.
    pub async fn commit(self) -> Result<Outcome, StorageError> {
        let started = Instant::now();
        let mut token = Uuid::now_v7();
        let mut attempt = 0;
        loop {
            let write = self.table.client.transact_write_items().set_transact_items(Some(self.writes.clone()));
            // With the same token DynamoDB does the work once, however often it is sent.
            let error = match write.client_request_token(token.to_string()).send().await {
                Ok(_) => return Ok(Outcome::Done),
                Err(error) => error,
            };
            let refusals = refusals(&error);
            if !refusals.0.is_empty() {
                return Ok(Outcome::Refused(refusals));
            }
            match collision(&error) {
                None => return Err(error.into()),
                _ if started.elapsed() > PATIENCE => return Err(StorageError::Busy(error.into())),
                // An earlier sending of this very transaction is still at work: ask for its end.
                Some(Collision::WithItself) => {}
                Some(Collision::WithOthers) => token = Uuid::now_v7(),
            }
            attempt += 1;
            pause(attempt).await;
        }
    }
}

/// Waits before the next attempt: longer each time, and for a random part of that, so that those who collided do not meet
/// again.
pub(super) async fn pause(attempt: u32) {
    let longest = (SHORTEST_PAUSE * 2_u32.saturating_pow(attempt - 1)).min(LONGEST_PAUSE);
    tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
}

impl Refusals {
    /// The item that was there, if this write was refused.
    pub fn at(&self, write: usize) -> Option<Option<&Item>> {
        self.0.iter().find(|(index, _)| *index == write).map(|(_, item)| item.as_ref())
    }
}

fn reasons(error: &SdkError<TransactWriteItemsError>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled.cancellation_reasons(),
        _ => &[],
    }
}

fn refusals(error: &SdkError<TransactWriteItemsError>) -> Refusals {
    let refused = |reason: &&CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    let all = reasons(error).iter().enumerate().filter(|(_, reason)| refused(reason));
    // Without an item, DynamoDB leaves the attribute out; an empty one says the same.
    Refusals(all.map(|(index, reason)| (index, reason.item().filter(|item| !item.is_empty()).cloned())).collect())
}

enum Collision {
    WithItself,
    /// Or with a limit of throughput.
    WithOthers,
}

fn collision(error: &SdkError<TransactWriteItemsError>) -> Option<Collision> {
    if error.as_service_error().is_some_and(|error| error.is_transaction_in_progress_exception()) {
        return Some(Collision::WithItself);
    }
    let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let passes = |reason: &CancellationReason| reason.code().is_some_and(|code| passing.contains(&code));
    reasons(error).iter().any(passes).then_some(Collision::WithOthers)
}
