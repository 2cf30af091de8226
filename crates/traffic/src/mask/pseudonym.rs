//! Pseudonyms of personal data: values of the same type and format, equal for equal values.
//!
//! A random salt, new in every run, prevents guessing values and verifying them. Synthetic data can use a fixed salt.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use sha2::{Digest, Sha256};

use super::email::{DOMAIN, is_address};
use super::shape::{self, PERSONAL, SECRET, Stream};

/// The maximum number of attempts to find a value that fits: digits that a double rounds, a secret that is recognised. Nearly every attempt succeeds.
const TRIES: usize = 200;
/// The seconds of a day.
const DAY: u32 = 86_400;

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
        if is_address(value) {
            return match value.rsplit_once('@') {
                Some((_, domain)) if domain.eq_ignore_ascii_case(DOMAIN) => value.to_owned(),
                _ => format!("{}@{DOMAIN}", self.local_part(value)),
            };
        }
        if let Ok(at) = value.parse::<jiff::Timestamp>() {
            return if is_masked_instant(at) { value.to_owned() } else { instant(&self.digest(value)) };
        }
        if let Some(date) = value.parse::<jiff::civil::Date>().ok().filter(|_| value.len() == 10) {
            return if (date.month(), date.day()) == (2, 29) { value.to_owned() } else { leap_day(&self.digest(value)) };
        }
        shape::shaped(value, 0, PERSONAL, &mut self.stream(value))
    }

    /// A secret of the same format. The first `from` bytes stay, such as the public prefix of a key.
    ///
    /// `is_recognised` says whether masking the result again replaces the same part of it. It may not: a random value can begin with the
    /// public prefix of another key.
    pub(super) fn secret(&self, value: &str, from: usize, is_recognised: impl Fn(&str) -> bool) -> String {
        let mut source = self.stream(value);
        let mut masked = shape::shaped(value, from, SECRET, &mut source);
        for _ in 0..TRIES {
            if is_recognised(&masked) {
                break;
            }
            masked = shape::shaped(value, from, SECRET, &mut source);
        }
        masked
    }

    /// A number with as many digits, an integer for an integer. It is rounded by a double exactly if the original is, so that both
    /// get the same findings.
    pub(super) fn number(&self, written: &str) -> String {
        self.number_of(written, PERSONAL.digits)
    }

    /// A number that is a secret.
    pub(super) fn secret_number(&self, written: &str) -> String {
        self.number_of(written, SECRET.digits)
    }

    fn number_of(&self, written: &str, least: usize) -> String {
        if shape::has_check_digits(written, least) {
            return written.to_owned();
        }
        let rounds = |text: &str| !charter_json::roundings(text.as_bytes()).is_empty();
        let wanted = rounds(written);
        let mut source = self.stream(written);
        let mut masked = shape::digits(written, least, &mut source);
        for _ in 0..TRIES {
            if rounds(&masked) == wanted {
                return masked;
            }
            masked = shape::digits(written, least, &mut source);
        }
        // No attempt with many digits may be the value of a double.
        let double = masked.parse().ok().and_then(serde_json::Number::from_f64).filter(|_| !wanted);
        double.map_or(masked, |double| double.to_string())
    }

    /// The local part of a masked address.
    pub(super) fn local_part(&self, address: &str) -> String {
        self.digest(address).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// An endless sequence of bytes, computed from the salt and the value.
    fn stream(&self, value: &str) -> Stream {
        Stream::new(self.digest(value))
    }
}

/// The second of the day of masked instants of a day.
fn second_of(day: u32) -> u32 {
    let digest = Sha256::new().chain_update("charter-mask").chain_update(day.to_le_bytes()).finalize();
    u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]) % DAY
}

/// An instant between 1970 and 2038, to the second. Its day determines its time, so that it is recognised.
fn instant(digest: &[u8; 32]) -> String {
    let day = (u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]) >> 1) / DAY;
    let second = i64::from(day) * i64::from(DAY) + i64::from(second_of(day));
    jiff::Timestamp::from_second(second).map_or_else(|_| "1970-01-01T00:00:00Z".to_owned(), |at| at.to_string())
}

fn is_masked_instant(at: jiff::Timestamp) -> bool {
    let second = at.as_second();
    let day = u32::try_from(second / i64::from(DAY)).ok().filter(|_| second >= 0 && at.subsec_nanosecond() == 0);
    day.is_some_and(|day| second % i64::from(DAY) == i64::from(second_of(day)))
}

/// A leap day, so that it is recognised.
fn leap_day(digest: &[u8; 32]) -> String {
    format!("{}-02-29", 1904 + 4 * (u32::from(digest[0]) % 49))
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
            // A date has 49 pseudonyms, so that two runs may give the same one.
            assert!(value.len() == 10 || masked != Pseudonyms::new().text(value), "another run gives another pseudonym");
            assert_eq!(Pseudonyms::new().text(&masked), masked, "a pseudonym is recognised");
        }
        assert!(names.text("ann@example.com").ends_with("@masked.invalid"));
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
            assert_eq!((masked.len(), Pseudonyms::new().number(&masked)), (written.len(), masked.clone()));
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
}
