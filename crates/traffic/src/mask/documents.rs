//! JSON documents in a text that is not JSON as a whole: lines, event streams, calls of JSONP.

use charter_json::edit::{Edits, Node};

use super::Masker;
use super::body::{DEPTH_LIMIT, Unmasked};
use super::detect::Context;
use super::known::Known;

/// The most characters of the name of a function before a JSON document.
const LONGEST_CALL: usize = 80;

impl Masker {
    /// Masks the JSON documents of a text that has others too: one on each line, after `data:` in an event stream, or in a call of JSONP. `None` if nothing was masked.
    pub(super) fn documents(&self, text: &str, known: &Known, context: Context) -> Option<String> {
        if context.depth >= DEPTH_LIMIT {
            return None;
        }
        let begins = |text: &str| text.starts_with(['{', '[']);
        let mut edits = Edits::default();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let content = line.trim_end();
            let inner = content.strip_prefix("data:").map_or(content, str::trim_start);
            // After an identifier, RFC 7464 or a prefix against inclusion as a script.
            let inner = inner.trim_start_matches(['\u{1e}', ' ', '\t', ')', ']', '}', '\'', ',', ';']);
            let call = |text: &'_ str| Some((text.find('(')?, text.rfind(')')?)).filter(|(open, _)| *open < LONGEST_CALL);
            let document = match call(inner) {
                _ if begins(inner) => inner,
                Some((open, close)) if open < close && begins(&inner[open + 1..close]) => inner[open + 1..close].trim_end(),
                _ => continue,
            };
            let from = start + (document.as_ptr() as usize - line.as_ptr() as usize);
            if document.len() > 2
                && document.len() < text.len()
                && let Some(node) = Node::parse(document)
            {
                let mut own = Edits::default();
                self.json_at(document, &node, known, &mut own, &mut Unmasked, context.depth + 1);
                if !own.is_empty() {
                    edits.push(from..from + document.len(), own.apply(document));
                }
            }
        }
        (!edits.is_empty()).then(|| edits.apply(text)).filter(|masked| masked != text)
    }
}
