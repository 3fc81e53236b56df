//! Words that people write, and their limits.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a book.
pub type Title = Text<200>;
/// Who wrote it, as printed on the cover: all of them in one line.
pub type Author = Text<200>;
/// What the book is about. May hold line breaks.
pub type Description = Text<4000>;

/// Text of 1 to `MAX` characters (Unicode scalar values): not blank, without space around it, and without
/// control characters other than line breaks and tabs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text<const MAX: usize>(String);

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    #[error("must not be empty")]
    Empty,
    #[error("has {length} characters; at most {max} are allowed")]
    TooLong { length: usize, max: usize },
    #[error("must not begin or end with white space")]
    Padded,
    #[error("must not contain control characters")]
    Control,
}

impl<const MAX: usize> Text<MAX> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        let length = text.chars().count();
        if length == 0 {
            Err(InvalidText::Empty)
        } else if length > MAX {
            Err(InvalidText::TooLong { length, max: MAX })
        } else if text.trim().len() != text.len() {
            Err(InvalidText::Padded)
        } else if text.chars().any(is_refused) {
            Err(InvalidText::Control)
        } else {
            Ok(Self(text))
        }
    }
}

/// Control characters, and those that are not seen and turn what is around them: marks of byte order and of direction.
fn is_refused(c: char) -> bool {
    let is_hidden = matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    is_hidden || c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

/// The shelf of a book, for example `science-fiction`: 1 to 40 of `a` to `z`, `0` to `9` and `-`, so that it
/// can stand in a key and in a URL as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Category(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 40 of the characters a to z, 0 to 9 and -")]
pub struct InvalidCategory;

impl Category {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Category {
    type Error = InvalidCategory;

    fn try_from(text: String) -> Result<Self, InvalidCategory> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=40).contains(&text.len()) && text.bytes().all(allowed) { Ok(Self(text)) } else { Err(InvalidCategory) }
    }
}

impl FromStr for Category {
    type Err = InvalidCategory;

    fn from_str(text: &str) -> Result<Self, InvalidCategory> {
        text.to_owned().try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str) -> Result<Title, InvalidText> {
        Title::try_from(text.to_owned())
    }

    #[test]
    fn a_text_is_kept_as_written() {
        assert_eq!(title("Œuvres  complètes").unwrap().as_str(), "Œuvres  complètes");
        assert!(Description::try_from("One line.\n\tAnother.".to_owned()).is_ok());
    }

    #[test]
    fn the_limit_counts_characters_and_not_bytes() {
        assert!(title(&"書".repeat(200)).is_ok());
        assert_eq!(title(&"書".repeat(201)), Err(InvalidText::TooLong { length: 201, max: 200 }));
    }

    #[test]
    fn blank_padded_and_control_characters_are_refused() {
        assert_eq!(title(""), Err(InvalidText::Empty));
        assert_eq!(title(" "), Err(InvalidText::Padded));
        assert_eq!(title("Emma\u{a0}"), Err(InvalidText::Padded));
        assert_eq!(title("Em\0ma"), Err(InvalidText::Control));
        assert_eq!(title("Em\u{1b}[31mma"), Err(InvalidText::Control));
        assert_eq!(title("\u{feff}Emma"), Err(InvalidText::Control));
        assert_eq!(title("Em\u{202e}ma"), Err(InvalidText::Control));
    }

    #[test]
    fn a_category_fits_a_key_and_a_url() {
        assert_eq!(Category::try_from("science-fiction".to_owned()).unwrap().as_str(), "science-fiction");
        for refused in ["", "Fiction", "sci fi", "a#b", "é", &"a".repeat(41)] {
            assert_eq!(Category::try_from(refused.to_owned()), Err(InvalidCategory), "{refused}");
        }
    }
}
