//! The OpenAPI documents as written. The loader rewrites older versions: it replaces `nullable`, drops the members next to `$ref`, and
//! adds the members of OpenAPI 3.0 to Swagger 2.0.

use std::collections::BTreeMap;

use charter_contract::{Contract, Location, push_token, unescape_token};
use serde_json::Value;

use super::is_openapi;

/// The values of the documents of a contract, as written.
pub(super) struct Written<'c> {
    contract: &'c Contract,
    older: BTreeMap<String, Value>,
}

impl<'c> Written<'c> {
    pub(super) fn new(contract: &'c Contract) -> Self {
        let documents = contract.documents();
        let names = documents.names().filter(|name| documents.value(name).is_some_and(is_rewritten));
        let parsed = names.filter_map(|name| {
            let text = documents.text(name)?;
            let value = charter_contract::load::parse_value(name, text.as_bytes().to_vec()).ok()?;
            Some((name.to_string(), value))
        });
        Self { contract, older: parsed.collect() }
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.older.get(name).or_else(|| self.contract.documents().value(name))
    }

    pub(super) fn at(&self, location: &Location) -> Option<&Value> {
        match self.older.get(location.document()) {
            Some(value) => value.pointer(location.pointer()),
            None => self.contract.documents().at(location),
        }
    }
}

/// Whether the loader rewrites a document.
fn is_rewritten(document: &Value) -> bool {
    let is_old = |version: &Value| version.as_str().is_some_and(|version| version.starts_with("3.0"));
    is_openapi(Some(document)) && (document.get("swagger").is_some() || document.get("openapi").is_some_and(is_old))
}

/// The place in a document of Swagger 2.0 that a place of its converted form stands for. `key` is the property that a change is about.
/// `None` if the document has the place.
pub(crate) fn swagger_place(contract: &Contract, location: &Location, key: Option<&str>) -> Option<Location> {
    let document = contract.documents().value(location.document())?;
    document.get("swagger")?;
    let mut tokens: Vec<String> = location.tokens().map(|token| token.to_string()).collect();
    match tokens.first().map(String::as_str)? {
        "servers" => {
            let member = ["basePath", "host", "schemes"].into_iter().find(|member| document.get(member).is_some());
            tokens = vec![member.unwrap_or("swagger").to_owned()];
        }
        "components" => {
            tokens.remove(0);
            if let Some(first) = tokens.first_mut().filter(|first| *first == "securitySchemes") {
                *first = "securityDefinitions".to_owned();
            }
        }
        "paths" if tokens.get(3).is_some_and(|token| token == "requestBody") => tokens = in_request_body(document, &tokens, key),
        _ => {}
    }
    let place = Location::new(location.document(), pointer(&without_added(document, tokens)));
    (place != *location).then_some(place)
}

/// The place of a part of a request body: a parameter, or the list of parameters.
fn in_request_body(document: &Value, tokens: &[String], key: Option<&str>) -> Vec<String> {
    let operation = &tokens[..3];
    let at = |tokens: &[String]| document.pointer(&pointer(tokens));
    let lists = [operation, &operation[..2]].map(|owner| [owner, &["parameters".to_owned()]].concat());
    let target = |entry: &Value| -> Option<Value> {
        let Some(reference) = entry.get("$ref").and_then(Value::as_str) else { return Some(entry.clone()) };
        document.get("parameters")?.get(unescape_token(reference.strip_prefix("#/parameters/")?)).cloned()
    };
    let find = |fits: &dyn Fn(&Value) -> bool| {
        lists.iter().find_map(|list| {
            let entries = at(list)?.as_array()?;
            let index = entries.iter().position(|entry| target(entry).is_some_and(|entry| fits(&entry)))?;
            Some([list.as_slice(), &[index.to_string()]].concat())
        })
    };
    let has = |entry: &Value, member: &str, text: &str| entry.get(member).and_then(Value::as_str) == Some(text);
    // `requestBody`, `content`, a media type, `schema`, and the rest.
    let below = tokens.get(7..).unwrap_or_default();
    let (name, rest, member) = match below {
        [properties, name, rest @ ..] if properties == "properties" => (Some(name.as_str()), rest, None),
        [required] if required == "required" => (key, &[][..], Some("required")),
        _ => (None, below, None),
    };
    if let Some(found) = find(&|entry| has(entry, "in", "body")) {
        // The members of the body are those of its parameter.
        return [found, tokens.get(6..).unwrap_or_default().to_vec()].concat();
    }
    let field = name.and_then(|name| find(&|entry| has(entry, "in", "formData") && has(entry, "name", name)));
    match field {
        Some(found) => {
            let member = member.filter(|member| at(&[found.as_slice(), &[(*member).to_owned()]].concat()).is_some());
            [found, rest.to_vec(), member.map(str::to_owned).into_iter().collect()].concat()
        }
        None => lists.into_iter().find(|list| at(list).is_some()).unwrap_or_else(|| operation.to_vec()),
    }
}

/// The tokens without the members that the conversion adds to parameters, header fields and responses.
fn without_added(document: &Value, tokens: Vec<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let above = found.iter().rev().nth(1).map(String::as_str);
        let owner = above.filter(|above| matches!(*above, "parameters" | "headers" | "responses"));
        let here = document.pointer(&pointer(&found));
        let is_body = || here.is_some_and(|here| here.get("in").and_then(Value::as_str) == Some("body"));
        match (owner, token.as_str()) {
            _ if found.first().is_some_and(|first| first == "definitions") => found.push(token),
            (Some(owner), "schema") => {
                if owner == "responses" || owner == "parameters" && is_body() {
                    found.push(token);
                }
                // The names below are those of keywords and properties.
                found.extend(rest);
                break;
            }
            (Some("parameters"), "style" | "explode") => found.push("collectionFormat".to_owned()),
            (Some("parameters" | "responses"), "content") => {
                rest.next();
                if rest.peek().is_none() && here.is_some_and(|here| here.get("schema").is_some()) {
                    found.push("schema".to_owned());
                }
            }
            _ => found.push(token),
        }
    }
    found
}

fn pointer(tokens: &[String]) -> String {
    let mut pointer = String::new();
    tokens.iter().for_each(|token| push_token(&mut pointer, token));
    pointer
}
