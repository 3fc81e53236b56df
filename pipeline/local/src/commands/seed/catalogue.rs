//! The books: the same for everyone, and the first ones the same however many there are.

use std::collections::HashSet;

use serde::Serialize;

use super::names;
use super::random::Random;
use super::shelves::classics::{self, CLASSICS};
use super::shelves::{SHELVES, Shelf};

/// More of them slow the local cloud down: it saves its state as a whole, and looks at all of a list for each page.
pub const MOST_BOOKS: usize = 1000;

const CURRENCY: &str = "EUR";

/// A book as `POST /books` takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewBook {
    pub title: String,
    pub author: String,
    pub category: &'static str,
    pub price: Money,
    pub description: String,
    pub stock: u32,
}

/// An amount of money in cents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Money {
    pub amount: u32,
    pub currency: &'static str,
}

/// What tells books apart: the shop gives them their ids.
pub type Key = (String, String);

impl NewBook {
    pub fn key(&self) -> Key {
        (self.title.clone(), self.author.clone())
    }
}

/// The first `count` books.
pub fn books(count: usize) -> Vec<NewBook> {
    let mut taken = HashSet::new();
    let mut titles = HashSet::new();
    let one = |index| {
        // No two have the same title, as long as there are words enough for that.
        let mut draws = drawn(index).zip(0..);
        let is_new = |(book, draw): &(NewBook, u32)| {
            (titles.insert(book.title.clone()) || *draw > 20) && taken.insert(book.key())
        };
        draws.find(is_new).map(|(book, _)| book)
    };
    (0..count).map_while(one).collect()
}

/// What may be the `index`th book, one thing after another, without an end.
fn drawn(index: usize) -> impl Iterator<Item = NewBook> {
    let mut random = Random::of("book", index);
    let (row, place) = (index / (SHELVES.len() + 1), index % (SHELVES.len() + 1));
    std::iter::repeat_with(move || match (SHELVES.get(place), CLASSICS.get(row)) {
        (Some(shelf), _) => invented(shelf, &mut random),
        (None, Some(classic)) => reissued(classic, &mut random),
        // All classics are there: other shelves get their places.
        (None, None) => invented(&SHELVES[row % SHELVES.len()], &mut random),
    })
}

fn invented(shelf: &Shelf, random: &mut Random) -> NewBook {
    let words: Vec<(&str, &str)> = shelf.words.iter().map(|(name, words)| (*name, random.pick(words))).collect();
    let title = random.pick(shelf.titles);
    // A description begins with what the title speaks of, if any can.
    let is_of_title = |opening: &&str| words.iter().any(|(name, _)| mentions(title, name) && mentions(opening, name));
    let fitting: Vec<&str> = shelf.openings.iter().copied().filter(is_of_title).collect();
    let opening = random.pick(if fitting.is_empty() { shelf.openings } else { &fitting });
    let description = format!("{opening} {}", random.pick(shelf.middles));
    NewBook {
        author: names::author(shelf.category, random),
        category: shelf.category,
        price: price(shelf.cents, random),
        description: filled(&description, &words),
        stock: stock(random),
        title: filled(title, &words),
    }
}

fn mentions(pattern: &str, word: &str) -> bool {
    pattern.contains(&format!("{{{word}}}")) || pattern.contains(&format!("{{~{word}}}"))
}

fn reissued((title, author, about): &classics::Classic, random: &mut Random) -> NewBook {
    NewBook {
        title: (*title).to_owned(),
        author: (*author).to_owned(),
        category: classics::CATEGORY,
        price: price(classics::CENTS, random),
        description: format!("{about} Unabridged, newly set, with a short afterword and notes."),
        stock: stock(random),
    }
}

/// A price as shops have them: 12.49, 12.90 or 12.99.
fn price((low, high): (u32, u32), random: &mut Random) -> Money {
    let euros = random.between(low / 100, high / 100);
    Money { amount: euros * 100 + random.pick(&[49, 90, 99]), currency: CURRENCY }
}

/// Mostly some copies, now and then a pile, few or none.
fn stock(random: &mut Random) -> u32 {
    match random.between(1, 100) {
        1..=4 => 0,
        5..=12 => random.between(1, 3),
        13..=90 => random.between(8, 60),
        _ => random.between(100, 250),
    }
}

/// A pattern with its words in place, and capitals where sentences begin.
fn filled(pattern: &str, words: &[(&str, &str)]) -> String {
    let mut text = pattern.to_owned();
    // Words may hold words.
    while text.contains('{') {
        for (name, word) in words {
            text = text.replace(&format!("{{{name}}}"), word).replace(&format!("{{~{name}}}"), &word.to_lowercase());
        }
    }
    let sentences = with_articles(&text);
    let sentences = sentences.split(". ").map(|sentence| {
        let mut letters = sentence.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    sentences.collect::<Vec<_>>().join(". ")
}

/// The text with `an` where the next word wants it.
fn with_articles(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let article = |(index, word): (usize, &&str)| {
        let next = words.get(index + 1).and_then(|next| next.chars().next()).unwrap_or(' ');
        let is_vowel = "AEIOUaeiou".contains(next);
        if is_vowel && matches!(*word, "A" | "a") { format!("{word}n") } else { (*word).to_owned() }
    };
    words.iter().enumerate().map(article).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_larger_catalogue_begins_with_the_smaller_one() {
        assert_eq!(books(40), books(MOST_BOOKS)[..40]);
    }

    #[test]
    fn all_books_differ_and_keep_the_limits_of_the_api() {
        let books = books(MOST_BOOKS);
        let keys: HashSet<Key> = books.iter().map(NewBook::key).collect();
        assert_eq!(keys.len(), books.len());
        for book in &books {
            let texts = [&book.title, &book.author, &book.description];
            assert!(texts.iter().all(|text| !text.contains(['{', '}', '~'])), "{book:?}");
            assert!(book.title.chars().count() <= 60 && book.description.chars().count() <= 400, "{book:?}");
            assert!((500..4100).contains(&book.price.amount), "{book:?}");
            assert!(!book.title.starts_with("The the") && !book.title.contains("  "), "{book:?}");
        }
    }

    #[test]
    fn a_few_hundred_books_spread_over_ten_categories() {
        let mut categories: BTreeMap<&str, usize> = BTreeMap::new();
        let books = books(300);
        books.iter().for_each(|book| *categories.entry(book.category).or_default() += 1);
        assert_eq!(categories.len(), 10);
        assert_eq!(books.iter().map(|book| &book.title).collect::<HashSet<_>>().len(), books.len());
        assert!(categories.values().all(|books| *books == 30), "{categories:?}");
        assert!(books.iter().any(|book| book.stock == 0) && books.iter().any(|book| book.stock > 99));
    }

    #[test]
    fn words_are_put_in_place_with_their_articles() {
        let words = [("thing", "Umbrella"), ("hero", "a lost {~thing}")];
        assert_eq!(filled("{hero}. {hero} and A {thing}", &words), "A lost umbrella. A lost umbrella and An Umbrella");
    }
}
