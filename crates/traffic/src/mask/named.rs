//! Secrets that are found by the name next to them: assignments, pairs, options of commands, segments of paths, the user of a URL.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::count::Kind;
use super::detect::{Context, Found, is_long, is_placeholder, is_plain};
use super::names::{Place, Reach};
use super::random::{is_random, is_uuid};
use super::{Masker, key};

/// A longer value without a digit is not a word of a sentence.
const LONGEST_WORD: usize = 256;

impl Masker {
    /// The user and the password of URLs.
    pub(super) fn userinfo(&self, text: &str, out: &mut Found) {
        static USERINFO: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)\b[a-z][a-z0-9+.-]*://([^/?#\s"'<>\\]+)@"#).ok());
        let Some(pattern) = USERINFO.as_ref().filter(|_| text.contains("://")) else { return };
        for found in pattern.captures_iter(text).filter_map(|found| found.get(1)) {
            if !found.as_str().bytes().all(|byte| byte == b'*') {
                out.add(found.range(), self.mask_of(found.as_str()), Kind::Parameter);
            }
        }
    }

    /// The values of `name=value` and `name: value` with secret names.
    pub(super) fn pairs(&self, text: &str, names: &[Range<usize>], context: Context, out: &mut Found) {
        let bytes = text.as_bytes();
        let mut ends = Ends::default();
        let mut end = 0;
        for name in names {
            if name.start < end {
                continue;
            }
            let before = name.start.checked_sub(1).map(|at| bytes[at]);
            let may_be_parameter = matches!(before, None | Some(b'?' | b'&' | b'#' | b';' | b'['));
            let assignment = Assignment::after(text, name.end, may_be_parameter, before == Some(b';'), &mut ends);
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
            // `token:read user:write` is a list of scopes.
            let may_be_header = || text[name.end..].starts_with(": ") || !text[line()].trim_end().contains(' ');
            let is_header =
                separator == b':' && !is_quoted && begins_line && may_be_header() && self.is_secret_field(word, text[line()].trim_end());
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
                    let is_word = separator == b':' && !is_quoted && !found.bytes().take(LONGEST_WORD).any(|byte| byte.is_ascii_digit());
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
    pub(super) fn listed(&self, text: &str, out: &mut Found) {
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
    pub(super) fn options(&self, text: &str, names: &[Range<usize>], out: &mut Found) {
        let bytes = text.as_bytes();
        for name in names {
            let word = &text[name.clone()];
            let Some(reach) = self.names.reach(word.trim_start_matches('-'), Place::Member) else { continue };
            let rest = text[name.end..].trim_start_matches(['"', '\'', '\\']);
            let Some(mut rest) = rest.strip_prefix([' ', '\t', '\u{a0}']).map(|rest| rest.trim_start_matches([' ', '\t', '\u{a0}'])) else {
                continue;
            };
            // A word or a sign that introduces the value.
            let mut is_introduced = text.as_bytes().get(name.end) == Some(&b'\t');
            for filler in ["is ", "was ", "to ", "is: ", "= ", ": "] {
                if let Some(after) = rest.strip_prefix(filler) {
                    (rest, is_introduced) = (after, true);
                }
            }
            let quoted = rest.trim_start_matches(['"', '\'', '\\', '`', '(']);
            is_introduced |= quoted.len() < rest.len();
            let rest = quoted;
            let start = text.len() - rest.len();
            let is_end =
                |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '\\' | '`' | '<' | '>' | ',' | ';');
            let value = &rest[..rest.find(is_end).unwrap_or(rest.len())];
            let value = value.trim_end_matches(['.', ')', ']', '}', ':', '!', '?']);
            let is_option = word.len() > 3 && word.starts_with('-') || (name.start >= 2 && &bytes[name.start - 2..name.start] == b"--");
            let is_secret = match is_option {
                true => reach.covers(value) && value.len() >= 4 && !value.starts_with('-'),
                false => {
                    is_random(value)
                        || (reach == Reach::RandomOrUuid && is_uuid(value))
                        || (is_introduced && reach.is_certain() && is_mixed(value))
                }
            };
            if is_secret && !is_plain(value) && !is_placeholder(value) {
                out.add_secret(start..start + value.len(), self.secret(value), Kind::Member);
            }
        }
    }

    /// The passwords of a file `.netrc`, `machine h login ann password …`, and of SQL, `IDENTIFIED BY '…'`.
    pub(super) fn logins(&self, text: &str, out: &mut Found) {
        static IDENTIFIED: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"(?i)\bidentified\s{1,8}by\s{1,8}(?:values?\s{1,8})?["'`]([^"'`]{1,200})["'`]"#).ok());
        if memchr::memchr3(b'"', b'\'', b'`', text.as_bytes()).is_some()
            && let Some(pattern) = IDENTIFIED.as_ref()
        {
            for value in pattern.captures_iter(text).filter_map(|found| found.get(1)) {
                out.add_secret(value.range(), self.secret(value.as_str()), Kind::Member);
            }
        }
        static LOGIN: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"\blogin\s+\S{1,200}\s+(?:password|passwd)\s+(\S{4,200})").ok());
        let Some(login) = LOGIN.as_ref().filter(|_| text.contains("login") && text.contains("passw")) else { return };
        for value in login.captures_iter(text).filter_map(|found| found.get(1)) {
            out.add_secret(value.range(), self.secret(value.as_str()), Kind::Member);
        }
    }

    /// The values of parameters whose names are in other parameters: `headers[0][name]=X-Api-Key&headers[0][value]=…`.
    pub(super) fn parameter_pairs(&self, text: &str, out: &mut Found) {
        if !text.contains("alue=") && !text.contains("alue]=") && !text.contains("alue%5D=") {
            return;
        }
        let is_end = |character: char| character.is_whitespace() || matches!(character, '?' | '#' | '"' | '<' | '>');
        let mut at = 0;
        for run in text.split(is_end) {
            let start = run.as_ptr() as usize - text.as_ptr() as usize;
            debug_assert!(start >= at, "runs are in order");
            at = start;
            for (value, decoded, name) in paired_parameters(run) {
                if self.is_secret_pair(&name, &decoded) {
                    let range = start + value.start..start + value.end;
                    let found = &text[range.clone()];
                    let masked = (!found.bytes().all(|byte| byte == b'*')).then(|| self.mask_of(found));
                    out.add_secret(range, masked, Kind::Parameter);
                }
            }
        }
    }
}

