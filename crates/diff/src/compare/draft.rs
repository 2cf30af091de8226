//! The differences of one pair of schemas, before their evidence is known.

use charter_contract::{Location, SchemaId};
use serde_json::Value;

/// The differences of a pair itself, and the pairs of its parts.
#[derive(Default)]
pub(super) struct PairDifferences {
    pub(super) changes: Vec<Draft>,
    pub(super) parts: Vec<(SchemaId, SchemaId, Variance)>,
    /// Whether branches of a union differ. Another branch may then accept what one does not.
    pub(super) branches_differ: bool,
}

/// A change before its evidence is known.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: String,
    pub(super) old_location: Option<Location>,
    pub(super) new_location: Option<Location>,
    pub(super) old_value: Option<Value>,
    pub(super) new_value: Option<Value>,
    pub(super) summary: String,
    /// Recognises the errors of the old side that this change removes; `None` if the new side cannot accept more by it.
    pub(super) more: Option<Blame>,
    /// Recognises the errors of the new side that this change causes; `None` if the new side cannot accept less by it.
    pub(super) less: Option<Blame>,
}

/// Recognises the validation errors of a change.
#[derive(Clone, Debug)]
pub(super) enum Blame {
    /// Every error.
    Any,
    /// An error of one of these keywords at the root of the instance.
    Keywords(&'static [&'static str]),
    /// As `Keywords`, if the message names the key.
    Key(&'static [&'static str], String),
    /// An error at or below the value of a key, or one that names the key.
    Below(String),
    /// An error of one of these keywords at the root of the instance, or one at or below the value of another key than these.
    Others(&'static [&'static str], Vec<String>),
    /// Every error of this document.
    Value(Value),
}

/// The effect of a part's difference on the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variance {
    /// If the part accepts more, the whole may accept more.
    Same,
    /// Any difference of the part may have either effect: exactly one branch of `oneOf` may match.
    Both,
}

/// The schema locations of a pair.
pub(super) struct Locations {
    pub(super) old: Location,
    pub(super) new: Location,
}

impl Locations {
    pub(super) fn old_at(&self, pointer: &str) -> Location {
        Location::new(self.old.document(), format!("{}{pointer}", self.old.pointer()))
    }

    pub(super) fn new_at(&self, pointer: &str) -> Location {
        Location::new(self.new.document(), format!("{}{pointer}", self.new.pointer()))
    }

    /// A change at a keyword. `more` and `less` are its possible effects; `keywords` are those of the errors that it explains.
    #[expect(clippy::too_many_arguments, reason = "one argument for each member of a draft")]
    pub(super) fn draft(
        &self,
        kind: &str,
        pointer: &str,
        (old_value, new_value): (Option<Value>, Option<Value>),
        summary: String,
        more: bool,
        less: bool,
        keywords: &'static [&'static str],
    ) -> Draft {
        let blame = || if keywords.is_empty() { Blame::Any } else { Blame::Keywords(keywords) };
        Draft {
            kind: kind.to_owned(),
            old_location: Some(self.old_at(pointer)),
            new_location: Some(self.new_at(pointer)),
            old_value,
            new_value,
            summary,
            more: more.then(blame),
            less: less.then(blame),
        }
    }
}
