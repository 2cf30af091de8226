//! Finds the secrets and addresses of a text, in the text itself and in its decoded views.

use std::ops::Range;

use super::count::Kind;
use super::email::{DOMAIN, addresses};
use super::encoded::{BASE64_DEPTH, BASE64_LENGTH};
use super::forms::MASK;
use super::known::Known;
use super::view::{View, each_view};
use super::{Masker, command, key, links};

/// The maximum number of times a text is searched. The second search finds nothing, unless findings overlap.
const PASSES: usize = 6;

/// What is known of a text.
#[derive(Clone, Copy, Default)]
pub(super) struct Context {
    /// Whether the text is a form body. Its values keep their shape, because they are validated; those of a URL become `***`.
    pub(super) is_form: bool,
    /// The number of encodings in base64 or JSON around the text.
    pub(super) depth: u8,
    /// Whether the text is masked already, and only given secrets are searched for.
    pub(super) is_masked: bool,
}

/// The edits of a view.
#[derive(Default)]
pub(super) struct Found {
    edits: Vec<Edit>,
    /// The values of secret names, also those that were masked before. No address is searched for in them.
    secrets: Vec<Range<usize>>,
}

impl Found {
    pub(super) fn add(&mut self, range: Range<usize>, text: String, kind: Kind) {
        self.edits.push(Edit { range, text, kind });
    }

    /// A value with a secret name, and its replacement if it is not masked yet.
    pub(super) fn add_secret(&mut self, range: Range<usize>, masked: Option<String>, kind: Kind) {
        self.secrets.push(range.clone());
        if let Some(masked) = masked {
            self.add(range, masked, kind);
        }
    }

    /// Whether a part of a range is in a secret. The secrets are in order.
    fn is_in_secret(&self, range: &Range<usize>) -> bool {
        let before = self.secrets.partition_point(|secret| secret.start < range.end);
        self.secrets[..before].last().is_some_and(|secret| range.start < secret.end)
    }

    /// Brings the secrets in order, and joins those that overlap.
    fn sort_secrets(&mut self) {
        self.secrets.sort_by_key(|secret| secret.start);
        let mut joined: Vec<Range<usize>> = Vec::with_capacity(self.secrets.len());
        for secret in self.secrets.drain(..) {
            match joined.last_mut() {
                Some(last) if secret.start <= last.end => last.end = last.end.max(secret.end),
                _ => joined.push(secret),
            }
        }
        self.secrets = joined;
    }
}

/// A replacement in a view.
struct Edit {
    range: Range<usize>,
    text: String,
    kind: Kind,
}

/// A replacement in the original text: the whole range, and the parts that change.
struct Placed {
    range: Range<usize>,
    parts: Vec<(Range<usize>, String)>,
    kind: Kind,
}

impl Masker {
    /// Masks a text until a search finds nothing; `None` if nothing was masked.
    pub(super) fn searched(&self, text: &str, known: &Known, context: Context) -> Option<String> {
        let mut masked: Option<String> = known.masked(text);
        if masked.is_some() {
            self.counts.add(Kind::Personal);
        }
        for _ in 0..PASSES {
            match self.pass(masked.as_deref().unwrap_or(text), known, context) {
                Some(next) => masked = Some(next),
                None => break,
            }
        }
        masked.filter(|masked| masked != text)
    }

