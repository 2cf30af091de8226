//! The tree that masking edits.

pub(super) use charter_json::edit::{Edits, Node, NodeKind as Kind, json_string};
