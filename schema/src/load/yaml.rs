//! YAML to JSON values, with the place of each. Repeated keys are refused, aliases limited, keys become strings.

use std::collections::HashMap;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};
use saphyr_parser::{Event, Marker, Parser};
use serde_json::{Map, Number, Value};

use crate::Position;
use crate::json::DEPTH_LIMIT;
use crate::location::push_token;

/// Why a text is no YAML document we read, and where.
pub(super) struct YamlError {
    pub(super) message: String,
    pub(super) position: Position,
}

/// Reads one document of the JSON subset of YAML; every value's place by its pointer.
pub(super) fn parse(text: &str) -> Result<(Value, HashMap<String, Position>), YamlError> {
    let lines = Lines::new(text);
    refuse_depth(text, &lines)?;
    let documents = MarkedYaml::load_from_str(text).map_err(|error| lines.error(error.marker(), error.info()))?;
    let [document] = documents.as_slice() else {
        return Err(YamlError {
            message: format!("{} documents where one is expected", documents.len()),
            position: Position::of(text.as_bytes(), 0),
        });
    };
    let mut starts = HashMap::new();
    let value = convert(document, &mut String::new(), &lines, &mut starts)?;
    Ok((value, starts))
}

/// Looks at the events first, so that no deep document is ever built.
fn refuse_depth(text: &str, lines: &Lines<'_>) -> Result<(), YamlError> {
    let mut depth = 0usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| lines.error(error.marker(), error.info()))?;
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
            Event::MappingEnd | Event::SequenceEnd => depth -= 1,
            _ => {}
        }
        if depth > DEPTH_LIMIT {
            return Err(lines.error(&span.start, &format!("collections nested more than {DEPTH_LIMIT} levels deep")));
        }
    }
    Ok(())
}

fn convert(
    node: &MarkedYaml<'_>,
    pointer: &mut String,
    lines: &Lines<'_>,
    starts: &mut HashMap<String, Position>,
) -> Result<Value, YamlError> {
    let start = &node.span.start;
    starts.insert(pointer.clone(), lines.position(start));
    match &node.data {
        YamlData::Value(scalar) => convert_scalar(scalar).ok_or_else(|| lines.error(start, "a number that JSON does not know")),
        YamlData::Sequence(items) => {
            let mut array = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                array.push(convert_child(item, index, pointer, lines, starts)?);
            }
            Ok(Value::Array(array))
        }
        YamlData::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let name = key_name(key).ok_or_else(|| lines.error(&key.span.start, "a key that is no scalar"))?;
                let value = convert_child(value, &name, pointer, lines, starts)?;
                if object.insert(name, value).is_some() {
                    return Err(lines.error(&key.span.start, "a repeated key"));
                }
            }
            Ok(Value::Object(object))
        }
        _ => Err(lines.error(start, "a tag or an alias that JSON cannot say")),
    }
}

fn convert_child(
    node: &MarkedYaml<'_>,
    token: impl std::fmt::Display,
    pointer: &mut String,
    lines: &Lines<'_>,
    starts: &mut HashMap<String, Position>,
) -> Result<Value, YamlError> {
    let length = pointer.len();
    push_token(pointer, token);
    let value = convert(node, pointer, lines, starts)?;
    pointer.truncate(length);
    Ok(value)
}

fn convert_scalar(scalar: &Scalar<'_>) -> Option<Value> {
    Some(match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(*value),
        Scalar::Integer(value) => Value::Number((*value).into()),
        Scalar::FloatingPoint(value) => Value::Number(Number::from_f64(value.into_inner())?),
        Scalar::String(value) => Value::String(value.to_string()),
    })
}

/// OpenAPI writes statuses as numbers; every scalar key stands for its text.
fn key_name(key: &MarkedYaml<'_>) -> Option<String> {
    match &key.data {
        YamlData::Value(Scalar::String(name)) => Some(name.to_string()),
        YamlData::Value(Scalar::Integer(number)) => Some(number.to_string()),
        YamlData::Value(Scalar::Boolean(value)) => Some(value.to_string()),
        YamlData::Value(Scalar::Null) => Some("null".to_owned()),
        _ => None,
    }
}

/// The byte each line begins at: the parser counts characters.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    fn position(&self, marker: &Marker) -> Position {
        let line = marker.line().max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(self.text.len());
        let within: usize = self.text[start..].chars().take(marker.col()).map(char::len_utf8).sum();
        Position { byte: start + within, line, column: marker.col() + 1 }
    }

    fn error(&self, marker: &Marker, message: &str) -> YamlError {
        YamlError { message: message.to_owned(), position: self.position(marker) }
    }
}
