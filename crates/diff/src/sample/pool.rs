//! Values in the keywords of both schemas. Samples at these values are likely witnesses.

use charter_contract::SchemaId;
use serde_json::{Number, Value};

use crate::pattern::{self, Inclusion};
use crate::side::Side;

/// The values in the keywords of two schemas.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    pub(super) numbers: Vec<f64>,
    pub(super) texts: Vec<String>,
    pub(super) patterns: Vec<String>,
    pub(super) lengths: Vec<u64>,
    pub(super) counts: Vec<u64>,
    pub(super) keys: Vec<String>,
    /// The values of `enum` and `const`.
    pub(crate) values: Vec<Value>,
}

impl Pool {
    /// A pool without values.
    pub(super) const fn empty() -> Self {
        Self {
            numbers: Vec::new(),
            texts: Vec::new(),
            patterns: Vec::new(),
            lengths: Vec::new(),
            counts: Vec::new(),
            keys: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Collects the values of a schema and its parts, down to two levels.
    pub(crate) fn collect(&mut self, side: &Side<'_>, id: SchemaId) {
        let (mut open, mut seen) = (vec![(id, 0)], std::collections::BTreeSet::new());
        while let Some((id, depth)) = open.pop() {
            if !seen.insert(id) || seen.len() > 60 {
                continue;
            }
            let keywords = &side.contract().schema(id).keywords;
            let bounds =
                [&keywords.minimum, &keywords.maximum, &keywords.exclusive_minimum, &keywords.exclusive_maximum, &keywords.multiple_of];
            self.numbers.extend(bounds.into_iter().flatten().filter_map(Number::as_f64));
            self.lengths.extend(keywords.min_length.into_iter().chain(keywords.max_length));
            let counts = [keywords.min_items, keywords.max_items, keywords.min_contains, keywords.max_contains, keywords.max_properties];
            self.counts.extend(counts.into_iter().flatten());
            self.patterns.extend(keywords.pattern.clone());
            self.patterns.extend(keywords.pattern_properties.keys().cloned());
            let listed = keywords.enumeration.iter().flatten().chain(&keywords.constant);
            self.texts.extend(listed.clone().filter_map(|value| value.as_str().map(str::to_owned)));
            self.values.extend(listed.cloned());
            self.keys.extend(keywords.properties.keys().cloned());
            self.keys.extend(keywords.required.iter().cloned());
            self.keys.extend(keywords.dependent_required.keys().cloned());
            open.extend(keywords.in_place().map(|next| (next, depth)));
            if depth < 2 {
                open.extend(keywords.parts().map(|next| (next, depth + 1)));
            }
        }
        self.numbers.sort_by(f64::total_cmp);
        self.numbers.dedup();
        for list in [&mut self.texts, &mut self.patterns, &mut self.keys] {
            list.sort();
            list.dedup();
        }
        for list in [&mut self.lengths, &mut self.counts] {
            list.sort_unstable();
            list.dedup();
        }
        self.numbers.truncate(24);
        self.texts.truncate(48);
        self.keys.truncate(80);
    }

    /// Adds texts that one pattern matches and another one does not, unless there are many patterns.
    pub(crate) fn add_differences(&mut self) {
        const PATTERNS: usize = 6;
        if self.patterns.len() > PATTERNS {
            return;
        }
        for narrow in &self.patterns {
            // A text that the pattern does not match.
            if let Some(Inclusion::Refuted(text)) = pattern::compare("", narrow) {
                self.texts.push(text);
            }
            for wide in self.patterns.iter().filter(|wide| *wide != narrow) {
                if let Some(Inclusion::Refuted(text)) = pattern::compare(narrow, wide) {
                    self.texts.push(text);
                }
            }
        }
    }
}
