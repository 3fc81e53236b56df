//! Lists that are read page by page.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, Serializer};

use super::BookId;

/// Some entries of a list, in its order.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// How many entries a page has at most: 1 to 100, 20 when the client does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u8);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to {}", PageSize::MAX)]
pub struct InvalidPageSize;

impl PageSize {
    pub const MAX: u8 = 100;

    pub fn get(self) -> usize {
        self.0.into()
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(20)
    }
}

impl FromStr for PageSize {
    type Err = InvalidPageSize;

    fn from_str(text: &str) -> Result<Self, InvalidPageSize> {
        text.parse().ok().filter(|size| (1..=Self::MAX).contains(size)).map(Self).ok_or(InvalidPageSize)
    }
}

/// A place in the list of books: right behind this book. It stays good when that book is deleted.
///
/// Clients get it as text and give it back as it is. It holds nothing secret and grants nothing: a forged one only
/// names another place in a public list. Its first byte names the layout, so that a later one can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub after: BookId,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be the `next` of an earlier page, unchanged")]
pub struct InvalidCursor;

impl Cursor {
    const LAYOUT: u8 = 1;
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [Self::LAYOUT; 17];
        bytes[1..].copy_from_slice(self.after.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        match bytes.split_first() {
            Some((&Self::LAYOUT, id)) => {
                let id = id.try_into().map_err(|_| InvalidCursor)?;
                Ok(Self { after: BookId::from_bytes(id).map_err(|_| InvalidCursor)? })
            }
            _ => Err(InvalidCursor),
        }
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_survives_the_way_through_a_url(id: [u8; 16]) {
            let mut id = id;
            (id[6], id[8]) = (id[6] & 0x0f | 0x70, id[8] & 0x3f | 0x80); // version 7, RFC variant
            let cursor = Cursor { after: BookId::from_bytes(id).unwrap() };
            let text = cursor.to_string();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{}", text);
            prop_assert_eq!(text.parse(), Ok(cursor));
        }

        #[test]
        fn any_text_is_a_cursor_in_one_spelling_or_refused(text in "[A-Za-z0-9_=+/-]{0,30}|\\PC{0,30}") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }

    #[test]
    fn a_cursor_of_another_layout_is_refused() {
        let mut bytes = [2; 17];
        bytes[1..].copy_from_slice(BookId::generate().as_bytes());
        assert_eq!(URL_SAFE_NO_PAD.encode(bytes).parse::<Cursor>(), Err(InvalidCursor));
        assert_eq!("".parse::<Cursor>(), Err(InvalidCursor));
    }

    #[test]
    fn a_page_has_1_to_100_entries() {
        assert_eq!("1".parse::<PageSize>().unwrap().get(), 1);
        assert_eq!("100".parse::<PageSize>().unwrap().get(), 100);
        for refused in ["0", "101", "300", "-1", "ten", "", "1.0"] {
            assert_eq!(refused.parse::<PageSize>(), Err(InvalidPageSize), "{refused}");
        }
    }
}
