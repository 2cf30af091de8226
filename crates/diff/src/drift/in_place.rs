//! Edits a JSON or YAML text in place: only the lines of changed values change, so comments, order and layout remain.

use std::collections::BTreeSet;

use charter_contract::json::edit::Edits;
use charter_contract::push_token;
use serde_json::{Map, Value};

use super::layout::{block_end, column, flow_end, indentation, line_start, scalar_end};
use super::render::{block, flow_yaml, indented, plain, pretty, yaml};

/// The bytes where the values of a text begin, by JSON Pointer.
pub(super) type Starts<'s> = &'s dyn Fn(&str) -> Option<usize>;

/// The text of a document with another value. `None` if an edit in place does not result in the value, such as below a merge key.
///
/// An edit of an anchored value would change all aliases of it: those aliases are replaced by their values.
pub(super) fn edited(name: &str, text: &str, starts: Starts<'_>, old: &Value, new: &Value) -> Option<String> {
    let is_yaml = !name.ends_with(".json") && !text.trim_start().starts_with('{');
    let after_anchor = |pointer: &str| starts(pointer).map(|start| if is_yaml { without_anchor(text, start) } else { start });
    let starts: Starts<'_> = &after_anchor;
    let attempt = |expanded: &[&Alias]| -> Option<String> {
        let mut editor = Editor { text, starts, is_yaml, edits: Edits::default() };
        for alias in expanded {
            if let Some(value) = new.pointer(&alias.pointer) {
                editor.edits.push(alias.start..alias.end, flow_yaml(value));
            }
        }
        editor.value("", old, new, false)?;
        let result = editor.edits.apply(text);
        (read(name, &result).as_ref() == Some(new)).then_some(result)
    };
    if let Some(result) = attempt(&[]) {
        return Some(result);
    }
    let mut aliases = Vec::new();
    if is_yaml {
        Alias::find(text, starts, "", old, &mut aliases);
    }
    let names: BTreeSet<&str> = aliases.iter().map(|alias| alias.name.as_str()).collect();
    let of_one = names.iter().map(|name| aliases.iter().filter(|alias| alias.name == *name).collect::<Vec<&Alias>>());
    let of_all = (names.len() > 1).then(|| aliases.iter().collect());
    of_one.chain(of_all).find_map(|expanded| attempt(&expanded))
}

/// Where a value begins after its anchor, which may be in an earlier line.
fn without_anchor(text: &str, start: usize) -> usize {
    let Some(anchor) = text[start..].strip_prefix('&') else { return start };
    let mut at = start + 1 + anchor.find(char::is_whitespace).unwrap_or(anchor.len());
    loop {
        let rest = &text[at..];
        let next = rest.trim_start();
        at += rest.len() - next.len();
        if !next.starts_with('#') {
            return at;
        }
        at += next.find('\n').unwrap_or(next.len());
    }
}

/// An alias of an anchored value.
struct Alias {
    name: String,
    pointer: String,
    start: usize,
    end: usize,
}

impl Alias {
    /// Adds the aliases of a document. Those within the value of another one are not written.
    fn find(text: &str, starts: Starts<'_>, pointer: &str, value: &Value, found: &mut Vec<Self>) {
        let Some(start) = starts(pointer) else { return };
        if let Some(name) = text[start..].strip_prefix('*') {
            let length = name.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}')).unwrap_or(name.len());
            found.push(Self { name: name[..length].to_owned(), pointer: pointer.to_owned(), start, end: start + 1 + length });
            return;
        }
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| Self::find(text, starts, &below(pointer, key), value, found)),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(index, value)| Self::find(text, starts, &below(pointer, &index.to_string()), value, found));
            }
            _ => {}
        }
    }
}

/// The value of a text as written, without the conversions of OpenAPI 3.0.
pub(super) fn read(name: &str, text: &str) -> Option<Value> {
    charter_contract::load::parse_value(name, text.as_bytes().to_vec()).ok()
}

