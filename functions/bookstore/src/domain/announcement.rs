//! What the administrator is told of a new order.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::OrderId;

/// An order that is to be announced: what the queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unannounced {
    pub order_id: OrderId,
}

/// An order was placed. Who ordered what is no part of it: the administrator looks that up, with the rights to do so.
///
/// It may arrive more than once, and is the same each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Announcement {
    pub order_id: OrderId,
    /// UTC, to the millisecond.
    #[serde(with = "time::serde::rfc3339")]
    pub placed_at: OffsetDateTime,
}

impl From<Unannounced> for Announcement {
    fn from(Unannounced { order_id }: Unannounced) -> Self {
        Self { order_id, placed_at: order_id.created_at() }
    }
}

impl Announcement {
    /// How long it has been on its way. Two machines need not agree on the time: never less than nothing.
    pub fn delay(&self, now: OffsetDateTime) -> Duration {
        (now - self.placed_at).try_into().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_announcement_knows_when_the_order_was_placed() {
        let order_id = "0193564f-7c11-7a3b-8d2e-5f60718293a4";
        let unannounced: Unannounced = serde_json::from_value(json!({ "orderId": order_id })).unwrap();
        assert_eq!(serde_json::to_value(unannounced).unwrap(), json!({ "orderId": order_id }));
        assert_eq!(
            serde_json::to_value(Announcement::from(unannounced)).unwrap(),
            json!({ "orderId": order_id, "placedAt": "2024-11-22T23:57:49.969Z" })
        );
    }

    #[test]
    fn a_delay_is_not_negative() {
        let announcement = Announcement::from(Unannounced { order_id: OrderId::generate() });
        let after = |milliseconds| announcement.placed_at + time::Duration::milliseconds(milliseconds);
        assert_eq!(announcement.delay(after(1500)), Duration::from_millis(1500));
        assert_eq!(announcement.delay(after(-1)), Duration::ZERO);
    }
}
