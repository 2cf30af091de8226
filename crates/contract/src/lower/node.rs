//! A value of a document with its location, so that a walk does not look up every value from the root of the document.

use serde_json::Value;

use crate::location::Location;

/// A value of a document, and its location.
#[derive(Clone, Debug)]
pub(super) struct Node<'d> {
    pub(super) location: Location,
    pub(super) value: &'d Value,
}

impl<'d> Node<'d> {
    pub(super) fn new(location: Location, value: &'d Value) -> Self {
        Self { location, value }
    }

    /// The member of an object with a key.
    pub(super) fn child(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self { location: self.location.member(key), value })
    }

    /// The members of the object at a key; none for other values.
    pub(super) fn members(&self, key: &str) -> impl Iterator<Item = (&'d String, Self)> + use<'d> {
        let owner = self.child(key).filter(|owner| owner.value.is_object());
        owner.into_iter().flat_map(|owner| owner.entries())
    }

    /// The members of this object; none for other values.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'d String, Self)> + use<'d> {
        let location = self.location;
        self.value.as_object().into_iter().flatten().map(move |(key, value)| (key, Self { location: location.member(key), value }))
    }

    /// Whether a member is `true`.
    pub(super) fn is(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }
}
