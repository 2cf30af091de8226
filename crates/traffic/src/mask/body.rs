//! Masking of bodies: JSON by the names and locations of its members, forms and multipart bodies by the names of their parts, every other
//! text by what it contains. Content codings, UTF-16 and Latin-1 are decoded and encoded again.

use std::borrow::Cow;
use std::collections::HashSet;

use super::count::Kind;
use super::detect::{Context, is_long};
use super::encoded::is_zlib;
use super::hidden::hidden;
use super::known::Known;
use super::named::paired_parameters;
use super::names::{Place, Reach, describes};
use super::pairs::{PAIR_VALUES, first_string, named};
use super::random::{is_random, is_words};
use super::{Masker, key};
use crate::coding;
use crate::read::Limits;
use charter_json::edit::{Edits, Node, NodeKind};

/// The maximum number of JSON texts and base64 texts, one inside another.
pub(super) const DEPTH_LIMIT: u8 = 6;
/// The fewest digits of a number that is masked by its name.
const DIGITS: usize = 4;

/// The result of masking a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Masked {
    /// Nothing to mask.
    Unchanged,
    /// The new bytes, in the same content coding.
    Bytes(Vec<u8>),
    /// The content coding is unknown, or the bytes are damaged, so that secrets cannot be found. Only the digest may be recorded.
    Undecodable,
}

impl Masker {
    /// Masks a text; `None` if nothing was masked.
    pub(crate) fn cleaned(&self, text: &str, known: &Known) -> Option<String> {
        self.text_at(text, known, Context::default())
    }

    /// Masks a body of text, which may be JSON, a form or a multipart body; `None` if nothing was masked.
    pub(crate) fn body_text(&self, body: &str, known: &Known) -> Option<String> {
        self.text_at(body, known, Context { is_form: is_form(body), ..Context::default() })
    }

    pub(super) fn text_at(&self, text: &str, known: &Known, context: Context) -> Option<String> {
        if context.depth < DEPTH_LIMIT
            && text.trim_start().starts_with(['{', '[', '"'])
            && text.len() > 2
            && let Some(node) = Node::parse(text)
        {
            let mut edits = Edits::default();
            self.json_at(text, &node, known, &mut edits, &mut Unmasked, context.depth + 1);
            return (!edits.is_empty()).then(|| edits.apply(text)).filter(|masked| masked != text);
        }
        let parts = match context.is_form {
            true => self.form(text),
            false => self.multipart(text).or_else(|| self.documents(text, known, context)),
        };
        match parts {
            Some(masked) => Some(self.searched(&masked, known, context).unwrap_or(masked)),
            None => self.searched(text, known, context),
        }
    }

    /// Masks the values of a form, `application/x-www-form-urlencoded`; `None` if nothing was masked.
    fn form(&self, text: &str) -> Option<String> {
        let is_oauth = text.contains("grant_type=");
        let paired: HashSet<usize> = paired_parameters(text)
            .into_iter()
            .filter(|(_, value, name)| self.is_secret_pair(name, value))
            .map(|(range, ..)| range.start)
            .collect();
        let mut at = 0;
        let masked = text.split('&').map(|pair| {
            let start = at;
            at += pair.len() + 1;
            let Some((name, value)) = pair.split_once('=') else { return Cow::Borrowed(pair) };
            let decoded =
                |text: &str| url::form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default();
            let name_text = decoded(name);
            // Encoded, because `=` ends a name.
            let value_text = decoded(&value.replace('=', "%3D"));
            let is_code = !is_oauth && name_text.eq_ignore_ascii_case("code");
            let is_secret = self.is_secret_parameter(&name_text, &value_text) && (!is_code || is_random(&value_text));
            let is_secret = is_secret || paired.contains(&(start + name.len() + 1));
            let secret = is_secret.then(|| self.secret(&value_text)).flatten();
            secret.map_or(Cow::Borrowed(pair), |secret| {
                self.counts.add(Kind::Parameter);
                Cow::Owned(format!("{name}={}", url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>()))
            })
        });
        let masked = masked.collect::<Vec<_>>().join("&");
        (masked != text).then_some(masked)
    }

    /// Collects the personal data of a body, to be masked in the rest of the exchange too.
    pub(crate) fn note_personal(&self, body: &Node<'_>, locations: &dyn MaskedLocations, known: &mut Known) {
        if !self.patterns.is_empty() {
            self.note_at(body, &mut Vec::new(), false, locations, known);
        }
    }

