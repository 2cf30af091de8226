//! The syntax of multipart bodies: delimiter lines and the header fields of parts. RFC 2046, section 5.1.1.

use std::ops::Range;

use super::super::Malformed;
use super::super::fields::{is_token, trim};

const CLAUSE: &str = "RFC 2046, section 5.1.1";
/// More parts are refused.
const MAX_PARTS: usize = 10_000;

/// A part as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawPart {
    /// The header fields, in order.
    pub(super) headers: Vec<(String, String)>,
    /// The bytes of the body of the part.
    pub(super) body: Range<usize>,
}

/// The parts of a body. The preamble and the epilogue are ignored.
pub(super) fn parse(bytes: &[u8], boundary: &str) -> Result<Vec<RawPart>, Malformed> {
    if boundary.is_empty() || boundary.len() > 70 || boundary.ends_with(' ') {
        return Err(Malformed::new("the boundary is not 1 to 70 characters without a space at the end", CLAUSE));
    }
    let marker = format!("--{boundary}");
    let mut parts = Vec::new();
    let Some(mut delimiter) = next_delimiter(bytes, marker.as_bytes(), 0) else {
        return Err(Malformed::new(format!("no line is the delimiter `{marker}`"), CLAUSE));
    };
    while !delimiter.is_last {
        let Some(next) = next_delimiter(bytes, marker.as_bytes(), delimiter.end) else {
            return Err(Malformed::new(format!("the closing delimiter `{marker}--` is missing"), CLAUSE).at(bytes.len()));
        };
        if parts.len() == MAX_PARTS {
            return Err(Malformed::new(format!("the body has more than {MAX_PARTS} parts"), CLAUSE).at(delimiter.end));
        }
        parts.push(part(bytes, delimiter.end..next.start)?);
        delimiter = next;
    }
    Ok(parts)
}

/// A delimiter line.
struct Delimiter {
    /// The offset of the line break before it, which belongs to it.
    start: usize,
    /// The offset after its line break.
    end: usize,
    /// Whether it closes the body.
    is_last: bool,
}

/// The first delimiter line at or after the end of the one before, whose line break may be the one of this line.
fn next_delimiter(bytes: &[u8], marker: &[u8], from: usize) -> Option<Delimiter> {
    let mut at = from;
    loop {
        let found = at + find(bytes.get(at..)?, marker)?;
        let after = found + marker.len();
        at = found + 1;
        let starts_line = found == 0 || bytes[..found].ends_with(b"\r\n");
        if !starts_line {
            continue;
        }
        let start = found.saturating_sub(2).max(from.min(found));
        if bytes[after..].starts_with(b"--") {
            return Some(Delimiter { start, end: bytes.len(), is_last: true });
        }
        let padding = bytes[after..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if bytes[after + padding..].starts_with(b"\r\n") {
            return Some(Delimiter { start, end: after + padding + 2, is_last: false });
        }
    }
}

/// The header fields and the body of a part.
fn part(bytes: &[u8], range: Range<usize>) -> Result<RawPart, Malformed> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut at = range.start;
    loop {
        let rest = &bytes[at..range.end];
        let Some(length) = find(rest, b"\r\n") else {
            // A part may consist of header fields alone; its empty line is then the line break of the delimiter.
            if rest.is_empty() {
                return Ok(RawPart { headers, body: at..at });
            }
            return Err(Malformed::new("a part has no empty line between its header fields and its body", CLAUSE).at(at));
        };
        let line = &rest[..length];
        if line.is_empty() {
            return Ok(RawPart { headers, body: at + 2..range.end });
        }
        let text = String::from_utf8_lossy(line);
        let is_folded = text.starts_with([' ', '\t']);
        match (headers.last_mut(), text.split_once(':')) {
            // RFC 5322, section 2.2.3: a field may continue on the next line.
            (Some((_, value)), _) if is_folded => {
                value.push(' ');
                value.push_str(trim(&text));
            }
            (_, Some((name, value))) if is_token(name) => headers.push((name.to_owned(), trim(value).to_owned())),
            _ => return Err(Malformed::new("a line of a part is not a header field", "RFC 5322, section 2.2").at(at)),
        }
        at += length + 2;
    }
}

