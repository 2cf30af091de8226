//! Values of the same shape: each letter and digit is replaced by one of its kind, and every other character stays.
//!
//! A replaced value has check characters, which are computed from its other characters without a secret. So a value that was replaced
//! before is recognised, and masking twice changes nothing. A value with few letters and digits has no room for check characters: its
//! letters become the rare ones of `jqvwxz`. With less than three letters, letters become `x` and digits `0`.

use sha2::{Digest, Sha256};

/// The kind of a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    LowerHex,
    UpperHex,
    Digit,
}

impl Class {
    fn of(character: char, is_hex: bool) -> Option<Self> {
        Some(match character {
            '0'..='9' => Self::Digit,
            'a'..='z' if is_hex => Self::LowerHex,
            'A'..='Z' if is_hex => Self::UpperHex,
            'a'..='z' => Self::Lower,
            'A'..='Z' => Self::Upper,
            other if other.is_ascii() => return None,
            other if other.is_uppercase() => Self::Upper,
            other if other.is_alphanumeric() => Self::Lower,
            _ => return None,
        })
    }

    /// The first character and the number of characters.
    fn alphabet(self) -> (u8, u8) {
        match self {
            Self::Lower => (b'a', 26),
            Self::Upper => (b'A', 26),
            Self::LowerHex => (b'a', 6),
            Self::UpperHex => (b'A', 6),
            Self::Digit => (b'0', 10),
        }
    }

    fn pick(self, byte: u8) -> char {
        let (first, count) = self.alphabet();
        char::from(first + byte % count)
    }

    /// The replacement in a short value with some letters.
    fn rare(self, byte: u8) -> char {
        let letters = match self {
            Self::Lower => b"jqvwxz",
            Self::Upper => b"JQVWXZ",
            other => return other.pick(byte),
        };
        char::from(letters[usize::from(byte) % letters.len()])
    }

    /// The replacement in a value without check characters and with few letters.
    fn constant(self) -> char {
        match self {
            Self::Lower => 'x',
            Self::Upper => 'X',
            Self::LowerHex => 'a',
            Self::UpperHex => 'A',
            Self::Digit => '0',
        }
    }
}

/// How many characters a value must have to get check characters, and how many it gets.
#[derive(Clone, Copy)]
pub(super) struct Strength {
    /// Letters and digits of a value with letters.
    pub(super) mixed: usize,
    /// Letters and digits of a value of digits, or of hexadecimal digits.
    pub(super) digits: usize,
}

/// A secret that looks like a replaced value is not masked. The chance is below one in 400,000.
pub(super) const SECRET: Strength = Strength { mixed: 8, digits: 12 };
/// Personal data is shorter, and its values should stay different.
pub(super) const PERSONAL: Strength = Strength { mixed: 6, digits: 2 };

/// The fewest letters of a short value that get rare letters.
const RARE: usize = 3;
/// The most check characters of a value.
const MAX_CHECKS: usize = 8;

/// The most attempts to find a value that is recognised. Nearly every attempt succeeds.
const TRIES: usize = 50;

/// An endless sequence of bytes, computed from a seed.
pub(super) struct Stream {
    block: [u8; 32],
    at: usize,
}

impl Stream {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self { block: seed, at: 0 }
    }

    pub(super) fn next(&mut self) -> u8 {
        if self.at == self.block.len() {
            self.block = Sha256::digest(self.block).into();
            self.at = 0;
        }
        self.at += 1;
        self.block[self.at - 1]
    }
}

/// The characters of a value that are replaced.
struct Plan {
    characters: Vec<char>,
    /// The index and class of each character that is replaced.
    places: Vec<(usize, Class)>,
    checks: usize,
}

