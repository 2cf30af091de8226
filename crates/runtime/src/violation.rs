//! A violation of a keyword: the keyword, the expected value and the actual value.

use std::fmt;

use super::At;

/// The maximum number of characters of a value in an error.
const MAX_FOUND: usize = 60;

/// A violation of a keyword, without the location of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    keyword: &'static str,
    expected: String,
    found: String,
    /// The location inside of the value, as a JSON Pointer; empty for the value itself.
    below: String,
    /// The error of the union branch that matched best.
    reason: String,
}

impl Violation {
    /// A violation of a keyword.
    pub fn new(keyword: &'static str, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        let mut found = found.to_string();
        if let Some((end, _)) = found.char_indices().nth(MAX_FOUND) {
            found.truncate(end);
            found.push('…');
        }
        Self { keyword, expected: expected.to_string(), found, below: String::new(), reason: String::new() }
    }

    /// Sets the location inside of the value, as a JSON Pointer.
    #[must_use]
    pub fn below(mut self, pointer: &str) -> Self {
        self.below = pointer.to_owned();
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn because(mut self, reason: String) -> Self {
        self.reason = reason;
        self
    }

    /// The keyword of JSON Schema.
    pub fn keyword(&self) -> &'static str {
        self.keyword
    }

    /// The location of the violation inside of the value, as a JSON Pointer; empty for the value itself.
    pub fn pointer(&self) -> &str {
        &self.below
    }

    /// What the keyword expects.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The value, shortened.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// The violation without its location.
    pub(super) fn reasons(&self) -> impl fmt::Display {
        Reasons(self)
    }

    /// The violation as a deserialisation error with a location: `at "/quantity": maximum: found 15, expected at most 10`.
    pub fn at<E: serde::de::Error>(&self, at: &At<'_>) -> E {
        E::custom(format_args!("at \"{at}{}\": {}", self.below, self.reasons()))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.below.is_empty() {
            write!(formatter, "at \"{}\": ", self.below)?;
        }
        self.reasons().fmt(formatter)
    }
}

/// A violation, displayed without its location.
struct Reasons<'v>(&'v Violation);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { keyword, expected, found, reason, .. } = self.0;
        write!(formatter, "{keyword}: found {found}, expected {expected}")?;
        if reason.is_empty() { Ok(()) } else { write!(formatter, "; closest: {reason}") }
    }
}

impl std::error::Error for Violation {}