    fn note_at(&self, node: &Node<'_>, path: &mut Vec<String>, personal: bool, locations: &dyn MaskedLocations, known: &mut Known) {
        let personal = (personal || self.is_personal(path)) && !locations.is_masked(path);
        match &node.kind {
            NodeKind::Object(entries) => {
                for (key, value) in entries {
                    path.push(key.as_str().unwrap_or_default().to_owned());
                    self.note_at(value, path, personal, locations, known);
                    path.pop();
                }
            }
            NodeKind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    self.note_at(item, path, personal, locations, known);
                    path.pop();
                }
            }
            NodeKind::String(text) if personal => known.note(text, &self.pseudonyms.text(text)),
            NodeKind::String(_) | NodeKind::Number | NodeKind::Literal => {}
        }
    }

    fn is_personal(&self, path: &[String]) -> bool {
        self.patterns.iter().any(|pattern| pattern.fits(path))
    }

    /// Masks a JSON body that is a part of a text. Personal data that was masked before is unchanged.
    pub(crate) fn json(&self, text: &str, body: &Node<'_>, known: &Known, edits: &mut Edits, locations: &mut dyn MaskedLocations) {
        self.json_at(text, body, known, edits, locations, 0);
    }

    /// Masks a member that is a part of a text, by its name and by what it contains.
    pub(crate) fn member(&self, text: &str, name: &str, value: &Node<'_>, known: &Known, edits: &mut Edits) {
        let (locations, reach) = (&mut Unmasked, self.names.reach(name, Place::Member));
        let mut walk =
            Walk { masker: self, text, known, edits, locations, path: Vec::new(), depth: 1, originals: None, cells: HashSet::new() };
        walk.visit(value, false, reach);
    }

    pub(super) fn json_at<'n>(
        &'n self,
        text: &'n str,
        body: &'n Node<'n>,
        known: &'n Known,
        edits: &mut Edits,
        locations: &mut dyn MaskedLocations,
        depth: u8,
    ) {
        let mut walk =
            Walk { masker: self, text, known, edits, locations, path: Vec::new(), depth, originals: None, cells: HashSet::new() };
        walk.visit(body, false, None);
    }

    /// Masks a body of bytes with these content codings.
    pub(crate) fn body_bytes(&self, body: &[u8], codings: &[&str], known: &Known) -> Masked {
        let limit = usize::try_from(Limits::default().max_body).unwrap_or(usize::MAX);
        let Ok((decoded, applied)) = coding::decode_applied(body, codings, limit) else {
            self.counts.add(Kind::Body);
            return Masked::Undecodable;
        };
        let Some(masked) = self.bytes_at(&decoded, known, Context::default()) else { return Masked::Unchanged };
        let encoded = applied.into_iter().rev().try_fold(masked, |bytes, coding| coding.encode(&bytes));
        encoded.map_or(Masked::Undecodable, Masked::Bytes)
    }

    /// Masks bytes that may be compressed, and text in UTF-8, UTF-16 or Latin-1; `None` if nothing was masked.
    pub(super) fn bytes_at(&self, bytes: &[u8], known: &Known, context: Context) -> Option<Vec<u8>> {
        let limit = usize::try_from(Limits::default().max_body).unwrap_or(usize::MAX);
        for coding in ["gzip", "zstd", "deflate"] {
            if context.depth < DEPTH_LIMIT
                && (coding != "deflate" || is_zlib(bytes))
                && let Ok((decoded, applied)) = coding::decode_applied(bytes, &[coding], limit)
                && let Some(applied) = applied.first()
            {
                let inner = Context { depth: context.depth + 1, ..context };
                return applied.encode(&self.bytes_at(&decoded, known, inner)?).ok();
            }
            // What is left of a text that was cut off is encoded as a whole.
            if context.depth < DEPTH_LIMIT
                && (coding != "deflate" || is_zlib(bytes))
                && let Some((decoded, applied)) = coding::decode_beginning(bytes, coding, limit)
            {
                let inner = Context { depth: context.depth + 1, ..context };
                return applied.encode(&self.bytes_at(&decoded, known, inner)?).ok();
            }
        }
        let text_at = |text: &str| self.text_at(text, known, Context { is_form: is_form(text), ..context });
        if let Some(units) = Units::of(bytes) {
            return text_at(&units.text).map(|masked| units.encode(&masked));
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            return text_at(text).map(String::into_bytes);
        }
        // Each byte is a character, so that ASCII inside binary data is found.
        let latin: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        text_at(&latin).map(|masked| masked.chars().map(|character| u8::try_from(character).unwrap_or(b'?')).collect())
    }
}

