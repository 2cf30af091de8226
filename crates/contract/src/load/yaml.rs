//! YAML to JSON values with the position of each value, in one pass over the parser's events.
//!
//! Scalars follow the core schema of YAML 1.2. Every scalar key becomes a string. Duplicate keys, other tags than those of the core
//! schema, deep nesting and large alias expansions are errors. The merge key `<<` of YAML 1.1 is supported, because authors of documents
//! use it and other programs that read OpenAPI support it.

use std::borrow::Cow;
use std::collections::HashMap;

use charter_json::{DEPTH_LIMIT, Position};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};

use super::positions::{Children, Lines, Node, Positions};

/// An error in a YAML document.
#[derive(Debug)]
pub(super) struct YamlError {
    pub(super) message: String,
    pub(super) position: Position,
}

/// The maximum number of values that the aliases of a document expand to.
const ALIAS_LIMIT: usize = 100_000;

/// Reads one document.
pub(super) fn parse(text: &str) -> Result<(Value, Positions), YamlError> {
    let lines = Lines::new(text);
    match read(text) {
        Ok((value, root)) => Ok((value, Positions::new(lines, root))),
        Err((message, at)) => {
            let (line, column) = at.map_or((1, 0), |at| (at.line(), at.col()));
            Err(YamlError { message, position: lines.position(text, line, column) })
        }
    }
}

/// A message and its position; `None` is the start of the document.
type Fault = (String, Option<Marker>);

fn fault(message: impl Into<String>, at: Marker) -> Fault {
    (message.into(), Some(at))
}

/// An open collection.
enum Collection {
    Items(Vec<Value>, Vec<Node>),
    /// The key is the one whose value is read next.
    Entries(Map<String, Value>, Vec<(String, Node)>, Option<Key>),
}

/// A key whose value is read next.
enum Key {
    Name(String),
    /// `<<` without quotes: the entries of its value are added, except those that the mapping has itself.
    Merge,
}

struct Open {
    collection: Collection,
    /// The values of merge keys, in the order written.
    merged: Vec<(Value, Node)>,
    start: Marker,
    anchor: usize,
}

fn read(text: &str) -> Result<(Value, Node), Fault> {
    let mut open: Vec<Open> = Vec::new();
    let (mut documents, mut document) = (0, None);
    let (mut anchors, mut expanded) = (HashMap::<usize, (Value, Node)>::new(), 0);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| fault(error.info(), *error.marker()))?;
        let mut at = span.start;
        let is_merge_key = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
        let (value, node, anchor) = match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd | Event::Nothing => continue,
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(fault("more than one document", at));
                }
                continue;
            }
            Event::SequenceStart(anchor, tag) => {
                begin(&mut open, Collection::Items(Vec::new(), Vec::new()), at, anchor, tag.as_deref(), "seq")?;
                continue;
            }
            Event::MappingStart(anchor, tag) => {
                begin(&mut open, Collection::Entries(Map::new(), Vec::new(), None), at, anchor, tag.as_deref(), "map")?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { collection, merged, start, anchor }) = open.pop() else { continue };
                at = start;
                match collection {
                    Collection::Items(items, nodes) => (Value::Array(items), Node::new(start, Children::Items(nodes)), anchor),
                    Collection::Entries(mut entries, mut nodes, _) => {
                        for (value, node) in merged {
                            merge(&mut entries, &mut nodes, value, node).map_err(|message| fault(message, start))?;
                        }
                        (Value::Object(entries), Node::new(start, Children::Entries(nodes)), anchor)
                    }
                }
            }
            Event::Alias(number) => {
                let Some((value, node)) = anchors.get(&number) else {
                    return Err(fault("an alias inside the value of its own anchor", at));
                };
                expanded += node.count();
                if expanded > ALIAS_LIMIT {
                    return Err(fault(format!("aliases expand to more than {ALIAS_LIMIT} values"), at));
                }
                (value.clone(), node.clone().moved_to(at), 0)
            }
            Event::Scalar(text, style, anchor, tag) => {
                (scalar(text, style, tag.as_deref()).map_err(|message| fault(message, at))?, Node::new(at, Children::None), anchor)
            }
        };
        if anchor > 0 {
            anchors.insert(anchor, (value.clone(), node.clone()));
        }
        let Some(Open { collection, merged, .. }) = open.last_mut() else {
            document = Some((value, node));
            continue;
        };
        match collection {
            Collection::Items(items, nodes) => {
                items.push(value);
                nodes.push(node);
            }
            Collection::Entries(entries, nodes, key) => match key.take() {
                None if is_merge_key => *key = Some(Key::Merge),
                None => {
                    let name = key_text(value).ok_or_else(|| fault("a key must be a string, an integer, a boolean or null", at))?;
                    if entries.contains_key(&name) {
                        return Err(fault(format!("duplicate key `{name}`"), at));
                    }
                    *key = Some(Key::Name(name));
                }
                Some(Key::Name(name)) => {
                    nodes.push((name.clone(), node));
                    entries.insert(name, value);
                }
                Some(Key::Merge) => merged.push((value, node)),
            },
        }
    }
    document.ok_or_else(|| ("the document is empty".to_owned(), None))
}

