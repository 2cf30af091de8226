//! The report for GitLab's Code Quality: an array with an entry for each sample and for each input that could not be judged completely.
//!
//! The members are those of <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>. GitLab stops reading at the
//! first entry that lacks one, and of several entries with one fingerprint it shows one.

use std::collections::HashMap;
use std::io::Write;

use charter_contract::invariant::Severity;
use serde_json::{Value, json};

use crate::model::{Group, InputInfo, Report, Sample};
use crate::render::{RenderError, RenderOptions, ReportFormat};

/// The format `gitlab`.
#[derive(Debug)]
pub(super) struct Gitlab;

impl ReportFormat for Gitlab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn help(&self) -> &'static str {
        "Code Quality JSON, for merge requests in GitLab"
    }

    fn render(&self, report: &Report, _options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        serde_json::to_writer_pretty(&mut *out, &entries(report)).map_err(std::io::Error::from)?;
        Ok(out.write_all(b"\n")?)
    }
}

/// The entries: inputs first, because their findings are unknown, then errors, then warnings. Findings that a baseline accepts have none.
fn entries(report: &Report) -> Vec<Value> {
    let mut fingerprints = Fingerprints::default();
    let mut entries: Vec<Value> = report.inputs.iter().filter_map(|input| input_entry(input, &mut fingerprints)).collect();
    let mut groups: Vec<&Group> = report.open_groups().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    for group in groups {
        for (index, sample) in group.samples.iter().enumerate() {
            entries.push(sample_entry(group, index, sample, &mut fingerprints));
        }
    }
    entries
}

fn input_entry(input: &InputInfo, fingerprints: &mut Fingerprints) -> Option<Value> {
    let (trouble, error) = (input.trouble()?, input.error.as_ref()?);
    Some(json!({
        "description": line(&format!("{trouble}: {error}")),
        "check_name": format!("input.{trouble}"),
        "fingerprint": fingerprints.next(["input", trouble, &input.source]),
        "severity": "critical",
        "location": {"path": path(&input.source), "lines": {"begin": 1}},
    }))
}

fn sample_entry(group: &Group, index: usize, sample: &Sample, fingerprints: &mut Fingerprints) -> Value {
    let at = if sample.instance_location.is_empty() { String::new() } else { format!("{}: ", sample.instance_location) };
    // Findings without a sample have no entry. The first entry has their number.
    let more = if index == 0 && group.count > group.shown { format!(" ({} in all)", group.count) } else { String::new() };
    let begin = sample.position.map(|position| position.line).or(sample.exchange.line).unwrap_or(1);
    json!({
        "description": line(&format!("{at}{}{more}", sample.message)),
        "check_name": group.name(),
        "fingerprint": fingerprints.next([&group.fingerprint, &sample.exchange.source, &sample.instance_location]),
        "severity": match group.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
        },
        "location": {"path": path(&sample.exchange.source), "lines": {"begin": begin}},
    })
}

/// Fingerprints that are unique within the report, and the same in the next report of the same findings.
#[derive(Default)]
struct Fingerprints {
    /// How often each list of parts occurred.
    seen: HashMap<[String; 3], usize>,
}

impl Fingerprints {
    fn next(&mut self, parts: [&str; 3]) -> String {
        let occurrence = self.seen.entry(parts.map(str::to_owned)).or_default();
        *occurrence += 1;
        let [promise, source, location] = parts;
        crate::digest::short([promise, source, location, &occurrence.to_string()])
    }
}

/// A description has a single line.
fn line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// A path relative to the repository's root, as GitLab writes it.
fn path(source: &str) -> &str {
    source.trim_start_matches("./")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::ExchangeInfo;
    use crate::testing::{group, report};

    fn sample(source: &str, instance_location: &str, line: Option<usize>) -> Sample {
        let exchange = ExchangeInfo { source: source.to_owned(), index: 0, line, column: None, url: None, status: Some(200), method: None };
        let mut sample = Sample::new(exchange, "7 is\nnot a string");
        sample.instance_location = instance_location.to_owned();
        sample
    }

    fn rendered(report: &Report) -> Vec<Value> {
        let mut out = Vec::new();
        Gitlab.render(report, &RenderOptions::default(), &mut out).expect("rendered");
        serde_json::from_slice(&out).expect("an array")
    }

    #[test]
    fn every_entry_has_the_documented_members() {
        let unreadable = InputInfo { source: "absent.har".to_owned(), digest: None, exchanges: 0, error: Some("not found".to_owned()) };
        let warning = group("b", Severity::Warning, vec![sample("./orders.har", "", None)]);
        let error = group("a", Severity::Error, vec![sample("orders.har", "/id", Some(4))]);
        let entries = rendered(&report(vec![unreadable], vec![warning, error]));
        assert_eq!(entries.iter().map(|entry| &entry["severity"]).collect::<Vec<_>>(), ["critical", "major", "minor"]);
        for entry in &entries {
            for member in ["/description", "/check_name", "/fingerprint", "/location/path"] {
                assert!(entry.pointer(member).and_then(Value::as_str).is_some_and(|text| !text.is_empty()), "{member} of {entry}");
            }
            assert!(entry["location"]["lines"]["begin"].as_u64() >= Some(1), "{entry}");
            assert!(!entry["description"].as_str().is_some_and(|text| text.contains('\n')), "{entry}");
        }
        assert_eq!(entries[1]["description"], "/id: 7 is not a string");
        assert_eq!(entries[1]["check_name"], "schema.type");
        assert_eq!(entries[1]["location"], json!({"path": "orders.har", "lines": {"begin": 4}}));
        assert_eq!(entries[2]["location"], json!({"path": "orders.har", "lines": {"begin": 1}}));
    }

    #[test]
    fn fingerprints_are_unique_and_stable() {
        let twice = || vec![sample("orders.har", "/id", Some(1)), sample("orders.har", "/id", Some(2))];
        let groups = || vec![group("a", Severity::Error, twice()), group("b", Severity::Error, twice())];
        let fingerprints = |groups: Vec<Group>| -> Vec<String> {
            rendered(&report(Vec::new(), groups)).iter().map(|entry| entry["fingerprint"].to_string()).collect()
        };
        let (once, again) = (fingerprints(groups()), fingerprints(groups()));
        assert_eq!(once, again);
        assert_eq!(once.iter().collect::<HashSet<_>>().len(), 4);
        // Lines move when a recording is edited.
        let mut moved = groups();
        moved[0].samples[0].exchange.line = Some(9);
        assert_eq!(fingerprints(moved), once);
    }

    #[test]
    fn findings_without_a_sample_are_counted_and_accepted_findings_are_omitted() {
        let mut many = group("a", Severity::Error, vec![sample("orders.har", "", None)]);
        many.count = 12;
        let mut accepted = group("b", Severity::Error, vec![sample("orders.har", "", None)]);
        accepted.accepted = Some("known".to_owned());
        let entries = rendered(&report(Vec::new(), vec![many, accepted]));
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0]["description"], "7 is not a string (12 in all)");
        assert_eq!(rendered(&report(Vec::new(), Vec::new())), Vec::<Value>::new());
    }
}