/// A text in UTF-16.
struct Units {
    text: String,
    is_little: bool,
    has_mark: bool,
}

impl Units {
    /// `None` if the bytes are not UTF-16: they have no byte order mark, and ASCII is not every second byte.
    fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < 4 || !bytes.len().is_multiple_of(2) {
            return None;
        }
        let (is_little, has_mark) = match bytes {
            [0xFF, 0xFE, ..] => (true, true),
            [0xFE, 0xFF, ..] => (false, true),
            [first, 0, third, 0, ..] if *first != 0 && *third != 0 => (true, false),
            [0, second, 0, fourth, ..] if *second != 0 && *fourth != 0 => (false, false),
            _ => return None,
        };
        let unit = |pair: &[u8]| if is_little { u16::from_le_bytes([pair[0], pair[1]]) } else { u16::from_be_bytes([pair[0], pair[1]]) };
        let units: Vec<u16> = bytes.chunks_exact(2).skip(usize::from(has_mark)).map(unit).collect();
        Some(Self { text: String::from_utf16(&units).ok()?, is_little, has_mark })
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        let mark = self.has_mark.then_some(0xFEFF);
        let units = mark.into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if self.is_little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }
}

/// Whether a text is a form: pairs of a name and a value, without white space.
fn is_form(text: &str) -> bool {
    let begins = text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'%' | b'+' | b'[' | b']'))
    });
    begins && !text.contains(|character: char| character.is_whitespace() || matches!(character, '"' | '<' | '>' | ';'))
}

/// The locations in a body that are recorded as masked.
pub(crate) trait MaskedLocations {
    /// Whether a location was masked before.
    fn is_masked(&self, path: &[String]) -> bool;
    /// Adds a location that is masked now.
    fn changed(&mut self, path: &[String]);
}

/// The masked locations of a format that does not record them.
pub(crate) struct Unmasked;

impl MaskedLocations for Unmasked {
    fn is_masked(&self, _: &[String]) -> bool {
        false
    }

    fn changed(&mut self, _: &[String]) {}
}

/// Whether a name is the index of a list.
fn is_index(key: &Node<'_>, index: usize) -> bool {
    key.as_str().is_some_and(|name| name.len() <= 4 && name.parse() == Ok(index))
}

/// A level of a location.
pub(super) enum Step<'n> {
    Name(&'n str),
    Masked(String),
    Index(usize),
}

pub(super) struct Walk<'w, 'm> {
    pub(super) masker: &'m Masker,
    pub(super) text: &'m str,
    pub(super) known: &'m Known,
    pub(super) edits: &'w mut Edits,
    pub(super) locations: &'w mut dyn MaskedLocations,
    pub(super) path: Vec<Step<'m>>,
    pub(super) depth: u8,
    /// Collects the values that are secret by their names.
    pub(super) originals: Option<Vec<String>>,
    /// Where the values begin that are secret by names in other parts of the body.
    pub(super) cells: HashSet<usize>,
}

