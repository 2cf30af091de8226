//! Decodes the content codings of a body, RFC 9110, section 8.4: gzip, deflate, br, zstd.
//!
//! A HAR file often stores a decoded body and retains `Content-Encoding`. Bytes that are text, or that do not begin as their coding
//! begins, are therefore returned unchanged.

use std::borrow::Cow;
use std::io::{self, BufRead, Read, Write as _};

/// More codings than any sender applies.
const MAX_CODINGS: usize = 8;
/// The buffer of the brotli decoder, in bytes.
const BROTLI_BUFFER: usize = 4096;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Coding {
    /// gzip, RFC 1952.
    Gzip,
    /// zlib, RFC 1950. Some senders send raw deflate, RFC 1951.
    Deflate,
    /// Brotli, RFC 7932.
    Brotli,
    /// Zstandard, RFC 8878.
    Zstd,
}

/// The reason why a body cannot be decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodingError {
    /// The coding is unknown. The body cannot be judged.
    #[error("the content coding `{0}` is unknown; known are gzip, deflate, br and zstd")]
    Unknown(String),
    /// The decoded body is too large. It cannot be judged.
    #[error("the decoded body is larger than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The bytes are not in their coding. They may be a binary body that was stored decoded, because deflate and br have no signature.
    #[error("the body is not in the content coding `{name}`, or it was stored decoded")]
    Undetermined {
        /// The coding, as in `Content-Encoding`.
        name: &'static str,
    },
    /// The bytes begin as the coding begins, but they are invalid or cut off. The sender violated RFC 9110, section 8.4.
    #[error("the body is damaged: its content coding `{name}` cannot be decoded")]
    Damaged {
        /// The coding, as in `Content-Encoding`.
        name: &'static str,
        /// The error of the decoder.
        source: io::Error,
    },
}

impl CodingError {
    /// Whether the message violates the standard. Otherwise its body is not judged.
    pub fn is_violation(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }
}

/// The body without the codings that the values of `Content-Encoding` name, in the order in which they were applied. A body that was
/// stored decoded is returned unchanged. No step decodes more than `limit` bytes.
///
/// ```
/// use charter_traffic::coding;
///
/// // A HAR file with a decoded body and its original header fields.
/// assert_eq!(&*coding::decode(b"{}", &["gzip"], 1024)?, b"{}");
/// # Ok::<(), coding::CodingError>(())
/// ```
///
/// # Errors
/// See [`CodingError`].
pub fn decode<'b>(bytes: &'b [u8], content_encoding: &[&str], limit: usize) -> Result<Cow<'b, [u8]>, CodingError> {
    decode_applied(bytes, content_encoding, limit).map(|(body, _)| body)
}

/// The body in the codings that the values of `Content-Encoding` name, for a body that an HTTP client has decoded. A text is returned unchanged, because [`decode`] does not
/// decode it.
///
/// # Errors
/// A coding is unknown, or cannot be applied.
pub fn encode<'b>(bytes: &'b [u8], content_encoding: &[&str]) -> Result<Cow<'b, [u8]>, CodingError> {
    let mut body = Cow::Borrowed(bytes);
    if bytes.is_empty() || is_text(bytes) {
        return Ok(body);
    }
    let names = content_encoding.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty());
    for name in names {
        if let Some(coding) = Coding::of(name)? {
            let encoded = coding.encode(&body).map_err(|source| CodingError::Damaged { name: coding.as_str(), source })?;
            body = Cow::Owned(encoded);
        }
    }
    Ok(body)
}

/// Like [`decode`], with the codings that were decoded, the last applied first.
pub(crate) fn decode_applied<'b>(
    bytes: &'b [u8],
    content_encoding: &[&str],
    limit: usize,
) -> Result<(Cow<'b, [u8]>, Vec<Coding>), CodingError> {
    let names = content_encoding.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let mut codings = Vec::new();
    for name in names {
        codings.extend(Coding::of(name)?);
    }
    if codings.len() > MAX_CODINGS {
        return Err(CodingError::Unknown(content_encoding.join(", ")));
    }
    let (mut body, mut applied) = (Cow::Borrowed(bytes), Vec::new());
    for coding in codings.into_iter().rev() {
        if !is_text(&body)
            && let Some(decoded) = coding.decode(&body, limit)?
        {
            body = Cow::Owned(decoded);
            applied.push(coding);
        }
    }
    Ok((body, applied))
}

