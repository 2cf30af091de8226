//! Strict JSON: one scanner with byte spans, a reference reader, edits in place, positions and JSON Pointers.
//!
//! | module | content |
//! |---|---|
//! | [`Cursor`] | the scanner: objects, arrays, literals and white space, for one pass over the bytes without a tree |
//! | `string`, `number` | the scanners of strings and numbers, and their results: [`Text`] and [`Number`] |
//! | [`Keys`], [`Values`], [`KeyTable`] | names that are known at compile time, or when a contract is loaded, compared by words of eight bytes |
//! | `skip` | values of any content: checks the grammar and duplicate keys |
//! | [`parse`], [`parse_str`] | the reference reader: a tree, or a message with a position |
//! | [`locate`], [`locate_key`], [`roundings`] | the bytes of a value, of a key, and of numbers that reading rounds |
//! | [`edit`] | a tree of nodes with byte ranges, and replacements that change no other byte |
//!
//! The scanner is one-sided. [`parse`] accepts every text that [`Cursor`] accepts, and rounds no number of it. For every other text the cursor returns
//! [`Fallback`]: for invalid JSON, and for forms that are too rare for a hot loop (keys with escapes, surrogates, numbers of more digits than a double has).
//!
//! There is no unsafe code. Vectors come from `wide` (16 bytes, as long as most strings and keys) and from `simdutf8`, which selects the widest at run time.

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

pub use cursor::{Cursor, CursorPosition};
pub use keys::{Key, KeyTable, Keys, Values};
pub use locate::{locate, locate_key, members};
pub use number::{Number, is_whole};
pub use pointer::{push_key, push_token, unescape_token, value_at};
pub use position::Position;
pub use rounding::{Rounding, roundings};
pub use strict::{DEPTH_LIMIT, JsonError, parse, parse_str};
pub use string::Text;

/// The fast path does not decide: the text may be invalid, or it uses a rare form. The caller uses the reference reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fallback;

/// The result of the fast path.
pub type FastPath<T> = Result<T, Fallback>;
