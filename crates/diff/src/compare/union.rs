//! The branches of unions: which are new, which are gone, which belong together.

use charter_contract::{Keywords, SchemaId};

use super::evidence::Blame;
use super::keywords::{Found, Place, shortened};
use super::matching::{alike, branches};
use super::view::{assertions, core, is_null};
use super::{Variance, Walk};

/// Keywords whose errors a branch explains.
const UNION: &[&str] = &["anyOf", "oneOf", "type", "enum", "const"];

impl Walk<'_, '_, '_> {
    /// The branches of unions; a schema that is none counts as a union of itself. False where the two are better compared otherwise.
    pub(super) fn union(&self, one: &Keywords, old: SchemaId, other: &Keywords, new: SchemaId, place: &Place, found: &mut Found) -> bool {
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
        let matched = branches(self.old.contract(), before, self.new.contract(), after);
        let shown = |contract: &charter_contract::Contract, id: SchemaId| {
            let schema = contract.schema(id);
            match schema.keywords.reference {
                Some(target) => contract.schema(target).location.last_token().unwrap_or_default(),
                None => schema.keywords.title.clone().unwrap_or_else(|| shortened(&schema.source)),
            }
        };
        if !left.0.is_empty() && !right.0.is_empty() && left.0 != right.0 {
            let summary = format!("`{}` has become `{}`", left.0, right.0);
            let (more, less) = (left.0 == "oneOf", left.0 == "anyOf");
            found.changes.push(place.draft(
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
            let name = shown(self.new.contract(), *branch);
            let mut draft = place.draft(
                "union-branch-added",
                "",
                (None, Some(name.clone().into())),
                format!("the branch {name} is new"),
                true,
                exclusive,
                UNION,
            );
            draft.new_location = Some(self.new.contract().schema(*branch).location.clone());
            draft.old_location = None;
            draft.more = Some(Blame::Any);
            found.changes.push(draft);
        }
        for branch in &matched.removed {
            let name = shown(self.old.contract(), *branch);
            let mut draft = place.draft(
                "union-branch-removed",
                "",
                (Some(name.clone().into()), None),
                format!("the branch {name} is gone"),
                exclusive,
                true,
                UNION,
            );
            draft.old_location = Some(self.old.contract().schema(*branch).location.clone());
            draft.new_location = None;
            draft.less = Some(Blame::Any);
            found.changes.push(draft);
        }
        let (one_contract, other_contract) = (self.old.contract(), self.new.contract());
        found.branches_differ |= matched.pairs.iter().any(|(one, other)| !alike(one_contract, *one, other_contract, *other));
        let variance = if exclusive { Variance::Both } else { Variance::Same };
        found.parts.extend(matched.pairs.into_iter().filter(|pair| *pair != (old, new)).map(|(one, other)| (one, other, variance)));
        if list(one).is_some() && list(other).is_some() && (!bare(one) || !bare(other)) {
            // What stands beside the branches.
            return false;
        }
        true
    }
}

/// The branches of a union without null, those of unions inside of it in their place.
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
