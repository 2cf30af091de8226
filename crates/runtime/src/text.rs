//! The fast path: reads a text in one pass without error details. It accepts only what `serde_json` accepts, with the same value. For
//! every other text, `serde_json` decides and reports the error.
//!
//! A zero-sized error keeps the success path cheap.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::U64Deserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::pass::{Inside, Pass};
use super::raw::RAW;
use super::{At, Read};

/// Reads a document faster than `serde_json::from_str`, with the same result.
///
/// Values of type [`Value`](super::Value) are parsed on first use.
///
/// # Errors
/// The text is not valid JSON, or the document is invalid under the schema of `T`.
pub fn from_str<'de, T: Read<'de>>(text: &'de str) -> serde_json::Result<T> {
    let mut pass = Pass::over(text);
    match T::read(&mut pass, &At::Root) {
        Ok(document) if pass.finish().is_ok() => Ok(document),
        _ => explained(serde_json::Deserializer::from_str(text)),
    }
}

/// Reads a document from bytes, as [`from_str`] does.
///
/// # Errors
/// The bytes are not valid UTF-8, and the errors of [`from_str`].
pub fn from_slice<'de, T: Read<'de>>(bytes: &'de [u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(bytes) {
        Ok(text) => from_str(text),
        Err(_) => explained(serde_json::Deserializer::from_slice(bytes)),
    }
}

#[cold]
fn explained<'de, T: Read<'de>, R: serde_json::de::Read<'de>>(mut deserializer: serde_json::Deserializer<R>) -> serde_json::Result<T> {
    let document = T::read(&mut deserializer, &At::Root)?;
    deserializer.end().map(|()| document)
}

/// The fast path falls back: the text is invalid or unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fallback;

impl fmt::Display for Fallback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the fast path fell back")
    }
}

impl std::error::Error for Fallback {}

impl Error for Fallback {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

/// The name of the enum by which a visitor requests one of several expected keys.
pub(super) const KEYS: &str = "$charter::keys";

/// Whether this is the error type of the fast path.
#[inline(always)]
pub(super) fn is_fast_path<E>() -> bool {
    std::any::type_name::<E>() == std::any::type_name::<Fallback>()
}

pub(super) type FastPath<T> = Result<T, Fallback>;

impl<'de> Pass<'de> {
    #[inline(always)]
    fn visit_string<V: Visitor<'de>>(&mut self, visitor: V) -> FastPath<V::Value> {
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }
}

/// Reads a value if its first byte belongs to the requested kind.
macro_rules! deserialize_kinds {
    ($($first:pat => $($method:ident)*,)*) => {
        $($(
            #[inline]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> FastPath<V::Value> {
                if matches!(self.peek(), $first) { self.deserialize_any(visitor) } else { Err(Fallback) }
            }
        )*)*
    };
}

impl<'de> Deserializer<'de> for &mut Pass<'de> {
    type Error = Fallback;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> FastPath<V::Value> {
        match self.peek() {
            b'"' => self.visit_string(visitor),
            b'{' => self.inside(b'}', |entries| visitor.visit_map(entries)),
            b'[' => self.inside(b']', |items| visitor.visit_seq(items)),
            b'-' | b'0'..=b'9' => self.number(visitor),
            b'n' => self.literal(b"null").and_then(|()| visitor.visit_unit()),
            b't' => self.literal(b"true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.literal(b"false").and_then(|()| visitor.visit_bool(false)),
            _ => Err(Fallback),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> FastPath<V::Value> {
        match self.peek() {
            b'n' => self.literal(b"null").and_then(|()| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    deserialize_kinds! {
        b'"' => deserialize_str deserialize_string deserialize_char deserialize_identifier,
        b'{' => deserialize_map,
        b'[' => deserialize_seq,
        b'-' | b'0'..=b'9' => deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
            deserialize_u32 deserialize_u64 deserialize_f64,
        b't' | b'f' => deserialize_bool,
        b'n' => deserialize_unit,
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _name: &'static str, _fields: &'static [&'static str], visitor: V) -> FastPath<V::Value> {
        self.deserialize_any(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> FastPath<V::Value> {
        if name == RAW { visitor.visit_borrowed_bytes(self.any()?.as_bytes()) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> FastPath<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> FastPath<V::Value> {
        self.deserialize_any(visitor)
    }

    // Only the user's own types request these.

    fn deserialize_f32<V: Visitor<'de>>(self, _visitor: V) -> FastPath<V::Value> {
        Err(Fallback)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, _visitor: V) -> FastPath<V::Value> {
        Err(Fallback)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, _visitor: V) -> FastPath<V::Value> {
        Err(Fallback)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, _visitor: V) -> FastPath<V::Value> {
        Err(Fallback)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _name: &'static str, _length: usize, _visitor: V) -> FastPath<V::Value> {
        Err(Fallback)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _name: &'static str, _variants: &'static [&'static str], _visitor: V) -> FastPath<V::Value> {
        Err(Fallback)
    }
}

impl<'de> MapAccess<'de> for Inside<'_, 'de> {
    type Error = Fallback;

    #[inline(always)]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> FastPath<Option<K::Value>> {
        if self.goes_on()? { seed.deserialize(Key(self.pass)).map(Some) } else { Ok(None) }
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> FastPath<S::Value> {
        self.pass.take(b':')?;
        seed.deserialize(&mut *self.pass)
    }
}

impl<'de> SeqAccess<'de> for Inside<'_, 'de> {
    type Error = Fallback;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> FastPath<Option<S::Value>> {
        if self.goes_on()? { seed.deserialize(&mut *self.pass).map(Some) } else { Ok(None) }
    }
}

/// The next key.
struct Key<'p, 'de>(&'p mut Pass<'de>);

impl<'de> Deserializer<'de> for Key<'_, 'de> {
    type Error = Fallback;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> FastPath<V::Value> {
        self.0.visit_string(visitor)
    }

    #[inline(always)]
    fn deserialize_enum<V: Visitor<'de>>(self, name: &'static str, keys: &'static [&'static str], visitor: V) -> FastPath<V::Value> {
        visitor.visit_enum(OneOf { key: self, keys: if name == KEYS { keys } else { &[] } })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}

/// The next key if the expected keys are known: an expected key is compared as a whole.
struct OneOf<'p, 'de> {
    key: Key<'p, 'de>,
    keys: &'static [&'static str],
}

impl<'de> EnumAccess<'de> for OneOf<'_, 'de> {
    type Error = Fallback;
    type Variant = Unit;

    #[inline(always)]
    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> FastPath<(S::Value, Unit)> {
        let value = match self.key.0.one_of(self.keys) {
            Some(key) => seed.deserialize(U64Deserializer::new(key as u64)),
            None => another(self.key, seed),
        };
        value.map(|value| (value, Unit))
    }
}

#[cold]
#[inline(never)]
fn another<'de, S: DeserializeSeed<'de>>(key: Key<'_, 'de>, seed: S) -> FastPath<S::Value> {
    seed.deserialize(key)
}

/// The content of the variant of a key: none.
struct Unit;

impl<'de> VariantAccess<'de> for Unit {
    type Error = Fallback;

    fn unit_variant(self) -> FastPath<()> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _seed: S) -> FastPath<S::Value> {
        Err(Fallback)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, _visitor: V) -> FastPath<V::Value> {
        Err(Fallback)
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], _visitor: V) -> FastPath<V::Value> {
        Err(Fallback)
    }
}