/// Adds the entries of a merged value, a mapping or a list of mappings, that the mapping does not have. Of a list, the first mapping with a
/// key determines its value.
fn merge(entries: &mut Map<String, Value>, nodes: &mut Vec<(String, Node)>, value: Value, node: Node) -> Result<(), &'static str> {
    match (value, node.into_children()) {
        (Value::Object(merged), Children::Entries(merged_nodes)) => {
            for ((name, value), (_, node)) in merged.into_iter().zip(merged_nodes) {
                if !entries.contains_key(&name) {
                    nodes.push((name.clone(), node));
                    entries.insert(name, value);
                }
            }
            Ok(())
        }
        (Value::Array(items), Children::Items(item_nodes)) if items.iter().all(Value::is_object) => {
            items.into_iter().zip(item_nodes).try_for_each(|(item, node)| merge(entries, nodes, item, node))
        }
        _ => Err("the value of the merge key `<<` must be a mapping, or a list of mappings"),
    }
}

/// Opens a collection; `own` is the suffix of its tag in the core schema.
fn begin(open: &mut Vec<Open>, collection: Collection, start: Marker, anchor: usize, tag: Option<&Tag>, own: &str) -> Result<(), Fault> {
    if tag.is_some_and(|tag| !tag.is_yaml_core_schema() || tag.suffix != own) {
        return Err(fault("a tag that JSON cannot express", start));
    }
    if open.len() >= DEPTH_LIMIT {
        return Err(fault(format!("collections nested more than {DEPTH_LIMIT} levels deep"), start));
    }
    open.push(Open { collection, merged: Vec::new(), start, anchor });
    Ok(())
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, &'static str> {
    const MISMATCH: &str = "a scalar that does not match its tag";
    let is_quoted = style != ScalarStyle::Plain;
    let kind = match tag {
        Some(tag) if tag.is_yaml_core_schema() => tag.suffix.as_str(),
        Some(_) => return Err("a tag that JSON cannot express"),
        None if is_quoted => "str",
        None => return plain(text),
    };
    match kind {
        // A quoted scalar is a string, whatever its tag is.
        kind if is_quoted || kind == "str" => Ok(Value::String(text.into_owned())),
        "bool" => text.parse().map(Value::Bool).map_err(|_| MISMATCH),
        "int" => integer(&text).ok_or(MISMATCH),
        "float" => float(&text).ok_or(MISMATCH).and_then(number),
        "null" if matches!(&*text, "~" | "null") => Ok(Value::Null),
        _ => Err(MISMATCH),
    }
}

