//! An operation with the values of its parameters that are known before a request.

use charter_contract::{Contract, Operation, Parameter, ParameterPlace, PathTemplate, StatusRange, Style, is_json};
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::credential::{Credential, credentials};
use crate::error::Error;
use crate::plan::Plan;
use crate::serialise::{Known, cookie, path_value, query, scalar, text};

const JSON: &str = "application/json";
/// An id that no resource has.
const UNKNOWN_ID: &str = "charter-probe-no-such-id";
/// The same, if ids are integers: below the largest 32-bit integer, which may be a sentinel.
const UNKNOWN_INTEGER: i64 = 2_147_483_646;
/// The same, if ids are UUIDs.
const UNKNOWN_UUID: &str = "9b1d6f0e-0c0f-4d2a-8f6e-2d8c5a7e4b10";

/// A `GET` operation with the known values of its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// `operationId`
    pub(crate) id: String,
    /// The path. Its parameters are those without a value.
    pub(crate) template: PathTemplate,
    /// The known query, percent-encoded.
    query: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// The media types of its responses, as in `Accept`.
    pub(crate) accept: HeaderValue,
    /// Whether its successful responses may be JSON.
    pub(crate) is_json: bool,
    /// The query parameters without a value in the plan and the settings, by name.
    pub(crate) open_queries: Vec<String>,
    /// The style of each path parameter.
    styles: Vec<(String, Style)>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) secured: bool,
    /// A value of its last path parameter without a value that no resource has.
    pub(crate) unknown_id: String,
    /// Whether it must refuse that value. A list below an unknown resource may be empty, unless 404 is documented.
    pub(crate) refuses_unknown_id: bool,
}

impl Endpoint {
    /// An operation and the values of the plan and the settings for its parameters.
    ///
    /// # Errors
    /// The operation needs a query parameter, a header field or a credential that is unknown.
    pub(crate) fn new(contract: &Contract, plan: &Plan, operation: &Operation) -> Result<Self, Error> {
        let template = filled(contract, plan, operation);
        let (mut queries, mut headers, mut cookies) = (Vec::new(), Vec::new(), Vec::new());
        for parameter in operation.parameters.iter().filter(|parameter| parameter.place != ParameterPlace::Path && !parameter.is_ignored())
        {
            // A credential may be described as a parameter, too. Its example is not a key.
            if is_credential(contract, plan, operation, parameter) {
                continue;
            }
            let given = given(contract, plan, operation, &parameter.name).map(Known::Text);
            let value = given.or_else(|| parameter.required.then(|| documented_value(contract, parameter)).flatten());
            if value.is_none() && !parameter.required {
                continue;
            }
            let missing = || Error::Parameter { id: operation.id.clone(), name: parameter.name.clone(), place: parameter.place };
            let value = value.ok_or_else(missing)?;
            match parameter.place {
                ParameterPlace::Query => queries.push(query(parameter, &value).ok_or_else(missing)?),
                ParameterPlace::QueryString => queries.push(text(parameter, &value).ok_or_else(missing)?),
                ParameterPlace::Header => headers.push(header(&parameter.name, &text(parameter, &value).ok_or_else(missing)?)?),
                ParameterPlace::Cookie => cookies.push(cookie(parameter, &value).ok_or_else(missing)?),
                ParameterPlace::Path => {}
            }
        }
        if !cookies.is_empty() {
            headers.push(header("cookie", &cookies.join("; "))?);
        }
        let credentials = credentials(contract, plan, operation).ok_or_else(|| {
            if plan.key.is_none() && plan.credentials.is_empty() {
                return Error::NoKey;
            }
            let schemes = operation.security.iter().flat_map(|requirement| requirement.0.keys()).map(String::as_str);
            Error::NoCredentials { id: operation.id.clone(), schemes: schemes.collect::<Vec<_>>().join(", ") }
        })?;
        let unknown_id = unknown_id(contract, operation, &template);
        Ok(Self {
            id: operation.id.clone(),
            template,
            query: queries.join("&"),
            headers,
            accept: accept(operation),
            is_json: success_media_types(operation).is_empty()
                || success_media_types(operation).iter().any(|name| is_json(name) || name.contains('*')),
            open_queries: operation
                .parameters
                .iter()
                .filter(|one| one.place == ParameterPlace::Query && given(contract, plan, operation, &one.name).is_none())
                .map(|one| one.name.clone())
                .collect(),
            styles: path_parameters(operation).map(|parameter| (parameter.name.clone(), parameter.style)).collect(),
            credentials,
            secured: operation.secured,
            unknown_id,
            refuses_unknown_id: operation.path.0.ends_with('}') || documents_not_found(operation),
        })
    }

