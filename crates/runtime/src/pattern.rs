//! Regular expressions: matching takes linear time if the pattern allows it; otherwise backtracking is limited.

use std::sync::OnceLock;

use fancy_regex::Regex;

/// A pattern of a schema, in the syntax of Rust. It is compiled on first use.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern that compiled at generation time.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    /// Whether a text matches. A search that exceeds the limit is not a match.
    pub fn is_match(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(self.text).ok());
        let Some(regex) = compiled else { return false };
        // The regex engine panics on some patterns; such a text is refused.
        std::panic::catch_unwind(|| regex.is_match(text)).is_ok_and(|found| found.unwrap_or(false))
    }
}
