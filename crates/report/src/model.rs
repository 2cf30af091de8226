//! The report, version 1: what `charter-report/1` holds, member by member.

use charter_contract::invariant::Severity;
use charter_contract::{Direction, Position};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::coverage::{CoverageReport, SchemaCoverage};
use crate::finding::{Caret, Definition, Finding, FindingKind, PromiseSource};
use crate::part::Part;
use crate::rule::RuleCounts;

/// Maximum number of reasons why something was not judged; others are counted together.
const NOT_JUDGED: usize = 40;
/// The format of reports.
const FORMAT: &str = "charter-report/1";
/// The state of an input that could not be read completely.
pub const UNREADABLE: &str = "unreadable";
/// The state of an input of which something could not be judged, or was not seen on a live server.
pub const INCOMPLETE: &str = "incomplete";

/// The report of a run. Every member is always present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    /// `charter-report/1`
    pub format: String,
    /// The program that made the report.
    pub tool: Tool,
    /// The contract.
    pub contract: ContractInfo,
    /// The use of a compiled reader.
    pub reader: Reader,
    /// The partition, as `2/4`; `None` for a whole run.
    pub partition: Option<String>,
    /// Whether the run was complete.
    pub complete: bool,
    /// The inputs, in order.
    pub inputs: Vec<InputInfo>,
    /// Files of the folders among the arguments that are not inputs.
    #[serde(default)]
    pub skipped_files: Vec<SkippedFile>,
    /// The operation that bare bodies were judged as responses of, if no setting names it: the only one with a JSON response.
    #[serde(default)]
    pub assumed_operation: Option<String>,
    /// The counts.
    pub summary: Summary,
    /// What was not judged, by reason, in input order. The list is limited.
    #[serde(default)]
    pub not_judged: Vec<NotJudgedCount>,
    /// Findings grouped by promise, in input order.
    pub groups: Vec<Group>,
    /// The counts of each rule, in the contract's order.
    pub rules: Vec<RuleCounts>,
    /// The coverage of each schema location.
    pub schema: Vec<SchemaCoverage>,
    /// The coverage.
    pub coverage: CoverageReport,
    /// Timelines of resources that were seen more than once, those with findings first. The list is limited.
    pub timelines: Vec<ResourceTimeline>,
    /// The number of timelines, including those not shown.
    pub timeline_count: u64,
    /// The result of a baseline, if one was given.
    pub baseline: Option<BaselineReport>,
    /// What merging needs; `None` for a whole run.
    pub part: Option<Part>,
}

/// The result of applying a baseline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BaselineReport {
    /// Number of accepted findings.
    pub accepted: u64,
    /// Fingerprints of entries whose findings did not occur.
    pub stale: Vec<String>,
    /// Fingerprints of expired entries.
    pub expired: Vec<String>,
}

/// One resource over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceTimeline {
    /// The schema of the resource.
    pub operation: String,
    /// The resource's identity.
    pub resource: String,
    /// Number of observations.
    pub count: u64,
    /// The first observations, in the order of their time.
    pub observations: Vec<TimelineEntry>,
}

/// One observation of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelineEntry {
    /// When the request began.
    pub started_date_time: String,
    /// The exchange.
    pub exchange: ExchangeInfo,
    /// Values that rules over time read and that differ from the previous observation; for the first, all short values.
    pub changes: Vec<TimelineChange>,
    /// Rules over time that failed.
    pub broken: Vec<String>,
    /// Whether the exchange has no other violation.
    pub kept: bool,
}

/// A changed value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineChange {
    /// The location in the body.
    pub at: String,
    /// The kind of change. Null is a value.
    pub change: Change,
    /// The value before; null if it was absent.
    pub from: Option<Value>,
    /// The value now; null if it is absent.
    pub to: Option<Value>,
}

/// The kind of change between two observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// The value was absent before.
    Set,
    /// The value was different.
    Changed,
    /// The value is absent now.
    Removed,
}

/// The program that made a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// `charter`
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was judged by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContractInfo {
    /// The contract's checksum; empty if no report of the run contains it.
    pub digest: String,
    /// `strict`
    pub mode: String,
}

/// The use of a compiled reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reader {
    /// Whether a compiled reader was used.
    pub compiled: bool,
    /// Why it was not used.
    pub reason: Option<String>,
    /// Number of exchanges that it decided alone; the reference path judged the others.
    pub decided: u64,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputInfo {
    /// As given: a path, or `<stdin>`.
    pub source: String,
    /// The checksum of its bytes; `None` if it was not read completely.
    pub digest: Option<String>,
    /// Number of exchanges.
    pub exchanges: u64,
    /// Why it could not be read or judged completely.
    pub error: Option<String>,
}

/// A file of a folder that is not an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SkippedFile {
    /// Its path.
    pub source: String,
    /// The reason.
    pub reason: String,
}

