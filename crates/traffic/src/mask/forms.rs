//! The encodings in which a given secret may occur in a text, in any case, and their beginnings and ends. The longest match is masked.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::digits::base32;
use super::random::is_words;
use super::{Secret, key};

/// The replacement of a secret.
pub(crate) const MASK: &str = "***";

/// Shorter encoded forms are not searched for: they would match unrelated text.
const SHORTEST: usize = 5;

/// The fewest characters of a secret that are masked if the rest of it is missing.
const PART: usize = 12;
/// The fewest of them after a public prefix, and if they are words.
const PART_AFTER_PREFIX: usize = 4;
const PART_OF_WORDS: usize = 16;

/// The characters that are encoded in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Finds secrets in any encoding, also those that were cut off at their beginning or their end.
#[derive(Clone)]
pub(super) struct Forms {
    finder: Option<AhoCorasick>,
    /// What each pattern of the finder is.
    patterns: Arc<[Pattern]>,
    forms: Arc<[Vec<u8>]>,
}

/// A pattern that is searched for: a form, or a part of forms.
#[derive(Clone, Debug, Default)]
struct Pattern {
    /// The longer forms that begin with it, and those that end with it.
    beginnings: Vec<usize>,
    ends: Vec<usize>,
}

impl Forms {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        let mut patterns: BTreeMap<Vec<u8>, Pattern> = BTreeMap::new();
        let mut all = Vec::new();
        for secret in secrets.iter().map(Secret::expose) {
            let mut forms = forms(secret);
            forms.sort();
            forms.dedup();
            let beginnings = part(secret).map(|length| self::forms(&secret[..length])).unwrap_or_default();
            let ends = last_part(secret).map(|length| self::forms(&secret[secret.len() - length..])).unwrap_or_default();
            for form in forms {
                let is_part = |part: &&Vec<u8>| part.len() >= PART && part.len() < form.len();
                let beginning = beginnings.iter().filter(is_part).filter(|part| form.starts_with(part)).min_by_key(|part| part.len());
                if let Some(part) = beginning {
                    patterns.entry(part.to_ascii_lowercase()).or_default().beginnings.push(all.len());
                }
                let end = ends.iter().filter(is_part).filter(|part| form.ends_with(part)).min_by_key(|part| part.len());
                if let Some(part) = end {
                    patterns.entry(part.to_ascii_lowercase()).or_default().ends.push(all.len());
                }
                patterns.entry(form.to_ascii_lowercase()).or_default();
                all.push(form);
            }
        }
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true).build(patterns.keys());
        // A few short words never exceed the limits of the automaton.
        let finder = finder.ok().filter(|_| !patterns.is_empty());
        Self { finder, patterns: patterns.into_values().collect(), forms: all.into() }
    }

    /// The secrets of a text, in their order. They do not overlap.
    pub(super) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let Some(finder) = &self.finder else { return Vec::new() };
        let bytes = text.as_bytes();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for found in finder.find_iter(text) {
            let pattern = &self.patterns[found.pattern().as_usize()];
            let least = ranges.last().map_or(0, |last| last.end).min(found.start());
            let after = |form: &usize| equal(bytes[found.end()..].iter(), self.forms[*form][found.len()..].iter());
            let before = |form: &usize| {
                let form = &self.forms[*form];
                equal(bytes[least..found.start()].iter().rev(), form[..form.len() - found.len()].iter().rev())
            };
            let start = found.start() - pattern.ends.iter().map(before).max().unwrap_or_default();
            let end = found.end() + pattern.beginnings.iter().map(after).max().unwrap_or_default();
            // A form of bytes may begin inside a character only if the text has other letters than ASCII.
            if !text.is_char_boundary(start) || !text.is_char_boundary(end) {
                continue;
            }
            match ranges.last_mut() {
                Some(last) if start < last.end => last.end = last.end.max(end),
                _ => ranges.push(start..end),
            }
        }
        ranges
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