    /// The names of the path parameters of an operation that have no value.
    pub(crate) fn unknown_in(contract: &Contract, plan: &Plan, operation: &Operation) -> Vec<String> {
        filled(contract, plan, operation).parameters().into_iter().map(str::to_owned).collect()
    }

    /// The names of the path parameters without a value.
    pub(crate) fn unknown(&self) -> Vec<&str> {
        self.template.parameters()
    }

    /// The path with these values of its parameters without a value, in order, and the query with an additional part.
    pub(crate) fn target(&self, values: &[&str], query: &str) -> String {
        let values = self.unknown().into_iter().zip(values).collect::<Vec<_>>();
        let style = |name: &str| self.styles.iter().find(|(known, _)| known == name).map_or(Style::Simple, |(_, style)| *style);
        let value = |name: &str| {
            let found = values.iter().find(|(known, _)| *known == name);
            found.map_or_else(String::new, |(_, value)| path_value(style(name), name, value))
        };
        joined(self.template.fill(value), &self.query, query)
    }
}

/// The path of an operation with the known values of its parameters.
pub(crate) fn filled(contract: &Contract, plan: &Plan, operation: &Operation) -> PathTemplate {
    PathTemplate(operation.path.fill(|name| {
        let parameter = path_parameters(operation).find(|parameter| parameter.name == name);
        let value = given(contract, plan, operation, name).or_else(|| scalar(only_value(contract, parameter?)?));
        let style = parameter.map_or(Style::Simple, |parameter| parameter.style);
        value.map_or_else(|| format!("{{{name}}}"), |value| path_value(style, name, &value))
    }))
}

fn path_parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Path)
}

/// A path with the known query and an additional part, which takes precedence over a known parameter of the same name.
fn joined(path: String, known: &str, additional: &str) -> String {
    let name = |parameter: &str| parameter.split_once('=').map_or(parameter, |(name, _)| name).to_owned();
    let names: Vec<String> = additional.split('&').map(name).collect();
    let known = known.split('&').filter(|parameter| !names.contains(&name(parameter)));
    let query: Vec<&str> = known.chain(additional.split('&')).filter(|parameter| !parameter.is_empty()).collect();
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// The value of a parameter in the plan or in the settings: for this operation, or for every operation.
fn given(contract: &Contract, plan: &Plan, operation: &Operation, name: &str) -> Option<String> {
    let qualified = format!("{}.{name}", operation.id);
    let settings = &contract.config().probe.parameters;
    let in_plan = |wanted: &str| plan.parameters.iter().rfind(|(given, _)| given == wanted).map(|(_, value)| value.clone());
    [qualified.as_str(), name].iter().find_map(|name| in_plan(name).or_else(|| settings.get(*name).cloned()))
}

/// Whether a parameter repeats what a credential sends.
fn is_credential(contract: &Contract, plan: &Plan, operation: &Operation, parameter: &Parameter) -> bool {
    use crate::credential::Place;
    credentials(contract, plan, operation).into_iter().flatten().any(|credential| match (&credential.place, parameter.place) {
        (Place::Header(name), ParameterPlace::Header) => name.eq_ignore_ascii_case(&parameter.name),
        (Place::Query(name), ParameterPlace::Query) | (Place::Cookie(name), ParameterPlace::Cookie) => *name == parameter.name,
        _ => false,
    })
}

/// The only value that the schema of a parameter allows.
fn only_value<'c>(contract: &'c Contract, parameter: &Parameter) -> Option<&'c Value> {
    let schema = contract.schema(contract.target(parameter.value_schema()?)).source();
    match schema.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => Some(only),
        _ => schema.get("const"),
    }
}

