//! Strict JSON: one scanner with byte spans, a reference reader, edits in place, positions and JSON Pointers.
//!
//! | module | content |
//! |---|---|
//! | [`Cursor`] | the scanner: objects, arrays, literals and white space, for one pass over the bytes without a tree |
//! | `string`, `number` | the scanners of strings and numbers, and their results: [`Text`] and [`Number`] |
//! | [`Keys`], [`Values`] | names that are known at compile time, compared by words of eight bytes |
//! | `skip` | values of any content: their grammar, and that no key is repeated |
//! | [`parse`] | the reference reader: a tree, or a message with a position |
//! | [`locate`], [`locate_key`], [`roundings`] | the bytes of a value, of a key, and of numbers that reading rounds |
//! | [`edit`] | a tree whose nodes know their bytes, and replacements that leave every other byte as it is |

mod cursor;
pub mod edit;
mod keys;
mod locate;
mod names;
mod number;
mod pointer;
mod position;
mod rounding;
mod skip;
mod strict;
mod string;

pub use cursor::{Cursor, Mark};
pub use keys::{Key, Keys, Values};
pub use locate::{locate, locate_key};
pub use number::{Number, is_whole};
pub use pointer::{push_token, unescape_token};
pub use position::Position;
pub use rounding::{Rounding, roundings};
pub use strict::{DEPTH_LIMIT, JsonError, parse};
pub use string::Text;

/// No answer: the text may be wrong, or only unusual. The reference reader knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsure;

/// What is certain, or nothing.
pub type Sure<T> = Result<T, Unsure>;
