//! The documented examples of responses as exchanges.
//!
//! The request is made of the examples of the parameters, else of generated values. Its header section and that of the response are
//! incomplete, so that a header field without an example is not missing.

use std::sync::Arc;

use charter_contract::{
    Content, Contract, Example, Location, Operation, Parameter, ParameterPlace, ResponseSpec, SchemaId, StatusRange, is_json,
};
use charter_traffic::exchange::{Body, BodyLocation, Exchange, Headers, Message, Origin, Request, Response};
use serde_json::Value;

use super::positions::Positions;
use super::value::{in_path, in_query, simple, values};
use crate::operation::operation_for;

/// An exchange of an example.
#[derive(Debug)]
pub(crate) struct ExampleExchange {
    pub(crate) exchange: Exchange,
    /// The location of the response body in the document; `None` if the document has its serialised text.
    pub(crate) body: Option<Location>,
    /// The parameters whose values are generated, each as the subject of its findings.
    pub(crate) generated: Vec<String>,
}

/// The exchanges of all examples of responses, in the order of the operations. Operations that no request can reach have none.
pub(crate) fn exchanges(contract: &Contract, positions: &Positions<'_>) -> Vec<ExampleExchange> {
    let mut all = Vec::new();
    for operation in contract.operations() {
        let Some((url, mut generated)) = url(contract, operation) else { continue };
        let fields = header_fields(contract, operation, &mut generated);
        for response in &operation.responses {
            let Some(status) = status(operation, response) else { continue };
            for (media_type, spec) in response.content.iter() {
                let own = spec.schema.map(|schema| schema_examples(contract, schema)).unwrap_or_default();
                for example in if spec.examples.is_empty() { &own } else { &spec.examples } {
                    let media_type = concrete(media_type);
                    let Some(bytes) = body(contract, &media_type, example) else { continue };
                    let mut exchange = Exchange::new(origin(positions, example, all.len()));
                    exchange.request = Some(documented_request(contract, operation, &url, &fields, example.name.as_deref(), status));
                    exchange.response = Some(documented_response(contract, response, status, &media_type, bytes));
                    let body = (!example.serialized).then(|| example.location.clone());
                    all.push(ExampleExchange { exchange, body, generated: generated.clone() });
                }
            }
        }
    }
    all
}

/// The location of an example as the origin of its exchange.
fn origin(positions: &Positions<'_>, example: &Example, index: usize) -> Origin {
    let position = positions.of(&example.location);
    Origin {
        source: Arc::from(example.location.document()),
        index,
        line: position.map(|position| position.line),
        column: position.map(|position| position.column),
        bytes: 0..0,
    }
}

/// The examples of the schema of a body.
fn schema_examples(contract: &Contract, schema: SchemaId) -> Vec<Example> {
    let schema = contract.schema(contract.target(schema));
    let written = schema.source().get("examples").and_then(Value::as_array).map_or(0, Vec::len);
    let list = (0..written).map(|index| schema.location.child("examples").child(index));
    let one = schema.source().get("example").map(|_| schema.location.child("example"));
    list.chain(one).map(Example::of_value).collect()
}

/// A status that the response is documented for.
fn status(operation: &Operation, response: &ResponseSpec) -> Option<u16> {
    let candidates: Vec<u16> = match response.status {
        StatusRange::Exact(status) => vec![status],
        StatusRange::Class(class) => (u16::from(class) * 100..u16::from(class) * 100 + 100).collect(),
        StatusRange::Default => [500, 400, 200].into_iter().chain(201..300).chain(401..500).chain(501..600).collect(),
    };
    let documented = |status: &u16| operation.response_for(*status).is_some_and(|found| found.location == response.location);
    candidates.into_iter().find(documented)
}

/// A media type of a documented range; its parameters are preserved.
fn concrete(range: &str) -> String {
    match range.split(';').next().unwrap_or_default().trim() {
        "*/*" | "application/*" => "application/json".to_owned(),
        "text/*" => "text/plain".to_owned(),
        other if other.ends_with("/*") => format!("{}octet-stream", &other[..other.len() - 1]),
        _ => range.to_owned(),
    }
}

/// The bytes of an example; `None` for data of a media type that has no serialisation here.
fn body(contract: &Contract, media_type: &str, example: &Example) -> Option<Vec<u8>> {
    match contract.documents().at(&example.location)? {
        Value::String(text) if example.serialized || !is_json(media_type) => Some(text.clone().into_bytes()),
        value if is_json(media_type) => Some(value.to_string().into_bytes()),
        _ => None,
    }
}

