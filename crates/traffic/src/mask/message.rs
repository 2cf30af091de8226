//! Parts of recorded messages that several formats share: header fields, parameters, encoded bodies, strings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Masker;
use super::body::{Known, Unmasked};
use super::forms::MASK;
use charter_json::edit::{Edits, Node, NodeKind, json_string};

impl Masker {
    /// Notes the personal data of a body of text, if it is JSON.
    pub(crate) fn note_text(&self, body: &str, known: &mut Known) {
        if let Some(node) = Node::parse(body) {
            self.note_personal(&node, &Unmasked, known);
        }
    }

    /// Masks a body in base64; `None` if nothing was masked.
    pub(crate) fn encoded(&self, value: &str, known: &Known) -> Option<String> {
        match STANDARD.decode(value.trim()) {
            Ok(bytes) => self.body_bytes(&bytes, known).map(|bytes| STANDARD.encode(bytes)),
            Err(_) => self.cleaned(value, known),
        }
    }

    /// Masks a header field, an object with name and value. Returns whether its value is masked, now or before.
    pub(crate) fn field(&self, field: &Node<'_>, known: &Known, edits: &mut Edits) -> bool {
        let name = field.get("name").and_then(Node::as_str).unwrap_or_default();
        let Some(node) = field.get("value") else { return false };
        let Some(value) = node.as_str() else { return false };
        let cleaned = match self.names.holds_secret(name) {
            true => Some(self.names.masked_value(name, value)),
            false => self.cleaned(value, known),
        };
        match cleaned {
            Some(cleaned) if cleaned != value => {
                edits.set(node.range.clone(), &cleaned);
                true
            }
            // Lists of masked values contain those that were masked before.
            _ => self.names.holds_secret(name) && value.contains(MASK),
        }
    }

    /// Masks a cookie or a parameter, an object with name and value.
    pub(crate) fn pair(&self, pair: &Node<'_>, list: &str, known: &Known, edits: &mut Edits) {
        let name = pair.get("name").and_then(Node::as_str).unwrap_or_default();
        let secret = list == "cookies" || self.names.is_secret_parameter(name);
        let NodeKind::Object(entries) = &pair.kind else { return };
        for (key, value) in entries {
            let Some(text) = value.as_str() else { continue };
            match key.as_str() {
                Some("value") if secret => self.put(value, text, Some(MASK.to_owned()), edits),
                _ => self.put(value, text, self.cleaned(text, known), edits),
            }
        }
    }

    /// Replaces a string, if masking changed it.
    pub(crate) fn put(&self, node: &Node<'_>, text: &str, cleaned: Option<String>, edits: &mut Edits) {
        if let Some(cleaned) = cleaned.filter(|cleaned| cleaned != text) {
            edits.push(node.range.clone(), json_string(&cleaned));
        }
    }

    /// Masks every string of a tree, except in parts that `skip` selects.
    pub(crate) fn strings(&self, node: &Node<'_>, known: &Known, edits: &mut Edits, skip: &mut dyn FnMut(&Node<'_>) -> bool) {
        if skip(node) {
            return;
        }
        match &node.kind {
            NodeKind::Object(entries) => entries.iter().for_each(|(_, value)| self.strings(value, known, edits, skip)),
            NodeKind::Array(items) => items.iter().for_each(|item| self.strings(item, known, edits, skip)),
            NodeKind::String(text) => self.put(node, text, self.cleaned(text, known), edits),
            NodeKind::Number | NodeKind::Literal => {}
        }
    }
}
