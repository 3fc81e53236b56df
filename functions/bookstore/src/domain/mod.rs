//! The rules of the shop. A value of one of these types has passed its checks: parse once, at the edge.

mod book;
mod page;
mod price;
mod text;

pub use book::{Book, BookId, BookSummary, NewBook, UnknownBookId};
pub use page::{Cursor, InvalidCursor, InvalidPageSize, Page, PageSize};
pub use price::{Cents, Currency, Price, PriceTooHigh};
pub use text::{Author, Category, Description, InvalidCategory, InvalidText, Text, Title};
