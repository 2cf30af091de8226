//! The first OpenAPI document of an API, inferred from its traffic.
//!
//! The document describes what was recorded, and nothing else: paths with their parameters, statuses, media types and the narrowest plain schemas
//! of the bodies of JSON and forms. Its author reviews it; `drift` then proposes what later recordings add.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use charter_traffic::exchange::Exchange;
use charter_traffic::read::{Forms, Limits, ReadError, Source, find, read_known};
use indexmap::IndexMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::body::{Body, undocumented};
use super::infer::Inferred;
use crate::import::document;

/// The least number of different segments at one place that are values of a parameter, although none of them has the form of an identifier.
const SEVERAL: usize = 8;

/// An inferred document, and what was not used for it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FirstDocument {
    /// The OpenAPI document as YAML; empty if no exchange could be used.
    pub yaml: Vec<u8>,
    /// The host that the document describes.
    pub host: Option<String>,
    /// The number of its operations.
    pub operations: usize,
    /// The exchanges that it describes.
    pub exchanges: u64,
    /// The exchanges that were not used, by reason.
    pub passed_over: BTreeMap<String, u64>,
    /// Inputs that could not be read.
    pub problems: Vec<String>,
    /// Files of a folder whose form is not known.
    pub skipped_files: Vec<String>,
}

/// The traffic of one host.
#[derive(Default)]
struct Host {
    server: String,
    exchanges: u64,
    calls: Vec<Call>,
}

/// What the document needs of an exchange.
pub(super) struct Call {
    pub(super) method: String,
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) request: Option<Body>,
    pub(super) status: u16,
    pub(super) response: Option<Body>,
}

/// Infers an OpenAPI document from recordings. It describes one host: the given one, or the host with most exchanges.
pub fn first_document(arguments: &[String], limits: &Limits, host: Option<&str>) -> FirstDocument {
    let mut result = FirstDocument::default();
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    let mut found: Vec<(Source, bool)> = Vec::new();
    for argument in arguments {
        match find(argument) {
            Ok(list) => {
                result.skipped_files.extend(list.skipped_files.iter().map(|file| file.source.to_string()));
                found.extend(list.sources.into_iter().map(|source| (source, list.is_folder)));
            }
            Err(error) => result.problems.push(format!("{argument}: {error}")),
        }
    }
    let forms = Forms { accepts_bare: false, columns: None };
    for (source, is_folder) in found {
        let (passed_over, problems) = (&mut result.passed_over, &mut result.problems);
        let outcome = read_known(&source, limits, &forms, &mut |entry| {
            match entry {
                Ok(exchange) => match call(&exchange, limits) {
                    Ok((name, server, call)) => {
                        let host = hosts.entry(name).or_default();
                        host.server = server;
                        host.exchanges += 1;
                        host.calls.push(call);
                    }
                    Err(reason) => *passed_over.entry(reason.to_owned()).or_default() += 1,
                },
                Err(error) => problems.push(format!("{}: entry {}: {error}", source.name(), error.index)),
            }
            ControlFlow::Continue(())
        });
        match outcome {
            Err(ReadError::UnknownForm(_)) if is_folder => result.skipped_files.push(source.name().to_string()),
            Err(error) => result.problems.push(format!("{}: {error}", source.name())),
            Ok(_) => {}
        }
    }
    let selected = match host {
        Some(host) => hosts.remove_entry(host),
        None => {
            let most = hosts.iter().max_by_key(|(_, host)| host.exchanges).map(|(name, _)| name.clone());
            most.and_then(|name| hosts.remove_entry(&name))
        }
    };
    for (name, other) in hosts {
        result.passed_over.insert(format!("host {name}"), other.exchanges);
    }
    if let Some((name, selected)) = selected {
        result.exchanges = selected.exchanges;
        let (value, operations) = openapi(&name, &selected);
        result.yaml = document::write("openapi.yaml", &value);
        result.operations = operations;
        result.host = Some(name);
    }
    result
}

