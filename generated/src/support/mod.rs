//! What generated code stands on: located reading, three-state keys, numbers that lose nothing.
//!
//! # Numbers
//!
//! A type sees what the deserialiser hands over. `serde_json` hands over integers of `i64` and `u64` exactly, and every
//! other number as the nearest double: digits beyond that are gone before a type can see them. The contract tester reads the
//! bytes themselves, and reports each number that was rounded.

mod at;
mod number;
mod object;
mod open;
mod presence;
mod read;
mod scalar;
#[cfg(feature = "schemars")]
mod schema;
mod union;
mod violation;

pub use at::At;
pub use number::{Integer, Number};
pub use object::{Map, ReadObject, Slot, read_additional, read_key, read_object, unknown_key};
pub use open::Value;
pub use presence::{Field, Nullable};
#[doc(hidden)]
pub use read::deserialize_by_reading;
pub use read::{Accept, Accepting, Num, Read, Seed};
#[cfg(feature = "schemars")]
pub use schema::{Hole, give_back, refer};
pub use union::{Buffered, refused};
pub use violation::Violation;
