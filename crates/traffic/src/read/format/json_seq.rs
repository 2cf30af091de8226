//! JSON text sequences, `application/json-seq` (RFC 7464): a record separator before each text, a line feed after it.
//!
//! A malformed text is an error of its own; the texts after it are read.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::Arc;

use charter_json::Position;

use super::{BEGINNING, Document, Format, Stream};
use crate::position::offset;
use crate::read::decode::Decoded;
use crate::read::{Entry, Item, Limits, ReadError};

/// RS, the record separator. It cannot occur inside a JSON text: strings must escape control characters.
const SEPARATOR: u8 = 0x1E;

/// `application/json-seq`.
pub(super) struct JsonSeq;

impl Format for JsonSeq {
    fn detect(&self, beginning: &[u8]) -> Option<Stream> {
        beginning.starts_with(&[SEPARATOR]).then_some(Stream { read, separator: Some(SEPARATOR), mask: None })
    }
}

fn read(
    decoded: &mut Decoded,
    source: &Arc<str>,
    limits: &Limits,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ReadError> {
    let position = Position { byte: decoded.skipped as usize, ..BEGINNING };
    let mut texts = Texts { decoded, position, limit: limits.max_body };
    let mut index = 0;
    while let Some(text) = texts.next()? {
        // Several separators in a row do not denote empty texts.
        if text.bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii().is_empty()) {
            continue;
        }
        if sink(entry(text, limits.max_body, source, index).into()).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        index += 1;
    }
    Ok(ControlFlow::Continue(()))
}

/// Parses a text that is not blank.
fn entry(text: Text, limit: u64, source: &Arc<str>, index: usize) -> Entry {
    let Some(mut bytes) = text.bytes else {
        let document = Document { bytes: Vec::new(), start: text.start };
        let remedy = Some("raise --max-body if the source can be trusted");
        return Err(document.error(index, format!("the text is longer than {limit} bytes"), BEGINNING, remedy));
    };
    let length = bytes.len();
    bytes.truncate(bytes.trim_ascii_end().len());
    // RFC 7464, section 2.4: without white space after it, a number or a literal may be the beginning of a longer one.
    let may_be_truncated = bytes.len() == length && bytes.last().is_some_and(u8::is_ascii_alphanumeric);
    let last = Position::of(&bytes, bytes.len().saturating_sub(1));
    let document = Document { bytes, start: text.start };
    let truncated = may_be_truncated.then(|| {
        let message = "the text may be truncated: no line feed follows it".to_owned();
        document.error(index, message, last, Some("end every text with a line feed"))
    });
    let entry = super::read(document, source, index);
    match truncated {
        Some(error) if entry.is_ok() => Err(error),
        _ => entry,
    }
}

/// The bytes between two separators. `None` if they exceed the size limit.
struct Text {
    start: Position,
    bytes: Option<Vec<u8>>,
}

struct Texts<'d> {
    decoded: &'d mut Decoded,
    position: Position,
    limit: u64,
}

