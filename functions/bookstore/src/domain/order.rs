//! Orders, and the rules by which they come to be and end.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Book, BookId, Currency, OrderId, Price, Title};

/// What a customer asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cart {
    pub lines: CartLines,
    /// What the customer was told that it costs. An order at another price is not placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_total: Option<Total>,
}

/// 1 to 20 lines, each of another book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<CartLine>")]
pub struct CartLines(Vec<CartLine>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CartLine {
    pub book_id: BookId,
    pub quantity: Quantity,
}

/// Copies of one book in one order: 1 to 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Quantity(u8);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {}", Quantity::MAX)]
pub struct InvalidQuantity;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCart {
    #[error("must have 1 to {} lines", CartLines::MAX)]
    Length,
    #[error("must name each book once; ask for more copies by the quantity")]
    Twice,
}

impl Quantity {
    pub const MAX: u8 = 99;

    pub fn get(self) -> u32 {
        self.0.into()
    }
}

impl TryFrom<u64> for Quantity {
    type Error = InvalidQuantity;

    fn try_from(copies: u64) -> Result<Self, InvalidQuantity> {
        let allowed = |copies: &u8| (1..=Self::MAX).contains(copies);
        u8::try_from(copies).ok().filter(allowed).map(Self).ok_or(InvalidQuantity)
    }
}

impl CartLines {
    /// Far below the 100 writes that a transaction of DynamoDB takes.
    pub const MAX: usize = 20;

    pub fn as_slice(&self) -> &[CartLine] {
        &self.0
    }
}

impl TryFrom<Vec<CartLine>> for CartLines {
    type Error = InvalidCart;

    fn try_from(lines: Vec<CartLine>) -> Result<Self, InvalidCart> {
        let books: HashSet<BookId> = lines.iter().map(|line| line.book_id).collect();
        if lines.is_empty() || lines.len() > Self::MAX {
            Err(InvalidCart::Length)
        } else if books.len() < lines.len() {
            Err(InvalidCart::Twice)
        } else {
            Ok(Self(lines))
        }
    }
}

/// What several copies cost together, in cents: 20 lines of 99 of the dearest books stay below 2^31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Total {
    pub amount: u64,
    pub currency: Currency,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: OrderId,
    pub status: OrderStatus,
    pub lines: Vec<OrderLine>,
    pub total: Total,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// A book as it was when it was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    pub book_id: BookId,
    pub title: Title,
    pub quantity: Quantity,
    /// Of one copy.
    pub price: Price,
}

/// As much of an order as a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderSummary {
    pub id: OrderId,
    pub status: OrderStatus,
    pub copies: u32,
    pub total: Total,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// `Placed` is where an order begins; the other two are ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    Placed,
    Processed,
    Cancelled,
}

/// Why a cart became no order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Lines by their index, with what is wrong.
    Lines(Vec<(usize, LineRefusal)>),
    Currencies,
    Total(Total),
}

impl Refusal {
    /// Whether more copies would have made it an order.
    pub fn is_for_stock(&self) -> bool {
        let out_of_stock = |(_, refusal): &(usize, LineRefusal)| matches!(refusal, LineRefusal::OutOfStock { .. });
        matches!(self, Self::Lines(lines) if lines.iter().any(out_of_stock))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineRefusal {
    #[error("this book is not in the catalogue any more")]
    Gone,
    #[error("{}", left_over(*left))]
    OutOfStock { left: u32 },
}

/// An order that has come to its end cannot come to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the order is {} already", .0.as_str())]
pub struct Ended(pub OrderStatus);

impl Order {
    /// Makes an order of a cart, now, at the prices of the catalogue. `shelf` holds those of its books that exist.
    pub fn new(cart: &Cart, shelf: &HashMap<BookId, Book>) -> Result<Self, Refusal> {
        let mut lines = Vec::new();
        let mut refused = Vec::new();
        for (index, &CartLine { book_id, quantity }) in cart.lines.as_slice().iter().enumerate() {
            match shelf.get(&book_id) {
                None => refused.push((index, LineRefusal::Gone)),
                Some(book) if book.stock.get() < quantity.get() => {
                    refused.push((index, LineRefusal::OutOfStock { left: book.stock.get() }));
                }
                Some(Book { summary, .. }) => {
                    lines.push(OrderLine { book_id, title: summary.title.clone(), quantity, price: summary.price });
                }
            }
        }
        if !refused.is_empty() {
            return Err(Refusal::Lines(refused));
        }
        let total = total(&lines).ok_or(Refusal::Currencies)?;
        if cart.expected_total.is_some_and(|expected| expected != total) {
            return Err(Refusal::Total(total));
        }
        let id = OrderId::generate();
        let now = id.created_at();
        Ok(Self { id, status: OrderStatus::Placed, lines, total, created_at: now, updated_at: now })
    }

    /// The order at its end; `None` when it is there already.
    pub fn ended(&self, end: OrderStatus, now: OffsetDateTime) -> Result<Option<Self>, Ended> {
        match self.status {
            status if status == end => Ok(None),
            OrderStatus::Placed => Ok(Some(Self { status: end, updated_at: now, ..self.clone() })),
            status => Err(Ended(status)),
        }
    }

    pub fn summary(&self) -> OrderSummary {
        let &Self { id, status, total, created_at, updated_at, .. } = self;
        let copies = self.lines.iter().map(|line| line.quantity.get()).sum();
        OrderSummary { id, status, copies, total, created_at, updated_at }
    }
}

fn left_over(copies: u32) -> String {
    match copies {
        0 => "no copies are left".into(),
        1 => "only 1 copy is left".into(),
        _ => format!("only {copies} copies are left"),
    }
}

/// `None` when the lines are in different currencies.
fn total(lines: &[OrderLine]) -> Option<Total> {
    let currency = lines.first()?.price.currency;
    let cost = |line: &OrderLine| u64::from(line.price.amount.get()) * u64::from(line.quantity.get());
    let same = lines.iter().all(|line| line.price.currency == currency);
    same.then(|| Total { amount: lines.iter().map(cost).sum(), currency })
}

impl OrderStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Processed => "processed",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be placed, processed or cancelled")]
pub struct UnknownStatus;

impl std::str::FromStr for OrderStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        let all = [Self::Placed, Self::Processed, Self::Cancelled];
        all.into_iter().find(|status| status.as_str() == text).ok_or(UnknownStatus)
    }
}

#[cfg(test)]
mod tests;
