//! What the shop has on its shelves: the words that titles and descriptions are made of.

pub mod classics;
mod fiction;
mod knowledge;
mod pastimes;

/// A category whose books are invented. `{word}` stands for one of the words of that name, the same in a book's title and
/// in its description; `{~word}` for that word in lower case.
pub struct Shelf {
    pub category: &'static str,
    /// The lowest and the highest price.
    pub cents: (u32, u32),
    pub titles: &'static [&'static str],
    pub words: &'static [(&'static str, &'static [&'static str])],
    /// Sentences that begin a description, and such that go on.
    pub openings: &'static [&'static str],
    pub middles: &'static [&'static str],
}

pub const SHELVES: &[Shelf] = &[
    fiction::CRIME,
    fiction::SCIENCE_FICTION,
    fiction::FANTASY,
    knowledge::HISTORY,
    knowledge::SCIENCE,
    pastimes::COOKING,
    pastimes::TRAVEL,
    fiction::CHILDREN,
    pastimes::POETRY,
];