/// The bytes that the beginning of a coding with a signature has, if the rest is missing; `None` if there are none.
pub(crate) fn decode_beginning(bytes: &[u8], name: &str, limit: usize) -> Option<(Vec<u8>, Coding)> {
    let coding = Coding::of(name).ok().flatten().filter(|coding| coding.may_begin(bytes))?;
    let mut reader = coding.reader(bytes).ok()?.take(limit as u64);
    let mut decoded = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        decoded.extend_from_slice(&buffer[..read]);
    }
    (!decoded.is_empty()).then_some((decoded, coding))
}

impl Coding {
    /// The coding with a name, in any case; `None` for `identity`.
    fn of(name: &str) -> Result<Option<Self>, CodingError> {
        Ok(Some(match &*name.to_ascii_lowercase() {
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" => Self::Deflate,
            "br" => Self::Brotli,
            "zstd" => Self::Zstd,
            "identity" => return Ok(None),
            _ => return Err(CodingError::Unknown(name.to_owned())),
        }))
    }

    /// The name in `Content-Encoding`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// A decoder of the coding.
    pub(crate) fn reader<'r>(self, raw: impl BufRead + Send + 'r) -> io::Result<Box<dyn Read + Send + 'r>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(raw)),
            Self::Deflate => Box::new(flate2::bufread::ZlibDecoder::new(raw)),
            Self::Brotli => Box::new(brotli_decompressor::Decompressor::new(raw, BROTLI_BUFFER)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(raw)?),
        })
    }

    /// The bytes in this coding. Brotli stores them uncompressed.
    pub(crate) fn encode(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Deflate => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Brotli => Ok(stored_brotli(bytes)),
            Self::Zstd => zstd::stream::encode_all(bytes, 0),
        }
    }

    /// The decoded bytes; `None` if the bytes were stored decoded.
    fn decode(self, bytes: &[u8], limit: usize) -> Result<Option<Vec<u8>>, CodingError> {
        if bytes.is_empty() || !self.may_begin(bytes) {
            return Ok(None);
        }
        let zlib = self.reader(bytes).and_then(|reader| read(reader, limit));
        let decoded = match (self, zlib) {
            (Self::Deflate, Err(_)) => read(flate2::bufread::DeflateDecoder::new(bytes), limit),
            (_, decoded) => decoded,
        };
        match decoded {
            Ok(Some(decoded)) => Ok(Some(decoded)),
            Ok(None) => Err(CodingError::TooLarge { limit }),
            Err(source) => Err(match self {
                Self::Gzip | Self::Zstd => CodingError::Damaged { name: self.as_str(), source },
                Self::Deflate | Self::Brotli => CodingError::Undetermined { name: self.as_str() },
            }),
        }
    }

    /// Whether bytes begin as the coding begins. Raw deflate and br have no signature.
    fn may_begin(self, bytes: &[u8]) -> bool {
        match self {
            Self::Gzip => bytes.starts_with(&[0x1f, 0x8b]),
            // A frame, or a skippable frame before it.
            Self::Zstd => bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || matches!(bytes, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]),
            Self::Deflate | Self::Brotli => true,
        }
    }
}

/// Uncompressed meta-blocks (RFC 7932, section 9.2) and the empty last block.
fn stored_brotli(bytes: &[u8]) -> Vec<u8> {
    // The first byte has WBITS = 16 (1 bit). Its other bits begin the header of the first block.
    let mut coded = Vec::with_capacity(bytes.len() + 8);
    for (index, block) in bytes.chunks(1 << 16).enumerate() {
        // ISLAST = 0, MNIBBLES = 4 (2 bits), MLEN - 1 (16 bits), ISUNCOMPRESSED = 1, padding.
        let header = (((block.len() - 1) as u32) << 3) | (1 << 19);
        coded.extend(if index == 0 { (header << 1).to_le_bytes() } else { header.to_le_bytes() }[..3].iter());
        coded.extend(block);
    }
    // ISLAST = 1, ISLASTEMPTY = 1; behind WBITS if there was no block.
    coded.push(if bytes.is_empty() { 0x06 } else { 0x03 });
    coded
}

/// Every byte of a reader; `None` if there are more than `limit`.
fn read(reader: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut decoded = Vec::new();
    reader.take((limit as u64).saturating_add(1)).read_to_end(&mut decoded)?;
    Ok((decoded.len() <= limit).then_some(decoded))
}

