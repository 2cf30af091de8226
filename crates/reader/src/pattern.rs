//! Patterns of rules: RE2 syntax, in linear time.

use std::sync::OnceLock;

use regex::Regex;

/// A pattern that is compiled when it is first asked.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern that a text says.
    pub const fn new(text: &'static str) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    /// Whether it occurs in a text; `None` where it cannot be compiled.
    pub fn is_match(&self, text: &str) -> Option<bool> {
        self.regex.get_or_init(|| Regex::new(self.text).ok()).as_ref().map(|regex| regex.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_looked_for_anywhere_and_a_broken_one_says_nothing() {
        static PATTERN: Pattern = Pattern::new("b+$");
        static BROKEN: Pattern = Pattern::new("[");
        assert_eq!((PATTERN.is_match("abb"), PATTERN.is_match("aba"), BROKEN.is_match("")), (Some(true), Some(false), None));
    }
}
