//! The table. One for the whole shop; this module is the only place that knows its keys.
//!
//! | item | PK          | SK     | GSI1PK  | GSI1SK | other attributes         |
//! |------|-------------|--------|---------|--------|--------------------------|
//! | book | `BOOK#<id>` | `BOOK` | `BOOKS` | `<id>` | `summary`, `description` |
//!
//! | to answer           | operation                         | request units                                 |
//! |---------------------|-----------------------------------|-----------------------------------------------|
//! | one book            | GetItem, strongly consistent      | 1 read; up to 5 for the longest description   |
//! | books, newest first | Query on GSI1 `BOOKS`, backwards  | 1 read for 20 books of 350 bytes in the index |
//! | add a book          | PutItem                           | 1 write for each KB, and 1 for the index      |
//!
//! Nothing scans, and the number of books changes none of these figures. GSI1 projects one attribute, the map
//! `summary`: what a list shows of the item. A later kind of item brings a summary of its own, and the index stays as
//! it is. What changes often, such as the stock of a book, never goes into it: DynamoDB writes to an index only when
//! one of its keys or a projected attribute changes.
//!
//! **Is `BOOKS` a hot partition?** All books share this key of the index, and a partition serves 3000 read units and
//! 1000 write units a second: 3000 pages of 20 books, and 1000 books added or renamed, far above what a shop does to
//! its catalogue. When pages ask for more, let browsers and a CDN keep a page for some seconds; when that is not
//! enough, write `BOOKS#0` to `BOOKS#<n>` by a hash of the id and merge n queries.

mod client;
mod error;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use serde::{Deserialize, Serialize};

pub use self::{client::NoTable, error::StorageError};
use crate::domain::{Book, BookId, BookSummary, Cursor, Description, Page, PageSize};

const INDEX: &str = "GSI1";
const BOOK: &str = "BOOK";
const BOOKS: &str = "BOOKS";

/// The books in the table.
#[derive(Debug, Clone)]
pub struct Books {
    client: Client,
    table: String,
}

#[derive(Serialize)]
struct NewItem<'a> {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: &'static str,
    #[serde(rename = "GSI1PK")]
    gsi1pk: &'static str,
    #[serde(rename = "GSI1SK")]
    gsi1sk: BookId,
    summary: &'a BookSummary,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a Description>,
}

#[derive(Deserialize)]
struct BookItem {
    summary: BookSummary,
    description: Option<Description>,
}

#[derive(Deserialize)]
struct IndexItem {
    summary: BookSummary,
}

impl Books {
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Stores a new book. Its id is fresh, so there is nothing to overwrite; without a condition the SDK may send the
    /// request again after a lost answer and still be right.
    pub async fn create(&self, book: &Book) -> Result<(), StorageError> {
        let item = NewItem {
            pk: book_key(book.summary.id),
            sk: BOOK,
            gsi1pk: BOOKS,
            gsi1sk: book.summary.id,
            summary: &book.summary,
            description: book.description.as_ref(),
        };
        let item = serde_dynamo::to_item(item).map_err(StorageError::Shape)?;
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(())
    }

    /// The book with this id, as last written: whoever has just made it finds it.
    pub async fn get(&self, id: BookId) -> Result<Option<Book>, StorageError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("PK", AttributeValue::S(book_key(id)))
            .key("SK", AttributeValue::S(BOOK.into()))
            .consistent_read(true)
            .send()
            .await?;
        let Some(item) = answer.item else {
            return Ok(None);
        };
        let BookItem { summary, description } = serde_dynamo::from_item(item).map_err(StorageError::Shape)?;
        Ok(Some(Book { summary, description }))
    }

    /// A page of all books, newest first. A book that was just made may be missing for some milliseconds.
    pub async fn newest(&self, size: PageSize, from: Option<Cursor>) -> Result<Page<BookSummary>, StorageError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(INDEX)
            .expression_attribute_values(":books", AttributeValue::S(BOOKS.into()))
            .scan_index_forward(false)
            // One more than asked for tells whether there is a next page. All of them stay far below the 1 MB at which
            // DynamoDB cuts an answer short.
            .limit(size.get() as i32 + 1);
        let query = match from {
            None => query.key_condition_expression("GSI1PK = :books"),
            Some(Cursor { after }) => query
                .key_condition_expression("GSI1PK = :books AND GSI1SK < :after")
                .expression_attribute_values(":after", AttributeValue::S(after.to_string())),
        };
        let found = query.send().await?.items.unwrap_or_default();
        let found: Vec<IndexItem> = serde_dynamo::from_items(found).map_err(StorageError::Shape)?;
        let mut items: Vec<BookSummary> = found.into_iter().map(|item| item.summary).collect();
        let more = items.len() > size.get();
        items.truncate(size.get());
        let next = items.last().filter(|_| more).map(|last| Cursor { after: last.id });
        Ok(Page { items, next })
    }
}

fn book_key(id: BookId) -> String {
    format!("{BOOK}#{id}")
}

#[cfg(test)]
mod tests;
