//! Walks over pairs of schemas and collects their differences.

use std::collections::{HashMap, HashSet, VecDeque};

use charter_contract::SchemaId;
use serde_json::Value;

use super::draft::{Draft, Variance};
use super::sides::Sides;
use super::{evidence, view};
use crate::change::{Change, Evidence, Kind, fingerprint};
use crate::progress::Progress;
use crate::prove;
use crate::side::Side;

/// The result of a comparison.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Differences {
    /// The changes, in the order of the schemas.
    pub changes: Vec<FoundChange>,
    /// Differences without an effect on validation, such as descriptions.
    pub notes: Vec<Note>,
    /// The number of pairs that are written differently and proved equal.
    pub equal: usize,
    /// These pairs.
    pub(crate) equal_pairs: Vec<(SchemaId, SchemaId)>,
    pairs: Vec<Pair>,
    /// By pair: the pairs that have it as a part.
    users: Vec<Vec<usize>>,
    index: HashMap<(SchemaId, SchemaId), usize>,
}

/// A change and the schemas that contain it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FoundChange {
    /// The change.
    pub change: Change,
    /// The schema of the old contract.
    pub old: SchemaId,
    /// The schema of the new contract.
    pub new: SchemaId,
    /// The two schemas behind plain references. They identify the change on every path to it.
    pub cores: (SchemaId, SchemaId),
    /// The pairs of schemas that have the change.
    pub(crate) pairs: Vec<usize>,
}

/// A difference without an effect on validation.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Note {
    /// Stable between runs: 12 hexadecimal digits.
    pub id: String,
    /// The kind, such as `description-changed`.
    pub kind: Kind,
    /// The location in the old contract.
    pub old_location: charter_contract::Location,
    /// The location in the new contract.
    pub new_location: charter_contract::Location,
    /// A sentence about the difference.
    pub summary: String,
}

/// The possible effects of a pair.
#[derive(Debug, Default)]
struct Pair {
    /// Whether the new side may accept more.
    more: bool,
    /// Whether the new side may accept less.
    less: bool,
    parts: Vec<(usize, Variance)>,
}

/// Compares pairs of schemas for the same values, and their parts.
pub fn compare(old: &Side<'_>, new: &Side<'_>, pairs: &[(SchemaId, SchemaId)]) -> Differences {
    compare_with((old, new), pairs, &HashSet::new(), &Progress::default())
}

/// As [`compare`], with a record of the progress.
///
/// The values of some pairs are texts, which are compared elsewhere.
pub(crate) fn compare_with(
    (old, new): (&Side<'_>, &Side<'_>),
    pairs: &[(SchemaId, SchemaId)],
    texts: &HashSet<(SchemaId, SchemaId)>,
    progress: &Progress,
) -> Differences {
    let alike = Default::default();
    let sides = Sides { old, new, alike: &alike };
    let mut walk = Walk { sides, found: Differences::default(), known: HashMap::new(), noted: HashSet::new(), texts, progress };
    for (old, new) in pairs {
        walk.pair(*old, *new);
    }
    let mut found = walk.found;
    found.propagate();
    found
}

impl Differences {
    /// Whether the pair may differ in either direction: (new accepts more, new accepts less). `None` for a pair not compared.
    pub fn may_differ(&self, old: SchemaId, new: SchemaId) -> Option<(bool, bool)> {
        self.pair_of(old, new).map(|index| (self.pairs[index].more, self.pairs[index].less))
    }

    fn pair_of(&self, old: SchemaId, new: SchemaId) -> Option<usize> {
        self.index.get(&(old, new)).copied()
    }

    /// The pairs that the comparison of two schemas includes.
    pub(crate) fn below(&self, old: SchemaId, new: SchemaId) -> HashSet<usize> {
        let (mut all, mut open) = (HashSet::new(), VecDeque::from_iter(self.pair_of(old, new)));
        while let Some(index) = open.pop_front() {
            if all.insert(index) {
                open.extend(self.pairs[index].parts.iter().map(|(part, _)| *part));
            }
        }
        all
    }

    /// The pairs whose comparison includes one of some pairs.
    pub(crate) fn above(&self, parts: &[usize]) -> HashSet<usize> {
        let (mut all, mut open): (HashSet<usize>, Vec<usize>) = (HashSet::new(), parts.to_vec());
        while let Some(index) = open.pop() {
            if all.insert(index) {
                open.extend(&self.users[index]);
            }
        }
        all
    }

