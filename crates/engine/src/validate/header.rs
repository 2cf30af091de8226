//! Validates the documented header fields of a response: presence and value.

use charter_contract::Contract;
use charter_contract::invariant::Severity;
use charter_contract::{JsonType, ResponseSpec};
use serde_json::Value;

use super::validators::Validators;
use crate::operation::http;
use charter_report::{Finding, PromiseSource};
use charter_traffic::exchange::Response;

/// Findings for missing and invalid fields. Missing fields count only if the recording has all header fields.
pub(crate) fn check(contract: &Contract, validators: &Validators, spec: &ResponseSpec, response: &Response) -> Vec<Finding> {
    let mut findings = Vec::new();
    for header in &spec.headers {
        let name = header.name.to_ascii_lowercase();
        let values = response.headers().get_all(&name);
        let at = |finding: &mut Finding| {
            finding.promise = PromiseSource::documented(&header.location);
            finding.absolute_keyword_location = Some(header.location.to_string());
        };
        if values.is_empty() && header.required && response.headers().complete {
            let mut finding =
                http("http.missing-header", Severity::Error, format!("the header {name} is missing"), format!("the header {name}"), "");
            at(&mut finding);
            findings.push(finding);
        }
        let Some(schema) = header.schema else { continue };
        for value in values {
            let wanted = contract.schema(contract.target(schema)).keywords.types.as_deref().unwrap_or_default();
            let textual = wanted.is_empty() || wanted.contains(&JsonType::String);
            let typed = if textual { Value::from(value) } else { serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)) };
            for broken in validators.findings(contract, schema, &typed) {
                let mut finding =
                    http("http.header", Severity::Error, format!("the header {name}: {}", broken.message), broken.promised, "");
                at(&mut finding);
                finding.found = Some(Value::from(value));
                findings.push(finding);
            }
        }
    }
    findings
}