/// The offset of a sequence of bytes.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Header fields as `name=value`, and the body.
    type Shown<'t> = (Vec<String>, &'t str);
    type Case = (&'static str, &'static [(&'static [&'static str], &'static str)]);

    fn parts(text: &str) -> Result<Vec<Shown<'_>>, (String, usize)> {
        let parts = parse(text.as_bytes(), "b").map_err(|error| (error.message, error.offset))?;
        let headers = |part: &RawPart| part.headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Ok(parts.iter().map(|part| (headers(part), &text[part.body.clone()])).collect())
    }

    #[test]
    fn parts_are_separated_by_delimiter_lines() {
        let cases: [Case; 9] = [
            ("--b\r\n\r\nx\r\n--b--", &[(&[], "x")]),
            ("preamble\r\n--b\r\nA: 1\r\n\r\nx\r\n--b--\r\nepilogue", &[(&["A=1"], "x")]),
            ("--b\r\n\r\n\r\n--b--\r\n", &[(&[], "")]),
            ("--b\r\n\r\n--b--\r\n", &[(&[], "")]),
            ("--b\r\nA: 1\r\nB:2 \r\n\r\nx\r\ny\r\n\r\n--b\r\n\r\nz\r\n--b--", &[(&["A=1", "B=2"], "x\r\ny\r\n"), (&[], "z")]),
            // White space after the boundary, and a folded header field.
            ("--b \t\r\nA: 1;\r\n  c=d\r\n\r\nx\r\n--b--", &[(&["A=1; c=d"], "x")]),
            // The boundary inside a line, or as the beginning of a longer line, delimits nothing.
            ("--b\r\n\r\nx--b\r\n--bc\r\n--b--", &[(&[], "x--b\r\n--bc")]),
            // Line feeds alone are part of the body.
            ("--b\r\n\r\nx\n--b\ny\r\n--b--", &[(&[], "x\n--b\ny")]),
            // A form without fields, as browsers send it.
            ("--b--\r\n", &[]),
        ];
        for (text, expected) in cases {
            let expected: Vec<Shown<'_>> =
                expected.iter().map(|(headers, body)| (headers.iter().map(|header| (*header).to_owned()).collect(), *body)).collect();
            assert_eq!(parts(text), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn malformed_bodies_are_located() {
        let cases = [
            ("", "no line is the delimiter `--b`", 0),
            ("{}", "no line is the delimiter `--b`", 0),
            ("--b\n\nx\n--b--", "no line is the delimiter `--b`", 0),
            ("--b\r\n\r\nx", "the closing delimiter `--b--` is missing", 8),
            ("--b\r\n\r\nx\r\n--b\r\n", "the closing delimiter `--b--` is missing", 15),
            ("--b\r\nA: 1\r\n--b--", "a part has no empty line between its header fields and its body", 5),
            ("--b\r\nno field\r\n\r\nx\r\n--b--", "a line of a part is not a header field", 5),
            ("--b\r\n folded\r\n\r\nx\r\n--b--", "a line of a part is not a header field", 5),
        ];
        for (text, message, offset) in cases {
            assert_eq!(parts(text), Err((message.to_owned(), offset)), "{text:?}");
        }
        for boundary in ["", "a ", &"a".repeat(71)] {
            assert!(parse(b"--a--", boundary).is_err(), "{boundary:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(pieces in proptest::collection::vec(0..8_usize, 0..20), noise in proptest::collection::vec(any::<u8>(), 0..5)) {
            let all: [&[u8]; 8] = [b"--b", b"\r\n", b"--", b"A: 1", b" ", b"\r", b"\n", &noise];
            let bytes: Vec<u8> = pieces.into_iter().flat_map(|piece| all[piece].to_vec()).collect();
            for part in parse(&bytes, "b").unwrap_or_default() {
                prop_assert!(part.body.start <= part.body.end && part.body.end <= bytes.len());
            }
        }
    }
}
