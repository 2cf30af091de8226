//! Matches the operations of two contracts and compares them.

use std::collections::BTreeSet;

use charter_contract::{Contract, Location, Operation};

use super::changes::Comparison;
use super::pair::{OperationPair, Operations};
use super::sketch::minimal_request;
use crate::change::Verdict;
use crate::side::Side;
use crate::wire::{Sketch, filled};

/// Compares the operations of two contracts.
pub fn operations(old: &Side<'_>, new: &Side<'_>) -> Operations {
    let mut found = Comparison { old, new, changes: Vec::new(), pairs: Vec::new() };
    let (before, after) = (old.contract().operations(), new.contract().operations());
    let mut taken = BTreeSet::new();
    for one in before {
        let same_id = after.iter().position(|other| other.id == one.id);
        let same_path = after.iter().position(|other| other.method == one.method && template(other) == template(one));
        match same_id.or(same_path.filter(|index| !before.iter().any(|operation| operation.id == after[*index].id))) {
            Some(index) if taken.insert(index) => found.operation(one, &after[index]),
            _ => {
                let sketch = Sketch { method: one.method.0.clone(), path: filled(one), credentials: true, ..minimal_request(old, one) };
                let summary = format!("{} {} is removed", one.method, one.path);
                found.push(
                    "operation-removed",
                    &one.id,
                    (Some(&one.location), None),
                    summary,
                    Verdict::Breaking,
                    Verdict::Compatible,
                    Some(sketch),
                );
            }
        }
    }
    for (index, other) in after.iter().enumerate() {
        if !taken.contains(&index) {
            let sketch = minimal_request(new, other);
            let summary = format!("{} {} is added", other.method, other.path);
            found.push(
                "operation-added",
                &other.id,
                (None, Some(&other.location)),
                summary,
                Verdict::Compatible,
                Verdict::Breaking,
                Some(sketch),
            );
        }
    }
    let servers = |contract: &Contract| -> Vec<String> { contract.servers().iter().map(|server| server.base_path.clone()).collect() };
    if servers(old.contract()) != servers(new.contract()) && !after.is_empty() && !before.is_empty() {
        let at =
            |contract: &Contract| contract.operations().first().map(|operation| Location::new(operation.location.document(), "/servers"));
        let (one, other) = (at(old.contract()), at(new.contract()));
        let summary = format!("the base paths are {:?}, previously {:?}", servers(new.contract()), servers(old.contract()));
        found.push("servers-changed", "", (one.as_ref(), other.as_ref()), summary, Verdict::Unknown, Verdict::Unknown, None);
    }
    Operations { pairs: found.pairs, changes: found.changes }
}

/// A path template without the names of its parameters.
fn template(operation: &Operation) -> String {
    operation.path.0.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect::<Vec<_>>().join("/")
}

/// A summary of a move. It is the same for all operations whose base path changes in the same way.
fn moved(one: &Operation, other: &Operation) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (one.path.0.split('/').collect(), other.path.0.split('/').collect());
    let common = before.iter().rev().zip(after.iter().rev()).take_while(|(left, right)| left == right).count();
    if one.method != other.method || common == 0 || common == before.len().min(after.len()) && before.len() == after.len() {
        return format!("{} {} is moved to {} {}", one.method, one.path, other.method, other.path);
    }
    let start = |segments: &[&str]| segments[..segments.len() - common.min(segments.len() - 1)].join("/");
    format!("the path starts with `{}/`, previously `{}/`", start(&after), start(&before))
}

impl Comparison<'_, '_, '_> {
    fn operation(&mut self, one: &Operation, other: &Operation) {
        use Verdict::{Breaking, Compatible};
        let locations = (Some(&one.location), Some(&other.location));
        let id = other.id.clone();
        if one.id != other.id {
            let summary = format!("the operation was named `{}`; messages do not contain the name", one.id);
            self.push("operation-renamed", &id, locations, summary, Compatible, Compatible, None);
        }
        if one.method != other.method || template(one) != template(other) {
            let summary = moved(one, other);
            let sketch = minimal_request(self.old, one);
            self.push("operation-moved", &id, locations, summary, Breaking, Breaking, Some(sketch));
        } else if one.path != other.path {
            let summary = format!("{} is renamed to {}; requests are the same", one.path, other.path);
            self.push("path-parameter-renamed", &id, locations, summary, Compatible, Compatible, None);
        }
        match (one.secured, other.secured) {
            (false, true) => {
                let sketch = Sketch { credentials: false, ..minimal_request(self.new, other) };
                self.push(
                    "credentials-required",
                    &id,
                    locations,
                    "credentials are now required".to_owned(),
                    Breaking,
                    Compatible,
                    Some(sketch),
                );
            }
            (true, false) => {
                let sketch = Sketch { credentials: false, ..minimal_request(self.new, other) };
                self.push(
                    "credentials-optional",
                    &id,
                    locations,
                    "credentials are now optional".to_owned(),
                    Compatible,
                    Breaking,
                    Some(sketch),
                );
            }
            _ => {}
        }
        if one.deprecated != other.deprecated {
            let (kind, summary) = if other.deprecated {
                ("operation-deprecated", "the operation is now deprecated")
            } else {
                ("operation-restored", "the operation is no longer deprecated")
            };
            self.push(kind, &id, locations, summary.to_owned(), Compatible, Compatible, None);
        }
        let mut pair = OperationPair { id: id.clone(), requests: Vec::new(), responses: Vec::new() };
        self.parameters(one, other, &mut pair);
        self.request_body(one, other, &mut pair);
        self.statuses(one, other, &mut pair);
        self.pairs.push(pair);
    }
}
