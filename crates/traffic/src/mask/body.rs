//! Masking of JSON and text: personal data by its location, secrets and known values everywhere.

use aho_corasick::{AhoCorasick, MatchKind};

use super::Masker;
use super::forms::percent_encoded;
use charter_json::edit::{Edits, Node, NodeKind};

/// Shorter personal data is masked only in its location: as a substring it would match unrelated text.
const SHORTEST: usize = 6;

/// The personal data of one exchange: each value and its pseudonym.
#[derive(Default)]
pub(crate) struct Known {
    pairs: Vec<(String, String)>,
    finder: Option<AhoCorasick>,
}

impl Known {
    /// Adds a value. A single word may be a value of the contract, such as `agent`, and is masked only in its location.
    pub(crate) fn note(&mut self, value: &str, pseudonym: &str) {
        let telling = value.chars().any(|character| character.is_whitespace() || character.is_ascii_digit() || character == '@');
        if value.len() < SHORTEST || !telling || value == pseudonym || self.pairs.iter().any(|(known, _)| known == value) {
            return;
        }
        self.pairs.push((value.to_owned(), pseudonym.to_owned()));
        for (known, masked) in percent_encoded(value).into_iter().zip(percent_encoded(pseudonym)) {
            if !self.pairs.iter().any(|(other, _)| *other == known) {
                self.pairs.push((known, masked));
            }
        }
    }

    /// Builds the search, after the last value.
    pub(crate) fn ready(mut self) -> Self {
        if !self.pairs.is_empty() {
            let values = self.pairs.iter().map(|(value, _)| value);
            self.finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(values).ok();
        }
        self
    }

    fn masked(&self, text: &str) -> Option<String> {
        let finder = self.finder.as_ref()?;
        let pseudonyms: Vec<&str> = self.pairs.iter().map(|(_, pseudonym)| pseudonym.as_str()).collect();
        finder.is_match(text).then(|| finder.replace_all(text, &pseudonyms))
    }
}

impl Masker {
    /// Masks a text; `None` if nothing was masked.
    pub(crate) fn cleaned(&self, text: &str, known: &Known) -> Option<String> {
        let replaced = known.masked(text);
        let masked = self.text(replaced.as_deref().unwrap_or(text));
        if masked != text { Some(masked.into_owned()) } else { None }
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
        let mut walk = Walk { masker: self, text, known, edits, locations, path: Vec::new() };
        walk.visit(body, false);
    }

    /// Masks a body of text, which may be JSON; `None` if nothing was masked.
    pub(crate) fn body_text(&self, body: &str, known: &Known) -> Option<String> {
        let Some(node) = Node::parse(body) else { return self.cleaned(body, known) };
        let mut edits = Edits::default();
        self.json(body, &node, known, &mut edits, &mut Unmasked);
        (!edits.is_empty()).then(|| edits.apply(body))
    }

    /// Masks a body of bytes; `None` if nothing was masked. If it is not UTF-8, only secrets are masked.
    pub(crate) fn body_bytes(&self, body: &[u8], known: &Known) -> Option<Vec<u8>> {
        match std::str::from_utf8(body) {
            Ok(text) => self.body_text(text, known).map(String::into_bytes),
            Err(_) => self.forms.masked_bytes(body),
        }
    }
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

struct Walk<'w, 'm> {
    masker: &'m Masker,
    text: &'m str,
    known: &'m Known,
    edits: &'w mut Edits,
    locations: &'w mut dyn MaskedLocations,
    path: Vec<String>,
}

impl Walk<'_, '_> {
    fn visit(&mut self, node: &Node<'_>, personal: bool) {
        let personal = (personal || self.masker.is_personal(&self.path)) && !self.locations.is_masked(&self.path);
        match &node.kind {
            NodeKind::Object(entries) => {
                for (key, value) in entries {
                    let name = key.as_str().unwrap_or_default();
                    let masked = self.masker.cleaned(name, self.known);
                    if let Some(masked) = &masked {
                        self.edits.set(key.range.clone(), masked);
                    }
                    self.path.push(masked.unwrap_or_else(|| name.to_owned()));
                    self.visit(value, personal);
                    self.path.pop();
                }
            }
            NodeKind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.path.push(index.to_string());
                    self.visit(item, personal);
                    self.path.pop();
                }
            }
            NodeKind::String(text) => {
                let masked = match personal && !text.is_empty() {
                    // A field of personal data may contain a secret.
                    true => Some(self.masker.forms.masked(text).unwrap_or_else(|| self.masker.pseudonyms.text(text))),
                    false => self.masker.cleaned(text, self.known),
                };
                if let Some(masked) = masked.filter(|masked| **masked != **text) {
                    self.edits.set(node.range.clone(), &masked);
                    self.locations.changed(&self.path);
                }
            }
            NodeKind::Number => {
                let written = &self.text[node.range.clone()];
                if personal || self.masker.forms.masked(written).is_some() {
                    self.edits.push(node.range.clone(), self.masker.pseudonyms.number(written));
                    self.locations.changed(&self.path);
                }
            }
            NodeKind::Literal => {}
        }
    }
}
