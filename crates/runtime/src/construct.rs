//! Construction of objects: the arguments that builders take, and the error of a builder.

use std::convert::Infallible;
use std::fmt;
use std::num::TryFromIntError;

use super::{Field, Input, Nullable, Read, Violation};

/// Why a builder has no value: a property is missing or invalid, or the object as a whole is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    /// The location of the property in the object, as a JSON Pointer.
    location: String,
    message: String,
}

impl BuildError {
    /// An error of a property.
    fn at(key: &str, message: impl fmt::Display) -> Self {
        Self { location: super::At::Key(&super::At::Root, key).to_string(), message: message.to_string() }
    }

    /// An error of the object as a whole.
    pub fn whole(error: impl Into<Violation>) -> Self {
        let violation = error.into();
        Self { location: violation.pointer().to_owned(), message: violation.reasons().to_string() }
    }

    /// The JSON Pointer of the property; empty for the object as a whole.
    pub fn pointer(&self) -> &str {
        &self.location
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "at \"{}\": {}", self.location, self.message)
    }
}

impl std::error::Error for BuildError {}

impl From<Infallible> for Violation {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<TryFromIntError> for Violation {
    fn from(error: TryFromIntError) -> Self {
        Self::new("type", "an integer of the type", error)
    }
}

/// A value that a builder takes for a property that can be absent or null: an [`Input`], or an `Option` of one.
///
/// `How` is inferred.
pub trait OptionalInput<T, How> {
    /// The value.
    ///
    /// # Errors
    /// The conversion fails.
    fn optional_input(self) -> Result<Field<T>, String>;
}

impl<T, V: Input<T>> OptionalInput<T, ()> for V {
    fn optional_input(self) -> Result<Field<T>, String> {
        self.input().map(Field::Value)
    }
}

impl<T, V: Input<T>> OptionalInput<T, Option<()>> for Option<V> {
    fn optional_input(self) -> Result<Field<T>, String> {
        self.map_or(Ok(Field::Absent), |value| value.input().map(Field::Value))
    }
}

impl<T> OptionalInput<T, Nullable<()>> for Nullable<T> {
    fn optional_input(self) -> Result<Field<T>, String> {
        Ok(Some(self).into())
    }
}

impl<T> OptionalInput<T, Field<()>> for Field<T> {
    fn optional_input(self) -> Result<Field<T>, String> {
        Ok(self)
    }
}

/// The type of a property that can be null.
pub trait Property {
    /// The type of a value that is not null.
    type Of;
}

impl<T> Property for Nullable<T> {
    type Of = T;
}

/// The first error of a builder.
#[derive(Clone, Debug, Default)]
pub struct Invalid(Option<BuildError>);

impl Invalid {
    /// Sets a required property.
    pub fn required<T>(&mut self, slot: &mut Option<T>, key: &str, value: impl Input<T>) {
        *slot = self.note(key, value.input());
    }

    /// Sets a property that can be absent.
    pub fn optional<T, How>(&mut self, slot: &mut Option<T>, key: &str, value: impl OptionalInput<T, How>) {
        *slot = self.note(key, value.optional_input()).and_then(Field::into_value);
    }

    /// Sets a required property that can be null.
    pub fn nullable<T, How>(&mut self, slot: &mut Option<Nullable<T>>, key: &str, value: impl OptionalInput<T, How>) {
        *slot = self.note(key, value.optional_input()).map(|value| value.into_value().into());
    }

    /// Sets a property that can be absent or null.
    pub fn field<T, How>(&mut self, slot: &mut Option<Nullable<T>>, key: &str, value: impl OptionalInput<T, How>) {
        *slot = self.note(key, value.optional_input()).and_then(Into::into);
    }

    /// Sets the items of a list.
    pub fn items<T, V: Input<T>>(&mut self, slot: &mut Option<Vec<T>>, key: &str, items: impl IntoIterator<Item = V>) {
        let items: Result<Vec<T>, String> = items.into_iter().map(Input::input).collect();
        *slot = self.note(key, items);
    }

    /// Notes an error, unless there is one already.
    fn note<T>(&mut self, key: &str, value: Result<T, String>) -> Option<T> {
        value.map_err(|message| self.0.get_or_insert_with(|| BuildError::at(key, message))).ok()
    }

    /// Ends the construction, with the value or the key of a required property that has none.
    ///
    /// # Errors
    /// The error that was noted, or that of the property.
    pub fn end<T>(self, value: Result<T, &str>) -> Result<T, BuildError> {
        match self.0 {
            Some(error) => Err(error),
            None => value.map_err(|key| BuildError::at(key, "required: the property has no value")),
        }
    }
}

/// The type that a builder makes of an object.
///
/// # Errors
/// The object as a whole is invalid.
pub fn built<T, U: TryFrom<T>>(value: T) -> Result<U, BuildError>
where
    U::Error: Into<Violation>,
{
    value.try_into().map_err(BuildError::whole)
}

/// A `default` or `const` of the contract. The generator has checked that it is valid under the schema of the type.
///
/// # Panics
/// The generator has a defect: the value is invalid.
pub fn of_contract<T: for<'t> Read<'t>>(json: &str) -> T {
    match super::from_str(json) {
        Ok(value) => value,
        Err(error) => panic!("the generator wrote a default that is invalid under its schema: {json}: {error}"),
    }
}