/// The host, the URL of the server and the call of an exchange, or why it is not used.
fn call(exchange: &Exchange, limits: &Limits) -> Result<(String, String, Call), &'static str> {
    let (Some(request), Some(response)) = (&exchange.request, &exchange.response) else { return Err("no request or no response") };
    let method = request.method.to_lowercase();
    if !["get", "put", "post", "delete", "patch"].contains(&method.as_str()) {
        return Err("another method than GET, PUT, POST, DELETE and PATCH");
    }
    let Some((scheme, _)) = request.url.split_once("://") else { return Err("a URL without a host") };
    let (host, path) = host_and_path(&request.url);
    let host = host.unwrap_or_default();
    let sent = undocumented(&request.message, limits);
    let received = undocumented(&response.message, limits);
    let is_json = |body: &Option<Body>| body.as_ref().is_some_and(|body| !body.is_text && body.value.is_some());
    // Pages, scripts and images of a site are not an API.
    if !is_json(&sent) && !is_json(&received) && received.is_some() {
        return Err("no JSON body");
    }
    let call =
        Call { method, segments: segments(path), query: request.query(), request: sent, status: response.status, response: received };
    Ok((host.to_owned(), format!("{scheme}://{host}"), call))
}

/// The host, if the URL has one, and the path without its first slash.
pub(super) fn host_and_path(url: &str) -> (Option<&str>, &str) {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    match url[..end].split_once("://") {
        Some((_, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            (Some(authority.rsplit('@').next().unwrap_or(authority)), path)
        }
        None => (None, url[..end].strip_prefix('/').unwrap_or(&url[..end])),
    }
}

/// The decoded segments of a path.
pub(super) fn segments(path: &str) -> Vec<String> {
    path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect()
}

/// The value that the text of a parameter most likely means.
pub(super) fn value_of_text(text: &str) -> Value {
    match type_of_texts(&[text]) {
        "integer" => text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from),
        "boolean" => Value::from(text == "true"),
        _ => Value::from(text),
    }
}

/// A segment of a path in the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Literal(String),
    Parameter(String),
}

/// The document of a host, and the number of its operations.
fn openapi(name: &str, host: &Host) -> (Value, usize) {
    let mut paths: BTreeMap<Vec<Segment>, IndexMap<String, Vec<&Call>>> = BTreeMap::new();
    for (template, calls) in templates(&host.calls) {
        for call in calls {
            paths.entry(template.clone()).or_default().entry(call.method.clone()).or_default().push(call);
        }
    }
    let (mut items, mut schemas, mut ids, mut operations) = (Map::new(), Map::new(), BTreeSet::new(), 0);
    for (template, methods) in &paths {
        let mut item = Map::new();
        for (method, calls) in methods {
            operations += 1;
            let id = unique(operation_id(method, template), &mut ids);
            item.insert(method.clone(), operation(&id, template, calls, &mut schemas));
        }
        items.insert(path_of(template), Value::Object(item));
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": name, "version": "0.1.0", "description": "Inferred from recorded traffic. Review each part." },
        "servers": [{ "url": host.server }],
        "paths": items,
    });
    if !schemas.is_empty() {
        document["components"] = json!({ "schemas": schemas });
    }
    (document, operations)
}

/// The calls by path, with parameters in place of identifiers.
pub(super) fn templates(calls: &[Call]) -> Vec<(Vec<Segment>, Vec<&Call>)> {
    // Segments that vary next to the same other segments.
    let mut seen: BTreeMap<(usize, usize, String, String), BTreeSet<&str>> = BTreeMap::new();
    let around = |segments: &[String], at: usize| -> (usize, usize, String, String) {
        let shape = |part: &[String]| part.iter().map(|one| if is_identifier(one) { "{}" } else { one }).collect::<Vec<_>>().join("/");
        (segments.len(), at, shape(&segments[..at]), shape(&segments[at + 1..]))
    };
    for call in calls {
        for (at, segment) in call.segments.iter().enumerate() {
            seen.entry(around(&call.segments, at)).or_default().insert(segment);
        }
    }
    let mut found: BTreeMap<Vec<Segment>, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        let mut template: Vec<Segment> = Vec::new();
        for (at, segment) in call.segments.iter().enumerate() {
            let varies = at > 0 && seen.get(&around(&call.segments, at)).is_some_and(|values| values.len() >= SEVERAL);
            template.push(if is_identifier(segment) || varies {
                Segment::Parameter(parameter_name(&template))
            } else {
                Segment::Literal(segment.clone())
            });
        }
        found.entry(template).or_default().push(call);
    }
    found.into_iter().collect()
}