    /// One search; `None` if it finds nothing.
    fn pass(&self, text: &str, known: &Known, context: Context) -> Option<String> {
        if text.len() < 4 {
            return None;
        }
        let mut placed: Vec<Placed> = Vec::new();
        // If a value is found encoded and decoded, it is masked decoded: the letters of escapes are not its letters.
        if text.bytes().any(|byte| matches!(byte, b'%' | b'&' | b'\\' | b'=' | b'\n')) {
            let mut by_view = Vec::new();
            each_view(text, &mut |view| {
                let edits = self.edits(&view.text, known, context);
                by_view.push(edits.into_iter().filter_map(|edit| place(&view.text, Some(view), edit)).collect::<Vec<_>>());
            });
            placed.extend(by_view.into_iter().rev().flatten());
        }
        placed.extend(self.edits(text, known, context).into_iter().filter_map(|edit| place(text, None, edit)));
        if placed.is_empty() {
            return None;
        }
        placed.sort_by_key(|placed| (placed.range.start, std::cmp::Reverse(placed.range.end)));
        let mut out = String::with_capacity(text.len());
        let (mut at, mut end) = (0, 0);
        for Placed { range, parts, kind } in placed {
            if range.start < end {
                // The edits overlap: what exceeds the first one is masked as a whole.
                if range.end > end {
                    out.push_str(&text[at..end]);
                    out.push_str(MASK);
                    (at, end) = (range.end, range.end);
                }
                continue;
            }
            end = range.end;
            self.counts.add(kind);
            for (part, replacement) in parts {
                out.push_str(&text[at..part.start]);
                out.push_str(&replacement);
                at = part.end;
            }
        }
        out.push_str(&text[at..]);
        Some(out)
    }

    /// The replacements in one view.
    fn edits(&self, text: &str, known: &Known, context: Context) -> Vec<Edit> {
        let mut found = Found::default();
        for range in self.forms.ranges(text) {
            let mask = self.mask_of(&text[range.clone()]);
            found.add(range, mask, Kind::Known);
        }
        if context.is_masked {
            return found.edits;
        }
        let shape = Shape::of(text.as_bytes());
        if shape.has_at {
            self.userinfo(text, &mut found);
        }
        if shape.has_separator || shape.has_blank || shape.has_tag || shape.has_quote || shape.has_line_end {
            let names = self.names.identifiers(text);
            if shape.has_separator {
                self.pairs(text, &names, context, &mut found);
                self.lists(text, &names, &mut found);
                if !names.is_empty() {
                    self.variables(text, &mut found);
                }
                if !names.is_empty() && shape.has_line_end {
                    self.lines(text, &names, &mut found);
                } else if !names.is_empty() && shape.has_blank {
                    self.named_lines(text, &mut found);
                }
                if !context.is_form {
                    self.parameter_pairs(text, &mut found);
                }
            }
            if shape.has_line_end && !names.is_empty() {
                self.tables(text, &names, &mut found);
            }
            if shape.has_quote && !names.is_empty() {
                self.listed(text, &mut found);
            }
            if shape.has_tag && !names.is_empty() {
                self.markup(text, &mut found);
            }
            if shape.has_blank {
                self.options(text, &names, &mut found);
                self.logins(text, &mut found);
            }
        }
        if shape.has_slash && shape.longest_run > links::SHORTEST {
            self.segments(text, &mut found);
        }
        if shape.has_at && self.emails {
            found.sort_secrets();
            for (local, domain) in addresses(text) {
                let whole = local.start..domain.end;
                if !text[domain].eq_ignore_ascii_case(DOMAIN) && !found.is_in_secret(&whole) {
                    let name = self.pseudonyms.local_part(&text[whole.clone()]);
                    found.add(whole, format!("{name}@{DOMAIN}"), Kind::Email);
                }
            }
        }
        if shape.has_blank {
            for range in key::private_keys(text) {
                let masked = self.shaped(&text[range.clone()], 0, |_| true);
                found.add(range, masked, Kind::Key);
            }
            for range in key::credentials(text).into_iter().chain(command::passwords(text)) {
                let masked = self.key(&text[range.clone()]);
                found.add(range, masked, Kind::Key);
            }
        }
        if shape.longest_run >= BASE64_LENGTH {
            for range in key::keys(text) {
                let masked = self.key(&text[range.clone()]);
                found.add(range, masked, Kind::Key);
            }
            if context.depth < BASE64_DEPTH {
                self.base64(text, known, context, &mut found);
                self.digits(text, known, context, &mut found);
            }
        }
        found.edits
    }
    /// A secret of the same shape; `None` if the value is not a secret, or is masked already.
    pub(crate) fn secret(&self, value: &str) -> Option<String> {
        let part = self.secret_part(value)?;
        let masked =
            self.shaped(&value[..part.end], part.start, |masked| self.secret_part(masked).is_none_or(|again| again.start == part.start));
        let masked = format!("{masked}{}", &value[part.end..]);
        (masked != value).then_some(masked)
    }

