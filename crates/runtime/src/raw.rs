//! Values as JSON text if the deserialiser is the fast path, otherwise as the parsed value.

use std::fmt;

use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::held::{Given, Held, Hold};
use super::pass::Pass;
use super::text::is_fast_path;
use super::{Accept, Accepting, At, Read};

/// The name of the newtype struct by which a visitor requests the text of a value.
pub(super) const RAW: &str = "$charter::raw";

/// The text of a value, or the parsed value.
#[derive(Debug)]
pub(super) enum Raw<'de, T> {
    /// Strict JSON without duplicate keys.
    Text(&'de [u8]),
    Read(T),
}

/// Reads the text of a value from the fast path, and the parsed value from every other deserialiser.
pub(super) fn read_raw<'de, A: Accept<'de>, D: Deserializer<'de>>(deserializer: D, accept: A) -> Result<Raw<'de, A::Value>, D::Error> {
    match is_fast_path::<D::Error>() {
        true => deserializer.deserialize_newtype_struct(RAW, TextOr(Accepting(accept))),
        false => deserializer.deserialize_any(Accepting(accept)).map(Raw::Read),
    }
}

struct TextOr<A>(Accepting<A>);

/// Forwards values that are parsed already.
macro_rules! visit_as_read {
    ($($method:ident: $type:ty,)*) => {
        $(
            fn $method<E: Error>(self, value: $type) -> Result<Self::Value, E> {
                self.0.$method(value).map(Raw::Read)
            }
        )*
    };
}

impl<'de, A: Accept<'de>> Visitor<'de> for TextOr<A> {
    type Value = Raw<'de, A::Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self.0).map(Raw::Read)
    }

    fn visit_borrowed_bytes<E: Error>(self, text: &'de [u8]) -> Result<Self::Value, E> {
        Ok(Raw::Text(text))
    }

    visit_as_read! {
        visit_bool: bool,
        visit_i64: i64,
        visit_u64: u64,
        visit_f64: f64,
        visit_str: &str,
        visit_borrowed_str: &'de str,
        visit_string: String,
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        self.0.visit_unit().map(Raw::Read)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        self.0.visit_none().map(Raw::Read)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.visit_some(deserializer).map(Raw::Read)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, items: S) -> Result<Self::Value, S::Error> {
        self.0.visit_seq(items).map(Raw::Read)
    }

    fn visit_map<M: MapAccess<'de>>(self, entries: M) -> Result<Self::Value, M::Error> {
        self.0.visit_map(entries).map(Raw::Read)
    }
}

/// A value that is parsed when its type is known.
#[derive(Debug)]
pub struct Later<'de>(Raw<'de, Held<'de>>);

impl Later<'_> {
    /// Reads the value.
    ///
    /// # Errors
    /// The value is invalid under the schema of `T`.
    pub fn into<T: for<'h> Read<'h>, E: Error>(self, at: &At<'_>) -> Result<T, E> {
        match self.0 {
            Raw::Text(text) => {
                let mut pass = Pass::over(std::str::from_utf8(text).map_err(E::custom)?);
                let value = T::read(&mut pass, at).map_err(E::custom)?;
                pass.finish().map(|()| value).map_err(E::custom)
            }
            Raw::Read(held) => T::read(Given::new(&held), at),
        }
    }
}

impl<'de> Read<'de> for Later<'de> {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        read_raw(deserializer, Hold(at)).map(Self)
    }
}
