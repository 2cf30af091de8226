//! The settings of both contracts (`charter.toml`): each difference is a change, or a note if it has no effect on messages.

use std::collections::BTreeSet;

use charter_contract::{Config, Contract, Location, SchemaId};
use serde_json::{Map, Value};

use crate::change::{Kind, OperationChange, Verdict, fingerprint};
use crate::compare::Note;
use crate::side::Side;

/// The document with the settings.
const DOCUMENT: &str = "charter.toml";
const KIND: &str = "setting-changed";
/// The maximum length of a value in a summary.
const SHOWN: usize = 60;

/// The differences of the settings, as changes and notes.
pub(crate) fn settings(old: &Side<'_>, new: &Side<'_>) -> (Vec<OperationChange>, Vec<Note>) {
    let value = |config: &Config| serde_json::to_value(config).unwrap_or_default();
    let (before, after) = (value(old.contract().config()), value(new.contract().config()));
    let mut found = Vec::new();
    differences(&before, &after, &mut Vec::new(), &mut found);
    let (mut changes, mut notes) = (Vec::new(), Vec::new());
    for Setting { path, before, after } in found {
        let places = (place(old.contract(), &path), place(new.contract(), &path));
        let summary = summary(&path, before, after);
        match effect(&path, before, after, old, new) {
            Some((client, server)) => {
                changes.push(OperationChange::unwitnessed(KIND, "", (Some(&places.0), Some(&places.1)), summary, client, server));
            }
            None => {
                let id = fingerprint([KIND, &places.1.to_string(), &summary]);
                notes.push(Note { id, kind: Kind::new(KIND), old_location: places.0, new_location: places.1, summary });
            }
        }
    }
    (changes, notes)
}

/// A setting with two values. `Null` is the value of a setting that is not set.
struct Setting<'v> {
    path: Vec<String>,
    before: &'v Value,
    after: &'v Value,
}

/// Compares the tables member by member, and all other values as a whole. A setting that is not written has its default value.
fn differences<'v>(before: &'v Value, after: &'v Value, path: &mut Vec<String>, found: &mut Vec<Setting<'v>>) {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                path.push(key.clone());
                differences(member(one, key), member(other, key), path, found);
                path.pop();
            }
        }
        _ if before != after => found.push(Setting { path: path.clone(), before, after }),
        _ => {}
    }
}

fn member<'v>(table: &'v Map<String, Value>, key: &str) -> &'v Value {
    table.get(key).unwrap_or(&Value::Null)
}

/// The location of a setting, or of the nearest table around it.
fn place(contract: &Contract, path: &[String]) -> Location {
    let mut locations = (0..=path.len()).rev().map(|length| {
        let mut pointer = String::new();
        path[..length].iter().for_each(|token| charter_contract::push_token(&mut pointer, token));
        Location::new(DOCUMENT, pointer)
    });
    locations.find(|location| contract.documents().at(location).is_some()).unwrap_or_else(|| Location::root(DOCUMENT))
}

fn summary(path: &[String], before: &Value, after: &Value) -> String {
    let name = name(path);
    // The parameters and header fields of live requests, and those of webhooks, can be credentials.
    if path.first().is_some_and(|table| table == "probe") || path.iter().take(2).eq(["traffic", "webhooks"]) {
        return format!("the setting `{name}` has changed");
    }
    let shown = |value: &Value| match value {
        Value::Null => "not set".to_owned(),
        value => {
            let text = value.to_string();
            match text.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    };
    format!("the setting `{name}` is {}, previously {}", shown(after), shown(before))
}

/// The dotted key of a setting, as TOML spells it.
fn name(path: &[String]) -> String {
    let is_bare = |key: &str| !key.is_empty() && key.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_'));
    let keys = path.iter().map(|key| if is_bare(key) { key.clone() } else { Value::from(key.as_str()).to_string() });
    keys.collect::<Vec<_>>().join(".")
}

/// The effect on a client and a server of the old contract; `None` if messages are the same, and only programs of this one differ.
fn effect(path: &[String], before: &Value, after: &Value, old: &Side<'_>, new: &Side<'_>) -> Option<(Verdict, Verdict)> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let unless = |is_compatible: bool| if is_compatible { Verdict::Compatible } else { Verdict::Unknown };
    match path[..] {
        // As additional and removed servers.
        ["check", "base-paths"] => {
            let verdict = unless(texts(before).is_subset(&texts(after)));
            Some((verdict, verdict))
        }
        ["check", "formats"] => formats(old, new),
        // The query parameter that selects sections, and its values.
        ["sections"] => {
            let verdict = unless(before.is_null());
            Some((verdict, verdict))
        }
        ["sections", "values"] => {
            let verdict = unless(texts(before).is_subset(&texts(after)));
            Some((verdict, verdict))
        }
        ["sections", ..] => Some((Verdict::Unknown, Verdict::Unknown)),
        _ => None,
    }
}

fn texts(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The effect of other asserted formats: which values they refuse is not compared.
fn formats(old: &Side<'_>, new: &Side<'_>) -> Option<(Verdict, Verdict)> {
    let asserts = |side: &Side<'_>, name: &str| side.contract().config().check.formats.get(name).is_some();
    let (mut client, mut server, mut is_used) = (Verdict::Compatible, Verdict::Compatible, false);
    for (is_request, old_formats, new_formats) in
        [true, false].map(|request| (request, of_messages(old, request), of_messages(new, request)))
    {
        for name in old_formats.union(&new_formats) {
            let (before, after) = (asserts(old, name), asserts(new, name));
            if before == after {
                continue;
            }
            is_used = true;
            // A client breaks if its requests are refused, or if it meets responses that were refused.
            match is_request == after {
                true => client = Verdict::Unknown,
                false => server = Verdict::Unknown,
            }
        }
    }
    is_used.then_some((client, server))
}

/// The formats in the schemas of requests, or of responses. Without operations, all schemas count as parts of responses.
fn of_messages(side: &Side<'_>, is_request: bool) -> BTreeSet<String> {
    let contract = side.contract();
    let mut roots: Vec<SchemaId> = Vec::new();
    for operation in contract.operations() {
        if is_request {
            roots.extend(operation.parameters.iter().flat_map(|one| one.schema.into_iter().chain(one.content.all_schemas())));
            roots.extend(operation.request_body.iter().flat_map(|body| body.content.all_schemas()));
        } else {
            let headers = operation.responses.iter().flat_map(|response| &response.headers);
            roots.extend(headers.flat_map(|one| one.schema.into_iter().chain(one.content.all_schemas())));
            roots.extend(operation.responses.iter().flat_map(|response| response.content.all_schemas()));
        }
    }
    if contract.operations().is_empty() && !is_request {
        roots.extend(contract.roots());
    }
    let mut all: BTreeSet<SchemaId> = BTreeSet::new();
    for root in roots {
        if !all.contains(&root) {
            all.extend(side.reachable(root));
        }
    }
    all.into_iter().filter_map(|id| contract.schema(id).keywords.format.clone()).collect()
}
