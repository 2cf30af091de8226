//! Security schemes: members and flows that differ, and whether any operation requires the scheme.

use charter_contract::objects::is_extension;
use charter_contract::{Contract, Location};
use serde_json::{Map, Value};

use super::members::Class;
use super::walk::Difference;
use crate::change::Verdict::{self, Breaking, Compatible, Unknown};
use crate::operations::scheme_meaning;

/// A class and the locations of what it is about.
type Judged = (Class, (Location, Location));

/// The classes of a difference of two security schemes. `summary` describes the difference.
pub(super) fn judged(old: &Contract, new: &Contract, difference: &Difference<'_>, summary: String) -> Vec<Judged> {
    let places = (difference.old.clone(), difference.new.clone());
    let note = |reason: &str| Class::Note("security-scheme-written-differently", format!("{summary}; {reason}"));
    if !is_required(old, &difference.at.0) && !is_required(new, &difference.at.1) {
        return vec![(note("no operation requires the scheme"), places)];
    }
    let (before, after) = (scheme_meaning(difference.owners.0), scheme_meaning(difference.owners.1));
    let change = |kind, verdict| Class::Change { kind, client: verdict, server: verdict, summary: summary.clone() };
    let class = match difference.member.as_str() {
        // The names of header fields and of authentication schemes are case-insensitive.
        member @ ("name" | "scheme") if before.get(member) == after.get(member) => note("letter case has no effect"),
        "type" | "name" | "in" | "scheme" => change("security-scheme-changed", Breaking),
        "bearerFormat" => Class::Note("security-scheme-written-differently", summary.clone()),
        "flows" => return flows(difference),
        // Swagger 2.0 has one flow.
        "flow" => change("security-flow-changed", Breaking),
        "scopes" => return scopes(difference.before, difference.after, &places, ""),
        _ => change("security-flow-changed", Unknown),
    };
    vec![(class, places)]
}

/// Whether a requirement names the scheme at a location. The components of a document without operations are for other documents.
fn is_required(contract: &Contract, location: &Location) -> bool {
    let name = contract.security_schemes().iter().find(|(_, scheme)| scheme.location == *location).map(|(name, _)| name.clone());
    let Some(name) = name.or_else(|| location.last_token()) else { return true };
    let mut operations = contract.operations().iter().chain(contract.webhooks()).peekable();
    let documents = contract.documents();
    let mut defaults = documents.names().filter_map(|document| documents.value(document)?.get("security")?.as_array());
    operations.peek().is_none()
        || operations.any(|operation| operation.security.iter().any(|requirement| requirement.0.contains_key(&name)))
        || defaults.any(|requirements| requirements.iter().any(|requirement| requirement.get(&name).is_some()))
}

fn flows(difference: &Difference<'_>) -> Vec<Judged> {
    let mut found = Vec::new();
    for (name, one, other) in entries(difference.before, difference.after) {
        let places = (difference.old.child(&name), difference.new.child(&name));
        match (one, other) {
            (None, Some(_)) => found.push((change(Compatible, Breaking, format!("the flow `{name}` is added")), places)),
            (Some(_), None) => found.push((change(Breaking, Compatible, format!("the flow `{name}` is removed")), places)),
            _ => {
                for (member, one, other) in entries(one, other) {
                    let places = (places.0.child(&member), places.1.child(&member));
                    let what = format!("`{member}` of the flow `{name}` is {}", how(one, other));
                    match member.as_str() {
                        "scopes" => found.extend(scopes(one, other, &places, &format!(" of the flow `{name}`"))),
                        member if is_extension(member) => found.push((Class::Note("extension-changed", what), places)),
                        // A client that does not refresh its tokens works as before.
                        "refreshUrl" if one.is_none() => found.push((change(Compatible, Breaking, what), places)),
                        _ => found.push((change(Unknown, Unknown, what), places)),
                    }
                }
            }
        }
    }
    if found.is_empty() {
        let summary = format!("`flows` is {}", how(difference.before, difference.after));
        found.push((change(Unknown, Unknown, summary), (difference.old.clone(), difference.new.clone())));
    }
    found
}

/// A removed scope may be ignored or refused (RFC 6749, 3.3), so the contract does not determine the effect.
fn scopes(before: Option<&Value>, after: Option<&Value>, places: &(Location, Location), of: &str) -> Vec<Judged> {
    let entry = |(name, one, other): (String, Option<&Value>, Option<&Value>)| {
        let what = format!("the scope `{name}`{of} is {}", how(one, other));
        let class = match (one, other) {
            (None, _) => change(Compatible, Breaking, what),
            (_, None) => change(Unknown, Compatible, what),
            _ => Class::Note("description-changed", format!("the description of the scope `{name}`{of} is changed")),
        };
        (class, (places.0.child(&name), places.1.child(&name)))
    };
    let found: Vec<Judged> = entries(before, after).into_iter().map(entry).collect();
    if found.is_empty() {
        let summary = format!("`scopes`{of} is {}", how(before, after));
        return vec![(change(Unknown, Unknown, summary), places.clone())];
    }
    found
}

fn change(client: Verdict, server: Verdict, summary: String) -> Class {
    Class::Change { kind: "security-flow-changed", client, server, summary }
}

fn how(before: Option<&Value>, after: Option<&Value>) -> &'static str {
    match (before, after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    }
}

/// The entries of two objects that differ.
fn entries<'v>(before: Option<&'v Value>, after: Option<&'v Value>) -> Vec<(String, Option<&'v Value>, Option<&'v Value>)> {
    let map = |value: Option<&'v Value>| -> Option<&'v Map<String, Value>> { value?.as_object() };
    let (left, right) = (map(before), map(after));
    let get = |entries: Option<&'v Map<String, Value>>, name: &str| entries.and_then(|entries| entries.get(name));
    let only_right = right.into_iter().flatten().filter(|(name, _)| get(left, name).is_none());
    let names = left.into_iter().flatten().chain(only_right).map(|(name, _)| name);
    names.map(|name| (name.clone(), get(left, name), get(right, name))).filter(|(_, one, other)| one != other).collect()
}
