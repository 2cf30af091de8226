//! The report, version 1: what `charter-report/1` holds, member by member.

use charter_schema::Position;
use charter_schema::invariant::Severity;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::finding::{Kind, PromiseSource};

/// What a run over recordings came to. Every member is present, even where it is empty.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `charter-report/1`
    pub format: &'static str,
    /// What made the report.
    pub tool: Tool,
    /// What was judged by.
    pub contract: ContractInfo,
    /// Which reader decided.
    pub reader: Reader,
    /// Which part of the input was judged; `None` for all of it.
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
    pub schema: Vec<Value>,
}

/// What made a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tool {
    /// `charter`
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// What was judged by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContractInfo {
    /// The contract's digest.
    pub digest: String,
    /// `strict`
    pub mode: &'static str,
}

/// Which reader decided between accepting and refusing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reader {
    /// Whether the compiled reader stood in.
    pub compiled: bool,
    /// Why it did not.
    pub reason: Option<String>,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Stays the same from run to run.
    pub fingerprint: String,
    /// Which reader found it.
    pub kind: Kind,
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
    /// How many findings there are.
    pub count: u64,
    /// How many of them are shown.
    pub shown: u64,
    /// The ones shown.
    pub samples: Vec<Sample>,
}

/// One finding of a group.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// The exchange.
    pub exchange: ExchangeInfo,
}

/// Which exchange a finding is about.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
pub struct ExchangeInfo {
    /// The input.
    pub source: String,
    /// Which exchange of the input, from 0.
    pub index: usize,
    /// The line of the input, from 1.
    pub line: Option<usize>,
    /// The request's URL, without credentials.
    pub url: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
}

/// How a rule came out, over all places and exchanges.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleCounts {
    /// The rule's id.
    pub id: String,
    /// Its severity.
    pub severity: Option<Severity>,
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

impl Report {
    /// Whether every exchange keeps the contract: nothing broken, unreadable or errored. Warnings do not count.
    pub fn is_kept(&self) -> bool {
        self.summary.errors == 0 && self.summary.unreadable == 0 && !self.has_input_errors() && !self.has_errored_rules()
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
