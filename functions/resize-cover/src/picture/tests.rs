//! Files that people upload, and files that nobody should.

use image::{Luma, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

const FORMATS: [ImageFormat; 3] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
const RED: Rgb<u8> = Rgb([200, 30, 30]);
const BLUE: Rgb<u8> = Rgb([30, 30, 200]);

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Red on the left, blue on the right.
fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { RED } else { BLUE })
}

fn read(webp: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(webp, ImageFormat::WebP).unwrap().into_rgb8()
}

fn is_like(pixel: &Rgb<u8>, colour: Rgb<u8>) -> bool {
    pixel.0.iter().zip(colour.0).all(|(a, b)| a.abs_diff(b) < 40)
}

/// The names of a WebP's parts.
fn parts(webp: &[u8]) -> Vec<String> {
    let mut rest = webp.strip_prefix(b"RIFF").unwrap()[4..].strip_prefix(b"WEBP").unwrap();
    let mut names = Vec::new();
    while let Some((name, after)) = rest.split_first_chunk::<4>() {
        names.push(String::from_utf8_lossy(name).into_owned());
        let (length, after) = after.split_first_chunk().unwrap();
        let length = u32::from_le_bytes(*length) as usize;
        rest = after.get(length + length % 2..).unwrap_or_default();
    }
    names
}

/// A part of a PNG.
fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [name, content].concat();
    let crc = named.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    [&(content.len() as u32).to_be_bytes(), &named[..], &(!crc).to_be_bytes()].concat()
}

/// A PNG that says that it has this size, and has next to no data.
fn hollow_png(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
    let data = [0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]; // zlib of nothing
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", &data), &chunk(b"IEND", b"")].concat()
}

/// A segment of a JPEG, put right behind its beginning.
fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, content, &jpeg[2..]].concat()
}

/// What a camera notes of how it was held.
fn exif(orientation: u16) -> Vec<u8> {
    let entry = [&[0x01, 0x12, 0, 3, 0, 0, 0, 1][..], &orientation.to_be_bytes(), &[0, 0]].concat();
    [b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01", &entry[..], &[0; 4]].concat()
}

/// A WebP with two pictures that are shown in turn, the first of them red.
fn animation() -> Vec<u8> {
    let part = |name: &[u8], content: &[u8]| [name, &(content.len() as u32).to_le_bytes(), content].concat();
    let frame = |colour| {
        let still = file(RgbImage::from_pixel(8, 8, colour), ImageFormat::WebP);
        let place_and_time = [0, 0, 0, 0, 0, 0, 7, 0, 0, 7, 0, 0, 100, 0, 0, 0];
        part(b"ANMF", &[&place_and_time, &still[12..]].concat())
    };
    let head = part(b"VP8X", &[2, 0, 0, 0, 7, 0, 0, 7, 0, 0]);
    let parts = [&b"WEBP"[..], &head, &part(b"ANIM", &[0; 6]), &frame(RED), &frame(BLUE)].concat();
    part(b"RIFF", &parts)
}

#[test]
fn a_cover_has_two_sizes_and_its_own_shape() {
    for format in FORMATS {
        let Pictures { small, large } = pictures(&file(flag(700, 1050), format)).unwrap();
        assert_eq!(read(&large).dimensions(), (640, 960));
        let small = read(&small);
        assert_eq!(small.dimensions(), (240, 360));
        assert!(is_like(small.get_pixel(20, 180), RED) && is_like(small.get_pixel(220, 180), BLUE), "{format:?}");
    }
}

#[test]
fn nothing_is_enlarged() {
    let Pictures { small, large } = pictures(&file(flag(300, 200), ImageFormat::Png)).unwrap();
    assert_eq!((read(&small).dimensions(), read(&large).dimensions()), ((240, 160), (300, 200)));
    let Pictures { small, large } = pictures(&file(flag(1, 1), ImageFormat::Png)).unwrap();
    assert_eq!((read(&small).dimensions(), read(&large).dimensions()), ((1, 1), (1, 1)));
}

#[test]
fn strips_stay_small() {
    assert_eq!(fit(Size { width: 12_000, height: 1 }, LARGE), Size { width: 640, height: 1 });
    assert_eq!(fit(Size { width: 600, height: 12_000 }, LARGE), Size { width: 64, height: 1280 });
    assert_eq!(fit(Size { width: 1, height: 12_000 }, SMALL), Size { width: 1, height: 480 });
}

#[test]
fn what_is_transparent_stays_so() {
    let picture = RgbaImage::from_fn(8, 8, |x, _| Rgba([200, 30, 30, if x < 4 { 0 } else { 255 }]));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let webp = pictures(&file(picture.clone(), format)).unwrap().large;
        let read = image::load_from_memory(&webp).unwrap().into_rgba8();
        assert_eq!((read.get_pixel(0, 0)[3], read.get_pixel(7, 7)[3]), (0, 255));
    }
}

