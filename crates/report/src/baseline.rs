//! Baselines: accepted findings by fingerprint, each with a reason and an optional expiry date.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::{BaselineReport, Report};

/// A reviewed list of accepted findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// `charter-baseline/1`
    pub format: String,
    /// The entries, in the order of rule, operation and fingerprint.
    pub entries: Vec<BaselineEntry>,
}

/// One accepted group of findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// The rule, or the keyword as `schema.enum`; for readers of the file.
    pub rule: String,
    /// The operation; for readers of the file.
    pub operation: Option<String>,
    /// The schema location; for readers of the file.
    pub place: Option<String>,
    /// The fingerprint of the group.
    pub fingerprint: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day of validity, as `2026-12-31`.
    pub expires: Option<Date>,
}

/// Why a text is not a valid baseline.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It is not JSON of the expected form.
    #[error("the baseline cannot be read: {0}; --write-baseline writes a new one")]
    Malformed(#[from] serde_json::Error),
    /// It has another version.
    #[error("the format is `{0}`, expected `charter-baseline/1`; write a new baseline with --write-baseline")]
    Format(String),
    /// An entry has no reason.
    #[error("the entry {0} has no reason: state why the finding is accepted")]
    NoReason(String),
    /// Two entries have the same fingerprint.
    #[error("duplicate fingerprint {0}: keep one of the entries")]
    Repeated(String),
}

/// The reason in new entries, to be replaced by a reviewer.
const UNREVIEWED: &str = "not reviewed yet";

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// The text is not a baseline, an entry has no reason, or a fingerprint is repeated.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let baseline: Self = serde_json::from_str(text)?;
        if baseline.format != "charter-baseline/1" {
            return Err(BaselineError::Format(baseline.format));
        }
        let mut seen = std::collections::BTreeSet::new();
        for entry in &baseline.entries {
            if entry.reason.trim().is_empty() {
                return Err(BaselineError::NoReason(entry.fingerprint.clone()));
            }
            if !seen.insert(&entry.fingerprint) {
                return Err(BaselineError::Repeated(entry.fingerprint.clone()));
            }
        }
        Ok(baseline)
    }

    /// A baseline of all findings of a report. Entries of an earlier baseline keep their reason and expiry date.
    pub fn of(report: &Report, earlier: Option<&Self>) -> Self {
        let known: BTreeMap<&str, &BaselineEntry> =
            earlier.iter().flat_map(|earlier| &earlier.entries).map(|entry| (entry.fingerprint.as_str(), entry)).collect();
        let mut entries: Vec<BaselineEntry> = report
            .groups
            .iter()
            .map(|group| {
                let earlier = known.get(group.fingerprint.as_str());
                BaselineEntry {
                    rule: group.name(),
                    operation: group.operation.clone(),
                    place: group.absolute_keyword_location.clone(),
                    fingerprint: group.fingerprint.clone(),
                    reason: earlier.map_or_else(|| UNREVIEWED.to_owned(), |entry| entry.reason.clone()),
                    expires: earlier.and_then(|entry| entry.expires),
                }
            })
            .collect();
        entries
            .sort_by(|one, other| (&one.rule, &one.operation, &one.fingerprint).cmp(&(&other.rule, &other.operation, &other.fingerprint)));
        Self { format: "charter-baseline/1".to_owned(), entries }
    }

    /// The baseline as a file.
    pub fn render(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Marks accepted groups in a report. An entry is valid through its last day.
    pub fn apply(&self, report: &mut Report, today: Date) {
        let mut result = BaselineReport::default();
        // Remove the marks of another baseline.
        report.groups.iter_mut().for_each(|group| group.accepted = None);
        for entry in &self.entries {
            if entry.expires.is_some_and(|last| last < today) {
                result.expired.push(entry.fingerprint.clone());
                continue;
            }
            match report.groups.iter_mut().find(|group| group.fingerprint == entry.fingerprint) {
                Some(group) => {
                    group.accepted = Some(entry.reason.clone());
                    result.accepted += group.count;
                }
                None => result.stale.push(entry.fingerprint.clone()),
            }
        }
        report.baseline = Some(result);
    }
}

#[cfg(test)]
mod tests {
    use charter_contract::invariant::Severity;
    use jiff::civil::date;

    use super::*;
    use crate::testing::{group, report};

    fn counted(fingerprint: &str, count: u64) -> crate::model::Group {
        let mut group = group(fingerprint, Severity::Error, Vec::new());
        group.count = count;
        group
    }

    fn entry(fingerprint: &str, expires: Option<Date>) -> BaselineEntry {
        let (rule, reason) = ("schema.type".to_owned(), format!("the reason of {fingerprint}"));
        BaselineEntry { rule, operation: None, place: None, fingerprint: fingerprint.to_owned(), reason, expires }
    }

    fn baseline(entries: Vec<BaselineEntry>) -> Baseline {
        Baseline { format: "charter-baseline/1".to_owned(), entries }
    }

    fn accepted(report: &Report) -> Vec<Option<&str>> {
        report.groups.iter().map(|group| group.accepted.as_deref()).collect()
    }

    const TODAY: Date = date(2026, 3, 1);

    #[test]
    fn an_entry_accepts_only_the_group_with_its_fingerprint() {
        let mut report = report(Vec::new(), vec![counted("a", 2), counted("b", 3), counted("c", 4)]);
        baseline(vec![entry("c", None), entry("b", None)]).apply(&mut report, TODAY);
        assert_eq!(accepted(&report), [None, Some("the reason of b"), Some("the reason of c")]);
        assert!(!report.is_kept());
        let result = report.baseline.as_ref().expect("a result");
        assert_eq!((result.accepted, &result.stale[..], &result.expired[..]), (7, &[][..], &[][..]));
        // Another baseline replaces the marks.
        baseline(vec![entry("a", None)]).apply(&mut report, TODAY);
        assert_eq!(accepted(&report), [Some("the reason of a"), None, None]);
    }

    #[test]
    fn an_entry_without_findings_is_stale_and_accepts_nothing() {
        let mut report = report(Vec::new(), vec![counted("a", 1)]);
        baseline(vec![entry("z", None)]).apply(&mut report, TODAY);
        assert_eq!(accepted(&report), [None]);
        let result = report.baseline.as_ref().expect("a result");
        assert_eq!((result.accepted, &result.stale[..], &result.expired[..]), (0, &["z".to_owned()][..], &[][..]));
    }

    #[test]
    fn an_entry_is_valid_through_its_last_day() {
        let mut report = report(Vec::new(), vec![counted("a", 1), counted("b", 1)]);
        baseline(vec![entry("a", Some(TODAY)), entry("b", Some(date(2026, 2, 28)))]).apply(&mut report, TODAY);
        assert_eq!(accepted(&report), [Some("the reason of a"), None]);
        assert_eq!(report.baseline.as_ref().expect("a result").expired, ["b".to_owned()]);
    }

    #[test]
    fn a_new_baseline_keeps_reason_and_expiry_of_known_entries() {
        let report = report(Vec::new(), vec![counted("b", 1), counted("a", 1)]);
        let earlier = baseline(vec![entry("a", Some(TODAY)), entry("gone", None)]);
        let made = Baseline::of(&report, Some(&earlier));
        let entries: Vec<(&str, &str, Option<Date>)> =
            made.entries.iter().map(|entry| (entry.fingerprint.as_str(), entry.reason.as_str(), entry.expires)).collect();
        assert_eq!(entries, [("a", "the reason of a", Some(TODAY)), ("b", UNREVIEWED, None)]);
        assert_eq!(Baseline::parse(&made.render()).expect("a baseline"), made);
    }
}