/// A scalar without quotes and tag, by the core schema.
fn plain(text: Cow<'_, str>) -> Result<Value, &'static str> {
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    match (integer(&text), float(&text)) {
        (Some(integer), _) => Ok(integer),
        (None, Some(float)) => number(float),
        (None, None) => Ok(Value::String(text.into_owned())),
    }
}

/// An integer of 64 bits, with or without a sign.
fn integer(text: &str) -> Option<Value> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x', ..] => (&text[2..], 16),
        [b'0', b'o', ..] => (&text[2..], 8),
        _ => (text, 10),
    };
    let signed = i64::from_str_radix(digits, radix).map(Value::from).ok();
    signed.or_else(|| u64::from_str_radix(digits, radix).map(Value::from).ok())
}

fn float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        // Rust also parses `inf` and `nan`, which are strings in YAML.
        _ => text.parse().ok().filter(|_| text.bytes().any(|byte| byte.is_ascii_digit())),
    }
}

fn number(value: f64) -> Result<Value, &'static str> {
    Number::from_f64(value).map(Value::Number).ok_or("a number that JSON cannot express")
}

/// The text of a scalar key: OpenAPI documents write statuses as numbers.
fn key_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: &Value) {
        let (value, _) = parse(text).unwrap_or_else(|error| panic!("{text}: {}", error.message));
        assert_eq!(value, *expected, "{text}");
    }

    fn check_refused(text: &str, message: &str, line: usize, column: usize) {
        let error = parse(text).expect_err(text);
        assert!(error.message.contains(message), "{text}: {}", error.message);
        assert_eq!((error.position.line, error.position.column), (line, column), "{text}: {}", error.message);
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        check(
            "[1, 'y', \"z\\n\", 1.5, 0x1f, ~, null, true, -3, 1e3, .5, yes]",
            &json!([1, "y", "z\n", 1.5, 31, null, null, true, -3, 1e3, 0.5, "yes"]),
        );
        check("[999999999999999999999, 0o17, +1, '12', 2001-01-01]", &json!([1e21, 15, 1, "12", "2001-01-01"]));
        check(
            "[9223372036854775807, 9223372036854775808, +18446744073709551615, 0xffffffffffffffff, !!int 18446744073709551615]",
            &json!([i64::MAX, 9_223_372_036_854_775_808_u64, u64::MAX, u64::MAX, u64::MAX]),
        );
        check("[inf, nan, Null, FALSE, 0xg, '', '~']", &json!(["inf", "nan", null, false, "0xg", "", "~"]));
        check(
            "[!!str 1, !!int 2, !!float 3, !!bool true, !!null ~, !!int '4', !!seq [], !!map {}]",
            &json!(["1", 2, 3.0, true, null, "4", [], {}]),
        );
        check("just text", &json!("just text"));
        check(
            "folded: >-\n  one\n  two\n\nliteral: |\n  three\n   four\nplain: five\n  six\n",
            &json!({"folded": "one two", "literal": "three\n four\n", "plain": "five six"}),
        );
    }

    #[test]
    fn keys_become_strings() {
        check("200: {}\ntrue: no\nnull: x\n'~0/a b': ''\n1: ''", &json!({"200": {}, "true": "no", "null": "x", "~0/a b": "", "1": ""}));
        check("---\nü: é\nß: [ä]\nempty:\n...\n", &json!({"ü": "é", "ß": ["ä"], "empty": null}));
    }

    #[test]
    fn aliases_are_expanded() {
        check(
            "a: &x {b: [1, &y 2]}\nc: *x\nd: [*y, *x]\ne: &x 3\nf: *x\n",
            &json!({"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": [2, {"b": [1, 2]}], "e": 3, "f": 3}),
        );
        check("&k a: 1\nb: *k\n", &json!({"a": 1, "b": "a"}));
        let mut text = "a0: &a0 [x]\n".to_owned();
        for level in 1..20 {
            text += &format!("a{level}: &a{level} [{0}, {0}]\n", format!("*a{}", level - 1));
        }
        check_refused(&text, "aliases expand to more than 100000 values", 16, 12);
    }

    #[test]
    fn merge_keys_add_the_entries_that_a_mapping_does_not_have() {
        check("a: &a {x: 1, y: 2}\nb:\n  y: 3\n  <<: *a\n  z: 4\n", &json!({"a": {"x": 1, "y": 2}, "b": {"y": 3, "z": 4, "x": 1}}));
        check(
            "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b], z: 3}\nd: {<<: *a, <<: *b}\n",
            &json!({"a": {"x": 1}, "b": {"x": 2, "y": 2}, "c": {"z": 3, "x": 1, "y": 2}, "d": {"x": 1, "y": 2}}),
        );
        // A quoted key and a value are texts.
        check("{'<<': 1, a: <<}", &json!({"<<": 1, "a": "<<"}));
        for text in ["a: {<<: 1}\n", "a: {<<: [{}, 1]}\n"] {
            check_refused(text, "the value of the merge key `<<` must be a mapping", 1, 4);
        }
        let (_, positions) = parse("a: &a {x: 1}\nb:\n  <<: *a\n").unwrap_or_else(|error| panic!("{}", error.message));
        let position = positions.position("a: &a {x: 1}\nb:\n  <<: *a\n", "/b/x").expect("a position");
        assert_eq!((position.line, position.column), (1, 11));
    }

    #[test]
    fn what_json_cannot_express_is_an_error_with_its_position() {
        let deep = "[".repeat(DEPTH_LIMIT + 1) + &"]".repeat(DEPTH_LIMIT + 1);
        for (text, message, line, column) in [
            ("", "the document is empty", 1, 1),
            ("# words\n", "the document is empty", 1, 1),
            ("a: 1\na: 2\n", "duplicate key `a`", 2, 1),
            ("200: a\n'200': b\n", "duplicate key `200`", 2, 1),
            ("a: &x [*x]\n", "its own anchor", 1, 8),
            ("a: !t 1\n", "a tag", 1, 4),
            ("a: !!int x\n", "does not match its tag", 1, 4),
            ("a: .inf\n", "a number that JSON cannot express", 1, 4),
            ("1.5: a\n", "a key must be", 1, 1),
            ("[a]: b\n", "a key must be", 1, 1),
            ("? {a: b}\n: c\n", "a key must be", 1, 3),
            ("a: 1\n---\nb: 2\n", "more than one document", 2, 1),
            ("a: 1\n---\n", "more than one document", 2, 1),
            (&deep, "levels deep", 1, DEPTH_LIMIT + 1),
        ] {
            check_refused(text, message, line, column);
        }
        for text in ["a: *x\nb: &x 1\n", "a: [1\n", "a: b: c\n", "!!seq {a: 1}\n"] {
            parse(text).map(|_| ()).expect_err(text);
        }
    }

    #[test]
    fn every_value_has_its_position() {
        let text = "é: {a: 1}\nb:\n  - c\n  - d/e: f\n    200: g\n";
        let (_, positions) = parse(text).unwrap_or_else(|error| panic!("{}", error.message));
        for (pointer, at) in
            [("", "é: {"), ("/é", "{a"), ("/é/a", "1}"), ("/b", "- c"), ("/b/0", "c"), ("/b/1/d~1e", "f"), ("/b/1/200", "g\n")]
        {
            let position = positions.position(text, pointer).unwrap_or_else(|| panic!("{pointer}"));
            assert!(text[position.byte..].starts_with(at), "{pointer}: {position:?}");
            assert_eq!(position, Position::of(text.as_bytes(), position.byte), "{pointer}");
        }
        for pointer in ["/x", "/b/2", "/b/x", "/b/1/d", "/é/a/0"] {
            assert_eq!(positions.position(text, pointer), None, "{pointer}");
        }
    }
}