/// The URL, as a path with a query, that the contract matches to the operation, and the parameters whose values are generated.
fn url(contract: &Contract, operation: &Operation) -> Option<(String, Vec<String>)> {
    let base = operation.servers.first().or_else(|| contract.servers().first()).map_or("", |server| &server.base_path);
    let mut generated_in_query = Vec::new();
    let mut query = Vec::new();
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Query && parameter.required) {
        let chosen = first(contract, parameter, &mut generated_in_query);
        query.push(in_query(parameter, &chosen));
    }
    let choices = |name: &str| -> Vec<(String, bool)> {
        let in_path_named = |parameter: &&Parameter| parameter.place == ParameterPlace::Path && parameter.name == name;
        let parameter = operation.parameters.iter().find(in_path_named);
        let values = parameter.map(|parameter| (parameter, values(contract, parameter.value_schema(), &parameter.examples)));
        let texts = values.into_iter().flat_map(|(parameter, values)| {
            values.into_iter().map(move |candidate| (in_path(parameter, &candidate.value), candidate.is_documented))
        });
        let texts: Vec<_> = texts.filter(|(text, _)| !text.is_empty()).collect();
        if texts.is_empty() { vec![("1".to_owned(), false)] } else { texts }
    };
    let choices: Vec<(&str, Vec<(String, bool)>)> = operation.path.parameters().into_iter().map(|name| (name, choices(name))).collect();
    // A documented value can be the literal segment of another operation, such as `me`.
    let longest = choices.iter().map(|(_, choices)| choices.len()).max().unwrap_or(1);
    (0..longest).find_map(|attempt| {
        let chosen = |name: &str| {
            let known = choices.iter().find(|(known, _)| *known == name);
            known.map(|(_, choices)| choices[attempt.min(choices.len() - 1)].clone()).unwrap_or_default()
        };
        let path = format!("{base}{}", operation.path.fill(|name| chosen(name).0));
        let url = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
        let request = Request::new(operation.method.0.as_str(), url.as_str(), Message::default());
        let is_found = operation_for(contract, &request).is_ok_and(|matched| matched.operation.id == operation.id);
        let in_path = choices.iter().filter(|(name, _)| !chosen(name).1).map(|(name, _)| format!("path {name}"));
        is_found.then(|| (url, in_path.chain(generated_in_query.iter().cloned()).collect()))
    })
}

/// The first value of a parameter. Adds the parameter to `generated` if the contract documents no value.
fn first(contract: &Contract, parameter: &Parameter, generated: &mut Vec<String>) -> Value {
    let chosen = values(contract, parameter.value_schema(), &parameter.examples).swap_remove(0);
    if !chosen.is_documented {
        generated.push(format!("{} {}", parameter.place.as_str(), parameter.name));
    }
    chosen.value
}

/// The required header parameters with a value. Adds the parameters whose values are generated to `generated`.
fn header_fields(contract: &Contract, operation: &Operation, generated: &mut Vec<String>) -> Vec<(String, String)> {
    let required = operation.parameters.iter().filter(|parameter| parameter.required && !parameter.is_ignored());
    let in_header = required.filter(|parameter| parameter.place == ParameterPlace::Header);
    in_header.map(|parameter| (parameter.name.clone(), simple(&first(contract, parameter, generated)))).collect()
}

/// The request of a response example: with the example of the same name, else the first one, unless the response refuses the request.
fn documented_request(
    contract: &Contract,
    operation: &Operation,
    url: &str,
    fields: &[(String, String)],
    name: Option<&str>,
    status: u16,
) -> Request {
    let mut fields = fields.to_vec();
    let content = operation.request_body.as_ref().map(|body| &body.content).filter(|_| status < 400);
    let mut bytes = None;
    if let Some((media_type, example)) = content.and_then(|content| request_example(content, name)) {
        let media_type = concrete(media_type);
        bytes = body(contract, &media_type, example);
        if bytes.is_some() {
            fields.push(("content-type".to_owned(), media_type));
        }
    }
    let headers = Headers { fields, complete: false };
    Request::new(operation.method.0.as_str(), url, Message { headers, body: bytes.map_or(Body::Missing, encoded) })
}

fn request_example<'c>(content: &'c Content, name: Option<&str>) -> Option<(&'c String, &'c Example)> {
    let all = || content.iter().flat_map(|(media_type, spec)| spec.examples.iter().map(move |example| (media_type, example)));
    all().find(|(_, example)| name.is_some() && example.name.as_deref() == name).or_else(|| all().next())
}

/// The response of an example, with the documented header fields that have a value.
fn documented_response(contract: &Contract, response: &ResponseSpec, status: u16, media_type: &str, bytes: Vec<u8>) -> Response {
    let mut fields = vec![("content-type".to_owned(), media_type.to_owned())];
    for header in response.headers.iter().filter(|header| !header.is_ignored() && !header.examples.is_empty()) {
        let values = values(contract, header.schema, &header.examples);
        fields.push((header.name.clone(), simple(&values[0].value)));
    }
    Response::new(status, Message { headers: Headers { fields, complete: false }, body: encoded(bytes) })
}

/// A body without positions: the document does not contain its bytes.
fn encoded(bytes: Vec<u8>) -> Body {
    Body::Bytes { bytes, location: BodyLocation::Encoded }
}