/// The values of parameters whose names are in other parameters: the value, the decoded value, and the name.
pub(super) fn paired_parameters(run: &str) -> Vec<(Range<usize>, String, String)> {
    if !run.contains('&') {
        return Vec::new();
    }
    let decoded = |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let (mut pairs, mut ranges) = (Vec::new(), Vec::new());
    let mut at = 0;
    for parameter in run.split('&') {
        if let Some((name, value)) = parameter.split_once('=') {
            let start = at + parameter.len() - value.len();
            pairs.push((decoded(name), decoded(value)));
            ranges.push(start..start + value.len());
        }
        at += parameter.len() + 1;
    }
    let found = paired(&pairs).into_iter();
    found.map(|(index, name)| (ranges[index].clone(), std::mem::take(&mut pairs[index].1), name)).collect()
}

/// Of decoded parameters, those that are the value of a name in another one: their index and the name.
pub(super) fn paired(pairs: &[(String, String)]) -> Vec<(usize, String)> {
    // `headers[0][name]` is `headers[0][` and `name`.
    let split = |name: &'_ str| name.trim_end_matches(']').rfind(['[', '.']).map_or(0, |end| end + 1);
    let last = |name: &'_ str| name[split(name)..].trim_end_matches(']').to_ascii_lowercase();
    let names: std::collections::HashMap<&str, &str> = pairs
        .iter()
        .filter(|(name, _)| ["name", "key", "header", "field"].contains(&&*last(name)))
        .map(|(name, value)| (&name[..split(name)], value.as_str()))
        .collect();
    let values = pairs.iter().enumerate().filter(|(_, (name, value))| is_value_name(name) && !value.is_empty());
    values.filter_map(|(index, (name, _))| Some((index, (*names.get(&name[..split(name)])?).to_owned()))).collect()
}

/// Whether a parameter is the value of a name in another one: `value`, `headers[0][value]`.
pub(super) fn is_value_name(name: &str) -> bool {
    let name = name.trim_end_matches(']');
    let last = &name[name.rfind(['[', '.']).map_or(0, |end| end + 1)..];
    last.eq_ignore_ascii_case("value") || last.eq_ignore_ascii_case("val")
}

/// Whether a value has letters and digits, and no other characters than those of passwords.
fn is_mixed(value: &str) -> bool {
    value.len() >= 6
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !value.contains("://")
}

/// An assignment after a name.
pub(super) struct Assignment {
    pub(super) value: Range<usize>,
    separator: u8,
    pub(super) is_quoted: bool,
}

