//! The table. One for the whole shop; this module is the only place that knows its keys.
//!
//! | item           | PK                                       | SK                       | other attributes                   |
//! |----------------|------------------------------------------|--------------------------|------------------------------------|
//! | book           | `BOOK#<id>`                              | `BOOK`                   | `summary`, `description`, `stock`, `ratingCount`, `ratingSum`, `edition`, `revision` |
//! | review         | `BOOK#<id>`                              | `REVIEW#<review>`        | `review`                           |
//! | reviewer       | `BOOK#<id>`                              | `REVIEWER#<customer>`    | `reviewId`, `rating`, `version`    |
//! | cover upload   | `BOOK#<id>`                              | `COVER#<upload>`         | `upload`, `replaced`, `expiresAt`  |
//! | removed book   | `BOOK#<id>`                              | `REMOVED`                | `cover`, until its pictures are deleted |
//! | listed book    | `BOOKS#newest`, `BOOKS#newest#<category>`| `<id>`                   | `summary`                          |
//! |                | `BOOKS#title`, `BOOKS#title#<category>`  | `<folded title>#<id>`    | `summary`                          |
//! |                | `BOOKS#price`, `BOOKS#price#<category>`  | `<EUR>#<0000990>#<id>`   | `summary`                          |
//! | word of a book | `WORDS#<first letter>`                   | `<word>#<id>`            | `summary`                          |
//! | category       | `CATEGORIES`                             | `<category>`             | `books`: how many                  |
//! | order          | `ORDER#<id>`                             | `ORDER`                  | `document`, `customer`, `version`  |
//! | listed order   | `CUSTOMER#<customer>`                    | `ORDER#<id>`             | `summary`                          |
//! |                | `ORDERS#<status>`                        | `<id>`                   | `summary`                          |
//! | request        | `CUSTOMER#<customer>`                    | `REQUEST#<key>`          | `fingerprint`, `outcome`, `expiresAt` |
//!
//! **Lists are items.** There is no index: what a list shows is written in the same transaction as the thing itself, so a
//! list is never behind, and a page of it is one Query of one partition. What changes often (stock, ratings) is on no list,
//! so that an order or a review writes to none.
//!
//! | to answer                  | operation                                                    |
//! |----------------------------|--------------------------------------------------------------|
//! | a page of books            | Query of one partition, eventually consistent                |
//! | a page of a search         | Query of one partition for at most 100 entries |
//! | one book, its reviews      | GetItem, then Query, both strongly consistent                |
//! | add, change, remove a book | TransactWriteItems: the book, 6 lists, up to 40 words, its category; a move takes it from the former ones too |
//! | a review                   | GetItem, then TransactWriteItems of 3                        |
//! | place an order             | BatchGetItem, then TransactWriteItems: 4, and 1 for each line |
//! | end an order               | GetItem, then TransactWriteItems: 4, and 1 for each line     |
//!
//! Nothing scans, and the number of books changes none of these costs (docs/performance.md has the measured units).
//!
//! **Hot partitions.** A partition of DynamoDB serves 3000 read units and 1000 write units a second.
//! - Lists of books: a page of 20 books of 350 bytes is one read unit, so one list serves 3000 pages a second. The answer may
//!   be kept for 30 s (`Cache-Control`): with a CDN before the API, one page costs at most a read in 30 s for each of its places.
//!   Only administrators write to these lists.
//! - Searches read up to 100 entries, 3.5 read units: 850 a second for words that begin with one letter, and cached like lists.
//!   When that is too little, take two letters into the key.
//! - A bestseller: an order costs its item 2 write units, so 500 orders a second, if they did not collide; those that do are
//!   tried again. A shop that sells more of one book than some dozens a second splits its stock into several items.
//! - `ORDERS#placed`: a new order writes 2 units and its end 2: some 250 orders a second, 20 million a day. When that is too
//!   little, write to `ORDERS#placed#<n>` by a hash of the id, and merge n queries for the administrator.
//! - `CATEGORIES`: written when a book comes, goes or moves; read like a list.

mod books;
mod client;
mod error;
mod listings;
mod orders;
mod requests;
mod reviews;
mod stream;
mod table;
mod transaction;
mod uploads;

pub use self::{
    books::{Leftovers, StockRefusal},
    error::StorageError,
    listings::{Category, Sort},
    orders::{CustomersOrder, Ending, NotPlaced},
    requests::{Replay, Request},
    reviews::Written,
    stream::placed_order,
    table::Table,
    uploads::Upload,
};

#[cfg(test)]
mod canned;
#[cfg(test)]
mod tests;
