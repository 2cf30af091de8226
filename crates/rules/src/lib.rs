//! The rule language: CEL expressions parsed into typed trees and checked against the schemas of a contract.
//!
//! | stage | from → to |
//! |---|---|
//! | `file` | an invariants file → rules as text; its form is checked against [`INVARIANTS_SCHEMA`] |
//! | `parse` (`plain`, `template`) | text → expression tree |
//! | `check` (`route`, `typer`) | rule → the responses it applies to, and the types of its variables |
//! | `infer` (`call`, `facts`) | tree → the type of every node |
//! | `interest` | tree → the condition under which a satisfied rule has examined a value |
//! | [`slots`] | trees → the paths that they read below each variable |
//!
//! `infer` and `call` are mutually recursive: a call types its arguments, and an argument may be a call.
//!
//! ```no_run
//! let contract = charter_rules::load("schema".into())?;
//! assert!(!contract.invariants().invariants.is_empty());
//! # Ok::<(), charter_contract::Error>(())
//! ```

mod call;
mod check;
mod facts;
mod file;
mod infer;
mod instant;
mod interest;
mod parse;
mod plain;
mod route;
pub mod slots;
mod template;
mod typer;

use camino::Utf8Path;
use charter_contract::{Contract, Error, Strictness};

pub use instant::parse as parse_instant;
pub use parse::{ParseProblem, parse as parse_expression};

/// The JSON Schema of an invariants file.
pub const INVARIANTS_SCHEMA: &str = include_str!("../meta/invariants.schema.json");

/// Loads the contract of a folder with its invariants, to judge traffic with it.
///
/// A problem of a single operation or component is not an error: [`Contract::problems`] lists them.
///
/// # Errors
/// The folder cannot be read, or the contract is invalid: every problem of the first stage that finds one.
pub fn load(folder: &Utf8Path) -> Result<Contract, Error> {
    let files = charter_contract::load::read_contract(folder)?;
    with_invariants(charter_contract::from_documents_with(files, Strictness::Lenient)?)
}

/// Builds a contract with its invariants from documents held in memory: their names relative to the folder, and their bytes.
///
/// # Errors
/// The contract is invalid: every problem of the first stage that finds one.
pub fn from_documents(files: Vec<(String, Vec<u8>)>) -> Result<Contract, Error> {
    with_invariants(charter_contract::from_documents(files)?)
}

/// Adds the rules of a contract's invariants files.
///
/// # Errors
/// Every problem of the files: first their form, then ids and locations, then the expressions.
pub fn with_invariants(contract: Contract) -> Result<Contract, Error> {
    let invariants = file::load(&contract)?;
    Ok(contract.with_invariants(invariants))
}
