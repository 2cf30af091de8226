//! Texts of a format: kept as they are written, and read as a type of Rust when asked.
//!
//! Two texts may name one instant, or one address; which of them a document holds is part of the document. What a text is read as
//! never decides whether it is accepted: that is for the schema.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::net::{AddrParseError, Ipv4Addr, Ipv6Addr};
use std::ops::Deref;

use serde::de::Deserializer;
use serde::{Serialize, Serializer};

use super::{At, Read};

/// A type that texts of a format are read as.
pub trait Format: Sized {
    /// Why a text cannot be read.
    type Error;

    /// Reads a text.
    ///
    /// # Errors
    /// The text is none that the type could hold.
    fn parse(text: &str) -> Result<Self, Self::Error>;

    /// Writes the value as the format asks.
    fn write(&self) -> String;
}

/// A text of a format, as it is written.
pub struct Written<T> {
    text: String,
    read_as: PhantomData<fn() -> T>,
}

impl<T> Written<T> {
    /// The text as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text itself.
    pub fn into_string(self) -> String {
        self.text
    }
}

impl<T: Format> Written<T> {
    /// What the text says.
    ///
    /// # Errors
    /// The text is none that the type could hold.
    pub fn value(&self) -> Result<T, T::Error> {
        T::parse(&self.text)
    }
}

impl<T> From<String> for Written<T> {
    fn from(text: String) -> Self {
        Self { text, read_as: PhantomData }
    }
}

impl<T: Format> From<T> for Written<T> {
    fn from(value: T) -> Self {
        value.write().into()
    }
}

impl<T> Deref for Written<T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<T> Clone for Written<T> {
    fn clone(&self) -> Self {
        self.text.clone().into()
    }
}

impl<T> fmt::Debug for Written<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(formatter)
    }
}

impl<T> fmt::Display for Written<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl<T> PartialEq for Written<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for Written<T> {}

impl<T> PartialOrd for Written<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By the text.
impl<T> Ord for Written<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<T> Hash for Written<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<T> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T> Read<'de> for Written<T> {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        String::read(deserializer, at).map(Self::from)
    }
}

impl<'de, T> serde::Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer, &At::Root)
    }
}

/// Formats that a type reads and writes by itself.
macro_rules! format_by_itself {
    ($($type:ty, $error:ty;)*) => {
        $(
            impl Format for $type {
                type Error = $error;

                fn parse(text: &str) -> Result<Self, $error> {
                    text.parse()
                }

                fn write(&self) -> String {
                    self.to_string()
                }
            }
        )*
    };
}

format_by_itself! {
    Ipv4Addr, AddrParseError;
    Ipv6Addr, AddrParseError;
}
