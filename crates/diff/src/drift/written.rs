//! The proposed edits of a report in the terms of their documents. `apply` joins the edits of several novelties, so it uses the general form.

use std::collections::HashMap;

use charter_contract::Contract;
use serde_json::{Map, Value};

use super::dialect::Dialect;
use super::in_place;
use super::report::{Drift, Edit};
use super::swagger;

/// Writes the edits of a report in the terms of their documents: before OpenAPI 3.1, `type` is one type, and `nullable` allows null.
pub fn as_written(contract: &Contract, drift: &mut Drift) {
    let mut documents: HashMap<String, Value> = HashMap::new();
    let novelties = drift.novelties.iter_mut().map(|novelty| &mut novelty.patch);
    let unseen = drift.unseen.iter_mut().map(|unseen| &mut unseen.patch);
    let seen = drift.seen.iter_mut().map(|seen| &mut seen.patch);
    for patch in novelties.chain(unseen).chain(seen) {
        let edits = std::mem::take(patch);
        for edit in edits {
            let document = documents.entry(edit.document.clone()).or_insert_with(|| {
                let text = contract.documents().text(&edit.document);
                text.and_then(|text| in_place::read(&edit.document, text)).unwrap_or_default()
            });
            let dialect = Dialect::of(contract, &edit.document, document);
            patch.extend(written(contract, dialect, document, edit));
        }
    }
}

fn written(contract: &Contract, dialect: Dialect, document: &Value, edit: Edit) -> Vec<Edit> {
    match dialect {
        Dialect::JsonSchema => vec![edit],
        Dialect::OpenApi30 => with_members(dialect, document, edit),
        Dialect::Swagger2 => {
            let edits = swagger::edits(contract, document, &edit).into_iter();
            edits.flat_map(|edit| with_members(dialect, document, edit)).collect()
        }
    }
}

fn with_members(dialect: Dialect, document: &Value, mut edit: Edit) -> Vec<Edit> {
    let schema = edit.path.strip_suffix("/type").filter(|_| edit.op == "replace");
    if let Some(before) = schema.and_then(|schema| document.pointer(schema)?.as_object())
        && let Some(types) = edit.value.as_ref().and_then(types_in)
    {
        let mut after = before.clone();
        dialect.set_types(&mut after, &types);
        return changed_members(&edit, before, &after);
    }
    if let Some(value) = &mut edit.value {
        dialect.write(value);
    }
    vec![edit]
}

/// The types that an edit of `type` sets.
pub(super) fn types_in(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(types) => types.iter().map(|type_| type_.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// The edits that change the members of a schema.
fn changed_members(edit: &Edit, before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Edit> {
    let schema = edit.path.strip_suffix("/type").unwrap_or_default();
    let of = |key: &str, op: &'static str, value: Option<Value>| Edit {
        document: edit.document.clone(),
        op,
        path: format!("{schema}/{key}"),
        value,
    };
    let removed = before.keys().filter(|key| !after.contains_key(*key)).map(|key| of(key, "remove", None));
    let changed = after.iter().filter(|(key, value)| before.get(*key) != Some(value)).map(|(key, value)| {
        let op = if before.contains_key(key) { "replace" } else { "add" };
        of(key, op, Some(value.clone()))
    });
    removed.chain(changed).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_edit_of_the_type_of_openapi_3_0_changes_nullable() {
        let document = json!({"openapi": "3.0.3", "a": {"type": "string"}, "b": {"type": "string", "nullable": true}});
        let lines = |path: &str, types: &Value| -> Vec<String> {
            let edit = Edit { document: "a.json".to_owned(), op: "replace", path: path.to_owned(), value: Some(types.clone()) };
            let edits = with_members(Dialect::OpenApi30, &document, edit).into_iter();
            edits.map(|edit| format!("{} {} {}", edit.op, edit.path, edit.value.unwrap_or_default())).collect()
        };
        assert_eq!(lines("/a/type", &json!(["string", "null"])), ["add /a/nullable true"]);
        assert_eq!(lines("/b/type", &json!("string")), ["remove /b/nullable null"]);
        assert_eq!(
            lines("/a/type", &json!(["string", "integer"])),
            ["remove /a/type null", r#"add /a/anyOf [{"type":"string"},{"type":"integer"}]"#]
        );
    }
}
