//! Reading a text in one pass that gives no reasons: what it takes, `serde_json` takes too, and as the same value. Everything
//! else it leaves to `serde_json`, which finds out and says why.
//!
//! Errors without words keep the way of a document that is right free of all that errors need.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::U64Deserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::pass::{Inside, Pass};
use super::raw::RAW;
use super::{At, Read};

/// Reads a document, faster than `serde_json::from_str`, and with the same result.
///
/// Open values, of which nothing is promised, are kept as their text until they are looked at.
///
/// # Errors
/// The text is no JSON, or the document breaks the schema of `T`.
pub fn from_str<'de, T: Read<'de>>(text: &'de str) -> serde_json::Result<T> {
    let mut pass = Pass::over(text);
    match T::read(&mut pass, &At::Root) {
        Ok(document) if pass.finish().is_ok() => Ok(document),
        _ => explained(serde_json::Deserializer::from_str(text)),
    }
}

/// The same of bytes.
///
/// # Errors
/// The bytes are not UTF-8, and as for [`from_str`].
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

/// No answer: the text may be wrong, or only unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsure;

impl fmt::Display for Unsure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no answer")
    }
}

impl std::error::Error for Unsure {}

impl Error for Unsure {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

/// The name by which a key is asked for that is one of some, written as they are.
pub(super) const KEYS: &str = "$charter::keys";

/// Whether errors of this type come of this module's reader.
#[inline(always)]
pub(super) fn is_unsure<E>() -> bool {
    std::any::type_name::<E>() == std::any::type_name::<Unsure>()
}

pub(super) type Sure<T> = Result<T, Unsure>;

impl<'de> Pass<'de> {
    #[inline(always)]
    fn visit_string<V: Visitor<'de>>(&mut self, visitor: V) -> Sure<V::Value> {
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }
}

/// Hands a value over where it begins with a byte of the kind asked for.
macro_rules! deserialize_kinds {
    ($($first:pat => $($method:ident)*,)*) => {
        $($(
            #[inline]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Sure<V::Value> {
                if matches!(self.peek(), $first) { self.deserialize_any(visitor) } else { Err(Unsure) }
            }
        )*)*
    };
}

impl<'de> Deserializer<'de> for &mut Pass<'de> {
    type Error = Unsure;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Sure<V::Value> {
        match self.peek() {
            b'"' => self.visit_string(visitor),
            b'{' => self.inside(b'}', |entries| visitor.visit_map(entries)),
            b'[' => self.inside(b']', |items| visitor.visit_seq(items)),
            b'-' | b'0'..=b'9' => self.number(visitor),
            b'n' => self.literal(b"null").and_then(|()| visitor.visit_unit()),
            b't' => self.literal(b"true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.literal(b"false").and_then(|()| visitor.visit_bool(false)),
            _ => Err(Unsure),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Sure<V::Value> {
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

    fn deserialize_struct<V: Visitor<'de>>(self, _name: &'static str, _fields: &'static [&'static str], visitor: V) -> Sure<V::Value> {
        self.deserialize_any(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Sure<V::Value> {
        if name == RAW { visitor.visit_borrowed_bytes(self.any()?.as_bytes()) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Sure<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Sure<V::Value> {
        self.deserialize_any(visitor)
    }

    // What types of one's own may ask for besides, and generated ones never do.

    fn deserialize_f32<V: Visitor<'de>>(self, _visitor: V) -> Sure<V::Value> {
        Err(Unsure)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, _visitor: V) -> Sure<V::Value> {
        Err(Unsure)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, _visitor: V) -> Sure<V::Value> {
        Err(Unsure)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, _visitor: V) -> Sure<V::Value> {
        Err(Unsure)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _name: &'static str, _length: usize, _visitor: V) -> Sure<V::Value> {
        Err(Unsure)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _name: &'static str, _variants: &'static [&'static str], _visitor: V) -> Sure<V::Value> {
        Err(Unsure)
    }
}

impl<'de> MapAccess<'de> for Inside<'_, 'de> {
    type Error = Unsure;

    #[inline(always)]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Sure<Option<K::Value>> {
        if self.goes_on()? { seed.deserialize(Key(self.pass)).map(Some) } else { Ok(None) }
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Sure<S::Value> {
        self.pass.take(b':')?;
        seed.deserialize(&mut *self.pass)
    }
}

impl<'de> SeqAccess<'de> for Inside<'_, 'de> {
    type Error = Unsure;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Sure<Option<S::Value>> {
        if self.goes_on()? { seed.deserialize(&mut *self.pass).map(Some) } else { Ok(None) }
    }
}

/// The key that comes next.
struct Key<'p, 'de>(&'p mut Pass<'de>);

impl<'de> Deserializer<'de> for Key<'_, 'de> {
    type Error = Unsure;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Sure<V::Value> {
        self.0.visit_string(visitor)
    }

    #[inline(always)]
    fn deserialize_enum<V: Visitor<'de>>(self, name: &'static str, keys: &'static [&'static str], visitor: V) -> Sure<V::Value> {
        visitor.visit_enum(OneOf { key: self, keys: if name == KEYS { keys } else { &[] } })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}

/// The same where it is known which keys are expected: what is one of them need not be looked at byte by byte.
struct OneOf<'p, 'de> {
    key: Key<'p, 'de>,
    keys: &'static [&'static str],
}

impl<'de> EnumAccess<'de> for OneOf<'_, 'de> {
    type Error = Unsure;
    type Variant = Unit;

    #[inline(always)]
    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Sure<(S::Value, Unit)> {
        let value = match self.key.0.one_of(self.keys) {
            Some(key) => seed.deserialize(U64Deserializer::new(key as u64)),
            None => another(self.key, seed),
        };
        value.map(|value| (value, Unit))
    }
}

#[cold]
#[inline(never)]
fn another<'de, S: DeserializeSeed<'de>>(key: Key<'_, 'de>, seed: S) -> Sure<S::Value> {
    seed.deserialize(key)
}

/// A key has nothing with it.
struct Unit;

impl<'de> VariantAccess<'de> for Unit {
    type Error = Unsure;

    fn unit_variant(self) -> Sure<()> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _seed: S) -> Sure<S::Value> {
        Err(Unsure)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, _visitor: V) -> Sure<V::Value> {
        Err(Unsure)
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], _visitor: V) -> Sure<V::Value> {
        Err(Unsure)
    }
}
