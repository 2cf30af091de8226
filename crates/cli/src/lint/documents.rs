//! Keywords and styles that have no effect where they are written.

use std::collections::{BTreeSet, HashSet};

use charter_contract::keywords::{is_ignored, is_known};
use charter_contract::{Contract, Location, ParameterPlace, Style};
use serde_json::{Map, Value};

use super::place;

/// Reports unknown keywords, keywords without an effect, and repeated names in `required`.
pub(super) fn keywords(contract: &Contract, warnings: &mut Vec<String>, hints: &mut Vec<String>) {
    for (_, schema) in contract.schemas().iter() {
        let Value::Object(keywords) = schema.source() else { continue };
        let at = |keyword: &str| place(contract, &schema.location.child(keyword));
        for (keyword, value) in keywords {
            if is_ignored(keyword, value, schema.draft) {
                warnings.push(format!("{}: {}", at(keyword), former_bound(keyword, value, keywords)));
            } else if keyword == "nullable" && !keywords.contains_key("type") {
                hints.push(format!(
                    "{}: `nullable` without `type` allows null in OpenAPI 3.0.0 to 3.0.2, and has no effect in other versions",
                    at(keyword)
                ));
            } else if !is_known(keyword) {
                hints.push(format!("{}: unknown keyword `{keyword}` is ignored", at(keyword)));
            }
        }
        for (index, name) in repeated(keywords.get("required")) {
            let at = place(contract, &schema.location.child("required").child(index));
            hints.push(format!("{at}: `{name}` is repeated in `required`"));
        }
    }
}

/// The message for a boolean `exclusiveMinimum` or `exclusiveMaximum`.
fn former_bound(keyword: &str, value: &Value, keywords: &Map<String, Value>) -> String {
    let bound = if keyword == "exclusiveMinimum" { "minimum" } else { "maximum" };
    let ignored = format!("`{keyword}: {value}` is ignored: since draft 6 the value is a number");
    match keywords.get(bound).filter(|_| *value == Value::Bool(true)) {
        Some(limit) => format!("{ignored}; write `{keyword}: {limit}` instead of `{bound}: {limit}`"),
        None => format!("{ignored}; remove it"),
    }
}

/// The strings of a list that occur earlier in it, with their indexes.
fn repeated(list: Option<&Value>) -> Vec<(usize, &str)> {
    let mut seen = HashSet::new();
    let names = list.and_then(Value::as_array).into_iter().flatten().enumerate();
    names.filter_map(|(index, name)| Some((index, name.as_str()?))).filter(|(_, name)| !seen.insert(*name)).collect()
}

/// Reports the styles that are unknown or not allowed where they are written.
///
/// # Source
/// OpenAPI 3.2.0, Parameter Object, "Style Values", and Header Object, `style`.
pub(super) fn styles(contract: &Contract, hints: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for operation in contract.operations().iter().chain(contract.webhooks()) {
        for parameter in operation.parameters.iter().filter(|parameter| parameter.content.is_empty()) {
            style(contract, &parameter.location, parameter.place, &mut seen, hints);
        }
        let bodies = operation.request_body.iter().map(|body| &body.content);
        let bodies = bodies.chain(operation.responses.iter().map(|response| &response.content));
        let encodings = bodies.flat_map(|content| content.0.values()).flat_map(|media_type| media_type.encodings());
        let mut headers: Vec<_> = operation.responses.iter().flat_map(|response| &response.headers).collect();
        for encoding in encodings {
            style(contract, &encoding.location, ParameterPlace::Query, &mut seen, hints);
            headers.extend(&encoding.headers);
        }
        for header in headers.into_iter().filter(|header| header.content.is_empty()) {
            style(contract, &header.location, ParameterPlace::Header, &mut seen, hints);
        }
    }
}

fn style(contract: &Contract, owner: &Location, allowed_in: ParameterPlace, seen: &mut BTreeSet<Location>, hints: &mut Vec<String>) {
    let at = owner.child("style");
    let Some(written) = contract.documents().at(&at).and_then(Value::as_str) else { return };
    if Style::parse(written).is_some_and(|style| style.is_allowed_in(allowed_in)) || !seen.insert(at.clone()) {
        return;
    }
    let used = Style::default_of(allowed_in).as_str();
    let part = match allowed_in {
        ParameterPlace::Path => "paths",
        ParameterPlace::Query => "queries and forms",
        ParameterPlace::Header => "header fields",
        ParameterPlace::Cookie => "cookies",
        ParameterPlace::QueryString => "query strings",
    };
    hints.push(format!("{}: the style `{written}` is not allowed in {part}; `{used}` is used", place(contract, &at)));
}
