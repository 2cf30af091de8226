//! Unions: a value is buffered until its branch is known, then read as that branch.

use serde::de::value::Error as Refusal;
use serde::de::{Deserializer, Error};

use super::held::{Given, Held};
use super::{At, Num, Read, Violation};

/// A value that is buffered until its branch is known.
#[derive(Debug)]
pub struct Buffered<'de>(Held<'de>);

impl<'de> Buffered<'de> {
    /// Reads a value of any kind.
    ///
    /// # Errors
    /// A duplicate key, or the error of the deserialiser.
    pub fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        Held::read(deserializer, at).map(Self)
    }

    /// Whether the value is an object that has a key.
    pub fn has_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The string at a key of an object.
    pub fn tag(&self, key: &str) -> Option<&str> {
        if let Some(Held::String(text)) = self.get(key) { Some(text) } else { None }
    }

    fn get(&self, key: &str) -> Option<&Held<'de>> {
        let Held::Object(entries) = &self.0 else { return None };
        entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The JSON Schema type of the value; numbers without a fraction are `integer`.
    pub fn type_(&self) -> &'static str {
        match &self.0 {
            Held::Null => "null",
            Held::Boolean(_) => "boolean",
            Held::Number(Num::Float(value)) if value.fract() != 0.0 => "number",
            Held::Number(_) => "integer",
            Held::String(_) => "string",
            Held::Array(_) => "array",
            Held::Object(_) => "object",
        }
    }

    /// Tries to read the value as one branch. The value can be read again.
    ///
    /// # Errors
    /// The value is invalid under the schema of the branch.
    pub fn attempt<T: for<'h> Read<'h>>(&self, at: &At<'_>) -> Result<T, String> {
        T::read(Given::<Refusal>::new(&self.0), at).map_err(|error| error.to_string())
    }

    /// Reads the value as one branch.
    ///
    /// # Errors
    /// The value is invalid under the schema of the branch.
    pub fn into<T: for<'h> Read<'h>, E: Error>(self, at: &At<'_>) -> Result<T, E> {
        T::read(Given::new(&self.0), at)
    }
}

/// The error for a value that no branch accepts.
pub fn refused<E: Error>(at: &At<'_>, keyword: &'static str, expected: &str, found: &str) -> E {
    Violation::new(keyword, expected, found).at(at)
}

/// The error of each branch of a union.
#[derive(Debug)]
pub struct Refusals {
    keyword: &'static str,
    all: Vec<String>,
}

impl Refusals {
    /// An empty list of errors.
    pub fn new(keyword: &'static str) -> Self {
        Self { keyword, all: Vec::new() }
    }

    /// Adds the error of a branch.
    pub fn add(&mut self, error: String) {
        self.all.push(error);
    }

    /// The error of the union, with the error of the branch that matched best.
    pub fn into_error<E: Error>(self, at: &At<'_>) -> E {
        // A message begins with its location: a deeper JSON Pointer means that the branch matched more of the value.
        let depth = |error: &String| error.split('"').nth(1).map_or(0, |location| location.matches('/').count());
        let mut closest = String::new();
        for error in self.all {
            if closest.is_empty() || depth(&error) > depth(&closest) {
                closest = error;
            }
        }
        Violation::new(self.keyword, "one of the branches", "a value that none accepts").because(closest).at(at)
    }
}
