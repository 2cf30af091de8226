//! Reports for unit tests.

use charter_contract::invariant::{PromiseKind, Severity};

use crate::finding::{Finding, FindingKind, PromiseSource};
use crate::model::{ContractInfo, Group, InputInfo, Reader, Report, Sample, Tool};

/// A group of findings of the keyword `type`.
pub(crate) fn group(fingerprint: &str, severity: Severity, samples: Vec<Sample>) -> Group {
    let promise = PromiseSource { kind: PromiseKind::Documented, where_: "order.schema.json#/properties/id".to_owned() };
    let mut finding = Finding::new(FindingKind::Schema, severity, promise, "");
    finding.keyword = Some("type".to_owned());
    let mut group = Group::new(fingerprint, &finding);
    group.shown = samples.len() as u64;
    group.count = group.shown;
    group.samples = samples;
    group
}

/// A report of a complete run.
pub(crate) fn report(inputs: Vec<InputInfo>, groups: Vec<Group>) -> Report {
    let tool = Tool { name: "charter".to_owned(), version: "0.0.0".to_owned() };
    let contract = ContractInfo { digest: "sha256:0".to_owned(), mode: "strict".to_owned() };
    let mut report = Report::new(tool, contract, Reader { compiled: false, reason: None, decided: 0 });
    (report.inputs, report.groups) = (inputs, groups);
    report
}
