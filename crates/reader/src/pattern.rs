//! Regular expressions of rules: RE2 syntax, linear time.

use std::sync::OnceLock;

use regex::Regex;

/// A regular expression that is compiled at its first use.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern of a text.
    pub const fn new(text: &'static str) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    /// Whether it matches anywhere in a text. `None` if it cannot be compiled.
    pub fn is_match(&self, text: &str) -> Option<bool> {
        self.regex.get_or_init(|| Regex::new(self.text).ok()).as_ref().map(|regex| regex.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_anywhere_and_an_invalid_one_returns_none() {
        static PATTERN: Pattern = Pattern::new("b+$");
        static INVALID: Pattern = Pattern::new("[");
        assert_eq!((PATTERN.is_match("abb"), PATTERN.is_match("aba"), INVALID.is_match("")), (Some(true), Some(false), None));
    }
}
