//! The report, version 1: what `charter-report/1` holds, member by member.

use charter_contract::Position;
use charter_contract::invariant::Severity;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::coverage::{CoverageReport, SchemaCoverage};
use crate::finding::{Caret, FindingKind, PromiseSource};
use crate::part::Part;

/// An input that could not be read to its end.
pub const UNREADABLE: &str = "unreadable";
/// An input that was read, of which something could not be judged or, of a live server, was not seen.
pub const INCOMPLETE: &str = "incomplete";

/// What a run over recordings came to. Every member is present, even where it is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `charter-report/1`
    pub format: String,
    /// What made the report.
    pub tool: Tool,
    /// What was judged by.
    pub contract: ContractInfo,
    /// Which reader decided.
    pub reader: Reader,
    /// Which part of the input was judged, as `2/4`; `None` for all of it.
    pub partition: Option<String>,
    /// Whether the run came to its end.
    pub complete: bool,
    /// What was read, in the order given.
    pub inputs: Vec<InputInfo>,
    /// The counts.
    pub summary: Summary,
    /// Findings, grouped by promise, in the order first met.
    pub groups: Vec<Group>,
    /// How each rule came out, in the contract's order.
    pub rules: Vec<RuleCounts>,
    /// What was seen at each place of the schema.
    pub schema: Vec<SchemaCoverage>,
    /// How much of what could be seen was.
    pub coverage: CoverageReport,
    /// Resources that were seen more than once, those with findings first; only the first of many.
    pub timelines: Vec<ResourceTimeline>,
    /// How many there are.
    pub timeline_count: u64,
    /// What a baseline said, where one was given.
    pub baseline: Option<BaselineReport>,
    /// Of the report of a part, what joining parts needs beside the rest; `None` for the report of a whole.
    pub part: Option<Part>,
}

/// What became of the entries of a baseline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BaselineReport {
    /// Findings that are accepted.
    pub accepted: u64,
    /// Entries whose findings did not occur, by fingerprint.
    pub stale: Vec<String>,
    /// Entries that accept nothing any more, by fingerprint.
    pub expired: Vec<String>,
}

/// One resource over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceTimeline {
    /// The operation that shows it.
    pub operation: String,
    /// What it is known by.
    pub resource: String,
    /// How often it was seen.
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
    /// What is read over time and differs from the observation before; of the first, everything that is short.
    pub changes: Vec<TimelineChange>,
    /// Rules over time that it breaks.
    pub broken: Vec<String>,
    /// Whether it breaks something else.
    pub kept: bool,
}

/// A value that has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineChange {
    /// The place in the body.
    pub at: String,
    /// What became of it; null is a value like others.
    pub change: Change,
    /// What stood there before; null where nothing did.
    pub from: Option<Value>,
    /// What stands there now; null where nothing does.
    pub to: Option<Value>,
}

/// What became of a value from one observation to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing stood there before.
    Set,
    /// Another value stood there.
    Changed,
    /// Nothing stands there any more.
    Removed,
}

/// Where a promise stands in the contract's documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The document, relative to the contract's folder.
    pub document: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// What made a report.
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
    /// The contract's digest.
    pub digest: String,
    /// `strict`
    pub mode: String,
}

/// Which reader decided between accepting and refusing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reader {
    /// Whether the compiled reader stood in.
    pub compiled: bool,
    /// Why it did not.
    pub reason: Option<String>,
    /// How many exchanges it decided alone; the reference reader judged the others.
    pub decided: u64,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputInfo {
    /// As given: a path, or `<stdin>`.
    pub source: String,
    /// The digest of its bytes; `None` where it could not be read to its end.
    pub digest: Option<String>,
    /// How many exchanges it held.
    pub exchanges: u64,
    /// Why it could not be read, where it could not.
    pub error: Option<String>,
}

/// The counts of a report. Exact, whatever is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Exchanges met, malformed ones included.
    pub exchanges: u64,
    /// Exchanges that keep the contract, warnings aside.
    pub kept: u64,
    /// Exchanges that break it.
    pub broken: u64,
    /// Exchanges that could not be judged.
    pub unreadable: u64,
    /// Findings that break the contract.
    pub errors: u64,
    /// Findings that do not.
    pub warnings: u64,
}

