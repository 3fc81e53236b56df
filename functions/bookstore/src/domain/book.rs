//! Books and their identity.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Author, Category, Description, Price, Title};

/// What a client says of a book that it adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBook {
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
}

/// As much of a book as a list shows.
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
}

impl Book {
    /// Puts a book into the catalogue, now, under a new id.
    pub fn new(new: NewBook) -> Self {
        let NewBook { title, author, category, price, description } = new;
        let id = BookId::generate();
        Self { summary: BookSummary { id, title, author, category, price, created_at: id.created_at() }, description }
    }
}

/// A UUID of version 7 in lower case with hyphens: ids sort by the time of their making, and nobody guesses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "Uuid")]
pub struct BookId(Uuid);

/// No book ever has such an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a book")]
pub struct UnknownBookId;

impl BookId {
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, UnknownBookId> {
        Uuid::from_bytes(bytes).try_into()
    }

    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    fn created_at(self) -> OffsetDateTime {
        // The first 48 bits of the id; they stay within what `OffsetDateTime` holds until the year 9999.
        let (milliseconds, _) = self.0.as_u64_pair();
        OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds((milliseconds >> 16) as i64)
    }
}

impl TryFrom<Uuid> for BookId {
    type Error = UnknownBookId;

    fn try_from(uuid: Uuid) -> Result<Self, UnknownBookId> {
        let is_ours =
            uuid.get_version() == Some(uuid::Version::SortRand) && uuid.get_variant() == uuid::Variant::RFC4122;
        is_ours.then_some(Self(uuid)).ok_or(UnknownBookId)
    }
}

impl FromStr for BookId {
    type Err = UnknownBookId;

    /// Takes the one spelling that [`Display`](fmt::Display) makes, so that a book has one URL.
    fn from_str(text: &str) -> Result<Self, UnknownBookId> {
        let id = Self::try_from(Uuid::try_parse(text).map_err(|_| UnknownBookId)?)?;
        if id.to_string() == text { Ok(id) } else { Err(UnknownBookId) }
    }
}

impl TryFrom<String> for BookId {
    type Error = UnknownBookId;

    fn try_from(text: String) -> Result<Self, UnknownBookId> {
        text.parse()
    }
}

impl From<BookId> for Uuid {
    fn from(id: BookId) -> Self {
        id.0
    }
}

impl fmt::Display for BookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_age_as_text_too() {
        let ids: Vec<BookId> = (0..1000).map(|_| BookId::generate()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b && a.to_string() < b.to_string()));
    }

    #[test]
    fn an_id_knows_when_it_was_made() {
        let id: BookId = "0193564f-7c11-7a3b-8d2e-5f60718293a4".parse().unwrap();
        assert_eq!(id.created_at().unix_timestamp_nanos(), 0x0193_564f_7c11 * 1_000_000);
        let age = OffsetDateTime::now_utc() - BookId::generate().created_at();
        assert!(age < time::Duration::seconds(1), "{age}");
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = BookId::generate();
        assert_eq!(id.to_string().parse(), Ok(id));
        for refused in [
            id.to_string().to_uppercase(),
            id.to_string().replace('-', ""),
            format!("{{{id}}}"),
            format!("{id} "),
            "6fa459ea-ee8a-4ca4-894e-db77e160355e".into(), // version 4
            "0193564f-7c11-7a3b-cd2e-5f60718293a4".into(), // another variant
            String::new(),
        ] {
            assert_eq!(refused.parse::<BookId>(), Err(UnknownBookId), "{refused}");
        }
    }
}
