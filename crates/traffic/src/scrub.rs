//! Masks a source and writes it in the same format with the same compression.

use std::io::{self, BufRead, Read, Write};

use crate::coding::Coding;
use crate::mask::Masker;
use crate::read::{Compression, Decoded, Limits, ReadError, Source, format};
use charter_json::edit::Node;

/// Counts of a masked source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scrubbed {
    /// The number of documents or lines.
    pub documents: u64,
    /// The number of those in which something was masked.
    pub masked: u64,
}

/// A source cannot be masked. No part of the output counts as clean then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScrubError {
    /// The source cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A part is not JSON, so that its secrets cannot be detected.
    #[error("line {line} is not JSON, so its secrets cannot be detected; remove it and try again")]
    Malformed {
        /// The line, from 1.
        line: u64,
    },
    /// The form cannot be masked.
    #[error("{0} cannot be masked; write the recording in another form with `charter convert`, then mask that")]
    Form(&'static str),
    /// The output cannot be written.
    #[error("the output cannot be written")]
    Write(#[source] io::Error),
}

/// The usual level of `xz`.
const XZ_LEVEL: u32 = 6;

impl Masker {
    /// Masks a JSON document in its format: a recorded exchange, a HAR or a bare body. Text that is not JSON is masked as text.
    pub fn document(&self, text: &str) -> String {
        let masked = Node::parse(text).and_then(|root| format::mask(self, text, &root));
        masked.unwrap_or_else(|| self.text(text).into_owned())
    }
}

/// Masks a source and writes it to `out`.
///
/// # Errors
/// The source cannot be read, a part of it is not JSON, or the output cannot be written. The output is incomplete then.
pub fn scrub(masker: &Masker, source: &Source, limits: &Limits, out: &mut dyn Write) -> Result<Scrubbed, ScrubError> {
    let mut decoded = Decoded::open(source, limits)?;
    let finished = match decoded.compression {
        Compression::None => return plain(masker, &mut decoded, limits, out),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
            let scrubbed = plain(masker, &mut decoded, limits, &mut encoder)?;
            encoder.finish().map(|_| scrubbed)
        }
        Compression::Zstd => {
            let mut encoder = zstd::stream::write::Encoder::new(out, 0).map_err(ScrubError::Write)?;
            let scrubbed = plain(masker, &mut decoded, limits, &mut encoder)?;
            encoder.finish().map(|_| scrubbed)
        }
        Compression::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(out, bzip2::Compression::default());
            let scrubbed = plain(masker, &mut decoded, limits, &mut encoder)?;
            encoder.finish().map(|_| scrubbed)
        }
        Compression::Xz => {
            let mut encoder = liblzma::write::XzEncoder::new(out, XZ_LEVEL);
            let scrubbed = plain(masker, &mut decoded, limits, &mut encoder)?;
            encoder.finish().map(|_| scrubbed)
        }
        Compression::Brotli => {
            // The encoder of a body has the whole body. It stores the bytes uncompressed.
            let mut bytes = Vec::new();
            let scrubbed = plain(masker, &mut decoded, limits, &mut bytes)?;
            Coding::Brotli.encode(&bytes).and_then(|encoded| out.write_all(&encoded)).map(|()| scrubbed)
        }
    };
    finished.map_err(ScrubError::Write)
}

fn plain(masker: &Masker, decoded: &mut Decoded, limits: &Limits, out: &mut dyn Write) -> Result<Scrubbed, ScrubError> {
    let mut scrubbed = Scrubbed { documents: 0, masked: 0 };
    let mut number = 0;
    if decoded.beginning().starts_with(b"PAR1") {
        return Err(ScrubError::Form("a Parquet file"));
    }
    let stream = format::detect(decoded.beginning());
    if let Some(mask) = stream.and_then(|stream| stream.mask) {
        return mask(masker, decoded, limits, out);
    }
    if let Some(separator) = stream.and_then(|stream| stream.separator) {
        return texts(masker, decoded, separator, limits, out);
    }
    // If the first line that is not blank is JSON, the source is an archive, else a document of several lines.
    let first = loop {
        let line = line(decoded, limits, &mut number)?;
        if line.is_empty() || !line.trim().is_empty() {
            break line;
        }
        out.write_all(line.as_bytes()).map_err(ScrubError::Write)?;
    };
    let begun = number;
    if first.is_empty() || Node::parse(first.trim()).is_some() {
        let mut line = first;
        while !line.is_empty() {
            one(masker, &line, number, &mut scrubbed, out)?;
            line = self::line(decoded, limits, &mut number)?;
        }
        return Ok(scrubbed);
    }
    let mut bytes = first.into_bytes();
    decoded.by_ref().take(limits.max_body + 1).read_to_end(&mut bytes).map_err(ReadError::from_io)?;
    if bytes.len() as u64 > limits.max_body {
        return Err(ReadError::Limit(format!("the document is longer than {} bytes", limits.max_body)).into());
    }
    let text = String::from_utf8(bytes).map_err(|_| ScrubError::Malformed { line: begun })?;
    document(masker, &text, begun, &mut scrubbed, out)?;
    Ok(scrubbed)
}

