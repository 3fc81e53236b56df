//! The lists on which a book stands, and reading them.

use std::{collections::BTreeSet, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    StorageError, Table,
    table::{Key, Listed, Partition},
};
use crate::domain::{self, BookSummary, Cursor, List, Page, PageSize, Search, indexed_words, words};

/// How many entries of the index of words one search reads at most.
pub(super) const SEARCHED: usize = 100;
/// As much of a title as counts for its place. DynamoDB's sort keys take 1024 bytes, and a character up to 4.
const SORTED_LENGTH: usize = 200;
const CATEGORIES: &str = "CATEGORIES";

/// The orders in which books are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Newest,
    Title,
    /// The cheapest first; currency by currency, as amounts of different ones do not compare.
    Price,
    /// The dearest first.
    PriceDescending,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be newest, title, price or price-desc")]
pub struct UnknownSort;

impl FromStr for Sort {
    type Err = UnknownSort;

    fn from_str(text: &str) -> Result<Self, UnknownSort> {
        match text {
            "newest" => Ok(Self::Newest),
            "title" => Ok(Self::Title),
            "price" => Ok(Self::Price),
            "price-desc" => Ok(Self::PriceDescending),
            _ => Err(UnknownSort),
        }
    }
}

/// A category that has books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    pub name: domain::Category,
    pub books: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct BookEntry<Summary> {
    pub summary: Summary,
}

#[derive(Deserialize)]
struct CategoryItem {
    books: u64,
}

/// Everywhere that a book is listed.
pub(super) fn places(book: &BookSummary) -> BTreeSet<Key> {
    let BookSummary { id, title, author, category, price, .. } = book;
    let cents = price.amount.get();
    let sorted = [
        ("newest", id.to_string()),
        ("title", format!("{}#{id}", sorted_title(title))),
        ("price", format!("{}#{cents:07}#{id}", price.currency.code())),
    ];
    let lists = sorted
        .into_iter()
        .flat_map(|(sort, sk)| [Key::new(list(sort, None), &*sk), Key::new(list(sort, Some(category)), sk)]);
    let index = indexed_words(title, author).into_iter().map(|word| Key::new(letter(&word), format!("{word}#{id}")));
    lists.chain(index).collect()
}

pub(super) fn category(name: &domain::Category) -> Key {
    Key::new(CATEGORIES, name.as_str())
}

fn list(sort: &str, category: Option<&domain::Category>) -> String {
    match category {
        None => format!("BOOKS#{sort}"),
        Some(category) => format!("BOOKS#{sort}#{}", category.as_str()),
    }
}

/// What stands between the words sorts before letters and digits, and behind the `#` at the end: so `Emma` comes before
/// `Emma Brown`, and that before `Emmanuel`.
fn sorted_title(title: &domain::Title) -> String {
    words(title.as_str()).collect::<Vec<_>>().join("$").chars().take(SORTED_LENGTH).collect()
}

fn letter(word: &str) -> String {
    format!("WORDS#{}", word.chars().next().map_or_else(String::new, |letter| letter.to_string()))
}

impl Table {
    /// A page of the catalogue, or of one category.
    pub async fn books(
        &self,
        category: Option<&domain::Category>,
        sort: Sort,
        size: PageSize,
        from: Option<Cursor>,
    ) -> Result<Page<BookSummary>, StorageError> {
        let (kind, name, ascending) = match sort {
            Sort::Newest => (List::NewestBooks, "newest", false),
            Sort::Title => (List::BooksByTitle, "title", true),
            Sort::Price => (List::BooksByPrice, "price", true),
            Sort::PriceDescending => (List::BooksByPrice, "price", false),
        };
        let partition =
            Partition { list: kind, pk: list(name, category), prefix: String::new(), ascending, consistent: false };
        let page: Page<BookEntry<BookSummary>> = self.page(partition, size, from).await?;
        Ok(page.map(|entry| entry.summary))
    }

    /// Books that are found by words, as many as turn up among the next entries of the index: perhaps fewer than asked
    /// for, or none, and yet not the last page.
    pub async fn find(
        &self,
        search: &Search,
        category: Option<&domain::Category>,
        size: PageSize,
        from: Option<Cursor>,
    ) -> Result<Page<BookSummary>, StorageError> {
        let list = List::FoundBooks;
        let word = search.rarest();
        let partition =
            Partition { list, pk: letter(word), prefix: word.to_owned(), ascending: true, consistent: false };
        let after = from.map(|cursor| cursor.within(list)).transpose().map_err(StorageError::Cursor)?;
        let (entries, more) = self.query::<BookEntry<BookSummary>>(&partition, SEARCHED, after).await?;
        let count = entries.len();
        let mut items = Vec::new();
        for (index, Listed { sk, content: BookEntry { summary } }) in entries.into_iter().enumerate() {
            let is_last = index + 1 == count;
            let indexed = indexed_words(&summary.title, &summary.author);
            let word = sk.rsplit_once('#').map_or("", |(word, _)| word);
            if category.is_none_or(|category| *category == summary.category) && search.finds(&indexed, word) {
                items.push(summary);
            }
            let full = items.len() == size.get();
            if full || is_last {
                let next = (more || !is_last).then(|| Cursor::new(list, sk));
                return Ok(Page { items, next });
            }
        }
        Ok(Page { items, next: None })
    }

    /// The categories that have books, by name.
    pub async fn categories(&self, size: PageSize, from: Option<Cursor>) -> Result<Page<Category>, StorageError> {
        let list = List::Categories;
        let partition =
            Partition { list, pk: CATEGORIES.into(), prefix: String::new(), ascending: true, consistent: false };
        let after = from.map(|cursor| cursor.within(list)).transpose().map_err(StorageError::Cursor)?;
        let (found, more) = self.query::<CategoryItem>(&partition, size.get(), after).await?;
        let next = found.last().filter(|_| more).map(|last| Cursor::new(list, &last.sk));
        let mut items = Vec::new();
        for Listed { sk, content: CategoryItem { books } } in found {
            // A category stays when its last book goes.
            if books > 0 {
                items.push(Category { name: sk.try_into().map_err(StorageError::refused)?, books });
            }
        }
        Ok(Page { items, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_sort_as_people_sort_them() {
        let mut titles =
            ["Emmanuel", "émma", "\"Emma\" Brown", "Emma: a novel", "Catch 22", "Catch-22 again", "Catch22"]
                .map(|title| format!("{}#0193", sorted_title(&title.to_owned().try_into().unwrap())));
        titles.sort();
        assert_eq!(
            titles,
            [
                "catch$22#0193",
                "catch$22$again#0193",
                "catch22#0193",
                "emma#0193",
                "emma$a$novel#0193",
                "emma$brown#0193",
                "emmanuel#0193"
            ]
        );
    }
}