impl Texts<'_> {
    fn next(&mut self) -> Result<Option<Text>, ReadError> {
        let start = self.position;
        let mut bytes = Some(Vec::new());
        loop {
            let available = self.decoded.fill_buf().map_err(ReadError::from_io)?;
            if available.is_empty() {
                break;
            }
            let separator = memchr::memchr(SEPARATOR, available);
            let length = separator.unwrap_or(available.len());
            bytes = bytes.filter(|bytes| (bytes.len() + length) as u64 <= self.limit);
            if let Some(bytes) = &mut bytes {
                bytes.extend_from_slice(&available[..length]);
            }
            let taken = length + usize::from(separator.is_some());
            self.position = offset(self.position, Position::of(available, taken));
            self.decoded.consume(taken);
            if separator.is_some() {
                break;
            }
        }
        Ok((self.position != start).then_some(Text { start, bytes }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use charter_contract::MaskConfig;

    use super::*;
    use crate::mask::Masker;
    use crate::read::{EntryError, Source, read};
    use crate::scrub;

    const RECORDED: &str = r#"{"format": "charter-exchange/1", "request": {"method": "GET", "url": "/orders/1"}, "response": {"status": 404, "body": {"a": 1}}}"#;

    fn source(bytes: impl Into<Vec<u8>>) -> Source {
        Source::Bytes { name: "a.json-seq".into(), bytes: bytes.into().into() }
    }

    fn entries_within(bytes: impl Into<Vec<u8>>, limits: &Limits) -> Vec<Entry> {
        let mut entries = Vec::new();
        let summary = read(&source(bytes), limits, &mut |entry| {
            entries.push(entry);
            ControlFlow::Continue(())
        });
        assert_eq!(summary.expect("a sequence").entries, entries.len());
        entries
    }

    fn entries(bytes: impl Into<Vec<u8>>) -> Vec<Entry> {
        entries_within(bytes, &Limits::default())
    }

    fn error(bytes: &str, index: usize) -> EntryError {
        let error = entries(bytes).remove(index).expect_err("an error");
        assert_eq!(error.index, index);
        error
    }

    fn body(entry: &Entry) -> &[u8] {
        entry.as_ref().expect("an exchange").response.as_ref().expect("a response").body().bytes().expect("a body")
    }

    #[test]
    fn exchanges_and_bare_bodies_are_read_with_their_positions() {
        let entries = entries(format!("\x1e{RECORDED}\n\x1e\x1e\n\x1e{{\n  \"é\": 2\n}}\n\x1e[3]"));
        assert_eq!(entries.iter().map(body).collect::<Vec<_>>(), [b"{\"a\": 1}", "{\n  \"é\": 2\n}".as_bytes(), b"[3]"]);
        let places = entries.iter().map(|entry| {
            let exchange = entry.as_ref().expect("an exchange");
            (exchange.bare, exchange.origin.index, exchange.origin.line, exchange.origin.column)
        });
        assert_eq!(places.collect::<Vec<_>>(), [(false, 0, Some(1), Some(2)), (true, 1, Some(3), Some(2)), (true, 2, Some(6), Some(2))]);
    }

    #[test]
    fn a_truncated_text_is_an_error_at_its_last_byte() {
        let cut = error("\x1e{}\n\x1e{\"a\":", 1);
        assert_eq!(cut.position, Position { byte: 9, line: 2, column: 6 }, "{cut:?}");
        for scalar in ["12", "true"] {
            let text = format!("\x1e{{}}\n\x1e{scalar}");
            let cut = error(&text, 1);
            assert!(cut.message.contains("may be truncated") && cut.position.byte == text.len() - 1, "{cut:?}");
            assert_eq!(body(&entries(format!("{text}\n"))[1]), scalar.as_bytes());
        }
    }

    #[test]
    fn a_malformed_text_does_not_affect_the_next() {
        let entries = entries("\x1e{\"a\" 1}\n\x1e{}\n");
        let broken = entries[0].as_ref().expect_err("an error");
        assert_eq!((broken.position.line, broken.line), (1, Some(1)), "{broken:?}");
        assert_eq!(body(&entries[1]), b"{}");
    }

    #[test]
    fn a_byte_order_mark_and_compression_are_removed() {
        let plain = format!("\u{feff}\x1e{{}}\n\x1e{RECORDED}\n");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(plain.as_bytes()).expect("gzip");
        let zstd = zstd::stream::encode_all(plain.as_bytes(), 0).expect("zstd");
        for bytes in [plain.into_bytes(), gzip.finish().expect("gzip"), zstd] {
            let entries = entries(bytes);
            assert_eq!(entries.len(), 2);
            assert_eq!(entries[0].as_ref().expect("an exchange").origin.bytes, 4..6);
        }
    }

    #[test]
    fn a_text_above_the_limit_is_an_error_and_the_next_is_read() {
        let limits = Limits { max_body: 100_000, ..Limits::default() };
        let text = format!("\x1e\"{}\"\n\x1e\"{}\"\n\x1e{{}}\n", "x\\n".repeat(40_000), "y".repeat(90_000));
        let entries = entries_within(text, &limits);
        let long = entries[0].as_ref().expect_err("an error");
        assert!(long.message.contains("longer than 100000 bytes") && long.remedy.is_some(), "{long:?}");
        assert_eq!((body(&entries[1]).len(), body(&entries[2])), (90_002, &b"{}"[..]));
        assert_eq!(entries[2].as_ref().expect("an exchange").origin.line, Some(3));
    }

    #[test]
    fn reading_stops_when_the_sink_breaks() {
        let summary = read(&source("\x1e{}\n\x1e{}\n"), &Limits::default(), &mut |_| ControlFlow::Break(())).expect("a sequence");
        assert_eq!((summary.entries, summary.digest), (1, None));
    }

    #[test]
    fn masking_leaves_the_separators() {
        let masker = Masker::new(&MaskConfig::default(), &[]).expect("a masker");
        let mut out = Vec::new();
        let text = "\x1e{\"a\": \"b@c.example\"}\n\x1e\x1e{}\n";
        let scrubbed = scrub(&masker, &source(text), &Limits::default(), &mut out).expect("a sequence");
        let text = String::from_utf8(out).expect("text");
        assert!(text.starts_with("\x1e{\"a\": \"") && text.ends_with("@masked.invalid\"}\n\x1e\x1e{}\n"), "{text}");
        assert_eq!((scrubbed.documents, scrubbed.masked), (2, 1));
    }
}
