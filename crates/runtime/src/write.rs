//! The entries of an object, as a serialiser gets them.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::Field;

/// The object of a serialiser. After the first error, further entries have no effect, and [`end`](Self::end) returns the error: generated
/// code has one `Result` for all entries, because each `?` takes time to compile.
pub struct WriteObject<S: Serializer>(Result<S::SerializeMap, S::Error>);

impl<S: Serializer> WriteObject<S> {
    /// Begins an object.
    #[inline]
    pub fn new(serializer: S) -> Self {
        Self(serializer.serialize_map(None))
    }

    /// Writes a property that is always present.
    #[inline]
    pub fn required<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        if let Ok(entries) = &mut self.0
            && let Err(error) = entries.serialize_entry(key, value)
        {
            self.0 = Err(error);
        }
    }

    /// Writes a property that can be absent.
    #[inline]
    pub fn optional<T: Serialize>(&mut self, key: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.required(key, value);
        }
    }

    /// Writes a property that can be absent or null.
    #[inline]
    pub fn field<T: Serialize>(&mut self, key: &str, value: &Field<T>) {
        if !value.is_absent() {
            self.required(key, value);
        }
    }

    /// Writes the entries of a map.
    pub fn all<'m, T: Serialize + 'm>(&mut self, entries: impl IntoIterator<Item = (&'m String, &'m T)>) {
        entries.into_iter().for_each(|(key, value)| self.required(key, value));
    }

    /// Ends the object.
    ///
    /// # Errors
    /// The first error of the serialiser.
    #[inline]
    pub fn end(self) -> Result<S::Ok, S::Error> {
        self.0.and_then(SerializeMap::end)
    }
}
