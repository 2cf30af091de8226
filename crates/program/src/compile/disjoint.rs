//! Unions of objects whose branches exclude each other.

use charter_json::KeyTable;

use super::Compiler;
use crate::node::{Child, Kind, Node, ObjectNode, StringNode, TYPES};

impl Compiler<'_> {
    /// Marks the unions of objects whose branches exclude each other.
    pub(super) fn find_disjoint(&mut self) {
        let object = TYPES - 1;
        let mut disjoint = Vec::new();
        for (index, node) in self.program.nodes.iter().enumerate() {
            for (at, union) in node.around[object].iter().flat_map(|around| around.unions.iter().enumerate()) {
                let branches = &union.branches;
                let pairs = (0..branches.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
                if branches.len() <= 32 && pairs.into_iter().all(|(one, other)| self.excludes(branches[one].0, branches[other].0)) {
                    disjoint.push((index, at));
                }
            }
        }
        for (index, at) in disjoint {
            if let Some(union) = self.program.nodes[index].around[object].as_mut().and_then(|around| around.unions.get_mut(at)) {
                union.disjoint = true;
            }
        }
    }

    /// Whether no object is valid under both children.
    fn excludes(&self, one: Child, other: Child) -> bool {
        let object = |child: Child| match child {
            Child::Node(index) => match &self.program.nodes[index as usize].object {
                Kind::Checked(object) => Some(&**object),
                _ => None,
            },
            _ => None,
        };
        let (Some(one), Some(other)) = (object(one), object(other)) else { return false };
        let has = |required: &ObjectNode, closed: &ObjectNode| {
            let needed = (0..required.keys.len()).filter(|index| required.required >> index & 1 == 1);
            needed.into_iter().any(|index| {
                let (Some(name), child) = (required.keys.name(index), required.children[index]) else { return false };
                let opposite = closed.child_of(name);
                opposite == Some(Child::Never) || opposite.is_some_and(|opposite| self.has_other_values(child, opposite))
            })
        };
        has(one, other) || has(other, one)
    }

    /// Whether both children accept only strings of lists without a common string.
    fn has_other_values(&self, one: Child, other: Child) -> bool {
        let values = |child: Child| match child {
            Child::Node(index) => self.program.nodes[index as usize].only_strings(),
            _ => None,
        };
        match (values(one), values(other)) {
            (Some(one), Some(other)) => (0..one.len()).all(|index| one.name(index).is_some_and(|name| other.position(name).is_none())),
            _ => false,
        }
    }
}

impl Node {
    /// The strings, if every other value is invalid.
    fn only_strings(&self) -> Option<&KeyTable> {
        let others = self.null.is_never()
            && self.false_.is_never()
            && self.true_.is_never()
            && self.number.is_never()
            && self.array.is_never()
            && self.object.is_never();
        match &self.string {
            Kind::Checked(StringNode { values: Some(values), .. }) if others => Some(&values.0),
            _ => None,
        }
    }
}

impl ObjectNode {
    /// The child of a key; `None` if it cannot be determined.
    fn child_of(&self, name: &str) -> Option<Child> {
        if let Some(index) = self.keys.position(name) {
            return self.children.get(index).copied();
        }
        let mut set = 0;
        for (index, regex) in self.patterns.iter().enumerate() {
            set |= usize::from(regex.is_match(name).ok()?) << index;
        }
        self.by_patterns.get(set).copied()
    }
}
