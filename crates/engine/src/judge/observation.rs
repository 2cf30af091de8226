//! The parts of an exchange that rules over time compare with other exchanges.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The state of a resource in one exchange, reduced to the values that rules over time read.
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
    pub(crate) request: Option<Value>,
    /// `response`, if a rule over time reads it.
    pub(crate) response: Option<Value>,
}

impl Observation {
    /// About the memory that it needs, in bytes.
    pub(crate) fn size(&self) -> usize {
        let instances = self.instances.iter().map(|instance| {
            let lists = size_of::<usize>() * (instance.rules.len() + instance.earlier.len());
            size_of::<ObservedInstance>() + lists + instance.identity.len() + instance.pointer.len() + size_of_value(&instance.value)
        });
        let heads = self.request.iter().chain(&self.response).map(size_of_value);
        size_of::<Self>() + self.resource.len() + self.operation.len() + instances.sum::<usize>() + heads.sum::<usize>()
    }
}

/// About the memory that a value needs besides its own place, in bytes.
fn size_of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| size_of::<Value>() + size_of_value(item)).sum(),
        // A member has its key, its hash and its place in the index.
        Value::Object(members) => {
            let member = size_of::<(u64, String, Value)>() + 2 * size_of::<usize>();
            members.iter().map(|(key, value)| member + key.len() + size_of_value(value)).sum()
        }
        _ => 0,
    }
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
    pub(crate) value: Value,
}
