//! YAML to JSON values, with the place of each. Repeated keys are refused, aliases limited, keys become strings.
//!
//! Nearly every document is plain: collections, scalars and aliases, no tag, no key twice. One pass over the events makes it.
//! Whatever is anything else is read again at leisure, which tells what is wrong where something is.

use std::collections::HashMap;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};
use saphyr_parser::{Event, Marker, Parser};
use serde_json::{Map, Number, Value};

use super::places::{self, Below, Place, Places};
use crate::Position;
use charter_json::DEPTH_LIMIT;

/// Why a text is no YAML document we read, and where.
pub(super) struct YamlError {
    pub(super) message: String,
    pub(super) position: Position,
}

/// Reads one document of the JSON subset of YAML, and the place of every value.
pub(super) fn parse(text: &str) -> Result<(Value, Places), YamlError> {
    let (value, root) = match plain(text) {
        Some(read) => read,
        None => any(text)?,
    };
    Ok((value, Places::new(text, root)))
}

/// Values that aliases of a plain document may stand for together.
const ALIASED: usize = 10_000;

/// A collection that has begun.
enum Open {
    Items(Vec<Value>, Vec<Place>),
    /// The last is the key whose value comes next.
    Entries(Map<String, Value>, Vec<(String, Place)>, Option<String>),
}

/// Reads a plain document; `None` for every other.
fn plain(text: &str) -> Option<(Value, Place)> {
    // Each with its place, and the number of its anchor where it has one.
    let mut open: Vec<(Open, Marker, usize)> = Vec::new();
    let (mut documents, mut document) = (0, None);
    let (mut anchors, mut aliased) = (HashMap::new(), 0);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let (value, place, anchor) = match event {
            Event::DocumentStart(_) if documents == 0 => {
                documents = 1;
                continue;
            }
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd | Event::Nothing => continue,
            Event::SequenceStart(anchor, None) if open.len() < DEPTH_LIMIT => {
                open.push((Open::Items(Vec::new(), Vec::new()), span.start, anchor));
                continue;
            }
            Event::MappingStart(anchor, None) if open.len() < DEPTH_LIMIT => {
                open.push((Open::Entries(Map::new(), Vec::new(), None), span.start, anchor));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                (Open::Items(items, places), start, anchor) => (Value::Array(items), Place::new(start, Below::Items(places)), anchor),
                (Open::Entries(entries, places, None), start, anchor) => {
                    (Value::Object(entries), Place::new(start, Below::Entries(places)), anchor)
                }
                _ => return None,
            },
            Event::Alias(number) => {
                let (value, place): &(Value, Place) = anchors.get(&number)?;
                aliased += place.count();
                if aliased > ALIASED {
                    return None;
                }
                (value.clone(), place.clone().at(span.start), 0)
            }
            Event::Scalar(text, style, anchor, None) => {
                let scalar = Scalar::parse_from_cow_and_metadata(text, style, None)?;
                if let Some((Open::Entries(entries, _, key @ None), ..)) = open.last_mut() {
                    let name = key_text(scalar)?;
                    if anchor > 0 || entries.contains_key(&name) {
                        return None;
                    }
                    *key = Some(name);
                    continue;
                }
                (convert_scalar(scalar)?, Place::new(span.start, Below::Nothing), anchor)
            }
            _ => return None,
        };
        if anchor > 0 {
            anchors.insert(anchor, (value.clone(), place.clone()));
        }
        match open.last_mut() {
            Some((Open::Items(items, places), ..)) => {
                items.push(value);
                places.push(place);
            }
            Some((Open::Entries(entries, places, key), ..)) => {
                let name = key.take()?;
                places.push((name.clone(), place));
                entries.insert(name, value);
            }
            None if document.is_none() => document = Some((value, place)),
            None => return None,
        }
    }
    document
}

/// Reads any document.
fn any(text: &str) -> Result<(Value, Place), YamlError> {
    let lines = Lines::new(text);
    refuse_depth(text, &lines)?;
    let documents = MarkedYaml::load_from_str(text).map_err(|error| lines.error(error.marker(), error.info()))?;
    match documents.as_slice() {
        [document] => convert(document, &lines),
        _ => Err(YamlError {
            message: format!("{} documents where one is expected", documents.len()),
            position: Position::of(text.as_bytes(), 0),
        }),
    }
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

fn convert(node: &MarkedYaml<'_>, lines: &Lines<'_>) -> Result<(Value, Place), YamlError> {
    let start = node.span.start;
    let (value, below) = match &node.data {
        YamlData::Value(scalar) => {
            let value = convert_scalar(scalar.clone()).ok_or_else(|| lines.error(&start, "a number that JSON does not know"))?;
            (value, Below::Nothing)
        }
        YamlData::Sequence(items) => {
            let (mut array, mut places) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
            for item in items {
                let (value, place) = convert(item, lines)?;
                array.push(value);
                places.push(place);
            }
            (Value::Array(array), Below::Items(places))
        }
        YamlData::Mapping(entries) => {
            let (mut object, mut places) = (Map::new(), Vec::with_capacity(entries.len()));
            for (key, value) in entries {
                let name = key_name(key).ok_or_else(|| lines.error(&key.span.start, "a key that is no scalar"))?;
                let (value, place) = convert(value, lines)?;
                places.push((name.clone(), place));
                if object.insert(name, value).is_some() {
                    return Err(lines.error(&key.span.start, "a repeated key"));
                }
            }
            (Value::Object(object), Below::Entries(places))
        }
        _ => return Err(lines.error(&start, "a tag or an alias that JSON cannot say")),
    };
    Ok((value, Place::new(start, below)))
}

fn convert_scalar(scalar: Scalar<'_>) -> Option<Value> {
    Some(match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(value),
        Scalar::Integer(value) => Value::Number(value.into()),
        Scalar::FloatingPoint(value) => Value::Number(Number::from_f64(value.into_inner())?),
        Scalar::String(value) => Value::String(value.into_owned()),
    })
}