/// A value that the contract documents for a parameter: the only one, the default, an example, the first of several.
fn documented_value(contract: &Contract, parameter: &Parameter) -> Option<Known> {
    let schema = parameter.value_schema().map(|id| contract.schema(contract.target(id)));
    let default = schema.and_then(|schema| schema.default_value());
    let examples = parameter.examples.iter().filter_map(|example| contract.documents().at(&example.location));
    let of_schema = schema.into_iter().flat_map(|schema| schema.examples());
    let of_enum = schema.and_then(|schema| schema.source().get("enum")?.as_array()).into_iter().flatten();
    let documented = only_value(contract, parameter).into_iter().chain(default).chain(examples).chain(of_schema).chain(of_enum);
    let mut values = documented.map(|value| Known::Json(value.clone()));
    values.find(|value| query(parameter, value).is_some())
}

/// The media types of the successful responses of an operation.
fn success_media_types(operation: &Operation) -> Vec<&str> {
    let successes = operation.responses.iter().filter(|response| response.status.is_success());
    successes.flat_map(|response| response.content.keys()).map(String::as_str).collect()
}

/// The field `Accept`: JSON if a successful response may have this media type, else the media types of these responses.
fn accept(operation: &Operation) -> HeaderValue {
    let media_types = success_media_types(operation);
    let is_plain = |name: &&str| name.contains('*') || name.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(JSON));
    let accept = if media_types.is_empty() || media_types.iter().any(is_plain) { JSON.to_owned() } else { media_types.join(", ") };
    HeaderValue::from_str(&accept).unwrap_or_else(|_| HeaderValue::from_static(JSON))
}

/// Whether an operation documents the status 404.
fn documents_not_found(operation: &Operation) -> bool {
    operation.responses.iter().any(|response| matches!(response.status, StatusRange::Exact(404) | StatusRange::Class(4)))
}

/// An id that no resource has, of the type of the last parameter without a value.
fn unknown_id(contract: &Contract, operation: &Operation, template: &PathTemplate) -> String {
    let last = template.parameters().last().copied().unwrap_or_default();
    match IdType::of(contract, operation, last) {
        IdType::Integer => {
            let maximum = path_schema(contract, operation, last).and_then(|schema| schema.get("maximum")?.as_i64());
            maximum.unwrap_or(UNKNOWN_INTEGER).min(UNKNOWN_INTEGER).to_string()
        }
        IdType::Uuid => UNKNOWN_UUID.to_owned(),
        IdType::Any => UNKNOWN_ID.to_owned(),
    }
}

/// The schema of a path parameter.
fn path_schema<'c>(contract: &'c Contract, operation: &Operation, name: &str) -> Option<&'c Value> {
    let is_named = |parameter: &&Parameter| parameter.place == ParameterPlace::Path && parameter.name == name;
    let schema = operation.parameters.iter().find(is_named)?.value_schema()?;
    Some(contract.schema(contract.target(schema)).source())
}

/// The type of a path parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdType {
    Integer,
    Uuid,
    /// A string, or a type that does not distinguish ids.
    Any,
}

impl IdType {
    pub(crate) fn of(contract: &Contract, operation: &Operation, name: &str) -> Self {
        let keyword = |name: &str, schema: &Value| schema.get(name).and_then(Value::as_str).map(str::to_owned);
        let schema = path_schema(contract, operation, name);
        match schema.map(|schema| (keyword("type", schema), keyword("format", schema))) {
            Some((Some(name), _)) if name == "integer" || name == "number" => Self::Integer,
            Some((_, Some(format))) if format == "uuid" => Self::Uuid,
            _ => Self::Any,
        }
    }

    /// Whether a text can be a value of this type.
    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Self::Integer => text.parse::<i128>().is_ok(),
            Self::Uuid => {
                let groups: Vec<&str> = text.split('-').collect();
                groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
                    && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
            }
            Self::Any => true,
        }
    }
}

/// A header field that can be sent.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let parsed = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
    parsed.ok_or_else(|| Error::Header(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_segment() {
        let template = PathTemplate("/api/parcels/{id}/photos/{path}".to_owned());
        let filled = template.fill(|name| crate::serialise::segment(if name == "id" { "a/../b?c" } else { "out/ü.txt" }));
        assert_eq!(filled, "/api/parcels/a%2F..%2Fb%3Fc/photos/out%2F%C3%BC.txt");
    }

    #[test]
    fn parts_of_a_query_are_joined() {
        assert_eq!(joined("/a".to_owned(), "", ""), "/a");
        assert_eq!(joined("/a".to_owned(), "b=1", "c=2"), "/a?b=1&c=2");
        assert_eq!(joined("/a".to_owned(), "page=1&b=1", "page=2"), "/a?b=1&page=2");
    }
}
