//! Positions in TOML documents: from a JSON Pointer to a byte, and from a byte to a JSON Pointer.

use std::ops::Range;

use charter_json::{push_token, unescape_token};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The byte where the value at a pointer begins; for a table with a header, its header.
pub(super) fn locate(text: &str, pointer: &str) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut tokens = pointer.split('/').skip(1).map(unescape_token);
    let Some(first) = tokens.next() else { return Some(0) };
    let mut at = root.get_ref().get(first.as_str())?;
    for token in tokens {
        at = match at.get_ref() {
            DeValue::Table(table) => table.get(token.as_str())?,
            DeValue::Array(items) => items.get(token.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(at.span().start)
}

/// The pointer to the innermost key or value that contains a byte; empty where only the document does.
pub(crate) fn pointer_to(text: &str, byte: usize) -> String {
    let root = DeTable::parse(text).ok();
    root.and_then(|root| in_table(root.get_ref(), byte, "")).unwrap_or_default()
}

fn in_table(table: &DeTable<'_>, byte: usize, above: &str) -> Option<String> {
    // The span of a table with a header covers its header only, so every table is searched.
    table.iter().find_map(|(key, value)| in_value(value, byte, &child(above, key.get_ref()), &key.span()))
}

fn in_value(value: &Spanned<DeValue<'_>>, byte: usize, pointer: &str, key: &Range<usize>) -> Option<String> {
    let below = match value.get_ref() {
        DeValue::Table(table) => in_table(table, byte, pointer),
        DeValue::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| in_value(item, byte, &child(pointer, index), &item.span()))
        }
        _ => None,
    };
    below.or_else(|| (value.span().contains(&byte) || key.contains(&byte)).then(|| pointer.to_owned()))
}

fn child(above: &str, token: impl std::fmt::Display) -> String {
    let mut pointer = above.to_owned();
    push_token(&mut pointer, token);
    pointer
}
