//! The two contracts of a comparison.

use std::cell::RefCell;
use std::collections::HashMap;

use charter_contract::SchemaId;

use crate::side::Side;

/// The two contracts of a comparison.
#[derive(Clone, Copy)]
pub(super) struct Sides<'s, 'o, 'n> {
    pub(super) old: &'s Side<'o>,
    pub(super) new: &'s Side<'n>,
    /// Whether pairs of schemas are alike, as far as known.
    pub(super) alike: &'s RefCell<HashMap<(SchemaId, SchemaId), bool>>,
}
