//! Secret links: segments of paths after a secret name, or after a word for a link that is secret, such as `/reset/…` and `/share/…`.

use std::ops::Range;

use super::Masker;
use super::count::Kind;
use super::detect::Found;
use super::names::Place;
use super::random::{is_random, is_short_token, is_uuid};

/// Words for links that are secret. They are words of a segment: `/reset-password/…`.
const LINKS: [&str; 25] = [
    "reset",
    "verify",
    "verification",
    "activate",
    "activation",
    "magic",
    "invite",
    "invitation",
    "invitations",
    "unsubscribe",
    "confirm",
    "confirmation",
    "share",
    "shared",
    "sharing",
    "join",
    "claim",
    "recover",
    "recovery",
    "guest",
    "accept",
    "autologin",
    "presigned",
    "optout",
    "onetime",
];
/// Words for links that have a UUID instead of a resource.
const WITH_UUID: [&str; 8] = ["reset", "magic", "recover", "unsubscribe", "confirm", "activate", "share", "shared"];
/// Whole segments before the token of a shared file.
const SHARES: [&str; 2] = ["s", "sh"];
/// The fewest characters of a value that is secret.
pub(super) const SHORTEST: usize = 6;
/// The fewest characters of a value that a number may be before.
const LONG: usize = 16;
/// The most characters of a segment before it.
const LONGEST_WORD: usize = 48;

impl Masker {
    /// Segments of paths after a secret name or a word for a secret link. They keep their shape, because they are validated. Each byte is read once.
    pub(super) fn segments(&self, text: &str, out: &mut Found) {
        let is_end =
            |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b';' | b',' | b'\\');
        let bytes = text.as_bytes();
        // The last two segments of the path.
        let mut before: [Option<Range<usize>>; 2] = [None, None];
        let mut at = 0;
        while let Some(slash) = memchr::memchr(b'/', &bytes[at..]).map(|offset| at + offset) {
            if slash != at {
                before = [None, None];
            }
            let start = slash + 1;
            let end = start + bytes[start..].iter().position(|byte| is_end(*byte)).unwrap_or(bytes.len() - start);
            if end - start >= SHORTEST && self.is_link(text, &before, &text[start..end]) {
                out.add_secret(start..end, self.secret(&text[start..end]), Kind::Parameter);
            }
            let word = (start < end).then_some(start..end);
            before = [before[1].take(), word];
            at = end;
        }
    }

    fn is_link(&self, text: &str, before: &[Option<Range<usize>>; 2], value: &str) -> bool {
        let word = |index: usize| before[index].clone().map(|range| &text[range]).filter(|word| word.len() <= LONGEST_WORD);
        let has =
            |word: &str, words: &[&str]| word.split(['-', '_', '.']).any(|part| words.iter().any(|one| part.eq_ignore_ascii_case(one)));
        let Some(last) = word(1) else { return false };
        // `/reset/42/…`
        let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
        let first = word(0).filter(|_| is_number || (last.len() < LONG && value.len() >= LONG));
        if is_uuid(value) {
            return has(last, &WITH_UUID);
        }
        if !is_random(value) && !is_short_token(value) {
            return false;
        }
        let is_named = has(last, &LINKS) || first.is_some_and(|first| has(first, &LINKS[..12])) || SHARES.contains(&last);
        let reach = |word: &str| self.names.reach(word, Place::Parameter).filter(|reach| value.len() >= LONG || reach.is_certain());
        is_named || reach(last).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_masker;

    #[test]
    fn secret_links_are_masked_and_other_segments_stay() {
        let masker = test_masker();
        for word in ["share", "reset-password", "token", "reset/42", "Accept", "s"] {
            let url = format!("https://a.example/x/{word}/Zq001vK8x001Wm2p?y=1");
            let masked = masker.text(&url).into_owned();
            assert!(!masked.contains("Zq001") && masked.starts_with("https://a.example/x/") && masked.ends_with("?y=1"), "{masked}");
            assert_eq!(masker.text(&masked), masked);
        }
        for (word, token) in [
            ("share", "aB3dE5fG7h"),
            ("s", "8HqLk2TzPq9wXbN"),
            ("join", "K7xQ2m"),
            ("reset/42", "a1b2c3d4"),
            ("invite", "X7K2-9QPL"),
            ("token", "V1StGXR8_Z"),
        ] {
            let path = format!("/x/{word}/{token}/view");
            let masked = masker.text(&path).into_owned();
            assert!(!masked.contains(token) && masked.starts_with(&format!("/x/{word}/")) && masked.ends_with("/view"), "{masked}");
            assert_eq!(masker.text(&masked), masked);
        }
        for path in ["/shares/Zq001vK8x001Wm2p", "/orders/Zq001vK8x001Wm2p", "/share/how-to-share-in-2026", "/share /Zq001vK8x001Wm2p"] {
            assert_eq!(masker.text(path), path);
        }
    }
}
