//! Locations: the name of a document and a JSON Pointer into it.

use std::fmt;
use std::sync::Arc;

use charter_json::{push_key, push_token, unescape_token};
use serde::{Serialize, Serializer};

/// A location in a document of the contract: the document's name and a JSON Pointer, displayed as `order.schema.json#/$defs/Item`.
///
/// The document's name is its path relative to the contract's folder, with forward slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    document: Arc<str>,
    pointer: Arc<str>,
}

impl Location {
    /// The root of a document.
    pub fn root(document: impl Into<Arc<str>>) -> Self {
        Self { document: document.into(), pointer: Arc::default() }
    }

    /// A location by an RFC 6901 pointer; the empty pointer is the root.
    pub fn new(document: impl Into<Arc<str>>, pointer: impl Into<Arc<str>>) -> Self {
        Self { document: document.into(), pointer: pointer.into() }
    }

    /// Another location in the same document.
    #[must_use]
    pub(crate) fn within(&self, pointer: impl Into<Arc<str>>) -> Self {
        Self { document: self.document.clone(), pointer: pointer.into() }
    }

    /// The document's name and the pointer, shared.
    pub(crate) fn parts(&self) -> (&Arc<str>, &Arc<str>) {
        (&self.document, &self.pointer)
    }

    /// The document's name.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The RFC 6901 pointer into the document; empty for its root.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The location of a member, by its key or index.
    #[must_use]
    pub fn child(&self, token: impl fmt::Display) -> Self {
        let mut pointer = String::with_capacity(self.pointer.len() + 24);
        pointer.push_str(&self.pointer);
        push_token(&mut pointer, token);
        Self { document: self.document.clone(), pointer: pointer.into() }
    }

    /// The location of a member of an object, by its key: the same as [`Location::child`], without formatting.
    #[must_use]
    pub(crate) fn member(&self, key: &str) -> Self {
        let mut pointer = String::with_capacity(self.pointer.len() + key.len() + 1);
        pointer.push_str(&self.pointer);
        push_key(&mut pointer, key);
        Self { document: self.document.clone(), pointer: pointer.into() }
    }

    /// The last token of the pointer, unescaped: the key of a `$defs` entry or a property. `None` at the root.
    pub fn last_token(&self) -> Option<String> {
        self.pointer.rsplit_once('/').map(|(_, token)| unescape_token(token))
    }

    /// The tokens of the pointer, unescaped, from the root down.
    pub fn tokens(&self) -> impl Iterator<Item = String> + '_ {
        self.pointer.split('/').skip(1).map(unescape_token)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.document, self.pointer)
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_escaped_and_unescaped() {
        let location = Location::root("a.json").child("paths").child("/orders/~x").child(3);
        assert_eq!(location.to_string(), "a.json#/paths/~1orders~1~0x/3");
        assert_eq!(location.tokens().collect::<Vec<_>>(), ["paths", "/orders/~x", "3"]);
        assert_eq!(location.last_token().as_deref(), Some("3"));
    }
}