struct Editor<'t> {
    text: &'t str,
    starts: Starts<'t>,
    is_yaml: bool,
    edits: Edits,
}

impl Editor<'_> {
    /// Edits the value at a pointer, which is part of a collection that remains. A scalar of a flow collection ends before a comma or bracket.
    fn value(&mut self, pointer: &str, old: &Value, new: &Value, is_in_flow: bool) -> Option<()> {
        if old == new {
            return Some(());
        }
        let start = (self.starts)(pointer)?;
        // An alias is replaced as a whole, or the result is another value.
        if self.is_yaml && self.text[start..].starts_with('*') {
            return Some(());
        }
        let is_flow = self.is_flow(pointer, old);
        match (old, new) {
            (Value::Object(before), Value::Object(after)) if !before.is_empty() && !after.is_empty() => {
                if is_flow {
                    self.flow_object(pointer, start, before, after)
                } else {
                    self.block_object(pointer, start, before, after)
                }
            }
            (Value::Array(before), Value::Array(after)) if !before.is_empty() && !after.is_empty() => {
                if is_flow {
                    self.flow_array(pointer, start, before, after)
                } else {
                    self.block_array(pointer, before, after)
                }
            }
            _ if is_flow || !self.is_yaml => {
                let end = flow_end(self.text, start)?;
                let text = self.flow(new, start);
                self.edits.push(start..end, text);
                Some(())
            }
            // A scalar of one line. Other values are replaced together with their keys.
            (old, new) if !is_collection(old) && (!is_collection(new) || is_empty(new)) => {
                let end = if is_in_flow { flow_end(self.text, start)? } else { scalar_end(self.text, start)? };
                let text = flow_yaml(new);
                self.edits.push(start..end, text);
                Some(())
            }
            _ => None,
        }
    }

    fn flow_object(&mut self, pointer: &str, start: usize, old: &Map<String, Value>, new: &Map<String, Value>) -> Option<()> {
        if old.keys().any(|key| !new.contains_key(key)) {
            return self.replace_flow(start, &Value::Object(new.clone()));
        }
        for (key, value) in old {
            self.value(&below(pointer, key), value, &new[key], true)?;
        }
        let added: Vec<(&String, &Value)> = new.iter().filter(|(key, _)| !old.contains_key(*key)).collect();
        self.insert_in_flow(start, added.len(), &|this, index, indent| {
            let (key, value) = added[index];
            if this.is_yaml && indent.is_none() {
                format!("{}: {}", plain(key), flow_yaml(value))
            } else {
                format!("{}: {}", Value::from(key.as_str()), pretty(value, indent.unwrap_or(0)))
            }
        })
    }

    fn flow_array(&mut self, pointer: &str, start: usize, old: &[Value], new: &[Value]) -> Option<()> {
        if new.len() < old.len() {
            return self.replace_flow(start, &Value::Array(new.to_vec()));
        }
        for (index, value) in old.iter().enumerate() {
            self.value(&below(pointer, &index.to_string()), value, &new[index], true)?;
        }
        let added = &new[old.len()..];
        self.insert_in_flow(start, added.len(), &|this, index, indent| {
            if this.is_yaml && indent.is_none() { flow_yaml(&added[index]) } else { pretty(&added[index], indent.unwrap_or(0)) }
        })
    }

    fn replace_flow(&mut self, start: usize, new: &Value) -> Option<()> {
        let end = flow_end(self.text, start)?;
        let text = self.flow(new, start);
        self.edits.push(start..end, text);
        Some(())
    }

    /// A value as a text that replaces the one at `start`.
    fn flow(&self, value: &Value, start: usize) -> String {
        if self.is_yaml { flow_yaml(value) } else { pretty(value, indentation(self.text, start)) }
    }

    /// Inserts items before the end of a flow collection that has items. `render` receives the indentation if the items have lines of their own.
    fn insert_in_flow(&mut self, start: usize, count: usize, render: &dyn Fn(&Self, usize, Option<usize>) -> String) -> Option<()> {
        if count == 0 {
            return Some(());
        }
        let close = flow_end(self.text, start)? - 1;
        let last = self.text[..close].trim_end().len();
        let first = start + 1 + self.text[start + 1..].find(|c: char| !c.is_whitespace())?;
        let is_lines = self.text[start..first].contains('\n');
        let indent = is_lines.then(|| indentation(self.text, first));
        let mut text = String::new();
        for index in 0..count {
            let separator = if index == 0 && self.text[..last].ends_with(',') { "" } else { "," };
            let gap = indent.map_or_else(|| " ".to_owned(), |indent| format!("\n{}", " ".repeat(indent)));
            text.push_str(separator);
            text.push_str(&gap);
            text.push_str(&render(self, index, indent));
        }
        self.edits.push(last..last, text);
        Some(())
    }

    fn block_object(&mut self, pointer: &str, start: usize, old: &Map<String, Value>, new: &Map<String, Value>) -> Option<()> {
        let column = column(self.text, start);
        let mut end = None;
        for (key, value) in old {
            let entry = self.entry(pointer, key, column, value)?;
            end = end.max(Some(entry.1));
            match new.get(key) {
                Some(wanted) if wanted == value => {}
                Some(wanted) if can_edit(value, wanted, self.is_flow(&below(pointer, key), value)) => {
                    self.value(&below(pointer, key), value, wanted, false)?
                }
                Some(wanted) => {
                    let text = block(key, wanted, column)?;
                    self.edits.push(entry.0..entry.1, text.trim_start().trim_end_matches('\n').to_owned());
                }
                None => {
                    // The first key of an item shares its line with the dash.
                    let line = line_start(self.text, entry.0);
                    if !self.text[line..entry.0].trim().is_empty() {
                        return None;
                    }
                    let after = (entry.1 + 1).min(self.text.len());
                    self.edits.push(line..after, String::new());
                }
            }
        }
        let mut text = String::new();
        for (key, value) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            text.push('\n');
            text.push_str(block(key, value, column)?.trim_end_matches('\n'));
        }
        if !text.is_empty() {
            let end = end?;
            self.edits.push(end..end, text);
        }
        Some(())
    }

    /// Whether a value is a flow collection. The start of a block list can be that of its first item.
    fn is_flow(&self, pointer: &str, value: &Value) -> bool {
        let Some(start) = (self.starts)(pointer) else { return false };
        match value {
            Value::Object(_) => self.text[start..].starts_with('{'),
            Value::Array(_) => self.text[start..].starts_with('[') && (self.starts)(&below(pointer, "0")) != Some(start),
            _ => false,
        }
    }

    fn block_array(&mut self, pointer: &str, old: &[Value], new: &[Value]) -> Option<()> {
        let column = column(self.text, self.dash(pointer, 0)?);
        let ends = |this: &Self, index: usize| -> Option<(usize, usize)> {
            let dash = this.dash(pointer, index)?;
            Some((dash, block_end(this.text, dash, column, false)))
        };
        // Items are removed where the others remain in order.
        let mut remaining = Vec::new();
        let mut at = 0;
        let is_removal = new.len() < old.len();
        if is_removal {
            for value in new {
                let index = at + old[at..].iter().position(|item| item == value)?;
                remaining.push(index);
                at = index + 1;
            }
        }
        for (index, value) in old.iter().enumerate() {
            if is_removal {
                if !remaining.contains(&index) {
                    let (dash, end) = ends(self, index)?;
                    let line = line_start(self.text, dash);
                    if !self.text[line..dash].trim().is_empty() {
                        return None;
                    }
                    self.edits.push(line..(end + 1).min(self.text.len()), String::new());
                }
            } else {
                self.value(&below(pointer, &index.to_string()), value, &new[index], false)?;
            }
        }
        if new.len() > old.len() {
            let (_, end) = ends(self, old.len() - 1)?;
            let added = Value::Array(new[old.len()..].to_vec());
            let text = indented(&yaml(&added)?, column);
            self.edits.push(end..end, format!("\n{}", text.trim_end_matches('\n')));
        }
        Some(())
    }

    /// The dash of an item of a block list. An item whose value begins in a later line has none.
    fn dash(&self, pointer: &str, index: usize) -> Option<usize> {
        let value = (self.starts)(&below(pointer, &index.to_string()))?;
        let dash = self.text[..value].trim_end_matches(' ').len().checked_sub(1)?;
        (self.text.as_bytes()[dash] == b'-').then_some(dash)
    }

    /// The bytes of an entry of a block mapping: from its key to the end of its last line.
    fn entry(&self, pointer: &str, key: &str, column: usize, value: &Value) -> Option<(usize, usize)> {
        let mut start = (self.starts)(&below(pointer, key))?;
        // A list can have the column of its key.
        let is_list = !is_empty(value) && value.is_array() && !self.is_flow(&below(pointer, key), value);
        if is_list {
            start = self.dash(&below(pointer, key), 0)?;
        }
        let mut line = line_start(self.text, start);
        if is_list && start - line == column && line > 0 {
            line = line_start(self.text, line - 1);
        }
        loop {
            let text = &self.text[line..];
            let before = text.get(..column).unwrap_or_default();
            let here = text.get(column..).unwrap_or_default();
            let is_key = before.chars().all(|c| matches!(c, ' ' | '-' | '?'))
                && before.len() == column
                && !here.starts_with([' ', '\n', '#', '\r'])
                && !(here.starts_with("- ") && line + column != 0);
            if is_key {
                break;
            }
            line = line_start(self.text, line.checked_sub(1)?);
        }
        let from = line + column;
        Some((from, block_end(self.text, from, column, is_list)))
    }
}

