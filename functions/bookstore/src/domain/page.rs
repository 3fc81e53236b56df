//! Lists that are read page by page.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, Serializer};

/// Some entries of a list, in its order.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(show).collect(), next: self.next }
    }
}

/// How many entries a page has at most: 1 to 100, 20 when the client does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u8);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to {}", PageSize::MAX)]
pub struct InvalidPageSize;

impl PageSize {
    pub const MAX: u8 = 100;

    pub const fn new(size: u8) -> Option<Self> {
        if size >= 1 && size <= Self::MAX { Some(Self(size)) } else { None }
    }

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
        // In one spelling: neither +5 nor 007.
        let size = text.parse::<u8>().ok().filter(|size| size.to_string() == text);
        size.and_then(Self::new).ok_or(InvalidPageSize)
    }
}

/// The kinds of lists. A cursor of one says nothing in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum List {
    NewestBooks = 1,
    BooksByTitle,
    BooksByPrice,
    FoundBooks,
    Reviews,
    CustomersOrders,
    OrdersByStatus,
    Categories,
}

/// A place in a list: right behind the entry that this sort key names. It stays good when that entry is deleted.
///
/// Clients get it as text and give it back as it is. It holds nothing secret and grants nothing, as the list itself
/// comes from the request: a forged one only names another place in a list that the client may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    list: u8,
    after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be the `next` of an earlier page of the same list, unchanged")]
pub struct InvalidCursor;

impl Cursor {
    /// DynamoDB takes no longer sort key.
    const MAX_KEY: usize = 1024;

    pub fn new(list: List, after: impl Into<String>) -> Self {
        Self { list: list as u8, after: after.into() }
    }

    /// The sort key behind which the page begins.
    pub fn within(self, list: List) -> Result<String, InvalidCursor> {
        if self.list == list as u8 { Ok(self.after) } else { Err(InvalidCursor) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.list], self.after.as_bytes()].concat();
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let (&list, after) = bytes.split_first().ok_or(InvalidCursor)?;
        if after.is_empty() || after.len() > Self::MAX_KEY {
            return Err(InvalidCursor);
        }
        let after = std::str::from_utf8(after).map_err(|_| InvalidCursor)?;
        Ok(Self { list, after: after.to_owned() })
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
        fn a_cursor_survives_the_way_through_a_url(after in "\\PC{1,50}") {
            let cursor = Cursor::new(List::BooksByTitle, after.clone());
            let text = cursor.to_string();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{}", text);
            prop_assert_eq!(text.parse::<Cursor>().unwrap().within(List::BooksByTitle), Ok(after));
        }

        #[test]
        fn any_text_is_a_cursor_in_one_spelling_or_refused(text in "[A-Za-z0-9_=+/-]{0,30}|\\PC{0,30}") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let cursor: Cursor = Cursor::new(List::Reviews, "x").to_string().parse().unwrap();
        assert_eq!(cursor.within(List::NewestBooks), Err(InvalidCursor));
        assert_eq!("".parse::<Cursor>(), Err(InvalidCursor));
        assert_eq!(Cursor::new(List::Reviews, "x".repeat(1025)).to_string().parse::<Cursor>(), Err(InvalidCursor));
    }

    #[test]
    fn a_page_has_1_to_100_entries() {
        assert_eq!("1".parse::<PageSize>().unwrap().get(), 1);
        assert_eq!("100".parse::<PageSize>().unwrap().get(), 100);
        for refused in ["0", "101", "300", "-1", "+5", "007", "ten", "", "1.0"] {
            assert_eq!(refused.parse::<PageSize>(), Err(InvalidPageSize), "{refused}");
        }
    }
}
