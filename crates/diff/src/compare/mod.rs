//! Two schemas, keyword by keyword: what differs, where, and the evidence for what that does.
//!
//! Pairs of schemas are compared once each. A pair that is built differently but proved equal in meaning has no change. What a part of
//! a schema does to the whole follows from the whole's structure: a fixpoint over the pairs says which can differ in which direction.

mod evidence;
mod keywords;
mod matching;
mod scalars;
mod union;
mod view;

use std::collections::HashMap;

use charter_contract::SchemaId;
use serde_json::Value;

use crate::change::{Change, Kind, fingerprint};
use crate::{Side, prove};
use evidence::Draft;

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Differences {
    /// The changes, in the order of the places.
    pub changes: Vec<Found>,
    /// What is said differently and means the same: descriptions and the like.
    pub notes: Vec<Note>,
    /// Pairs that are written differently and proved equal in meaning.
    pub equal: usize,
    pairs: Vec<Pair>,
    index: HashMap<(SchemaId, SchemaId), usize>,
}

/// A change with the schemas that it stands in.
#[derive(Clone, Debug)]
pub struct Found {
    /// The change.
    pub change: Change,
    /// The schema of the old contract.
    pub old: SchemaId,
    /// The schema of the new contract.
    pub new: SchemaId,
    /// The two behind plain references, where the same change is met by whatever way it is reached.
    pub cores: (SchemaId, SchemaId),
}

/// A difference that accepts and refuses nothing.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Stays the same from run to run: 12 hexadecimal digits.
    pub id: String,
    /// What kind: `description-changed`.
    pub kind: Kind,
    /// The place in the old contract.
    pub old_location: charter_contract::Location,
    /// The place in the new contract.
    pub new_location: charter_contract::Location,
    /// In words.
    pub summary: String,
}

/// Two schemas for the same values.
#[derive(Debug, Default)]
struct Pair {
    /// Whether the pair itself, its parts aside, may let the new side accept more.
    more: bool,
    /// The same for less.
    less: bool,
    parts: Vec<(usize, Variance)>,
}

/// What a part's difference does to the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variance {
    /// What the part accepts more, the whole may accept more.
    Same,
    /// Either may follow from either: among branches of which one alone may fit.
    Both,
}

/// Compares pairs of schemas that stand for the same values, with all that they are made of.
pub fn compare(old: &Side<'_>, new: &Side<'_>, pairs: &[(SchemaId, SchemaId)]) -> Differences {
    let mut walk = Walk { old, new, found: Differences::default() };
    for (old, new) in pairs {
        walk.pair(*old, *new);
    }
    let mut found = walk.found;
    found.settle();
    found
}

impl Differences {
    /// Whether the pair may differ in either direction: (new accepts more, new accepts less). `None` for a pair not compared.
    pub fn may_differ(&self, old: SchemaId, new: SchemaId) -> Option<(bool, bool)> {
        self.index.get(&(old, new)).map(|index| (self.pairs[*index].more, self.pairs[*index].less))
    }

