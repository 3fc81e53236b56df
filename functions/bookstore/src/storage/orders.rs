//! Orders, and the copies that they take.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    Replay, Request, StorageError, Table, books,
    table::{Key, Partition},
    transaction::{Condition, Outcome, Transaction, number},
};
use crate::domain::{
    Cart, Cursor, CustomerId, Ended, List, Order, OrderId, OrderStatus, OrderSummary, Page, PageSize, Refusal, now,
};

/// An order whose books change meanwhile is made anew, so often.
const ATTEMPTS: usize = 5;

/// Why an order was not placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPlaced {
    Refused(Refusal),
    /// The key stands for another order.
    OtherRequest,
}

/// How an order comes to its end, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    pub status: OrderStatus,
    /// Only an order of this customer; an administrator may end all.
    pub of: Option<&'a CustomerId>,
}

#[derive(Serialize, Deserialize)]
struct OrderItem {
    document: Order,
    customer: CustomerId,
    version: u64,
}

/// An order as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomersOrder {
    #[serde(flatten)]
    pub order: Order,
    pub customer: CustomerId,
}

#[derive(Serialize, Deserialize)]
struct OrderEntry {
    summary: OrderSummary,
}

impl Table {
    /// Places an order and takes its copies from the stock, once for each request. Says whether it is new.
    pub async fn place_order(
        &self,
        customer: &CustomerId,
        cart: &Cart,
        request: &Request,
    ) -> Result<Result<(Order, bool), NotPlaced>, StorageError> {
        for _ in 0..ATTEMPTS {
            let shelf = self.shelf(cart.lines.as_slice().iter().map(|line| line.book_id)).await?;
            let order = match Order::new(cart, &shelf) {
                Ok(order) => order,
                // Perhaps it was this very request that has bought the last copies.
                Err(refusal) => match self.answered(request).await? {
                    Some(replay) => return self.replayed(replay).await,
                    None => return Ok(Err(NotPlaced::Refused(refusal))),
                },
            };
            let mut work = self.transaction();
            let item = OrderItem { document: order.clone(), customer: customer.clone(), version: 1 };
            work.put_if(&key(order.id), &item, Condition::absent())?;
            list(&order, customer, &mut work)?;
            let remembered = request.remember(order.id.to_string(), &mut work)?;
            for line in &order.lines {
                // At the price that the order says, or not at all.
                let price = serde_dynamo::to_attribute_value(line.price).map_err(StorageError::Shape)?;
                work.update(
                    &books::key(line.book_id),
                    "SET stock = stock - :copies, revision = revision + :one",
                    [(":copies", number(line.quantity.get())), (":one", number(1))],
                    Condition::new("stock >= :copies AND summary.price = :price", [(":price", price)]),
                )?;
            }
            match work.commit().await? {
                Outcome::Done => return Ok(Ok((order, true))),
                Outcome::Refused(refusals) => {
                    if let Some(replay) = request.replay(&refusals, remembered)? {
                        return self.replayed(replay).await;
                    }
                }
            }
        }
        Err(StorageError::restless())
    }

    async fn replayed(&self, replay: Replay) -> Result<Result<(Order, bool), NotPlaced>, StorageError> {
        let Replay::Same(id) = replay else {
            return Ok(Err(NotPlaced::OtherRequest));
        };
        let id = id.parse().map_err(StorageError::refused)?;
        let found: Option<OrderItem> = self.get(&key(id)).await?;
        found
            .map(|item| Ok((item.document, false)))
            .ok_or_else(|| StorageError::Refused("an order has vanished".into()))
    }

    /// A customer's own order.
    pub async fn order(&self, id: OrderId, of: &CustomerId) -> Result<Option<Order>, StorageError> {
        Ok(self.order_item(id, Some(of)).await?.map(|item| item.document))
    }

    /// Any order, and whose it is.
    pub async fn customers_order(&self, id: OrderId) -> Result<Option<CustomersOrder>, StorageError> {
        let item = self.order_item(id, None).await?;
        Ok(item.map(|OrderItem { document: order, customer, .. }| CustomersOrder { order, customer }))
    }

