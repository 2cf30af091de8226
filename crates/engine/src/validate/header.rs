//! Validates the documented header fields of a response or of a part: presence and value.

use charter_contract::invariant::Severity;
use charter_contract::{Contract, HeaderSpec, ResponseSpec};
use charter_report::{Finding, PromiseSource};
use charter_traffic::exchange::Response;
use serde_json::Value;

use super::validators::Validators;
use crate::operation::http;
use crate::wire::{Reading, decode_header};

/// Findings for missing and invalid fields. Missing fields count only if the recording has all header fields.
pub(crate) fn check(contract: &Contract, validators: &Validators, spec: &ResponseSpec, response: &Response) -> Vec<Finding> {
    let headers = response.headers();
    check_fields(contract, validators, &spec.headers, &|name| headers.get_all(name), headers.complete)
}

/// The same for the header fields that `fields` returns by name.
pub(crate) fn check_fields<'v>(
    contract: &Contract,
    validators: &Validators,
    specs: &[HeaderSpec],
    fields: &dyn Fn(&str) -> Vec<&'v str>,
    complete: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for header in specs.iter().filter(|header| !header.is_ignored()) {
        let name = header.name.to_ascii_lowercase();
        let lines = fields(&name);
        let mut add = |id: &str, message: String, promised: String, found: Option<Value>| {
            let mut finding = http(id, Severity::Error, message, promised, "");
            finding.promise = PromiseSource::documented(&header.location);
            finding.absolute_keyword_location = Some(header.location.to_string());
            finding.found = found;
            findings.push(finding);
        };
        for reading in decode_header(contract, header, &lines) {
            match reading {
                Reading::Absent if header.required && complete => {
                    add("http.missing-header", format!("the header {name} is missing"), format!("the header {name}"), None);
                }
                Reading::Malformed(malformed) => {
                    add(
                        "http.header",
                        format!("the header {name}: {malformed}"),
                        "a valid value".to_owned(),
                        Some(lines.join(", ").into()),
                    );
                }
                Reading::Value(candidates) => {
                    let schema = header.schema.or_else(|| header.content.schemas().next());
                    let Some(schema) = schema else { continue };
                    let Err(value) = candidates.choose(|value| validators.is_valid(schema, value)) else { continue };
                    // A recorder masks secrets.
                    if is_masked(&value) {
                        continue;
                    }
                    let found = || if lines.len() == 1 { Value::from(lines[0]) } else { Value::from(lines.join(", ")) };
                    for broken in validators.findings(contract, schema, &value) {
                        add("http.header", format!("the header {name}: {}", broken.message), broken.promised, Some(found()));
                    }
                }
                Reading::Absent | Reading::Empty | Reading::NotJudged(_) => {}
            }
        }
    }
    findings
}

/// Whether a value contains the mask of a recorder.
pub(crate) fn is_masked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("***"),
        Value::Array(items) => items.iter().any(is_masked),
        Value::Object(members) => members.values().any(is_masked),
        _ => false,
    }
}
