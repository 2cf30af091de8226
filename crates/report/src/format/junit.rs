//! The report as JUnit XML: a suite per operation, a case per group. Rules that do not apply are skipped.

use std::io::Write;

use charter_contract::invariant::Severity;
use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use crate::model::{Group, Report, Sample};
use crate::render::{RenderError, RenderOptions, ReportFormat};
use crate::snippet::counted;

/// The format `junit`.
#[derive(Debug)]
pub(super) struct Junit;

impl ReportFormat for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn help(&self) -> &'static str {
        "JUnit XML, for CI systems that show test results"
    }

    fn render(&self, report: &Report, _options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        Ok(out.write_all(render(report)?.as_bytes())?)
    }
}

/// Renders the report as JUnit XML. Case names are unique within the document.
fn render(report: &Report) -> Result<String, quick_junit::SerializeError> {
    let mut document = Document::new("charter");
    let mut operations: Vec<Option<&str>> = Vec::new();
    for group in &report.groups {
        if !operations.contains(&group.operation.as_deref()) {
            operations.push(group.operation.as_deref());
        }
    }
    for operation in operations {
        let mut suite = TestSuite::new(operation.unwrap_or("no operation"));
        for group in report.groups.iter().filter(|group| group.operation.as_deref() == operation) {
            suite.add_test_case(failed(group));
        }
        document.add_test_suite(suite);
    }
    // Failed rules are in the suite of their operation; the other rules are in one suite.
    let mut suite = TestSuite::new("rules");
    for rule in report.rules.iter().filter(|rule| rule.failed == 0) {
        let status = if rule.errored > 0 {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(format!("the rule could not be evaluated: {}", rule.reasons.keys().cloned().collect::<Vec<_>>().join("; ")));
            status
        } else if rule.passed == 0 {
            let reasons: Vec<String> = rule.reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
            let mut status = TestCaseStatus::skipped();
            status.set_message(match (rule.vacuous, reasons.is_empty()) {
                (0, true) => "not applicable".to_owned(),
                (0, false) => format!("not applicable: {}", reasons.join(", ")),
                (vacuous, _) => format!("vacuous {}", counted(vacuous, "time")),
            });
            status
        } else {
            TestCaseStatus::success()
        };
        let mut case = TestCase::new(rule.id.clone(), status);
        case.set_classname("rules");
        suite.add_test_case(case);
    }
    document.add_test_suite(suite);
    let mut suite = TestSuite::new("inputs");
    for (index, input) in report.inputs.iter().enumerate() {
        let status = match &input.error {
            Some(error) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(error.clone());
                status
            }
            None => TestCaseStatus::success(),
        };
        let mut case = TestCase::new(format!("{} ({})", input.source, index + 1), status);
        case.set_classname("inputs");
        suite.add_test_case(case);
    }
    document.add_test_suite(suite);
    document.to_string()
}

fn failed(group: &Group) -> TestCase {
    let first = group.samples.first();
    let message = first.map_or_else(String::new, |sample| sample.message.clone());
    let status = match (&group.accepted, group.severity) {
        (Some(reason), _) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(format!("accepted: {reason}"));
            status
        }
        (None, severity) => {
            let mut status = match severity {
                Severity::Error => TestCaseStatus::non_success(NonSuccessKind::Failure),
                Severity::Warning => TestCaseStatus::skipped(),
            };
            status.set_message(message);
            status.set_type(group.kind.as_str());
            let lines: Vec<String> = group.samples.iter().map(describe).collect();
            status.set_description(format!("promised by {}\n{}\n{}", group.promise.where_, counted(group.count, "time"), lines.join("\n")));
            status
        }
    };
    // The fingerprint keeps names apart where one keyword breaks at several places.
    let mut case = TestCase::new(format!("{} [{}]", group.name(), group.fingerprint), status);
    case.set_classname(group.operation.clone().unwrap_or_else(|| "no operation".to_owned()));
    if let Some((sample, position)) = first.and_then(|sample| Some((sample, sample.position?))) {
        case.extra.insert("file".into(), sample.exchange.source.as_str().into());
        case.extra.insert("line".into(), position.line.to_string().into());
    }
    case
}

fn describe(sample: &Sample) -> String {
    let place = sample.position.map(|position| format!(":{}:{}", position.line, position.column)).unwrap_or_default();
    format!("{}{place} {}: {}", sample.exchange.source, sample.instance_location, sample.message)
}
