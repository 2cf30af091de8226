//! Rules that changes affect: they no longer fit the schemas, read a changed property, or are added, removed or changed.

use std::collections::BTreeSet;

use charter_contract::invariant::{Invariant, Site};
use charter_contract::{Contract, Error, Location};
use serde::Serialize;
use serde_json::Value;

use crate::change::fingerprint;
use crate::diff::SchemaChange;
use crate::side::Side;

/// A rule that a change affects.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleImpact {
    /// Stable between runs: 12 hexadecimal digits.
    pub id: String,
    /// The effect: `no-longer-fits`, `reads`, `restates`, `added`, `removed`, `changed`.
    pub kind: &'static str,
    /// The id of the rule, or its location if the id is unknown.
    pub rule: String,
    /// A sentence for readers.
    pub summary: String,
    /// The ids of the changes that the rule reads.
    pub changes: Vec<String>,
    /// The location of the rule.
    pub location: Option<Location>,
}

/// The rules that changes affect. `rules` is the old contract with its rules. `fit` is the result of type-checking rules against the
/// new schemas: the rules of the new contract, or the old ones if it has none.
pub fn rules(rules: &Contract, fit: Result<&Contract, &Error>, changes: &[SchemaChange]) -> Vec<RuleImpact> {
    let mut found = Vec::new();
    match fit {
        Err(error) => {
            for problem in error.problems() {
                let place = problem.place.location.as_ref().map(ToString::to_string).unwrap_or_default();
                let place = match problem.place.position {
                    Some(position) => format!("{place} (line {})", position.line),
                    None => place,
                };
                let summary = match &problem.remedy {
                    Some(remedy) => format!("{}; {remedy}", problem.fault),
                    None => problem.fault.to_string(),
                };
                let id = fingerprint(["no-longer-fits", &place, &summary]);
                let location = problem.place.location.clone();
                found.push(RuleImpact { id, kind: "no-longer-fits", rule: place, summary, changes: Vec::new(), location });
            }
        }
        Ok(fit) => {
            for invariant in &rules.invariants().invariants {
                match fit.invariants().get(&invariant.id) {
                    None => found.push(impact("removed", invariant, "the rule is removed".to_owned(), Vec::new())),
                    Some(now) => {
                        let members = changed((rules, invariant), (fit, now));
                        if !members.is_empty() {
                            let summary = format!("changed: {}", members.join(", "));
                            found.push(impact("changed", now, summary, Vec::new()));
                        }
                    }
                }
            }
            for invariant in &fit.invariants().invariants {
                if rules.invariants().get(&invariant.id).is_none() {
                    found.push(impact("added", invariant, "the rule is added".to_owned(), Vec::new()));
                }
            }
        }
    }
    let side = Side::new(rules);
    for invariant in &rules.invariants().invariants {
        let below = match &invariant.on {
            Site::Schema(id) => side.reachable(*id),
            Site::Response { operations, .. } => {
                let named = operations.iter().filter_map(|operation| rules.operation(operation));
                let bodies = named.flat_map(|operation| &operation.responses);
                bodies.flat_map(|response| response.content.schemas()).flat_map(|id| side.reachable(id)).collect()
            }
        };
        let read: Vec<&SchemaChange> = changes.iter().filter(|change| below.contains(&change.ids.0) && reads(invariant, change)).collect();
        if !read.is_empty() {
            let kinds: Vec<&str> = read.iter().map(|change| change.change.summary.as_str()).collect();
            let ids = read.iter().map(|change| change.change.id.clone()).collect();
            found.push(impact("reads", invariant, format!("reads changed properties: {}", kinds.join("; ")), ids));
        }
    }
    found
}

/// The members of a rule that differ, except its examples.
fn changed((old, one): (&Contract, &Invariant), (new, other): (&Contract, &Invariant)) -> Vec<String> {
    let members = |contract: &Contract, invariant: &Invariant| {
        let mut members = contract.documents().at(&invariant.location).and_then(Value::as_object).cloned().unwrap_or_default();
        members.retain(|key, _| !matches!(key.as_str(), "examples" | "equivalent"));
        members
    };
    let (before, after) = (members(old, one), members(new, other));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    keys.into_iter().filter(|key| before.get(*key) != after.get(*key)).map(|key| format!("`{key}`")).collect()
}

