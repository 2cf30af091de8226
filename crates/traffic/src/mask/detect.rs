//! Finds the secrets and addresses of a text, in the text itself and in its decoded views.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use regex::Regex;

use super::count::Kind;
use super::email::{DOMAIN, addresses};
use super::forms::MASK;
use super::known::Known;
use super::names::{Place, Reach};
use super::view::{View, views};
use super::{Masker, digits, key};

/// The maximum number of encodings in base64, one inside another.
const BASE64_DEPTH: u8 = 3;
/// Shorter runs of base64 are not decoded. The forms of a known secret are found in shorter ones too.
const BASE64_LENGTH: usize = 12;
/// The maximum number of times a text is searched. The second search finds nothing, unless findings overlap.
const PASSES: usize = 6;

/// What is known of a text.
#[derive(Clone, Copy, Default)]
pub(super) struct Context {
    /// Whether the text is a form body. Its values keep their shape, because they are validated; those of a URL become `***`.
    pub(super) is_form: bool,
    /// The number of encodings in base64 or JSON around the text.
    pub(super) depth: u8,
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
            for view in views(text).iter().rev() {
                let edits = self.edits(&view.text, known, context);
                placed.extend(edits.into_iter().filter_map(|edit| place(&view.text, Some(view), edit)));
            }
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
        let mut edits = Vec::new();
        let mut add = |range: Range<usize>, text: String, kind: Kind| edits.push(Edit { range, text, kind });
        for range in self.forms.ranges(text) {
            let mask = self.mask_of(&text[range.clone()]);
            add(range, mask, Kind::Known);
        }
        let shape = Shape::of(text.as_bytes());
        if shape.has_at {
            self.userinfo(text, &mut add);
            if self.emails {
                for (local, domain) in addresses(text) {
                    if !text[domain.clone()].eq_ignore_ascii_case(DOMAIN) {
                        let name = self.pseudonyms.local_part(&text[local.start..domain.end]);
                        add(local.start..domain.end, format!("{name}@{DOMAIN}"), Kind::Email);
                    }
                }
            }
        }
        if shape.has_separator {
            self.pairs(text, context, &mut add);
            if shape.has_quote {
                self.listed(text, &mut add);
            }
        }
        if shape.has_tag {
            self.tags(text, &mut add);
        }
        if shape.has_blank {
            for range in key::private_keys(text) {
                let value = &text[range.clone()];
                add(range, self.shaped(value, 0), Kind::Key);
            }
            for range in key::credentials(text) {
                let value = &text[range.clone()];
                add(range, self.shaped(value, key::prefix(value)), Kind::Key);
            }
        }
        if shape.longest_run >= BASE64_LENGTH {
            for range in key::keys(text) {
                let value = &text[range.clone()];
                add(range, self.shaped(value, key::prefix(value)), Kind::Key);
            }
            if context.depth < BASE64_DEPTH {
                self.base64(text, known, context, &mut add);
                self.digits(text, known, context, &mut add);
            }
        }
        edits
    }

    /// The user and the password of URLs.
    fn userinfo(&self, text: &str, add: &mut impl FnMut(Range<usize>, String, Kind)) {
        static USERINFO: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)\b[a-z][a-z0-9+.-]*://([^/?#\s"'<>\\]+)@"#).ok());
        let Some(pattern) = USERINFO.as_ref().filter(|_| text.contains("://")) else { return };
        for found in pattern.captures_iter(text).filter_map(|found| found.get(1)) {
            if !found.as_str().bytes().all(|byte| byte == b'*') {
                add(found.range(), self.mask_of(found.as_str()), Kind::Parameter);
            }
        }
    }

    /// The values of `name=value` and `name: value` with secret names.
    fn pairs(&self, text: &str, context: Context, add: &mut impl FnMut(Range<usize>, String, Kind)) {
        let bytes = text.as_bytes();
        let mut end = 0;
        for name in self.names.identifiers(text) {
            if name.start < end {
                continue;
            }
            let before = name.start.checked_sub(1).map(|at| bytes[at]);
            let may_be_parameter = matches!(before, None | Some(b'?' | b'&' | b'#' | b';' | b'['));
            let assignment = Assignment::after(text, name.end, may_be_parameter);
            let Some(Assignment { value, separator, is_quoted }) = assignment else { continue };
            let is_parameter = separator == b'=' && !is_quoted && may_be_parameter;
            // A form is masked by its decoded values.
            if context.is_form && is_parameter && !matches!(before, Some(b'?' | b'#')) {
                continue;
            }
            let begins_line = matches!(before, None | Some(b'\n'));
            let word = &text[name.clone()];
            let is_header = separator == b':' && !is_quoted && begins_line && self.names.reach(word, Place::Header).is_some();
            let place = if is_parameter { Place::Parameter } else { Place::Member };
            let reach = self.names.reach(word, place);
            let value = match (is_header, reach) {
                // A line of a message.
                (true, _) => value.start..value.start + text[value.start..].find(['\r', '\n']).unwrap_or(text.len() - value.start),
                (false, Some(reach)) => {
                    let found = &text[value.clone()];
                    if reach == Reach::LongStrings && !is_long(found) {
                        continue;
                    }
                    // A word of a sentence after a colon.
                    let is_word = separator == b':' && !is_quoted && !found.bytes().any(|byte| byte.is_ascii_digit());
                    if is_word && !(begins_line && found.len() >= 8) {
                        continue;
                    }
                    value
                }
                (false, None) => continue,
            };
            let found = &text[value.clone()];
            let masked = match is_parameter {
                false => self.secret(found),
                true if found.bytes().all(|byte| byte == b'*') || is_placeholder(found) => None,
                true => Some(self.mask_of(found)),
            };
            if let Some(masked) = masked {
                end = value.end;
                add(value, masked, if is_parameter { Kind::Parameter } else { Kind::Member });
            }
        }
    }

    /// The values of pairs in a text of JSON that cannot be read as a whole: `"name": "x-api-key", "value": "…"`.
    fn listed(&self, text: &str, add: &mut impl FnMut(Range<usize>, String, Kind)) {
        static PAIR: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#""(?:name|key)"\s*:\s*"([^"\\]{2,80})"\s*,\s*"value"\s*:\s*"([^"]+)"#).ok());
        let Some(pair) = PAIR.as_ref().filter(|_| text.contains("\"value\"")) else { return };
        for found in pair.captures_iter(text) {
            if self.is_secret_pair(&found[1])
                && let (Some(value), Some(masked)) = (found.get(2), self.secret(&found[2]))
            {
                add(value.range(), masked, Kind::Member);
            }
        }
    }

    /// The values of form fields of HTML, and the elements of XML, with secret names.
    fn tags(&self, text: &str, add: &mut impl FnMut(Range<usize>, String, Kind)) {
        static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)<(?:input|meta)\b[^<>]*>").ok());
        static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)\b(?:name|type|id)\s*=\s*["']?([\w.-]+)"#).ok());
        static VALUE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"(?i)\b(?:value|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))"#).ok());
        static ELEMENT: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"<(?:[\w.-]+:)?([\w.-]{2,60})(?:\s[^<>]*)?>(?:<!\[CDATA\[)?\s*([^<>\]]+?)\s*(?:\]\]>)?</").ok());
        let (Some(tag), Some(name), Some(value), Some(element)) = (TAG.as_ref(), NAME.as_ref(), VALUE.as_ref(), ELEMENT.as_ref()) else {
            return;
        };
        if self.names.identifiers(text).is_empty() {
            return;
        }
        for found in tag.find_iter(text) {
            let is_secret = name
                .captures_iter(found.as_str())
                .any(|name| self.names.reach(&name[1], Place::Member).is_some_and(|reach| reach != Reach::LongStrings));
            if !is_secret {
                continue;
            }
            for value in value.captures_iter(found.as_str()) {
                let Some(part) = value.get(1).or(value.get(2)).or(value.get(3)) else { continue };
                if let Some(masked) = self.secret(part.as_str()) {
                    add(found.start() + part.start()..found.start() + part.end(), masked, Kind::Member);
                }
            }
        }
        if text.contains("</") {
            for found in element.captures_iter(text) {
                if self.names.reach(&found[1], Place::Member).is_some_and(|reach| reach != Reach::LongStrings)
                    && let (Some(part), Some(masked)) = (found.get(2), self.secret(&found[2]))
                {
                    add(part.range(), masked, Kind::Member);
                }
            }
        }
    }

    /// Runs of base64 whose decoded text has something to mask. They are encoded again.
    fn base64(&self, text: &str, known: &Known, context: Context, add: &mut impl FnMut(Range<usize>, String, Kind)) {
        for run in base64_runs(text.as_bytes()) {
            let inner = Context { is_form: false, depth: context.depth + 1 };
            if let Some(encoded) = self.base64_run(&text[run.clone()], known, inner) {
                add(run, encoded, Kind::Encoded);
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
                    add(at..at + segment.len(), encoded, Kind::Encoded);
                }
                at += segment.len() + 1;
            }
        }
    }

    /// Runs of base32 and of hexadecimal digits whose decoded text has something to mask. They are encoded again.
    fn digits(&self, text: &str, known: &Known, context: Context, add: &mut impl FnMut(Range<usize>, String, Kind)) {
        let inner = Context { is_form: false, depth: context.depth + 1 };
        for (encoding, run) in digits::runs(text.as_bytes()) {
            let decoded = encoding.decode(&text.as_bytes()[run.clone()]).filter(|decoded| is_text(decoded));
            if let Some(masked) = decoded.and_then(|decoded| self.bytes_at(&decoded, known, inner)) {
                add(run.clone(), encoding.encode(&masked, &text[run]), Kind::Encoded);
            }
        }
    }

    fn base64_run(&self, run: &str, known: &Known, context: Context) -> Option<String> {
        let is_url = run.contains(['-', '_']);
        if is_url && run.contains(['+', '/']) {
            return None;
        }
        let decoded = if is_url { LENIENT_URL.decode(run) } else { LENIENT.decode(run) }.ok()?;
        let is_compressed = decoded.starts_with(&[0x1f, 0x8b]) || decoded.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
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

    /// A secret of the same shape; `None` if the value is not a secret, or is masked already.
    pub(crate) fn secret(&self, value: &str) -> Option<String> {
        let trimmed = value.trim();
        if trimmed.is_empty() || self.public.contains(trimmed) || is_placeholder(trimmed) || is_plain(trimmed) {
            return None;
        }
        let scheme = key::scheme(value);
        let rest = &value[scheme..];
        if rest.bytes().all(|byte| byte == b'*') {
            return None;
        }
        if let Some(content) = key::private_keys(value).first() {
            let masked = self.shaped(&value[content.clone()], 0);
            let masked = format!("{}{masked}{}", &value[..content.start], &value[content.end..]);
            return (masked != value).then_some(masked);
        }
        let authority = rest.find("://").map_or(0, |at| rest[at + 3..].find(['/', '?', '#']).map_or(rest.len(), |end| at + 3 + end));
        let from = scheme + authority.max(key::prefix(rest));
        if from >= value.len() {
            return None;
        }
        let masked = self.shaped(value, from);
        (masked != value).then_some(masked)
    }

    /// The same shape from a byte on. In reports, only asterisks.
    fn shaped(&self, value: &str, from: usize) -> String {
        if self.stars {
            return value[..from]
                .chars()
                .chain(value[from..].chars().map(|character| if character.is_whitespace() { character } else { '*' }))
                .collect();
        }
        self.pseudonyms.secret(value, from)
    }

    /// `***`. In reports as many asterisks as characters, because excerpts mark columns.
    fn mask_of(&self, value: &str) -> String {
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
    has_tag: bool,
    has_blank: bool,
    /// The longest run of the characters of keys and base64.
    longest_run: usize,
}

impl Shape {
    fn of(bytes: &[u8]) -> Self {
        let (mut shape, mut run) = (Self::default(), 0);
        for byte in bytes {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'.') {
                run += 1;
                continue;
            }
            shape.longest_run = shape.longest_run.max(run);
            run = 0;
            match byte {
                b'@' => shape.has_at = true,
                b'=' | b':' => shape.has_separator = true,
                b'"' => shape.has_quote = true,
                b'<' => shape.has_tag = true,
                b' ' => shape.has_blank = true,
                _ => {}
            }
        }
        shape.longest_run = shape.longest_run.max(run);
        shape
    }
}

