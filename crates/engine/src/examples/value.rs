//! Values of parameters and header fields: the documented ones, else values generated from the schema.

use charter_contract::{Contract, Example, JsonType, Parameter, SchemaId, Style};
use serde_json::{Number, Value, json};

/// The maximum depth of references and items in which a value is searched.
const DEPTH: usize = 8;

/// A value for a parameter or a header field.
pub(super) struct Candidate {
    pub(super) value: Value,
    /// Whether the contract documents the value. A generated value can violate the schema, for example its `pattern`.
    pub(super) is_documented: bool,
}

/// Values for a parameter or a header field, the documented ones first. Always at least one.
pub(super) fn values(contract: &Contract, schema: Option<SchemaId>, examples: &[Example]) -> Vec<Candidate> {
    let data = examples.iter().filter(|example| !example.serialized);
    let mut known: Vec<Value> = data.filter_map(|example| contract.documents().at(&example.location).cloned()).collect();
    known.extend(schema.into_iter().flat_map(|schema| documented(contract, schema)));
    let generated = schema.map(|schema| generated(contract, schema, DEPTH)).into_iter().chain([json!("1")]);
    let candidate = |is_documented| move |value| Candidate { value, is_documented };
    known.into_iter().map(candidate(true)).chain(generated.map(candidate(false))).collect()
}

/// The examples, the default and the enumerated values of a schema.
fn documented(contract: &Contract, schema: SchemaId) -> Vec<Value> {
    let mut values = Vec::new();
    let applied = contract.in_place([schema]);
    let schemas = || applied.iter().map(|id| contract.schema(*id));
    schemas().for_each(|schema| values.extend(schema.examples().cloned()));
    schemas().for_each(|schema| values.extend(schema.keywords.constant.iter().chain(schema.default_value()).cloned()));
    schemas().for_each(|schema| values.extend(schema.keywords.enumeration.iter().flatten().cloned()));
    values
}

/// A small value of the schema's type, within the bounds that are easy to satisfy.
fn generated(contract: &Contract, schema: SchemaId, depth: usize) -> Value {
    let applied = contract.in_place([schema]);
    let keywords = || applied.iter().map(|id| &contract.schema(*id).keywords);
    let types = contract.types_of(schema);
    let is = |type_| types.contains(&type_);
    let nested = |item: Option<SchemaId>| match item {
        Some(item) if depth > 0 => documented(contract, item).into_iter().next().unwrap_or_else(|| generated(contract, item, depth - 1)),
        _ => json!("1"),
    };
    if is(JsonType::String) {
        let format = keywords().find_map(|keywords| keywords.format.as_deref());
        let length = keywords().filter_map(|keywords| keywords.min_length).max().unwrap_or(1).min(1_000);
        return json!(text(format).map_or_else(|| "1".repeat(length.max(1) as usize), str::to_owned));
    }
    if is(JsonType::Number) {
        let least = keywords().filter_map(|keywords| keywords.minimum.as_ref()).filter_map(Number::as_f64).fold(f64::MIN, f64::max);
        let above =
            keywords().filter_map(|keywords| keywords.exclusive_minimum.as_ref()).filter_map(Number::as_f64).fold(f64::MIN, f64::max);
        let most = keywords().filter_map(|keywords| keywords.maximum.as_ref()).filter_map(Number::as_f64).fold(f64::MAX, f64::min);
        let number = 1_f64.max(least.ceil()).max(above.floor() + 1.0).min(most.floor());
        return if number.abs() < 9e15 { json!(number as i64) } else { json!(1) };
    }
    if is(JsonType::Boolean) {
        return json!(true);
    }
    if is(JsonType::Array) {
        return json!([nested(keywords().find_map(|keywords| keywords.items))]);
    }
    if is(JsonType::Object) {
        let required = keywords().flat_map(|keywords| keywords.required.iter());
        let property = |name: &String| keywords().find_map(|keywords| keywords.properties.get(name).copied());
        return required.map(|name| (name.clone(), nested(property(name)))).collect::<serde_json::Map<_, _>>().into();
    }
    Value::Null
}

/// A text of a format.
fn text(format: Option<&str>) -> Option<&'static str> {
    Some(match format? {
        "date-time" => "2026-01-31T12:00:00Z",
        "date" => "2026-01-31",
        "time" => "12:00:00Z",
        "duration" => "P1D",
        "email" | "idn-email" => "user@example.com",
        "hostname" | "idn-hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" | "uri-reference" | "iri" | "iri-reference" => "https://example.com/",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        _ => return None,
    })
}

/// A value in a path segment, percent-encoded.
pub(super) fn in_path(parameter: &Parameter, value: &Value) -> String {
    let text = encoded(&simple(value));
    match parameter.style {
        Style::Matrix => format!(";{}={text}", parameter.name),
        Style::Label => format!(".{text}"),
        _ => text,
    }
}

/// A value in the query, as `name=value`, percent-encoded.
pub(super) fn in_query(parameter: &Parameter, value: &Value) -> String {
    let pair = |name: &str, value: &Value| format!("{}={}", encoded(name), encoded(&simple(value)));
    let pairs: Vec<String> = match value {
        Value::Array(items) if parameter.explode => items.iter().map(|item| pair(&parameter.name, item)).collect(),
        Value::Object(entries) if parameter.style == Style::DeepObject => {
            entries.iter().map(|(key, value)| pair(&format!("{}[{key}]", parameter.name), value)).collect()
        }
        Value::Object(entries) if parameter.explode => entries.iter().map(|(key, value)| pair(key, value)).collect(),
        Value::Array(items) => {
            let separator = match parameter.style {
                Style::SpaceDelimited => "%20",
                Style::PipeDelimited => "%7C",
                Style::TabDelimited => "%09",
                _ => ",",
            };
            let items: Vec<String> = items.iter().map(|item| encoded(&simple(item))).collect();
            vec![format!("{}={}", encoded(&parameter.name), items.join(separator))]
        }
        value => vec![pair(&parameter.name, value)],
    };
    pairs.join("&")
}

/// A value in the style `simple`.
pub(super) fn simple(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(simple).collect::<Vec<_>>().join(","),
        Value::Object(entries) => entries.iter().map(|(key, value)| format!("{key},{}", simple(value))).collect::<Vec<_>>().join(","),
        scalar => scalar.to_string(),
    }
}

fn encoded(text: &str) -> String {
    const RESERVED: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',');
    percent_encoding::utf8_percent_encode(text, RESERVED).to_string()
}
