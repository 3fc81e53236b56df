//! What the table's stream tells of a change: its kind, and the keys of the item.

use serde::Deserialize;

use crate::domain::OrderId;

#[derive(Deserialize)]
struct Keys {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
}

/// The order that came into the table by this change, if it was that. The filter of the event source in
/// `template.yaml` lets nothing else through.
pub fn placed_order(event_name: &str, keys: serde_dynamo::Item) -> Option<OrderId> {
    let Keys { pk, sk } = serde_dynamo::from_item(keys).ok()?;
    let id = pk.strip_prefix("ORDER#")?;
    if event_name == "INSERT" && sk == "ORDER" { id.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(event_name: &str, pk: &str, sk: &str) -> Option<OrderId> {
        let keys = json!({ "PK": { "S": pk }, "SK": { "S": sk } });
        placed_order(event_name, serde_json::from_value(keys).unwrap())
    }

    #[test]
    fn a_new_order_is_told_by_its_keys() {
        let id = OrderId::generate();
        assert_eq!(read("INSERT", &format!("ORDER#{id}"), "ORDER"), Some(id));
    }

    #[test]
    fn nothing_else_is_a_new_order() {
        let id = OrderId::generate();
        for (event_name, pk, sk) in [
            ("MODIFY", format!("ORDER#{id}"), "ORDER"),
            ("REMOVE", format!("ORDER#{id}"), "ORDER"),
            ("INSERT", format!("ORDER#{id}"), "NOTE"),
            ("INSERT", format!("BOOK#{id}"), "ORDER"),
            ("INSERT", "ORDERS#placed".to_owned(), "ORDER"),
            ("INSERT", "ORDER#1".to_owned(), "ORDER"),
        ] {
            assert_eq!(read(event_name, &pk, sk), None, "{event_name} {pk} {sk}");
        }
        assert_eq!(placed_order("INSERT", serde_dynamo::Item::default()), None);
    }
}