fn can_edit(old: &Value, new: &Value, is_flow: bool) -> bool {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => !before.is_empty() && !after.is_empty() || is_flow,
        (Value::Array(before), Value::Array(after)) => !before.is_empty() && !after.is_empty() || is_flow,
        (old, new) => is_flow && !is_collection(new) || !is_collection(old) && (!is_collection(new) || is_empty(new)),
    }
}

fn is_collection(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

fn below(pointer: &str, key: &str) -> String {
    let mut pointer = pointer.to_owned();
    push_token(&mut pointer, key);
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text after the value of a member, by pointer, is set; `null` removes it.
    fn edit(name: &str, text: &str, changes: &[(&str, Value)]) -> String {
        let documents = charter_contract::load::Documents::parse(vec![(name.to_owned(), text.as_bytes().to_vec())]).expect("a document");
        let old = read(name, text).expect("a value");
        let mut new = old.clone();
        for (pointer, value) in changes {
            let op = if value.is_null() { "remove" } else { "add" };
            let patch = serde_json::json!([{ "op": op, "path": pointer, "value": value }]);
            json_patch::patch(&mut new, &serde_json::from_value::<json_patch::Patch>(patch).expect("a patch")).expect("it applies");
        }
        let starts = |pointer: &str| documents.position(&charter_contract::Location::new(name, pointer)).map(|position| position.byte);
        edited(name, text, &starts, &old, &new).unwrap_or_else(|| panic!("{changes:?}"))
    }

    const YAML: &str = "# top\nopenapi: 3.1.0  # version\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      # the list\n      tags:\n      - one   # first\n      - two\n      enum: [a, \"b c\"] # inline\n\n  # the second\n  /b: {}\ncomponents:\n  schemas:\n    A:\n      type: object\n      required: [id]\n      properties:\n        id: { type: string }\n        text:\n          description: >-\n            long\n            text\n          type: string\n";

    #[test]
    fn only_the_lines_of_changed_values_change() {
        let json = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        let changes = [
            ("/components/schemas/A/properties/size", json(r#"{"type": "integer"}"#)),
            ("/components/schemas/A/properties/id/maxLength", json("3")),
            ("/components/schemas/A/type", json(r#"["object", "null"]"#)),
            ("/paths/~1a/get/enum/-", json(r#""d""#)),
            ("/paths/~1a/get/tags/-", json(r#""three""#)),
            ("/paths/~1c", json(r#"{"get": {"responses": {"200": {"description": "d"}}}}"#)),
            ("/components/schemas/A/properties/text/type", json(r#""number""#)),
            ("/components/schemas/A/required/0", Value::Null),
        ];
        let result = edit("a.yaml", YAML, &changes);
        insta::assert_snapshot!(result);
        let lost: Vec<&str> = YAML.lines().filter(|line| line.contains('#') && !line.contains("enum") && !result.contains(*line)).collect();
        assert_eq!(lost, Vec::<&str>::new());
    }

    #[test]
    fn scalars_of_flow_collections_are_edited() {
        let text = "a:\n  id: {type: string, maxLength: 4}   # short\n  list: [1, 2]\n  last: {n: 7}\n";
        let changes = [("/a/id/maxLength", Value::from(5)), ("/a/list/0", Value::from(3)), ("/a/last/n", Value::from(8))];
        let expected = "a:\n  id: {type: string, maxLength: 5}   # short\n  list: [3, 1, 2]\n  last: {n: 8}\n";
        assert_eq!(edit("a.yaml", text, &changes), expected);
    }

    #[test]
    fn lists_of_flow_collections_are_edited() {
        let text = "a:\n- {x: 1}\n- [1]\nb:\n  - c: {d: [1]} # one\n    'e': 2\n'201': {f: g}\n";
        let changes = [
            ("/a/-", serde_json::json!({"x": 2})),
            ("/b/0/c/d/-", 2.into()),
            ("/b/0/h", true.into()),
            ("/201/i", serde_json::json!({"j": {}})),
        ];
        let result = edit("a.yaml", text, &changes);
        assert_eq!(
            result,
            "a:\n- {x: 1}\n- [1]\n- x: 2\nb:\n  - c: {d: [1, 2]} # one\n    'e': 2\n    h: true\n'201': {f: g, i: { j: {} }}\n"
        );
    }

    #[test]
    fn other_users_of_an_anchor_keep_its_value() {
        let text = "a: &t # shared\n  type: object\n  id: {type: string}\nb: *t # first\nlist: [1, *t]\nother: &u {x: 1}\nc: *u\n";
        let value = r#"{ type: object, id: { type: string } }"#;
        let more = serde_json::json!({"type": "integer"});
        let anchored = edit("a.yaml", text, &[("/a/more", more.clone())]);
        let expected = text.replace("id: {type: string}\n", "id: {type: string}\n  more:\n    type: integer\n").replace("*t", value);
        assert_eq!(anchored, expected);
        let alias = edit("a.yaml", text, &[("/b/more", more)]);
        let expected = text.replace("b: *t", "b: { type: object, id: { type: string }, more: { type: integer } }").replace("*t", value);
        assert_eq!(alias, expected);
    }

    #[test]
    fn json_keeps_its_layout() {
        let text = "{\n    \"a\": {\"b\": [1, 2], \"c\": {}},\n    \"d\": [\n        \"x\"\n    ]\n}\n";
        let result = edit(
            "a.json",
            text,
            &[("/a/b/-", 3.into()), ("/a/c/k", true.into()), ("/d/-", "y".into()), ("/e", serde_json::json!({"f": 1}))],
        );
        assert_eq!(
            result,
            "{\n    \"a\": {\"b\": [1, 2, 3], \"c\": {\n      \"k\": true\n    }},\n    \"d\": [\n        \"x\",\n        \"y\"\n    ],\n    \"e\": {\n      \"f\": 1\n    }\n}\n"
        );
    }
}