    async fn order_item(&self, id: OrderId, of: Option<&CustomerId>) -> Result<Option<OrderItem>, StorageError> {
        let found: Option<OrderItem> = self.get(&key(id)).await?;
        Ok(found.filter(|item| of.is_none_or(|customer| *customer == item.customer)))
    }

    /// Ends an order that is placed; a cancelled one gives its copies back. An order that has ended so before stays as it is.
    /// `None` when there is no such order.
    pub async fn end_order(
        &self,
        id: OrderId,
        ending: Ending<'_>,
    ) -> Result<Option<Result<Order, Ended>>, StorageError> {
        let mut gone = HashSet::new();
        for _ in 0..ATTEMPTS {
            let Some(OrderItem { document: placed, customer, version }) = self.order_item(id, ending.of).await? else {
                return Ok(None);
            };
            let ended = match placed.ended(ending.status, now()) {
                Ok(Some(ended)) => ended,
                Ok(None) => return Ok(Some(Ok(placed))),
                Err(error) => return Ok(Some(Err(error))),
            };
            let mut work = self.transaction();
            let as_read = Condition::new("version = :read", [(":read", number(version))]);
            let item = OrderItem { document: ended.clone(), customer, version: version + 1 };
            work.put_if(&key(id), &item, as_read)?;
            work.delete(&status_key(&placed))?;
            list(&ended, &item.customer, &mut work)?;
            let mut returned = Vec::new();
            if ending.status == OrderStatus::Cancelled {
                for line in ended.lines.iter().filter(|line| !gone.contains(&line.book_id)) {
                    let write = work.update(
                        &books::key(line.book_id),
                        "SET stock = stock + :copies, revision = revision + :one",
                        [(":copies", number(line.quantity.get())), (":one", number(1))],
                        Condition::present(),
                    )?;
                    returned.push((write, line.book_id));
                }
            }
            match work.commit().await? {
                Outcome::Done => return Ok(Some(Ok(ended))),
                Outcome::Refused(refusals) => {
                    // A book that is no longer sold takes no copies back.
                    gone.extend(returned.iter().filter(|(write, _)| refusals.at(*write).is_some()).map(|(_, id)| *id));
                }
            }
        }
        Err(StorageError::restless())
    }

    /// A customer's orders, the newest first.
    pub async fn orders_of(
        &self,
        customer: &CustomerId,
        size: PageSize,
        from: Option<Cursor>,
    ) -> Result<Page<OrderSummary>, StorageError> {
        let partition = Partition {
            list: List::CustomersOrders,
            pk: format!("CUSTOMER#{}", customer.as_str()),
            prefix: "ORDER#".into(),
            ascending: false,
            consistent: true,
        };
        let page: Page<OrderEntry> = self.page(partition, size, from).await?;
        Ok(page.map(|entry| entry.summary))
    }

    /// All orders in a status: those to be processed in the order of their coming, the others newest first.
    pub async fn orders_in(
        &self,
        status: OrderStatus,
        size: PageSize,
        from: Option<Cursor>,
    ) -> Result<Page<OrderSummary>, StorageError> {
        let partition = Partition {
            list: List::OrdersByStatus,
            pk: format!("ORDERS#{}", status.as_str()),
            prefix: String::new(),
            ascending: status == OrderStatus::Placed,
            consistent: true,
        };
        let page: Page<OrderEntry> = self.page(partition, size, from).await?;
        Ok(page.map(|entry| entry.summary))
    }
}

fn key(id: OrderId) -> Key {
    Key::new(format!("ORDER#{id}"), "ORDER")
}

fn status_key(order: &Order) -> Key {
    Key::new(format!("ORDERS#{}", order.status.as_str()), order.id.to_string())
}

/// Puts an order on its two lists.
fn list(order: &Order, customer: &CustomerId, work: &mut Transaction<'_>) -> Result<(), StorageError> {
    let entry = OrderEntry { summary: order.summary() };
    work.put(&Key::new(format!("CUSTOMER#{}", customer.as_str()), format!("ORDER#{}", order.id)), &entry)?;
    work.put(&status_key(order), &entry)?;
    Ok(())
}
