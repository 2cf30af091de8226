//! Shared by the tests of the generated types: equality, mutation, and the bundled bodies.
#![allow(dead_code, reason = "each test binary uses its part")]

use serde_json::{Number, Value};

/// Equality of JSON Schema: numbers by their mathematical value, objects with keys in any order.
pub(crate) fn same_json(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => same_number(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_json(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len() && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same_json(value, other)))
        }
        (left, right) => left == right,
    }
}

fn same_number(left: &Number, right: &Number) -> bool {
    let integer = |number: &Number| {
        let float = number.as_f64().filter(|value| number.is_f64() && value.fract() == 0.0 && value.abs() < 1e30);
        number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)).or_else(|| float.map(|value| value as i128))
    };
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => left == right,
        (None, None) => left.as_f64() == right.as_f64(),
        _ => false,
    }
}

/// Sets or removes the value at a pointer.
pub(crate) fn set(body: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, token) = pointer.rsplit_once('/').expect("a pointer below the root");
    let token = token.replace("~1", "/").replace("~0", "~");
    match body.pointer_mut(parent) {
        Some(Value::Object(entries)) => {
            match value {
                Some(value) => entries.insert(token, value),
                None => entries.shift_remove(&token),
            };
        }
        Some(Value::Array(items)) => {
            let index: usize = token.parse().expect("an index");
            match value {
                Some(value) => items[index] = value,
                None => {
                    items.remove(index);
                }
            }
        }
        _ => {}
    }
}

/// Every bundled JSON body of a run or an error envelope, valid and invalid.
pub(crate) fn bundled() -> Vec<(String, u64, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../contract-tests/recordings");
    let mut bodies = Vec::new();
    for kind in ["kept", "broken"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(format!("{folder}/{kind}")).expect("the recordings").map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        for path in paths {
            let name = format!("{kind}/{}", path.file_name().expect("a name").to_string_lossy());
            let text = std::fs::read_to_string(&path).expect("a recording");
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => bodies.push((name, 200, serde_json::from_str(&text).expect("JSON"))),
                Some("ndjson") => {
                    for line in text.lines() {
                        let exchange: Value = serde_json::from_str(line).expect("an exchange");
                        let response = &exchange["response"];
                        let body = response.get("body").cloned().or_else(|| serde_json::from_str(response["bodyText"].as_str()?).ok());
                        bodies.extend(body.map(|body| (name.clone(), response["status"].as_u64().unwrap_or(200), body)));
                    }
                }
                Some("har") => {
                    let har: Value = serde_json::from_str(&text).expect("a HAR");
                    for entry in har["log"]["entries"].as_array().expect("entries") {
                        let body = entry["response"]["content"]["text"].as_str().and_then(|text| serde_json::from_str(text).ok());
                        bodies.extend(body.map(|body| (name.clone(), entry["response"]["status"].as_u64().unwrap_or(200), body)));
                    }
                }
                _ => {}
            }
        }
    }
    bodies
}

/// Every mutation of one key at any depth: dropped, null, of a wrong type, out of range, and an additional unknown key.
pub(crate) fn mutations(body: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    walk(body, &mut String::new(), &mut places);
    let mut mutated = Vec::new();
    for pointer in places {
        let mut with = |label: &str, value: Option<Value>| {
            let mut copy = body.clone();
            set(&mut copy, &pointer, value);
            mutated.push((format!("{pointer} {label}"), copy));
        };
        with("dropped", None);
        let replacements = [
            ("null", Value::Null),
            ("boolean", true.into()),
            ("text", "unexpected".into()),
            ("number", 7.5.into()),
            ("whole", 5.0.into()),
            ("large", 9_007_199_254_740_993_i64.into()),
            ("negative", (-1).into()),
            ("huge", Value::from(1e300)),
            ("list", Value::Array(Vec::new())),
            ("object", Value::Object(serde_json::Map::new())),
        ];
        for (label, value) in replacements {
            with(label, Some(value));
        }
        let mut copy = body.clone();
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        if copy.pointer(parent).is_some_and(Value::is_object) {
            set(&mut copy, &format!("{parent}/unknownKey"), Some(1.into()));
            mutated.push((format!("{parent} with an unknown key"), copy));
        }
    }
    mutated
}

/// One mutation of one key, selected by `choice`.
pub(crate) fn mutation(body: &Value, choice: u64) -> Value {
    let mut places = Vec::new();
    walk(body, &mut String::new(), &mut places);
    let mut copy = body.clone();
    let Some(pointer) = places.get(usize::try_from(choice % places.len().max(1) as u64).expect("an index")) else { return copy };
    let value = match choice >> 32 {
        turn if turn % 9 == 0 => None,
        turn => Some(
            [Value::Null, true.into(), "".into(), "2026-01-01T00:00:00Z".into(), 0.into(), 7.5.into(), Value::Array(Vec::new())]
                [(turn % 7) as usize]
                .clone(),
        ),
    };
    set(&mut copy, pointer, value);
    copy
}

fn walk(value: &Value, pointer: &mut String, places: &mut Vec<String>) {
    let mut below = |token: String, child: &Value| {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
        places.push(pointer.clone());
        walk(child, pointer, places);
        pointer.truncate(length);
    };
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, child)| below(key.clone(), child)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, child)| below(index.to_string(), child)),
        _ => {}
    }
}