    /// The index of the pair of two schemas.
    pub(crate) fn index_of(&self, old: SchemaId, new: SchemaId) -> Option<usize> {
        self.pair_of(old, new)
    }

    /// The pairs of schemas that were compared.
    pub(crate) fn compared(&self) -> impl Iterator<Item = (SchemaId, SchemaId)> {
        self.index.keys().copied()
    }

    /// Propagates the effects of parts to wholes, up to the fixpoint.
    fn propagate(&mut self) {
        self.users = vec![Vec::new(); self.pairs.len()];
        for index in 0..self.pairs.len() {
            for (part, _) in &self.pairs[index].parts {
                self.users[*part].push(index);
            }
        }
        loop {
            let mut changed = false;
            // Parts mostly follow their wholes.
            for index in (0..self.pairs.len()).rev() {
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
    sides: Sides<'w, 'o, 'n>,
    found: Differences,
    /// By id: the index of a change.
    known: HashMap<String, usize>,
    /// The ids of the notes.
    noted: HashSet<String>,
    /// The pairs whose values are texts.
    texts: &'w HashSet<(SchemaId, SchemaId)>,
    progress: &'w Progress,
}

impl Walk<'_, '_, '_> {
    /// Compares two schemas, if they are a new pair; returns the index of the pair.
    fn pair(&mut self, old: SchemaId, new: SchemaId) -> usize {
        if let Some(index) = self.found.index.get(&(old, new)) {
            return *index;
        }
        let index = self.found.pairs.len();
        self.found.pairs.push(Pair::default());
        self.progress.advance();
        self.found.index.insert((old, new), index);
        if self.texts.contains(&(old, new)) {
            self.annotations(old, new, false);
            return index;
        }
        // A reference without siblings is its target. Each target is compared once.
        let targets = (target(self.sides.old.contract(), old), target(self.sides.new.contract(), new));
        let replaced = if targets == (old, new) { self.replaced(old, new) } else { None };
        if replaced.is_none() {
            self.annotations(old, new, true);
        }
        if targets != (old, new) {
            let part = self.pair(targets.0, targets.1);
            self.found.pairs[index].parts = vec![(part, Variance::Same)];
            return index;
        }
        let pair = replaced.unwrap_or_else(|| of_one_type(self.sides.differences(old, new)));
        if !pair.changes.is_empty() || pair.branches_differ {
            let Sides { old: one, new: other, .. } = self.sides;
            if prove::covers(one, old, other, new) && prove::covers(other, new, one, old) {
                self.found.equal += 1;
                self.found.equal_pairs.push((old, new));
                return index;
            }
            for (draft, more, less) in evidence::evidence(one, old, other, new, pair.changes) {
                self.found.pairs[index].more |= !more.is_excluded();
                self.found.pairs[index].less |= !less.is_excluded();
                self.push(index, old, new, draft, more, less);
            }
        }
        let parts: Vec<(usize, Variance)> = pair.parts.into_iter().map(|(old, new, variance)| (self.pair(old, new), variance)).collect();
        self.found.pairs[index].parts = parts;
        index
    }

    /// The change of a schema to another named schema, if both contracts have the old one.
    fn replaced(&self, old: SchemaId, new: SchemaId) -> Option<super::draft::PairDifferences> {
        let (before, after) = (self.sides.old.contract(), self.sides.new.contract());
        let (one, other) = (&before.schema(old).location, &after.schema(new).location);
        let (left, right) = (component(one)?, component(other)?);
        // The documents of the contracts may have different names.
        let has = |contract: &charter_contract::Contract, own: &charter_contract::Location, place: &charter_contract::Location| {
            contract.schemas().at(&charter_contract::Location::new(own.document(), place.pointer())).is_some()
        };
        let is_known = left != right && has(after, other, one) && has(before, one, other);
        if !is_known || super::matching::alike(self.sides, old, new) {
            return None;
        }
        let at = super::draft::Locations { old: one.clone(), new: other.clone() };
        let sides = (Some(Value::from(left.as_str())), Some(Value::from(right.as_str())));
        let draft = at.draft("schema-replaced", "", sides, format!("the schema is `{right}`, previously `{left}`"), true, true, &[]);
        Some(super::draft::PairDifferences { changes: vec![draft], ..Default::default() })
    }

    fn push(&mut self, pair: usize, old: SchemaId, new: SchemaId, draft: Draft, accepts_more: Evidence, accepts_less: Evidence) {
        let places = (draft.old_location.as_ref(), draft.new_location.as_ref());
        let id = Change::id_of(&draft.kind, places, (&draft.old_value, &draft.new_value));
        if let Some(known) = self.known.get(&id) {
            self.found.changes[*known].pairs.push(pair);
            return;
        }
        self.known.insert(id.clone(), self.found.changes.len());
        let (one, other) = (&self.sides.old.contract().schema(old).location, &self.sides.new.contract().schema(new).location);
        let is_removal = draft.new_location.is_none();
        let change = Change {
            id,
            kind: Kind::new(draft.kind),
            old_location: Some(draft.old_location.unwrap_or_else(|| one.clone())),
            new_location: Some(draft.new_location.unwrap_or_else(|| other.clone())),
            is_removal,
            old: draft.old_value,
            new: draft.new_value,
            summary: draft.summary,
            accepts_more,
            accepts_less,
        };
        let cores = (view::core(self.sides.old.contract(), old), view::core(self.sides.new.contract(), new));
        self.found.changes.push(FoundChange { change, old, new, cores, pairs: vec![pair] });
    }

    /// Notes on differences of annotations. The comparison of texts judges the formats of texts.
    fn annotations(&mut self, old: SchemaId, new: SchemaId, with_format: bool) {
        let (before, after) = (self.sides.old.contract().schema(old), self.sides.new.contract().schema(new));
        let (one, other) = (&before.keywords, &after.keywords);
        let mut note = |kind: &str, summary: String| {
            let id = fingerprint([kind, &after.location.to_string(), &summary]);
            let (old_location, new_location) = (before.location.clone(), after.location.clone());
            let note = Note { id, kind: Kind::new(kind), old_location, new_location, summary };
            if self.noted.insert(note.id.clone()) {
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
            note("schema-renamed", format!("`{before}` is renamed to `{after}`"));
        }
        if before.description() != after.description() {
            note("description-changed", "the description is changed".to_owned());
        }
        if before.title() != after.title() {
            note("title-changed", format!("the title is {}, previously {}", or_absent(after.title()), or_absent(before.title())));
        }
        let (was, is) = (before.default_value(), after.default_value());
        if was != is {
            note("default-changed", format!("the default is {}, previously {}", or_absent(is), or_absent(was)));
        }
        if with_format && one.format != other.format {
            note(
                "format-changed",
                format!(
                    "the format is {}, previously {}; it is an annotation only",
                    or_absent(other.format.as_ref()),
                    or_absent(one.format.as_ref())
                ),
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

/// Without a common type, the keywords of the former type are a part of the change of the type.
fn of_one_type(mut pair: super::draft::PairDifferences) -> super::draft::PairDifferences {
    if pair
        .changes
        .iter()
        .any(|draft| draft.kind == "type-changed" && has_no_common_type(draft.old_value.as_ref(), draft.new_value.as_ref()))
    {
        pair.changes.retain(|draft| draft.kind == "type-changed" || draft.kind.starts_with("null-"));
        pair.parts.clear();
    }
    pair
}

/// Whether two lists of types have no type in common. An integer is a number.
pub(crate) fn has_no_common_type(before: Option<&Value>, after: Option<&Value>) -> bool {
    let types = |value: Option<&Value>| -> HashSet<String> {
        let list = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        list.map(|type_| if type_ == "integer" { "number" } else { type_ }.to_owned()).collect()
    };
    let (before, after) = (types(before), types(after));
    !before.is_empty() && !after.is_empty() && before.is_disjoint(&after)
}

/// The schema behind references without siblings.
fn target(contract: &charter_contract::Contract, id: SchemaId) -> SchemaId {
    let mut at = id;
    for _ in 0..64 {
        let keywords = view::assertions(&contract.schema(at).keywords);
        match keywords.reference {
            Some(next) if keywords == (charter_contract::Keywords { reference: Some(next), ..Default::default() }) => at = next,
            _ => break,
        }
    }
    at
}

/// The name of a schema of `components`.
fn component(location: &charter_contract::Location) -> Option<String> {
    let name = location.pointer().strip_prefix("/components/schemas/")?;
    (!name.contains('/')).then(|| charter_contract::unescape_token(name))
}

fn or_absent(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| "absent".to_owned(), |value| format!("`{value}`"))
}
