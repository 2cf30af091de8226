//! Matches the operations of two contracts and compares them.

use std::collections::BTreeSet;

use charter_contract::{Contract, Operation, SecurityRequirement};

use super::changes::Comparison;
use super::form::texts;
use super::pair::{OperationPair, Operations};
use super::security::suffice;
use super::sketch::minimal_request;
use crate::change::Verdict;
use crate::side::Side;
use crate::wire::{Sketch, filled};

/// Compares the operations of two contracts.
pub fn operations(old: &Side<'_>, new: &Side<'_>) -> Operations {
    let mut found = Comparison::new(old, new, false);
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
                    sketch,
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
                sketch,
            );
        }
    }
    let mut sent = Comparison::new(old, new, true);
    for one in old.contract().webhooks() {
        let same = |other: &&Operation| other.location.pointer() == one.location.pointer();
        if let Some(other) = new.contract().webhooks().iter().find(same) {
            sent.operation(one, other);
        }
    }
    let forms: Vec<_> = found.forms.iter().chain(&sent.forms).collect();
    let pairs: Vec<&OperationPair> = found.pairs.iter().chain(&sent.pairs).collect();
    let texts = texts(&forms, &pairs, (old.contract(), new.contract()));
    found.compare_fields(&texts);
    sent.compare_fields(&texts);
    // The API sends these requests, so the parties change places.
    for change in &mut sent.changes {
        std::mem::swap(&mut change.client, &mut change.server);
        change.tolerant_client = change.client;
        change.described_client = change.client;
    }
    for pair in &mut sent.pairs {
        std::mem::swap(&mut pair.requests, &mut pair.responses);
    }
    found.changes.append(&mut sent.changes);
    found.pairs.append(&mut sent.pairs);
    Operations { pairs: found.pairs, changes: found.changes, texts }
}

/// The alternatives of credentials, for readers.
fn alternatives(requirements: &[SecurityRequirement]) -> String {
    let shown = |requirement: &SecurityRequirement| -> String {
        let schemes = requirement.0.iter().map(|(scheme, scopes)| match &scopes[..] {
            [] => format!("`{scheme}`"),
            scopes => format!("`{scheme}` with {}", scopes.join(", ")),
        });
        schemes.collect::<Vec<_>>().join(" and ")
    };
    requirements.iter().map(shown).collect::<Vec<_>>().join(" or ")
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
    /// Whether two operations have the same URLs, although the servers and paths are split in another way.
    fn has_same_urls(&self, one: &Operation, other: &Operation) -> bool {
        let urls = |contract: &Contract, operation: &Operation| -> BTreeSet<String> {
            let servers = if operation.servers.is_empty() { contract.servers() } else { &operation.servers };
            let path = template(operation);
            let host = |server: &charter_contract::Server| server.host.clone().unwrap_or_default();
            // Without servers, the server is `/`.
            let root = servers.is_empty().then(|| path.clone());
            servers.iter().map(|server| format!("{}{}{path}", host(server), server.base_path)).chain(root).collect()
        };
        urls(self.old.contract(), one) == urls(self.new.contract(), other)
    }

    fn operation(&mut self, one: &Operation, other: &Operation) {
        use Verdict::{Breaking, Compatible};
        let locations = (Some(&one.location), Some(&other.location));
        let id = other.id.clone();
        if one.id != other.id {
            let summary = format!("the operation was named `{}`; messages do not contain the name", one.id);
            self.push_unwitnessed("operation-renamed", &id, locations, summary, Compatible, Compatible);
        }
        if one.method == other.method && template(one) != template(other) && self.has_same_urls(one, other) {
            let summary = format!("a prefix is moved between the servers and the path {}; the URLs are the same", other.path);
            self.push_unwitnessed("path-prefix-moved", &id, locations, summary, Compatible, Compatible);
        } else if one.method != other.method || template(one) != template(other) {
            let summary = moved(one, other);
            let sketch = minimal_request(self.old, one);
            self.push("operation-moved", &id, locations, summary, Breaking, Breaking, sketch);
        } else if one.path != other.path {
            let summary = format!("{} is renamed to {}; requests are the same", one.path, other.path);
            self.push_unwitnessed("path-parameter-renamed", &id, locations, summary, Compatible, Compatible);
        }
        match (one.secured, other.secured) {
            (false, true) => {
                let sketch = Sketch { credentials: false, ..minimal_request(self.new, other) };
                self.push("credentials-required", &id, locations, "credentials are now required".to_owned(), Breaking, Compatible, sketch);
            }
            (true, false) => {
                let sketch = Sketch { credentials: false, ..minimal_request(self.new, other) };
                self.push("credentials-optional", &id, locations, "credentials are now optional".to_owned(), Compatible, Breaking, sketch);
            }
            (true, true) => {
                let (before, after) = ((self.old.contract(), &one.security[..]), (self.new.contract(), &other.security[..]));
                let verdict = |suffices: bool| if suffices { Compatible } else { Breaking };
                let (client, server) = (verdict(suffice(before, after)), verdict(suffice(after, before)));
                // Alternatives in another order, redundant ones and other names of schemes are differences of spelling.
                if (client, server) != (Compatible, Compatible) {
                    let summary =
                        format!("the credentials are {}, previously {}", alternatives(&other.security), alternatives(&one.security));
                    self.push_unwitnessed("security-requirements-changed", &id, locations, summary, client, server);
                }
            }
            _ => {}
        }
        if one.deprecated != other.deprecated {
            let (kind, summary) = if other.deprecated {
                ("operation-deprecated", "the operation is now deprecated")
            } else {
                ("operation-restored", "the operation is no longer deprecated")
            };
            self.push_unwitnessed(kind, &id, locations, summary.to_owned(), Compatible, Compatible);
        }
        let mut pair = OperationPair {
            id: id.clone(),
            locations: (one.location.clone(), other.location.clone()),
            requests: Vec::new(),
            responses: Vec::new(),
        };
        self.parameters(one, other, &mut pair);
        self.request_body(one, other, &mut pair);
        self.statuses(one, other, &mut pair);
        self.pairs.push(pair);
    }
}
