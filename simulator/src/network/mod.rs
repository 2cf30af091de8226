//! A network that fails on request, on the wire itself: what arrives is late, cut off, of another length or kind, or nothing at all.
//!
//! | module | what it owns |
//! |---|---|
//! | `fault` | the names of the faults, and what each does |
//! | `choice` | which requests meet which fault |
//! | `answer` | what becomes of an answer |
//! | `body` | bodies that are sent slowly, in part, or without end |
//! | `line` | connections that can be reset, and that can carry more than was announced |
//!
//! All of it takes the time of this machine, however fast runs live. What an answer says is decided before, and by others.

mod answer;
mod body;
mod choice;
mod fault;
mod line;

pub(crate) use answer::meet;
pub(crate) use choice::Choice;
pub use fault::NetworkFault;
pub(crate) use line::{Line, Lines};
