//! Strict JSON: one reader, positions in the text, and JSON Pointers.

mod pointer;
mod position;
mod read;

pub use pointer::{push_token, unescape_token};
pub use position::Position;
pub use read::*;