/// Whether bytes are printable UTF-8. No coding produces that, apart from a few bodies of one or two bytes.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(|char: char| char.is_control() && !matches!(char, '\t' | '\n' | '\r')))
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use proptest::prelude::*;

    use super::*;

    const JSON: &[u8] = br#"{"id":"order_1","items":["book","book","book","book","book"]}"#;
    /// A PNG signature and some bytes that are not text.
    const BINARY: &[u8] = &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0xff, 0xfe];

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("gzip")
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("zlib")
    }

    fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("deflate")
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(bytes, 3).expect("zstd")
    }

    fn brotli(bytes: &[u8]) -> Vec<u8> {
        stored_brotli(bytes)
    }

    #[test]
    fn encoded_bytes_are_decoded_to_themselves() {
        let long: Vec<u8> = (0..200_000_u32).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
        for bytes in [&b""[..], b"\x00", JSON, BINARY, &long] {
            for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
                let encoded = coding.encode(bytes).expect("encoded");
                let decoded = coding.reader(&encoded[..]).and_then(|reader| read(reader, 1 << 20)).expect("decoded");
                assert_eq!(decoded.as_deref(), Some(bytes), "{coding:?}");
            }
        }
    }

    #[test]
    fn every_coding_is_decoded() {
        // RFC 9110, sections 8.4 and 8.4.1; RFC 7932 for br; RFC 8878 for zstd.
        let cases: [(Vec<u8>, &[&str]); 13] = [
            (gzip(JSON), &["gzip"]),
            (gzip(JSON), &["GZip"]),
            (gzip(JSON), &["x-gzip"]),
            ([gzip(&JSON[..10]), gzip(&JSON[10..])].concat(), &["gzip"]),
            (zlib(JSON), &["deflate"]),
            (raw_deflate(JSON), &["deflate"]),
            (zstd(JSON), &["zstd"]),
            (brotli(JSON), &["br"]),
            // The codings are listed in the order in which they were applied.
            (zstd(&gzip(JSON)), &["gzip, zstd"]),
            (zstd(&gzip(JSON)), &["gzip", "zstd"]),
            (gzip(&brotli(JSON)), &[" br ,, gzip "]),
            (gzip(JSON), &["identity, gzip"]),
            (JSON.to_vec(), &["identity"]),
        ];
        for (bytes, fields) in cases {
            assert_eq!(&*decode(&bytes, fields, 1000).expect("a body"), JSON, "{fields:?}");
        }
    }

    #[test]
    fn a_body_that_was_stored_decoded_is_unchanged() {
        for body in [JSON, b"", b"42", b"x^2", b";", "\u{fc}mlaut".as_bytes()] {
            for field in ["gzip", "deflate", "br", "zstd", "gzip, br"] {
                assert_eq!(&*decode(body, &[field], 1000).expect("a body"), body, "{field}");
            }
        }
        for field in ["gzip", "zstd"] {
            assert_eq!(&*decode(BINARY, &[field], 1000).expect("a body"), BINARY, "{field}");
        }
        // Two lines of `Content-Encoding`, of which the recorder removed one coding.
        assert_eq!(&*decode(&gzip(JSON), &["gzip", "gzip"], 1000).expect("a body"), JSON);
    }

    #[test]
    fn a_damaged_body_is_a_violation_and_an_unknown_coding_is_not() {
        let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 6].to_vec();
        let cases: [(Vec<u8>, &str, bool, &str); 6] = [
            (cut(gzip(JSON)), "gzip", true, "the body is damaged: its content coding `gzip` cannot be decoded"),
            (cut(zstd(JSON)), "zstd", true, "the body is damaged: its content coding `zstd` cannot be decoded"),
            (BINARY.to_vec(), "deflate", false, "the body is not in the content coding `deflate`, or it was stored decoded"),
            (BINARY.to_vec(), "br", false, "the body is not in the content coding `br`, or it was stored decoded"),
            (JSON.to_vec(), "compress", false, "the content coding `compress` is unknown; known are gzip, deflate, br and zstd"),
            (gzip(&[b'a'; 2000]), "gzip", false, "the decoded body is larger than 1000 bytes"),
        ];
        for (bytes, field, is_violation, message) in cases {
            let error = decode(&bytes, &[field], 1000).expect_err(field);
            assert_eq!((error.is_violation(), &*error.to_string()), (is_violation, message), "{field}");
        }
        assert!(decode(b"{}", &["gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip"], 1000).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic_or_exceed_the_limit(bytes in proptest::collection::vec(any::<u8>(), 0..200), begin in 0..6_usize) {
            let begins: [&[u8]; 6] = [&[0x1f, 0x8b, 8, 0], &[0x28, 0xb5, 0x2f, 0xfd], &[0x78, 0x9c], &[0x50, 0x2a, 0x4d, 0x18], &[0x0b], &[]];
            let bytes = [begins[begin], &bytes].concat();
            for field in ["gzip", "deflate", "br", "zstd", "br, deflate"] {
                if let Ok(decoded) = decode(&bytes, &[field], 500) {
                    prop_assert!(decoded.len() <= 500 || *decoded == *bytes);
                }
            }
        }
    }
}
