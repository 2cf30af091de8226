//! Observations of all exchanges, sorted by resource and time, and compared by the rules over time.
//!
//! | file | owns |
//! |---|---|
//! | `origin` | the exchange of an observation |
//! | `decided` | observations of exchanges that plans decided, as bytes |
//! | `stored` | observations as bytes |
//! | `blocks` | memory for observations, outside the allocator |
//! | `sort` | external merge sort |
//! | `summary` | the timelines that the report shows |
//! | `compare` | collects observations, sorts them, compares them |
//! | `reread` | source positions of findings over time |
//! | `records` | what a split stores for comparisons with other splits |
//!
//! Memory use does not grow with the input: observations hold only the values that rules read, and they are sorted on disk. Only the
//! first findings of each rule, in input order, are shown.

mod blocks;
mod compare;
mod decided;
mod origin;
mod records;
mod reread;
mod sort;
mod stored;
mod summary;

pub(crate) use compare::{Comparisons, Row, Timeline, Transition, compare_rows, resource_key};
pub(crate) use decided::read as read_decided;
pub(crate) use origin::{EntryPlace, Origin};
pub(crate) use records::{SplitRecord, SplitRecords};
pub(crate) use reread::{locate_in, locate_transitions};
pub(crate) use sort::{KEY, Merge, Record};
