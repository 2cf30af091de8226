//! Coverage: the cases that the contract makes reachable, and how often each was reached.
//!
//! | file | owns |
//! |---|---|
//! | `plan` | the cases, enumerated once from the contract |
//! | `walk` | a body or an exchange → its cases |
//! | `event` | an event of a compiled reader → its cases |
//! | `program` | the facts that a program counts → their cases |
//! | `count` | counts in the form of the report |
//!
//! A case is one of: a schema location in a response; each of its types, if it has several, and *absent* if it is optional; each value of
//! an enumeration, and of a boolean; each branch of a union; an empty list and a list with items; a bound that a value equals; an
//! operation, a documented status, a combination of requested sections; a rule that passed or failed somewhere. The counts of two runs
//! can be added case by case.

mod count;
mod event;
mod plan;
mod program;
mod walk;

pub(crate) use count::Counts;
pub(crate) use plan::{Case, OperationPart, Plan, parameter_name, requirement_name};
