//! Objects with known keys: one slot for each, filled in any order, each at most once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, Visitor};

use super::text::{KEYS, is_unsure};
use super::{Accept, Accepting, At, Field, Later, Nullable, Read, Seed, Violation};

/// An object of values under any keys, in the order read.
pub type Map<T> = indexmap::IndexMap<String, T>;

/// A map that the entries of an object are put into.
pub trait Entries<T> {
    /// Puts an entry; whether its key was not there before.
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
    /// Reads the entries of an object that stands at a place.
    ///
    /// # Errors
    /// A key is unknown, missing or repeated, or a value breaks its schema.
    fn read_object<A: MapAccess<'de>>(entries: A, at: &At<'_>) -> Result<Self, A::Error>;
}

/// Reads an object.
///
/// # Errors
/// The value is no object, or breaks the schema of `T`.
pub fn read_object<'de, T: ReadObject<'de>, D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<T, D::Error> {
    struct Object<'a, T>(&'a At<'a>, PhantomData<T>);

    impl<'de, T: ReadObject<'de>> Accept<'de> for Object<'_, T> {
        type Value = T;

        fn at(&self) -> &At<'_> {
            self.0
        }

        fn promised(&self) -> &'static str {
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
/// What the deserialiser says.
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

/// A key that was met.
#[derive(Debug)]
pub enum Met<'de> {
    /// One that is known, by its place among them.
    Known(usize),
    /// Any other.
    Other(Cow<'de, str>),
}

/// The keys that an object may have, expected in the order in which documents are usually written.
#[derive(Debug)]
pub struct KnownKeys {
    keys: &'static [&'static str],
    next: usize,
    /// Whether a text writes each of them as it is.
    plain: bool,
}

impl KnownKeys {
    /// Keys in the order of the contract.
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
    /// What the deserialiser says.
    #[inline(always)]
    pub fn read<'de, A: MapAccess<'de>>(&mut self, entries: &mut A) -> Result<Option<Met<'de>>, A::Error> {
        entries.next_key_seed(self)
    }

    #[inline(always)]
    fn expected(&self) -> &'static [&'static str] {
        self.keys.get(self.next..).unwrap_or_default()
    }

    /// The place of a key: looked for behind the last one first.
    #[inline]
    fn place(&mut self, key: &str) -> Option<usize> {
        let before = || self.keys.iter().position(|known| *known == key);
        let found = self.expected().iter().position(|known| *known == key);
        let place = found.map(|index| self.next + index).or_else(before)?;
        self.next = place + 1;
        Some(place)
    }
}

impl<'de> DeserializeSeed<'de> for &mut KnownKeys {
    type Value = Met<'de>;

    #[inline(always)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Met<'de>, D::Error> {
        match is_unsure::<D::Error>() && self.plain {
            // Our own reader looks for the keys itself, where it is told of them.
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
        Ok(self.place(key).map_or(Met::Other(Cow::Borrowed(key)), Met::Known))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Met<'de>, E> {
        Ok(self.place(key).map_or_else(|| Met::Other(Cow::Owned(key.to_owned())), Met::Known))
    }

    #[inline(always)]
    fn visit_enum<A: EnumAccess<'de>>(self, key: A) -> Result<Met<'de>, A::Error> {
        let (found, _) = key.variant_seed(Found { known: self })?;
        Ok(found)
    }
}

/// The key that our own reader found: by its place among those expected, or by its name.
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
        let place = self.known.next + index as usize;
        self.known.next = place + 1;
        Ok(Met::Known(place))
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Met<'de>, E> {
        self.known.visit_borrowed_str(key)
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Met<'de>, E> {
        self.known.visit_str(key)
    }
}

/// The refusal of a key that a closed object does not know.
pub fn unknown_key<E: Error>(at: &At<'_>, key: &str) -> E {
    Violation::new("additionalProperties", "no other key", format_args!("the key {key:?}")).at(&At::Key(at, key))
}

/// The refusal of a key that stands twice.
pub(super) fn repeated_key<E: Error>(at: &At<'_>, key: &str) -> E {
    E::custom(format_args!("at \"{at}\": the key {key:?} is repeated"))
}

/// The place of one key's value while an object is read.
#[derive(Debug)]
pub struct Slot<T>(Option<T>);

impl<T> Slot<T> {
    /// An empty slot.
    #[allow(clippy::new_without_default, reason = "a slot is made by generated code only, by name")]
    pub fn new() -> Self {
        Self(None)
    }

    /// Reads the value of the key that was met last.
    ///
    /// # Errors
    /// The key is repeated, or the value breaks its schema.
    pub fn fill<'de, A: MapAccess<'de>>(&mut self, entries: &mut A, at: &At<'_>, key: &str) -> Result<(), A::Error>
    where
        T: Read<'de>,
    {
        if self.0.is_some() {
            return Err(repeated_key(at, key));
        }
        self.0 = Some(entries.next_value_seed(Seed::new(&At::Key(at, key)))?);
        Ok(())
    }

    /// Whether the key was met.
    pub fn is_met(&self) -> bool {
        self.0.is_some()
    }

    /// The value of a key that must be there.
    ///
    /// # Errors
    /// The key was not met.
    pub fn required<E: Error>(self, at: &At<'_>, key: &str) -> Result<T, E> {
        self.0.ok_or_else(|| Violation::new("required", format_args!("the key {key:?}"), "no such key").at(at))
    }

    /// The value of a key that may be absent.
    pub fn optional(self) -> Option<T> {
        self.0
    }
}

impl<T> Slot<Nullable<T>> {
    /// The value of a key that may be absent or null.
    pub fn field(self) -> Field<T> {
        self.0.into()
    }
}

impl Slot<Later<'_>> {
    /// Reads the value, now that it is known what it is.
    ///
    /// # Errors
    /// The value breaks its schema.
    pub fn later<T: for<'h> Read<'h>, E: Error>(self, at: &At<'_>, key: &str) -> Result<Slot<T>, E> {
        self.0.map(|later| later.into(&At::Key(at, key))).transpose().map(Slot)
    }
}

/// Reads the value of a key that an open object does not know.
///
/// # Errors
/// The key is repeated, or the value breaks its schema.
pub fn read_additional<'de, T: Read<'de>, A: MapAccess<'de>>(
    additional: &mut impl Entries<T>,
    entries: &mut A,
    at: &At<'_>,
    key: &str,
) -> Result<(), A::Error> {
    let value = entries.next_value_seed(Seed::new(&At::Key(at, key)))?;
    if additional.put(key.to_owned(), value) { Ok(()) } else { Err(repeated_key(at, key)) }
}
