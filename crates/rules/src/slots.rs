//! Slots: the values below a variable that expressions read by static paths, such as `self.a.b` or `request.query.limit`.
//!
//! A [`SlotTable`] is a tree of keys. Each slot has a number, which is its index in [`SlotTable::slots`]; a parent has a lower number than its
//! children. [`ContractSlots`] has one table for each kind of variable of a contract's rules.
//!
//! # How to fill slots
//!
//! A reader of a document fills an array with one place for each slot: the value of the slot (a byte range, or a node of a tree), or "absent".
//!
//! - At an object that belongs to a table's variable, begin with [`SlotTable::roots`]. For each member whose key is the [`Slot::key`] of one of these
//!   slots, store its value under the number of the slot. If the slot has children and the value is an object, do the same below it with
//!   [`Slot::children`].
//! - A slot is absent if its object does not have the key, or if its parent is absent or not an object. Strict JSON has no duplicate keys, so that
//!   one pass over the bytes in any order fills all slots.
//! - `null` is a value, not an absence.
//! - The value of a slot is the whole value, including what its children hold: an expression may read both `self.a` and `self.a.b`.
//!
//! The table of a schema, in [`ContractSlots::schemas`], describes `self` and `oldSelf` at every instance of the schema; a body can have several
//! instances, each with slots of its own. The tables `request` and `response` have first keys of their own: `path`, `query`, `headers`, `cookies` and `body`;
//! `status` and `headers`.

use std::collections::BTreeMap;

use charter_contract::invariant::{Invariant, Literal, Node, NodeKind, Site};
use charter_contract::{Contract, SchemaId};

/// The number of a slot in its table.
pub type SlotId = usize;

/// A value below a variable that expressions read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slot {
    /// The slot of the object that has the key; `None` for a member of the variable itself.
    pub parent: Option<SlotId>,
    /// The key.
    pub key: String,
    /// The slots below it.
    pub children: Vec<SlotId>,
}

/// The slots of one variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotTable {
    slots: Vec<Slot>,
    roots: Vec<SlotId>,
}

impl SlotTable {
    /// The slots by number.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The members of the variable itself.
    pub fn roots(&self) -> &[SlotId] {
        &self.roots
    }

    /// The slots below a slot, or below the variable.
    pub fn below(&self, parent: Option<SlotId>) -> &[SlotId] {
        match parent {
            None => &self.roots,
            Some(parent) => self.slots.get(parent).map_or(&[], |slot| slot.children.as_slice()),
        }
    }

    /// The slot of a path.
    pub fn find(&self, path: &[&str]) -> Option<SlotId> {
        path.iter().try_fold(None, |parent, key| self.child(parent, key).map(Some)).flatten()
    }

    /// The keys that lead from the variable to a slot.
    pub fn path(&self, slot: SlotId) -> Vec<&str> {
        let mut path = Vec::new();
        let mut next = Some(slot);
        while let Some(slot) = next.and_then(|slot| self.slots.get(slot)) {
            path.push(slot.key.as_str());
            next = slot.parent;
        }
        path.reverse();
        path
    }

    /// Adds the paths that an expression reads below a variable.
    pub fn add(&mut self, node: &Node, variable: &str) {
        if let Some((name, path)) = static_path(node)
            && name == variable
        {
            let mut parent = None;
            for key in path {
                parent = Some(self.child(parent, key).unwrap_or_else(|| self.insert(parent, key)));
            }
        }
        for child in node.children() {
            self.add(child, variable);
        }
    }

    fn child(&self, parent: Option<SlotId>, key: &str) -> Option<SlotId> {
        self.below(parent).iter().copied().find(|slot| self.slots[*slot].key == key)
    }

    fn insert(&mut self, parent: Option<SlotId>, key: &str) -> SlotId {
        let id = self.slots.len();
        self.slots.push(Slot { parent, key: key.to_owned(), children: Vec::new() });
        match parent {
            None => self.roots.push(id),
            Some(parent) => self.slots[parent].children.push(id),
        }
        id
    }
}

/// The variable and the keys of a static path: `v.a.b`, `v['a'].b` and `has(v.a.b)`. `None` for other expressions and for a variable alone.
pub fn static_path(node: &Node) -> Option<(&str, Vec<&str>)> {
    let (of, key) = match &node.kind {
        NodeKind::Select { of, field } | NodeKind::Has { of, field } => (of, field.as_str()),
        NodeKind::Index { of, key } => match &key.kind {
            NodeKind::Literal(Literal::String(key)) => (of, key.as_str()),
            _ => return None,
        },
        _ => return None,
    };
    if let NodeKind::Variable(name) = &of.kind {
        return Some((name, vec![key]));
    }
    if matches!(of.kind, NodeKind::Has { .. }) {
        return None;
    }
    let (name, mut path) = static_path(of)?;
    path.push(key);
    Some((name, path))
}

/// The slots of all rules of a contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractSlots {
    /// The slots of `self` and `oldSelf` at the instances of a schema.
    pub schemas: BTreeMap<SchemaId, SlotTable>,
    /// The slots of `self` in rules about responses of operations.
    pub response_bodies: SlotTable,
    /// The slots of `request`.
    pub request: SlotTable,
    /// The slots of `response`.
    pub response: SlotTable,
}

impl ContractSlots {
    /// The slots of a contract's rules.
    pub fn of(contract: &Contract) -> Self {
        let mut slots = Self::default();
        for invariant in &contract.invariants().invariants {
            slots.add(invariant);
        }
        slots
    }

    /// The table of `self` at the site of a rule.
    pub fn self_at(&self, site: &Site) -> Option<&SlotTable> {
        match site {
            Site::Schema(schema) => self.schemas.get(schema),
            Site::Response { .. } => Some(&self.response_bodies),
        }
    }

    fn add(&mut self, invariant: &Invariant) {
        let derived = invariant.interest.iter();
        for node in invariant.expressions().map(|(_, expression)| &expression.root).chain(derived) {
            match invariant.on {
                Site::Schema(schema) => self.schemas.entry(schema).or_default().add(node, "self"),
                Site::Response { .. } => self.response_bodies.add(node, "self"),
            }
            let earlier = match (invariant.earlier, &invariant.on) {
                (Some(earlier), _) => Some(earlier),
                (None, Site::Schema(schema)) => Some(*schema),
                (None, Site::Response { .. }) => None,
            };
            if let Some(earlier) = earlier.filter(|_| invariant.old.is_some()) {
                self.schemas.entry(earlier).or_default().add(node, "oldSelf");
            }
            self.request.add(node, "request");
            self.response.add(node, "response");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_expression;

    #[test]
    fn static_paths_become_slots() {
        let mut table = SlotTable::default();
        let rule =
            "has(self.a.b) && self.a['c-d'].e == 1 && self.l.all(x, x.y == self.a.b) && self.m[self.n] == other.z && self.l[0].q == 1";
        table.add(&parse_expression(rule).expect("a rule").root, "self");
        let mut paths: Vec<String> = (0..table.slots().len()).map(|slot| table.path(slot).join("/")).collect();
        paths.sort();
        assert_eq!(paths, ["a", "a/b", "a/c-d", "a/c-d/e", "l", "m", "n"]);
        for slot in 0..table.slots().len() {
            assert_eq!(table.find(&table.path(slot)), Some(slot));
            assert!(table.slots()[slot].parent.is_none_or(|parent| parent < slot && table.slots()[parent].children.contains(&slot)));
        }
        assert_eq!((table.find(&[]), table.find(&["a", "x"]), table.find(&["b"])), (None, None, None));
    }
}
