//! Open values: any JSON, with its numbers as handed over, its keys in their order, and no key twice.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, MapAccess, SeqAccess};
use serde_json::Number;

use super::object::{Entries, Map, read_additional, read_key, repeated_key};
use super::{Accept, Accepting, At, Num, Read, Seed};

/// Any JSON value.
pub use serde_json::Value;

struct Open<'a>(&'a At<'a>);

impl<'de> Accept<'de> for Open<'_> {
    type Value = Value;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn promised(&self) -> &'static str {
        "any JSON value"
    }

    fn null<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn boolean<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn number<E: Error>(self, value: Num) -> Result<Value, E> {
        Ok(Value::Number(match value {
            Num::Signed(value) => value.into(),
            Num::Unsigned(value) => value.into(),
            Num::Float(value) => Number::from_f64(value).ok_or_else(|| self.mismatch(value))?,
        }))
    }

    fn string<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn owned_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn array<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Seed::new(&At::Index(self.0, list.len())))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn object<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some(key) = read_key(&mut entries)? {
            let value = entries.next_value_seed(Seed::<Value>::new(&At::Key(self.0, &key)))?;
            match object.entry(key) {
                serde_json::map::Entry::Vacant(vacant) => vacant.insert(value),
                serde_json::map::Entry::Occupied(known) => return Err(repeated_key(self.0, known.key())),
            };
        }
        Ok(Value::Object(object))
    }
}

impl<'de> Read<'de> for Value {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(Open(at)))
    }
}

struct AnyKeys<'a, M, T>(&'a At<'a>, PhantomData<(M, T)>);

impl<'de, M: Entries<T> + Default, T: Read<'de>> Accept<'de> for AnyKeys<'_, M, T> {
    type Value = M;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn promised(&self) -> &'static str {
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
