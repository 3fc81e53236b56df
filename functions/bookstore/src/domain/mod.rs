//! The rules of the shop. A value of one of these types has passed its checks: parse once, at the edge.

mod announcement;
mod book;
mod cover;
mod customer;
mod id;
mod order;
mod page;
mod price;
mod request;
mod review;
mod search;
mod text;

pub use announcement::{Announcement, Unannounced};
pub use book::{Book, BookDetails, BookSummary, BookVersion, Rating, Stock, StockChange};
pub use cover::{Cover, CoverUpload, CoversUrl, ImageType, InvalidUploadSize, UploadSize, UploadStatus};
pub use customer::{CustomerId, InvalidCustomerId};
pub use id::{BookId, Id, OrderId, ReviewId, UnknownId, UploadId, now};
pub use order::{
    Cart, CartLine, CartLines, Ended, LineRefusal, Order, OrderLine, OrderStatus, OrderSummary, Quantity, Refusal,
    Total,
};
pub use page::{Cursor, InvalidCursor, InvalidPageSize, List, Page, PageSize};
pub use price::{Cents, Currency, Price, PriceTooHigh};
pub use request::{Fingerprint, RequestKey};
pub use review::{Opinion, PenName, Review, ReviewText, Stars};
pub use search::{InvalidSearch, Search, indexed_words, words};
pub use text::{Author, Category, Description, InvalidCategory, InvalidText, Text, Title};
