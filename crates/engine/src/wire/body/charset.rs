//! Bytes → text, by the `charset` of the media type.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::super::Malformed;
use super::{Stored, Undecoded};

/// The text of bytes. Without a charset, they are UTF-8.
///
/// # Source
/// RFC 6657, section 3; RFC 2781, section 4.3, for `utf-16` without a byte order mark.
pub(super) fn decode(bytes: &[u8], charset: Option<&str>, stored: Stored) -> Result<String, Undecoded> {
    if stored == Stored::Text {
        return Ok(String::from_utf8_lossy(bytes).into_owned());
    }
    let Some(charset) = charset else {
        let text = std::str::from_utf8(without_mark(bytes));
        let text = text.map_err(|_| Undecoded::NotJudged("the body is not valid UTF-8, and its media type has no charset".to_owned()))?;
        return Ok(text.to_owned());
    };
    let invalid =
        |offset| Undecoded::from(Malformed::new(format!("the body is not valid {charset}"), "RFC 9110, section 8.3.2").at(offset));
    if is_ascii(charset) {
        return match bytes.iter().position(|byte| !byte.is_ascii()) {
            Some(offset) => Err(invalid(offset)),
            None => Ok(String::from_utf8_lossy(bytes).into_owned()),
        };
    }
    let Some(named) = Encoding::for_label(charset.as_bytes()) else {
        return Err(Undecoded::NotJudged(format!("the charset `{charset}` is unknown")));
    };
    if named == UTF_8 {
        let skipped = bytes.len() - without_mark(bytes).len();
        let text = std::str::from_utf8(without_mark(bytes)).map_err(|error| invalid(skipped + error.valid_up_to()))?;
        return Ok(text.to_owned());
    }
    let is_open = charset.eq_ignore_ascii_case("utf-16");
    let (encoding, skipped) = match Encoding::for_bom(bytes) {
        Some((found, length)) if found == named || (is_open && found != UTF_8) => (found, length),
        _ if is_open => (UTF_16BE, 0),
        _ => (named, 0),
    };
    debug_assert!(!is_open || encoding == UTF_16BE || encoding == UTF_16LE);
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[skipped..]);
    Ok(text.ok_or_else(|| invalid(0))?.into_owned())
}

/// US-ASCII, which the Encoding Standard reads as windows-1252.
fn is_ascii(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("us-ascii") || charset.eq_ignore_ascii_case("ascii")
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Case = (&'static [u8], Option<&'static str>, Result<&'static str, &'static str>);

    #[test]
    fn the_charset_determines_the_text() {
        let cases: [Case; 15] = [
            (b"ok", None, Ok("ok")),
            ("\u{fc}".as_bytes(), None, Ok("\u{fc}")),
            (b"\xef\xbb\xbfa", None, Ok("a")),
            (b"\xfc", None, Err("the body is not valid UTF-8, and its media type has no charset")),
            ("\u{fc}".as_bytes(), Some("UTF-8"), Ok("\u{fc}")),
            (b"a\xfc", Some("utf-8"), Err("the body is not valid utf-8 at 1")),
            (b"\xfc", Some("ISO-8859-1"), Ok("\u{fc}")),
            (b"ok", Some("US-ASCII"), Ok("ok")),
            (b"ok\xfc", Some("us-ascii"), Err("the body is not valid us-ascii at 2")),
            // RFC 2781, section 4.3: a byte order mark decides, else the order is big-endian.
            (b"\xfe\xff\0a", Some("utf-16"), Ok("a")),
            (b"\xff\xfea\0", Some("UTF-16"), Ok("a")),
            (b"\0a", Some("utf-16"), Ok("a")),
            (b"a\0", Some("utf-16le"), Ok("a")),
            (b"\0", Some("utf-16be"), Err("the body is not valid utf-16be at 0")),
            (b"a", Some("klingon"), Err("the charset `klingon` is unknown")),
        ];
        for (bytes, charset, expected) in cases {
            let found = decode(bytes, charset, Stored::Bytes).map_err(|error| match error {
                Undecoded::Malformed(malformed) => format!("{malformed} at {}", malformed.offset),
                Undecoded::NotJudged(reason) => reason,
            });
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{bytes:?} {charset:?}");
        }
    }

    #[test]
    fn a_stored_text_is_already_decoded() {
        assert_eq!(decode("\u{fc}".as_bytes(), Some("iso-8859-1"), Stored::Text), Ok("\u{fc}".to_owned()));
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), charset in 0..7_usize) {
            let charsets = [None, Some("utf-8"), Some("utf-16"), Some("iso-8859-1"), Some("us-ascii"), Some("shift_jis"), Some("\u{e9}")];
            let _ = decode(&bytes, charsets[charset], Stored::Bytes);
        }
    }
}
