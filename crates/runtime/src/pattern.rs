//! Patterns: in time linear to the text wherever the pattern allows it, with a limit on backtracking where not.

use std::sync::OnceLock;

use fancy_regex::Regex;

/// A pattern of a schema, in the syntax of Rust; compiled once, when first used.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern that the generator has compiled before.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    /// Whether a text has a match. A search that is given up is no match.
    pub fn is_match(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(self.text).ok());
        let Some(regex) = compiled else { return false };
        // The engine is known to panic on some patterns; a refusal is what remains then.
        std::panic::catch_unwind(|| regex.is_match(text)).is_ok_and(|found| found.unwrap_or(false))
    }
}
