//! Compares two schemas keyword by keyword: what differs, where, and the evidence for the effect.
//!
//! Each pair of schemas is compared once. A pair that is written differently but proved equal has no change. The effect of a part on the
//! whole follows from the structure of the whole: a fixpoint over the pairs determines which pairs can differ in which direction.
//!
//! | module | what it owns |
//! |---|---|
//! | `walk` | the pairs, and the fixpoint over them |
//! | `keywords`, `scalars`, `union` | the differences of one pair, by keyword |
//! | `matching` | which branches and parts correspond |
//! | `evidence` | a witness or a proof for each change |
//! | `view` | a schema behind references and `allOf` |
//! | `draft`, `sides`, `text` | what these modules share |

mod draft;
mod evidence;
mod keywords;
mod matching;
mod scalars;
mod sides;
#[cfg(test)]
mod testing;
mod text;
mod union;
mod view;
mod walk;

pub use walk::{Differences, FoundChange, Note, compare};
pub(crate) use walk::{compare_with, has_no_common_type};
