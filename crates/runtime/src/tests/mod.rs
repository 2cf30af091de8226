//! Unit tests. They are not inside of the parts, because parts are copied into users' trees.

mod held;
mod number;
#[cfg(feature = "pattern")]
mod pattern;
#[cfg(feature = "reference")]
mod reference;
#[cfg(feature = "source")]
mod source;
mod write;
