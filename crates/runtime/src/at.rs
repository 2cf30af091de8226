//! The current location while reading: a path on the stack, displayed as a JSON Pointer.

use std::fmt;

/// A location in the document.
#[derive(Clone, Copy, Debug)]
pub enum At<'a> {
    /// The whole document.
    Root,
    /// A key of an object.
    Key(&'a At<'a>, &'a str),
    /// An item of an array, from 0.
    Index(&'a At<'a>, usize),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(parent, key) => write!(formatter, "{parent}/{}", key.replace('~', "~0").replace('/', "~1")),
            Self::Index(parent, index) => write!(formatter, "{parent}/{index}"),
        }
    }
}