/// Masks a document of several lines: JSON, JSON texts one after the other, or YAML.
fn document(masker: &Masker, text: &str, begun: u64, scrubbed: &mut Scrubbed, out: &mut dyn Write) -> Result<(), ScrubError> {
    if Node::parse(text.trim()).is_some() {
        return one(masker, text, begun, scrubbed, out);
    }
    if text.trim_start().starts_with(['{', '[']) {
        let mut texts = serde_json::Deserializer::from_str(text).into_iter::<&serde_json::value::RawValue>();
        let (mut at, mut line) = (0, begun);
        while let Some(next) = texts.next() {
            next.map_err(|_| ScrubError::Malformed { line })?;
            let end = texts.byte_offset();
            one(masker, &text[at..end], line, scrubbed, out)?;
            line += memchr::memchr_iter(b'\n', &text.as_bytes()[at..end]).count() as u64;
            at = end;
        }
        return out.write_all(&text.as_bytes()[at..]).map_err(ScrubError::Write);
    }
    let Some(masked) = format::mask_yaml(masker, text) else { return Err(ScrubError::Malformed { line: begun }) };
    scrubbed.documents += 1;
    scrubbed.masked += u64::from(masked != text);
    out.write_all(masked.as_bytes()).map_err(ScrubError::Write)
}

/// Masks JSON texts with a separator before each.
fn texts(masker: &Masker, decoded: &mut Decoded, separator: u8, limits: &Limits, out: &mut dyn Write) -> Result<Scrubbed, ScrubError> {
    let mut scrubbed = Scrubbed { documents: 0, masked: 0 };
    let mut number = 1;
    loop {
        let mut bytes = part(decoded, separator, limits, "text")?;
        if bytes.is_empty() {
            return Ok(scrubbed);
        }
        let has_separator = bytes.last() == Some(&separator);
        bytes.truncate(bytes.len() - usize::from(has_separator));
        let text = String::from_utf8(bytes).map_err(|_| ScrubError::Malformed { line: number })?;
        one(masker, &text, number, &mut scrubbed, out)?;
        if has_separator {
            out.write_all(&[separator]).map_err(ScrubError::Write)?;
        }
        number += memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
    }
}

/// Masks a line or a document. The white space around it stays.
fn one(masker: &Masker, text: &str, number: u64, scrubbed: &mut Scrubbed, out: &mut dyn Write) -> Result<(), ScrubError> {
    let inner = text.trim();
    let masked = match inner.is_empty() {
        true => String::new(),
        false if Node::parse(inner).is_none() => return Err(ScrubError::Malformed { line: number }),
        false => masker.document(inner),
    };
    if !inner.is_empty() {
        scrubbed.documents += 1;
        scrubbed.masked += u64::from(masked != inner);
    }
    let before = &text[..text.len() - text.trim_start().len()];
    let after = if inner.is_empty() { "" } else { &text[text.trim_end().len()..] };
    [before, &masked, after].iter().try_for_each(|part| out.write_all(part.as_bytes())).map_err(ScrubError::Write)
}

/// The next line with its line break; empty after the last.
fn line(decoded: &mut Decoded, limits: &Limits, number: &mut u64) -> Result<String, ScrubError> {
    let bytes = part(decoded, b'\n', limits, "line")?;
    *number += 1;
    String::from_utf8(bytes).map_err(|_| ScrubError::Malformed { line: *number })
}

