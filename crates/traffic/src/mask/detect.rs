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
use super::random::{is_random, is_uuid};
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
    /// Whether the text is masked already, and only given secrets are searched for.
    pub(super) is_masked: bool,
}

/// The edits of a view.
#[derive(Default)]
struct Found {
    edits: Vec<Edit>,
    /// The values of secret names, also those that were masked before. No address is searched for in them.
    secrets: Vec<Range<usize>>,
}

impl Found {
    fn add(&mut self, range: Range<usize>, text: String, kind: Kind) {
        self.edits.push(Edit { range, text, kind });
    }

    /// A value with a secret name, and its replacement if it is not masked yet.
    fn add_secret(&mut self, range: Range<usize>, masked: Option<String>, kind: Kind) {
        self.secrets.push(range.clone());
        if let Some(masked) = masked {
            self.add(range, masked, kind);
        }
    }

    fn is_in_secret(&self, range: &Range<usize>) -> bool {
        self.secrets.iter().any(|secret| secret.start < range.end && range.start < secret.end)
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
        if shape.has_separator || shape.has_blank || shape.has_tag || shape.has_quote || shape.has_slash {
            let names = self.names.identifiers(text);
            if shape.has_separator {
                self.pairs(text, &names, context, &mut found);
            }
            if shape.has_quote && !names.is_empty() {
                self.listed(text, &mut found);
            }
            if shape.has_tag && !names.is_empty() {
                self.tags(text, &mut found);
            }
            if shape.has_blank {
                self.options(text, &names, &mut found);
            }
            if shape.has_slash && shape.longest_run >= SHORTEST_SEGMENT {
                self.segments(text, &names, &mut found);
            }
        }
        if shape.has_at && self.emails {
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
                let value = &text[range.clone()];
                found.add(range, self.shaped(value, 0), Kind::Key);
            }
            for range in key::credentials(text).into_iter().chain(key::passwords_of_commands(text)) {
                let value = &text[range.clone()];
                found.add(range, self.shaped(value, key::prefix(value)), Kind::Key);
            }
        }
        if shape.longest_run >= BASE64_LENGTH {
            for range in key::keys(text) {
                let value = &text[range.clone()];
                found.add(range, self.shaped(value, key::prefix(value)), Kind::Key);
            }
            if context.depth < BASE64_DEPTH {
                self.base64(text, known, context, &mut found);
                self.digits(text, known, context, &mut found);
            }
        }
        found.edits
    }

    /// The user and the password of URLs.
    fn userinfo(&self, text: &str, out: &mut Found) {
        static USERINFO: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)\b[a-z][a-z0-9+.-]*://([^/?#\s"'<>\\]+)@"#).ok());
        let Some(pattern) = USERINFO.as_ref().filter(|_| text.contains("://")) else { return };
        for found in pattern.captures_iter(text).filter_map(|found| found.get(1)) {
            if !found.as_str().bytes().all(|byte| byte == b'*') {
                out.add(found.range(), self.mask_of(found.as_str()), Kind::Parameter);
            }
        }
    }

    /// The values of `name=value` and `name: value` with secret names.
    fn pairs(&self, text: &str, names: &[Range<usize>], context: Context, out: &mut Found) {
        let bytes = text.as_bytes();
        let mut end = 0;
        for name in names {
            if name.start < end {
                continue;
            }
            let before = name.start.checked_sub(1).map(|at| bytes[at]);
            let may_be_parameter = matches!(before, None | Some(b'?' | b'&' | b'#' | b';' | b'['));
            let assignment = Assignment::after(text, name.end, may_be_parameter, before == Some(b';'));
            let Some(Assignment { value, separator, is_quoted }) = assignment else { continue };
            let is_parameter = separator == b'=' && !is_quoted && may_be_parameter;
            // A form is masked by its decoded values.
            if context.is_form && is_parameter && !matches!(before, Some(b'?' | b'#')) {
                if self.is_secret_parameter(&text[name.clone()], &text[value.clone()]) {
                    out.add_secret(value, None, Kind::Parameter);
                }
                continue;
            }
            let begins_line = matches!(before, None | Some(b'\n'));
            let word = &text[name.clone()];
            let line = || value.start..value.start + text[value.start..].find(['\r', '\n']).unwrap_or(text.len() - value.start);
            let is_header = separator == b':' && !is_quoted && begins_line && self.is_secret_field(word, text[line()].trim_end());
            let place = if is_parameter { Place::Parameter } else { Place::Member };
            let reach = self.names.reach(word, place);
            let value = match (is_header, reach) {
                // A line of a message.
                (true, _) => line(),
                (false, Some(reach)) => {
                    let found = &text[value.clone()];
                    if !reach.covers(found) {
                        continue;
                    }
                    // The credentials after a scheme: `'Authorization: Bearer …'`.
                    let credentials = (separator == b':' && !is_quoted).then(|| credentials_after(text, &value)).flatten();
                    // A word of a sentence after a colon.
                    let is_word = separator == b':' && !is_quoted && !found.bytes().any(|byte| byte.is_ascii_digit());
                    if is_word && credentials.is_none() && !(begins_line && found.len() >= 8) {
                        continue;
                    }
                    credentials.unwrap_or(value)
                }
                (false, None) => continue,
            };
            let found = &text[value.clone()];
            let masked = match is_parameter {
                false => self.secret(found),
                true if found.bytes().all(|byte| byte == b'*') || is_placeholder(found) => None,
                true => Some(self.mask_of(found)),
            };
            if masked.is_some() || !(is_plain(found) || is_placeholder(found)) {
                end = value.end;
                out.add_secret(value, masked, if is_parameter { Kind::Parameter } else { Kind::Member });
            }
        }
    }

    /// The values of pairs in a text of JSON that cannot be read as a whole: `"name": "x-api-key", "value": "…"` and `"x-api-key", "…"`.
    fn listed(&self, text: &str, out: &mut Found) {
        static PAIR: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let text = r#"["'](?:name|key|header|field|Name|Key)\\?["']\s*:\s*\\?["']([^"'\\]{2,80})\\?["']\s*,\s*\\?["'](?:value|val|Value)\\?["']\s*:\s*\\?["']([^"'\\]+)"#;
            Regex::new(text).ok()
        });
        static LIST: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"["']([A-Za-z][A-Za-z0-9_.-]{1,79})\\*["']\s*(?:,|=>)\s*b?\\*["']([^"'\\]+)"#).ok());
        if let Some(pair) = PAIR.as_ref().filter(|_| text.contains("alue") || text.contains("val")) {
            for found in pair.captures_iter(text) {
                if let Some(value) = found.get(2).filter(|value| self.is_secret_pair(&found[1], value.as_str())) {
                    out.add_secret(value.range(), self.secret(value.as_str()), Kind::Member);
                }
            }
        }
        let Some(list) = LIST.as_ref().filter(|_| text.contains(',') || text.contains("=>")) else { return };
        let mut at = 0;
        while let Some(found) = list.captures_at(text, at) {
            let Some(value) = found.get(2) else { return };
            at = value.start() - 1;
            if self.is_listed_secret(&found[1], value.as_str()) {
                out.add_secret(value.range(), self.secret(value.as_str()), Kind::Member);
                at = value.end();
            }
        }
    }

    /// Values that follow a secret name and a blank: `--password …`, `password is …`, `machine h password …`.
    fn options(&self, text: &str, names: &[Range<usize>], out: &mut Found) {
        let bytes = text.as_bytes();
        for name in names {
            let word = &text[name.clone()];
            let Some(reach) = self.names.reach(word.trim_start_matches('-'), Place::Member) else { continue };
            let rest = text[name.end..].trim_start_matches(['"', '\'', '\\']);
            let Some(mut rest) = rest.strip_prefix([' ', '\t']).map(|rest| rest.trim_start_matches([' ', '\t'])) else { continue };
            for filler in ["is ", "to ", "is: ", "= ", ": "] {
                rest = rest.strip_prefix(filler).unwrap_or(rest);
            }
            let rest = rest.trim_start_matches(['"', '\'', '\\', '`']);
            let start = text.len() - rest.len();
            let is_end =
                |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '\\' | '`' | '<' | '>' | ',' | ';');
            let value = &rest[..rest.find(is_end).unwrap_or(rest.len())];
            let value = value.trim_end_matches(['.', ')', ']', '}', ':', '!', '?']);
            let is_option = word.starts_with("--") || (name.start >= 2 && &bytes[name.start - 2..name.start] == b"--");
            let is_secret = match is_option {
                true => reach.covers(value) && value.len() >= 4 && !value.starts_with('-'),
                false => is_random(value) || (reach == Reach::RandomOrUuid && is_uuid(value)),
            };
            if is_secret && !is_plain(value) && !is_placeholder(value) {
                out.add_secret(start..start + value.len(), self.secret(value), Kind::Member);
            }
        }
    }

    /// Segments of paths after a secret name or a word for a link that is secret: `/reset/…`. They keep their shape, because they are validated.
    fn segments(&self, text: &str, names: &[Range<usize>], out: &mut Found) {
        const LINKS: [&str; 10] =
            ["reset", "verify", "verification", "activate", "activation", "magic", "invite", "unsubscribe", "confirm", "password-reset"];
        for name in names {
            let word = &text[name.clone()];
            let Some(rest) = text[name.end..].strip_prefix('/').filter(|_| text[..name.start].ends_with('/')) else { continue };
            let is_link = || LINKS.iter().any(|link| word.eq_ignore_ascii_case(link));
            if self.names.reach(word, Place::Parameter).is_none() && !is_link() {
                continue;
            }
            let is_end = |character: char| {
                character.is_whitespace() || matches!(character, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | ';' | ',' | '\\')
            };
            let value = &rest[..rest.find(is_end).unwrap_or(rest.len())];
            if is_random(value) {
                out.add_secret(name.end + 1..name.end + 1 + value.len(), self.secret(value), Kind::Parameter);
            }
        }
    }

    /// The values of form fields of HTML, and the elements of XML, with secret names.
    fn tags(&self, text: &str, out: &mut Found) {
        static TAG: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?i)<[a-z][\w:.-]*\s[^<>]*\b(?:value|content)\s*=[^<>]*>").ok());
        static NAME: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"(?i)(?:^|[\s"'])(?:name|key|type|id)\s*=\s*["']?([\w.-]+)"#).ok());
        static VALUE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"(?i)\b(?:value|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))"#).ok());
        static ELEMENT: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"<(?:[\w.-]+:)?([\w.-]{2,60})(\s[^<>]*)?>(?:<!\[CDATA\[)?\s*([^<>\]]+?)\s*(?:\]\]>)?</").ok());
        static ELEMENTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r">\s*([A-Za-z][\w.-]{1,79}):?\s*</[\w:.-]+>\s*<[\w:.-]+(?:\s[^<>]*)?>(?:<!\[CDATA\[)?\s*([^<>\]]+?)\s*(?:\]\]>)?</")
                .ok()
        });
        let (Some(tag), Some(name), Some(value), Some(element), Some(elements)) =
            (TAG.as_ref(), NAME.as_ref(), VALUE.as_ref(), ELEMENT.as_ref(), ELEMENTS.as_ref())
        else {
            return;
        };
        for found in tag.find_iter(text) {
            let reaches: Vec<Reach> =
                name.captures_iter(found.as_str()).filter_map(|name| self.names.reach(&name[1], Place::Member)).collect();
            if reaches.is_empty() {
                continue;
            }
            for value in value.captures_iter(found.as_str()) {
                let Some(part) = value.get(1).or(value.get(2)).or(value.get(3)) else { continue };
                if reaches.iter().any(|reach| *reach != Reach::LongStrings && reach.covers(part.as_str())) {
                    let range = found.start() + part.start()..found.start() + part.end();
                    out.add_secret(range, self.secret(part.as_str()), Kind::Member);
                }
            }
        }
        if !text.contains("</") {
            return;
        }
        for found in element.captures_iter(text) {
            let Some(part) = found.get(3) else { continue };
            let is_secret =
                self.names.reach(&found[1], Place::Member).is_some_and(|reach| reach != Reach::LongStrings && reach.covers(part.as_str()));
            let attributes = found.get(2).map_or("", |attributes| attributes.as_str());
            // An attribute names the content, unless the content is a text for readers.
            let is_named = || name.captures_iter(attributes).any(|name| self.is_listed_secret(&name[1], part.as_str()));
            if is_secret || is_named() {
                out.add_secret(part.range(), self.secret(part.as_str()), Kind::Member);
            }
        }
        // The name in one element, and the value in the next one.
        let mut at = 0;
        while let Some(found) = elements.captures_at(text, at) {
            let Some(part) = found.get(2) else { return };
            at = part.start() - 1;
            if self.is_listed_secret(&found[1], part.as_str()) {
                out.add_secret(part.range(), self.secret(part.as_str()), Kind::Member);
                at = part.end();
            }
        }
    }

    /// Runs of base64 whose decoded text has something to mask. They are encoded again.
    fn base64(&self, text: &str, known: &Known, context: Context, out: &mut Found) {
        for run in base64_runs(text.as_bytes()) {
            let inner = Context { depth: context.depth + 1, ..Context::default() };
            if let Some(encoded) = self.base64_run(&text[run.clone()], known, inner) {
                out.add(run, encoded, Kind::Encoded);
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
                    out.add(at..at + segment.len(), encoded, Kind::Encoded);
                }
                at += segment.len() + 1;
            }
        }
    }

    /// Runs of base32 and of hexadecimal digits whose decoded text has something to mask. They are encoded again.
    fn digits(&self, text: &str, known: &Known, context: Context, out: &mut Found) {
        let inner = Context { depth: context.depth + 1, ..Context::default() };
        for (encoding, run) in digits::runs(text.as_bytes()) {
            let decoded = encoding.decode(&text.as_bytes()[run.clone()]).filter(|decoded| is_text(decoded));
            if let Some(masked) = decoded.and_then(|decoded| self.bytes_at(&decoded, known, inner)) {
                out.add(run.clone(), encoding.encode(&masked, &text[run]), Kind::Encoded);
            }
        }
    }

    fn base64_run(&self, run: &str, known: &Known, context: Context) -> Option<String> {
        let is_url = run.contains(['-', '_']);
        if is_url && run.contains(['+', '/']) {
            return None;
        }
        let decoded = if is_url { LENIENT_URL.decode(run) } else { LENIENT.decode(run) }.ok()?;
        let is_compressed = decoded.starts_with(&[0x1f, 0x8b]) || decoded.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || is_zlib(&decoded);
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
    has_slash: bool,
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
    fn after(text: &str, at: usize, may_be_parameter: bool, is_matrix: bool) -> Option<Self> {
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
                // A parameter of a segment of a path.
                || (is_parameter && is_matrix && matches!(byte, b'?' | b'/' | b';'))
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

/// The fewest characters of a segment of a path that may be a key.
const SHORTEST_SEGMENT: usize = 16;

/// Whether bytes begin as zlib does, RFC 1950, section 2.2.
pub(super) fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, flags, ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31)) && bytes.len() > 8
}

/// The scheme and the credentials, if a value is a scheme.
fn credentials_after(text: &str, value: &Range<usize>) -> Option<Range<usize>> {
    let rest = &text[value.start..];
    let scheme = key::scheme(rest);
    if scheme == 0 || scheme != value.len() + 1 {
        return None;
    }
    let is_end = |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '\\' | '<' | '>' | ',' | ';');
    let length = rest[scheme..].find(is_end).unwrap_or(rest.len() - scheme);
    let credentials = &rest[scheme..scheme + length];
    (is_long(credentials) || credentials.bytes().any(|byte| byte.is_ascii_digit())).then(|| value.start..value.start + scheme + length)
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
