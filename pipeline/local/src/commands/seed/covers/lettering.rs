//! Text as shapes.

use anyhow::{Context, Result, ensure};
use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{Face, OutlineBuilder};

const FAMILY: &str = "Libertinus Serif";
/// From one baseline to the next, in sizes of the letters.
const LEADING: f32 = 1.06;
/// How far capitals rise above the baseline.
const CAPITALS: f32 = 0.65;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Regular,
    Bold,
    Italic,
    BoldItalic,
}

/// The fonts.
pub struct Lettering {
    faces: Vec<Face<'static>>,
}

/// Text that has been set: its outline, from the top of its first capitals down to its last baseline.
pub struct Block {
    path: Path,
    pub height: f32,
}

impl Block {
    /// The outline with its upper left corner somewhere.
    pub fn at(&self, x: f32, y: f32) -> Path {
        self.path.clone().transform(Transform::from_translate(x, y)).unwrap_or_else(|| self.path.clone())
    }
}

impl Lettering {
    pub fn new() -> Result<Self> {
        let faces: Vec<Face> = typst_assets::fonts()
            .filter_map(|font| Face::parse(font, 0).ok())
            .filter(|face| face.names().into_iter().any(|name| name.to_string().is_some_and(|name| name == FAMILY)))
            .collect();
        ensure!(!faces.is_empty(), "the font {FAMILY} is missing");
        Ok(Self { faces })
    }

    fn face(&self, style: Style) -> Result<&Face<'static>> {
        let (bold, italic) =
            (matches!(style, Style::Bold | Style::BoldItalic), matches!(style, Style::Italic | Style::BoldItalic));
        let suits = |face: &&Face| face.is_bold() == bold && face.is_italic() == italic;
        self.faces.iter().find(suits).with_context(|| format!("the font {FAMILY} has no face {style:?}"))
    }

    /// One line, smaller if it would be wider than `width`.
    pub fn line(&self, text: &str, style: Style, size: f32, spacing: f32, width: f32) -> Result<Block> {
        let face = self.face(style)?;
        let scale = (width / measure(face, text, size, spacing)).min(1.0);
        set(face, &[text], size * scale, spacing * scale)
    }

    /// Lines of about the same length, as large as the box allows and at most of `size`.
    pub fn block(&self, text: &str, style: Style, width: f32, size: f32, height: f32) -> Result<Block> {
        let face = self.face(style)?;
        let words: Vec<&str> = text.split(' ').collect();
        let mut size = size;
        loop {
            let lines = broken(&words, |line| measure(face, line, size, 0.0) <= width);
            let fits = size * (CAPITALS + LEADING * (lines.len() - 1) as f32) <= height;
            let is_narrow = lines.iter().all(|line| measure(face, line, size, 0.0) <= width);
            if (fits && is_narrow) || size < 20.0 {
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                return set(face, &lines, size, 0.0);
            }
            size -= 2.0;
        }
    }
}

/// The fewest lines that fit, and of those the ones whose longest is shortest.
fn broken(words: &[&str], fits: impl Fn(&str) -> bool) -> Vec<String> {
    let within = |limit: usize| {
        let mut lines: Vec<String> = Vec::new();
        for word in words {
            match lines.last_mut() {
                Some(line)
                    if line.chars().count() + 1 + word.chars().count() <= limit && fits(&format!("{line} {word}")) =>
                {
                    *line += " ";
                    *line += word;
                }
                _ => lines.push((*word).to_owned()),
            }
        }
        lines
    };
    let loose = within(usize::MAX);
    (1..).map(within).find(|lines| lines.len() <= loose.len()).unwrap_or(loose)
}

fn measure(face: &Face, text: &str, size: f32, spacing: f32) -> f32 {
    let advance = |letter| face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or_default();
    text.chars().map(|letter| f32::from(advance(letter)) * scale(face, size) + spacing).sum::<f32>() - spacing
}

fn scale(face: &Face, size: f32) -> f32 {
    size / f32::from(face.units_per_em())
}

fn set(face: &Face, lines: &[&str], size: f32, spacing: f32) -> Result<Block> {
    let mut outline = Outline { path: PathBuilder::new(), scale: scale(face, size), x: 0.0, y: 0.0 };
    for (index, line) in lines.iter().enumerate() {
        outline.x = 0.0;
        outline.y = size * (CAPITALS + LEADING * index as f32);
        for letter in line.chars() {
            let glyph = face.glyph_index(letter).with_context(|| format!("the font {FAMILY} lacks {letter:?}"))?;
            face.outline_glyph(glyph, &mut outline);
            outline.x += f32::from(face.glyph_hor_advance(glyph).unwrap_or_default()) * outline.scale + spacing;
        }
    }
    let height = outline.y;
    Ok(Block { path: outline.path.finish().context("there is no text to set")?, height })
}

/// A glyph's outline, from the font's units to the place of the letter on the page.
struct Outline {
    path: PathBuilder,
    scale: f32,
    x: f32,
    y: f32,
}

impl Outline {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faces_are_there_and_differ() {
        let lettering = Lettering::new().unwrap();
        let widths = [Style::Regular, Style::Bold, Style::Italic, Style::BoldItalic]
            .map(|style| measure(lettering.face(style).unwrap(), "Bookshop", 100.0, 0.0).round() as u32);
        assert_eq!(widths.iter().collect::<std::collections::HashSet<_>>().len(), 4, "{widths:?}");
    }

    #[test]
    fn lines_are_few_and_balanced() {
        let words: Vec<&str> = "The Last Heir of the Amber Coast".split(' ').collect();
        assert_eq!(broken(&words, |line| line.len() <= 20), ["The Last Heir of", "the Amber Coast"]);
        assert_eq!(broken(&words, |line| line.len() <= 40), ["The Last Heir of the Amber Coast"]);
    }

    #[test]
    fn a_long_title_is_set_smaller_and_fits() {
        let lettering = Lettering::new().unwrap();
        let block = lettering.block(&"Extraordinarily long words ".repeat(7), Style::Bold, 400.0, 80.0, 200.0);
        assert!(block.unwrap().height <= 200.0);
    }
}
