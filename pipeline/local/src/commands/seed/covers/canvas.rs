//! Shapes in flat colours on a pixmap.
//!
//! Places and sizes are those of a sheet of 640 by 960. There are fewer pixels: enough for a screen, and drawn, sent and
//! shrunk in half the time.

use anyhow::{Context, Result};
use tiny_skia::{Color, FillRule, Mask, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

/// Pixels to a unit of the sheet.
const SCALE: f32 = 0.75;

pub struct Canvas {
    pixels: Pixmap,
    mask: Option<Mask>,
}

impl Canvas {
    pub fn new(width: f32, height: f32, colour: u32) -> Result<Self> {
        let mut pixels = Pixmap::new((width * SCALE) as u32, (height * SCALE) as u32).context("a cover has no size")?;
        pixels.fill(opaque(colour));
        Ok(Self { pixels, mask: None })
    }

    /// Lets `draw` change nothing outside an area.
    pub fn within(&mut self, area: Option<Rect>, draw: impl FnOnce(&mut Self, Rect)) {
        let Some(area) = area else { return };
        self.mask = Mask::new(self.pixels.width(), self.pixels.height());
        if let Some(mask) = &mut self.mask {
            mask.fill_path(&PathBuilder::from_rect(area), FillRule::Winding, false, to_pixels());
        }
        draw(self, area);
        self.mask = None;
    }

    pub fn shape(&mut self, path: &Path, colour: u32) {
        let (paint, mask) = (paint(colour), self.mask.as_ref());
        self.pixels.fill_path(path, &paint, FillRule::Winding, to_pixels(), mask);
    }

    pub fn outline(&mut self, path: &Path, width: f32, colour: u32) {
        let stroke = Stroke { width, ..Stroke::default() };
        let (paint, mask) = (paint(colour), self.mask.as_ref());
        self.pixels.stroke_path(path, &paint, &stroke, to_pixels(), mask);
    }

    pub fn rectangle(&mut self, area: Rect, colour: u32) {
        self.shape(&PathBuilder::from_rect(area), colour);
    }

    pub fn circle(&mut self, x: f32, y: f32, radius: f32, colour: u32) {
        if let Some(circle) = PathBuilder::from_circle(x, y, radius) {
            self.shape(&circle, colour);
        }
    }

    pub fn ring(&mut self, x: f32, y: f32, radius: f32, width: f32, colour: u32) {
        if let Some(circle) = PathBuilder::from_circle(x, y, radius) {
            self.outline(&circle, width, colour);
        }
    }

    pub fn polygon(&mut self, points: &[(f32, f32)], colour: u32) {
        if let Some(path) = polyline(points) {
            self.shape(&path, colour);
        }
    }

    pub fn into_png(self) -> Result<Vec<u8>> {
        self.pixels.encode_png().context("cannot write a cover as PNG")
    }
}

/// The way through some points.
pub fn polyline(points: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    path.move_to(first.0, first.1);
    rest.iter().for_each(|(x, y)| path.line_to(*x, *y));
    path.finish()
}

/// A colour between two others: all of the first at 0, all of the second at 1.
pub fn mixed(from: u32, to: u32, share: f32) -> u32 {
    let channel = |shift: u32| {
        let (from, to) = ((from >> shift & 0xff) as f32, (to >> shift & 0xff) as f32);
        ((from + (to - from) * share.clamp(0.0, 1.0)).round() as u32) << shift
    };
    channel(16) | channel(8) | channel(0)
}

fn to_pixels() -> Transform {
    Transform::from_scale(SCALE, SCALE)
}

fn opaque(colour: u32) -> Color {
    let [_, red, green, blue] = colour.to_be_bytes();
    Color::from_rgba8(red, green, blue, 0xff)
}

fn paint(colour: u32) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(opaque(colour));
    paint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_mixed_channel_by_channel() {
        assert_eq!([0.0, 0.5, 1.0].map(|share| mixed(0x00ff10, 0xff0030, share)), [0x00ff10, 0x808020, 0xff0030]);
    }

    #[test]
    fn what_is_drawn_within_an_area_stays_there() {
        let mut canvas = Canvas::new(20.0, 20.0, 0xffffff).unwrap();
        canvas.within(Rect::from_xywh(0.0, 0.0, 10.0, 20.0), |canvas, _| canvas.circle(10.0, 10.0, 8.0, 0x000000));
        let red = |x| canvas.pixels.pixel(x, 7).unwrap().red();
        assert_eq!((red(6), red(9)), (0, 255));
    }
}
