//! Runs of base32 and of hexadecimal digits in a text, which may encode a text.

use std::ops::Range;

/// Shorter runs are not decoded: words and numbers have the same characters.
const SHORTEST: usize = 16;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    /// Base32, RFC 4648, section 6.
    Base32,
    /// Two hexadecimal digits for a byte.
    Hex,
}

/// The runs that may be encoded. A run may be in both encodings.
pub(super) fn runs(bytes: &[u8]) -> Vec<(Digits, Range<usize>)> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if length >= SHORTEST {
            let run = &bytes[at..at + length];
            if run.iter().all(u8::is_ascii_hexdigit) {
                // A text that was cut off may end with one digit of two.
                runs.push((Digits::Hex, at..at + length - length % 2));
            }
            let is_one_case = run.iter().all(|byte| !byte.is_ascii_lowercase()) || run.iter().all(|byte| !byte.is_ascii_uppercase());
            if is_one_case && matches!(length % 8, 0 | 2 | 4 | 5 | 7) && run.iter().all(|byte| value(*byte).is_some()) {
                let padding = bytes[at + length..].iter().take(6).take_while(|byte| **byte == b'=').count();
                runs.push((Digits::Base32, at..at + length + padding));
            }
        }
        at += length.max(1);
    }
    runs
}

impl Digits {
    /// The bytes; `None` if the run is not encoded.
    pub(super) fn decode(self, run: &[u8]) -> Option<Vec<u8>> {
        let bits = if self == Self::Hex { 4 } else { 5 };
        let (mut bytes, mut buffer, mut held) = (Vec::with_capacity(run.len() * bits / 8), 0u32, 0);
        for byte in run.iter().filter(|byte| **byte != b'=') {
            let value = if self == Self::Hex { char::from(*byte).to_digit(16)? } else { value(*byte)? };
            buffer = (buffer << bits | value) & 0xFFFF;
            held += bits;
            if held >= 8 {
                held -= 8;
                bytes.push((buffer >> held & 0xFF) as u8);
            }
        }
        Some(bytes)
    }

    /// The digits of bytes, in the case and with the padding of the run that they replace.
    pub(super) fn encode(self, bytes: &[u8], replaced: &str) -> String {
        let text = match self {
            Self::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Self::Base32 => base32(bytes, replaced.ends_with('=')),
        };
        match replaced.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => text.to_ascii_uppercase(),
            false => text.to_ascii_lowercase(),
        }
    }
}

/// The base32 of bytes, in upper case.
pub(super) fn base32(bytes: &[u8], is_padded: bool) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let group = chunk.iter().enumerate().fold(0u64, |group, (at, byte)| group | u64::from(*byte) << (32 - 8 * at));
        for at in 0..(chunk.len() * 8).div_ceil(5) {
            text.push(char::from(BASE32[(group >> (35 - 5 * at) & 31) as usize]));
        }
        while is_padded && !text.len().is_multiple_of(8) {
            text.push('=');
        }
    }
    text
}

/// The value of a digit of base32, in either case.
fn value(byte: u8) -> Option<u32> {
    match byte.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(u32::from(letter - b'A')),
        digit @ b'2'..=b'7' => Some(u32::from(digit - b'2') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_and_encoded_again() {
        for length in 10..30 {
            let text = "joe@corp.example and others here".as_bytes()[..length].to_vec();
            for encoded in [base32(&text, true), base32(&text, false), base32(&text, true).to_lowercase()] {
                let found = runs(encoded.as_bytes());
                let (_, run) = found.iter().find(|(digits, _)| *digits == Digits::Base32).unwrap_or_else(|| panic!("{encoded}"));
                assert_eq!(run, &(0..encoded.len()));
                assert_eq!(Digits::Base32.decode(encoded.as_bytes()), Some(text.clone()), "{encoded}");
                assert_eq!(Digits::Base32.encode(&text, &encoded), encoded);
            }
            let encoded: String = text.iter().map(|byte| format!("{byte:02X}")).collect();
            assert!(runs(encoded.as_bytes()).contains(&(Digits::Hex, 0..encoded.len())));
            assert_eq!(Digits::Hex.decode(encoded.as_bytes()), Some(text.clone()));
            assert_eq!(Digits::Hex.encode(&text, &encoded), encoded);
        }
        assert!(runs(b"a word, ANOTHERWORD, 12345678 and 9d8c").is_empty());
    }
}
