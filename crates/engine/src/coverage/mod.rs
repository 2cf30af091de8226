//! What judging has looked at: every case that the contract makes reachable, how often each was seen, and which never.
//!
//! | stage | what it owns |
//! |---|---|
//! | `plan` | the cases, counted once from the contract: the denominator |
//! | `walk` | one body to the cases it shows |
//! | `expand` | a note of the compiled reader to the cases it stands for |
//! | `count` | cases added up, and told in the terms of the report |
//!
//! A case is: a place of the schema that an answer may have; each of its types, where it may have several, and *absent* where
//! it may be missing; each value of an enumeration, and of a boolean; each branch of a union; a list with items and one
//! without; a bound that a value touches; an operation, a promised status, a combination of sections asked for; and a rule
//! that held or failed somewhere. Counts of two runs add up, case by case.

mod count;
mod event;
mod plan;
mod walk;

pub(crate) use count::Counts;
pub(crate) use plan::{Case, Plan};