/// Whether a segment has the form of an identifier: a number, a UUID, or a word with digits that is not a version such as `v1`.
fn is_identifier(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let version = segment.strip_prefix(['v', 'V']).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    let is_file =
        segment.rsplit_once('.').is_some_and(|(_, ending)| ending.len() <= 4 && ending.bytes().all(|byte| byte.is_ascii_alphabetic()));
    !version && !is_file && (digits == segment.len() || segment.len() >= 3)
}

/// The name of a path parameter: after the collection before it, and unique in the path.
fn parameter_name(before: &[Segment]) -> String {
    let taken = |name: &str| before.iter().any(|segment| matches!(segment, Segment::Parameter(known) if known == name));
    if !taken("id") && !before.iter().any(|segment| matches!(segment, Segment::Parameter(_))) {
        return "id".to_owned();
    }
    let collection = before.iter().rev().find_map(|segment| match segment {
        Segment::Literal(text) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    });
    let base = format!("{}Id", camel(&[singular(collection.unwrap_or("item")).to_owned()]));
    let mut name = base.clone();
    let mut number = 2;
    while taken(&name) {
        name = format!("{base}{number}");
        number += 1;
    }
    name
}

fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') && stem.len() > 2 => stem,
        _ => word,
    }
}

/// Words as one name in camel case.
fn camel(words: &[String]) -> String {
    let mut name = String::new();
    let parts = words.iter().flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric())).filter(|part| !part.is_empty());
    for (index, part) in parts.enumerate() {
        let mut letters = part.chars();
        match letters.next() {
            Some(first) if index > 0 => name.extend(first.to_uppercase().chain(letters)),
            Some(first) => name.extend(first.to_lowercase().chain(letters)),
            None => {}
        }
    }
    name
}

/// `getParcelsById`: the method, the literal segments, and the parameters after `By`.
pub(super) fn operation_id(method: &str, template: &[Segment]) -> String {
    let mut words = vec![method.to_owned()];
    for (index, segment) in template.iter().enumerate() {
        match segment {
            Segment::Literal(text) => words.push(text.clone()),
            Segment::Parameter(name) if index + 1 == template.len() => words.extend(["by".to_owned(), name.clone()]),
            Segment::Parameter(_) => {}
        }
    }
    camel(&words)
}

pub(super) fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let (mut candidate, mut number) = (name.clone(), 2);
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}{number}");
        number += 1;
    }
    candidate
}

pub(super) fn path_of(template: &[Segment]) -> String {
    let parts = template.iter().map(|segment| match segment {
        Segment::Literal(text) => text.clone(),
        Segment::Parameter(name) => format!("{{{name}}}"),
    });
    format!("/{}", parts.collect::<Vec<_>>().join("/"))
}

/// The operation of some calls. The schemas of its bodies are added to the components.
pub(super) fn operation(id: &str, template: &[Segment], calls: &[&Call], schemas: &mut Map<String, Value>) -> Value {
    let mut parameters = Vec::new();
    for (at, segment) in template.iter().enumerate() {
        if let Segment::Parameter(name) = segment {
            let values: Vec<&str> = calls.iter().map(|call| call.segments[at].as_str()).collect();
            parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": { "type": type_of_texts(&values) } }));
        }
    }
    let mut queries: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for (name, value) in calls.iter().flat_map(|call| &call.query) {
        queries.entry(name).or_default().push(value);
    }
    for (name, values) in queries {
        parameters.push(json!({ "name": name, "in": "query", "schema": { "type": type_of_texts(&values) } }));
    }
    let mut operation = Map::new();
    operation.insert("operationId".to_owned(), json!(id));
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(parameters));
    }
    // A request that the server refused may be wrong.
    let accepted: Vec<&&Call> = calls.iter().filter(|call| call.status < 400).collect();
    let sent: Vec<&Body> = accepted.iter().filter_map(|call| call.request.as_ref()).collect();
    if !sent.is_empty() {
        let content = contents(&sent, &format!("{}Request", pascal(id)), schemas);
        operation.insert("requestBody".to_owned(), json!({ "required": sent.len() == accepted.len(), "content": content }));
    }
    let mut statuses: BTreeMap<u16, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        statuses.entry(call.status).or_default().push(call);
    }
    let several = statuses.keys().filter(|status| **status < 400).count() > 1;
    let mut responses = Map::new();
    for (status, calls) in statuses {
        let received: Vec<&Body> = calls.iter().filter_map(|call| call.response.as_ref()).collect();
        let name = if status >= 400 || several { format!("{}Response{status}", pascal(id)) } else { format!("{}Response", pascal(id)) };
        let mut response = json!({ "description": reason(status) });
        if !received.is_empty() {
            response["content"] = contents(&received, &name, schemas);
        }
        responses.insert(status.to_string(), response);
    }
    operation.insert("responses".to_owned(), Value::Object(responses));
    Value::Object(operation)
}

