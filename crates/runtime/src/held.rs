//! A value that is buffered until its branch is known. Objects are lists, without hashing; strings are borrowed from the input if possible.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::object::{duplicate_key, read_key};
use super::{Accept, Accepting, At, Num, Read, Seed};

/// In objects with more keys, duplicate keys are found by sorting.
const FEW: usize = 16;

/// Any JSON value without duplicate keys.
#[derive(Debug)]
pub(super) enum Held<'de> {
    Null,
    Boolean(bool),
    Number(Num),
    String(Cow<'de, str>),
    Array(Vec<Held<'de>>),
    Object(Vec<(Cow<'de, str>, Held<'de>)>),
}

/// Accepts and buffers any value.
pub(super) struct Hold<'a>(pub(super) &'a At<'a>);

impl<'de> Accept<'de> for Hold<'_> {
    type Value = Held<'de>;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn expected(&self) -> &'static str {
        "any JSON value"
    }

    fn null<E: Error>(self) -> Result<Held<'de>, E> {
        Ok(Held::Null)
    }

    fn boolean<E: Error>(self, value: bool) -> Result<Held<'de>, E> {
        Ok(Held::Boolean(value))
    }

    fn number<E: Error>(self, value: Num) -> Result<Held<'de>, E> {
        Ok(Held::Number(value))
    }

    fn string<E: Error>(self, value: &str) -> Result<Held<'de>, E> {
        Ok(Held::String(Cow::Owned(value.to_owned())))
    }

    fn borrowed_string<E: Error>(self, value: &'de str) -> Result<Held<'de>, E> {
        Ok(Held::String(Cow::Borrowed(value)))
    }

    fn owned_string<E: Error>(self, value: String) -> Result<Held<'de>, E> {
        Ok(Held::String(Cow::Owned(value)))
    }

    fn array<A: SeqAccess<'de>>(self, mut items: A) -> Result<Held<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Seed::new(&At::Index(self.0, list.len())))? {
            list.push(item);
        }
        Ok(Held::Array(list))
    }

    fn object<A: MapAccess<'de>>(self, mut entries: A) -> Result<Held<'de>, A::Error> {
        let mut object: Vec<(Cow<'de, str>, Held<'de>)> = Vec::new();
        while let Some(key) = read_key(&mut entries)? {
            if object.len() < FEW && object.iter().any(|(known, _)| *known == key) {
                return Err(duplicate_key(self.0, &key));
            }
            let value = entries.next_value_seed(Seed::new(&At::Key(self.0, &key)))?;
            object.push((key, value));
        }
        match repeated(&object) {
            Some(key) => Err(duplicate_key(self.0, key)),
            None => Ok(Held::Object(object)),
        }
    }
}

/// A duplicate key of a large object.
fn repeated<'o>(object: &'o [(Cow<'_, str>, Held<'_>)]) -> Option<&'o str> {
    if object.len() <= FEW {
        return None;
    }
    let mut keys: Vec<&str> = object.iter().map(|(key, _)| &**key).collect();
    keys.sort_unstable();
    keys.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

impl<'de> Read<'de> for Held<'de> {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(Hold(at)))
    }
}

/// A deserialiser of a buffered value, with the error type of the caller.
pub(super) struct Given<'h, 'de, E>(&'h Held<'de>, PhantomData<E>);

impl<'h, 'de, E> Given<'h, 'de, E> {
    pub(super) fn new(held: &'h Held<'de>) -> Self {
        Self(held, PhantomData)
    }
}

impl<'de, E: Error> Deserializer<'de> for Given<'de, '_, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Held::Null => visitor.visit_unit(),
            Held::Boolean(value) => visitor.visit_bool(*value),
            Held::Number(Num::Signed(value)) => visitor.visit_i64(*value),
            Held::Number(Num::Unsigned(value)) => visitor.visit_u64(*value),
            Held::Number(Num::Float(value)) => visitor.visit_f64(*value),
            Held::String(text) => visitor.visit_borrowed_str(text),
            Held::Array(items) => visitor.visit_seq(Items(items.iter(), PhantomData)),
            Held::Object(entries) => visitor.visit_map(Entries { entries: entries.iter(), value: None, error: PhantomData }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Held::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

struct Items<'h, 'de, E>(std::slice::Iter<'h, Held<'de>>, PhantomData<E>);

impl<'h, E: Error> SeqAccess<'h> for Items<'h, '_, E> {
    type Error = E;

    fn next_element_seed<S: DeserializeSeed<'h>>(&mut self, seed: S) -> Result<Option<S::Value>, E> {
        self.0.next().map(|item| seed.deserialize(Given::new(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'h, 'de, E> {
    entries: std::slice::Iter<'h, (Cow<'de, str>, Held<'de>)>,
    value: Option<&'h Held<'de>>,
    error: PhantomData<E>,
}

impl<'h, E: Error> MapAccess<'h> for Entries<'h, '_, E> {
    type Error = E;

    fn next_key_seed<S: DeserializeSeed<'h>>(&mut self, seed: S) -> Result<Option<S::Value>, E> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'h>>(&mut self, seed: S) -> Result<S::Value, E> {
        match self.value.take() {
            Some(value) => seed.deserialize(Given::new(value)),
            None => Err(E::custom("the deserialiser requested a value before its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}
