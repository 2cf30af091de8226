//! The result of comparing recordings with a contract: `charter-drift/1`.

use std::collections::BTreeMap;

use charter_contract::Location;
use serde::Serialize;
use serde_json::Value;

/// A value that the contract refuses or does not describe.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Novelty {
    /// Stable between runs: 12 hexadecimal digits.
    pub id: String,
    /// The kind: `path`, `method`, `status`, `media-type`, `request-body`, `parameter`, `key`, `enum-value`, `type`, `bound`, `format`,
    /// `missing-key`, `union`.
    pub kind: &'static str,
    /// The schema location.
    pub location: Location,
    /// A sentence for readers.
    pub summary: String,
    /// How often it occurs.
    pub count: u64,
    /// The number of values at this schema.
    pub of: u64,
    /// Examples with their positions.
    pub examples: Vec<Example>,
    /// The edits that add it to the contract: operations of JSON Patch.
    pub patch: Vec<Edit>,
    /// Whether the edit loosens a bound, a format or `required`.
    pub loosens: bool,
}

/// An example of a novelty.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Example {
    /// The value, shortened if it is large.
    pub value: Value,
    /// The instance location in the body.
    pub instance_location: String,
    /// The source and the line.
    pub place: String,
    /// The secrets of the bodies of the exchange, which a report must not show.
    #[serde(skip)]
    pub secrets: Vec<String>,
}

/// One operation of JSON Patch on a document of the contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Edit {
    /// The document.
    pub document: String,
    /// `add`, `replace` or `remove`.
    pub op: &'static str,
    /// The JSON Pointer in the document.
    pub path: String,
    /// The new value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// A part of the contract that does not occur in the recordings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Unseen {
    /// The kind: `key`, `enum-value`, `null`, `branch`.
    pub kind: &'static str,
    /// The schema location.
    pub location: Location,
    /// A sentence for readers.
    pub summary: String,
    /// The number of values without it.
    pub of: u64,
    /// The edit that removes it. It is never applied: absence in recordings proves nothing.
    pub patch: Vec<Edit>,
}

/// A restriction that all recorded values satisfy and the contract does not state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Seen {
    /// The kind: `range`, `length`, `format`, `values`.
    pub kind: &'static str,
    /// The schema location.
    pub location: Location,
    /// A sentence for readers.
    pub summary: String,
    /// The number of values.
    pub of: u64,
    /// The edit that adds the restriction. It is never applied.
    pub patch: Vec<Edit>,
}

/// The result, in the format `charter-drift/1`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Drift {
    /// `charter-drift/1`
    pub format: &'static str,
    /// The number of exchanges.
    pub exchanges: u64,
    /// The number of exchanges that were not compared.
    pub passed_over: u64,
    /// Their number by reason.
    pub passed_over_reasons: BTreeMap<String, u64>,
    /// Values that the contract does not describe.
    pub novelties: Vec<Novelty>,
    /// Parts of the contract that do not occur.
    pub unseen: Vec<Unseen>,
    /// Restrictions that the contract could state.
    pub seen: Vec<Seen>,
    /// Files of folders that have no known form, or are hidden.
    pub skipped_files: Vec<String>,
    /// Errors of reading.
    pub problems: Vec<String>,
}