impl Plan {
    /// `from` is the byte at which the part that is replaced begins.
    fn new(value: &str, from: usize, strength: Strength) -> Self {
        let (before, part) = value.split_at(from);
        let is_uuid = is_uuid(part);
        let is_hex = is_uuid
            || (part.chars().all(|character| character.is_ascii_hexdigit() || character == '-')
                && part.contains(|character: char| character.is_ascii_digit())
                && part.len() >= 8);
        let mut characters: Vec<char> = value.chars().collect();
        let start = before.chars().count();
        // The last character before the padding of base64 has bits that must be zero.
        if part.ends_with('=')
            && let Some(last) = characters.iter_mut().skip(start).rfind(|character| character.is_ascii_alphanumeric())
        {
            *last = 'A';
        }
        let padded = characters.iter().rposition(|character| character.is_ascii_alphanumeric()).filter(|_| part.ends_with('='));
        let places: Vec<(usize, Class)> = characters
            .iter()
            .enumerate()
            .skip(start)
            // The version and the variant of a UUID.
            .filter(|(index, _)| !(is_uuid && matches!(index - start, 14 | 19)) && Some(*index) != padded)
            .filter_map(|(index, character)| Some((index, Class::of(*character, is_hex)?)))
            .collect();
        let is_mixed = places.iter().any(|(_, class)| matches!(class, Class::Lower | Class::Upper));
        let least = if is_mixed { strength.mixed } else { strength.digits };
        let checks = if places.len() >= least { (places.len() / 2).min(MAX_CHECKS) } else { 0 };
        Self { characters, places, checks }
    }

    /// Writes the check characters.
    fn check(&mut self) {
        let from = self.places.len() - self.checks;
        let mut hash = Sha256::new().chain_update("charter-mask");
        for (index, _) in &self.places[..from] {
            hash.update(u32::from(self.characters[*index]).to_le_bytes());
        }
        let mut stream = Stream::new(hash.finalize().into());
        for (index, class) in &self.places[from..] {
            self.characters[*index] = class.pick(stream.next());
        }
    }

    /// Whether a short value has enough letters for rare ones.
    fn has_letters(&self) -> bool {
        self.places.iter().filter(|(_, class)| matches!(class, Class::Lower | Class::Upper)).count() >= RARE
    }

    /// Whether every letter is rare.
    fn is_rare(&self) -> bool {
        let mut letters = self.places.iter().filter(|(_, class)| matches!(class, Class::Lower | Class::Upper));
        letters.all(|(index, _)| matches!(self.characters[*index].to_ascii_lowercase(), 'j' | 'q' | 'v' | 'w' | 'x' | 'z'))
    }

    /// Whether every replaced character is that of a value with few letters.
    fn is_constant(&self) -> bool {
        self.places.iter().all(|(index, class)| self.characters[*index] == class.constant())
    }

    fn fill(&mut self, stream: &mut Stream) -> String {
        if self.checks == 0 && self.has_letters() {
            for (index, class) in &self.places {
                self.characters[*index] = class.rare(stream.next());
            }
        } else if self.checks == 0 {
            for (index, class) in &self.places {
                self.characters[*index] = class.constant();
            }
        } else {
            for (index, class) in &self.places[..self.places.len() - self.checks] {
                self.characters[*index] = class.pick(stream.next());
            }
            self.check();
        }
        self.characters.iter().collect()
    }
}

/// Replaces the letters and digits from byte `from` on. A value that was replaced before is returned unchanged.
pub(super) fn shaped(value: &str, from: usize, strength: Strength, stream: &mut Stream) -> String {
    let mut plan = Plan::new(value, from, strength);
    if plan.places.is_empty() {
        // Only punctuation: it is the value.
        let rest = value[from..].chars().map(|character| if character.is_whitespace() { character } else { '*' });
        return value[..from].chars().chain(rest).collect();
    }
    if is_shaped(value, from, strength) {
        return value.to_owned();
    }
    // Random letters can all be hexadecimal digits, so that the new value is of another kind and not recognised.
    for _ in 0..TRIES {
        let masked = plan.fill(stream);
        if is_shaped(&masked, from, strength) || Plan::new(&masked, from, strength).is_constant() {
            return masked;
        }
    }
    plan.fill(stream)
}

/// Whether a value was replaced before.
fn is_shaped(value: &str, from: usize, strength: Strength) -> bool {
    let mut plan = Plan::new(value, from, strength);
    if plan.checks == 0 {
        return plan.has_letters() && plan.is_rare();
    }
    plan.check();
    plan.characters.iter().copied().eq(value.chars())
}