impl SkippedFile {
    /// A file and the reason why it is not an input.
    pub fn new(source: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { source: source.into(), reason: reason.into() }
    }
}

/// The counts of a report. They are exact even if samples are limited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Exchanges, including malformed ones.
    pub exchanges: u64,
    /// Exchanges without violations; warnings do not count.
    pub kept: u64,
    /// Exchanges with violations.
    pub broken: u64,
    /// Exchanges that could not be judged.
    pub unreadable: u64,
    /// Exchanges that do not belong to the API.
    #[serde(default, rename = "outOfScope")]
    pub out_of_scope: u64,
    /// Exchanges with a wrong request that the server refused with a 4xx status, as it should.
    #[serde(default, rename = "refusedRequests")]
    pub refused_requests: u64,
    /// Number of findings that are errors.
    pub errors: u64,
    /// Number of findings that are warnings.
    pub warnings: u64,
}

/// How often a part of an exchange was not judged for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotJudgedCount {
    /// The part: `exchange`, `response body`, …
    pub part: String,
    /// The reason.
    pub reason: String,
    /// The number of exchanges.
    pub count: u64,
}

impl Report {
    /// Counts a part of an exchange that was not judged. Reasons beyond a limit are counted together.
    pub fn count_not_judged(&mut self, part: &str, reason: &str, count: u64) {
        let position = |list: &[NotJudgedCount], reason: &str| list.iter().position(|known| known.part == part && known.reason == reason);
        let reason = match position(&self.not_judged, reason) {
            None if self.not_judged.len() >= NOT_JUDGED => "other reasons",
            _ => reason,
        };
        match position(&self.not_judged, reason) {
            Some(index) => self.not_judged[index].count += count,
            None => self.not_judged.push(NotJudgedCount { part: part.to_owned(), reason: reason.to_owned(), count }),
        }
    }
}

/// Findings of the same promise at the same schema location.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Group {
    /// Identifies the group across runs.
    pub fingerprint: String,
    /// The stage that made the findings.
    pub kind: FindingKind,
    /// The rule's id.
    pub rule: Option<String>,
    /// The schema's keyword.
    pub keyword: Option<String>,
    /// Whether it breaks the contract.
    pub severity: Severity,
    /// The operationId.
    pub operation: Option<String>,
    /// The direction of the message that violates the promise.
    #[serde(default)]
    pub direction: Direction,
    /// The source of the promise.
    pub promise: PromiseSource,
    /// The keyword location.
    pub keyword_location: Option<String>,
    /// The absolute keyword location.
    pub absolute_keyword_location: Option<String>,
    /// The position of the rule or keyword.
    pub definition: Option<Definition>,
    /// The reason of the baseline, if it accepts the group.
    pub accepted: Option<String>,
    /// Number of findings.
    pub count: u64,
    /// Number of samples.
    pub shown: u64,
    /// The shown findings.
    pub samples: Vec<Sample>,
}

/// One finding of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Sample {
    /// The message.
    pub message: String,
    /// The instance location.
    pub instance_location: String,
    /// The found value.
    pub found: Value,
    /// Whether the found value is truncated.
    pub found_truncated: bool,
    /// Whether the value is missing; `found` is null then.
    pub found_absent: bool,
    /// The expected value.
    pub promised: String,
    /// The closest union branch.
    pub branch: Option<String>,
    /// The earlier observation, for a rule over time.
    pub previous: Option<Value>,
    /// The position in the source.
    pub position: Option<Position>,
    /// The source around it.
    pub excerpt: Option<String>,
    /// The marked part of the excerpt.
    pub caret: Option<Caret>,
    /// The response around it, if it was stored.
    pub context: Option<Context>,
    /// The rest of the request, if it was stored. Its method and URL are those of the exchange.
    #[serde(default)]
    pub request: Option<RequestInfo>,
    /// The exchange.
    pub exchange: ExchangeInfo,
    /// Values of the exchange that are secret by names which the sample may not have. They are removed before a report is written, and are not written themselves.
    #[serde(skip)]
    pub secrets: Vec<String>,
}

/// The response around a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Header fields of the response, without secrets.
    pub headers: Vec<(String, String)>,
    /// The text before the value.
    pub before: String,
    /// The value.
    pub meant: String,
    /// The text after the value.
    pub after: String,
}

/// The header fields and the body of the request of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestInfo {
    /// Header fields. The values of secret ones are `***`.
    pub headers: Vec<(String, String)>,
    /// The body as text, if it is text and not longer than the limit.
    pub body: Option<String>,
    /// Whether the request has a body that the report does not have.
    pub body_omitted: bool,
}

/// The exchange of a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExchangeInfo {
    /// The input.
    pub source: String,
    /// The index in the input, from 0.
    pub index: usize,
    /// The line of the input, from 1.
    pub line: Option<usize>,
    /// The column of the exchange, from 1.
    #[serde(default)]
    pub column: Option<usize>,
    /// The request's URL, without credentials.
    pub url: Option<String>,
    /// The response's status.
    pub status: Option<u16>,
    /// The request's method.
    #[serde(default)]
    pub method: Option<String>,
}

