//! Any JSON value: numbers as the deserialiser passed them, keys in input order, no duplicate keys.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::de::{Deserializer, Error, MapAccess, SeqAccess};
use serde::{Serialize, Serializer};
use serde_json::Number;

use super::object::{Entries, Map, duplicate_key, read_additional, read_key};
use super::raw::{Raw, read_raw};
use super::{Accept, Accepting, At, Num, Read, Seed};

/// Any JSON value, as a tree.
pub use serde_json::Value as Json;

/// Any JSON value. It dereferences to a [`serde_json::Value`]. [`from_str`](super::from_str) checks the syntax and duplicate keys at once
/// and builds the tree on first use.
#[derive(Clone)]
pub struct Value {
    /// The JSON text of the value; empty if the value was made from a tree.
    text: Box<[u8]>,
    tree: OnceLock<Box<Json>>,
}

impl Value {
    /// The value as a tree.
    pub fn into_json(self) -> Json {
        self.get();
        self.tree.into_inner().map_or(Json::Null, |tree| *tree)
    }

    fn get(&self) -> &Json {
        // The text was valid JSON when it was read.
        self.tree.get_or_init(|| Box::new(serde_json::from_slice(&self.text).unwrap_or(Json::Null)))
    }
}

impl Deref for Value {
    type Target = Json;

    fn deref(&self) -> &Json {
        self.get()
    }
}

impl From<Json> for Value {
    fn from(tree: Json) -> Self {
        Self { text: Box::default(), tree: OnceLock::from(Box::new(tree)) }
    }
}

/// Values from Rust types, as `serde_json` has them.
macro_rules! value_from {
    ($($type:ty),*) => {
        $(
            impl From<$type> for Value {
                fn from(value: $type) -> Self {
                    Json::from(value).into()
                }
            }
        )*
    };
}

value_from!(bool, i32, i64, u32, u64, f64, &str, String);

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        value.into_json()
    }
}

impl Default for Value {
    fn default() -> Self {
        Json::Null.into()
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl PartialEq<Json> for Value {
    fn eq(&self, other: &Json) -> bool {
        **self == *other
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, formatter)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, formatter)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

struct Open<'a>(&'a At<'a>);

impl<'de> Accept<'de> for Open<'_> {
    type Value = Json;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn expected(&self) -> &'static str {
        "any JSON value"
    }

    fn null<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn boolean<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn number<E: Error>(self, value: Num) -> Result<Json, E> {
        Ok(Json::Number(match value {
            Num::Signed(value) => value.into(),
            Num::Unsigned(value) => value.into(),
            Num::Float(value) => Number::from_f64(value).ok_or_else(|| self.mismatch(value))?,
        }))
    }

    fn string<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn owned_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn array<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Seed::new(&At::Index(self.0, list.len())))? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn object<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some(key) = read_key(&mut entries)? {
            let value = entries.next_value_seed(Seed::<Json>::new(&At::Key(self.0, &key)))?;
            match object.entry(key) {
                serde_json::map::Entry::Vacant(vacant) => vacant.insert(value),
                serde_json::map::Entry::Occupied(known) => return Err(duplicate_key(self.0, known.key())),
            };
        }
        Ok(Json::Object(object))
    }
}

impl<'de> Read<'de> for Json {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(Open(at)))
    }
}

impl<'de> Read<'de> for Value {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        read_raw(deserializer, Open(at)).map(|raw| match raw {
            Raw::Text(text) => Self { text: text.into(), tree: OnceLock::new() },
            Raw::Read(tree) => tree.into(),
        })
    }
}

super::read::deserialize_by_reading!(Value);

struct AnyKeys<'a, M, T>(&'a At<'a>, PhantomData<(M, T)>);

impl<'de, M: Entries<T> + Default, T: Read<'de>> Accept<'de> for AnyKeys<'_, M, T> {
    type Value = M;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn expected(&self) -> &'static str {
        "object"
    }

    fn object<A: MapAccess<'de>>(self, mut entries: A) -> Result<M, A::Error> {
        let mut map = M::default();
        while let Some(key) = read_key(&mut entries)? {
            read_additional(&mut map, &mut entries, self.0, &key)?;
        }
        Ok(map)
    }
}

/// Reads objects without known keys.
macro_rules! read_map {
    ($($map:ty),*) => {
        $(
            impl<'de, T: Read<'de>> Read<'de> for $map {
                fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
                    deserializer.deserialize_any(Accepting(AnyKeys::<$map, T>(at, PhantomData)))
                }
            }
        )*
    };
}

read_map!(Map<T>, BTreeMap<String, T>, HashMap<String, T>);
