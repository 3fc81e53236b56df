//! Reading single items and pages.

use std::collections::HashMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use serde::{Deserialize, de::DeserializeOwned};

use super::{StorageError, transaction::Transaction};
use crate::domain::{Cursor, InvalidCursor, List, Page, PageSize};

pub(super) type Item = HashMap<String, AttributeValue>;

/// The shop's one table.
#[derive(Debug, Clone)]
pub struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

/// Where an item is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    pub fn attributes(&self) -> Item {
        let text = |value: &String| AttributeValue::S(value.clone());
        HashMap::from([("PK".to_owned(), text(&self.pk)), ("SK".to_owned(), text(&self.sk))])
    }
}

/// A partition, or the part of it whose sort keys begin with `prefix`, in an order.
#[derive(Debug, Clone)]
pub(super) struct Partition {
    pub list: List,
    pub pk: String,
    pub prefix: String,
    pub ascending: bool,
    pub consistent: bool,
}

/// An item of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Listed<T> {
    #[serde(rename = "SK")]
    pub sk: String,
    #[serde(flatten)]
    pub content: T,
}

impl Table {
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    pub(super) fn transaction(&self) -> Transaction<'_> {
        Transaction::new(self)
    }

    /// The item as last written.
    pub(super) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, StorageError> {
        let get = self.client.get_item().table_name(&self.name).set_key(Some(key.attributes()));
        let item = get.consistent_read(true).send().await?.item;
        item.map(serde_dynamo::from_item).transpose().map_err(StorageError::Shape)
    }

    /// Up to `limit` items of a partition, from behind a sort key on, and whether there may be more.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        partition: &Partition,
        limit: usize,
        after: Option<String>,
    ) -> Result<(Vec<Listed<T>>, bool), StorageError> {
        let Partition { pk, prefix, ascending, consistent, .. } = partition;
        let mut query = self
            .client
            .query()
            .table_name(&self.name)
            .expression_attribute_values(":pk", AttributeValue::S(pk.clone()))
            .scan_index_forward(*ascending)
            .consistent_read(*consistent)
            .limit(limit as i32);
        query = if prefix.is_empty() {
            query.key_condition_expression("PK = :pk")
        } else {
            query
                .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.clone()))
        };
        if let Some(after) = after {
            // DynamoDB refuses to start outside of what is asked for.
            if !after.starts_with(prefix) {
                return Err(StorageError::Cursor(InvalidCursor));
            }
            query = query.set_exclusive_start_key(Some(Key::new(pk, after).attributes()));
        }
        let answer = query.send().await?;
        let more = answer.last_evaluated_key.is_some();
        let items = serde_dynamo::from_items(answer.items.unwrap_or_default()).map_err(StorageError::Shape)?;
        Ok((items, more))
    }

    /// A page of a list.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        partition: Partition,
        size: PageSize,
        from: Option<Cursor>,
    ) -> Result<Page<T>, StorageError> {
        let after = from.map(|cursor| cursor.within(partition.list)).transpose().map_err(StorageError::Cursor)?;
        // One more than asked for tells whether there is a next page. All of them stay below the 1 MB at which DynamoDB
        // cuts an answer short.
        let (mut items, _) = self.query(&partition, size.get() + 1, after).await?;
        let more = items.len() > size.get();
        items.truncate(size.get());
        let next = items.last().filter(|_| more).map(|last| Cursor::new(partition.list, &last.sk));
        Ok(Page { items: items.into_iter().map(|item| item.content).collect(), next })
    }
}
