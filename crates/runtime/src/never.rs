//! The type of a schema without valid values.

use serde::de::Deserializer;
use serde::{Serialize, Serializer};

use super::{At, Read, Value, Violation};

/// A type without values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Never {}

impl<'de> Read<'de> for Never {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        let found = Value::read(deserializer, at)?;
        Err(Violation::new("false", "no value", found).at(at))
    }
}

impl Serialize for Never {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

super::read::deserialize_by_reading!(Never);