/// The impact if the old contract has rules and the new one has none. `is_compared`: the old rules are compared with the new schemas.
pub fn all_removed(rules: &Contract, is_compared: bool) -> Option<RuleImpact> {
    let invariants = &rules.invariants().invariants;
    let first = invariants.first()?;
    let others = match invariants.len() {
        1 => "is removed".to_owned(),
        count => format!("and {} more are removed", count - 1),
    };
    let compared = if is_compared { "; the old rules are compared with the new schemas" } else { "" };
    let mut removed = impact("removed", first, format!("the new contract has no rules: `{}` {others}{compared}", first.id), Vec::new());
    removed.id = fingerprint(["removed"].into_iter().chain(invariants.iter().map(|invariant| invariant.id.as_str())));
    Some(removed)
}

/// Notes on rules that restate a changed schema.
pub fn restated(rules: &Contract, touched: impl Fn(&Location) -> bool) -> Vec<RuleImpact> {
    let restating = rules.invariants().invariants.iter().filter_map(|invariant| Some((invariant, invariant.restates.as_ref()?)));
    let touched = restating.filter(|(_, location)| touched(location));
    touched
        .map(|(invariant, location)| {
            let summary = format!("restates {location}: {}", invariant.promise.quote.trim());
            impact("restates", invariant, summary, Vec::new())
        })
        .collect()
}

fn impact(kind: &'static str, invariant: &Invariant, summary: String, changes: Vec<String>) -> RuleImpact {
    let id = fingerprint([kind, &invariant.id]);
    RuleImpact { id, kind, rule: invariant.id.clone(), summary, changes, location: Some(invariant.location.clone()) }
}

/// Whether a rule names the property of a change.
fn reads(invariant: &Invariant, change: &SchemaChange) -> bool {
    let change = &change.change;
    let places = change.places();
    let mut keys: Vec<String> = [places.0, places.1].into_iter().flatten().filter_map(key).collect();
    // The old and new values of a change of `required` are names of properties.
    keys.extend([&change.old, &change.new].into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)));
    let text = format!("{} {}", invariant.when.as_ref().map_or("", |when| when.text.as_str()), invariant.rule.text);
    keys.iter().any(|key| names(&text, key))
}

/// The property of a schema location.
fn key(location: &Location) -> Option<String> {
    let tokens: Vec<String> = location.tokens().collect();
    let at = tokens.iter().rposition(|token| token == "properties")?;
    tokens.get(at + 1).cloned()
}

/// Whether an expression contains a member access or a string with this name.
fn names(text: &str, key: &str) -> bool {
    if key.is_empty() {
        return false;
    }
    let word = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(key).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + key.len()..].chars().next();
        matches!(before, Some('.' | '"' | '\'')) && after.is_none_or(|character| !word(character))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn contract(rule: &Value) -> Contract {
        let schema = json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Thing", "type": "object",
            "properties": {"n": {"type": "integer"}}, "required": ["n"]});
        let rules = json!({"format": "charter-invariants/1", "invariants": [rule]});
        let files = vec![
            ("thing.schema.json".to_owned(), schema.to_string().into_bytes()),
            ("thing.invariants.yaml".to_owned(), rules.to_string().into_bytes()),
        ];
        charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_member_of_a_rule_except_its_examples_is_compared() {
        let rule = json!({
            "id": "thing.n", "on": "thing.schema.json", "when": "self.n != 5", "rule": "self.n > 0", "message": "m", "severity": "error",
            "promise": {"kind": "documented", "where": "docs", "quote": "q"},
            "examples": {"pass": [{"self": {"n": 1}}], "fail": [{"self": {"n": 0}}]},
        });
        let old = contract(&rule);
        for (member, value, expected) in [
            ("rule", json!("self.n > 1"), Some("changed: `rule`")),
            ("when", json!("self.n != 6"), Some("changed: `when`")),
            ("message", json!("other"), Some("changed: `message`")),
            ("severity", json!("warning"), Some("changed: `severity`")),
            ("examples", json!({"pass": [{"self": {"n": 2}}], "fail": [{"self": {"n": 0}}]}), None),
        ] {
            let mut edited = rule.clone();
            edited[member] = value;
            let new = contract(&edited);
            let found = rules(&old, Ok(&new), &[]);
            let summaries: Vec<&str> = found.iter().map(|impact| impact.summary.as_str()).collect();
            assert_eq!(summaries, expected.into_iter().collect::<Vec<&str>>(), "{member}");
        }
    }
}
