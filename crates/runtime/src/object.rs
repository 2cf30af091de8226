//! Objects with known keys: one slot for each key, filled in any order and at most once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, Visitor};

use super::text::{KEYS, is_fast_path};
use super::{Accept, Accepting, At, Later, Read, Seed, Violation};

/// An object without known keys, in input order.
pub type Map<T> = indexmap::IndexMap<String, T>;

/// A map type for the entries of an object.
pub trait Entries<T> {
    /// Inserts an entry. Returns false if the key is a duplicate.
    fn put(&mut self, key: String, value: T) -> bool;
}

impl<T> Entries<T> for Map<T> {
    fn put(&mut self, key: String, value: T) -> bool {
        self.insert(key, value).is_none()
    }
}

impl<T> Entries<T> for BTreeMap<String, T> {
    fn put(&mut self, key: String, value: T) -> bool {
        self.insert(key, value).is_none()
    }
}

impl<T> Entries<T> for HashMap<String, T> {
    fn put(&mut self, key: String, value: T) -> bool {
        self.insert(key, value).is_none()
    }
}

/// A type that is read from the entries of an object.
pub trait ReadObject<'de>: Sized {
    /// Reads the entries of an object at a location.
    ///
    /// # Errors
    /// A key is unknown, missing or a duplicate, or a value is invalid.
    fn read_object<A: MapAccess<'de>>(entries: A, at: &At<'_>) -> Result<Self, A::Error>;
}

/// Reads an object.
///
/// # Errors
/// The value is not an object or is invalid under the schema of `T`.
pub fn read_object<'de, T: ReadObject<'de>, D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<T, D::Error> {
    struct Object<'a, T>(&'a At<'a>, PhantomData<T>);

    impl<'de, T: ReadObject<'de>> Accept<'de> for Object<'_, T> {
        type Value = T;

        fn at(&self) -> &At<'_> {
            self.0
        }

        fn expected(&self) -> &'static str {
            "object"
        }

        fn object<A: MapAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
            T::read_object(entries, self.0)
        }
    }

    deserializer.deserialize_any(Accepting(Object(at, PhantomData)))
}

/// Reads the next key of an object.
///
/// # Errors
/// The error of the deserialiser.
pub fn read_key<'de, A: MapAccess<'de>>(entries: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    struct Key;

    impl<'de> DeserializeSeed<'de> for Key {
        type Value = Cow<'de, str>;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_str(self)
        }
    }

    impl<'de> Visitor<'de> for Key {
        type Value = Cow<'de, str>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a key")
        }

        fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(key))
        }

        fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(key.to_owned()))
        }

        fn visit_string<E: Error>(self, key: String) -> Result<Self::Value, E> {
            Ok(Cow::Owned(key))
        }
    }

    entries.next_key_seed(Key)
}

/// A key of the input.
#[derive(Debug)]
pub enum Met<'de> {
    /// A known key, by its index.
    Known(usize),
    /// Any other key.
    Other(Cow<'de, str>),
}

/// The known keys of an object, with a prediction: the next key in the order of the contract is tried first.
#[derive(Debug)]
pub struct KnownKeys {
    keys: &'static [&'static str],
    next: usize,
    /// Whether JSON writes every key without an escape.
    plain: bool,
}

impl KnownKeys {
    /// The keys in the order of the contract.
    pub const fn new(keys: &'static [&'static str]) -> Self {
        let mut plain = true;
        let mut key = 0;
        while key < keys.len() {
            let bytes = keys[key].as_bytes();
            let mut at = 0;
            while at < bytes.len() {
                plain &= !matches!(bytes[at], b'"' | b'\\' | 0..0x20);
                at += 1;
            }
            key += 1;
        }
        Self { keys, next: 0, plain }
    }

    /// Reads the next key of an object.
    ///
    /// # Errors
    /// The error of the deserialiser.
    #[inline(always)]
    pub fn read<'de, A: MapAccess<'de>>(&mut self, entries: &mut A) -> Result<Option<Met<'de>>, A::Error> {
        entries.next_key_seed(self)
    }

    #[inline(always)]
    fn expected(&self) -> &'static [&'static str] {
        self.keys.get(self.next..).unwrap_or_default()
    }

    /// The index of a key. The search begins after the previous key.
    #[inline]
    fn index_of(&mut self, key: &str) -> Option<usize> {
        let before = || self.keys.iter().position(|known| *known == key);
        let found = self.expected().iter().position(|known| *known == key);
        let index = found.map(|index| self.next + index).or_else(before)?;
        self.next = index + 1;
        Some(index)
    }
}

