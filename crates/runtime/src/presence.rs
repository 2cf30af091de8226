//! Absent, null and value as separate states. An optional property is an `Option`, one that allows null a [`Nullable`], and one that is
//! optional and allows null a [`Field`].

use std::marker::PhantomData;

use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use super::{At, Integer, Number, Read, Violation};

/// A required value that may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nullable<T> {
    /// `null`
    Null,
    /// A value.
    Value(T),
}

/// A property with three states: absent, null or a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field<T> {
    /// The property is absent.
    #[default]
    Absent,
    /// The property is `null`.
    Null,
    /// The property has a value.
    Value(T),
}

/// The methods that [`Nullable`] and [`Field`] have in common.
macro_rules! value_methods {
    ($($name:ident)*) => {
        $(
            impl<T> $name<T> {
                /// The value, if there is one.
                pub fn value(&self) -> Option<&T> {
                    match self {
                        Self::Value(value) => Some(value),
                        _ => None,
                    }
                }

                /// The value by value, if there is one.
                pub fn into_value(self) -> Option<T> {
                    match self {
                        Self::Value(value) => Some(value),
                        _ => None,
                    }
                }

                /// Whether it is present and null.
                pub fn is_null(&self) -> bool {
                    matches!(self, Self::Null)
                }

                /// The value by reference, if there is one: the same as [`value`](Self::value).
                #[allow(clippy::should_implement_trait, reason = "it returns an `Option`, as `Option::as_ref` does")]
                pub fn as_ref(&self) -> Option<&T> {
                    self.value()
                }

                /// The value by mutable reference, if there is one.
                #[allow(clippy::should_implement_trait, reason = "it returns an `Option`, as `Option::as_mut` does")]
                pub fn as_mut(&mut self) -> Option<&mut T> {
                    match self {
                        Self::Value(value) => Some(value),
                        _ => None,
                    }
                }

                /// What the value dereferences to, if there is one, such as a `str` for a text.
                pub fn as_deref(&self) -> Option<&T::Target>
                where
                    T: std::ops::Deref,
                {
                    self.value().map(std::ops::Deref::deref)
                }
            }

            impl<T> From<T> for $name<T> {
                fn from(value: T) -> Self {
                    Self::Value(value)
                }
            }

            impl<T> From<T> for $name<Box<T>> {
                fn from(value: T) -> Self {
                    Self::Value(Box::new(value))
                }
            }

            /// Infinite values and `NaN` are not numbers in JSON.
            impl TryFrom<f64> for $name<Number> {
                type Error = Violation;

                fn try_from(value: f64) -> Result<Self, Violation> {
                    value.try_into().map(Self::Value)
                }
            }
        )*
    };
}

value_methods!(Nullable Field);

impl<T> Field<T> {
    /// Whether the property is absent.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T> Field<T> {
    /// The field of a property that has a value or null, or is absent.
    #[doc(hidden)]
    pub fn of_property(value: Option<Nullable<T>>) -> Self {
        value.into()
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<T> From<Nullable<T>> for Option<T> {
    fn from(value: Nullable<T>) -> Self {
        value.into_value()
    }
}

/// Conversions from the types of literals.
macro_rules! of_literals {
    ($($literal:ty => $($type:ty)*;)*) => {
        $($(
            impl From<$literal> for Nullable<$type> {
                fn from(value: $literal) -> Self {
                    Self::Value(value.into())
                }
            }

            impl From<$literal> for Field<$type> {
                fn from(value: $literal) -> Self {
                    Self::Value(value.into())
                }
            }

            impl From<Option<$literal>> for Nullable<$type> {
                fn from(value: Option<$literal>) -> Self {
                    value.map_or(Self::Null, Self::from)
                }
            }

            impl From<Option<$literal>> for Field<$type> {
                fn from(value: Option<$literal>) -> Self {
                    value.map_or(Self::Absent, Self::from)
                }
            }
        )*)*
    };
}

of_literals! {
    &str => String;
    i32 => Number Integer;
    i64 => Number Integer;
    u64 => Number Integer;
}

/// `None` is an absent property.
impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl<T> From<Nullable<T>> for Field<T> {
    fn from(value: Nullable<T>) -> Self {
        Some(value).into()
    }
}

impl<T> From<Option<Nullable<T>>> for Field<T> {
    fn from(value: Option<Nullable<T>>) -> Self {
        match value {
            None => Self::Absent,
            Some(Nullable::Null) => Self::Null,
            Some(Nullable::Value(value)) => Self::Value(value),
        }
    }
}

/// An absent property is `None`.
impl<T> From<Field<T>> for Option<Nullable<T>> {
    fn from(value: Field<T>) -> Self {
        match value {
            Field::Absent => None,
            Field::Null => Some(Nullable::Null),
            Field::Value(value) => Some(Nullable::Value(value)),
        }
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

/// An absent value alone is written as null. Generated types omit the key.
impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_unit(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Read<'de>> serde::Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer, &At::Root)
    }
}

impl<'de, T: Read<'de>> Read<'de> for Nullable<T> {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        struct OrNull<'a, T>(&'a At<'a>, PhantomData<T>);

        impl<'de, T: Read<'de>> Visitor<'de> for OrNull<'_, T> {
            type Value = Nullable<T>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a value or null")
            }

            fn visit_unit<E: Error>(self) -> Result<Nullable<T>, E> {
                Ok(Nullable::Null)
            }

            fn visit_none<E: Error>(self) -> Result<Nullable<T>, E> {
                Ok(Nullable::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Nullable<T>, D::Error> {
                T::read(deserializer, self.0).map(Nullable::Value)
            }

            // Formats without a representation of options pass the value directly.
            fn visit_bool<E: Error>(self, value: bool) -> Result<Nullable<T>, E> {
                self.visit_some(serde::de::value::BoolDeserializer::new(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Nullable<T>, E> {
                self.visit_some(serde::de::value::I64Deserializer::new(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Nullable<T>, E> {
                self.visit_some(serde::de::value::U64Deserializer::new(value))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Nullable<T>, E> {
                self.visit_some(serde::de::value::F64Deserializer::new(value))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Nullable<T>, E> {
                self.visit_some(serde::de::value::StrDeserializer::new(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Nullable<T>, A::Error> {
                self.visit_some(serde::de::value::SeqAccessDeserializer::new(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Nullable<T>, A::Error> {
                self.visit_some(serde::de::value::MapAccessDeserializer::new(entries))
            }
        }

        deserializer.deserialize_option(OrNull(at, PhantomData))
    }
}
