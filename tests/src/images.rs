//! Pictures, and files that only look like some.

use std::io::Cursor;

use anyhow::Result;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A picture with something to see, so that it does not compress to nothing.
pub fn picture(width: u32, height: u32, format: ImageFormat) -> Result<Vec<u8>> {
    let pixel = |x: u32, y: u32| Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, (x ^ y) as u8]);
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_fn(width, height, pixel)).write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}

/// A JPEG whose metadata say where it was taken.
pub fn with_metadata(jpeg: &[u8], secret: &str) -> Vec<u8> {
    // APP1 with a TIFF of one entry, ImageDescription.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0".to_vec();
    exif.extend((secret.len() as u32 + 1).to_le_bytes());
    exif.extend(26_u32.to_le_bytes());
    exif.extend([0; 4]);
    exif.extend(secret.bytes().chain([0]));
    let mut file = jpeg[..2].to_vec();
    file.extend([0xff, 0xe1]);
    file.extend((exif.len() as u16 + 2).to_be_bytes());
    file.extend(exif);
    file.extend(&jpeg[2..]);
    file
}

/// A white PNG of one bit for each pixel: few bytes for what takes many once it is decoded.
pub fn blank(width: u32, height: u32) -> Vec<u8> {
    png(width, height, height as usize * (1 + width.div_ceil(8) as usize))
}

/// A PNG that says to have so many pixels, and holds the first few.
pub fn claiming(width: u32, height: u32) -> Vec<u8> {
    png(width, height, 1000)
}

/// Of so many bytes of pixels, all of colour 0, which is white.
fn png(width: u32, height: u32, length: usize) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([1, 3, 0, 0, 0]);
    let mut data = vec![0x78, 0x01];
    // Uncompressed, as deflate allows it, in blocks as long as they may be.
    for start in (0..length).step_by(65_535) {
        let block = (length - start).min(65_535) as u16;
        data.push(u8::from(start + usize::from(block) == length));
        data.extend([block.to_le_bytes(), (!block).to_le_bytes()].concat());
        data.resize(data.len() + usize::from(block), 0);
    }
    data.extend(((length % 65_521) as u32 * 65_536 + 1).to_be_bytes()); // Adler-32 of zeros
    let palette = vec![255, 255, 255, 0, 0, 0];
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", Vec::new())] {
        file.extend((content.len() as u32).to_be_bytes());
        let chunk = [name.to_vec(), content].concat();
        file.extend(&chunk);
        file.extend(crc32(&chunk).to_be_bytes());
    }
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}
