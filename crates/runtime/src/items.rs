//! Arrays with `prefixItems`: tuples, and chains of items that can end early.

use std::marker::PhantomData;

use serde::de::{Deserializer, SeqAccess};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::{Accept, Accepting, At, Read, Seed, Value, Violation};

/// An array whose type lists its items: `Items<Then<A, Perhaps<B, Vec<C>>>>`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Items<T>(pub T);

/// A required item and the rest of the array.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Then<A, T> {
    /// The item.
    pub item: A,
    /// The rest of the array.
    pub rest: T,
}

/// An optional item and the rest of the array.
#[derive(Clone, Debug, PartialEq)]
pub struct Perhaps<A, T>(pub Option<Then<A, T>>);

/// The end of an array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End;

impl<A, T> Default for Perhaps<A, T> {
    fn default() -> Self {
        Self(None)
    }
}

/// A type that is read from the items of an array, beginning at an index.
pub trait ReadItems<'de>: Sized {
    /// Reads the remaining items.
    ///
    /// # Errors
    /// An item is missing, superfluous or invalid.
    fn read_items<A: SeqAccess<'de>>(items: &mut A, at: &At<'_>, index: usize) -> Result<Self, A::Error>;
}

/// A type that is written as the items of an array.
pub trait WriteItems {
    /// Writes the items.
    ///
    /// # Errors
    /// The error of the serialiser.
    fn write_items<S: SerializeSeq>(&self, items: &mut S) -> Result<(), S::Error>;
}

/// The error for an array that ends too early.
fn missing<E: serde::de::Error>(at: &At<'_>, index: usize) -> E {
    Violation::new("minItems", format_args!("at least {} items", index + 1), format_args!("{index} items")).at(at)
}

impl<'de, A: Read<'de>, T: ReadItems<'de>> ReadItems<'de> for Then<A, T> {
    fn read_items<S: SeqAccess<'de>>(items: &mut S, at: &At<'_>, index: usize) -> Result<Self, S::Error> {
        let item = items.next_element_seed(Seed::new(&At::Index(at, index)))?.ok_or_else(|| missing(at, index))?;
        Ok(Self { item, rest: T::read_items(items, at, index + 1)? })
    }
}

impl<'de, A: Read<'de>, T: ReadItems<'de>> ReadItems<'de> for Perhaps<A, T> {
    fn read_items<S: SeqAccess<'de>>(items: &mut S, at: &At<'_>, index: usize) -> Result<Self, S::Error> {
        match items.next_element_seed(Seed::new(&At::Index(at, index)))? {
            Some(item) => Ok(Self(Some(Then { item, rest: T::read_items(items, at, index + 1)? }))),
            None => Ok(Self(None)),
        }
    }
}

impl<'de, T: Read<'de>> ReadItems<'de> for Vec<T> {
    fn read_items<S: SeqAccess<'de>>(items: &mut S, at: &At<'_>, index: usize) -> Result<Self, S::Error> {
        let mut list = Self::new();
        while let Some(item) = items.next_element_seed(Seed::new(&At::Index(at, index + list.len())))? {
            list.push(item);
        }
        Ok(list)
    }
}

impl<'de> ReadItems<'de> for End {
    fn read_items<S: SeqAccess<'de>>(items: &mut S, at: &At<'_>, index: usize) -> Result<Self, S::Error> {
        match items.next_element_seed(Seed::<Value>::new(&At::Index(at, index)))? {
            Some(found) => Err(Violation::new("items", "no further item", found).at(&At::Index(at, index))),
            None => Ok(Self),
        }
    }
}

impl<A: Serialize, T: WriteItems> WriteItems for Then<A, T> {
    fn write_items<S: SerializeSeq>(&self, items: &mut S) -> Result<(), S::Error> {
        items.serialize_element(&self.item)?;
        self.rest.write_items(items)
    }
}

impl<A: Serialize, T: WriteItems> WriteItems for Perhaps<A, T> {
    fn write_items<S: SerializeSeq>(&self, items: &mut S) -> Result<(), S::Error> {
        self.0.as_ref().map_or(Ok(()), |then| then.write_items(items))
    }
}

impl<T: Serialize> WriteItems for Vec<T> {
    fn write_items<S: SerializeSeq>(&self, items: &mut S) -> Result<(), S::Error> {
        self.iter().try_for_each(|item| items.serialize_element(item))
    }
}

impl WriteItems for End {
    fn write_items<S: SerializeSeq>(&self, _items: &mut S) -> Result<(), S::Error> {
        Ok(())
    }
}

struct List<'a, T>(&'a At<'a>, PhantomData<T>);

impl<'de, T: ReadItems<'de>> Accept<'de> for List<'_, T> {
    type Value = T;

    fn at(&self) -> &At<'_> {
        self.0
    }

    fn expected(&self) -> &'static str {
        "array"
    }

    fn array<A: SeqAccess<'de>>(self, mut items: A) -> Result<T, A::Error> {
        T::read_items(&mut items, self.0, 0)
    }
}

impl<'de, T: ReadItems<'de>> Read<'de> for Items<T> {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(List(at, PhantomData))).map(Self)
    }
}

impl<'de, T: ReadItems<'de>> serde::Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer, &At::Root)
    }
}

impl<T: WriteItems> Serialize for Items<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(None)?;
        self.0.write_items(&mut items)?;
        items.end()
    }
}

/// Reads Rust tuples: every item is required, and further items are an error.
macro_rules! read_tuples {
    ($(($($item:ident . $index:tt),+))+) => {
        $(
            impl<'de, $($item: Read<'de>),+> ReadItems<'de> for ($($item,)+) {
                fn read_items<S: SeqAccess<'de>>(items: &mut S, at: &At<'_>, index: usize) -> Result<Self, S::Error> {
                    let read = ($(
                        {
                            let item = index + $index;
                            items.next_element_seed(Seed::<$item>::new(&At::Index(at, item)))?.ok_or_else(|| missing(at, item))?
                        },
                    )+);
                    End::read_items(items, at, index + [$($index),+].len())?;
                    Ok(read)
                }
            }

            impl<'de, $($item: Read<'de>),+> Read<'de> for ($($item,)+) {
                fn read<De: Deserializer<'de>>(deserializer: De, at: &At<'_>) -> Result<Self, De::Error> {
                    deserializer.deserialize_any(Accepting(List(at, PhantomData)))
                }
            }
        )+
    };
}

read_tuples! {
    (A.0)
    (A.0, B.1)
    (A.0, B.1, C.2)
    (A.0, B.1, C.2, D.3)
    (A.0, B.1, C.2, D.3, E.4)
    (A.0, B.1, C.2, D.3, E.4, F.5)
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6)
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7)
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8)
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9)
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9, K.10)
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9, K.10, L.11)
}
