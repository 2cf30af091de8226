//! The two contracts of a comparison.

use crate::side::Side;

/// The two contracts of a comparison.
#[derive(Clone, Copy)]
pub(super) struct Sides<'s, 'o, 'n> {
    pub(super) old: &'s Side<'o>,
    pub(super) new: &'s Side<'n>,
}