/// The bytes up to and with the next separator; empty at the end.
fn part(decoded: &mut Decoded, separator: u8, limits: &Limits, kind: &str) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let read = decoded.by_ref().take(limits.max_body + 1).read_until(separator, &mut bytes).map_err(ReadError::from_io)?;
    if read as u64 > limits.max_body {
        return Err(ReadError::Limit(format!("a {kind} is longer than {} bytes", limits.max_body)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use charter_contract::MaskConfig;

    use super::*;
    use crate::mask::test_masker;

    fn scrubbed(text: &str) -> Result<(String, Scrubbed), ScrubError> {
        let masker = Masker::new(&MaskConfig::default(), &[]).expect("a masker");
        let source = Source::Bytes { name: "x".into(), bytes: text.as_bytes().into() };
        let mut out = Vec::new();
        let scrubbed = scrub(&masker, &source, &Limits::default(), &mut out)?;
        Ok((String::from_utf8(out).expect("text"), scrubbed))
    }

    #[test]
    fn every_other_byte_stays() {
        let line = r#"{"a": "b@c.example",  "n": 1.0}"#;
        let (text, count) = scrubbed(&format!("\n{line}\r\n{{}}\n\n[1]")).expect("lines");
        assert!(text.starts_with("\n{\"a\": \"") && text.ends_with("@masked.invalid\",  \"n\": 1.0}\r\n{}\n\n[1]"), "{text}");
        assert_eq!(count, Scrubbed { documents: 3, masked: 1 });
        let (text, count) = scrubbed("{\n  \"a\": \"b@c.example\"\n}\n").expect("a document");
        assert!(text.starts_with("{\n  \"a\": \"") && text.ends_with("@masked.invalid\"\n}\n"), "{text}");
        assert_eq!(count, Scrubbed { documents: 1, masked: 1 });
        assert_eq!(scrubbed("").expect("nothing").1.documents, 0);
    }

    #[test]
    fn no_part_of_a_secret_next_to_an_address_stays() {
        for text in [
            "http://x/a?password=42b@corp.example!hunter2secret9",
            "token=42d@vault.example/hunter2secret9",
            "password=40d@vault.example/hunter2secret9",
            "user=42b@corp.example&password=hunter2secret9",
            "password=\"\"\"hunter2secret9",
            "password=hunter2secret9@corp.example",
            "x password=hunter2secret9@b!c9 more",
        ] {
            let (once, _) = scrubbed(&serde_json::json!({ "note": text }).to_string()).expect("a document");
            assert!(!once.contains("hunter2") && !once.contains("secret9") && !once.contains("corp.example"), "{text}: {once}");
            assert!(!text.contains("password=") || once.contains("password"), "{text}: {once}");
            assert_eq!(scrubbed(&once).expect("a document").0, once, "{text}");
        }
    }

    #[test]
    fn content_that_is_not_json_is_an_error() {
        assert!(matches!(scrubbed("{}\n{\"a\": \n{}\n"), Err(ScrubError::Malformed { line: 2 })));
        assert!(matches!(scrubbed("authorization: Bearer x"), Err(ScrubError::Malformed { line: 1 })));
    }

    #[test]
    fn the_compression_stays() {
        let masker = Masker::new(&MaskConfig::default(), &[]).expect("a masker");
        let zstd = zstd::stream::encode_all(&b"{\"a\": \"b@c.example\"}\n"[..], 0).expect("zstd");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"{\"a\": \"b@c.example\"}\n").expect("gzip");
        for bytes in [zstd, gzip.finish().expect("gzip")] {
            let magic = bytes[..2].to_vec();
            let source = Source::Bytes { name: "x".into(), bytes: bytes.into() };
            let mut out = Vec::new();
            assert_eq!(scrub(&masker, &source, &Limits::default(), &mut out).expect("clean").masked, 1);
            assert_eq!(out[..2], magic);
            let again = Source::Bytes { name: "x".into(), bytes: out.into() };
            let mut plain = String::new();
            Decoded::open(&again, &Limits::default()).expect("opens").read_to_string(&mut plain).expect("text");
            assert!(plain.ends_with("@masked.invalid\"}\n"), "{plain}");
        }
    }

    #[test]
    fn text_that_is_not_json_is_masked_as_text() {
        assert_eq!(test_masker().document("{ broken sk_live_42"), "{ broken ***");
        assert_eq!(test_masker().document(r#"{"by": {"name": null}, "n": 1}"#), r#"{"by": {"name": null}, "n": 1}"#);
    }
}