/// Findings that break the same promise at the same place of the schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Stays the same from run to run.
    pub fingerprint: String,
    /// Which reader found it.
    pub kind: FindingKind,
    /// The rule's id.
    pub rule: Option<String>,
    /// The schema's keyword.
    pub keyword: Option<String>,
    /// Whether it breaks the contract.
    pub severity: Severity,
    /// The operationId.
    pub operation: Option<String>,
    /// Who promised it.
    pub promise: PromiseSource,
    /// The keyword's place as evaluated.
    pub keyword_location: Option<String>,
    /// The keyword's place in its document.
    pub absolute_keyword_location: Option<String>,
    /// Where the rule or the keyword stands.
    pub definition: Option<Definition>,
    /// Why it is accepted, where a baseline says so.
    pub accepted: Option<String>,
    /// How many findings there are.
    pub count: u64,
    /// How many of them are shown.
    pub shown: u64,
    /// The ones shown.
    pub samples: Vec<Sample>,
}

/// One finding of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// What is wrong.
    pub message: String,
    /// The place in the body.
    pub instance_location: String,
    /// What was found.
    pub found: Value,
    /// Whether what was found is cut short here.
    pub found_truncated: bool,
    /// Whether nothing was found, which `found` shows as null.
    pub found_absent: bool,
    /// What was promised.
    pub promised: String,
    /// The branch of a union that came closest.
    pub branch: Option<String>,
    /// The earlier observation, for a rule over time.
    pub previous: Option<Value>,
    /// The place in the source.
    pub position: Option<Position>,
    /// The source around it.
    pub excerpt: Option<String>,
    /// Which part of the excerpt is meant.
    pub caret: Option<Caret>,
    /// The body around it, over several lines, where it was kept.
    pub context: Option<Context>,
    /// The exchange.
    pub exchange: ExchangeInfo,
}

/// The answer with the place that is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Header fields of the answer, without those that hold secrets.
    pub headers: Vec<(String, String)>,
    /// What stands before it.
    pub before: String,
    /// The place.
    pub meant: String,
    /// What stands behind it.
    pub after: String,
}

/// Which exchange a finding is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExchangeInfo {
    /// The input.
    pub source: String,
    /// Which exchange of the input, from 0.
    pub index: usize,
    /// The line of the input, from 1.
    pub line: Option<usize>,
    /// The column that the exchange begins at, from 1.
    #[serde(default)]
    pub column: Option<usize>,
    /// The request's URL, without credentials.
    pub url: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// The request's method.
    #[serde(default)]
    pub method: Option<String>,
}

/// How a rule came out, over all places and exchanges.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleCounts {
    /// The rule's id.
    pub id: String,
    /// Its severity.
    pub severity: Option<Severity>,
    /// Who promised it.
    pub promise: Option<PromiseSource>,
    /// The promise in a few words.
    pub quote: String,
    /// The rule as text.
    pub rule: String,
    /// Where it stands.
    pub definition: Option<Definition>,
    /// It held.
    pub passed: u64,
    /// It did not.
    pub failed: u64,
    /// It held because there was nothing to look at.
    pub vacuous: u64,
    /// It did not apply.
    pub not_applicable: u64,
    /// Its part of the body breaks the schema.
    pub blocked: u64,
    /// It could not be judged.
    pub errored: u64,
    /// Why, by reason.
    pub reasons: IndexMap<String, u64>,
}

impl Group {
    /// The rule, or the keyword as `schema.enum`.
    pub fn name(&self) -> String {
        self.rule.clone().or_else(|| Some(format!("schema.{}", self.keyword.as_deref()?))).unwrap_or_else(|| self.kind.as_str().to_owned())
    }
}

impl InputInfo {
    /// What keeps it from having been judged whole, in a word; `None` where nothing does.
    pub(crate) fn trouble(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| if self.digest.is_some() { INCOMPLETE } else { UNREADABLE })
    }
}

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// It is no JSON of the right form.
    #[error("it is not a report: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It is of another format.
    #[error("its format is {0}, expected charter-report/1; create a report with `charter check --report json=FILE`")]
    Format(String),
}

/// The one member that tells a report from everything else.
#[derive(Deserialize)]
struct Marked {
    format: Option<String>,
}

impl Report {
    /// Reads a report that was rendered as JSON.
    ///
    /// # Errors
    /// It is none, or of another format.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReportError> {
        let format = serde_json::from_slice::<Marked>(bytes)?.format;
        match format.as_deref() {
            Some("charter-report/1") => Ok(serde_json::from_slice(bytes)?),
            Some(other) => Err(ReportError::Format(format!("`{other}`"))),
            None => Err(ReportError::Format("not named".to_owned())),
        }
    }

    /// What it came to, in a sentence.
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

    /// Whether every exchange keeps the contract: nothing broken, unreadable or errored. Warnings and what a baseline accepts do not count.
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
