//! What books, orders, reviews and uploads are called.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

pub type BookId = Id<kind::Book>;
pub type OrderId = Id<kind::Order>;
pub type ReviewId = Id<kind::Review>;
pub type UploadId = Id<kind::Upload>;

/// The present, to the millisecond: as exact as ids and answers are.
pub fn now() -> OffsetDateTime {
    OrderId::generate().created_at()
}

/// What an id may be the id of. Only for the compiler, which so tells a book's id from an order's.
pub mod kind {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Book {}
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Order {}
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Review {}
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Upload {}
}

/// A UUID of version 7 in lower case with hyphens: ids sort by the time of their making, and nobody guesses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "Uuid", bound(serialize = "Kind: Clone", deserialize = ""))]
pub struct Id<Kind>(Uuid, PhantomData<Kind>);

/// Nothing ever has such an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an id as the book store gives them: a UUID of version 7 in lower case")]
pub struct UnknownId;

impl<Kind> Id<Kind> {
    /// A new id, of now.
    pub fn generate() -> Self {
        Self(Uuid::now_v7(), PhantomData)
    }

    /// When the id was made: UTC, to the millisecond.
    pub fn created_at(&self) -> OffsetDateTime {
        // The first 48 bits of the id; they stay within what `OffsetDateTime` holds until the year 9999.
        let (milliseconds, _) = self.0.as_u64_pair();
        OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds((milliseconds >> 16) as i64)
    }
}

impl<Kind> TryFrom<Uuid> for Id<Kind> {
    type Error = UnknownId;

    fn try_from(uuid: Uuid) -> Result<Self, UnknownId> {
        let is_ours =
            uuid.get_version() == Some(uuid::Version::SortRand) && uuid.get_variant() == uuid::Variant::RFC4122;
        is_ours.then_some(Self(uuid, PhantomData)).ok_or(UnknownId)
    }
}

impl<Kind> FromStr for Id<Kind> {
    type Err = UnknownId;

    /// Takes the one spelling that [`Display`](fmt::Display) makes, so that a thing has one URL.
    fn from_str(text: &str) -> Result<Self, UnknownId> {
        let id = Self::try_from(Uuid::try_parse(text).map_err(|_| UnknownId)?)?;
        if id.to_string() == text { Ok(id) } else { Err(UnknownId) }
    }
}

impl<Kind> TryFrom<String> for Id<Kind> {
    type Error = UnknownId;

    fn try_from(text: String) -> Result<Self, UnknownId> {
        text.parse()
    }
}

impl<Kind> From<Id<Kind>> for Uuid {
    fn from(id: Id<Kind>) -> Self {
        id.0
    }
}

impl<Kind> fmt::Display for Id<Kind> {
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
            assert_eq!(refused.parse::<BookId>(), Err(UnknownId), "{refused}");
        }
    }
}
