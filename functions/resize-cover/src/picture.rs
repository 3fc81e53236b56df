//! From the bytes that somebody uploaded to the two pictures of a cover. Knows nothing of AWS.
//!
//! What is in the file decides, not the type that was announced for it: the signature lets a PNG through that calls itself
//! a JPEG, and it is as good a cover. Nobody else is ever served the file itself.

use std::{
    io::Cursor,
    panic::{self, UnwindSafe},
};

use bookstore::covers::Pictures;
use fast_image_resize::Resizer;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, metadata::Orientation};

use crate::jpeg;

const MAX_SIDE: u32 = 12_000;
const MAX_PIXELS: u64 = 40_000_000;
/// What the decoded picture may take: [`MAX_PIXELS`] of 4 channels with 16 bits each. Shrinking what is transparent makes
/// a copy of that, so the function needs twice as much and some more.
const MAX_MEMORY: u64 = 8 * MAX_PIXELS;
/// Of libwebp, for photographs: covers show letters, which suffer first.
const QUALITY: f32 = 82.0;

/// No picture is larger than this, and none is larger than it was. The width is what counts; the height only keeps a strip
/// from becoming a file of megabytes.
const LARGE: Size = Size { width: 640, height: 1280 };
const SMALL: Size = Size { width: 240, height: 480 };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    width: u32,
    height: u32,
}

/// Why a file cannot become a cover, in words for who has uploaded it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("The file is not a JPEG, PNG or WebP image.")]
    NoImage,
    #[error("The image is damaged, not complete, or of a rare kind that cannot be read.")]
    Damaged,
    #[error(
        "The image has too many pixels: at most {MAX_SIDE} are allowed on each side, and {} million in all.",
        MAX_PIXELS / 1_000_000
    )]
    TooManyPixels,
    #[error("The file is larger than 10 MiB.")]
    TooLarge,
}

/// Makes the pictures. They hold nothing but pixels: where the camera was, and all else that the file tells, is lost.
pub fn pictures(file: &[u8]) -> Result<Pictures, Unusable> {
    let (picture, orientation) = without_panic(|| decode(file))?;
    let large = shrink(&picture, orientation, LARGE);
    let small = shrink(&picture, orientation, SMALL);
    drop(picture); // a hundred times what is left
    Ok(Pictures { small: encode(small), large: encode(large) })
}

/// A panic of a decoder is provoked by the file, and the next attempt would end like it. The log has it.
fn without_panic<T>(decode: impl FnOnce() -> Result<T, Unusable> + UnwindSafe) -> Result<T, Unusable> {
    panic::catch_unwind(decode).unwrap_or(Err(Unusable::Damaged))
}

/// The picture as it is stored, and how it is to be turned. Of an animation this is the first picture.
fn decode(file: &[u8]) -> Result<(DynamicImage, Orientation), Unusable> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| Unusable::Damaged)?;
    match reader.format() {
        Some(ImageFormat::Png | ImageFormat::WebP) => {}
        // Else the decoder would paint grey what is missing.
        Some(ImageFormat::Jpeg) if !jpeg::is_complete(file) => return Err(Unusable::Damaged),
        Some(ImageFormat::Jpeg) => {}
        _ => return Err(Unusable::NoImage),
    }
    reader.limits(limits());
    // This reads the header only.
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return Err(Unusable::TooManyPixels);
    }
    // A camera's note that cannot be read turns nothing.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

/// Shrinks first and turns then: turning what is large would take its memory twice.
fn shrink(picture: &DynamicImage, orientation: Orientation, within: Size) -> DynamicImage {
    let within = if turns_sideways(orientation) { within.turned() } else { within };
    let Size { width, height } = fit(Size { width: picture.width(), height: picture.height() }, within);
    let mut small = DynamicImage::new(width, height, picture.color());
    // Lanczos, with the transparent parts weighed as what they are.
    Resizer::new().resize(picture, &mut small, None).expect("decoders make whole numbers of 8 or 16 bits");
    small.apply_orientation(orientation);
    small
}

fn turns_sideways(orientation: Orientation) -> bool {
    use Orientation::*;
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

impl Size {
    fn turned(self) -> Self {
        Self { width: self.height, height: self.width }
    }
}

/// The largest size of the same shape that fits, but never larger than it was, and never nothing.
fn fit(size: Size, within: Size) -> Size {
    let scale =
        f64::min(f64::from(within.width) / f64::from(size.width), f64::from(within.height) / f64::from(size.height));
    let scaled = |length: u32| (f64::from(length) * scale.min(1.0)).round().max(1.0) as u32;
    Size { width: scaled(size.width), height: scaled(size.height) }
}

fn encode(picture: DynamicImage) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    let encoded = if picture.color().has_alpha() {
        webp::Encoder::from_rgba(&picture.into_rgba8(), width, height).encode_simple(false, QUALITY)
    } else {
        webp::Encoder::from_rgb(&picture.into_rgb8(), width, height).encode_simple(false, QUALITY)
    };
    encoded.expect("libwebp takes up to 16,383 pixels a side").to_vec()
}

impl From<ImageError> for Unusable {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooManyPixels,
            _ => Self::Damaged,
        }
    }
}

#[cfg(test)]
mod tests;