/// The number of equal bytes at the beginnings, in any case.
fn equal<'b>(text: impl Iterator<Item = &'b u8>, form: impl Iterator<Item = &'b u8>) -> usize {
    text.zip(form).take_while(|(byte, wanted)| byte.eq_ignore_ascii_case(wanted)).count()
}

/// The length of the beginning of a secret that is masked alone; `None` if the secret is too short. A scheme, a public prefix and words do not count,
/// because other texts have them too, and neither does a URL.
fn part(secret: &str) -> Option<usize> {
    let scheme = key::scheme(secret);
    let public = scheme + key::prefix(&secret[scheme..]);
    let least = if public > 0 { (public + PART_AFTER_PREFIX).max(PART) } else { PART };
    let is_words = secret.get(..least).is_none_or(is_words);
    let length = if is_words { least.max(PART_OF_WORDS) } else { least };
    Some(length).filter(|length| *length < secret.len() && !secret.contains("://"))
}

/// The length of the end of a secret that is masked alone.
fn last_part(secret: &str) -> Option<usize> {
    let is_words = secret.len().checked_sub(PART).is_none_or(|start| is_words(&secret[start..]));
    Some(if is_words { PART_OF_WORDS } else { PART }).filter(|length| *length < secret.len())
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
    fn the_beginning_and_the_end_of_a_secret_are_found_in_every_encoding() {
        let key = "kQ9+vT2/xW7=Lp4mZr8s?a";
        let forms = Forms::new(&[Secret::new(key).expect("a secret")]);
        for length in [12, 13, 16, 21] {
            for part in [&key[..length], &key[key.len() - length..]] {
                let encoded = [
                    part.to_owned(),
                    utf8_percent_encode(part, NON_ALPHANUMERIC).to_string(),
                    part.bytes().map(|byte| format!("{byte:02x}")).collect(),
                    part.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
                ];
                for text in encoded {
                    let masked = forms.masked(&format!("saw {text}… today")).unwrap_or_else(|| panic!("{text} is not found"));
                    assert_eq!(masked, format!("saw {MASK}… today"), "{text}");
                }
            }
            let masked = forms.masked(&STANDARD.encode(&key[..length])).expect("base64");
            assert!(masked.starts_with(MASK) && masked.len() < 8, "{masked}");
        }
        // Fewer characters, and others after the same beginning, are not the secret.
        for text in ["kQ9+vT2/xW7", "r8s?a", "saw kQ9+vT2/x_W7=Lp4mZr8"] {
            assert_eq!(forms.masked(text), None);
        }
        // A part, the whole, and another part.
        assert_eq!(forms.masked(&format!("{}{key}{}", &key[..14], &key[6..])).as_deref(), Some("*********"));
    }

    #[test]
    fn a_part_of_a_secret_that_other_texts_have_stays() {
        let secrets =
            ["Bearer Zq81vK8xWm2pQ7Lk", "https://ann:hunter22@db.example/x", "orders-of-the-company-a1b2c3d4", "sk_live_51H8x0aB3dE5"];
        let forms = Forms::new(&secrets.map(|text| Secret::new(text).expect("a secret")));
        for text in ["Bearer Zq8", "https://ann:other@db.example", "orders-of-the", "sk_live_51H"] {
            assert_eq!(forms.masked(text), None, "{text}");
        }
        for text in ["Bearer Zq81v", "orders-of-the-com", "sk_live_51H8"] {
            assert_eq!(forms.masked(text).as_deref(), Some(MASK), "{text}");
        }
    }

    #[test]
    fn the_longest_secret_wins() {
        let secrets = ["abcd", "abcdefgh"].map(|text| Secret::new(text).expect("a secret"));
        assert_eq!(Forms::new(&secrets).masked("abcdefgh abcdef").as_deref(), Some("*** ***ef"));
        assert_eq!(Forms::new(&[]).masked("abcd"), None);
    }
}
