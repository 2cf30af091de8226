//! SARIF and GitHub annotations: each entry at the line of the changed document.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use charter_contract::Level;
use serde_json::{Value, json};

use super::entries::{Entry, entries};
use super::list::cut;
use super::model::Report;
use crate::pages::ChangePage;

/// The number of annotations of each level that GitHub shows for a step.
const SHOWN: usize = 10;
/// The maximum number of results of a run in code scanning.
const RESULTS: usize = 25_000;
/// The maximum length of a message.
const TEXT: usize = 1_000;

/// Annotations for GitHub Actions. `path` is the path of a document, by the side and its name.
pub fn github(report: &Report, path: &dyn Fn(&str, &str) -> String) -> String {
    let mut out = String::new();
    let all = entries(report);
    let mut left_out = 0;
    for (level, command) in [(Level::Error, "error"), (Level::Warning, "warning")] {
        let of: Vec<&Entry<'_>> = all.iter().filter(|entry| entry.level == level && entry.accepted.is_none()).collect();
        for entry in of.iter().take(SHOWN) {
            let mut properties = Vec::new();
            if let Some(position) = entry.position {
                properties.push(format!("file={}", property(&path(position.side, &position.document))));
                properties.push(format!("line={},col={}", position.line, position.column));
            }
            properties.push(format!("title={}", property(entry.kind)));
            let _ = writeln!(out, "::{command} {}::{}", properties.join(","), data(&message(entry)));
        }
        left_out += of.len().saturating_sub(SHOWN);
    }
    let rest = if left_out > 0 { format!("; {left_out} more groups are in the report") } else { String::new() };
    let _ = writeln!(out, "::notice title=charter diff::{}", data(&format!("{}{rest}", super::verdict(report))));
    out
}

/// The report as SARIF 2.1.0. `path` is the path of a document, by the side and its name.
pub fn sarif(report: &Report, path: &dyn Fn(&str, &str) -> String) -> Value {
    let all = entries(report);
    let kinds: BTreeSet<&str> = all.iter().map(|entry| entry.kind).collect();
    let rules: Vec<Value> = kinds
        .iter()
        .map(|kind| {
            let page = ChangePage::of(kind);
            let summary = page.map_or(*kind, |page| page.summary);
            let help = page.map_or(summary, |page| page.effect.meaning());
            json!({ "id": kind, "shortDescription": { "text": summary }, "help": { "text": help } })
        })
        .collect();
    let results: Vec<Value> = all
        .iter()
        .take(RESULTS)
        .map(|entry| {
            let level = match entry.level {
                Level::Error => "error",
                Level::Warning => "warning",
                _ => "note",
            };
            let mut result = json!({
                "ruleId": entry.kind,
                "ruleIndex": kinds.iter().position(|kind| *kind == entry.kind),
                "level": level,
                "message": { "text": cut(&message(entry), TEXT) },
                "partialFingerprints": { "charterChange/v1": entry.ids[0] },
                "properties": { "ids": entry.ids, "operations": entry.operations },
            });
            if let Some(position) = entry.position {
                result["locations"] = json!([{ "physicalLocation": {
                    "artifactLocation": { "uri": uri(&path(position.side, &position.document)) },
                    "region": { "startLine": position.line, "startColumn": position.column },
                } }]);
            }
            if let Some(reason) = entry.accepted {
                result["suppressions"] = json!([{ "kind": "external", "justification": cut(reason, TEXT) }]);
            }
            result
        })
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "charter", "semanticVersion": version, "version": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn message(entry: &Entry<'_>) -> String {
    let mut text = entry.summary.clone();
    if entry.places.len() > 1 {
        let _ = write!(text, " at {} places", entry.places.len());
    }
    if !entry.operations.is_empty() {
        let _ = write!(text, "\noperations: {}", super::list::listed(&entry.operations, 5));
    }
    for (what, witness) in &entry.witnesses {
        let _ = write!(text, "\n{what}: {}", cut(witness, 300));
    }
    text
}

/// A path as the reference of a URI.
fn uri(path: &str) -> String {
    let path = path.trim_start_matches("./");
    let encoded = percent_encoding::utf8_percent_encode(path, PATH).to_string();
    if path.starts_with('/') { format!("file://{encoded}") } else { encoded }
}

/// Characters that are escaped in the path of a URI.
const PATH: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Escapes the text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
