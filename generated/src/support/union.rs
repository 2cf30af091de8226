//! Unions: a value is held until what tells its branches apart has been seen, then read as that branch alone.

use serde::de::{Deserializer, Error};
use serde_json::Value;

use super::{At, Read, Violation};

/// A value that is held until its branch is known.
#[derive(Debug)]
pub struct Buffered(Value);

impl Buffered {
    /// Reads a value of any kind.
    ///
    /// # Errors
    /// A key is repeated, or what the deserialiser says.
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        Value::read(deserializer, at).map(Self)
    }

    /// Whether the value is an object that has a key.
    pub fn has_key(&self, key: &str) -> bool {
        self.0.get(key).is_some()
    }

    /// The text at a key of an object.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    /// The type of the value in the words of JSON Schema; numbers without a fraction are `integer`.
    pub fn type_(&self) -> &'static str {
        match &self.0 {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(|value| value.fract() != 0.0) => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// Tries to read the value as one branch, and keeps it.
    ///
    /// # Errors
    /// The value breaks the branch's schema.
    pub fn attempt<T: for<'de> Read<'de>>(&self, at: &At<'_>) -> Result<T, String> {
        T::read(&self.0, at).map_err(|error: serde_json::Error| error.to_string())
    }

    /// Reads the value as one branch.
    ///
    /// # Errors
    /// The value breaks the branch's schema.
    pub fn into<T: for<'de> Read<'de>, E: Error>(self, at: &At<'_>) -> Result<T, E> {
        T::read(self.0, at).map_err(E::custom)
    }
}

/// The refusal of a value that no branch takes.
pub fn refused<E: Error>(at: &At<'_>, keyword: &'static str, promised: &str, found: &str) -> E {
    Violation::new(keyword, promised, found).at(at)
}

/// Why each branch of a union refused a value.
#[derive(Debug)]
pub struct Refusals {
    keyword: &'static str,
    all: Vec<String>,
}

impl Refusals {
    /// No branch was tried yet.
    pub fn new(keyword: &'static str) -> Self {
        Self { keyword, all: Vec::new() }
    }

    /// A branch refused the value.
    pub fn add(&mut self, error: String) {
        self.all.push(error);
    }

    /// The refusal by every branch: what the one that came furthest says.
    pub fn into_error<E: Error>(self, at: &At<'_>) -> E {
        // A message begins with the place: the longer its pointer, the further the branch came.
        let depth = |error: &String| error.split('"').nth(1).map_or(0, |place| place.matches('/').count());
        let mut closest = String::new();
        for error in self.all {
            if closest.is_empty() || depth(&error) > depth(&closest) {
                closest = error;
            }
        }
        Violation::new(self.keyword, "one of the branches", "a value that none takes").because(closest).at(at)
    }
}