impl<'m> Walk<'_, 'm> {
    /// The location as tokens. Only few locations are needed.
    fn tokens(&self) -> Vec<String> {
        let token = |step: &Step<'m>| match step {
            Step::Name(name) => (*name).to_owned(),
            Step::Masked(name) => name.clone(),
            Step::Index(index) => index.to_string(),
        };
        self.path.iter().map(token).collect()
    }

    fn changed(&mut self) {
        let tokens = self.tokens();
        self.locations.changed(&tokens);
    }

    /// The masked name of a member, and how much of its value is secret.
    fn name(&self, name: &str) -> (Option<String>, Option<Reach>) {
        let is_known = self.known.is_empty() && self.depth == 0;
        if is_known && let Some(reach) = self.masker.clean.member(name) {
            return (None, reach);
        }
        let masked = self.masker.searched(name, self.known, Context { depth: self.depth, ..Context::default() });
        let reach = self.masker.names.reach(name, Place::Member);
        if is_known && masked.is_none() {
            self.masker.clean.add_member(name, reach);
        }
        (masked, reach)
    }

    pub(super) fn visit(&mut self, node: &'m Node<'m>, personal: bool, secret: Option<Reach>) {
        let personal = if self.masker.patterns.is_empty() {
            false
        } else {
            let tokens = self.tokens();
            (personal || self.masker.is_personal(&tokens)) && !self.locations.is_masked(&tokens)
        };
        self.masker.note_cells(node, &mut self.cells);
        let secret = if !self.cells.is_empty() && self.cells.contains(&node.range.start) { Some(Reach::Value) } else { secret };
        match &node.kind {
            NodeKind::Object(entries) => {
                let parent = secret;
                // `{"token": {"0": "…"}}`: a list.
                let is_list = parent == Some(Reach::Value) && entries.iter().enumerate().all(|(index, (key, _))| is_index(key, index));
                for (key, value) in entries {
                    let name = key.as_str().unwrap_or_default();
                    let (masked, reach) = self.name(name);
                    if let Some(masked) = &masked {
                        self.edits.set(key.range.clone(), masked);
                    }
                    let is_value = PAIR_VALUES.contains(&name);
                    // `{"token": {"value": "…"}}`
                    let is_content = || is_value && parent == Some(Reach::Value) && !is_words(value.as_str().unwrap_or_default());
                    let inherited = parent.filter(|reach| *reach == Reach::Strings && !describes(name) || is_list || is_content());
                    let reach = reach.filter(|reach| reach.is_certain()).or(inherited).or(reach);
                    let context = Context { depth: self.depth, ..Context::default() };
                    if name == "variables"
                        && let Some(masked) = self.masker.text_variables(node, value, self.known, context)
                    {
                        if let Some(originals) = &mut self.originals {
                            originals.extend(hidden(value.as_str().unwrap_or_default(), &masked));
                        }
                        self.edits.set(value.range.clone(), &masked);
                        self.path.push(Step::Name(name));
                        self.changed();
                        self.path.pop();
                        continue;
                    }
                    let is_secret = self.masker.is_named_secret(name, first_string(value), |name| node.get(name).and_then(named));
                    self.path.push(masked.map_or(Step::Name(name), Step::Masked));
                    self.visit(value, personal, if is_secret { Some(Reach::Strings) } else { reach });
                    self.path.pop();
                }
            }
            NodeKind::Array(items) => {
                // Names and values by turns, such as the raw header fields of Node.js, or one of each.
                let is_flat = secret.is_none() && items.len().is_multiple_of(2) && items.iter().all(|item| item.as_str().is_some());
                for (index, item) in items.iter().enumerate() {
                    let name = index.checked_sub(1).filter(|before| is_flat && before.is_multiple_of(2));
                    let is_secret = name.is_some_and(|name| {
                        let name = items[name].as_str().unwrap_or_default();
                        self.masker.is_listed_secret(name, item.as_str().unwrap_or_default())
                    });
                    // The arguments of a command: an option and its value.
                    let option = index.checked_sub(1).and_then(|before| items[before].as_str());
                    let is_argument =
                        option.zip(item.as_str()).is_some_and(|(option, value)| self.masker.is_secret_argument(option, value));
                    let is_secret = is_secret || is_argument;
                    self.path.push(Step::Index(index));
                    self.visit(item, personal, if is_secret { Some(Reach::Value) } else { secret });
                    self.path.pop();
                }
            }
            NodeKind::String(text) => {
                if let Some(originals) = &mut self.originals
                    && secret.is_some_and(|reach| reach.covers(text))
                    && self.masker.secret(text).is_some()
                {
                    originals.push((**text).to_owned());
                }
                let masked = self.string(text, personal, secret);
                if let (Some(originals), Some(masked)) = (&mut self.originals, &masked) {
                    originals.extend(hidden(text, masked));
                }
                if let Some(masked) = masked.filter(|masked| **masked != **text) {
                    self.edits.set(node.range.clone(), &masked);
                    self.changed();
                }
            }
            NodeKind::Number => {
                let written = &self.text[node.range.clone()];
                let digits = written.bytes().filter(u8::is_ascii_digit).count();
                let is_secret = secret.is_some_and(Reach::is_certain) && digits >= DIGITS && digits == written.len();
                if is_secret && let Some(originals) = &mut self.originals {
                    originals.push(written.to_owned());
                }
                let masked = match (personal, is_secret || !self.masker.forms.ranges(written).is_empty()) {
                    (_, true) if self.masker.stars => "\"***\"".to_owned(),
                    (true, _) => self.masker.pseudonyms.number(written),
                    (false, true) => self.masker.pseudonyms.secret_number(written),
                    (false, false) => return,
                };
                if masked != written {
                    self.masker.counts.add(if personal { Kind::Personal } else { Kind::Member });
                    self.edits.push(node.range.clone(), masked);
                    self.changed();
                }
            }
            NodeKind::Literal => {}
        }
    }

    fn string(&self, text: &str, personal: bool, secret: Option<Reach>) -> Option<String> {
        let masker = self.masker;
        let context = Context { depth: self.depth, ..Context::default() };
        if personal && !text.is_empty() {
            // A field of personal data may contain a secret.
            if !masker.forms.ranges(text).is_empty() {
                return masker.searched(text, self.known, context);
            }
            let masked = masker.pseudonyms.text(text);
            if masked != text {
                masker.counts.add(Kind::Personal);
            }
            return Some(masked);
        }
        if secret.is_some_and(|reach| reach.covers(text)) {
            return masker.secret_text(text, self.known);
        }
        masker.text_at(text, self.known, context)
    }
}