#[test]
fn other_depths_and_grey_become_pictures_too() {
    let grey = image::GrayImage::from_pixel(8, 8, Luma([90]));
    assert!(FORMATS[..2].iter().all(|format| pictures(&file(grey.clone(), *format)).is_ok()));
    let deep: DynamicImage = DynamicImage::from(flag(8, 8)).into_rgb16().into();
    let large = read(&pictures(&file(deep, ImageFormat::Png)).unwrap().large);
    assert!(is_like(large.get_pixel(0, 0), RED));
}

#[test]
fn a_picture_is_turned_as_the_camera_was() {
    let jpeg = file(flag(64, 32), ImageFormat::Jpeg);
    let turned = |orientation| read(&pictures(&with_segment(&jpeg, 0xe1, &exif(orientation))).unwrap().large);
    let upright = turned(1);
    assert!(upright.dimensions() == (64, 32) && is_like(upright.get_pixel(8, 16), RED));
    let upside_down = turned(3);
    assert!(upside_down.dimensions() == (64, 32) && is_like(upside_down.get_pixel(8, 16), BLUE));
    let right = turned(6);
    assert!(right.dimensions() == (32, 64) && is_like(right.get_pixel(16, 8), RED));
    let left = turned(8);
    assert!(left.dimensions() == (32, 64) && is_like(left.get_pixel(16, 8), BLUE));
    assert_eq!(turned(77).dimensions(), (64, 32));

    // The width of what is seen counts.
    let wide = with_segment(&file(flag(900, 600), ImageFormat::Jpeg), 0xe1, &exif(6));
    assert_eq!(read(&pictures(&wide).unwrap().large).dimensions(), (600, 900));
}

#[test]
fn nothing_but_pixels_is_left() {
    let secret = b"SECRET: 51.5074 N 0.1278 W";
    let mut jpeg = file(flag(64, 32), ImageFormat::Jpeg);
    for (marker, name) in [
        (0xe1, &b"Exif\0\0"[..]),
        (0xe1, b"http://ns.adobe.com/xap/1.0/\0"),
        (0xe2, b"ICC_PROFILE\0\x01\x01"),
        (0xfe, b""),
    ] {
        jpeg = with_segment(&jpeg, marker, &[name, secret].concat());
    }
    let mut png = file(flag(64, 32), ImageFormat::Png);
    let text = [chunk(b"tEXt", &[b"Comment\0", &secret[..]].concat()), chunk(b"eXIf", secret)].concat();
    png.splice(33..33, text); // behind the header
    for file in [jpeg, png] {
        assert!(file.windows(secret.len()).any(|part| part == secret));
        let Pictures { small, large } = pictures(&file).unwrap();
        for webp in [small, large] {
            assert!(!webp.windows(6).any(|part| part == b"SECRET"));
            assert_eq!(parts(&webp), ["VP8 "]);
        }
    }
}

#[test]
fn what_is_no_image_is_refused() {
    let mut gif = b"GIF89a\x01\0\x01\0\0\0\0;".to_vec();
    gif.resize(100, 0);
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    for file in [&b""[..], b"Dear sir or madam,", &gif, svg, &[0; 4096], b"%PDF-1.7", b"\xff", b"RIFF"] {
        assert_eq!(pictures(file), Err(Unusable::NoImage), "{}", String::from_utf8_lossy(file));
    }
}

