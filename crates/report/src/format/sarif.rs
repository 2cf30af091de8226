//! The report as SARIF 2.1.0: one run, regions in the recordings, related locations in the contract, fingerprints of groups.

use std::collections::BTreeSet;
use std::io::Write;

use charter_contract::invariant::Severity;
use serde_json::{Value, json};

use crate::model::{Group, Report, Sample};
use crate::render::{RenderError, RenderOptions, ReportFormat};

/// Maximum number of results per run in code scanning.
const RESULTS: usize = 25_000;
/// Maximum number of rules.
const RULES: usize = 20_000;
/// Maximum length of a text.
const TEXT: usize = 1_000;

/// The format `sarif`.
#[derive(Debug)]
pub(super) struct Sarif;

impl ReportFormat for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn help(&self) -> &'static str {
        "SARIF 2.1.0, for code scanning"
    }

    fn has_contract_details(&self) -> bool {
        true
    }

    fn render(&self, report: &Report, options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        Ok(out.write_all(render(report, &options.folder).as_bytes())?)
    }
}

/// Renders the report as SARIF. `folder` is the contract's folder, relative to the repository's root.
fn render(report: &Report, folder: &str) -> String {
    let mut groups: Vec<&Group> = report.groups.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    let names: BTreeSet<String> = groups.iter().map(|group| group.name()).take(RULES).collect();
    let rules: Vec<Value> = names
        .iter()
        .filter_map(|name| {
            let group = groups.iter().find(|group| group.name() == *name)?;
            let known = report.rules.iter().find(|rule| Some(&rule.id) == group.rule.as_ref());
            let text = known.map(|rule| rule.quote.clone()).filter(|quote| !quote.is_empty());
            let text = text.unwrap_or_else(|| format!("promised by {}", group.promise.where_));
            Some(json!({
                "id": name,
                "shortDescription": {"text": cut(&text)},
                "help": {"text": cut(&format!("{} Promised by {}.", text, group.promise.where_))},
                "defaultConfiguration": {"level": level(group)},
            }))
        })
        .collect();
    // Results take turns between groups, so that the limit hides no group.
    let most = groups.iter().map(|group| group.samples.len()).max().unwrap_or(0);
    let mut results: Vec<Value> = Vec::new();
    for turn in 0..most {
        for group in groups.iter().filter(|group| group.samples.len() > turn) {
            if results.len() < RESULTS {
                results.push(result(group, turn, &names, folder));
            }
        }
    }
    let notifications: Vec<Value> = report
        .inputs
        .iter()
        .filter_map(|input| {
            Some(json!({"level": "error", "message": {"text": cut(&format!("{}: {}", input.source, input.error.as_ref()?))}}))
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "charter", "semanticVersion": report.tool.version, "version": report.tool.version, "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": notifications.is_empty(), "toolExecutionNotifications": notifications}],
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn result(group: &Group, index: usize, names: &BTreeSet<String>, folder: &str) -> Value {
    let sample = &group.samples[index];
    let name = group.name();
    let related: Vec<Value> = group
        .definition
        .iter()
        .map(|place| {
            json!({
                "id": 1,
                "message": {"text": "the promise"},
                "physicalLocation": {
                    "artifactLocation": artifact(&format!("{}/{}", folder.trim_end_matches('/'), place.document)),
                    "region": {"startLine": place.line, "startColumn": place.column},
                },
            })
        })
        .collect();
    let mut more = if index == 0 && group.count > group.shown { format!(" ({} in all)", group.count) } else { String::new() };
    if let Some(branch) = &sample.branch {
        more.push_str(&format!("; the closest branch is {branch}"));
    }
    let mut result = json!({
        "ruleId": name,
        "level": level(group),
        "message": {"text": cut(&format!("{}{}{more}", at(sample), sample.message))},
        "locations": [{"physicalLocation": {"artifactLocation": artifact(&sample.exchange.source), "region": region(sample)}}],
        "relatedLocations": related,
        "partialFingerprints": {
            "charterPromise/v1": group.fingerprint,
            "charterPlace/v1": crate::digest::short([group.fingerprint.as_str(), &sample.exchange.source, &sample.instance_location, &index.to_string()]),
        },
        "properties": {"instanceLocation": sample.instance_location, "promised": cut(&sample.promised), "count": group.count},
    });
    if let Some(index) = names.iter().position(|known| *known == name) {
        result["ruleIndex"] = index.into();
    }
    if let Some(reason) = &group.accepted {
        result["suppressions"] = json!([{"kind": "external", "justification": cut(reason)}]);
    }
    result
}

fn at(sample: &Sample) -> String {
    if sample.instance_location.is_empty() { String::new() } else { format!("{}: ", sample.instance_location) }
}

/// A region requires a line; without a position it is the line of the exchange.
fn region(sample: &Sample) -> Value {
    match (sample.position, sample.exchange.line) {
        (Some(position), _) => json!({"startLine": position.line, "startColumn": position.column}),
        (None, line) => json!({"startLine": line.unwrap_or(1)}),
    }
}

/// An artifact location: relative to the repository's root, or a file URI.
fn artifact(source: &str) -> Value {
    let encoded = percent_encoding::utf8_percent_encode(source, PATH).to_string();
    if source.starts_with('/') {
        json!({"uri": format!("file://{encoded}")})
    } else {
        json!({"uri": encoded.trim_start_matches("./"), "uriBaseId": "%SRCROOT%"})
    }
}

/// Characters that are escaped in the path of a URI.
const PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'+')
    .remove(b'=')
    .remove(b'@');

fn level(group: &Group) -> &'static str {
    match group.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn cut(text: &str) -> String {
    if text.len() <= TEXT { text.to_owned() } else { format!("{}…", &text[..text.floor_char_boundary(TEXT)]) }
}
