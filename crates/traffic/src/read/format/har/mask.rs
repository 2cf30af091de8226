//! Masks a HAR.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::mask::{Known, Masker, Replacement, codings};
use crate::read::format::document::hex;
use crate::read::format::is_instant;
use charter_json::edit::{Edits, Node, NodeKind};

/// Masks every entry by itself, then the strings outside the entries.
pub(super) fn masked(masker: &Masker, text: &str, root: &Node<'_>, log: &Node<'_>) -> String {
    let mut edits = Edits::default();
    mask_outside(masker, text, root, &mut edits);
    for entry in log.get("entries").map(Node::items).unwrap_or_default() {
        mask_entry(masker, text, entry, &mut edits);
    }
    edits.apply(text)
}

/// Masks what is not in an entry: pages, comments and members of other programs.
pub(super) fn mask_outside(masker: &Masker, text: &str, root: &Node<'_>, edits: &mut Edits) {
    let nothing = Known::default();
    let NodeKind::Object(members) = &root.kind else { return };
    for (name, value) in members {
        match (name.as_str().unwrap_or_default(), &value.kind) {
            ("log", NodeKind::Object(members)) => {
                for (name, value) in members.iter().filter(|(name, _)| name.as_str() != Some("entries")) {
                    masker.member(text, name.as_str().unwrap_or_default(), value, &nothing, edits);
                }
            }
            (name, _) => masker.member(text, name, value, &nothing, edits),
        }
    }
}

/// Masks one entry.
pub(super) fn mask_entry(masker: &Masker, text: &str, entry: &Node<'_>, edits: &mut Edits) {
    let mut known = Known::default();
    let content = |side: &str, holder: &str| entry.get(side).and_then(|message| message.get(holder)?.get("text"));
    for body in [content("request", "postData"), content("response", "content")].into_iter().flatten().filter_map(Node::as_str) {
        masker.note_text(body, &mut known);
    }
    let known = known.ready();
    Part { masker, text, known: &known }.mask(entry, "", &[], edits);
}

/// What the parts of an entry are masked with.
struct Part<'p> {
    masker: &'p Masker,
    /// The text of which the entry is a part.
    text: &'p str,
    known: &'p Known,
}

impl Part<'_> {
    /// Masks the value of the member `key` of an entry. The content codings are those of the message around it.
    fn mask(&self, node: &Node<'_>, key: &str, outer: &[&str], edits: &mut Edits) {
        let Self { masker, text, known } = *self;
        match &node.kind {
            NodeKind::Object(entries) => {
                let encoding = node.get("encoding").and_then(Node::as_str).map(str::to_ascii_lowercase);
                let own = codings(node.get("headers"));
                let codings = if own.is_empty() { outer } else { &own };
                for (member, value) in entries {
                    let name = member.as_str().unwrap_or_default();
                    match (key, name, value.as_str()) {
                        ("content" | "postData", "text", Some(body)) => {
                            let replacement = match encoding.as_deref() {
                                Some("base64") => base64_text(masker, body, codings, known),
                                Some("hex") => hex_text(masker, body, codings, known),
                                _ => masker.body_text(body, known).map(Replacement::Text),
                            };
                            match replacement {
                                Some(Replacement::Text(text)) => masker.put(value, body, Some(text), edits),
                                Some(Replacement::Digest { digest, size }) => {
                                    edits.set(member.range.clone(), "comment");
                                    edits.set(value.range.clone(), &format!("not recorded, {size} bytes, {digest}"));
                                }
                                None => {}
                            }
                        }
                        ("", "startedDateTime", Some(text)) if is_instant(text) => {}
                        // Members of other programs.
                        (_, name, _) if name.starts_with('_') => masker.member(text, name, value, known, edits),
                        _ => self.mask(value, name, codings, edits),
                    }
                }
            }
            NodeKind::Array(items) => {
                let paired = if matches!(key, "queryString" | "params") { masker.paired_items(items) } else { Vec::new() };
                let query = items.iter().find(|item| item.get("name").and_then(Node::as_str) == Some("query"));
                let query = query.and_then(|item| item.get("value")?.as_str()).filter(|_| key == "queryString" || key == "params");
                for (index, item) in items.iter().enumerate() {
                    // The variables of a query of GraphQL.
                    if let Some(query) = query
                        && item.get("name").and_then(Node::as_str) == Some("variables")
                        && let Some(value) = item.get("value")
                        && let Some(masked) = masker.masked_variables(query, value.as_str().unwrap_or_default())
                    {
                        edits.set(value.range.clone(), &masker.body_text(&masked, known).unwrap_or(masked));
                        continue;
                    }
                    match key {
                        "headers" => {
                            masker.field(item, known, edits);
                        }
                        "cookies" | "queryString" | "params" => masker.pair(item, key, paired.contains(&index), known, edits),
                        _ => self.mask(item, key, outer, edits),
                    }
                }
            }
            NodeKind::String(text) => masker.put(node, text, masker.cleaned(text, known), edits),
            NodeKind::Number | NodeKind::Literal => {}
        }
    }
}

/// A body in base64. Polly.js stores a body with a content coding as a list of its chunks, which becomes a list of one.
fn base64_text(masker: &Masker, text: &str, codings: &[&str], known: &Known) -> Option<Replacement> {
    let Some(bytes) = chunks(text, |chunk| STANDARD.decode(chunk.trim()).ok()) else { return masker.encoded(text, codings, known) };
    match masker.encoded(&STANDARD.encode(bytes), codings, known)? {
        Replacement::Text(text) => Some(Replacement::Text(serde_json::json!([text]).to_string())),
        digest => Some(digest),
    }
}

/// A body in hexadecimal digits, or a list of its chunks.
fn hex_text(masker: &Masker, text: &str, codings: &[&str], known: &Known) -> Option<Replacement> {
    let listed = chunks(text, |chunk| hex(chunk.trim()));
    let is_list = listed.is_some();
    let Some(bytes) = listed.or_else(|| hex(text.trim())) else { return masker.cleaned(text, known).map(Replacement::Text) };
    match masker.encoded(&STANDARD.encode(bytes), codings, known)? {
        Replacement::Text(text) => {
            let digits: String = STANDARD.decode(text).ok()?.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(Replacement::Text(if is_list { serde_json::json!([digits]).to_string() } else { digits }))
        }
        digest => Some(digest),
    }
}

/// The decoded chunks of a body that is a JSON list of texts.
fn chunks(text: &str, decode: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let list: Vec<String> = text.trim_start().starts_with('[').then(|| serde_json::from_str(text).ok()).flatten()?;
    list.iter().map(|chunk| decode(chunk)).collect::<Option<Vec<_>>>().map(|chunks| chunks.concat())
}
