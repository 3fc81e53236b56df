//! What was done for which request, so that it is done once.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{
    StorageError, Table,
    table::Key,
    transaction::{Condition, Refusals, Transaction, number},
};
use crate::domain::{CustomerId, Fingerprint, RequestKey};

/// How long a request is remembered.
const REMEMBERED: Duration = Duration::hours(24);

/// A piece of work that a client may send more than once.
#[derive(Debug, Clone)]
pub struct Request {
    pub from: CustomerId,
    pub key: RequestKey,
    pub fingerprint: Fingerprint,
}

/// The work was asked for before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// The very same, and this came of it: an id, where there is one.
    Same(String),
    /// Other work under the same key.
    Other,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestItem {
    fingerprint: Fingerprint,
    outcome: String,
    /// In seconds since 1970. DynamoDB removes the item some days later.
    expires_at: i64,
}

impl Request {
    fn item_key(&self) -> Key {
        Key::new(format!("CUSTOMER#{}", self.from.as_str()), format!("REQUEST#{}", self.key.as_str()))
    }

    /// Remembers the request together with what it does. Gives the number of the write.
    pub(super) fn remember(&self, outcome: String, work: &mut Transaction<'_>) -> Result<usize, StorageError> {
        let now = OffsetDateTime::now_utc();
        let expires_at = (now + REMEMBERED).unix_timestamp();
        let item = RequestItem { fingerprint: self.fingerprint.clone(), outcome, expires_at };
        let forgotten = "attribute_not_exists(PK) OR expiresAt < :now";
        work.put_if(&self.item_key(), &item, Condition::new(forgotten, [(":now", number(now.unix_timestamp()))]))
    }

    /// What the refused write of [`remember`](Self::remember) says.
    pub(super) fn replay(&self, refusals: &Refusals, write: usize) -> Result<Option<Replay>, StorageError> {
        let Some(Some(item)) = refusals.at(write) else {
            return Ok(None);
        };
        let found: RequestItem = serde_dynamo::from_item(item.clone()).map_err(StorageError::Shape)?;
        Ok(Some(self.compare(found)))
    }

    fn compare(&self, found: RequestItem) -> Replay {
        if found.fingerprint == self.fingerprint { Replay::Same(found.outcome) } else { Replay::Other }
    }
}

impl Table {
    /// Whether the request was answered before.
    pub(super) async fn answered(&self, request: &Request) -> Result<Option<Replay>, StorageError> {
        let found: Option<RequestItem> = self.get(&request.item_key()).await?;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        Ok(found.filter(|found| found.expires_at >= now).map(|found| request.compare(found)))
    }
}
