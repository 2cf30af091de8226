//! Masks a HAR.

use crate::mask::{Known, Masker};
use crate::read::format::is_instant;
use charter_json::edit::{Edits, Node, NodeKind};

/// Masks every entry by itself, then the strings outside the entries.
pub(super) fn masked(masker: &Masker, text: &str, root: &Node<'_>, log: &Node<'_>) -> String {
    let mut edits = Edits::default();
    let nothing = Known::default();
    let entries = log.get("entries");
    masker.strings(root, &nothing, &mut edits, &mut |node| entries.is_some_and(|entries| std::ptr::eq(node, entries)));
    for entry in entries.map(Node::items).unwrap_or_default() {
        let mut known = Known::default();
        let content = |side: &str, holder: &str| entry.get(side).and_then(|message| message.get(holder)?.get("text"));
        for body in [content("request", "postData"), content("response", "content")].into_iter().flatten().filter_map(Node::as_str) {
            masker.note_text(body, &mut known);
        }
        mask_part(masker, entry, "", &known.ready(), &mut edits);
    }
    edits.apply(text)
}

/// Masks the value of the member `key` of an entry.
fn mask_part(masker: &Masker, node: &Node<'_>, key: &str, known: &Known, edits: &mut Edits) {
    match &node.kind {
        NodeKind::Object(entries) => {
            let is_base64 = node.get("encoding").and_then(Node::as_str) == Some("base64");
            for (name, value) in entries {
                let name = name.as_str().unwrap_or_default();
                match (key, name, value.as_str()) {
                    ("content" | "postData", "text", Some(body)) if is_base64 => {
                        masker.put(value, body, masker.encoded(body, known), edits);
                    }
                    ("content" | "postData", "text", Some(body)) => masker.put(value, body, masker.body_text(body, known), edits),
                    ("", "startedDateTime", Some(text)) if is_instant(text) => {}
                    _ => mask_part(masker, value, name, known, edits),
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
                    _ => mask_part(masker, item, key, known, edits),
                }
            }
        }
        NodeKind::String(text) => masker.put(node, text, masker.cleaned(text, known), edits),
        NodeKind::Number | NodeKind::Literal => {}
    }
}
