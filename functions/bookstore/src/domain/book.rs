//! Books, as the catalogue has them.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use time::OffsetDateTime;

use super::{Author, BookId, Category, Cover, CoversUrl, Description, Price, Title};

/// What an administrator says of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookDetails {
    pub title: Title,
    pub author: Author,
    pub category: Category,
    pub price: Price,
    pub description: Option<Description>,
}

/// A book of the catalogue, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Book {
    #[serde(flatten)]
    pub summary: BookSummary,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    pub stock: Stock,
    pub rating: Rating,
    #[serde(skip)]
    pub version: BookVersion,
}

/// As much of a book as a list shows. None of it changes when somebody buys or reviews the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookSummary {
    pub id: BookId,
    pub title: Title,
    pub author: Author,
    pub category: Category,
    pub price: Price,
    /// UTC, to the millisecond.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<Cover>,
}

/// Tells the states of a book apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BookVersion {
    /// Counts what administrators changed in details and cover: who edits a book must know of all such changes.
    pub edition: u64,
    /// Counts what customers and deliveries changed: stock, ratings, reviews.
    pub revision: u64,
}

impl Book {
    /// Puts a book into the catalogue, now, under a new id.
    pub fn new(details: BookDetails, stock: Stock) -> Self {
        let id = BookId::generate();
        let summary = BookSummary::new(id, &details);
        let version = BookVersion { edition: 1, revision: 0 };
        Self { summary, description: details.description, stock, rating: Rating::default(), version }
    }

    pub fn details(&self) -> BookDetails {
        let BookSummary { title, author, category, price, .. } = self.summary.clone();
        BookDetails { title, author, category, price, description: self.description.clone() }
    }

    /// The next edition, with other details.
    pub fn with_details(self, details: BookDetails) -> Self {
        let summary = BookSummary { cover: self.summary.cover, ..BookSummary::new(self.summary.id, &details) };
        Self { summary, description: details.description, ..self }.next_edition()
    }

    /// The next edition, with another cover.
    pub fn with_cover(mut self, cover: Cover) -> Self {
        self.summary.cover = Some(cover);
        self.next_edition()
    }

    /// As everybody sees it.
    pub fn public(self, covers: &CoversUrl) -> Self {
        Self { summary: self.summary.public(covers), ..self }
    }

    fn next_edition(mut self) -> Self {
        self.version.edition += 1;
        self
    }
}

impl BookSummary {
    fn new(id: BookId, details: &BookDetails) -> Self {
        let BookDetails { title, author, category, price, description: _ } = details.clone();
        Self { id, title, author, category, price, created_at: id.created_at(), cover: None }
    }

    /// As everybody sees it.
    pub fn public(self, covers: &CoversUrl) -> Self {
        Self { cover: self.cover.map(|cover| covers.public(cover)), ..self }
    }
}

/// How many copies can be ordered: 0 to 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Stock(u32);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {}", Stock::MAX)]
pub struct StockTooHigh;

impl Stock {
    pub const MAX: u32 = 1_000_000;

    pub fn get(self) -> u32 {
        self.0
    }

    /// A stock as it is, however it came to be: cancelled orders may have brought it above the limit.
    pub(crate) fn stored(copies: u32) -> Self {
        Self(copies)
    }
}

impl TryFrom<u64> for Stock {
    type Error = StockTooHigh;

    fn try_from(copies: u64) -> Result<Self, StockTooHigh> {
        u32::try_from(copies).ok().filter(|copies| *copies <= Self::MAX).map(Self).ok_or(StockTooHigh)
    }
}

/// Copies that came in, or that were lost: -10,000 to 10,000, and not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct StockChange(i32);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be from -{max} to {max}, and not 0", max = StockChange::MAX)]
pub struct InvalidStockChange;

impl StockChange {
    pub const MAX: i32 = 10_000;

    pub fn get(self) -> i32 {
        self.0
    }
}

impl TryFrom<i64> for StockChange {
    type Error = InvalidStockChange;

    fn try_from(change: i64) -> Result<Self, InvalidStockChange> {
        let allowed = |change: &i32| *change != 0 && change.abs() <= Self::MAX;
        i32::try_from(change).ok().filter(|change| allowed(change)).map(Self).ok_or(InvalidStockChange)
    }
}

/// What customers think of a book: kept as count and sum, so that it stays exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rating {
    pub count: u64,
    /// Of all stars.
    pub sum: u64,
}

impl Rating {
    /// In hundredths of a star, rounded half up; `None` before the first review.
    pub fn average(self) -> Option<u64> {
        (self.count > 0).then(|| (self.sum * 200 + self.count) / (self.count * 2))
    }
}

impl Serialize for Rating {
    /// As count and, with two digits, average.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let average = self.average();
        let mut fields = serializer.serialize_struct("Rating", 1 + usize::from(average.is_some()))?;
        fields.serialize_field("count", &self.count)?;
        if let Some(hundredths) = average {
            // Two digits and at most 5.00: a double has room to spare.
            fields.serialize_field("average", &(hundredths as f64 / 100.0))?;
        }
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_average_has_two_digits() {
        let shown = |count, sum| serde_json::to_value(Rating { count, sum }).unwrap();
        assert_eq!(shown(0, 0), json!({ "count": 0 }));
        assert_eq!(shown(3, 13), json!({ "count": 3, "average": 4.33 }));
        assert_eq!(shown(8, 37), json!({ "count": 8, "average": 4.63 })); // 4.625
        assert_eq!(shown(2, 10), json!({ "count": 2, "average": 5.0 }));
    }

    #[test]
    fn stock_has_limits() {
        assert!(Stock::try_from(1_000_000).is_ok());
        assert_eq!(Stock::try_from(1_000_001), Err(StockTooHigh));
        assert_eq!(StockChange::try_from(-10_000).unwrap().get(), -10_000);
        for refused in [0, 10_001, -10_001, i64::MIN] {
            assert_eq!(StockChange::try_from(refused), Err(InvalidStockChange), "{refused}");
        }
    }

    #[test]
    fn other_details_are_another_edition_of_the_same_book() {
        let details = BookDetails {
            title: "Emma".to_owned().try_into().unwrap(),
            author: "Jane Austen".to_owned().try_into().unwrap(),
            category: "classics".to_owned().try_into().unwrap(),
            price: serde_json::from_value(json!({ "amount": 990, "currency": "GBP" })).unwrap(),
            description: None,
        };
        let book = Book::new(details.clone(), Stock::default());
        let cover = Cover { small: "s".into(), large: "l".into() };
        let dearer = BookDetails {
            price: serde_json::from_value(json!({ "amount": 1190, "currency": "GBP" })).unwrap(),
            ..details.clone()
        };
        let changed = book.clone().with_cover(cover.clone()).with_details(dearer.clone());
        assert_eq!(changed.version, BookVersion { edition: 3, revision: 0 });
        assert_eq!((changed.summary.id, changed.summary.created_at), (book.summary.id, book.summary.created_at));
        assert_eq!((changed.details(), changed.summary.cover), (dearer, Some(cover)));
    }
}
