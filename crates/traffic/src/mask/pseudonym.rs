//! Pseudonyms of personal data: values of the same type and format, equal for equal values.
//!
//! A random salt, new in every run, prevents guessing values and verifying them. Synthetic data can use a fixed salt.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};

/// The domain of every masked address. The top-level domain is reserved, RFC 2606.
const DOMAIN: &str = "masked.invalid";

/// The maximum number of attempts to find digits that a double rounds. Nearly every attempt succeeds.
const TRIES: usize = 200;

static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)[a-z0-9.!#$&'*+/=?^_`{|}~-]+(@|%40)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+").ok()
});
static UUID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$").ok());

/// Makes pseudonyms.
#[derive(Clone)]
pub(super) struct Pseudonyms {
    salt: [u8; 32],
}

impl Pseudonyms {
    pub(super) fn new() -> Self {
        // The standard library's hashers are keyed by the system's randomness; four of them fill a salt.
        let mut salt = Sha256::new();
        for _ in 0..4 {
            salt.update(RandomState::new().build_hasher().finish().to_le_bytes());
        }
        Self { salt: salt.finalize().into() }
    }

    /// Pseudonyms that are equal in every run.
    pub(super) fn salted(salt: u64) -> Self {
        Self { salt: Sha256::digest(salt.to_le_bytes()).into() }
    }

    fn digest(&self, value: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.salt).chain_update(value.as_bytes()).finalize().into()
    }

    /// A text of the same format.
    pub(super) fn text(&self, value: &str) -> String {
        if is_email(value) {
            return self.email(value);
        }
        let digest = self.digest(value);
        if value.parse::<jiff::Timestamp>().is_ok() {
            return instant(&digest);
        }
        if value.parse::<jiff::civil::Date>().is_ok() && value.len() == 10 {
            return instant(&digest)[..10].to_owned();
        }
        let hexadecimal = UUID.as_ref().is_some_and(|uuid| uuid.is_match(value));
        self.shaped(value, hexadecimal)
    }

    /// A text with characters of the same kinds in the same order.
    fn shaped(&self, value: &str, hexadecimal: bool) -> String {
        let mut source = self.stream(value);
        let mut pick = |first: u8, count: u8| char::from(first + source() % count);
        let shaped = value.chars().map(|character| match character {
            'a'..='f' | 'A'..='F' if hexadecimal => pick(if character.is_uppercase() { b'A' } else { b'a' }, 6),
            'a'..='z' => pick(b'a', 26),
            'A'..='Z' => pick(b'A', 26),
            '0'..='9' => pick(b'0', 10),
            other if other.is_ascii() => other,
            other if other.is_uppercase() => pick(b'A', 26),
            other if other.is_alphanumeric() => pick(b'a', 26),
            other => other,
        });
        shaped.collect()
    }

    /// A number with as many digits, an integer for an integer. It is rounded by a double exactly if the original is, so that both
    /// get the same findings.
    pub(super) fn number(&self, written: &str) -> String {
        let rounds = |text: &str| !charter_json::roundings(text.as_bytes()).is_empty();
        let mut source = self.stream(written);
        let mut masked = digits(written, &mut source);
        if rounds(written) {
            for _ in 0..TRIES {
                if rounds(&masked) {
                    break;
                }
                masked = digits(written, &mut source);
            }
        } else if rounds(&masked) {
            let double = masked.parse().ok().and_then(serde_json::Number::from_f64);
            return double.map_or(masked, |double| double.to_string());
        }
        masked
    }

    /// A masked e-mail address.
    fn email(&self, value: &str) -> String {
        if value.to_ascii_lowercase().ends_with(DOMAIN) {
            return value.to_owned();
        }
        let name: String = self.digest(value).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{name}@{DOMAIN}")
    }

    /// Masks every e-mail address of a text; `None` if it has none.
    pub(super) fn without_emails(&self, text: &str) -> Option<String> {
        if !text.contains('@') && !text.contains("%40") {
            return None;
        }
        let masked = EMAIL.as_ref()?.replace_all(text, |found: &regex::Captures<'_>| {
            let (whole, at) = (&found[0], &found[1]);
            self.email(&whole.replacen(at, "@", 1)).replacen('@', at, 1)
        });
        (masked != text).then(|| masked.into_owned())
    }

    /// An endless sequence of bytes, computed from the salt and the value.
    fn stream(&self, value: &str) -> impl FnMut() -> u8 {
        let (mut block, mut at) = (self.digest(value), 0);
        move || {
            if at == block.len() {
                block = Sha256::digest(block).into();
                at = 0;
            }
            at += 1;
            block[at - 1]
        }
    }
}

