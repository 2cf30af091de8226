//! Values that look random, as keys and session ids do. Names such as `key` and `signature` are secret only with such a value.

/// The fewest characters of a value that is not a UUID.
const SHORTEST: usize = 16;
/// Longer values are documents, not keys.
const LONGEST: usize = 8192;
/// The fewest letters and digits in a row.
const RUN: usize = 10;

/// The fewest characters of the token of a link, and of one without all kinds of characters.
const SHORTEST_TOKEN: usize = 6;
const SAFE_TOKEN: usize = 8;

/// The most equals signs and colons.
const MOST_SIGNS: usize = 8;

/// The kind of a letter or a digit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
}

impl Class {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            b'a'..=b'z' => Some(Self::Lower),
            b'A'..=b'Z' => Some(Self::Upper),
            b'0'..=b'9' => Some(Self::Digit),
            _ => None,
        }
    }
}

/// Whether a value has no white space, at least 16 characters, and letters and digits in an order that words, versions, dates and paths do
/// not have. A UUID does not count.
pub(super) fn is_random(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'{' | b'}' | b'(' | b')');
    if !(SHORTEST..=LONGEST).contains(&bytes.len()) {
        return false;
    }
    // Several assignments are not one key. The search stops early, because each name of a long text may have the rest of the text as its value.
    if bytes.iter().filter(|byte| matches!(byte, b'=' | b':')).nth(MOST_SIGNS).is_some() {
        return false;
    }
    if !bytes.iter().all(is_part) || text.contains("://") || is_uuid(text) {
        return false;
    }
    let classes: Vec<Option<Class>> = bytes.iter().map(|byte| Class::of(*byte)).collect();
    let is_joined = classes.split(Option::is_none).any(|run| run.len() >= RUN) || has_equal_groups(text);
    if !is_joined {
        return false;
    }
    let classes: Vec<Class> = classes.into_iter().flatten().collect();
    let digits = classes.iter().filter(|class| **class == Class::Digit).count();
    // A capital letter before a small one begins a word.
    let changes = |wanted: fn(Class, Class) -> bool| classes.windows(2).filter(|pair| wanted(pair[0], pair[1])).count();
    let of_digits = changes(|first, second| (first == Class::Digit) != (second == Class::Digit));
    let capitals = changes(|first, second| first == Class::Lower && second == Class::Upper);
    let pairs = changes(|first, second| first == Class::Upper && second == Class::Upper);
    match digits {
        // Names in camel case have few capital letters in a row, and longer words.
        0 | 1 => capitals >= 3 && (pairs >= 2 || capitals * 5 >= classes.len() * 2),
        _ => of_digits >= 3 && (of_digits + capitals) * 5 >= classes.len(),
    }
}

/// Whether a value that is too short for [`is_random`] has letters and digits in an order that words, names in camel case and versions do not have, as
/// the tokens of links have: `aB3dE5fG7h`.
pub(super) fn is_short_token(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !(SHORTEST_TOKEN..SHORTEST).contains(&bytes.len())
        || !bytes.iter().all(|byte| Class::of(*byte).is_some() || matches!(byte, b'-' | b'_'))
    {
        return false;
    }
    let classes: Vec<Class> = bytes.iter().filter_map(|byte| Class::of(*byte)).collect();
    let has = |wanted: Class| classes.contains(&wanted);
    // A capital letter before a small one begins a word.
    let changes = classes.windows(2).filter(|pair| pair[0] != pair[1] && (pair[0], pair[1]) != (Class::Upper, Class::Lower)).count();
    let is_mixed = match text.len() {
        ..SAFE_TOKEN => has(Class::Lower) && has(Class::Upper) && has(Class::Digit) && changes * 2 >= text.len(),
        _ => changes >= 3 && changes * 4 >= text.len(),
    };
    is_mixed && !has_word(text)
}

/// The fewest letters of a word that makes a text no token.
const WORD: usize = 4;

/// Whether a text has four letters in a row that can be a part of a word: in lower case after the first, or all in upper case, with a vowel before the last.
fn has_word(text: &str) -> bool {
    let is_vowel = |byte: &u8| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let continues = |before: u8, after: u8| {
        before.is_ascii_alphabetic() && (after.is_ascii_lowercase() || before.is_ascii_uppercase() && after.is_ascii_uppercase())
    };
    text.as_bytes().windows(WORD).any(|part| {
        part[0].is_ascii_alphabetic()
            && part.windows(2).all(|pair| continues(pair[0], pair[1]))
            && part[..WORD - 1].iter().any(is_vowel)
            && !part.iter().all(is_vowel)
    })
}

/// Whether a text is a UUID, or 32 hexadecimal digits in another grouping.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Whether a text is in at least three groups of the same length, such as a license key.
fn has_equal_groups(text: &str) -> bool {
    let mut groups = text.split('-').map(str::len);
    let first = groups.next().unwrap_or_default();
    (4..=8).contains(&first) && text.matches('-').count() >= 2 && groups.all(|length| length == first)
}

/// Whether a text consists of words: it has no digits, and no other characters than those between words.
pub(super) fn is_words(text: &str) -> bool {
    text.chars().all(|character| character.is_alphabetic() || matches!(character, '_' | '-' | '.' | ' ' | ':' | ','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_distinguished_from_words_versions_dates_and_paths() {
        for text in [
            "Zq001vK8x001Wm2p",
            "9f86d081884c7d659a2feaa0c55ad015",
            "aB3d/eF5g+hI7jKlMnOpQrStUv==",
            "qXvYbTfGhJkLMnpQ",
            "A1B2C-3D4E5-F6G7H-8I9J0",
            "$2b$12$KIXQh1Zr9eYw8rT1s0uVbO",
            "fQ3x%2Fz9Kw7Lm2Pq1",
        ] {
            assert!(is_random(text), "{text}");
        }
        for text in ["aB3dE5fG7h", "K7xQ2m", "a1b2c3d4", "X7K2-9QPL", "V1StGXR8_Z", "8HqLk2TzPq9wXbN", "kQmXv3bZpL"] {
            assert!(is_short_token(text), "{text}");
        }
        for text in [
            "report",
            "team-42",
            "user1234",
            "2024Q3Report",
            "iPhone13ProMax",
            "myAppV2",
            "getUserById",
            "2026-07-14",
            "1234567890",
            "step-1-of-3",
            "sha256rsa4096",
            "IMG_20410",
            "v1-2-3",
            "en-US",
            "utf8mb4",
            "toDoListV2",
            "mp3-320kbps",
            "order-7x9k2",
        ] {
            assert!(!is_short_token(text), "{text}");
        }
        for text in [
            "color",
            "order-2026-07-14-report-v2",
            "v1.2.3-build.45-x86_64",
            "2026-07-14T09:12:31.204Z",
            "20260714T091231Z",
            "getUserByIdOrNameV2",
            "HTTPServerURLParser",
            "photos/2026/07/image-001.jpg",
            "correct-horse-battery-staple",
            "1234567890123456789",
            "0b3c7a52-88c1-4d0e-9a8b-0f1e2d3c4b5a",
            "https://api.example/a1b2c3d4e5f6",
            "Zq81 vK8x Wm2p 77aB",
            "invalid_grant_12",
            "user.profile.settings.theme2",
        ] {
            assert!(!is_random(text), "{text}");
        }
    }
}