    /// The part of a secret that is masked: not its scheme, the authority of a URL, or a public prefix. `None` if the value is not a secret.
    fn secret_part(&self, value: &str) -> Option<Range<usize>> {
        let trimmed = value.trim();
        if trimmed.is_empty() || self.public.contains(trimmed) || is_placeholder(trimmed) || is_plain(trimmed) {
            return None;
        }
        let scheme = key::scheme(value);
        let rest = &value[scheme..];
        if rest.bytes().all(|byte| byte == b'*') {
            return None;
        }
        if let Some(content) = key::private_keys(value).into_iter().next() {
            return Some(content);
        }
        let authority = rest.find("://").map_or(0, |at| rest[at + 3..].find(['/', '?', '#']).map_or(rest.len(), |end| at + 3 + end));
        let from = scheme + authority.max(key::prefix(rest));
        (from < value.len()).then_some(from..value.len())
    }

    /// A key of the same shape, with its public prefix.
    fn key(&self, value: &str) -> String {
        let prefix = key::prefix(value);
        self.shaped(value, prefix, |masked| key::prefix(masked) == prefix)
    }

    /// The same shape from a byte on, which `is_recognised` accepts. In reports, only asterisks.
    fn shaped(&self, value: &str, from: usize, is_recognised: impl Fn(&str) -> bool) -> String {
        if self.stars {
            return value[..from]
                .chars()
                .chain(value[from..].chars().map(|character| if character.is_whitespace() { character } else { '*' }))
                .collect();
        }
        self.pseudonyms.secret(value, from, is_recognised)
    }

    /// `***`. In reports as many asterisks as characters, because excerpts mark columns.
    pub(super) fn mask_of(&self, value: &str) -> String {
        if self.stars { "*".repeat(value.chars().count()) } else { MASK.to_owned() }
    }
}

/// Which searches a text needs. Most texts need few.
#[derive(Default)]
struct Shape {
    has_at: bool,
    /// `=` or `:`.
    has_separator: bool,
    has_quote: bool,
    has_slash: bool,
    has_tag: bool,
    has_blank: bool,
    has_line_end: bool,
    /// The longest run of the characters of keys and base64.
    longest_run: usize,
}

impl Shape {
    fn of(bytes: &[u8]) -> Self {
        let (mut shape, mut run) = (Self::default(), 0);
        for byte in bytes {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'.') {
                run += 1;
                shape.has_slash |= *byte == b'/';
                continue;
            }
            shape.longest_run = shape.longest_run.max(run);
            run = 0;
            match byte {
                b'@' => shape.has_at = true,
                b'=' | b':' => shape.has_separator = true,
                b'"' | b'\'' => shape.has_quote = true,
                b'<' => shape.has_tag = true,
                b' ' | b'\t' => shape.has_blank = true,
                b'\n' => shape.has_line_end = true,
                _ => {}
            }
        }
        shape.longest_run = shape.longest_run.max(run);
        shape
    }
}

/// The edit in the original text; `None` if it changes nothing. Only characters that change are replaced if the text stays as long, so
/// that the others stay encoded.
fn place(text: &str, view: Option<&View>, edit: Edit) -> Option<Placed> {
    let original = &text[edit.range.clone()];
    if original == edit.text || original.is_empty() {
        return None;
    }
    let source = |range: Range<usize>| view.map_or(range.clone(), |view| view.range(range.clone()));
    let range = source(edit.range.clone());
    let is_aligned = original.chars().count() == edit.text.chars().count();
    let at_sign = original.rfind('@').zip(edit.text.rfind('@')).filter(|_| edit.kind == Kind::Email);
    let parts = if is_aligned {
        let pairs = original.char_indices().zip(edit.text.chars());
        let changed = pairs.filter(|((_, before), after)| before != after);
        let mut parts: Vec<(Range<usize>, String)> = Vec::new();
        for ((at, before), after) in changed {
            let start = edit.range.start + at;
            let place = source(start..start + before.len_utf8());
            match parts.last_mut() {
                Some((last, text)) if last.end == place.start => {
                    last.end = place.end;
                    text.push(after);
                }
                _ => parts.push((place, after.to_string())),
            }
        }
        parts
    } else if let Some((before, after)) = at_sign {
        let (start, end) = (edit.range.start, edit.range.end);
        vec![
            (source(start..start + before), edit.text[..after].to_owned()),
            (source(start + before + 1..end), edit.text[after + 1..].to_owned()),
        ]
    } else {
        vec![(range.clone(), edit.text)]
    };
    Some(Placed { range, parts, kind: edit.kind })
}

