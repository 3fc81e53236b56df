//! How words are compared: by people's idea of sameness, not by their bytes.

use std::{collections::BTreeSet, str::FromStr};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Author, Title};

/// A book is found by this many different words of its title and author at most. It bounds what one change of a book
/// writes: DynamoDB's transactions take 100 writes.
pub const MAX_INDEXED_WORDS: usize = 40;
/// Longer words are compared by their beginnings.
const MAX_WORD_LENGTH: usize = 40;

/// The words of a text in their order: lower case, without accents, and without the apostrophe of O’Brien.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let folded: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !matches!(c, '\'' | '’' | '‘' | 'ʼ'))
        .flat_map(char::to_lowercase)
        .collect();
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.chars().take(MAX_WORD_LENGTH).collect()).collect::<Vec<String>>().into_iter()
}

/// The words by which a book is found.
pub fn indexed_words(title: &Title, author: &Author) -> BTreeSet<String> {
    let mut indexed = BTreeSet::new();
    for word in words(title.as_str()).chain(words(author.as_str())) {
        if indexed.len() == MAX_INDEXED_WORDS {
            break;
        }
        indexed.insert(word);
    }
    indexed
}

/// What somebody looks for: each of these is the beginning of a word of the title or the author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The longest word, as fewest books have it.
    rarest: String,
    others: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {} characters and 1 to {} words", Search::MAX_LENGTH, Search::MAX_WORDS)]
pub struct InvalidSearch;

impl Search {
    pub const MAX_LENGTH: usize = 100;
    pub const MAX_WORDS: usize = 5;

    /// The word to look up in the index.
    pub fn rarest(&self) -> &str {
        &self.rarest
    }

    /// Whether a book that the index has under `word` belongs to the results, and is there for the first time: two of its
    /// words may begin alike, and it is found once.
    pub fn finds(&self, indexed: &BTreeSet<String>, word: &str) -> bool {
        let first = indexed.iter().find(|candidate| candidate.starts_with(&self.rarest));
        let has = |beginning: &String| indexed.iter().any(|word| word.starts_with(beginning));
        first.is_some_and(|first| first == word) && self.others.iter().all(has)
    }
}

impl FromStr for Search {
    type Err = InvalidSearch;

    fn from_str(text: &str) -> Result<Self, InvalidSearch> {
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(InvalidSearch);
        }
        let mut others: Vec<String> = words(text).collect();
        if others.len() > Self::MAX_WORDS {
            return Err(InvalidSearch);
        }
        let longest = (0..others.len()).max_by_key(|index| others[*index].chars().count()).ok_or(InvalidSearch)?;
        let rarest = others.swap_remove(longest);
        Ok(Self { rarest, others })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn indexed(title: &str, author: &str) -> BTreeSet<String> {
        indexed_words(&title.to_owned().try_into().unwrap(), &author.to_owned().try_into().unwrap())
    }

    /// Under how many of its words the index would give the book.
    fn found(query: &str, title: &str, author: &str) -> usize {
        let search: Search = query.parse().unwrap();
        let words = indexed(title, author);
        words.iter().filter(|word| word.starts_with(search.rarest()) && search.finds(&words, word)).count()
    }

    #[test]
    fn case_accents_and_apostrophes_do_not_count() {
        assert_eq!(words("Émile ZOLA: L’Œuvre").collect::<Vec<_>>(), ["emile", "zola", "lœuvre"]);
        assert_eq!(found("obrien", "At Swim-Two-Birds", "Flann O'Brien"), 1);
        assert_eq!(found("O’BRIEN swim", "At Swim-Two-Birds", "Flann O'Brien"), 1);
        assert_eq!(found("三", "三体", "刘慈欣"), 1);
    }

    #[test]
    fn every_word_must_begin_a_word_of_the_book() {
        assert_eq!(found("aus pride", "Pride and Prejudice", "Jane Austen"), 1);
        assert_eq!(found("austen emma", "Pride and Prejudice", "Jane Austen"), 0);
        assert_eq!(found("usten", "Pride and Prejudice", "Jane Austen"), 0);
    }

    #[test]
    fn a_book_is_found_once_however_many_of_its_words_begin_alike() {
        assert_eq!(found("pr", "Pride and Prejudice", "Prunella Price"), 1);
    }

    #[test]
    fn a_search_has_words_and_not_too_many() {
        for refused in ["", "  ", "?!", "a b c d e f", &"x".repeat(101)] {
            assert_eq!(refused.parse::<Search>(), Err(InvalidSearch), "{refused}");
        }
        assert!("a b c d e".parse::<Search>().is_ok());
    }

    #[test]
    fn a_book_of_many_words_is_found_by_the_first_of_them() {
        let title = (0..50).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        assert_eq!(indexed(&title, "Jane Austen").len(), MAX_INDEXED_WORDS);
    }

    proptest! {
        #[test]
        fn a_book_is_found_by_the_beginning_of_any_of_its_words(title in "\\PC{0,60}", length in 1..5_usize) {
            prop_assume!(Title::try_from(title.clone()).is_ok());
            for word in words(&title) {
                let beginning: String = word.chars().take(length).collect();
                prop_assert_eq!(found(&beginning, &title, "Nobody"), 1, "{} in {}", beginning, title);
            }
        }
    }
}
