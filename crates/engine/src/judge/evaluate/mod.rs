//! CEL: expressions to values. With the parser in `charter-rules`, this is the only code that uses the `cel` crate.
//!
//! | file | owns |
//! |---|---|
//! | `lower` | typed tree → the tree of the `cel` crate |
//! | `engine` | evaluation on JSON that is bound without conversion |
//! | `value` | [`evaluate`]: an expression on given values, without a contract |

mod engine;
mod lower;
mod value;

pub(super) use engine::{Compiled, Engine, Evaluated, Scope};
pub use value::{CelValue, EvaluationError, evaluate};