/// Whether a text is a UUID.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Replaces each digit of a number except zeros, so that an integer stays an integer and no number gets a leading zero. Digits of the
/// exponent stay. A number with few digits gets ones; another one has check digits.
pub(super) fn digits(written: &str, least: usize, stream: &mut Stream) -> String {
    let end = written.find(['e', 'E']).unwrap_or(written.len());
    let mut bytes = written.as_bytes().to_vec();
    let places: Vec<usize> = (0..end).filter(|at| matches!(bytes[*at], b'1'..=b'9')).collect();
    let checks = if places.len() >= least { places.len() / 2 } else { 0 };
    for at in &places[..places.len() - checks] {
        bytes[*at] = if checks == 0 { b'1' } else { b'1' + stream.next() % 9 };
    }
    check_digits(&mut bytes, &places, checks);
    String::from_utf8(bytes).unwrap_or_else(|_| written.to_owned())
}

/// Whether a number has check digits, or only ones.
pub(super) fn has_check_digits(written: &str, least: usize) -> bool {
    let end = written.find(['e', 'E']).unwrap_or(written.len());
    let mut bytes = written.as_bytes().to_vec();
    let places: Vec<usize> = (0..end).filter(|at| matches!(bytes[*at], b'1'..=b'9')).collect();
    if places.len() < least {
        return places.iter().all(|at| bytes[*at] == b'1');
    }
    check_digits(&mut bytes, &places, places.len() / 2);
    bytes == written.as_bytes()
}

fn check_digits(bytes: &mut [u8], places: &[usize], checks: usize) {
    let from = places.len() - checks;
    let mut hash = Sha256::new().chain_update("charter-mask");
    places[..from].iter().for_each(|at| hash.update([bytes[*at]]));
    let mut stream = Stream::new(hash.finalize().into());
    for at in &places[from..] {
        bytes[*at] = b'1' + stream.next() % 9;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(seed: u8) -> Stream {
        Stream::new([seed; 32])
    }

    #[test]
    fn a_replaced_value_has_the_same_shape_and_is_recognised() {
        for (value, from) in [
            ("correct-Horse-7", 0),
            ("abc_0123456789abcdef", 4),
            ("0b3c7a52-88c1-4d0e-9a8b-0f1e2d3c4b5a", 0),
            ("dXNlcjpwYXNzd29yZA==", 0),
            ("Jürgen Müller", 0),
        ] {
            let masked = shaped(value, from, SECRET, &mut stream(1));
            assert_ne!(masked, value);
            assert_eq!(masked.chars().count(), value.chars().count(), "{masked}");
            assert!(masked.starts_with(&value[..from]), "{masked}");
            assert_eq!(shaped(&masked, from, SECRET, &mut stream(2)), masked, "masking twice changes nothing");
            assert_ne!(shaped(value, from, SECRET, &mut stream(2)), masked);
        }
        assert_eq!(shaped("ab34!", 0, SECRET, &mut stream(1)), "xx00!");
        let short = shaped("Hunt3r!", 0, SECRET, &mut stream(1));
        assert!(short.len() == 7 && short.ends_with('!') && "JQVWXZ".contains(&short[..1]), "{short}");
        assert_eq!(shaped(&short, 0, SECRET, &mut stream(2)), short);
        assert_ne!(shaped("Hunt4r!", 0, SECRET, &mut stream(2)), short);
        assert_eq!(shaped("$!?#", 0, SECRET, &mut stream(1)), "****");
        let uuid = shaped("0b3c7a52-88c1-4d0e-9a8b-0f1e2d3c4b5a", 0, SECRET, &mut stream(1));
        assert!(is_uuid(&uuid) && &uuid[14..15] == "4" && &uuid[19..20] == "9", "{uuid}");
    }

    #[test]
    fn a_replaced_number_is_recognised() {
        for written in ["4711", "-20.50", "123456789", "1234567.25e-3"] {
            let masked = digits(written, 6, &mut stream(1));
            assert!(has_check_digits(&masked, 6) && masked.len() == written.len(), "{masked}");
        }
        assert!(!has_check_digits("4711", 6) && !has_check_digits("123456789", 6));
    }
}