/// Whether a text is long and has no white space, as keys have.
pub(super) fn is_long(text: &str) -> bool {
    text.len() >= 16 && !text.contains(char::is_whitespace)
}

/// The most characters of a reference to a variable.
const LONGEST_PLACEHOLDER: usize = 200;

/// A reference to a variable: `{{token}}`, `${TOKEN}`, `<token>`.
pub(super) fn is_placeholder(text: &str) -> bool {
    (5..=LONGEST_PLACEHOLDER).contains(&text.len())
        && [("{{", "}}"), ("${", "}"), ("<", ">")].iter().any(|(start, end)| text.starts_with(start) && text.ends_with(end))
        && !text.contains(char::is_whitespace)
}

/// The most characters of a time.
const LONGEST_TIME: usize = 64;

/// A word or a time, which is not a secret.
pub(super) fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "true",
        "false",
        "null",
        "none",
        "undefined",
        "yes",
        "no",
        "bearer",
        "basic",
        "string",
        "required",
        "optional",
        "masked",
        "[filtered]",
    ];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || (text.len() <= LONGEST_TIME && text.parse::<jiff::Timestamp>().is_ok())
        || (text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::test_masker;

    #[test]
    fn a_masked_secret_is_recognised_with_every_salt() {
        let masker = test_masker();
        let masker = |salt| masker.clone().salted(salt);
        // Of random values with two capital letters at the start, one in 676 begins with `SK`, the prefix of keys of Twilio. Those with few
        // letters can have hexadecimal digits only.
        for value in ["ABCDEFGH1234", "Bearer ABCDEFGH1234", "abcd-efgh-1234", "user:ABCDEFGH1234", "hunt1234z", "Pw1-2345-678"] {
            for salt in 0..2000 {
                let masked = masker(salt).secret(value).expect("a secret");
                assert_eq!(masker(salt + 1).secret(&masked), None, "{masked}");
            }
        }
    }

    #[test]
    fn random_values_of_every_kind_are_recognised_after_masking() {
        let mut random = 1_u64;
        let mut next = |end: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % end
        };
        let alphabets = [
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "abcdefg012345-",
            "0123456789",
            "aB3_-. ",
            "Zq9+/=",
            "üaß1Ж漢2",
            "0123456789.eE-",
        ];
        let masker = test_masker();
        for round in 0..40_000 {
            let alphabet: Vec<char> = alphabets[next(alphabets.len())].chars().collect();
            let value: String = (0..1 + next(40)).map(|_| alphabet[next(alphabet.len())]).collect();
            let (one, other) = (masker.clone().salted(round), masker.clone().salted(round + 1));
            let secret = one.secret(&value).unwrap_or_else(|| value.clone());
            assert_eq!(other.secret(&secret), None, "a secret {value}, {secret}");
            let personal = one.pseudonyms.text(&value);
            assert_eq!(other.pseudonyms.text(&personal), personal, "a text {value}");
            if serde_json::from_str::<serde_json::Number>(&value).is_ok() {
                for mask in [super::super::Pseudonyms::number, super::super::Pseudonyms::secret_number] {
                    let number = mask(&one.pseudonyms, &value);
                    assert_eq!(mask(&other.pseudonyms, &number), number, "a number {value}");
                }
            }
        }
    }
}
