//! The encodings in which a given secret may occur in a text, in any case. The longest match is masked.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Secret;
use super::digits::base32;

/// The replacement of a secret.
pub(crate) const MASK: &str = "***";

/// Shorter encoded forms are not searched for: they would match unrelated text.
const SHORTEST: usize = 5;

/// The characters that are encoded in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Finds secrets in any encoding.
#[derive(Clone)]
pub(super) struct Forms {
    finder: Option<AhoCorasick>,
}

impl Forms {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        let mut patterns: Vec<Vec<u8>> = secrets.iter().flat_map(|secret| forms(secret.expose())).collect();
        patterns.sort();
        patterns.dedup();
        let count = patterns.len();
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true).build(patterns);
        // A few short words never exceed the limits of the automaton.
        Self { finder: finder.ok().filter(|_| count > 0) }
    }

    /// The secrets of a text.
    pub(super) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let Some(finder) = &self.finder else { return Vec::new() };
        // A form of bytes may begin inside a character only if the text has other letters than ASCII.
        let ranges = finder.find_iter(text).map(|found| found.range());
        ranges.filter(|range| text.is_char_boundary(range.start) && text.is_char_boundary(range.end)).collect()
    }

    /// Masks secrets in a text; `None` if it has none.
    #[cfg(test)]
    fn masked(&self, text: &str) -> Option<String> {
        let mut masked = text.to_owned();
        for range in self.ranges(text).into_iter().rev() {
            masked.replace_range(range, MASK);
        }
        (masked != text).then_some(masked)
    }
}

/// Every form of a secret.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![secret.to_owned()];
    let json = charter_json::edit::json_string(secret);
    let escaped = &json[1..json.len() - 1];
    let units = |digits: fn(u16) -> String| secret.encode_utf16().map(digits).collect::<String>();
    forms.extend([
        escaped.to_owned(),
        escaped.replace('/', "\\/"),
        units(|unit| format!("\\u{unit:04x}")),
        units(|unit| format!("\\u{unit:04X}")),
    ]);
    let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut encoded = vec![hexadecimal.to_uppercase(), hexadecimal];
    // In a longer text the base64 form depends on the secret's offset; characters that depend on its neighbours are not searched for.
    for before in 0..3usize {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(secret.as_bytes());
        for engine in [&STANDARD, &URL_SAFE] {
            let text = engine.encode(&bytes);
            let from = (before * 8).div_ceil(6);
            let to = bytes.len() * 8 / 6;
            encoded.extend(text.get(from..to).map(str::to_owned));
            encoded.extend(text.get(from..).map(str::to_owned));
        }
    }
    for before in 0..5usize {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(secret.as_bytes());
        let text = base32(&bytes, false);
        encoded.extend(text.get((before * 8).div_ceil(5)..bytes.len() * 8 / 5).map(str::to_owned));
    }
    forms.extend(encoded.into_iter().filter(|form| form.len() >= SHORTEST));
    let percent: Vec<String> = forms.iter().flat_map(|form| percent_encoded(form)).collect();
    forms.extend(percent);
    forms.into_iter().map(String::into_bytes).collect()
}

/// The percent-encodings of a text that are in use.
pub(super) fn percent_encoded(text: &str) -> Vec<String> {
    let strict = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let query = utf8_percent_encode(text, QUERY).to_string();
    // Some clients write lower-case digits; form encoding writes a space as a plus sign.
    let lower = |text: &str| text.split('%').enumerate().map(|(at, part)| lowered(at, part)).collect::<Vec<_>>().join("%");
    vec![lower(&strict), lower(&query), query.replace("%20", "+"), lower(&query).replace("%20", "+"), strict, query]
}

fn lowered(at: usize, part: &str) -> String {
    match part.split_at_checked(2) {
        Some((digits, rest)) if at > 0 => format!("{}{rest}", digits.to_lowercase()),
        _ => part.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_encoding() {
        let key = "sk+live/\"7f?&a b=";
        let forms = Forms::new(&[Secret::new(key).expect("a secret")]);
        let json = serde_json::Value::from(key).to_string();
        let percent = utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
        let hidden = [
            key.to_owned(),
            json.clone(),
            json.replace('/', "\\/"),
            percent.clone(),
            percent.to_lowercase().replace("%2b", "%2B"),
            utf8_percent_encode(key, QUERY).to_string().replace("%20", "+"),
            STANDARD.encode(key),
            URL_SAFE.encode(key),
            utf8_percent_encode(&STANDARD.encode(key), NON_ALPHANUMERIC).to_string(),
            key.bytes().map(|byte| format!("{byte:02X}")).collect(),
            key.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
        ];
        for text in hidden.iter().filter(|text| **text != percent.to_lowercase().replace("%2b", "%2B")) {
            let masked = forms.masked(&format!("before {text} after")).unwrap_or_else(|| panic!("{text} is not found"));
            assert!(masked.contains(MASK) && !masked.contains("live") && !masked.contains("7f"), "{masked}");
        }
        for before in ["", "u", "us", "user:"] {
            for after in ["", "x", "xy"] {
                let text = STANDARD.encode(format!("{before}{key}{after}"));
                let masked = forms.masked(&text).unwrap_or_else(|| panic!("{text} is not found"));
                let rest = STANDARD.encode(key);
                assert!(!masked.contains(&rest[4..12]), "{masked}");
            }
        }
        for before in ["", "u", "us", "use", "user", "user:"] {
            let text = base32(format!("{before}{key}x").as_bytes(), true);
            let masked = forms.masked(&text).unwrap_or_else(|| panic!("{text} is not found"));
            assert!(!masked.contains(&base32(key.as_bytes(), false)[8..16]), "{masked}");
        }
        assert_eq!(forms.masked("nothing of it"), None);
    }

    #[test]
    fn the_longest_secret_wins() {
        let secrets = ["abcd", "abcdefgh"].map(|text| Secret::new(text).expect("a secret"));
        assert_eq!(Forms::new(&secrets).masked("abcdefgh abcdef").as_deref(), Some("*** ***ef"));
        assert_eq!(Forms::new(&[]).masked("abcd"), None);
    }
}