impl Group {
    /// The group of a finding, still without findings.
    pub fn new(fingerprint: impl Into<String>, finding: &Finding) -> Self {
        Self {
            fingerprint: fingerprint.into(),
            kind: finding.kind,
            rule: finding.rule.clone(),
            keyword: finding.keyword.clone(),
            severity: finding.severity,
            operation: finding.operation.clone(),
            direction: finding.direction,
            promise: finding.promise.clone(),
            keyword_location: finding.keyword_location.clone(),
            absolute_keyword_location: finding.absolute_keyword_location.clone(),
            definition: None,
            accepted: None,
            count: 0,
            shown: 0,
            samples: Vec::new(),
        }
    }

    /// The rule, or the keyword as `schema.enum`.
    pub fn name(&self) -> String {
        self.rule.clone().or_else(|| Some(format!("schema.{}", self.keyword.as_deref()?))).unwrap_or_else(|| self.kind.as_str().to_owned())
    }
}

impl Sample {
    /// A sample about the whole body or the whole exchange, without a value.
    pub fn new(exchange: ExchangeInfo, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            instance_location: String::new(),
            found: Value::Null,
            found_truncated: false,
            found_absent: true,
            promised: String::new(),
            branch: None,
            previous: None,
            position: None,
            excerpt: None,
            caret: None,
            context: None,
            request: None,
            exchange,
            secrets: Vec::new(),
        }
    }
}

impl InputInfo {
    /// The error of a folder in which no file is a recording.
    pub const NO_RECORDING: &str = "the folder has no recording of a known form; -v lists its files";

    /// `unreadable` or `incomplete`; `None` if the input was judged completely.
    pub(crate) fn trouble(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| if self.digest.is_some() { INCOMPLETE } else { UNREADABLE })
    }
}

/// Why a text is not a report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// It is not JSON of the expected form.
    #[error("it is not a report: {0}; `charter check PATH --report json=FILE` writes one")]
    Malformed(#[from] serde_json::Error),
    /// It has another format.
    #[error("its format is {0}, expected charter-report/1; create a report with `charter check --report json=FILE`")]
    Format(String),
}

/// The member that identifies the format.
#[derive(Deserialize)]
struct Marked {
    format: Option<String>,
}

impl Report {
    /// The report of a complete run without inputs.
    pub fn new(tool: Tool, contract: ContractInfo, reader: Reader) -> Self {
        Self {
            format: FORMAT.to_owned(),
            tool,
            contract,
            reader,
            partition: None,
            complete: true,
            inputs: Vec::new(),
            skipped_files: Vec::new(),
            assumed_operation: None,
            summary: Summary::default(),
            not_judged: Vec::new(),
            groups: Vec::new(),
            rules: Vec::new(),
            schema: Vec::new(),
            coverage: CoverageReport::default(),
            timelines: Vec::new(),
            timeline_count: 0,
            baseline: None,
            part: None,
        }
    }

    /// Reads a report that was rendered as JSON.
    ///
    /// # Errors
    /// The bytes are not a report, or have another format.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReportError> {
        let format = serde_json::from_slice::<Marked>(bytes)?.format;
        match format.as_deref() {
            Some(FORMAT) => Ok(serde_json::from_slice(bytes)?),
            Some(other) => Err(ReportError::Format(format!("`{other}`"))),
            None => Err(ReportError::Format("not named".to_owned())),
        }
    }

    /// The verdict, in a sentence.
    pub(crate) fn verdict(&self) -> &'static str {
        if !self.judged_anything() {
            "nothing was judged"
        } else if self.is_kept() {
            "the contract is kept"
        } else if self.open_groups().any(|group| group.severity == Severity::Error) {
            "the contract is broken"
        } else {
            "not everything could be judged"
        }
    }

    /// Whether there are no violations, unreadable inputs, or rules that could not be evaluated. Warnings and accepted findings do not count.
    pub fn is_kept(&self) -> bool {
        let broken = self.open_groups().any(|group| group.severity == Severity::Error);
        !broken && self.summary.unreadable == 0 && !self.has_input_errors() && !self.has_errored_rules()
    }

    /// Groups that no baseline accepts.
    pub fn open_groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.accepted.is_none())
    }

    /// Whether an input could not be read.
    pub fn has_input_errors(&self) -> bool {
        self.inputs.iter().any(|input| input.error.is_some())
    }

    /// Whether a rule could not be judged somewhere.
    pub fn has_errored_rules(&self) -> bool {
        self.rules.iter().any(|rule| rule.errored > 0)
    }

    /// Whether anything was judged at all.
    pub fn judged_anything(&self) -> bool {
        self.summary.kept + self.summary.broken > 0
    }
}