fn pascal(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The `content` of bodies: a schema for JSON and forms, and the media type alone for others.
pub(super) fn contents(bodies: &[&Body], name: &str, schemas: &mut Map<String, Value>) -> Value {
    let mut media: IndexMap<&str, Option<Inferred>> = IndexMap::new();
    for body in bodies {
        let known = media.entry(&body.media_type).or_default();
        if let Some(value) = &body.value {
            known.get_or_insert_default().add(value);
        }
    }
    let several = media.len() > 1;
    let mut content = Map::new();
    for (media_type, inferred) in media {
        let entry = match inferred {
            Some(inferred) => {
                let subtype = media_type.rsplit('/').next().unwrap_or_default();
                let name = if several { format!("{name}{}", pascal(&camel(&[subtype.to_owned()]))) } else { name.to_owned() };
                schemas.insert(name.clone(), inferred.schema(false));
                json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } })
            }
            None => json!({}),
        };
        content.insert(media_type.to_owned(), entry);
    }
    Value::Object(content)
}

/// The type of parameters, from their texts.
fn type_of_texts(values: &[&str]) -> &'static str {
    let is_integer = |text: &str| {
        !text.is_empty() && text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
    };
    if values.iter().all(|value| is_integer(value)) {
        "integer"
    } else if values.iter().all(|value| matches!(*value, "true" | "false")) {
        "boolean"
    } else {
        "string"
    }
}

/// The reason phrase of a status (RFC 9110, section 15).
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        410 => "Gone",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Recorded",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_numbers_uuids_and_words_with_digits() {
        for text in ["1", "42", "p_1", "550e8400-e29b-41d4-a716-446655440000", "ord-77"] {
            assert!(is_identifier(text), "{text}");
        }
        for text in ["orders", "v1", "v2.1", "index2.html", "", "a1"] {
            assert!(!is_identifier(text), "{text}");
        }
    }

    fn call(method: &str, path: &str) -> Call {
        Call {
            method: method.to_owned(),
            segments: path.split('/').map(str::to_owned).collect(),
            query: Vec::new(),
            request: None,
            status: 200,
            response: None,
        }
    }

    fn paths(calls: &[Call]) -> Vec<String> {
        templates(calls).iter().map(|(template, _)| path_of(template)).collect()
    }

    #[test]
    fn identifiers_become_parameters_with_different_names() {
        let calls =
            [call("get", "v1/orders/17"), call("get", "v1/orders/18"), call("get", "v1/orders/17/lines/3"), call("get", "v1/orders")];
        assert_eq!(paths(&calls), ["/v1/orders", "/v1/orders/{id}", "/v1/orders/{id}/lines/{lineId}"]);
    }

    #[test]
    fn segments_with_many_values_become_a_parameter() {
        let names = ["anna", "bert", "carl", "dora", "emil", "fritz", "gerd", "hans"];
        let calls: Vec<Call> = names.iter().map(|name| call("get", &format!("people/{name}/books"))).collect();
        assert_eq!(paths(&calls), ["/people/{id}/books"]);
        assert_eq!(paths(&calls[..3]), ["/people/anna/books", "/people/bert/books", "/people/carl/books"]);
    }
}
