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
    let nothing = Known::default();
    let entries = log.get("entries");
    masker.strings(root, &nothing, &mut edits, &mut |node| entries.is_some_and(|entries| std::ptr::eq(node, entries)));
    for entry in entries.map(Node::items).unwrap_or_default() {
        mask_entry(masker, entry, &mut edits);
    }
    edits.apply(text)
}

/// Masks one entry.
pub(super) fn mask_entry(masker: &Masker, entry: &Node<'_>, edits: &mut Edits) {
    let mut known = Known::default();
    let content = |side: &str, holder: &str| entry.get(side).and_then(|message| message.get(holder)?.get("text"));
    for body in [content("request", "postData"), content("response", "content")].into_iter().flatten().filter_map(Node::as_str) {
        masker.note_text(body, &mut known);
    }
    mask_part(masker, entry, "", &[], &known.ready(), edits);
}

/// Masks the value of the member `key` of an entry. The content codings are those of the message around it.
fn mask_part(masker: &Masker, node: &Node<'_>, key: &str, outer: &[&str], known: &Known, edits: &mut Edits) {
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
                    _ => mask_part(masker, value, name, codings, known, edits),
                }
            }
        }
        NodeKind::Array(items) => {
            for item in items {
                match key {
                    "headers" => {
                        masker.field(item, known, edits);
                    }
                    "cookies" | "queryString" | "params" => masker.pair(item, key, known, edits),
                    _ => mask_part(masker, item, key, outer, known, edits),
                }
            }
        }
        NodeKind::String(text) => masker.put(node, text, masker.cleaned(text, known), edits),
        NodeKind::Number | NodeKind::Literal => {}
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
