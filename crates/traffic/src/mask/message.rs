//! Parts of recorded messages that several formats share: header fields, parameters, encoded bodies, strings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Masker;
use super::body::{Masked, Unmasked};
use super::count::Kind;
use super::forms::MASK;
use super::known::Known;
use charter_json::edit::{Edits, Node, NodeKind, json_string};

/// A body that is replaced.
pub(crate) enum Replacement {
    /// The text of its member.
    Text(String),
    /// Only its digest and its size are recorded.
    Digest {
        /// The digest, behind the name of its algorithm.
        digest: String,
        /// The length in bytes.
        size: usize,
    },
}

/// The values of `content-encoding` of a list of header fields.
pub(crate) fn codings<'n>(headers: Option<&'n Node<'_>>) -> Vec<&'n str> {
    let fields = headers.map(Node::items).unwrap_or_default().iter();
    let named =
        fields.filter(|field| field.get("name").and_then(Node::as_str).is_some_and(|name| name.eq_ignore_ascii_case("content-encoding")));
    named.filter_map(|field| field.get("value")?.as_str()).collect()
}

impl Masker {
    /// Notes the personal data of a body of text, if it is JSON.
    pub(crate) fn note_text(&self, body: &str, known: &mut Known) {
        if self.patterns.is_empty() {
            return;
        }
        if let Some(node) = Node::parse(body) {
            self.note_personal(&node, &Unmasked, known);
        }
    }

    /// Masks a body in base64 with these content codings; `None` if nothing was masked.
    pub(crate) fn encoded(&self, value: &str, codings: &[&str], known: &Known) -> Option<Replacement> {
        let Ok(bytes) = STANDARD.decode(value.trim()) else { return self.cleaned(value, known).map(Replacement::Text) };
        match self.body_bytes(&bytes, codings, known) {
            Masked::Unchanged => None,
            Masked::Bytes(bytes) => Some(Replacement::Text(STANDARD.encode(bytes))),
            Masked::Undecodable => {
                let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                Some(Replacement::Digest { digest: format!("sha256:{digest}"), size: bytes.len() })
            }
        }
    }

    /// Masks a header field, an object with name and value. Returns whether its value is masked, now or before.
    pub(crate) fn field(&self, field: &Node<'_>, known: &Known, edits: &mut Edits) -> bool {
        let named = field.get("name");
        let name = named.and_then(Node::as_str).unwrap_or_default();
        let value = field.get("value").and_then(|node| Some((node, node.as_str()?)));
        if let Some((_, value)) = value
            && known.is_empty()
            && self.clean.has_field(name, value)
        {
            return false;
        }
        let cleaned_name = self.cleaned(name, known);
        if let (Some(node), Some(cleaned)) = (named, &cleaned_name) {
            edits.set(node.range.clone(), cleaned);
        }
        let Some((node, value)) = value else { return false };
        let is_secret = self.is_secret_field(name, value);
        let cleaned = match is_secret {
            true => Some(self.masked_field(name, value, known)),
            false => self.cleaned(value, known),
        };
        if known.is_empty() && !is_secret && cleaned.is_none() && cleaned_name.is_none() {
            self.clean.add_field(name, value);
        }
        match cleaned {
            Some(cleaned) if cleaned != value => {
                if is_secret {
                    self.counts.add(Kind::Field);
                }
                edits.set(node.range.clone(), &cleaned);
                true
            }
            // Lists of masked values contain those that were masked before.
            _ => is_secret && value.contains(MASK),
        }
    }

    /// Masks a cookie or a parameter, an object with name and value. `is_paired`: its name is in another parameter.
    pub(crate) fn pair(&self, pair: &Node<'_>, list: &str, is_paired: bool, known: &Known, edits: &mut Edits) {
        let name = pair.get("name").and_then(Node::as_str).unwrap_or_default();
        let is_cookie = list == "cookies";
        let NodeKind::Object(entries) = &pair.kind else { return };
        for (key, value) in entries {
            let Some(text) = value.as_str() else { continue };
            let is_secret = is_cookie || is_paired || self.is_secret_parameter(name, text);
            let cleaned = match key.as_str() {
                // The values of a form are validated, so they keep their shape.
                Some("value") if is_secret && list == "params" && (name != "code") => self.secret_text(text, known),
                Some("value") if is_secret && list != "params" => (!text.trim_matches('*').is_empty()).then(|| {
                    self.counts.add(if is_cookie { Kind::Field } else { Kind::Parameter });
                    MASK.to_owned()
                }),
                Some("value") => self.body_text(text, known),
                _ => self.cleaned(text, known),
            };
            self.put(value, text, cleaned, edits);
        }
    }

    /// Replaces a string, if masking changed it.
    pub(crate) fn put(&self, node: &Node<'_>, text: &str, cleaned: Option<String>, edits: &mut Edits) {
        if let Some(cleaned) = cleaned.filter(|cleaned| cleaned != text) {
            edits.push(node.range.clone(), json_string(&cleaned));
        }
    }
}
