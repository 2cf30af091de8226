//! The contract, read once for both readers: load → resolve → model.
//!
//! | stage | from → to | owns |
//! |---|---|---|
//! | [`load`](mod@crate::load) | a folder → documents | bytes, syntax errors, file names |
//! | `resolve` | references → locations | `$ref`, JSON Pointer |
//! | `lower` | documents → [`Contract`] | every keyword, operation and status as a value |
//! | [`invariant`] | rules as text → our own tree | types checked against the schema |
//!
//! Nothing after `lower` opens a document, and nothing anywhere is fetched. A [`Contract`] is frozen.
//!
//! ```no_run
//! let contract = charter_schema::load("schema".into())?;
//! assert!(contract.operation("runs.get").is_some());
//! # Ok::<(), charter_schema::Error>(())
//! ```

mod bundle;
mod error;
pub mod invariant;
pub mod json;
pub mod load;
mod location;
mod lower;
mod model;
mod resolve;
mod suggest;

pub use bundle::Bundle;
pub use error::{Error, Fault, Listing, Place, Problem};
pub use load::{Sources, read_map, read_schemas};
pub use location::{Location, Position, push_token, unescape_token};
pub use model::*;
pub use suggest::nearest;

use camino::Utf8Path;

/// The JSON Schema of `charter.toml`.
pub const CONFIG_SCHEMA: &str = include_str!("../meta/config.schema.json");
/// The JSON Schema of an invariants file.
pub const INVARIANTS_SCHEMA: &str = include_str!("../meta/invariants.schema.json");

/// Loads the contract of a folder.
///
/// # Errors
/// The folder cannot be read, or the contract is broken: every problem of the first stage that finds one.
pub fn load(folder: &Utf8Path) -> Result<Contract, Error> {
    from_documents(load::read_folder(folder)?)
}

/// Builds a contract from documents held in memory: names as they would stand in the folder, and their bytes.
///
/// # Errors
/// The contract is broken: every problem of the first stage that finds one.
pub fn from_documents(files: Vec<(String, Vec<u8>)>) -> Result<Contract, Error> {
    lower::lower(load::Documents::parse(files)?, Draft::default())?.with_invariants()
}

/// Builds the schemas and operations of a contract from documents held in memory; [`Contract::with_invariants`] reads the rest.
///
/// # Errors
/// As [`from_documents`], the invariants aside.
pub fn schemas_of_documents(files: Vec<(String, Vec<u8>)>) -> Result<Contract, Error> {
    lower::lower(load::Documents::parse(files)?, Draft::default())
}

/// Builds a contract of schemas alone from documents of any name: JSON Schemas of any draft, or an OpenAPI document.
///
/// # Errors
/// A document is broken: every problem of the first stage that finds one.
pub fn from_sources(sources: Sources) -> Result<Contract, Error> {
    let draft = sources.draft;
    lower::lower(sources.parse()?, draft)
}

/// Loads the schemas and operations of a folder, without the invariants: all that types are generated from.
///
/// # Errors
/// As [`load`](fn@crate::load), the invariants aside.
pub fn load_schemas(folder: &Utf8Path) -> Result<Contract, Error> {
    lower::lower(load::Documents::parse(load::read_folder(folder)?)?, Draft::default())
}
