//! OpenAPI documents, JSON and YAML: each example of a response is an exchange. The examples of parameters make its request.

use std::borrow::Cow;

use charter_contract::is_json;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Format;
use super::document::{DocumentReader, message, query};
use super::tree::{Kind, Node};
use crate::exchange::{Body, Request, Response};

pub(super) struct OpenApi;

/// The methods of a path item.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
/// The most references one after the other.
const MOST_REFERENCES: usize = 16;
/// What a segment of a path is encoded with.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',');

impl Format for OpenApi {
    fn members(&self) -> &'static [&'static str] {
        &["openapi", "swagger"]
    }

    fn read_tree(&self, root: &Node, reader: &mut DocumentReader<'_>) -> bool {
        let is_document = root.any(&["openapi", "swagger"]).is_some() && root.get("paths").is_some_and(Node::is_object);
        if !is_document {
            return false;
        }
        let document = OpenApiDocument { root };
        // A document that was cut off is often whole in its syntax.
        if !document.has_targets() {
            return false;
        }
        let mut count = 0;
        for (path, item) in root.get("paths").map(Node::members).unwrap_or_default() {
            let item = document.target(item);
            let methods = item.members().iter().filter(|(name, _)| METHODS.contains(&&**name));
            for (method, operation) in methods {
                count += document.operation(&Place { path, item, method, operation }, reader);
            }
        }
        // A document without examples is not a recording.
        count > 0
    }
}

/// An operation and where it is.
struct Place<'n> {
    path: &'n str,
    item: &'n Node,
    method: &'n str,
    operation: &'n Node,
}

struct OpenApiDocument<'n> {
    root: &'n Node,
}

impl<'n> OpenApiDocument<'n> {
    /// The value that a reference in the document leads to. A reference to another document stays.
    fn target(&self, node: &'n Node) -> &'n Node {
        let mut node = node;
        for _ in 0..MOST_REFERENCES {
            let Some(pointer) = node.str("$ref").and_then(|reference| reference.strip_prefix('#')) else { return node };
            let Some(found) = self.at(pointer) else { return node };
            node = found;
        }
        node
    }

    /// Whether the references of the operations, apart from those of schemas, lead to a part of the document or to another one.
    fn has_targets(&self) -> bool {
        let is_found = |node: &'n Node| !self.target(node).str("$ref").is_some_and(|reference| reference.starts_with('#'));
        let holds = |holder: &'n Node| {
            let parameters = holder.get("parameters").map(Node::items).unwrap_or_default().iter();
            let responses = holder.get("responses").map(Node::members).unwrap_or_default().iter().map(|(_, response)| response);
            parameters.chain(responses).chain(holder.get("requestBody")).all(is_found)
        };
        let mut items = self.root.get("paths").map(Node::members).unwrap_or_default().iter().map(|(_, item)| item);
        items.all(|item| {
            let target = self.target(item);
            let mut operations = target.members().iter().filter(|(name, _)| METHODS.contains(&&**name)).map(|(_, operation)| operation);
            is_found(item) && holds(target) && operations.all(holds)
        })
    }

