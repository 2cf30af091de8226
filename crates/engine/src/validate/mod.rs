//! Validates bodies and header fields: each violated keyword as a finding with its three locations.
//!
//! | file | owns |
//! |---|---|
//! | `location` | keyword locations as the contract writes them |
//! | `explain` | an error of the validator → findings |
//! | `union` | the branch of a violated union that is explained |
//! | `validators` | compiled schemas |
//! | `header` | header fields of a response |

mod explain;
mod header;
mod location;
#[cfg(test)]
mod tests;
mod union;
mod validators;

pub(crate) use header::check as check_headers;
pub(crate) use validators::{Compiler, Validators, findings_of};
