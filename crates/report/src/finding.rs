//! What every later stage speaks of: a broken promise as data.

use charter_contract::invariant::{PromiseKind, Severity};
use charter_contract::{Location, Position};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which reader found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingKind {
    /// A keyword of the schema.
    Schema,
    /// A documented invariant.
    Invariant,
    /// The exchange itself: its path, status, headers, content type.
    Http,
    /// The bytes: no JSON, or JSON that reading would change.
    Syntax,
    /// A downloaded artifact.
    Artifact,
}

impl FindingKind {
    /// The word of the report.
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

/// Who promised what was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromiseSource {
    /// Written down, or plainly implied.
    pub kind: PromiseKind,
    /// Where: a document, or a section of the documentation.
    #[serde(rename = "where")]
    pub where_: String,
}

impl PromiseSource {
    /// A promise that stands at a location of the contract.
    pub fn documented(location: &Location) -> Self {
        Self { kind: PromiseKind::Documented, where_: location.to_string() }
    }
}

/// One broken promise in one exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Which reader found it.
    pub kind: FindingKind,
    /// The invariant's id, or the name of a promise that no rule states, such as `http.undocumented-status`.
    pub rule: Option<String>,
    /// The schema's keyword.
    pub keyword: Option<String>,
    /// Whether it breaks the contract.
    pub severity: Severity,
    /// The operationId, where one was matched.
    pub operation: Option<String>,
    /// Who promised it.
    pub promise: PromiseSource,
    /// The keyword's place as evaluated, through references.
    pub keyword_location: Option<String>,
    /// The keyword's place in its document.
    pub absolute_keyword_location: Option<String>,
    /// What is wrong, in a sentence without the place.
    pub message: String,
    /// The place in the body, a JSON Pointer; empty for the whole body.
    pub instance_location: String,
    /// What was found there; `None` where nothing is there.
    pub found: Option<Value>,
    /// What was promised.
    pub promised: String,
    /// The branch of a union whose errors these are, the one that came closest.
    pub branch: Option<String>,
    /// The place in the source as recorded.
    pub position: Option<Position>,
    /// The line of the source around it, shortened.
    pub excerpt: Option<String>,
    /// Which part of the excerpt is meant.
    pub caret: Option<Caret>,
}

/// A part of an excerpt, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caret {
    /// Characters before it.
    pub start: usize,
    /// Its own, at least one.
    pub length: usize,
}

impl Finding {
    /// What tells this promise from every other: rule or keyword, operation and place in the schema; never message or value.
    pub fn fingerprint(&self) -> String {
        let parts = [
            Some(self.kind.as_str()),
            self.rule.as_deref(),
            self.keyword.as_deref(),
            self.operation.as_deref(),
            self.absolute_keyword_location.as_deref(),
        ];
        crate::digest::short(parts.iter().map(|part| part.unwrap_or_default()))
    }
}