    fn at(&self, pointer: &str) -> Option<&'n Node> {
        let decoded = percent_encoding::percent_decode_str(pointer).decode_utf8().ok()?;
        let tokens = decoded.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"));
        tokens.into_iter().try_fold(self.root, |node, token| match node.is_array() {
            true => node.items().get(token.parse::<usize>().ok()?),
            false => node.get(&token),
        })
    }

    /// Reads the examples of the responses of an operation. Returns how many there are.
    fn operation(&self, place: &Place<'n>, reader: &mut DocumentReader<'_>) -> usize {
        let mut count = 0;
        for (status, response) in place.operation.get("responses").map(Node::members).unwrap_or_default() {
            let response = self.target(response);
            let Some(status) = status_of(status) else { continue };
            for (media_type, name, example) in self.examples(response) {
                let Some(value) = self.value(example) else {
                    reader.skip("example of an OpenAPI document in another file");
                    continue;
                };
                count += 1;
                reader.add(value, |reader, exchange| {
                    exchange.request = Some(self.request(place, name, status, reader));
                    let mut fields = vec![("content-type".to_owned(), media_type.to_owned())];
                    fields.extend(self.fields(response));
                    exchange.response = Some(Response::new(status, message(fields, false, body(reader, value, media_type))));
                    Ok::<(), String>(())
                });
            }
        }
        count
    }

    /// The examples of a response or a request body, each with its media type and its name. Those of the schema count if there are no others.
    fn examples(&self, holder: &'n Node) -> Vec<(&'n str, Option<&'n str>, &'n Node)> {
        let mut found = Vec::new();
        for (media_type, spec) in holder.get("content").map(Node::members).unwrap_or_default() {
            let spec = self.target(spec);
            let own: Vec<_> = self.own_examples(spec).collect();
            let own = if own.is_empty() { self.schema_examples(spec).map(|example| (None, example)).collect() } else { own };
            found.extend(own.into_iter().map(|(name, example)| (media_type.as_str(), name, example)));
        }
        // Swagger 2.0: by media type.
        if holder.get("content").is_none() {
            let examples = holder.get("examples").map(Node::members).unwrap_or_default();
            found.extend(
                examples.iter().filter(|(name, _)| name.contains('/')).map(|(media_type, value)| (media_type.as_str(), None, value)),
            );
        }
        found
    }

    /// `example`, and the members of `examples`, of a media type or a parameter.
    fn own_examples(&self, spec: &'n Node) -> impl Iterator<Item = (Option<&'n str>, &'n Node)> {
        let named = spec.get("examples").map(Node::members).unwrap_or_default().iter();
        let named = named.map(|(name, example)| (Some(name.as_str()), example));
        spec.get("example").map(|example| (None, example)).into_iter().chain(named)
    }

    fn schema_examples(&self, spec: &'n Node) -> impl Iterator<Item = &'n Node> {
        let schema = spec.get("schema").map(|schema| self.target(schema));
        let listed = schema.and_then(|schema| schema.get("examples")).map(Node::items).unwrap_or_default();
        schema.and_then(|schema| schema.get("example")).into_iter().chain(listed)
    }

    /// The value of an example: itself, or the member `value` of an Example Object. `None` if it is in another file.
    fn value(&self, example: &'n Node) -> Option<&'n Node> {
        let target = self.target(example);
        let is_object = target.is_object()
            && ["summary", "description", "value", "externalValue", "dataValue"].iter().any(|name| target.get(name).is_some());
        match target.any(&["dataValue"]).or_else(|| target.get("value")) {
            Some(value) if is_object => Some(value),
            _ if target.str("$ref").is_some() || (is_object && target.get("externalValue").is_some()) => None,
            _ => Some(target),
        }
    }

    /// The header fields of a response that have an example.
    fn fields(&self, response: &'n Node) -> Vec<(String, String)> {
        let headers = response.get("headers").map(Node::members).unwrap_or_default().iter();
        let named = headers.filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        named.filter_map(|(name, header)| Some((name.clone(), simple(self.documented(self.target(header))?)))).collect()
    }

    /// The value that a parameter or a header field documents.
    fn documented(&self, spec: &'n Node) -> Option<&'n Node> {
        let own = self.own_examples(spec).find_map(|(_, example)| self.value(example));
        let schema = || spec.get("schema").map_or(spec, |schema| self.target(schema));
        let first = |name: &str| schema().get(name)?.items().first();
        own.or_else(|| self.schema_examples(spec).next()).or_else(|| schema().any(&["const", "default"])).or_else(|| first("enum"))
    }

    /// The request of an example: with the example of the same name, or the first one, unless the response refuses the request.
    fn request(&self, place: &Place<'n>, name: Option<&str>, status: u16, reader: &DocumentReader<'_>) -> Request {
        let parameters: Vec<&Node> = [place.operation, place.item]
            .into_iter()
            .flat_map(|holder| holder.get("parameters").map(Node::items).unwrap_or_default())
            .map(|parameter| self.target(parameter))
            .collect();
        let value = |parameter: &'n Node| {
            let generated = || generated(parameter.get("schema").map_or(parameter, |schema| self.target(schema)));
            self.documented(parameter).map_or_else(|| generated().to_owned(), simple)
        };
        let in_place = |wanted: &'static str| parameters.iter().copied().filter(move |parameter| parameter.str("in") == Some(wanted));
        let is_required = |parameter: &&Node| matches!(parameter.get("required").map(|node| &node.kind), Some(Kind::Bool(true)));
        let named = |wanted: &str| in_place("path").find(|parameter| parameter.str("name") == Some(wanted));
        let path = filled(place.path, |name| {
            let text = named(name).map_or_else(|| "1".to_owned(), value);
            utf8_percent_encode(&text, SEGMENT).to_string()
        });
        let pairs: Vec<(&str, String)> =
            in_place("query").filter(is_required).filter_map(|parameter| Some((parameter.str("name")?, value(parameter)))).collect();
        let query = query(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        let separator = if query.is_empty() { "" } else { "?" };
        let url = format!("{}{path}{separator}{query}", self.base(place));
        let mut fields: Vec<(String, String)> = in_place("header")
            .filter(is_required)
            .filter_map(|parameter| Some((parameter.str("name")?.to_owned(), value(parameter))))
            .collect();
        let content = place.operation.get("requestBody").map(|body| self.target(body)).filter(|_| status < 400);
        let all = content.map(|content| self.examples(content)).unwrap_or_default();
        let chosen = all.iter().find(|(_, known, _)| name.is_some() && *known == name).or_else(|| all.first());
        let chosen = chosen.and_then(|(media_type, _, example)| Some((*media_type, self.value(example)?)));
        let body = chosen.map_or(Body::Missing, |(media_type, value)| {
            fields.push(("content-type".to_owned(), media_type.to_owned()));
            body(reader, value, media_type)
        });
        Request::new(place.method.to_ascii_uppercase(), url, message(fields, false, body))
    }

    /// The URL of the first server, with the defaults of its variables; `host` and `basePath` of Swagger 2.0.
    fn base(&self, place: &Place<'n>) -> String {
        let servers = [place.operation, place.item, self.root].into_iter().find_map(|holder| holder.get("servers")?.items().first());
        let text = match servers {
            Some(server) => {
                let variables = server.get("variables").map(Node::members).unwrap_or_default();
                let default =
                    |name: &str| variables.iter().find(|(known, _)| known == name).and_then(|(_, variable)| variable.text_of("default"));
                filled(server.str("url").unwrap_or_default(), |name| default(name).unwrap_or_default())
            }
            None => {
                let host = self.root.str("host").map(|host| format!("https://{host}")).unwrap_or_default();
                format!("{host}{}", self.root.str("basePath").unwrap_or_default())
            }
        };
        text.trim_end_matches('/').to_owned()
    }
}

/// A status that a response is documented for.
fn status_of(key: &str) -> Option<u16> {
    match key.as_bytes() {
        b"default" => Some(500),
        [class @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] => Some(u16::from(class - b'0') * 100),
        _ => key.parse().ok(),
    }
}

/// The body of an example. A text is serialised already, unless the media type is JSON.
fn body(reader: &DocumentReader<'_>, value: &Node, media_type: &str) -> Body {
    match value.as_str() {
        Some(_) if !is_json(media_type) => reader.body(value),
        // Some documents have the text of the JSON.
        Some(text) if text.trim_start().starts_with(['{', '[']) => reader.body(value),
        _ => reader.json(value),
    }
}

/// A value in the style `simple`.
fn simple(value: &Node) -> String {
    match &value.kind {
        Kind::Array(items) => items.iter().map(simple).collect::<Vec<_>>().join(","),
        Kind::Object(members) => members.iter().map(|(name, value)| format!("{name},{}", simple(value))).collect::<Vec<_>>().join(","),
        _ => value.text().map(Cow::into_owned).unwrap_or_default(),
    }
}

/// A value of the type of a parameter without a documented one.
fn generated(schema: &Node) -> &'static str {
    match (schema.str("type"), schema.str("format")) {
        (Some("boolean"), _) => "true",
        (_, Some("uuid")) => "00000000-0000-4000-8000-000000000000",
        (_, Some("date")) => "2026-01-31",
        (_, Some("date-time")) => "2026-01-31T12:00:00Z",
        (_, Some("email")) => "user@example.com",
        (_, Some("uri")) => "https://example.com/",
        _ => "1",
    }
}

/// A template with values instead of its names in braces.
fn filled(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
        text.push_str(before);
        text.push_str(&value(name));
        rest = after;
    }
    text.push_str(rest);
    text
}
