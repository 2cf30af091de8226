//! The values that masking hides: a report removes them also where the names next to them are not shown.

use std::collections::HashSet;

use charter_json::edit::{Edits, Node};

use super::Masker;
use super::body::{Unmasked, Walk};
use super::known::Known;
use crate::exchange::Exchange;

impl Masker {
    /// The strings and the integers of a JSON text that are secret by their names, or by the names of their pairs.
    pub fn secret_values(&self, text: &str) -> Vec<String> {
        let Some(node) = Node::parse(text) else { return Vec::new() };
        let (known, mut edits, mut locations) = (Known::default(), Edits::default(), Unmasked);
        let (masker, edits, locations) = (self, &mut edits, &mut locations);
        let mut walk = Walk {
            masker,
            text,
            known: &known,
            edits,
            locations,
            path: Vec::new(),
            depth: 1,
            originals: Some(Vec::new()),
            cells: HashSet::new(),
        };
        walk.visit(&node, false, None);
        walk.originals.unwrap_or_default()
    }

    /// The values of a body that a masker of reports hides: those of [`Masker::secret_values`], and the secrets inside the strings and the text.
    pub fn hidden_values(&self, text: &str) -> Vec<String> {
        let mut values = self.secret_values(text);
        if values.is_empty()
            && let Some(masked) = self.body_text(text, &Known::default())
        {
            values.extend(hidden(text, &masked));
        }
        values.retain(|value| value.len() >= SHORTEST_HIDDEN);
        values.sort_unstable();
        values.dedup();
        values
    }
}

/// The most bytes of a body that is searched for secrets.
const SEARCHED_BYTES: usize = 1 << 20;

impl Masker {
    /// The values of the bodies of an exchange that a masker of reports hides.
    pub fn hidden_in(&self, exchange: &Exchange) -> Vec<String> {
        let request = exchange.request.as_ref().and_then(|request| request.body().bytes());
        let response = exchange.response.as_ref().and_then(|response| response.body().bytes());
        let bodies = [request, response].into_iter().flatten().filter(|body| (1..=SEARCHED_BYTES).contains(&body.len()));
        bodies.filter_map(|body| std::str::from_utf8(body).ok()).flat_map(|body| self.hidden_values(body)).collect()
    }
}

/// The fewest characters of a value that a report hides wherever it is.
const SHORTEST_HIDDEN: usize = 4;

/// The parts of a text that are asterisks in its masked form. None if the two have different lengths, because a part was decoded.
pub(super) fn hidden(text: &str, masked: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    if text.chars().count() != masked.chars().count() {
        return parts;
    }
    let mut is_open = false;
    for (before, after) in text.chars().zip(masked.chars()) {
        let is_hidden = after == '*' && before != '*';
        if is_hidden && !is_open {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| is_hidden) {
            part.push(before);
        }
        is_open = is_hidden;
    }
    parts
}