    /// Carries what parts do up to the wholes until nothing changes.
    fn settle(&mut self) {
        loop {
            let mut changed = false;
            for index in 0..self.pairs.len() {
                let (mut more, mut less) = (self.pairs[index].more, self.pairs[index].less);
                for (part, variance) in &self.pairs[index].parts {
                    let (part_more, part_less) = (self.pairs[*part].more, self.pairs[*part].less);
                    let (up, down) = match variance {
                        Variance::Same => (part_more, part_less),
                        Variance::Both => (part_more || part_less, part_more || part_less),
                    };
                    more |= up;
                    less |= down;
                }
                if (more, less) != (self.pairs[index].more, self.pairs[index].less) {
                    (self.pairs[index].more, self.pairs[index].less) = (more, less);
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }
}

struct Walk<'w, 'o, 'n> {
    old: &'w Side<'o>,
    new: &'w Side<'n>,
    found: Differences,
}

impl Walk<'_, '_, '_> {
    /// Compares two schemas, once, and returns the index of the pair.
    fn pair(&mut self, old: SchemaId, new: SchemaId) -> usize {
        if let Some(index) = self.found.index.get(&(old, new)) {
            return *index;
        }
        let index = self.found.pairs.len();
        self.found.pairs.push(Pair::default());
        self.found.index.insert((old, new), index);
        self.annotations(old, new);
        let drafts = self.differences(old, new);
        let local: Vec<Draft> = drafts.changes;
        if !local.is_empty() || drafts.branches_differ {
            if prove::covers(self.old, old, self.new, new) && prove::covers(self.new, new, self.old, old) {
                self.found.equal += 1;
                return index;
            }
            let settled = evidence::settle(self.old, old, self.new, new, local);
            for (draft, more, less) in settled {
                self.found.pairs[index].more |= !more.is_no();
                self.found.pairs[index].less |= !less.is_no();
                self.push(old, new, draft, more, less);
            }
        }
        let parts: Vec<(usize, Variance)> = drafts.parts.into_iter().map(|(old, new, variance)| (self.pair(old, new), variance)).collect();
        self.found.pairs[index].parts = parts;
        index
    }

    fn push(&mut self, old: SchemaId, new: SchemaId, draft: Draft, accepts_more: crate::Evidence, accepts_less: crate::Evidence) {
        let place = draft.new_location.as_ref().or(draft.old_location.as_ref()).map(ToString::to_string).unwrap_or_default();
        let said = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
        let id = fingerprint([draft.kind.as_str(), &place, &said(&draft.old_value), &said(&draft.new_value)]);
        if self.found.changes.iter().any(|found| found.change.id == id) {
            return;
        }
        let change = Change {
            id,
            kind: Kind::new(draft.kind),
            old_location: draft.old_location,
            new_location: draft.new_location,
            old: draft.old_value,
            new: draft.new_value,
            summary: draft.summary,
            accepts_more,
            accepts_less,
        };
        let cores = (view::core(self.old.contract(), old), view::core(self.new.contract(), new));
        self.found.changes.push(Found { change, old, new, cores });
    }

    /// What is said to people alone.
    fn annotations(&mut self, old: SchemaId, new: SchemaId) {
        let (before, after) = (self.old.contract().schema(old), self.new.contract().schema(new));
        let (one, other) = (&before.keywords, &after.keywords);
        let mut note = |kind: &str, summary: String| {
            let id = fingerprint([kind, &after.location.to_string(), &summary]);
            let (old_location, new_location) = (before.location.clone(), after.location.clone());
            let note = Note { id, kind: Kind::new(kind), old_location, new_location, summary };
            if !self.found.notes.contains(&note) {
                self.found.notes.push(note);
            }
        };
        let named = |location: &charter_contract::Location| -> Option<String> {
            let tokens: Vec<String> = location.tokens().collect();
            let [.., above, name] = &tokens[..] else { return None };
            matches!(above.as_str(), "$defs" | "definitions" | "schemas").then(|| name.clone())
        };
        if let (Some(before), Some(after)) = (named(&before.location), named(&after.location))
            && before != after
        {
            note("schema-renamed", format!("`{before}` is called `{after}`"));
        }
        if one.description != other.description {
            note("description-changed", "the description has changed".to_owned());
        }
        if one.title != other.title {
            note("title-changed", format!("the title was {}, now {}", shown(&one.title), shown(&other.title)));
        }
        if one.default != other.default {
            note("default-changed", format!("the default was {}, now {}", shown_value(&one.default), shown_value(&other.default)));
        }
        if one.format != other.format {
            note(
                "format-changed",
                format!("the format was {}, now {}: an annotation, which refuses nothing", shown(&one.format), shown(&other.format)),
            );
        }
        for (kind, before, after) in [
            ("deprecated", one.deprecated, other.deprecated),
            ("read-only", one.read_only, other.read_only),
            ("write-only", one.write_only, other.write_only),
        ] {
            if before != after {
                let (kind, word) = if after { (format!("{kind}-added"), "now") } else { (format!("{kind}-removed"), "no longer") };
                note(&kind, format!("{word} {}", kind.rsplit_once('-').map_or("", |(word, _)| word)));
            }
        }
    }
}

fn shown(text: &Option<String>) -> String {
    text.as_ref().map_or_else(|| "absent".to_owned(), |text| format!("`{text}`"))
}

fn shown_value(value: &Option<Value>) -> String {
    value.as_ref().map_or_else(|| "absent".to_owned(), |value| format!("`{value}`"))
}
