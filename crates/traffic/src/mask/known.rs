//! The personal data of one exchange, which is masked everywhere in the exchange.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, MatchKind};

use super::forms::percent_encoded;

/// Shorter personal data is masked only in its location: as a substring it would match unrelated text.
const SHORTEST: usize = 6;

/// The personal data of one exchange: each value and its pseudonym.
#[derive(Default)]
pub(crate) struct Known {
    pairs: Vec<(String, String)>,
    /// The values and the pseudonyms.
    values: HashSet<String>,
    pseudonyms: HashSet<String>,
    finder: Option<AhoCorasick>,
}

impl Known {
    /// Adds a value. A single word may be a value of the contract, such as `agent`, and is masked only in its location.
    pub(crate) fn note(&mut self, value: &str, pseudonym: &str) {
        let telling = value.chars().any(|character| character.is_whitespace() || character.is_ascii_digit() || character == '@');
        if value.len() < SHORTEST || !telling || value == pseudonym || self.pseudonyms.contains(value) || self.values.contains(value) {
            return;
        }
        self.add(value.to_owned(), pseudonym.to_owned());
        for (known, masked) in percent_encoded(value).into_iter().zip(percent_encoded(pseudonym)) {
            if !self.values.contains(&known) {
                self.add(known, masked);
            }
        }
    }

    fn add(&mut self, value: String, pseudonym: String) {
        self.values.insert(value.clone());
        self.pseudonyms.insert(pseudonym.clone());
        self.pairs.push((value, pseudonym));
    }

    /// Builds the search, after the last value.
    pub(crate) fn ready(mut self) -> Self {
        if !self.pairs.is_empty() {
            let values = self.pairs.iter().map(|(value, _)| value);
            self.finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(values).ok();
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    pub(super) fn masked(&self, text: &str) -> Option<String> {
        let finder = self.finder.as_ref()?;
        let pseudonyms: Vec<&str> = self.pairs.iter().map(|(_, pseudonym)| pseudonym.as_str()).collect();
        finder.is_match(text).then(|| finder.replace_all(text, &pseudonyms))
    }
}
