//! Patterns.

use crate::Pattern;

/// The limit of the regex engine alone is too small for this pattern.
#[test]
fn a_large_repeat_count_compiles() {
    static WIDE: Pattern = Pattern::new("^[a-z]{0,100000}$");
    assert!(WIDE.is_match("abc"));
    assert!(!WIDE.is_match("ab7"));
}
