//! Outlines of exchanges, and whether a contract allows them: witnesses for changes of operations.

use std::collections::BTreeSet;

use charter_contract::{Content, JsonType, Keywords, Operation, Parameter, ParameterPlace, SchemaId};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::side::Side;

/// The parts of a request or response that a change is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sketch {
    /// The method.
    pub method: String,
    /// The path, with values for its parameters.
    pub path: String,
    /// Query, header and cookie parameters, such as `query.limit`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, Value>,
    /// Whether credentials are sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub credentials: bool,
    /// The status of the response; `None` for a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The media type of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Header fields of the response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
}

/// Whether a contract allows the exchange; `None` if a schema has no validator.
pub fn promises(side: &Side<'_>, sketch: &Sketch) -> Option<bool> {
    let operation = side
        .contract()
        .operations()
        .iter()
        .find(|operation| operation.method.0 == sketch.method && operation.captures(&sketch.path).is_some());
    let Some(operation) = operation else { return Some(false) };
    match sketch.status {
        None => request(side, operation, sketch),
        Some(status) => response(side, operation, sketch, status),
    }
}

fn request(side: &Side<'_>, operation: &Operation, sketch: &Sketch) -> Option<bool> {
    if operation.secured && !sketch.credentials {
        return Some(false);
    }
    let is_judged = |parameter: &&Parameter| parameter.place != ParameterPlace::Path && !parameter.is_ignored();
    for parameter in operation.parameters.iter().filter(is_judged) {
        let name = format!("{}.{}", parameter.place.as_str(), parameter.name);
        match (sketch.parameters.get(&name), parameter.schema) {
            (None, _) if parameter.required => return Some(false),
            (Some(value), Some(schema)) if !side.accepts(schema, value)? => return Some(false),
            _ => {}
        }
    }
    let Some(wanted) = &operation.request_body else { return Some(sketch.body.is_none()) };
    match &sketch.body {
        None => Some(!wanted.required),
        Some(body) => content(side, &wanted.content, sketch, Some(body)),
    }
}

fn response(side: &Side<'_>, operation: &Operation, sketch: &Sketch, status: u16) -> Option<bool> {
    let Some(described) = operation.response_for(status) else { return Some(false) };
    let lacks = described
        .headers
        .iter()
        .any(|header| header.required && !header.is_ignored() && !sketch.headers.iter().any(|name| name.eq_ignore_ascii_case(&header.name)));
    if lacks {
        return Some(false);
    }
    match (&sketch.media_type, &sketch.body) {
        (None, None) => Some(true),
        (_, body) => content(side, &described.content, sketch, body.as_ref()),
    }
}

fn content(side: &Side<'_>, content: &Content, sketch: &Sketch, body: Option<&Value>) -> Option<bool> {
    let Some(media_type) = &sketch.media_type else { return Some(content.is_empty()) };
    let Some(described) = crate::operations::covering(content, media_type) else { return Some(false) };
    match (described.schema, body) {
        (Some(schema), Some(body)) => side.accepts(schema, body),
        _ => Some(true),
    }
}

/// How the texts of a parameter or header field have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Every text, or more of the listed ones, is allowed now.
    Wider,
    /// Every text, or more of the listed ones, was allowed before.
    Narrower,
    /// The same texts are allowed.
    Same,
}

/// Whether one schema allows every text on the wire and the other only scalar values, or both list values of other types;
/// `None` if the comparison as JSON decides.
///
/// On the wire, a number is a text, and one value is a list of one.
pub(crate) fn relation((old, one): (&Side<'_>, SchemaId), (new, other): (&Side<'_>, SchemaId)) -> Option<Relation> {
    if let (Some(before), Some(after)) = (listed(old, one), listed(new, other))
        && old.contract().types_of(one).is_disjoint(&new.contract().types_of(other))
    {
        return match (before.is_subset(&after), after.is_subset(&before)) {
            (true, true) => Some(Relation::Same),
            (true, false) => Some(Relation::Wider),
            (false, true) => Some(Relation::Narrower),
            (false, false) => None,
        };
    }
    let (before, after) = (Texts::of(old, one)?, Texts::of(new, other)?);
    match (before, after) {
        (Texts::Scalars, Texts::Every | Texts::List) | (Texts::Every, Texts::List) => Some(Relation::Wider),
        (Texts::Every | Texts::List, Texts::Scalars) | (Texts::List, Texts::Every) => Some(Relation::Narrower),
        _ => None,
    }
}

/// Whether a schema allows every text, or every list.
pub(crate) fn is_text(side: &Side<'_>, id: SchemaId) -> bool {
    matches!(Texts::of(side, id), Some(Texts::Every | Texts::List))
}

/// The texts of a schema that lists its values; `None` if other keywords apply or a value has several texts.
fn listed(side: &Side<'_>, id: SchemaId) -> Option<BTreeSet<String>> {
    let contract = side.contract();
    let keywords = &contract.schema(contract.target(id)).keywords;
    let mut bare = Keywords { types: None, enumeration: None, format: None, deprecated: false, format_asserted: false, ..keywords.clone() };
    bare.rare.constant = None;
    if bare != Keywords::default() {
        return None;
    }
    let is_boolean = keywords.types.as_ref().is_some_and(|types| types.iter().eq([&JsonType::Boolean]));
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) => Some(value.to_string()),
        // `1` and `1.0` are one number.
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(value.to_string()),
        _ => None,
    };
    match (&keywords.enumeration, &keywords.constant) {
        (Some(values), None) => values.iter().map(text).collect(),
        (None, Some(value)) => text(value).map(|text| BTreeSet::from([text])),
        (None, None) if is_boolean => Some(["true", "false"].map(str::to_owned).into()),
        _ => None,
    }
}

/// The texts that a schema allows on the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    /// Numbers or booleans.
    Scalars,
    /// Every text.
    Every,
    /// Lists of any texts.
    List,
}

impl Texts {
    fn of(side: &Side<'_>, id: SchemaId) -> Option<Self> {
        let contract = side.contract();
        let keywords = &contract.schema(contract.target(id)).keywords;
        let types: Vec<JsonType> = keywords.types.as_ref()?.iter().copied().collect();
        let bare = Keywords { types: None, items: None, format: None, deprecated: false, format_asserted: false, ..keywords.clone() };
        match types[..] {
            [JsonType::String] if bare == Keywords::default() => Some(Self::Every),
            [JsonType::Array] if bare == Keywords::default() => {
                let all = keywords.items.is_none_or(|items| Self::of(side, items) == Some(Self::Every));
                all.then_some(Self::List)
            }
            _ => {
                let scalar = |type_: &JsonType| matches!(type_, JsonType::Integer | JsonType::Number | JsonType::Boolean);
                types.iter().all(scalar).then_some(Self::Scalars)
            }
        }
    }
}

/// A path with each parameter replaced by its name.
pub(crate) fn filled(operation: &Operation) -> String {
    operation.path.fill(str::to_owned)
}
