//! What a compiled reader stands on: one strict pass over the bytes of a JSON text, without a tree and without errors.
//!
//! It is one-sided. What it accepts, the reference reader (`charter_contract::json`) accepts too, with no number rounded; everything
//! else is [`Unsure`]: what is no strict JSON, and what is rare enough not to be worth the room in a hot loop (keys with
//! escapes, surrogates, numbers of more digits than a double holds). Whoever is unsure asks the reference reader, which finds
//! out and says why.
//!
//! | module | what it owns |
//! |---|---|
//! | [`Cursor`] | a place in a text: objects, arrays, literals, white space |
//! | `string`, `number` | the two scanners that read most of the bytes, and [`Text`] and [`Number`], what they found |
//! | [`Keys`], [`Values`] | the names that a schema declares, ready to be compared by words of eight bytes |
//! | `skip` | values that nothing is promised of: their grammar, and that no key is repeated |
//! | [`instant`] | RFC 3339 |
//!
//! Every slice is checked: there is no unsafe code. Vectors come from `wide`, sixteen bytes at once, which is as much as
//! most strings and keys have, and from `simdutf8`, which picks the widest at run time.
//!
//! ```
//! use charter_reader::{Cursor, Keys, Sure, keys};
//!
//! static POINT: Keys = keys!["x", "y"];
//!
//! fn length(text: &str) -> Sure<f64> {
//!     let mut cursor = Cursor::over(text);
//!     let (mut x, mut y) = (0.0, 0.0);
//!     let seen = cursor.object(&POINT, |cursor, key| {
//!         let number = cursor.number()?.as_f64();
//!         *[&mut x, &mut y][key] = number;
//!         Ok(())
//!     })?;
//!     cursor.finish()?;
//!     if seen == 0b11 { Ok(f64::hypot(x, y)) } else { Err(charter_reader::Unsure) }
//! }
//!
//! assert_eq!(length(r#"{"y": 4, "x": 3}"#), Ok(5.0));
//! assert!(length(r#"{"x": 3, "x": 4}"#).is_err());
//! ```

mod compiled;
mod instant;
mod pattern;
pub mod read;
mod site_set;
mod tally;
mod value;

pub use charter_json::{Cursor, DEPTH_LIMIT, Key, Keys, Mark, Number, Sure, Text, Unsure, Values, keys, values};
pub use compiled::{Compiled, Event, Kind, Read};
pub use instant::instant;
pub use pattern::Pattern;
pub use site_set::SiteSet;
pub use tally::{OUTCOMES, Outcome, Tally};
pub use value::{Held, Val};
