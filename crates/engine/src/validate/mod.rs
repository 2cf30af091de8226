//! Validates bodies and header fields: each violated keyword as a finding with its three locations.
//!
//! | file | owns |
//! |---|---|
//! | `location` | keyword locations as the contract writes them |
//! | `explain` | an error of the validator → findings |
//! | `union` | the branch of a violated union that is explained |
//! | `validators` | compiled schemas |
//! | `header` | header fields of a response or of a part |
//! | `direction` | properties that the other direction alone uses |

mod direction;
mod explain;
mod header;
mod location;
#[cfg(test)]
mod tests;
mod union;
mod validators;

pub(crate) use direction::{ForeignProperties, foreign_findings};
pub(crate) use explain::missing_key;
pub(crate) use header::{check as check_headers, check_fields, is_masked};
pub(crate) use validators::{Compiler, Validators, findings_of};
