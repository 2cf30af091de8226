//! What is kept of an exchange so that rules over time can compare it with another of the same resource.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One resource as one exchange showed it, reduced to what rules over time read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Observation {
    /// The kind of resource and what it is known by.
    pub resource: String,
    /// The operation that showed it.
    pub operation: String,
    /// When the request began, in nanoseconds since 1970.
    pub started: i64,
    /// When the answer had come.
    pub ended: i64,
    /// The parts that rules over time are about.
    pub(crate) instances: Vec<ObservedInstance>,
    /// `request`, where a rule over time reads it.
    pub(crate) request: Option<Value>,
    /// `response`, where a rule over time reads it.
    pub(crate) response: Option<Value>,
}

/// One part of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ObservedInstance {
    /// The rules over time that are asked of it, by their place in the contract's list.
    pub(crate) rules: Vec<usize>,
    /// The rules that later observations may compare it by.
    pub(crate) earlier: Vec<usize>,
    /// The part, told from its siblings by their keys.
    pub(crate) identity: String,
    /// Where it stands in this body.
    pub(crate) pointer: String,
    /// What is read of it.
    pub(crate) value: Value,
}
