//! The two contracts of a comparison.

use std::cell::RefCell;
use std::collections::HashSet;

use charter_contract::SchemaId;

use crate::side::Side;

/// The two contracts of a comparison.
#[derive(Clone, Copy)]
pub(super) struct Sides<'s, 'o, 'n> {
    pub(super) old: &'s Side<'o>,
    pub(super) new: &'s Side<'n>,
    /// The pairs of schemas that are known to be alike.
    pub(super) alike: &'s RefCell<HashSet<(SchemaId, SchemaId)>>,
}
