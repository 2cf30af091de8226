//! Reading with a location, which every error contains. A type accepts some kinds of JSON value; the others are `type` errors.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{At, Violation};

/// A type whose values are valid under its schema: reading validates.
pub trait Read<'de>: Sized {
    /// Reads a value at a location.
    ///
    /// # Errors
    /// The value is invalid: the message has the location, the keyword and the value.
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error>;
}

/// A serde seed that reads a `T` at a location.
#[derive(Debug)]
pub struct Seed<'a, T> {
    at: &'a At<'a>,
    read: PhantomData<T>,
}

impl<'a, T> Seed<'a, T> {
    /// A seed for a location.
    pub fn new(at: &'a At<'a>) -> Self {
        Self { at, read: PhantomData }
    }
}

impl<'de, T: Read<'de>> DeserializeSeed<'de> for Seed<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer, self.at)
    }
}

/// A number as the deserialiser passed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Num {
    /// A negative integer, or one that the deserialiser passed as signed.
    Signed(i64),
    /// An integer.
    Unsigned(u64),
    /// Any other number; finite.
    Float(f64),
}

impl fmt::Display for Num {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed(value) => fmt::Display::fmt(value, formatter),
            Self::Unsigned(value) => fmt::Display::fmt(value, formatter),
            Self::Float(value) => fmt::Display::fmt(value, formatter),
        }
    }
}

/// The kinds of JSON value that a type accepts. Each kind is an error unless its method is overridden.
#[allow(missing_docs, reason = "one method for each kind of JSON value, named after it; in a copy the lint may not apply")]
pub trait Accept<'de>: Sized {
    /// The result for an accepted value.
    type Value;

    /// The location of the value.
    fn at(&self) -> &At<'_>;

    /// The expected types, with their names in JSON Schema.
    fn expected(&self) -> &'static str;

    /// The error for a value of another type.
    fn mismatch<E: Error>(&self, found: impl fmt::Display) -> E {
        Violation::new("type", self.expected(), found).at(self.at())
    }

    fn null<E: Error>(self) -> Result<Self::Value, E> {
        Err(self.mismatch("null"))
    }

    fn boolean<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Err(self.mismatch(value))
    }

    fn number<E: Error>(self, value: Num) -> Result<Self::Value, E> {
        Err(self.mismatch(value))
    }

    fn string<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Err(self.mismatch(format_args!("{value:?}")))
    }

    fn borrowed_string<E: Error>(self, value: &'de str) -> Result<Self::Value, E> {
        self.string(value)
    }

    fn owned_string<E: Error>(self, value: String) -> Result<Self::Value, E> {
        self.string(&value)
    }

    fn array<A: SeqAccess<'de>>(self, _items: A) -> Result<Self::Value, A::Error> {
        Err(self.mismatch("an array"))
    }

    fn object<A: MapAccess<'de>>(self, _entries: A) -> Result<Self::Value, A::Error> {
        Err(self.mismatch("an object"))
    }
}

/// A visitor that passes each value to an [`Accept`].
#[derive(Debug)]
pub struct Accepting<T>(pub T);

impl<'de, T: Accept<'de>> Visitor<'de> for Accepting<T> {
    type Value = T::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.expected())
    }

    fn visit_unit<E: Error>(self) -> Result<T::Value, E> {
        self.0.null()
    }

    fn visit_none<E: Error>(self) -> Result<T::Value, E> {
        self.0.null()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T::Value, E> {
        self.0.boolean(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T::Value, E> {
        self.0.number(Num::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T::Value, E> {
        self.0.number(Num::Unsigned(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T::Value, E> {
        if value.is_finite() { self.0.number(Num::Float(value)) } else { Err(self.0.mismatch(value)) }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T::Value, E> {
        self.0.string(value)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<T::Value, E> {
        self.0.borrowed_string(value)
    }

    fn visit_string<E: Error>(self, value: String) -> Result<T::Value, E> {
        self.0.owned_string(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T::Value, A::Error> {
        self.0.array(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<T::Value, A::Error> {
        self.0.object(entries)
    }
}

impl<'de, T: Read<'de>> Read<'de> for Box<T> {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        T::read(deserializer, at).map(Box::new)
    }
}

impl<'de, T: Read<'de>> Read<'de> for Vec<T> {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        struct List<'a, T>(&'a At<'a>, PhantomData<T>);

        impl<'de, T: Read<'de>> Accept<'de> for List<'_, T> {
            type Value = Vec<T>;

            fn at(&self) -> &At<'_> {
                self.0
            }

            fn expected(&self) -> &'static str {
                "array"
            }

            fn array<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element_seed(Seed::new(&At::Index(self.0, list.len())))? {
                    list.push(item);
                }
                Ok(list)
            }
        }

        deserializer.deserialize_any(Accepting(List(at, PhantomData)))
    }
}

/// Implements `Deserialize` by `Read`.
macro_rules! deserialize_by_reading {
    ($($type:ty),* $(,)?) => {
        $(
            impl<'de> ::serde::Deserialize<'de> for $type {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    <Self as super::Read<'de>>::read(deserializer, &super::At::Root)
                }
            }
        )*
    };
}
pub(super) use deserialize_by_reading;
