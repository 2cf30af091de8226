//! The runtime of types that Charter generates: reading with locations, three-state fields, numbers without loss.
//!
//! Generated types implement [`Read`]. Reading validates: a value is accepted only if its schema accepts it, an error names the JSON
//! Pointer, the keyword and the value, and serialising gives back the same JSON.
//!
//! ```
//! use charter_runtime::{Field, Nullable, Value, Written};
//! use serde_json::json;
//!
//! // A required property that may be null, and an optional one: absent, null and value are different states.
//! assert_eq!(Nullable::from(Some("intake")).value(), Some(&"intake"));
//! let usage: Field<u8> = Field::Null;
//! assert!(!usage.is_absent());
//! assert_eq!(usage.value(), None);
//!
//! // Any JSON value. A repeated key is an error.
//! let order: Value = charter_runtime::from_str(r#"{"lines":[{"sku":"A-1","quantity":2}]}"#)?;
//! assert_eq!(order["lines"][0]["quantity"].as_u64(), Some(2));
//! let mut changed = order.clone().into_json();
//! changed["lines"] = json!([]);
//! assert_ne!(order, Value::from(changed));
//! charter_runtime::from_str::<Value>(r#"{"sku":"A-1","sku":"A-2"}"#).unwrap_err();
//!
//! // A string with a `format` keeps its text and is parsed on request.
//! let address = Written::from(std::net::Ipv4Addr::LOCALHOST);
//! assert_eq!(address.as_str(), "127.0.0.1");
//! assert_eq!(address.value(), Ok(std::net::Ipv4Addr::LOCALHOST));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Numbers
//!
//! `serde_json` passes integers in the range of `i64` and `u64` exactly, and every other number as the nearest double. A type cannot
//! see digits beyond that. `charter check` reads the bytes and reports each number that was rounded.
//!
//! # Copies
//!
//! `charter generate --vendor` copies the files of this crate into a user's tree. `source::PARTS` (feature `source`) lists them; the
//! generator writes the root of the copy. For that reason a part names other parts with `super::`, has no `cfg` on a feature, no doc
//! example that names this crate, and no unit tests of its own: those are in `src/tests`.

/// Defines a macro that generated code calls, and exports it. The root of a copy defines this macro without the export.
macro_rules! define_macro {
    ($(#[$attribute:meta])* $name:ident, $($rules:tt)*) => {
        $(#[$attribute])*
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $name { $($rules)* }
    };
}

mod abilities;
mod at;
mod check;
mod constrained;
mod construct;
mod enumeration;
mod held;
mod input;
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
#[cfg(feature = "source")]
pub mod source;
#[cfg(test)]
mod tests;
mod text;
mod union;
mod unknown;
mod violation;
mod write;
mod written;
#[cfg(feature = "chrono")]
mod written_chrono;
#[cfg(feature = "jiff")]
mod written_jiff;
#[cfg(feature = "time")]
mod written_time;
#[cfg(feature = "uuid")]
mod written_uuid;

pub use at::At;
pub use check::{constant, count, dependent_required, json, position_of, unique_items};
pub use construct::{BuildError, Invalid, OptionalInput, Property, built, of_contract};
pub use input::{Checked, EachEntry, EachItem, EachPart, InBox, Input, InputAs, Target, Whole, branch};
pub use items::{End, Items, Perhaps, ReadItems, Then, WriteItems};
pub use never::Never;
pub use number::{FromInteger, Integer, Number, convert_integer, parse_number};
pub use object::{Entries, KnownKeys, Map, Met, ReadObject, Slot, complete, read_additional, read_key, read_object, unknown_key};
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
pub use schema::{Hole, json_schema, subschema};
pub use text::{from_slice, from_str};
pub use union::{Buffered, Refusals, refused};
pub use unknown::Unknown;
pub use violation::Violation;
pub use write::WriteObject;
pub use written::{Format, Written};