/// Replaces each digit except zeros. Zeros stay, so that an integer stays an integer and no number gets a leading zero.
fn digits(written: &str, source: &mut impl FnMut() -> u8) -> String {
    let mut exponent = false;
    let digits = written.chars().map(|character| {
        exponent |= matches!(character, 'e' | 'E');
        match character {
            '1'..='9' if !exponent => char::from(b'1' + source() % 9),
            other => other,
        }
    });
    digits.collect()
}

/// Whether the whole text is an address.
fn is_email(text: &str) -> bool {
    text.contains('@') && EMAIL.as_ref().and_then(|email| email.find(text)).is_some_and(|found| found.len() == text.len())
}

/// An instant between 1970 and 2038, to the second.
fn instant(digest: &[u8; 32]) -> String {
    let seconds = u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]) >> 1;
    jiff::Timestamp::from_second(i64::from(seconds)).map_or_else(|_| "1970-01-01T00:00:00Z".to_owned(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_has_the_format_of_what_it_stands_for() {
        let names = Pseudonyms::new();
        for value in ["ann@example.com", "0b3c7a52-88c1-4d0e-9a8b-0f1e2d3c4b5a", "2026-07-14T09:12:31.204Z", "2026-07-14", "Ann Example-7"]
        {
            let masked = names.text(value);
            assert_ne!(masked, value);
            assert_eq!(masked, names.text(value), "equal values stay equal");
            assert_ne!(masked, Pseudonyms::new().text(value), "another run gives another pseudonym");
        }
        assert!(names.text("ann@example.com").ends_with("@masked.invalid"));
        assert!(UUID.as_ref().expect("a pattern").is_match(&names.text("0b3c7a52-88c1-4d0e-9a8b-0f1e2d3c4b5a")));
        assert!(names.text("2026-07-14T09:12:31.204Z").parse::<jiff::Timestamp>().is_ok());
        assert!(names.text("2026-07-14").parse::<jiff::civil::Date>().is_ok());
        let name = names.text("Ann Example-7");
        assert!(name.len() == 13 && &name[3..4] == " " && &name[11..12] == "-", "{name}");
    }

    #[test]
    fn a_number_stays_one_of_its_kind() {
        let names = Pseudonyms::new();
        for written in ["4711", "-20.50", "0.5", "12.0", "1e9", "0"] {
            let masked = names.number(written);
            assert_eq!(masked.len(), written.len());
            let is_whole = |text: &str| text.parse::<f64>().is_ok_and(|number| number.fract() == 0.0);
            assert_eq!(is_whole(&masked), is_whole(written), "{masked}");
            assert!(serde_json::from_str::<serde_json::Value>(&masked).is_ok_and(|value| value.is_number()), "{masked}");
        }
        for written in ["0.1820462186898254", "123456789.12345678", "18446744073709551615"] {
            let masked = names.number(written);
            assert!(charter_json::roundings(masked.as_bytes()).is_empty(), "{masked}");
        }
        // Some numbers of twenty digits are below 2^64. A number above 2^64 must stay above it with every salt.
        for _ in 0..50 {
            let masked = Pseudonyms::new().number("18446744073709551617");
            assert!(!charter_json::roundings(masked.as_bytes()).is_empty(), "{masked}");
        }
    }

    #[test]
    fn addresses_are_found_inside_a_text() {
        let names = Pseudonyms::new();
        let masked = names.without_emails("mail Ann.O'x+y@mail.example.com, or q=bob%40example.org!").expect("addresses");
        assert!(!masked.contains("Ann") && !masked.contains("bob") && masked.matches("masked.invalid").count() == 2, "{masked}");
        assert_eq!(names.without_emails(&masked), None, "masked once is enough");
        assert_eq!(names.without_emails("at @ home, x@y"), None);
    }
}
