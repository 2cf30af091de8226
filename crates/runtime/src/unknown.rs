//! Enumeration values that are not in the contract.

/// A string that is not one of an enumeration's values. It has no public constructor: a value that is added to the contract later
/// becomes a variant of its own, so that programs must not construct it here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unknown(String);

impl Unknown {
    /// Called by generated code only, with a string that has no variant.
    #[doc(hidden)]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
