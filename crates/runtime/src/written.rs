//! Strings with a `format`: they keep their text and are parsed as a Rust type on request.
//!
//! Different texts can denote the same instant or address, and the text is part of the document. The schema decides whether a text is
//! valid, not the Rust type.

use std::cmp::Ordering;
use std::convert::Infallible;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::net::{AddrParseError, Ipv4Addr, Ipv6Addr};
use std::ops::Deref;
use std::str::FromStr;

use serde::de::Deserializer;
use serde::{Serialize, Serializer};

use super::{At, Read};

/// A Rust type for strings with a `format`.
pub trait Format: Sized {
    /// The error of parsing.
    type Error;

    /// Parses a text.
    ///
    /// # Errors
    /// The type does not accept the text.
    fn parse(text: &str) -> Result<Self, Self::Error>;

    /// Writes the value in the format.
    fn write(&self) -> String;
}

/// A string with a `format`, with its original text.
pub struct Written<T> {
    text: String,
    read_as: PhantomData<fn() -> T>,
}

impl<T> Written<T> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, by value.
    pub fn into_string(self) -> String {
        self.text
    }
}

impl<T: Format> Written<T> {
    /// The parsed value.
    ///
    /// # Errors
    /// The type does not accept the text.
    pub fn value(&self) -> Result<T, T::Error> {
        T::parse(&self.text)
    }
}

impl<T> From<String> for Written<T> {
    fn from(text: String) -> Self {
        Self { text, read_as: PhantomData }
    }
}

impl<T> From<&str> for Written<T> {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<T> FromStr for Written<T> {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl<T> PartialEq<str> for Written<T> {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl<T> PartialEq<&str> for Written<T> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
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

/// The order of the texts.
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

/// Types whose `FromStr` and `Display` are the format.
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