impl Masker {
    /// Masks a value with a secret name. A value that is masked already is only searched for given secrets.
    pub(crate) fn secret_text(&self, value: &str, known: &Known) -> Option<String> {
        let secret = self.secret(value);
        if secret.is_some() {
            self.counts.add(Kind::Member);
        }
        // The scheme or the prefix stays, and may contain a given secret.
        let context = Context { is_masked: true, ..Context::default() };
        self.searched(secret.as_deref().unwrap_or(value), known, context).or(secret)
    }

    /// Whether the name of a pair is that of a secret. OpenTelemetry writes `http.request.header.NAME`.
    pub(crate) fn is_secret_pair(&self, name: &str, value: &str) -> bool {
        let field = name.rsplit_once(".header.").map_or(name, |(_, field)| field);
        let is_secret = |place| self.names.reach(field, place).is_some_and(|reach| reach != Reach::LongStrings && reach.covers(value));
        is_secret(Place::Header) || is_secret(Place::Member) || (name != "code" && is_secret(Place::Parameter))
    }

    /// Whether a value after a name in a list is a secret. A list of names has words instead, and other secret names.
    pub(crate) fn is_listed_secret(&self, name: &str, value: &str) -> bool {
        let may_be_secret =
            is_long(value) || key::scheme(value) > 0 || value.len() >= 6 && !is_words(value) && !value.contains(char::is_whitespace);
        may_be_secret && self.is_secret_pair(name, value) && !self.is_secret_pair(value, "")
    }

    /// Masks the value of a secret header field, a cookie or a parameter, by its name. The scheme and the names of cookies stay.
    pub(crate) fn masked_field(&self, name: &str, value: &str, known: &Known) -> String {
        if value.trim().is_empty() {
            return value.to_owned();
        }
        if name.eq_ignore_ascii_case("cookie") {
            return value.split(';').map(|pair| self.masked_pair(pair)).collect::<Vec<_>>().join(";");
        }
        if name.eq_ignore_ascii_case("set-cookie") {
            let lines = value.split('\n').map(|line| match line.split_once(';') {
                Some((cookie, attributes)) => {
                    let attributes = self.searched(attributes, known, Context::default()).map_or(Cow::Borrowed(attributes), Cow::Owned);
                    format!("{};{attributes}", self.masked_pair(cookie))
                }
                None => self.masked_pair(line),
            });
            return lines.collect::<Vec<_>>().join("\n");
        }
        if name.eq_ignore_ascii_case("sec-websocket-protocol") {
            // Names of protocols and, in some clients, a token.
            let items = value.split(',').map(|item| {
                let is_token = item.trim().len() >= 16 && item.bytes().any(|byte| byte.is_ascii_digit());
                if is_token { item.replace(item.trim(), super::forms::MASK) } else { item.to_owned() }
            });
            return items.collect::<Vec<_>>().join(",");
        }
        let scheme = key::scheme(value);
        if value[scheme..].trim_matches('*').is_empty() {
            return value.to_owned();
        }
        format!("{}{}", &value[..scheme], super::forms::MASK)
    }

    /// Masks the value of `name=value`.
    fn masked_pair(&self, pair: &str) -> String {
        match pair.split_once('=') {
            Some((_, "")) => pair.to_owned(),
            Some((name, _)) => format!("{name}={}", super::forms::MASK),
            None if pair.trim().is_empty() => pair.to_owned(),
            None => super::forms::MASK.to_owned(),
        }
    }
}
