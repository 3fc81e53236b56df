//! Covers: a field of colour, an ornament that goes with the category, title and author.

mod canvas;
mod lettering;
mod ornaments;

use anyhow::Result;
use tiny_skia::Rect;

use super::catalogue::NewBook;
use super::random::Random;
use canvas::Canvas;
use lettering::{Lettering, Style};

const WIDTH: f32 = 640.0;
const HEIGHT: f32 = 960.0;
const MARGIN: f32 = 56.0;
/// The part of a cover that the ornament fills; the title has the rest.
const ORNAMENT: f32 = 560.0;

/// The colours of a cover, as `0xRRGGBB`.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    /// The field that title and author stand on.
    pub paper: u32,
    pub ink: u32,
    /// The ground of the ornament, and what is drawn on it.
    pub ground: u32,
    pub figure: u32,
    pub accent: u32,
}

/// How the covers of a category look.
struct Look {
    category: &'static str,
    palettes: [Palette; 3],
    style: Style,
    ornament: ornaments::Ornament,
}

const fn palette(paper: u32, ink: u32, ground: u32, figure: u32, accent: u32) -> Palette {
    Palette { paper, ink, ground, figure, accent }
}

const LOOKS: &[Look] = &[
    Look {
        category: "classics",
        palettes: [
            palette(0xf3ead7, 0x2b2622, 0x7a1f2b, 0xe9d8b4, 0xc79a4b),
            palette(0xf3ead7, 0x2b2622, 0x1f3d36, 0xe9d8b4, 0xc79a4b),
            palette(0xf3ead7, 0x2b2622, 0x23304d, 0xe9d8b4, 0xc79a4b),
        ],
        style: Style::Bold,
        ornament: ornaments::lattice,
    },
    Look {
        category: "crime",
        palettes: [
            palette(0x15181d, 0xf1ede4, 0x15181d, 0xc8322b, 0xf1ede4),
            palette(0x1b2a33, 0xf1ede4, 0x1b2a33, 0xe0b13c, 0xf1ede4),
            palette(0xe7e2d8, 0x191a1c, 0xe7e2d8, 0x191a1c, 0xc8322b),
        ],
        style: Style::Bold,
        ornament: ornaments::rings,
    },
    Look {
        category: "science-fiction",
        palettes: [
            palette(0x0f1b3d, 0xf4f1ff, 0x0f1b3d, 0xff7a59, 0x8fd3ff),
            palette(0x1d1135, 0xf7eefc, 0x1d1135, 0xf25fa5, 0x7de2d1),
            palette(0x06292b, 0xeefaf4, 0x06292b, 0xf3c64e, 0x4fb6a5),
        ],
        style: Style::Bold,
        ornament: ornaments::orbits,
    },
    Look {
        category: "fantasy",
        palettes: [
            palette(0x23324a, 0xf6e7c1, 0xe8b25a, 0x2f4a63, 0xf9ecd0),
            palette(0x2c2140, 0xf3e3f0, 0xc889b0, 0x47305f, 0xfbeee3),
            palette(0x17352c, 0xeef0d5, 0x9cc29a, 0x24533f, 0xf7f2d2),
        ],
        style: Style::BoldItalic,
        ornament: ornaments::peaks,
    },
    Look {
        category: "history",
        palettes: [
            palette(0xefe3cf, 0x33241a, 0xb5532a, 0xefe3cf, 0x33241a),
            palette(0xe9e4d6, 0x22302f, 0x3f6f6b, 0xe9e4d6, 0x22302f),
            palette(0xf1e6d2, 0x2d2a3a, 0x56557f, 0xf1e6d2, 0x2d2a3a),
        ],
        style: Style::Regular,
        ornament: ornaments::arches,
    },
    Look {
        category: "science",
        palettes: [
            palette(0xf6f7f4, 0x14213d, 0x14213d, 0x6fb8d9, 0xfca311),
            palette(0xf6f7f4, 0x1c2b22, 0x1f4d3a, 0x9fd8a4, 0xf4d35e),
            palette(0xf6f7f4, 0x2a1a2e, 0x4a2545, 0xe7a9b6, 0xf9c74f),
        ],
        style: Style::Regular,
        ornament: ornaments::dots,
    },
    Look {
        category: "cooking",
        palettes: [
            palette(0xfff6e6, 0x4a2a17, 0xf2b84b, 0xd9542b, 0x3e7c59),
            palette(0xfff6e6, 0x263a29, 0xa9c77b, 0x3e7c59, 0xe8703a),
            palette(0xfff3ec, 0x5a1f28, 0xf4a390, 0xb3313f, 0xf5d06f),
        ],
        style: Style::BoldItalic,
        ornament: ornaments::tiles,
    },
    Look {
        category: "travel",
        palettes: [
            palette(0xfbf1e1, 0x20343c, 0xf6c177, 0x2f6f7e, 0xe4572e),
            palette(0xf4efe6, 0x3a2440, 0xf2a7a0, 0x6b4a7d, 0xfff0c9),
            palette(0xf2f5ee, 0x1e3328, 0xbfd9cf, 0x35695a, 0xf2a541),
        ],
        style: Style::Italic,
        ornament: ornaments::hills,
    },
    Look {
        category: "children",
        palettes: [
            palette(0xffd23f, 0x2a2a4a, 0xffd23f, 0xee4266, 0x0ead69),
            palette(0x6ec6e8, 0x1d2b53, 0x6ec6e8, 0xffe156, 0xf76f8e),
            palette(0xffa69e, 0x3a1f3d, 0xffa69e, 0xfaf3dd, 0x5e8fd0),
        ],
        style: Style::Bold,
        ornament: ornaments::balls,
    },
    Look {
        category: "poetry",
        palettes: [
            palette(0xf5f1ea, 0x2f2f35, 0xf5f1ea, 0x4a6fa5, 0xd77a61),
            palette(0xe6ece6, 0x26352f, 0xe6ece6, 0x4f7d6b, 0xd9a441),
            palette(0x343a52, 0xf2eee5, 0x343a52, 0xc9b8d9, 0xf0c987),
        ],
        style: Style::Italic,
        ornament: ornaments::waves,
    },
];