impl<'de> DeserializeSeed<'de> for &mut KnownKeys {
    type Value = Met<'de>;

    #[inline(always)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Met<'de>, D::Error> {
        match is_fast_path::<D::Error>() && self.plain {
            // The fast path compares the input with the expected keys directly.
            true => deserializer.deserialize_enum(KEYS, self.expected(), self),
            false => deserializer.deserialize_str(self),
        }
    }
}

impl<'de> Visitor<'de> for &mut KnownKeys {
    type Value = Met<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Met<'de>, E> {
        Ok(self.index_of(key).map_or(Met::Other(Cow::Borrowed(key)), Met::Known))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Met<'de>, E> {
        Ok(self.index_of(key).map_or_else(|| Met::Other(Cow::Owned(key.to_owned())), Met::Known))
    }

    #[inline(always)]
    fn visit_enum<A: EnumAccess<'de>>(self, key: A) -> Result<Met<'de>, A::Error> {
        let (found, _) = key.variant_seed(Found { known: self })?;
        Ok(found)
    }
}

/// The key from the fast path: the index of an expected key, or the name of another key.
struct Found<'k> {
    known: &'k mut KnownKeys,
}

impl<'de> DeserializeSeed<'de> for Found<'_> {
    type Value = Met<'de>;

    #[inline(always)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Met<'de>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de> Visitor<'de> for Found<'_> {
    type Value = Met<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    #[inline(always)]
    fn visit_u64<E: Error>(self, index: u64) -> Result<Met<'de>, E> {
        let index = self.known.next + index as usize;
        self.known.next = index + 1;
        Ok(Met::Known(index))
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Met<'de>, E> {
        self.known.visit_borrowed_str(key)
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Met<'de>, E> {
        self.known.visit_str(key)
    }
}

/// The error for an unknown key of a closed object.
pub fn unknown_key<E: Error>(at: &At<'_>, key: &str) -> E {
    Violation::new("additionalProperties", "no other key", format_args!("the key {key:?}")).at(&At::Key(at, key))
}

/// The value that was read, or the error for the absence of a required key.
///
/// # Errors
/// The key is absent.
#[inline]
pub fn complete<T, E: Error>(at: &At<'_>, value: Result<T, &str>) -> Result<T, E> {
    value.map_err(|key| Violation::new("required", format_args!("the key {key:?}"), "no such key").at(at))
}

/// The error for a duplicate key.
pub(super) fn duplicate_key<E: Error>(at: &At<'_>, key: &str) -> E {
    E::custom(format_args!("at \"{at}\": duplicate key {key:?}"))
}

/// The value of one key while an object is read; at first `Slot(None)`.
#[derive(Debug)]
pub struct Slot<T>(pub Option<T>);

impl<T> Slot<T> {
    /// Reads the value of the current key.
    ///
    /// # Errors
    /// The key is a duplicate, or the value is invalid.
    pub fn fill<'de, A: MapAccess<'de>>(&mut self, entries: &mut A, at: &At<'_>, key: &str) -> Result<(), A::Error>
    where
        T: Read<'de>,
    {
        if self.0.is_some() {
            return Err(duplicate_key(at, key));
        }
        self.0 = Some(entries.next_value_seed(Seed::new(&At::Key(at, key)))?);
        Ok(())
    }

    /// Whether the key is present.
    pub fn is_met(&self) -> bool {
        self.0.is_some()
    }
}

impl Slot<Later<'_>> {
    /// Reads the buffered value as a type.
    ///
    /// # Errors
    /// The value is invalid.
    pub fn later<T: for<'h> Read<'h>, E: Error>(self, at: &At<'_>, key: &str) -> Result<Slot<T>, E> {
        self.0.map(|later| later.into(&At::Key(at, key))).transpose().map(Slot)
    }
}

/// Reads the value of an unknown key of an open object.
///
/// # Errors
/// The key is a duplicate, or the value is invalid.
pub fn read_additional<'de, T: Read<'de>, A: MapAccess<'de>>(
    additional: &mut impl Entries<T>,
    entries: &mut A,
    at: &At<'_>,
    key: &str,
) -> Result<(), A::Error> {
    let value = entries.next_value_seed(Seed::new(&At::Key(at, key)))?;
    if additional.put(key.to_owned(), value) { Ok(()) } else { Err(duplicate_key(at, key)) }
}
