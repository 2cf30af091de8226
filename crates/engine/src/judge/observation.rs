//! The parts of an exchange that rules over time compare with other exchanges.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::evaluate::Json;

/// The state of a resource in one exchange, reduced to the values that rules over time read. Values are JSON texts: most of them are stored and never read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Observation {
    /// The resource's schema and identity.
    pub resource: String,
    /// The operation that returned it.
    pub operation: String,
    /// When the request began, in nanoseconds since 1970.
    pub started: i64,
    /// When the response was complete.
    pub ended: i64,
    /// The instances that rules over time apply to.
    pub(crate) instances: Vec<ObservedInstance>,
    /// `request`, if a rule over time reads it.
    pub(crate) request: Option<String>,
    /// `response`, if a rule over time reads it.
    pub(crate) response: Option<String>,
}

/// One instance in a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ObservedInstance {
    /// The rules over time to evaluate at it, by index.
    pub(crate) rules: Vec<usize>,
    /// The rules that compare later observations with it.
    pub(crate) earlier: Vec<usize>,
    /// The instance's identity: siblings in keyed lists differ by their keys.
    pub(crate) identity: String,
    /// The JSON Pointer in this body.
    pub(crate) pointer: String,
    /// The values that rules read.
    pub(crate) value: String,
}

impl Observation {
    /// When the request began, as text.
    pub(crate) fn started_text(&self) -> String {
        jiff::Timestamp::from_nanosecond(self.started.into()).map_or_else(|_| String::new(), |at| at.to_string())
    }
}

impl ObservedInstance {
    /// A response whose body rules over time do not read.
    pub(super) fn of_response(rules: Vec<usize>) -> Self {
        Self { rules, earlier: Vec::new(), identity: String::new(), pointer: String::new(), value: "null".to_owned() }
    }

    /// The values that rules read.
    pub(super) fn json(&self) -> Json<'_> {
        Json::Raw(&self.value)
    }

    /// The values that rules read, as a tree.
    pub(crate) fn tree(&self) -> Value {
        self.json().to_tree().into_owned()
    }
}
