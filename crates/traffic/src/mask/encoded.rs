//! Secrets in encoded parts of a text: base64, base32 and hexadecimal digits, which are decoded, masked and encoded again.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::count::Kind;
use super::detect::{Context, Found};
use super::known::Known;
use super::{Masker, digits};

/// The maximum number of encodings in base64 or JSON around a text in base64: three in base64, and two in JSON.
pub(super) const BASE64_DEPTH: u8 = 5;
/// Shorter runs of base64 are not decoded. The forms of a known secret are found in shorter ones too.
pub(super) const BASE64_LENGTH: usize = 12;

impl Masker {
    /// Runs of base64 whose decoded text has something to mask. They are encoded again.
    pub(super) fn base64(&self, text: &str, known: &Known, context: Context, out: &mut Found) {
        for run in base64_runs(text.as_bytes()) {
            let inner = Context { depth: context.depth + 1, ..Context::default() };
            if let Some(encoded) = self.base64_run(&text[run.clone()], known, inner) {
                out.add(run, encoded, Kind::Encoded);
                continue;
            }
            // Segments of a path.
            let mut at = run.start;
            if memchr::memchr(b'/', &text.as_bytes()[run.clone()]).is_none() {
                continue;
            }
            for segment in text[run.clone()].split('/') {
                if segment.len() >= BASE64_LENGTH
                    && let Some(encoded) = self.base64_run(segment, known, inner)
                {
                    out.add(at..at + segment.len(), encoded, Kind::Encoded);
                }
                at += segment.len() + 1;
            }
        }
    }

    /// Runs of base32 and of hexadecimal digits whose decoded text has something to mask. They are encoded again.
    pub(super) fn digits(&self, text: &str, known: &Known, context: Context, out: &mut Found) {
        let inner = Context { depth: context.depth + 1, ..Context::default() };
        for (encoding, run) in digits::runs(text.as_bytes()) {
            let decoded = encoding.decode(&text.as_bytes()[run.clone()]).filter(|decoded| is_text(decoded));
            if let Some(masked) = decoded.and_then(|decoded| self.bytes_at(&decoded, known, inner)) {
                out.add(run.clone(), encoding.encode(&masked, &text[run]), Kind::Encoded);
            }
        }
    }

    fn base64_run(&self, run: &str, known: &Known, context: Context) -> Option<String> {
        let is_url = run.contains(['-', '_']);
        if is_url && run.contains(['+', '/']) {
            return None;
        }
        // A text that was cut off may end with one character of a group, which has six bits of the next byte.
        let run = if run.len() % 4 == 1 && !run.ends_with('=') { &run[..run.len() - 1] } else { run };
        let decoded = if is_url { LENIENT_URL.decode(run) } else { LENIENT.decode(run) }.ok()?;
        let is_compressed = decoded.starts_with(&[0x1f, 0x8b]) || decoded.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || is_zlib(&decoded);
        if !is_compressed && !is_text(&decoded) {
            return None;
        }
        let masked = self.bytes_at(&decoded, known, context)?;
        let is_padded = run.ends_with('=');
        Some(match (is_url, is_padded) {
            (true, true) => URL_SAFE.encode(masked),
            (true, false) => URL_SAFE_NO_PAD.encode(masked),
            (false, true) => STANDARD.encode(masked),
            (false, false) if run.len().is_multiple_of(4) => STANDARD.encode(masked),
            (false, false) => STANDARD_NO_PAD.encode(masked),
        })
    }
}

/// Whether bytes are a text without control characters.
fn is_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        // The last character was cut off.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok(),
        Err(_) => None,
    };
    text.is_some_and(|text| !text.contains(|character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r')))
}

/// Accepts every padding, and trailing bits that are not zero.
const LENIENT_CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
static LENIENT: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT_CONFIG);
static LENIENT_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT_CONFIG);

/// The runs of characters of base64.
fn base64_runs(bytes: &[u8]) -> Vec<Range<usize>> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut runs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_part(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_part(bytes[at]) {
            at += 1;
        }
        let padding = bytes[at..].iter().take(2).take_while(|byte| **byte == b'=').count();
        if at - start >= BASE64_LENGTH {
            runs.push(start..at + padding);
        }
        at += padding;
    }
    runs
}

/// Whether bytes begin as zlib does, RFC 1950, section 2.2.
pub(super) fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, flags, ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31)) && bytes.len() > 8
}
