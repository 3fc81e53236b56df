//! Reviews, and the ratings that books have from them.

use serde::{Deserialize, Serialize};

use super::{
    StorageError, Table, books,
    table::{Key, Partition},
    transaction::{Condition, Outcome, number},
};
use crate::domain::{BookId, Cursor, CustomerId, List, Opinion, Page, PageSize, Review, ReviewId, Stars, now};

/// A review that meets another change of itself is written anew, so often.
const ATTEMPTS: usize = 5;

/// A review that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    New(Review),
    Changed(Review),
}

#[derive(Serialize, Deserialize)]
struct ReviewItem {
    review: Review,
}

/// Which review of the book is the customer's, and what it counts.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReviewerItem {
    review_id: ReviewId,
    rating: Stars,
    version: u64,
}

impl Table {
    /// Stores the one review that a customer has of a book, and counts it; `None` when there is no such book.
    pub async fn write_review(
        &self,
        book: BookId,
        customer: &CustomerId,
        opinion: &Opinion,
    ) -> Result<Option<Written>, StorageError> {
        for _ in 0..ATTEMPTS {
            let before: Option<ReviewerItem> = self.get(&reviewer_key(book, customer)).await?;
            let mut work = self.transaction();
            let (written, counted) = match before {
                None => {
                    let review = Review::new(opinion.clone());
                    let reviewer = ReviewerItem { review_id: review.id, rating: review.rating, version: 1 };
                    work.put_if(&reviewer_key(book, customer), &reviewer, Condition::absent())?;
                    work.put(&review_key(book, review.id), &ReviewItem { review: review.clone() })?;
                    let counted = work.update(
                        &books::key(book),
                        "SET ratingCount = ratingCount + :one, ratingSum = ratingSum + :stars, revision = revision + :one",
                        [(":one", number(1)), (":stars", number(review.rating.get()))],
                        Condition::present(),
                    )?;
                    (Written::New(review), counted)
                }
                Some(before) => {
                    let review = Review::revised(before.review_id, opinion.clone(), now());
                    let reviewer = ReviewerItem { rating: review.rating, version: before.version + 1, ..before };
                    work.put_if(&reviewer_key(book, customer), &reviewer, as_read(before.version))?;
                    work.put(&review_key(book, review.id), &ReviewItem { review: review.clone() })?;
                    let more = i16::from(review.rating.get()) - i16::from(before.rating.get());
                    let counted = work.update(
                        &books::key(book),
                        "SET ratingSum = ratingSum + :more, revision = revision + :one",
                        [(":one", number(1)), (":more", number(more))],
                        Condition::present(),
                    )?;
                    (Written::Changed(review), counted)
                }
            };
            match work.commit().await? {
                Outcome::Done => return Ok(Some(written)),
                Outcome::Refused(refusals) if refusals.at(counted).is_some() => return Ok(None),
                Outcome::Refused(_) => {}
            }
        }
        Err(StorageError::restless())
    }

    /// Takes a customer's review of a book away, if there is one.
    pub async fn withdraw_review(&self, book: BookId, customer: &CustomerId) -> Result<(), StorageError> {
        for _ in 0..ATTEMPTS {
            let Some(before) = self.get::<ReviewerItem>(&reviewer_key(book, customer)).await? else {
                return Ok(());
            };
            let mut work = self.transaction();
            work.delete_if(&reviewer_key(book, customer), as_read(before.version))?;
            work.delete(&review_key(book, before.review_id))?;
            let counted = work.update(
                &books::key(book),
                "SET ratingCount = ratingCount - :one, ratingSum = ratingSum - :stars, revision = revision + :one",
                [(":one", number(1)), (":stars", number(before.rating.get()))],
                Condition::present(),
            )?;
            match work.commit().await? {
                Outcome::Done => return Ok(()),
                // The book is being removed, and its reviews with it.
                Outcome::Refused(refusals) if refusals.at(counted).is_some() => return Ok(()),
                Outcome::Refused(_) => {}
            }
        }
        Err(StorageError::restless())
    }

    /// A customer's own review of a book.
    pub async fn review_of(&self, book: BookId, customer: &CustomerId) -> Result<Option<Review>, StorageError> {
        let Some(reviewer) = self.get::<ReviewerItem>(&reviewer_key(book, customer)).await? else {
            return Ok(None);
        };
        let found: Option<ReviewItem> = self.get(&review_key(book, reviewer.review_id)).await?;
        Ok(found.map(|item| item.review))
    }

    /// What customers say of a book, the newest first. Strongly consistent: read after the book it is at least as new.
    pub async fn reviews(
        &self,
        book: BookId,
        size: PageSize,
        from: Option<Cursor>,
    ) -> Result<Page<Review>, StorageError> {
        let partition = Partition {
            list: List::Reviews,
            pk: books::key(book).pk,
            prefix: "REVIEW#".into(),
            ascending: false,
            consistent: true,
        };
        let page: Page<ReviewItem> = self.page(partition, size, from).await?;
        Ok(page.map(|item| item.review))
    }
}

fn review_key(book: BookId, review: ReviewId) -> Key {
    Key::new(books::key(book).pk, format!("REVIEW#{review}"))
}

fn reviewer_key(book: BookId, customer: &CustomerId) -> Key {
    Key::new(books::key(book).pk, format!("REVIEWER#{}", customer.as_str()))
}

fn as_read(version: u64) -> Condition {
    Condition::new("version = :read", [(":read", number(version))])
}