/// An assignment after a name.
struct Assignment {
    value: Range<usize>,
    separator: u8,
    is_quoted: bool,
}

impl Assignment {
    fn after(text: &str, at: usize, may_be_parameter: bool) -> Option<Self> {
        let bytes = text.as_bytes();
        let skip =
            |at: usize, wanted: fn(u8) -> bool, most: usize| at + bytes[at..].iter().take(most).take_while(|byte| wanted(**byte)).count();
        let is_blank = |byte| matches!(byte, b' ' | b'\t');
        let mut at = skip(at, |byte| matches!(byte, b']' | b'\\' | b'"' | b'\''), 4);
        at = skip(at, is_blank, 4);
        let separator = *bytes.get(at).filter(|byte| matches!(byte, b'=' | b':'))?;
        at = skip(at + 1, |byte| matches!(byte, b'=' | b'>'), 2);
        // In a query, a blank ends the value.
        at = skip(at, is_blank, 8);
        let escapes = skip(at, |byte| byte == b'\\', 8) - at;
        let quote = bytes.get(at + escapes).copied().filter(|byte| matches!(byte, b'"' | b'\''));
        // A block string of GraphQL, or a string of Python.
        if let Some(quote) = quote.filter(|_| escapes == 0)
            && bytes[at..].starts_with(&[quote; 3])
        {
            let start = at + 3;
            let length = memchr::memmem::find(&bytes[start..], &[quote; 3]).unwrap_or(bytes.len() - start);
            return Some(Self { value: start..start + length, separator, is_quoted: true });
        }
        if let Some(quote) = quote {
            let start = at + escapes + 1;
            return Some(Self { value: start..quoted_end(bytes, start, quote, escapes), separator, is_quoted: true });
        }
        let is_parameter = may_be_parameter && separator == b'=';
        let is_end = |byte: u8| {
            byte.is_ascii_whitespace()
                || matches!(byte, b'&' | b'"' | b'\'' | b'<' | b'>' | b'\\')
                || (is_parameter && byte == b'#')
                || (!is_parameter && byte == b';')
                || (separator == b':' && matches!(byte, b',' | b'{' | b'}' | b'[' | b']' | b'(' | b')'))
        };
        let end = at + bytes[at..].iter().position(|byte| is_end(*byte)).unwrap_or(bytes.len() - at);
        let end = end - bytes[at..end].iter().rev().take_while(|byte| matches!(byte, b',' | b';')).count();
        (end > at).then_some(Self { value: at..end, separator, is_quoted: false })
    }
}

