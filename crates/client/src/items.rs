//! What a stream reads from a page: its items, whether more pages follow, and the cursor of the next page.

use std::hash::{DefaultHasher, Hasher as _};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Failure, RequestError};
use crate::response::Response;

/// A page with a list of items. Lists implement it, and generated clients implement it for the pages of their operations.
pub trait Items {
    /// The type of an item.
    type Item;

    /// The items of the page.
    fn items(&self) -> &[Self::Item];

    /// Whether the page says that more pages follow; `None` if it says nothing about it.
    fn has_more(&self) -> Option<bool> {
        None
    }
}

impl<T> Items for [T] {
    type Item = T;

    fn items(&self) -> &[T] {
        self
    }
}

impl<T> Items for Vec<T> {
    type Item = T;

    fn items(&self) -> &[T] {
        self
    }
}

impl<P: Items> Items for Box<P> {
    type Item = P::Item;

    fn items(&self) -> &[P::Item] {
        P::items(self)
    }

    fn has_more(&self) -> Option<bool> {
        P::has_more(self)
    }
}

impl<P: Items> Items for Response<P> {
    type Item = P::Item;

    fn items(&self) -> &[P::Item] {
        self.body.items()
    }

    fn has_more(&self) -> Option<bool> {
        self.body.has_more()
    }
}

/// A value by which two pages with the same items are equal; `None` if an item cannot be serialised.
pub(crate) fn fingerprint<T: Serialize>(items: &[T]) -> Option<u64> {
    struct Hash(DefaultHasher);

    impl std::io::Write for Hash {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.write(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let mut hash = Hash(DefaultHasher::new());
    serde_json::to_writer(&mut hash, items).ok()?;
    Some(hash.0.finish())
}

/// The cursor of the next page; `None` if the value is null, an empty text or `false`.
pub fn cursor<T: Serialize + ?Sized>(value: &T) -> Option<Value> {
    let value = serde_json::to_value(value).ok()?;
    (!matches!(&value, Value::Null | Value::Bool(false)) && value != "").then_some(value)
}

/// The cursor of the page after a page; `None` if that page is the last. A page is the last if it says so, if it has no cursor, or if it has
/// no items and does not say that more pages follow.
pub fn next_cursor<T: Serialize + ?Sized>(has_more: Option<bool>, is_empty: bool, value: Option<&T>) -> Option<Value> {
    if has_more.unwrap_or(!is_empty) { value.and_then(cursor) } else { None }
}

/// The number of a page or of items that a parameter has.
pub fn page_number<T: Serialize + ?Sized>(value: &T) -> Option<usize> {
    cursor(value)?.as_u64()?.try_into().ok()
}

/// A cursor as the value of the parameter or the property `name`.
///
/// # Errors
/// The parameter does not accept the cursor.
pub fn cursor_parameter<T: DeserializeOwned>(name: &str, cursor: Value) -> Result<T, Failure> {
    serde_json::from_value(cursor).map_err(|source| RequestError::Cursor { name: name.to_owned(), source }.into())
}
