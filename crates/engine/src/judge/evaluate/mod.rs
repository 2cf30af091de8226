//! Expressions to values.
//!
//! An expression tree is compiled once to a program, which runs over JSON in place: a tree, or the bytes of a text. Values that no operation reads are
//! not converted. Static paths are slots ([`charter_rules::slots`]): the programs of several rules on one variable share the values that they read.
//!
//! | file | owns |
//! |---|---|
//! | `program` | tree → program |
//! | `run` | program → value |
//! | `functions`, `lists` | the functions of the language |
//! | `scope` | variables and their slots |
//! | `value`, `json` | values, and the documents that they refer to |
//! | `class` | what of a value decides most conditions without its content |
//! | `fault` | why an expression has no value |
//! | `api` | [`evaluate`]: an expression on given values, without a contract |
//! | `peer`, `differential` | tests: the `cel` crate as a second evaluator, and the comparison with it |

mod api;
mod class;
#[cfg(test)]
mod differential;
mod fault;
mod functions;
mod json;
mod lists;
#[cfg(test)]
mod peer;
mod program;
mod run;
mod scope;
mod value;

pub use api::{CelValue, EvaluationError, evaluate};
pub(super) use class::{Constants, Difference, Tracker, class_of};
pub(super) use fault::Fault;
pub(super) use functions::duration;
pub(super) use json::{Json, Shape};
pub(super) use program::{CompileError, Program, Tables};
pub(super) use scope::{Evaluated, Located, Scope, Variable};
pub(super) use value::{Instant, bind};