#[test]
fn a_giant_is_refused_by_its_header() {
    for (width, height) in [(30_000, 30_000), (12_001, 1), (1, 12_001), (8_000, 5_001), (u32::MAX >> 1, u32::MAX >> 1)]
    {
        assert_eq!(pictures(&hollow_png(width, height, 8, 2)), Err(Unusable::TooManyPixels), "{width} x {height}");
    }
    // These are allowed to be read, and then there is nothing in them.
    for (width, height) in [(8_000, 5_000), (12_000, 3_333)] {
        assert_eq!(pictures(&hollow_png(width, height, 1, 0)), Err(Unusable::Damaged), "{width} x {height}");
    }
    let mut jpeg = file(flag(8, 8), ImageFormat::Jpeg);
    let size = jpeg.windows(2).position(|marker| matches!(marker, [0xff, 0xc0..=0xc2])).unwrap() + 5;
    jpeg[size..size + 4].fill(0xff);
    assert_eq!(pictures(&jpeg), Err(Unusable::TooManyPixels));
}

#[test]
fn a_file_that_was_cut_off_is_damaged() {
    for format in FORMATS {
        let whole = file(flag(300, 200), format);
        for length in [whole.len() / 4, whole.len() / 2, whole.len() * 9 / 10] {
            assert_eq!(pictures(&whole[..length]), Err(Unusable::Damaged), "{format:?} {length}");
        }
    }
    let jpeg = file(flag(300, 200), ImageFormat::Jpeg);
    assert_eq!(pictures(&jpeg[..jpeg.len() - 1]), Err(Unusable::Damaged));
    // A thumbnail that is whole does not make up for a picture that is not, and what follows the picture does no harm.
    let with_thumbnail = with_segment(&jpeg, 0xe1, &[b"Exif\0\0", &file(flag(8, 8), ImageFormat::Jpeg)[..]].concat());
    assert_eq!(pictures(&with_thumbnail[..with_thumbnail.len() - 2]), Err(Unusable::Damaged));
    assert!(pictures(&[&with_thumbnail[..], b"trailer"].concat()).is_ok());
}

#[test]
fn of_an_animation_the_first_picture_is_taken() {
    let large = pictures(&animation()).unwrap().large;
    assert_eq!(parts(&large), ["VP8 "]);
    assert!(is_like(read(&large).get_pixel(4, 4), RED));
}

#[test]
fn a_decoder_that_panics_has_met_a_damaged_file() {
    assert_eq!(without_panic(|| -> Result<(), _> { panic!("index out of bounds") }), Err(Unusable::Damaged));
}

/// Whatever the file is: two pictures that can be read and are no larger than allowed, or a reason.
fn is_answered(file: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(Pictures { small, large }) = pictures(file) {
        for (webp, within) in [(small, SMALL), (large, LARGE)] {
            let (width, height) = read(&webp).dimensions();
            prop_assert!(width <= within.width && height <= within.height);
        }
    }
    Ok(())
}

fn good_file() -> impl Strategy<Value = Vec<u8>> {
    let animated = Just(animation());
    let still = (0..FORMATS.len(), 1_u32..40, 1_u32..40)
        .prop_map(|(format, width, height)| file(flag(width, height), FORMATS[format]));
    prop_oneof![8 => still, 1 => animated]
}

proptest! {
    #[test]
    fn any_bytes_are_answered(start in 0..4_usize, bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let start = [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"RIFF\0\x10\0\0WEBPVP8 ", b""][start];
        is_answered(&[start, &bytes].concat())?;
    }

    #[test]
    fn any_damage_is_answered(
        mut file in good_file(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::weighted(0.3, any::<prop::sample::Index>()),
    ) {
        for (place, byte) in damages {
            let place = place.index(file.len());
            file[place] = byte;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        is_answered(&file)?;
    }
}
