//! Findings: violations of the contract as data.

use charter_contract::invariant::{PromiseKind, Severity};
use charter_contract::{Direction, Location, Position};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The stage that made the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingKind {
    /// A keyword of the schema.
    Schema,
    /// A documented invariant.
    Invariant,
    /// The exchange itself: its path, status, headers, content type.
    Http,
    /// The bytes: invalid JSON, or numbers that are rounded when read.
    Syntax,
    /// A downloaded artifact.
    Artifact,
}

impl FindingKind {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Invariant => "invariant",
            Self::Http => "http",
            Self::Syntax => "syntax",
            Self::Artifact => "artifact",
        }
    }
}

/// The source of a promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromiseSource {
    /// Documented or implied.
    pub kind: PromiseKind,
    /// A document, or a section of the documentation.
    #[serde(rename = "where")]
    pub where_: String,
}

impl PromiseSource {
    /// A promise documented at a location of the contract.
    pub fn documented(location: &Location) -> Self {
        Self { kind: PromiseKind::Documented, where_: location.to_string() }
    }
}

/// The position of a promise in the contract's documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The document, relative to the contract's folder.
    pub document: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// One violation in one exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The stage that made the finding.
    pub kind: FindingKind,
    /// The rule's id, or the name of a built-in check, such as `http.undocumented-status`.
    pub rule: Option<String>,
    /// The schema's keyword.
    pub keyword: Option<String>,
    /// Whether it is an error or a warning.
    pub severity: Severity,
    /// The operationId, if an operation was matched.
    pub operation: Option<String>,
    /// What the finding is about, if neither the operation nor a schema location says it: the method and path of an undocumented request,
    /// or the name of a parameter.
    pub subject: Option<String>,
    /// The direction of the message that violates the promise.
    pub direction: Direction,
    /// The source of the promise.
    pub promise: PromiseSource,
    /// The keyword location, through references.
    pub keyword_location: Option<String>,
    /// The absolute keyword location.
    pub absolute_keyword_location: Option<String>,
    /// The message, without the location.
    pub message: String,
    /// The instance location in the body, a JSON Pointer; empty for the whole body.
    pub instance_location: String,
    /// The value there; `None` if it is missing.
    pub found: Option<Value>,
    /// The expected value.
    pub promised: String,
    /// The closest union branch, which the finding belongs to.
    pub branch: Option<String>,
    /// The position in the source.
    pub position: Option<Position>,
    /// The source around it, on one line and shortened.
    pub excerpt: Option<String>,
    /// The marked part of the excerpt.
    pub caret: Option<Caret>,
}

/// A part of an excerpt, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caret {
    /// The number of characters before it.
    pub start: usize,
    /// The number of its characters, at least one.
    pub length: usize,
}

impl Finding {
    /// A finding about the whole body or the whole exchange. Every optional member is absent.
    pub fn new(kind: FindingKind, severity: Severity, promise: PromiseSource, message: impl Into<String>) -> Self {
        Self {
            kind,
            rule: None,
            keyword: None,
            severity,
            operation: None,
            subject: None,
            direction: Direction::Response,
            promise,
            keyword_location: None,
            absolute_keyword_location: None,
            message: message.into(),
            instance_location: String::new(),
            found: None,
            promised: String::new(),
            branch: None,
            position: None,
            excerpt: None,
            caret: None,
        }
    }

    /// Identifies the violated promise across runs: kind, rule or keyword, operation, schema location, and subject; never message or value.
    pub fn fingerprint(&self) -> String {
        let parts = [
            Some(self.kind.as_str()),
            self.rule.as_deref(),
            self.keyword.as_deref(),
            self.operation.as_deref(),
            self.absolute_keyword_location.as_deref(),
        ];
        let parts = parts.into_iter().map(Option::unwrap_or_default);
        // Findings without a subject keep the fingerprint that baselines of earlier versions name.
        let request = (self.direction == Direction::Request).then_some("request");
        crate::digest::short(parts.chain(request).chain(self.subject.as_deref()))
    }
}