/// Draws covers; reading the fonts is done once.
pub struct Illustrator {
    lettering: Lettering,
}

impl Illustrator {
    pub fn new() -> Result<Self> {
        Ok(Self { lettering: Lettering::new()? })
    }

    /// The cover of a book as a PNG file: the same each time.
    pub fn cover(&self, book: &NewBook) -> Result<Vec<u8>> {
        let look = LOOKS.iter().find(|look| look.category == book.category).unwrap_or(&LOOKS[0]);
        let mut random = Random::of(&format!("{} {}", book.title, book.author), 0);
        let palette = random.pick(&look.palettes);
        let ornament_is_below = random.chance(60);

        let mut canvas = Canvas::new(WIDTH, HEIGHT, palette.paper)?;
        let top = if ornament_is_below { HEIGHT - ORNAMENT } else { 0.0 };
        canvas.within(Rect::from_xywh(0.0, top, WIDTH, ORNAMENT), |canvas, area| {
            canvas.rectangle(area, palette.ground);
            (look.ornament)(canvas, area, palette, &mut random);
        });

        let field = if ornament_is_below { 0.0 } else { ORNAMENT };
        let title = self.lettering.block(&book.title, look.style, WIDTH - 2.0 * MARGIN, 84.0, 196.0)?;
        let author =
            self.lettering.line(&book.author.to_uppercase(), Style::Regular, 29.0, 3.0, WIDTH - 2.0 * MARGIN)?;
        // Title and author share the field: the gaps above, between and below them are in proportion.
        let gap = (HEIGHT - ORNAMENT - title.height - author.height) / 5.0;
        canvas.shape(&title.at(MARGIN, field + 2.1 * gap), palette.ink);
        canvas.shape(&author.at(MARGIN, field + 3.3 * gap + title.height), palette.ink);
        canvas.into_png()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::catalogue;
    use super::*;

    #[test]
    fn every_category_has_a_look_of_its_own() {
        let categories: HashSet<&str> = catalogue::books(300).iter().map(|book| book.category).collect();
        assert_eq!(categories, LOOKS.iter().map(|look| look.category).collect());
    }

    #[test]
    fn covers_are_small_files_that_differ_from_book_to_book() {
        let illustrator = Illustrator::new().unwrap();
        let books = catalogue::books(10);
        let covers: Vec<Vec<u8>> = books.iter().map(|book| illustrator.cover(book).unwrap()).collect();
        assert!(covers.iter().all(|cover| cover.starts_with(b"\x89PNG") && cover.len() < 200_000));
        assert_eq!(covers.iter().collect::<HashSet<_>>().len(), books.len());
        assert_eq!(covers[3], illustrator.cover(&books[3]).unwrap());
    }
}
