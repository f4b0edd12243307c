//! The text of a file from another machine, in whatever encoding it uses.

/// The text of some bytes: UTF-8 or UTF-16, with a byte order mark or without, or else Latin-1.
///
/// An editor or a shell on Windows writes UTF-16 where others write UTF-8. JSON begins with two characters of ASCII,
/// so without a mark, the zero between them shows the order of the bytes (RFC 4627, section 3).
pub(super) fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => text(rest),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 => wide(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => wide(bytes, u16::from_be_bytes),
        _ => text(bytes),
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.as_chunks().0.iter().copied().map(unit).collect();
    String::from_utf16_lossy(&units)
}

/// Each byte is a character of Latin-1, so any bytes are a text.
fn text(bytes: &[u8]) -> String {
    let latin = || bytes.iter().copied().map(char::from).collect();
    std::str::from_utf8(bytes).map_or_else(|_| latin(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_is_read_in_every_encoding() {
        let text = "{\"name\": \"Jérôme\"}";
        let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
        let latin: Vec<u8> = text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(&[0xef, 0xbb, 0xbf], text.as_bytes()),
            marked(&[0xff, 0xfe], &little),
            marked(&[0xfe, 0xff], &big),
            little,
            big,
            latin,
        ] {
            assert_eq!(decoded(&bytes), text, "{bytes:x?}");
        }
        assert_eq!(decoded(&[]), "");
        assert_eq!(decoded(&[0xff, 0xfe, b'{']), "", "half a character is none");
    }
}
