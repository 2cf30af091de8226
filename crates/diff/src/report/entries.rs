//! The changes of a report as entries for readers: changes of one kind at one place are one entry, the heaviest first.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use charter_contract::{Level, Location};

use super::list::listed;
use super::model::Report;
use crate::change::{Change, Evidence, OperationChange, Position, Verdict};
use crate::diff::SchemaChange;

/// The maximum number of values and keys in the summary of an entry.
const NAMES: usize = 5;

/// Changes that are read together.
#[derive(Clone, Debug)]
pub(super) struct Entry<'r> {
    pub(super) level: Level,
    pub(super) kind: &'r str,
    /// The ids of the changes, in the order of the report.
    pub(super) ids: Vec<&'r str>,
    pub(super) summary: String,
    /// The places of the changes, each once.
    pub(super) places: Vec<&'r Location>,
    /// The position of the first change in the new contract, or in the old one.
    pub(super) position: Option<&'r Position>,
    pub(super) operations: Vec<&'r str>,
    /// The number of changes of each operation.
    counts: Vec<usize>,
    /// The worst verdicts: a strict client, a tolerant client, the reading described, a server.
    pub(super) verdicts: [Verdict; 4],
    pub(super) verdict: Verdict,
    pub(super) accepted: Option<&'r str>,
    /// What shows the first change: a label and the document.
    pub(super) witnesses: Vec<(&'static str, String)>,
}

/// One change before it is grouped.
struct Row<'r> {
    key: (String, Option<&'r str>),
    name: Option<String>,
    is_list: bool,
    entry: Entry<'r>,
}

/// The entries of a report, sorted: the level, then the weight of the kind, then the number of operations.
pub(super) fn entries(report: &Report) -> Vec<Entry<'_>> {
    let operations = report.diff.operations.iter().map(operation);
    let schemas = report.diff.schemas.iter().map(schema);
    let mut groups: Vec<(Row<'_>, Vec<String>)> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for row in operations.chain(schemas) {
        let key = (row.entry.level, row.entry.kind, row.key.clone());
        match known.get(&key) {
            None => {
                known.insert(key, groups.len());
                let names = row.name.clone().into_iter().collect();
                groups.push((row, names));
            }
            Some(index) => {
                let (first, names) = &mut groups[*index];
                names.extend(row.name);
                merge(&mut first.entry, row.entry);
            }
        }
    }
    let mut entries: Vec<Entry<'_>> = groups
        .into_iter()
        .map(|(row, names)| {
            let Row { is_list, mut entry, .. } = row;
            if is_list && names.len() > 1 {
                entry.summary = together(entry.kind, &names);
            }
            entry
        })
        .collect();
    entries.sort_by_cached_key(|entry| {
        let place = entry.places.first().map(ToString::to_string);
        (Reverse(entry.level), entry.accepted.is_some(), Reverse(weight(entry.kind)), Reverse(entry.operations.len()), entry.kind, place)
    });
    entries
}

fn merge<'r>(first: &mut Entry<'r>, other: Entry<'r>) {
    first.ids.extend(other.ids);
    for place in other.places {
        if !first.places.contains(&place) {
            first.places.push(place);
        }
    }
    for (operation, count) in other.operations.into_iter().zip(other.counts) {
        match first.operations.iter().position(|known| *known == operation) {
            Some(index) => first.counts[index] += count,
            None => {
                first.operations.push(operation);
                first.counts.push(count);
            }
        }
    }
    for (mine, theirs) in first.verdicts.iter_mut().zip(other.verdicts) {
        *mine = (*mine).max(theirs);
    }
    first.verdict = first.verdict.max(other.verdict);
}

fn operation(change: &OperationChange) -> Row<'_> {
    let kind = change.kind.0.as_str();
    let place = change.place();
    let witnesses = match (&change.witness, change.promised_by.as_deref()) {
        (Some(witness), Some(side)) => {
            let label = if side == "new" { "allowed by the new contract only" } else { "allowed by the old contract only" };
            vec![(label, serde_json::to_string(witness).unwrap_or_default())]
        }
        _ => Vec::new(),
    };
    // Whole operations are listed by method and path.
    let is_list = matches!(kind, "operation-added" | "operation-removed" | "operation-deprecated" | "operation-renamed");
    let name = match kind {
        "operation-added" | "operation-removed" => {
            change.summary.strip_suffix(" is added").or_else(|| change.summary.strip_suffix(" is removed")).map(|name| format!("`{name}`"))
        }
        _ if is_list => Some(format!("`{}`", change.operation)),
        _ => None,
    };
    let key = if is_list { String::new() } else { change.summary.clone() };
    Row {
        key: (key, change.accepted.as_deref()),
        name,
        is_list,
        entry: Entry {
            level: change.level,
            kind,
            ids: vec![&change.id],
            summary: change.summary.clone(),
            places: place.into_iter().collect(),
            position: change.position.as_ref(),
            operations: if change.operation.is_empty() { Vec::new() } else { vec![&change.operation] },
            counts: vec![1; usize::from(!change.operation.is_empty())],
            verdicts: [change.client, change.tolerant_client, change.described_client, change.server],
            verdict: change.verdict,
            accepted: change.accepted.as_deref(),
            witnesses,
        },
    }
}

