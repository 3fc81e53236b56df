//! What customers say of books.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{ReviewId, Text};

/// 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Stars(u8);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 5")]
pub struct InvalidStars;

impl Stars {
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u64> for Stars {
    type Error = InvalidStars;

    fn try_from(stars: u64) -> Result<Self, InvalidStars> {
        u8::try_from(stars).ok().filter(|stars| (1..=5).contains(stars)).map(Self).ok_or(InvalidStars)
    }
}

/// The name under which a review appears. Chosen by the customer for each review; it need not be the real one.
pub type PenName = Text<50>;

/// What a customer says. May hold line breaks.
pub type ReviewText = Text<2000>;

/// What a customer sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    pub rating: Stars,
    pub name: PenName,
    pub text: ReviewText,
}

/// A review as everybody sees it: it does not tell whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    pub id: ReviewId,
    pub rating: Stars,
    pub name: PenName,
    pub text: ReviewText,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

impl Review {
    /// A customer's first word on a book, now.
    pub fn new(opinion: Opinion) -> Self {
        let id = ReviewId::generate();
        Self::of(id, opinion, id.created_at())
    }

    /// The same review with another opinion.
    pub fn revised(id: ReviewId, opinion: Opinion, now: OffsetDateTime) -> Self {
        Self::of(id, opinion, now)
    }

    fn of(id: ReviewId, Opinion { rating, name, text }: Opinion, updated_at: OffsetDateTime) -> Self {
        Self { id, rating, name, text, created_at: id.created_at(), updated_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_one_to_five_stars() {
        assert_eq!((1..=5).map(|n| Stars::try_from(n).unwrap().get()).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        for refused in [0, 6, 256, 257] {
            assert_eq!(Stars::try_from(refused), Err(InvalidStars), "{refused}");
        }
    }
}
