//! Why a value is refused: the keyword, what it promises, what was found.

use std::fmt;

use super::At;

/// Characters of a found value that an error shows.
const SHOWN: usize = 60;

/// A broken keyword, without its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    keyword: &'static str,
    promised: String,
    found: String,
    /// Where in the value it is, as a JSON Pointer; empty for the value itself.
    below: String,
    /// What the branch of a union that came closest says.
    reason: String,
}

impl Violation {
    /// A keyword that a value breaks.
    pub fn new(keyword: &'static str, promised: impl fmt::Display, found: impl fmt::Display) -> Self {
        let mut found = found.to_string();
        if let Some((end, _)) = found.char_indices().nth(SHOWN) {
            found.truncate(end);
            found.push('…');
        }
        Self { keyword, promised: promised.to_string(), found, below: String::new(), reason: String::new() }
    }

    /// The same at a place inside the value, by a JSON Pointer.
    #[must_use]
    pub fn below(mut self, pointer: &str) -> Self {
        self.below = pointer.to_owned();
        self
    }

    /// The same with what stands behind it.
    #[must_use]
    pub fn because(mut self, reason: String) -> Self {
        self.reason = reason;
        self
    }

    /// The keyword of JSON Schema.
    pub fn keyword(&self) -> &'static str {
        self.keyword
    }

    /// As an error of deserialisation, at its place: `at "/sampleRank": maximum: found 1.5, promised at most 1`.
    pub fn at<E: serde::de::Error>(&self, at: &At<'_>) -> E {
        E::custom(format_args!("at \"{at}{}\": {self}", self.below))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: found {}, promised {}", self.keyword, self.found, self.promised)?;
        if self.reason.is_empty() { Ok(()) } else { write!(formatter, "; closest: {}", self.reason) }
    }
}

impl std::error::Error for Violation {}
