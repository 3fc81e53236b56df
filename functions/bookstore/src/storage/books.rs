//! Books, and the lists on which they stand.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::{Deserialize, Serialize};

use super::{
    Replay, Request, StorageError, Table,
    listings::{self, BookEntry, places},
    table::{Key, Listed, Partition},
    transaction::{Condition, Outcome, Transaction, number, pause},
};
use crate::domain::{
    Book, BookId, BookSummary, BookVersion, Category, Cover, Description, List, Rating, Stock, StockChange,
};

const BOOK: &str = "BOOK";
/// As many items of a book are removed at once.
const SWEPT: usize = 100;
const DYNAMODB_BATCH_ATTEMPTS: u32 = 5;

/// Why a stock was not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockRefusal {
    NoSuchBook,
    /// It would fall below 0 or rise above [`Stock::MAX`].
    OutOfRange,
    Replay(Replay),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BookItem<Summary> {
    summary: Summary,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    stock: u32,
    rating_count: u64,
    rating_sum: u64,
    edition: u64,
    revision: u64,
}

/// The cover of a removed book, until its pictures are deleted.
#[derive(Serialize)]
struct RemovedItem<'a> {
    cover: &'a Cover,
}

/// Of the book itself, or one that an upload has replaced.
#[derive(Deserialize)]
struct LeftoverItem {
    cover: Option<Cover>,
    replaced: Option<Cover>,
}

/// Items of a removed book, and the covers that they name.
#[derive(Debug)]
pub struct Leftovers {
    keys: Vec<Key>,
    pub covers: Vec<Cover>,
}

impl Leftovers {
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl<'a> From<&'a Book> for BookItem<&'a BookSummary> {
    fn from(book: &'a Book) -> Self {
        Self {
            summary: &book.summary,
            description: book.description.clone(),
            stock: book.stock.get(),
            rating_count: book.rating.count,
            rating_sum: book.rating.sum,
            edition: book.version.edition,
            revision: book.version.revision,
        }
    }
}

impl From<BookItem<BookSummary>> for Book {
    fn from(item: BookItem<BookSummary>) -> Self {
        Self {
            summary: item.summary,
            description: item.description,
            stock: Stock::stored(item.stock),
            rating: Rating { count: item.rating_count, sum: item.rating_sum },
            version: BookVersion { edition: item.edition, revision: item.revision },
        }
    }
}

impl Table {
    /// Stores a new book and puts it on its lists. With a request, the book is added once however often it is sent; then
    /// the answer tells which book came of it.
    pub async fn create_book(&self, book: &Book, request: Option<&Request>) -> Result<Option<Replay>, StorageError> {
        let mut work = self.transaction();
        work.put_if(&key(book.summary.id), &BookItem::from(book), Condition::absent())?;
        for place in places(&book.summary) {
            work.put(&place, &BookEntry { summary: &book.summary })?;
        }
        count_in(&book.summary.category, 1, &mut work)?;
        let remembered = match request {
            Some(request) => Some((request, request.remember(book.summary.id.to_string(), &mut work)?)),
            None => None,
        };
        match (work.commit().await?, remembered) {
            (Outcome::Done, _) => Ok(None),
            (Outcome::Refused(refusals), Some((request, write))) => request
                .replay(&refusals, write)?
                .map_or_else(|| Err(StorageError::restless()), |replay| Ok(Some(replay))),
            // The id is fresh, so the item under it can only be the one of a call whose answer was lost.
            (Outcome::Refused(_), None) => Ok(None),
        }
    }

    /// The book as last written: whoever has just changed it sees the change.
    pub async fn book(&self, id: BookId) -> Result<Option<Book>, StorageError> {
        let item: Option<BookItem<BookSummary>> = self.get(&key(id)).await?;
        Ok(item.map(Book::from))
    }