/// The end of a quoted value, whose quotes have some backslashes before them.
fn quoted_end(bytes: &[u8], start: usize, quote: u8, escapes: usize) -> usize {
    let mut at = start;
    while at < bytes.len() {
        if bytes[at] == quote {
            let before = bytes[start..at].iter().rev().take_while(|byte| **byte == b'\\').count();
            if before <= escapes && (escapes > 0 || before.is_multiple_of(2)) {
                return at - before.min(escapes);
            }
        }
        at += 1;
    }
    bytes.len()
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
        let part = |((at, before), after): ((usize, char), char)| {
            let start = edit.range.start + at;
            (source(start..start + before.len_utf8()), after.to_string())
        };
        changed.map(part).collect()
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

/// Whether bytes are a text without control characters.
fn is_text(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).ok();
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

/// Whether a text is long and has no white space, as keys have.
pub(super) fn is_long(text: &str) -> bool {
    text.len() >= 16 && !text.contains(char::is_whitespace)
}

/// A reference to a variable: `{{token}}`, `${TOKEN}`, `<token>`.
fn is_placeholder(text: &str) -> bool {
    [("{{", "}}"), ("${", "}"), ("<", ">")].iter().any(|(start, end)| text.len() > 4 && text.starts_with(start) && text.ends_with(end))
        && !text.contains(char::is_whitespace)
}

/// A word or a time, which is not a secret.
fn is_plain(text: &str) -> bool {
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
        || text.parse::<jiff::Timestamp>().is_ok()
        || (text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok())
}
