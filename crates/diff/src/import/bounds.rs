//! Removes the boolean `exclusiveMinimum` and `exclusiveMaximum` of draft 4 from schemas of later drafts, where they have no effect: a
//! schema document with them does not load.

use std::collections::BTreeMap;

use charter_contract::Draft;
use charter_contract::keywords::is_ignored;
use charter_contract::objects::{Object, visit_mut};
use serde_json::Value;

/// Removes the keywords without an effect, and returns the number of each.
pub(super) fn remove_former(document: &mut Value) -> BTreeMap<String, usize> {
    let mut removed = BTreeMap::new();
    visit_mut(document, Object::Document, &mut |object, members| {
        if object == Object::Schema && !members.contains_key("$schema") {
            members.retain(|keyword, value| {
                let is_ignored = is_ignored(keyword, value, Draft::default());
                if is_ignored {
                    *removed.entry(keyword.clone()).or_default() += 1;
                }
                !is_ignored
            });
        }
    });
    removed
}
