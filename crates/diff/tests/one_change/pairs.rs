//! A table of pairs with one change: the kind and the verdict of each line in both directions, and places that exist in the documents.

use charter_diff::Diff;
use serde_json::{Value, json};

use super::{compared, contract, echo};

/// The document of one side of a pair.
fn document(base: &str, part: &Value) -> Value {
    let mut document = match base {
        "request" => return echo(part, &json!({})),
        "response" => return echo(&json!({}), part),
        "schema" => return part.clone(),
        "operation" | "path" | "root" => echo(&json!({"type": "string"}), &json!({"type": "string"})),
        other => panic!("{other}"),
    };
    let flows = json!({"clientCredentials": {"tokenUrl": "https://a.test", "scopes": {"a": "", "b": ""}}});
    document["components"] = json!({"securitySchemes": {
        "key": {"type": "apiKey", "in": "header", "name": "k"}, "token": {"type": "http", "scheme": "bearer"},
        "oauth": {"type": "oauth2", "flows": flows},
    }});
    let operation = document.pointer_mut("/paths/~1things/put").expect("an operation").take();
    if base == "path" {
        document["paths"] = json!({"/things/{id}": {"put": operation}});
    } else {
        document["paths"]["/things"]["put"] = operation;
    }
    let at = match base {
        "operation" => "/paths/~1things/put",
        "path" => "/paths/~1things~1{id}/put",
        _ => "",
    };
    let members = document.pointer_mut(at).and_then(Value::as_object_mut).expect("an object");
    for (key, value) in part.as_object().expect("members") {
        match value {
            Value::Null => drop(members.shift_remove(key)),
            value => drop(members.insert(key.clone(), value.clone())),
        }
    }
    document
}

/// The kind and the verdict of each line.
fn lines(found: &Diff) -> Vec<String> {
    let operations = found.operations.iter().map(|change| (&change.kind.0, change.described_client.as_str()));
    let schemas = found.schemas.iter().map(|change| (&change.change.kind.0, change.described_client.as_str()));
    let notes = found.notes.iter().map(|note| (&note.kind.0, "note"));
    let mut lines: Vec<String> = operations.chain(schemas).chain(notes).map(|(kind, verdict)| format!("{kind} {verdict}")).collect();
    lines.extend(found.not_compared.iter().map(|one| format!("not compared {}", one.new_location.pointer())));
    lines
}

/// The places of the lines that neither document has.
fn lost_places(found: &Diff, old: &Value, new: &Value) -> Vec<String> {
    let operations = found.operations.iter().map(|change| (change.old_location.as_ref(), change.new_location.as_ref()));
    let schemas = found.schemas.iter().map(|change| (change.change.old_location.as_ref(), change.change.new_location.as_ref()));
    let notes = found.notes.iter().map(|note| (Some(&note.old_location), Some(&note.new_location)));
    let mut lost = Vec::new();
    for (one, other) in operations.chain(schemas).chain(notes) {
        let (one, other) = (one.expect("an old place").pointer(), other.expect("a new place").pointer());
        if old.pointer(one).is_none() && new.pointer(other).is_none() {
            lost.push(format!("{one} {other}"));
        }
    }
    lost
}

#[test]
fn every_pair_has_its_lines_in_both_directions() {
    let pairs: Vec<Value> = serde_json::from_str(include_str!("pairs.json")).expect("a list of pairs");
    let mut wrong = Vec::new();
    for pair in &pairs {
        let text = |index: usize| pair[index].as_str().expect("a text");
        let expected = |index: usize| -> Vec<&str> {
            pair[index].as_array().expect("lines").iter().map(|line| line.as_str().expect("a line")).collect()
        };
        let (old, new) = (document(text(1), &pair[2]), document(text(1), &pair[3]));
        for (one, other, lines_of) in [(&old, &new, expected(4)), (&new, &old, expected(5))] {
            let found = if text(1) == "schema" {
                let (one, other) = (contract("a.schema.json", one), contract("a.schema.json", other));
                charter_diff::diff(&one, &other, &charter_diff::Options::default())
            } else {
                compared(one, other)
            };
            let lines = lines(&found);
            if lines != lines_of {
                wrong.push(format!("{}: {lines:?}, expected {lines_of:?}", text(0)));
            }
            for lost in lost_places(&found, one, other) {
                wrong.push(format!("{}: no document has {lost}", text(0)));
            }
        }
    }
    assert!(pairs.len() >= 70, "{} pairs", pairs.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
