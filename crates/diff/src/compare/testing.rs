//! What the unit tests of this module share.

use charter_contract::{Contract, from_documents};
use serde_json::Value;

use super::draft::PairDifferences;
use super::sides::Sides;
use crate::side::Side;

fn contract(schema: &Value) -> Contract {
    let mut schema = schema.clone();
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    let files = vec![("book.schema.json".to_owned(), schema.to_string().into_bytes())];
    from_documents(files).unwrap_or_else(|error| panic!("{error}"))
}

/// The differences of the roots of two documents.
pub(super) fn differences(old: &Value, new: &Value) -> PairDifferences {
    let (old, new) = (contract(old), contract(new));
    let (old, new) = (Side::new(&old), Side::new(&new));
    let alike = Default::default();
    Sides { old: &old, new: &new, alike: &alike }.differences(old.contract().roots()[0], new.contract().roots()[0])
}

/// Each change: its kind, whether the new schema may accept more, and whether it may accept less.
pub(super) fn changes(old: &Value, new: &Value) -> Vec<(String, bool, bool)> {
    differences(old, new).changes.into_iter().map(|draft| (draft.kind, draft.more.is_some(), draft.less.is_some())).collect()
}

/// The kind and effects of the only change.
pub(super) fn change(old: &Value, new: &Value) -> (String, bool, bool) {
    let mut changes = changes(old, new);
    assert_eq!(changes.len(), 1, "{changes:?}");
    changes.remove(0)
}

/// A change that can only let the new schema accept more.
pub(super) fn more(kind: &str) -> (String, bool, bool) {
    (kind.to_owned(), true, false)
}

/// A change that can only let the new schema accept less.
pub(super) fn less(kind: &str) -> (String, bool, bool) {
    (kind.to_owned(), false, true)
}

/// A change that can have both effects.
pub(super) fn both(kind: &str) -> (String, bool, bool) {
    (kind.to_owned(), true, true)
}
