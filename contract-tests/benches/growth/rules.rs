//! Contracts with ten to a thousand rules: the cost of loading, of building a judge, of checking documents of about 200 bytes, and of the
//! compiled reader.

mod program;

use charter_contract::Contract;
use charter_contract_tests::{Exchange, Judge};
use charter_rules::from_documents;
use serde_json::{Value, json};

use crate::clock;
use crate::table::{Table, median};

/// The number of documents.
const DOCUMENTS: usize = 500;

const OPENAPI: &str = r#"
openapi: 3.1.0
info: {title: things, version: "1"}
paths:
  /things/{id}:
    get:
      operationId: things.get
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: A thing.
          content: {application/json: {schema: {$ref: thing.schema.json}}}
"#;

/// A table of the cost per rule, up to `most` rules.
pub(crate) fn measure(most: usize, rounds: usize) -> Option<Table> {
    let numbers: Vec<usize> = [10, 30, 100, 300, 1_000].into_iter().filter(|number| *number <= most).collect();
    if numbers.is_empty() {
        return None;
    }
    let documents: Vec<String> = (0..DOCUMENTS).map(document).collect();
    let mut programs = program::Programs::new(&documents);
    let rows = numbers.iter().map(|number| {
        let each = |nanoseconds: f64, unit: f64| nanoseconds / unit / *number as f64;
        let (mut load, mut prepare, mut judged) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let contract = timed(&mut load, || contract(*number));
            let judge = timed(&mut prepare, || Judge::new(&contract).unwrap_or_else(|error| panic!("{error}")));
            let exchanges: Vec<Exchange> = documents.iter().map(|document| Exchange::bare(document.as_str())).collect();
            timed(&mut judged, || {
                let kept = exchanges.iter().filter(|exchange| judge.judge(exchange).findings.is_empty()).count();
                assert_eq!(kept, DOCUMENTS, "{number} rules");
            });
        }
        let compiled = programs.measure(*number, &contract(*number), rounds);
        let costs = vec![
            each(median(load), 1e3),
            each(median(prepare), 1e3),
            each(median(judged), DOCUMENTS as f64),
            each(compiled.generating, 1e3),
            each(compiled.compiling, 1e6),
            each(compiled.reading, DOCUMENTS as f64),
        ];
        (*number, costs)
    });
    let bytes = documents.iter().map(String::len).sum::<usize>() / DOCUMENTS;
    Some(Table {
        title: format!("Cost per rule, by the number of rules in the contract. The documents have {bytes} bytes."),
        of: "rules",
        columns: vec![
            "loading, µs",
            "building the judge, µs",
            "checking a document, reference path, ns",
            "generating types and reader, µs",
            "compiling the reader, ms",
            "checking a document, compiled reader, ns",
        ],
        rows: rows.collect(),
    })
}

fn timed<T>(times: &mut Vec<f64>, work: impl FnOnce() -> T) -> T {
    let start = clock::own_nanoseconds();
    let result = work();
    times.push((clock::own_nanoseconds() - start) as f64);
    result
}

/// A contract with this number of different rules.
fn contract(rules: usize) -> Contract {
    let integer = json!({ "type": "integer" });
    let schema = json!({
        "type": "object",
        "properties": {
            "id": { "type": "string" }, "a": integer, "b": integer, "ratio": { "type": "number" }, "finished": { "type": "boolean" },
            "kind": { "enum": ["small", "large"] }, "name": { "type": "string" }, "note": { "type": ["string", "null"] },
            "items": { "type": "array", "items": { "type": "object", "properties": { "size": integer }, "required": ["size"] } },
        },
        "required": ["id", "a", "b", "ratio", "finished", "kind", "name", "items"],
    });
    let invariants = json!({ "format": "charter-invariants/1", "invariants": (0..rules).map(invariant).collect::<Vec<_>>() });
    let files = [
        ("openapi.yaml", OPENAPI.to_owned()),
        ("thing.schema.json", schema.to_string()),
        ("thing.invariants.yaml", invariants.to_string()),
    ];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes()));
    from_documents(files.collect()).unwrap_or_else(|error| panic!("{error}"))
}

/// A rule of one of four kinds, in turn: on numbers, with a guard, on a list, on strings.
fn invariant(index: usize) -> Value {
    let (when, rule, pass, fail) = match index % 4 {
        0 => ("true".to_owned(), format!("self.a + {index} >= self.b"), json!({ "a": 1, "b": 1 }), json!({ "a": 1, "b": 9_000 })),
        1 => (
            "self.finished".to_owned(),
            format!("self.ratio < {index}.5"),
            json!({ "finished": true, "ratio": 0 }),
            json!({ "finished": true, "ratio": 9_000 }),
        ),
        2 => (
            "size(self.items) > 0".to_owned(),
            format!("self.items.all(item, item.size <= {})", 100 + index),
            json!({ "items": [{ "size": 1 }] }),
            json!({ "items": [{ "size": 9_000 }] }),
        ),
        _ => (
            "has(self.note) && self.note != null".to_owned(),
            format!("self.name != 'thing {index}' || self.kind == 'small'"),
            json!({ "note": "", "name": "", "kind": "large" }),
            json!({ "note": "", "name": format!("thing {index}"), "kind": "large" }),
        ),
    };
    let mut invariant = json!({
        "id": format!("thing.rule-{index}"), "on": "thing.schema.json", "rule": rule, "message": "it does not hold", "severity": "error",
        "promise": { "kind": "documented", "where": "nowhere", "quote": "it holds" },
        "examples": { "pass": [{ "self": pass }], "fail": [{ "self": fail }] },
    });
    if when != "true" {
        invariant["when"] = when.into();
    }
    invariant
}

/// A document that violates no rule.
fn document(index: usize) -> String {
    let items: Vec<Value> = (0..index % 6).map(|item| json!({ "size": item * 16 })).collect();
    let mut document = json!({
        "id": format!("thing_{index:012}"), "a": index + 40, "b": index % 40, "ratio": (index % 64) as f64 / 128.0,
        "finished": !index.is_multiple_of(3), "kind": if index.is_multiple_of(2) { "small" } else { "large" }, "name": format!("name {index}"), "items": items,
    });
    if !index.is_multiple_of(5) {
        document["note"] = if index % 5 == 1 { Value::Null } else { "a note of some forty characters, no longer".into() };
    }
    document.to_string()
}
