//! The branches of `anyOf` and `oneOf`: which are added, removed or changed.

use charter_contract::{Keywords, SchemaId};

use super::draft::{Blame, Locations, PairDifferences, Variance};
use super::matching::{alike, branches};
use super::sides::Sides;
use super::text::shortened;
use super::view::{assertions, core, is_null};

/// The keywords of errors that a branch explains.
const UNION: &[&str] = &["anyOf", "oneOf", "type", "enum", "const"];

impl Sides<'_, '_, '_> {
    /// Compares the branches. A schema without a union counts as a union of itself. Returns false if other keywords must be compared, too.
    pub(super) fn union(
        &self,
        one: &Keywords,
        old: SchemaId,
        other: &Keywords,
        new: SchemaId,
        at: &Locations,
        pair: &mut PairDifferences,
    ) -> bool {
        let list = |keywords: &Keywords| -> Option<(&'static str, Vec<SchemaId>)> {
            match (keywords.any_of.is_empty(), keywords.one_of.is_empty()) {
                (false, true) => Some(("anyOf", keywords.any_of.clone())),
                (true, false) => Some(("oneOf", keywords.one_of.clone())),
                _ => None,
            }
        };
        let bare = |keywords: &Keywords| {
            let rest = Keywords { any_of: Vec::new(), one_of: Vec::new(), types: None, ..keywords.clone() };
            rest == Keywords::default()
        };
        let (left, right) = match (list(one), list(other)) {
            (Some(left), Some(right)) => (left, right),
            (Some(left), None) if bare(one) => (left, ("", vec![new])),
            (None, Some(right)) if bare(other) => (("", vec![old]), right),
            _ => return false,
        };
        let (before, after) = (flat(self.old.contract(), left.0, left.1), flat(self.new.contract(), right.0, right.1));
        let exclusive = left.0 == "oneOf" || right.0 == "oneOf";
        let matched = branches(*self, before, after);
        let name_of = |contract: &charter_contract::Contract, id: SchemaId| {
            let schema = contract.schema(id);
            match schema.keywords.reference {
                Some(target) => contract.schema(target).location.last_token().unwrap_or_default(),
                None => schema.title().map(str::to_owned).unwrap_or_else(|| shortened(schema.source())),
            }
        };
        if !left.0.is_empty() && !right.0.is_empty() && left.0 != right.0 {
            let summary = format!("`{}` is now `{}`", left.0, right.0);
            let (more, less) = (left.0 == "oneOf", left.0 == "anyOf");
            pair.changes.push(at.draft(
                "union-exclusiveness-changed",
                "",
                (Some(left.0.into()), Some(right.0.into())),
                summary,
                more,
                less,
                UNION,
            ));
        }
        for branch in &matched.added {
            let name = name_of(self.new.contract(), *branch);
            let mut draft = at.draft(
                "union-branch-added",
                "",
                (None, Some(name.clone().into())),
                format!("the branch {name} is added"),
                true,
                exclusive,
                UNION,
            );
            draft.new_location = Some(self.new.contract().schema(*branch).location.clone());
            draft.old_location = None;
            draft.more = Some(Blame::Any);
            pair.changes.push(draft);
        }
        for branch in &matched.removed {
            let name = name_of(self.old.contract(), *branch);
            let mut draft = at.draft(
                "union-branch-removed",
                "",
                (Some(name.clone().into()), None),
                format!("the branch {name} is removed"),
                exclusive,
                true,
                UNION,
            );
            draft.old_location = Some(self.old.contract().schema(*branch).location.clone());
            draft.new_location = None;
            draft.less = Some(Blame::Any);
            pair.changes.push(draft);
        }
        pair.branches_differ |= matched.pairs.iter().any(|(one, other)| !alike(*self, *one, *other));
        let variance = if exclusive { Variance::Both } else { Variance::Same };
        pair.parts.extend(matched.pairs.into_iter().filter(|pair| *pair != (old, new)).map(|(one, other)| (one, other, variance)));
        if list(one).is_some() && list(other).is_some() && (!bare(one) || !bare(other)) {
            // There are keywords next to the union.
            return false;
        }
        true
    }
}

/// The branches of a union without null. Branches of nested `anyOf` replace their union.
fn flat(contract: &charter_contract::Contract, keyword: &str, branches: Vec<SchemaId>) -> Vec<SchemaId> {
    let (mut flat, mut open) = (Vec::new(), branches);
    open.reverse();
    let mut left = 1_000usize;
    while let Some(branch) = open.pop() {
        left = left.saturating_sub(1);
        if is_null(contract, branch) {
            continue;
        }
        let inner = assertions(&contract.schema(core(contract, branch)).keywords);
        let is_union = keyword == "anyOf" && Keywords { any_of: Vec::new(), ..inner.clone() } == Keywords::default();
        if is_union && !inner.any_of.is_empty() && left > 0 {
            open.extend(inner.any_of.iter().rev().copied());
        } else if !flat.contains(&branch) {
            flat.push(branch);
        }
    }
    flat
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::draft::Variance;
    use super::super::testing::{both, change, differences, less, more};

    #[test]
    fn an_added_branch_of_any_of_accepts_more() {
        let (old, new) = (
            json!({"anyOf": [{"type": "string"}, {"type": "array"}]}),
            json!({"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "boolean"}]}),
        );
        assert_eq!(change(&old, &new), more("union-branch-added"));
        assert_eq!(change(&new, &old), less("union-branch-removed"));
    }

    #[test]
    fn an_added_branch_of_one_of_can_have_both_effects() {
        let (old, new) = (
            json!({"oneOf": [{"type": "string"}, {"type": "array"}]}),
            json!({"oneOf": [{"type": "string"}, {"type": "array"}, {"type": "boolean"}]}),
        );
        assert_eq!(change(&old, &new), both("union-branch-added"));
    }

    #[test]
    fn any_of_accepts_more_than_one_of() {
        let (old, new) =
            (json!({"oneOf": [{"type": "string"}, {"minLength": 2}]}), json!({"anyOf": [{"type": "string"}, {"minLength": 2}]}));
        assert_eq!(change(&old, &new), more("union-exclusiveness-changed"));
    }

    #[test]
    fn branches_of_a_nested_any_of_are_branches() {
        let flat = json!({"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "boolean"}]});
        let nested = json!({"anyOf": [{"type": "string"}, {"anyOf": [{"type": "array"}, {"type": "boolean"}]}]});
        assert_eq!(differences(&flat, &nested).changes.len(), 0);
    }

    #[test]
    fn a_changed_branch_of_one_of_can_have_both_effects_on_the_union() {
        let (old, new) = (
            json!({"oneOf": [{"type": "string"}, {"type": "array"}]}),
            json!({"oneOf": [{"type": "string", "minLength": 1}, {"type": "array"}]}),
        );
        let pair = differences(&old, &new);
        assert!(pair.branches_differ && pair.changes.is_empty());
        assert!(pair.parts.iter().all(|(_, _, variance)| *variance == Variance::Both));
    }
}
