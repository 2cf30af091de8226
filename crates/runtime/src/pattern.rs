//! Regular expressions: matching takes linear time if the pattern allows it; otherwise backtracking is limited.

use std::sync::OnceLock;

use fancy_regex::{Regex, RegexBuilder};

/// The memory of a compiled pattern at most. The limit of the regex engine, 10 MiB, is too small for a class that is repeated up to
/// some ten thousand times.
const SIZE_LIMIT: usize = 1 << 28;

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

    /// Compiles a pattern in the syntax of Rust, with the limits of generated types.
    ///
    /// # Errors
    /// The text is not a regular expression, or needs too much memory.
    pub fn compile(text: &str) -> Result<Regex, fancy_regex::Error> {
        RegexBuilder::new(text).delegate_size_limit(SIZE_LIMIT).build()
    }

    /// Whether a text matches. A search that exceeds the limit is not a match.
    pub fn is_match(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Self::compile(self.text).ok());
        let Some(regex) = compiled else { return false };
        // The regex engine panics on some patterns; such a text is refused.
        std::panic::catch_unwind(|| regex.is_match(text)).is_ok_and(|found| found.unwrap_or(false))
    }
}
