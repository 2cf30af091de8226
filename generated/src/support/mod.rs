//! What generated code stands on: located reading, three-state keys, numbers that lose nothing.
//!
//! # Numbers
//!
//! A type sees what the deserialiser hands over. `serde_json` hands over integers of `i64` and `u64` exactly, and every
//! other number as the nearest double: digits beyond that are gone before a type can see them. The contract tester reads the
//! bytes themselves, and reports each number that was rounded.

mod abilities;
mod at;
mod check;
mod held;
mod items;
mod merged;
mod never;
mod number;
mod object;
mod open;
mod own;
mod pass;
#[cfg(feature = "pattern")]
mod pattern;
mod presence;
mod raw;
mod read;
#[cfg(feature = "reference")]
mod reference;
mod scalar;
#[cfg(feature = "schemars")]
mod schema;
mod text;
mod union;
mod unknown;
mod violation;
mod written;
#[cfg(feature = "chrono")]
mod written_chrono;
#[cfg(feature = "jiff")]
mod written_jiff;
#[cfg(feature = "time")]
mod written_time;
#[cfg(feature = "uuid")]
mod written_uuid;

pub use abilities::{constrained, deserialize, enumeration, object, values};
pub use at::At;
pub use check::{constant, count, json, needs, position_of, unique_items};
pub use items::{End, Items, Perhaps, ReadItems, Then, WriteItems};
pub use merged::{merged, union};
pub use never::Never;
pub use number::{Integer, Number};
pub use object::{Entries, KnownKeys, Map, Met, ReadObject, Slot, read_additional, read_key, read_object, unknown_key};
pub use open::{Json, Value};
pub use own::Own;
#[cfg(feature = "pattern")]
pub use pattern::Pattern;
pub use presence::{Field, Nullable};
pub use raw::Later;
pub use read::{Accept, Accepting, Num, Read, Seed};
#[cfg(feature = "reference")]
pub use reference::{Documents, Reference};
pub use scalar::read_text;
#[cfg(feature = "schemars")]
pub use schema::{Hole, give_back, refer};
pub use text::{from_slice, from_str};
pub use union::{Buffered, Refusals, refused};
pub use unknown::Unknown;
pub use violation::Violation;
pub use written::{Format, Written};