/// OpenAPI writes statuses as numbers; every scalar key stands for its text.
fn key_name(key: &MarkedYaml<'_>) -> Option<String> {
    match &key.data {
        YamlData::Value(scalar) => key_text(scalar.clone()),
        _ => None,
    }
}

fn key_text(scalar: Scalar<'_>) -> Option<String> {
    match scalar {
        Scalar::String(name) => Some(name.into_owned()),
        Scalar::Integer(number) => Some(number.to_string()),
        Scalar::Boolean(value) => Some(value.to_string()),
        Scalar::Null => Some("null".to_owned()),
        Scalar::FloatingPoint(_) => None,
    }
}

/// A text and the byte that each of its lines begins at.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, starts: places::starts(text) }
    }

    fn error(&self, marker: &Marker, message: &str) -> YamlError {
        let position = places::position(self.text, &self.starts, marker.line(), marker.col());
        YamlError { message: message.to_owned(), position }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a document both ways; whether it is plain.
    fn is_plain(text: &str) -> bool {
        let Some(read) = plain(text) else { return false };
        let any = any(text).unwrap_or_else(|error| panic!("{text}: {}", error.message));
        assert_eq!(format!("{read:?}"), format!("{any:?}"), "{text}");
        true
    }

    #[test]
    fn a_plain_document_is_read_as_any_other() {
        for text in [
            "a: 1\nb: [x, 'y', \"z\\n\", 1.5, 0x1f, ~, null, true, -3, 1e3, .5, yes]\n",
            "# words\n\na:\n  - b: {c: d, \"e\": []}\n  - - 1\n    - 2\n200: {}\ntrue: no\nnull: x\n",
            "folded: >-\n  one\n  two\n\nliteral: |\n  three\n   four\nplain: five\n  six\n",
            "---\nü: é\nß: [ä]\nempty:\n'~0/a b': ''\n...\n",
            "just text",
            "12",
            "- a\n- b: c\n  d: |2\n     e\n",
            "a: 999999999999999999999\nb: 0o17\nc: +1\nd: '12'\ne: 2001-01-01\n",
            "a: &x {b: [1, &y 2]}\nc: *x\nd: [*y, *x]\ne: &x 3\nf: *x\n",
        ] {
            assert!(is_plain(text), "{text}");
        }
        for name in ["openapi.yaml", "run.invariants.yaml", "runs.invariants.yaml"] {
            let text = std::fs::read_to_string(format!("../../schema/{name}")).expect(name);
            assert!(is_plain(&text), "{name}");
        }
    }

    #[test]
    fn whatever_is_not_plain_is_left() {
        let deep = "[".repeat(DEPTH_LIMIT + 1) + &"]".repeat(DEPTH_LIMIT + 1);
        for text in [
            "",
            "# words\n",
            "a: 1\na: 2\n",
            "200: a\n'200': b\n",
            "a: *x\nb: &x 1\n",
            "&k a: 1\n",
            "a: &x [*x]\n",
            "a: &x 1\n*x : 2\n",
            "a: !!str 1\n",
            "a: !t 1\n",
            "a: .inf\n",
            "1.5: a\n",
            "[a]: b\n",
            "? {a: b}\n: c\n",
            "a: 1\n---\nb: 2\n",
            "a: 1\n---\n",
            "a: [1\n",
            "a: b: c\n",
            "!!map {a: 1}\n",
            &deep,
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn every_value_has_its_place() {
        let text = "é: {a: 1}\nb:\n  - c\n  - d/e: f\n    200: g\n";
        let (_, places) = parse(text).unwrap_or_else(|error| panic!("{}", error.message));
        for (pointer, at) in
            [("", "é: {"), ("/é", "{a"), ("/é/a", "1}"), ("/b", "- c"), ("/b/0", "c"), ("/b/1/d~1e", "f"), ("/b/1/200", "g\n")]
        {
            let position = places.position(text, pointer).unwrap_or_else(|| panic!("{pointer}"));
            assert!(text[position.byte..].starts_with(at), "{pointer}: {position:?}");
            assert_eq!(position, Position::of(text.as_bytes(), position.byte), "{pointer}");
        }
        for pointer in ["/x", "/b/2", "/b/x", "/b/1/d", "/é/a/0"] {
            assert_eq!(places.position(text, pointer), None, "{pointer}");
        }
    }
}
