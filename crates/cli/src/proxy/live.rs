//! Findings that are printed when they are found. Those of rules over time are in the report only.

use std::collections::HashMap;

use charter_contract::invariant::Severity;
use charter_engine::Judgement;
use charter_report::Finding;
use charter_traffic::Exchange;

use crate::masking::ReportMasker;
use crate::output;

/// Prints the first findings of each group to standard error.
pub(super) struct LiveFindings<'m> {
    masker: &'m ReportMasker,
    /// How many findings of a group are printed; `None` is all.
    samples: Option<u64>,
    is_quiet: bool,
    printed: HashMap<String, u64>,
}

impl<'m> LiveFindings<'m> {
    pub(super) fn new(masker: &'m ReportMasker, samples: Option<u64>, is_quiet: bool) -> Self {
        Self { masker, samples, is_quiet, printed: HashMap::new() }
    }

    /// Prints the findings of an exchange.
    pub(super) fn show(&mut self, exchange: &Exchange, judgement: &Judgement) {
        if self.is_quiet {
            return;
        }
        for finding in &judgement.findings {
            let count = self.printed.entry(finding.fingerprint()).or_default();
            *count += 1;
            if self.samples.is_none_or(|samples| *count <= samples) {
                output::message(&self.masker.text(&line(exchange, finding)));
            }
        }
    }
}

/// One line: the severity, the check, the exchange, the message and its location.
fn line(exchange: &Exchange, finding: &Finding) -> String {
    let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
    let keyword = || finding.keyword.as_deref().map(|keyword| format!("schema.{keyword}"));
    let check = finding.rule.clone().or_else(keyword).unwrap_or_else(|| finding.kind.as_str().to_owned());
    let request = exchange.request.as_ref().map(|request| format!("{} {}", request.method, path(&request.url))).unwrap_or_default();
    let status = exchange.response.as_ref().map(|response| format!(" → {}", response.status)).unwrap_or_default();
    let at = if finding.instance_location.is_empty() { String::new() } else { format!(", at {}", finding.instance_location) };
    let message = finding.message.replace(['\n', '\r'], " ");
    format!("{severity}[{check}] {request}{status}: {message}{at}")
}

/// A URL without its scheme and host.
fn path(url: &str) -> &str {
    url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or(url)
}
