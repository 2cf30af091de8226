//! A schema compiled at load to a program: one pass over the bytes of a JSON body decides whether the body is valid, without a tree.
//!
//! | module | content |
//! |---|---|
//! | `place` | the schemas that describe one value: through `$ref`, `allOf` and the union branches that the type of the value selects |
//! | `compile` | places → nodes |
//! | `node` | the nodes of a program |
//! | `event` | what coverage counts |
//! | `slot` | the values that a program locates |
//! | `run` | a program over the bytes of a body |
//! | `unique` | `uniqueItems` |
//!
//! The result is one-sided. If [`Program::run`] accepts a body, the body is strict JSON without duplicate keys and valid under the schema.
//! [`NotCertain`] says nothing: the body may be valid. The caller then uses the reference path.
//!
//! A union whose branches accept values of the same JSON type is decided by trial: each candidate runs over the same bytes. A trial has three
//! results, because `oneOf`, `not`, `if` and coverage need certain violations as well: valid, violation, not certain.

mod compile;
mod event;
mod node;
mod place;
mod run;
mod slot;
mod unique;

pub use compile::Options;
pub use event::Reached;
pub use node::Program;
pub use run::{Instance, NotCertain, Record};
pub use slot::SlotPaths;