/// The most bytes of a type and the blanks around it.
const LONGEST_TYPE: usize = 80;

impl Assignment {
    pub(super) fn after(text: &str, at: usize, may_be_parameter: bool, is_matrix: bool, ends: &mut Ends) -> Option<Self> {
        let bytes = text.as_bytes();
        let skip = |at: usize, wanted: fn(u8) -> bool, most: usize| {
            at + bytes.get(at..).unwrap_or_default().iter().take(most).take_while(|byte| wanted(**byte)).count()
        };
        let is_blank = |byte| matches!(byte, b' ' | b'\t');
        let mut at = skip(at, |byte| matches!(byte, b']' | b'\\' | b'"' | b'\''), 4);
        at = skip(at, is_blank, 4);
        let separator = *bytes.get(at).filter(|byte| matches!(byte, b'=' | b':'))?;
        at = skip(at + 1, |byte| matches!(byte, b'=' | b'>'), 2);
        // The decoded text has the value without its quotes.
        if separator == b':' && is_encoded_default(&text[at..]) {
            return None;
        }
        // A type before a quoted value: `$password: String = "…"`.
        let typed = skip(
            at,
            |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'+' | b'&' | b'!' | b'?' | b'.' | b'[' | b']' | b'<' | b'>')
            },
            40,
        );
        // In a query, a plus sign is a blank.
        let after = skip(typed + 1, |byte| matches!(byte, b' ' | b'\t' | b'+'), 4);
        if separator == b':' && typed > at && bytes.get(typed) == Some(&b'=') && matches!(bytes.get(after), Some(b'"' | b'\'' | b'\\')) {
            at = after;
        }
        // In a query, a blank ends the value.
        at = skip(at, is_blank, 8);
        // A blank of a form.
        let plus = skip(at, |byte| byte == b'+', 2);
        if matches!(bytes.get(plus), Some(b'"' | b'\'')) {
            at = plus;
        }
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
        let end = ends.of(bytes, at, separator, is_parameter, is_parameter && is_matrix);
        (end > at).then_some(Self { value: at..end, separator, is_quoted: false })
    }
}

/// Whether a type and a default follow whose quotes are percent-encoded: `+String+=+%22…%22`.
fn is_encoded_default(text: &str) -> bool {
    let is_type = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'+' | b'%' | b'!' | b'[' | b']');
    let length = text.bytes().take(LONGEST_TYPE).take_while(|byte| is_type(byte)).count();
    let Some(mut rest) = text[length..].strip_prefix('=').filter(|_| length > 0) else { return false };
    while let Some(after) = [" ", "+", "%20"].iter().find_map(|blank| rest.strip_prefix(blank)) {
        rest = after;
    }
    ["%22", "%27", "%5C", "%5c"].iter().any(|quote| rest.starts_with(quote))
}

/// The ends of values without quotes. The values of names that follow each other may have the same end, which is searched for once.
#[derive(Default)]
pub(super) struct Ends {
    /// By the kind of the assignment, the last values: from the first one to their end, and their end without commas and semicolons.
    known: [(Range<usize>, usize); 8],
}

impl Ends {
    /// The end of the value that begins at a byte.
    fn of(&mut self, bytes: &[u8], at: usize, separator: u8, is_parameter: bool, is_matrix: bool) -> usize {
        let is_colon = separator == b':';
        let (values, end) = &mut self.known[usize::from(is_colon) + 2 * usize::from(is_parameter) + 4 * usize::from(is_matrix)];
        if !(values.start <= at && at < values.end) {
            let is_end = |byte: u8| {
                byte.is_ascii_whitespace()
                    || matches!(byte, b'&' | b'"' | b'\'' | b'<' | b'>' | b'\\')
                    || (is_parameter && byte == b'#')
                    // A parameter of a segment of a path.
                    || (is_matrix && matches!(byte, b'?' | b'/' | b';'))
                    || (!is_parameter && byte == b';')
                    || (is_colon && matches!(byte, b',' | b'{' | b'}' | b'[' | b']' | b'(' | b')'))
            };
            *values = at..at + bytes[at..].iter().position(|byte| is_end(*byte)).unwrap_or(bytes.len() - at);
            *end = values.end - bytes[values.clone()].iter().rev().take_while(|byte| matches!(byte, b',' | b';')).count();
        }
        *end
    }
}

/// The end of a quoted value, whose quotes have some backslashes before them.
pub(super) fn quoted_end(bytes: &[u8], start: usize, quote: u8, escapes: usize) -> usize {
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
