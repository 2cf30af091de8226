//! Enumeration values that are not in the contract.

/// A string that is not one of an enumeration's values. It has no public constructor: a value that a later version of the contract
/// adds becomes a variant of its own, and a program that constructs it as unknown would then be wrong.
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