    /// Those of the books that exist, as last written.
    pub(super) async fn shelf(&self, ids: impl Iterator<Item = BookId>) -> Result<HashMap<BookId, Book>, StorageError> {
        let keys: Vec<_> = ids.map(|id| key(id).attributes()).collect();
        let request = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
        let mut open = Some(HashMap::from([(self.name.clone(), request.build().map_err(StorageError::refused)?)]));
        let mut shelf = HashMap::new();
        for attempt in 0..DYNAMODB_BATCH_ATTEMPTS {
            if attempt > 0 {
                pause(attempt).await;
            }
            let answer = self.client.batch_get_item().set_request_items(open).send().await?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                let item: BookItem<BookSummary> = serde_dynamo::from_item(item).map_err(StorageError::Shape)?;
                shelf.insert(item.summary.id, item.into());
            }
            // What DynamoDB had no capacity for.
            open = answer.unprocessed_keys.filter(|keys| !keys.is_empty());
            if open.is_none() {
                return Ok(shelf);
            }
        }
        Err(StorageError::Busy("DynamoDB did not get to all books of a batch".into()))
    }

    /// Replaces an edition of a book by the next one, on its lists too. Stock and rating stay as they are at that moment.
    /// Says false, and changes nothing, when `old` is no longer the edition that is there.
    pub async fn change_book(&self, old: &Book, new: &Book) -> Result<bool, StorageError> {
        let mut work = self.transaction();
        replace(old, new, &mut work)?;
        Ok(matches!(work.commit().await?, Outcome::Done))
    }

    /// Takes an edition of a book from the catalogue and from its lists; says false when that edition is not there. What
    /// belongs to the book is left for [`leftovers`](Self::leftovers).
    pub async fn remove_book(&self, book: &Book) -> Result<bool, StorageError> {
        let mut work = self.transaction();
        let unchanged = Condition::new("edition = :old", [(":old", number(book.version.edition))]);
        work.delete_if(&key(book.summary.id), unchanged)?;
        for place in places(&book.summary) {
            work.delete(&place)?;
        }
        count_in(&book.summary.category, -1, &mut work)?;
        if let Some(cover) = &book.summary.cover {
            work.put(&removed_key(book.summary.id), &RemovedItem { cover })?;
        }
        Ok(matches!(work.commit().await?, Outcome::Done))
    }

    /// Some of what belongs to a removed book, or of what an interrupted removal has left; empty when there is nothing more.
    pub async fn leftovers(&self, id: BookId) -> Result<Leftovers, StorageError> {
        let pk = key(id).pk;
        // Any list will do: no cursor leaves this function.
        let partition =
            Partition { list: List::Reviews, pk: pk.clone(), prefix: String::new(), ascending: true, consistent: true };
        let (items, _) = self.query::<LeftoverItem>(&partition, SWEPT, None).await?;
        let mut leftovers = Leftovers { keys: Vec::new(), covers: Vec::new() };
        for Listed { sk, content: LeftoverItem { cover, replaced } } in items {
            leftovers.keys.push(Key::new(&*pk, sk));
            leftovers.covers.extend(cover.into_iter().chain(replaced));
        }
        Ok(leftovers)
    }

    /// Removes them from the table. Their covers must be deleted before, as nothing names them afterwards.
    pub async fn remove_leftovers(&self, leftovers: Leftovers) -> Result<(), StorageError> {
        let mut work = self.transaction();
        for key in &leftovers.keys {
            work.delete(key)?;
        }
        work.commit().await?;
        Ok(())
    }

    /// Adds copies to the stock, or takes some away, once for each request.
    pub async fn change_stock(
        &self,
        id: BookId,
        change: StockChange,
        request: &Request,
    ) -> Result<Result<(), StockRefusal>, StorageError> {
        let mut work = self.transaction();
        let change = i64::from(change.get());
        let within = "attribute_exists(PK) AND stock BETWEEN :least AND :most";
        // Cancelled orders may have brought it above the limit: to take copies away is never too much.
        let most = if change > 0 { i64::from(Stock::MAX) - change } else { i64::from(u32::MAX) };
        let limits = [(":least", number((-change).max(0))), (":most", number(most))];
        let values = [(":change", number(change)), (":one", number(1))];
        let update = "SET stock = stock + :change, revision = revision + :one";
        let stock = work.update(&key(id), update, values, Condition::new(within, limits))?;
        let remembered = request.remember(id.to_string(), &mut work)?;
        let Outcome::Refused(refusals) = work.commit().await? else {
            return Ok(Ok(()));
        };
        // The stock may be refused because the request has changed it before, so this comes first.
        Ok(Err(match (request.replay(&refusals, remembered)?, refusals.at(stock)) {
            (Some(replay), _) => StockRefusal::Replay(replay),
            (None, Some(None)) => StockRefusal::NoSuchBook,
            (None, _) => StockRefusal::OutOfRange,
        }))
    }
}

pub(super) fn key(id: BookId) -> Key {
    Key::new(format!("{BOOK}#{id}"), BOOK)
}

fn removed_key(id: BookId) -> Key {
    Key::new(key(id).pk, "REMOVED")
}

/// Puts the next edition of a book in the place of the one that was read, on its lists too.
pub(super) fn replace(old: &Book, new: &Book, work: &mut Transaction<'_>) -> Result<(), StorageError> {
    let summary = serde_dynamo::to_attribute_value(&new.summary).map_err(StorageError::Shape)?;
    let edition = number(new.version.edition);
    let unchanged = Condition::new("edition = :old", [(":old", number(old.version.edition))]);
    let id = key(new.summary.id);
    match &new.description {
        Some(description) => work.update(
            &id,
            "SET summary = :summary, description = :description, edition = :new",
            [
                (":summary", summary),
                (":description", AttributeValue::S(description.as_str().to_owned())),
                (":new", edition),
            ],
            unchanged,
        )?,
        None => work.update(
            &id,
            "SET summary = :summary, edition = :new REMOVE description",
            [(":summary", summary), (":new", edition)],
            unchanged,
        )?,
    };
    if new.summary != old.summary {
        let (before, after) = (places(&old.summary), places(&new.summary));
        for place in before.difference(&after) {
            work.delete(place)?;
        }
        for place in &after {
            work.put(place, &BookEntry { summary: &new.summary })?;
        }
    }
    if new.summary.category != old.summary.category {
        count_in(&old.summary.category, -1, work)?;
        count_in(&new.summary.category, 1, work)?;
    }
    Ok(())
}

fn count_in(category: &Category, change: i8, work: &mut Transaction<'_>) -> Result<(), StorageError> {
    let values = [(":change", number(change))];
    work.update(&listings::category(category), "ADD books :change", values, Condition::default())?;
    Ok(())
}
