//! The library of compiled readers: generated code that checks a JSON body against its schema and its rules, and counts coverage, in one pass over the
//! bytes, without a tree and without errors.
//!
//! A compiled reader is one-sided. It accepts only bodies that the reference path accepts with the same counts. For every other body it returns
//! [`Fallback`], and the caller uses the reference path, which decides and reports the reason.
//!
//! | module | content |
//! |---|---|
//! | [`read`] | the steps of readers: one function for each kind of schema |
//! | [`Val`], [`Member`] | the values that compiled rules compute with |
//! | [`Counters`] | counts of events, undone for a document that falls back |
//! | [`Compiled`] | the tables of a compiled reader |
//! | [`instant`] | RFC 3339 |
//!
//! [`Cursor`], [`Keys`] and [`Values`] are those of `charter-json`.
//!
//! ```
//! use charter_reader::{Cursor, Fallback, FastPath, Keys, keys};
//!
//! static POINT: Keys = keys!["x", "y"];
//!
//! fn length(text: &str) -> FastPath<f64> {
//!     let mut cursor = Cursor::new(text);
//!     let (mut x, mut y) = (0.0, 0.0);
//!     let seen = cursor.object(&POINT, |cursor, key| {
//!         let number = cursor.number()?.as_f64();
//!         *[&mut x, &mut y][key] = number;
//!         Ok(())
//!     })?;
//!     cursor.finish()?;
//!     if seen == 0b11 { Ok(f64::hypot(x, y)) } else { Err(Fallback) }
//! }
//!
//! assert_eq!(length(r#"{"y": 4, "x": 3}"#), Ok(5.0));
//! assert!(length(r#"{"x": 3, "x": 4}"#).is_err());
//! ```

mod compiled;
mod counters;
mod instant;
mod pattern;
pub mod read;
mod site_set;
mod value;

pub use charter_json::{Cursor, CursorPosition, DEPTH_LIMIT, Fallback, FastPath, Key, Keys, Number, Text, Values, keys, values};
pub use compiled::{Compiled, Event, Kind, Read};
pub use counters::{Counters, OUTCOMES, Outcome};
pub use instant::{instant, instant_parts};
pub use pattern::Pattern;
pub use site_set::SiteSet;
pub use value::{Member, Val};
