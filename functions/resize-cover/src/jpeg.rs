//! Whether a JPEG is all there. Its decoder does not care, and paints grey what is missing.

const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

/// Whether the picture comes to its end. What cameras put behind that, such as a second picture, does not count, nor does
/// the end of a thumbnail inside a segment.
pub fn is_complete(file: &[u8]) -> bool {
    walk(file) == Some(())
}

fn walk(file: &[u8]) -> Option<()> {
    let mut rest = file.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let marker;
        (marker, rest) = next_marker(rest)?;
        match marker {
            END_OF_IMAGE => return Some(()),
            0x01 | 0xd0..=0xd8 => {} // these stand alone
            _ => {
                let length = u16::from_be_bytes(*rest.first_chunk()?);
                rest = rest.get(usize::from(length)..)?;
                if marker == START_OF_SCAN {
                    rest = skip_scan(rest)?;
                }
            }
        }
    }
}

/// Any number of 0xff begin a marker. Junk before it is forgiven, as by decoders.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let begin = bytes.iter().position(|byte| *byte == 0xff)?;
    let name = begin + bytes[begin..].iter().position(|byte| *byte != 0xff)?;
    Some((bytes[name], &bytes[name + 1..]))
}

/// Pixels end at the first marker that is neither an escaped 0xff nor one of those that restart the decoder.
fn skip_scan(bytes: &[u8]) -> Option<&[u8]> {
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | 0xd0..=0xd7);
    bytes.windows(2).position(ends).map(|end| &bytes[end..])
}