fn schema(change: &SchemaChange) -> Row<'_> {
    let inner = &change.change;
    let kind = inner.kind.0.as_str();
    let uses: BTreeSet<&str> = change.uses.iter().map(|use_| use_.operation.as_str()).collect();
    let name = name(inner);
    let key = match (&name, inner.place()) {
        (Some(_), Some(place)) => list_at(kind, place),
        _ => inner.summary.clone(),
    };
    let witnesses = [("now accepted, previously refused", &inner.accepts_more), ("now refused, previously accepted", &inner.accepts_less)]
        .into_iter()
        .filter_map(|(what, evidence)| match evidence {
            Evidence::Yes { witness } => Some((what, witness.to_string())),
            Evidence::No { .. } => None,
            Evidence::Unknown { tried } => Some((what, format!("unknown; no proof, and no witness in {tried} documents"))),
        })
        .collect();
    Row {
        key: (key, change.accepted.as_deref()),
        is_list: name.is_some(),
        name,
        entry: Entry {
            level: change.level,
            kind,
            ids: vec![&inner.id],
            summary: inner.summary.clone(),
            places: inner.place().into_iter().collect(),
            position: change.position.as_ref(),
            counts: vec![1; uses.len()],
            operations: uses.into_iter().collect(),
            verdicts: [change.client, change.tolerant_client, change.described_client, change.server],
            verdict: change.verdict,
            accepted: change.accepted.as_deref(),
            witnesses,
        },
    }
}

/// The value or the key of a change that is read together with the others at its place.
fn name(change: &Change) -> Option<String> {
    match change.kind.0.as_str() {
        "enum-value-added" => change.new.as_ref().map(super::list::short),
        "enum-value-removed" => change.old.as_ref().map(super::list::short),
        "property-required" => change.new.as_ref().and_then(serde_json::Value::as_str).map(|key| format!("`{key}`")),
        "property-optional" => change.old.as_ref().and_then(serde_json::Value::as_str).map(|key| format!("`{key}`")),
        "property-added" | "property-removed" => change.place().and_then(Location::last_token).map(|key| format!("`{key}`")),
        _ => None,
    }
}

/// The place of a list of values or keys: the enumeration, or the object.
fn list_at(kind: &str, place: &Location) -> String {
    let text = place.to_string();
    match (kind, text.rfind('/')) {
        ("property-added" | "property-removed", Some(end)) => text[..end].to_owned(),
        _ => text,
    }
}

/// The summary of several changes of one kind at one place.
fn together(kind: &str, names: &[String]) -> String {
    let count = names.len();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let names = listed(&names, NAMES);
    match kind {
        "enum-value-added" => format!("{count} values are added: {names}"),
        "enum-value-removed" => format!("{count} values are removed: {names}"),
        "property-required" => format!("{count} properties are now required: {names}"),
        "property-optional" => format!("{count} properties are now optional: {names}"),
        "property-added" => format!("{count} properties are added: {names}"),
        "property-removed" => format!("{count} properties are removed: {names}"),
        "operation-added" => format!("{count} operations are added: {names}"),
        "operation-removed" => format!("{count} operations are removed: {names}"),
        "operation-deprecated" => format!("{count} operations are deprecated: {names}"),
        _ => format!("{count} changes: {names}"),
    }
}

/// The weight of a kind within its level: operations first, then parts that every message has, then values.
fn weight(kind: &str) -> u8 {
    match kind {
        "operation-removed" | "operation-moved" | "webhook-removed" => 9,
        "credentials-required" | "security-requirements-changed" | "security-scheme-changed" | "servers-changed" => 8,
        "required-parameter-added"
        | "parameter-required"
        | "required-request-body-added"
        | "request-body-required"
        | "request-body-removed"
        | "parameter-moved"
        | "parameter-renamed" => 7,
        "status-removed" | "response-media-type-removed" | "request-media-type-removed" => 7,
        "property-removed" | "property-required" | "property-renamed" => 6,
        "type-changed" | "type-narrowed" | "type-widened" | "schema-replaced" | "null-allowed" | "null-refused" | "property-optional" => 5,
        "enum-value-added" | "enum-value-removed" => 2,
        "additional-properties-refused" | "additional-properties-allowed" => 1,
        _ => 4,
    }
}

/// The counts of entries by level: error, warning and info; then accepted ones.
pub(super) fn of_level<'e, 'r>(entries: &'e [Entry<'r>], level: Level) -> Vec<&'e Entry<'r>> {
    entries.iter().filter(|entry| entry.level == level && entry.accepted.is_none()).collect()
}

/// The number of changes by kind, the greatest first.
pub(super) fn by_kind<'r>(entries: &[&Entry<'r>]) -> Vec<(&'r str, usize)> {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for entry in entries {
        match kinds.iter_mut().find(|(kind, _)| *kind == entry.kind) {
            Some((_, count)) => *count += entry.ids.len(),
            None => kinds.push((entry.kind, entry.ids.len())),
        }
    }
    kinds.sort_by_key(|(kind, count)| (Reverse(*count), *kind));
    kinds
}

/// The operations of entries, those with most changes first.
pub(super) fn by_operation<'r>(entries: &[&Entry<'r>]) -> Vec<(&'r str, usize)> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for entry in entries {
        for (operation, count) in entry.operations.iter().zip(&entry.counts) {
            *counts.entry(operation).or_default() += count;
        }
    }
    let mut list: Vec<(&str, usize)> = counts.into_iter().collect();
    list.sort_by_key(|(operation, count)| (Reverse(*count), *operation));
    list
}

/// The number of changes in entries.
pub(super) fn changes(entries: &[&Entry<'_>]) -> usize {
    entries.iter().map(|entry| entry.ids.len()).sum()
}

impl Entry<'_> {
    /// The id of the first change, and the number of the others.
    pub(super) fn id(&self) -> String {
        match self.ids.len() {
            1 => self.ids[0].to_owned(),
            count => format!("{} and {} more", self.ids[0], count - 1),
        }
    }

    /// The verdicts in one phrase.
    pub(super) fn verdicts(&self) -> String {
        let [strict, tolerant, described, server] = self.verdicts.map(Verdict::as_str);
        format!("client {strict} (tolerant: {tolerant}, described: {described}), server {server}")
    }
}
