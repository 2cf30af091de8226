//! Values that the contract does not know yet.

/// A text that is none of an enumeration's values. What it is stays closed: a value that becomes known later is then a variant
/// of its own, and no program may have come to depend on finding it here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unknown(String);

impl Unknown {
    /// A text that no variant stands for; made by generated code alone.
    #[doc(hidden)]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, to be shown or written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
