//! The smallest known document of each schema.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use charter_contract::SchemaId;
use serde_json::Value;

use super::Sampler;

/// The smallest known documents, by the schemas that must all hold.
#[derive(Default)]
pub(crate) struct Minimals {
    known: RefCell<HashMap<Vec<SchemaId>, Known>>,
    /// Whether the search met an unfinished one, or the maximum depth.
    is_cut: Cell<bool>,
    /// The number of unfinished searches.
    open: Cell<usize>,
}

/// The result of a search.
#[derive(Clone)]
enum Known {
    /// It is not finished: a recursive schema has no document on this path.
    Open,
    /// No document is found, but an unfinished search was met. A later search may find one.
    Provisional,
    None,
    Found(Value),
}

impl Minimals {
    /// Records that a search ended early.
    pub(super) fn cut(&self) {
        self.is_cut.set(true);
    }

    /// The known result.
    fn get(&self, ids: &[SchemaId]) -> Option<Option<Value>> {
        let known = self.known.borrow();
        let (value, is_cut) = match known.get(ids)? {
            Known::Open | Known::Provisional => (None, true),
            Known::None => (None, false),
            Known::Found(value) => (Some(value.clone()), false),
        };
        if is_cut {
            self.cut();
        }
        Some(value)
    }

    fn search(&self, ids: &[SchemaId], search: impl FnOnce() -> Option<Value>) -> Option<Value> {
        self.known.borrow_mut().insert(ids.to_vec(), Known::Open);
        let was_cut = self.is_cut.replace(false);
        self.open.set(self.open.get() + 1);
        let found = search();
        self.open.set(self.open.get() - 1);
        let is_cut = self.is_cut.get() && found.is_none();
        let is_outermost = self.open.get() == 0;
        let known = match &found {
            Some(value) => Known::Found(value.clone()),
            None if is_cut && !is_outermost => Known::Provisional,
            None => Known::None,
        };
        self.known.borrow_mut().insert(ids.to_vec(), known);
        if is_outermost {
            self.known.borrow_mut().retain(|_, known| !matches!(known, Known::Provisional));
        }
        self.is_cut.set(was_cut || is_cut);
        found
    }
}

impl Sampler<'_, '_> {
    /// A small document that all of the schemas accept, if one is found.
    pub(crate) fn minimal(&self, ids: &[SchemaId], level: usize) -> Option<Value> {
        // The values of the pool are needed only if those of the schemas do not suffice.
        if !self.is_shared
            && let Some(found) = Sampler::shared(self.side).minimal(ids, 0)
        {
            return Some(found);
        }
        let minimals = self.minimals();
        if let Some(known) = minimals.get(ids) {
            return known;
        }
        let accepted = |value: &Value| ids.iter().all(|id| self.side.accepts(*id, value) == Some(true));
        minimals.search(ids, || [0, 1].into_iter().find_map(|depth| self.samples_at(ids, depth, level + 1).into_iter().find(accepted)))
    }
}
