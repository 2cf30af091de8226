//! The examples that a contract documents: whether they match their schemas, and the exchanges that they describe.
//!
//! | file | owns |
//! |---|---|
//! | `embedded` | the examples and defaults of a contract, each with its schema |
//! | `broken` | examples that violate their schemas, for `lint` |
//! | `exchange` | exchanges of examples, for `check --examples` |
//! | `positions` | positions of many values of the same documents |
//! | `value` | values of parameters and header fields |

mod broken;
mod embedded;
mod exchange;
mod positions;
#[cfg(test)]
mod tests;
mod value;

pub use broken::{BrokenExample, broken_examples};
pub(crate) use exchange::{ExampleExchange, exchanges};
pub(crate) use positions::Positions;
