//! The contract: documents loaded, references resolved, and everything lowered to one model.
//!
//! | stage | from → to | owns |
//! |---|---|---|
//! | [`load`](mod@crate::load) | a folder → documents | bytes, syntax errors, file names |
//! | `resolve` | references → locations | `$ref`, JSON Pointer |
//! | `lower` | documents → [`Contract`] | every keyword, operation and status as a value |
//! | [`invariant`] | | the rules as data; `charter-rules` fills it |
//!
//! No stage after `lower` opens a document, and no document is fetched. A [`Contract`] is immutable.
//!
//! Modules import downwards only, in this order: `lower`, `bundle`, `direction`, `contract`, `problems`, `routes`, `invariant`, `model`, `resolve`,
//! `load`, `error`, and at the bottom `draft`, `formats`, `keywords`, `location`, `objects`, `suggest` and `uri`.
//!
//! ```no_run
//! let contract = charter_contract::load("schema".into())?;
//! assert!(contract.operation("orders.get").is_some());
//! # Ok::<(), charter_contract::Error>(())
//! ```

mod bundle;
mod contract;
mod direction;
mod draft;
mod error;
mod formats;
pub mod invariant;
pub mod keywords;
pub mod load;
mod location;
mod lower;
mod model;
pub mod objects;
mod problems;
mod resolve;
mod routes;
mod suggest;
mod uri;

pub use bundle::{Bundle, BundleError, Bundles};
pub use charter_json::{self as json, Position, push_token, unescape_token};
pub use contract::{Contract, stem};
pub use direction::{Direction, SOURCE_VERSION};
pub use draft::Draft;
pub use error::{Error, Fault, Listing, Place, Problem};
pub use formats::{AssertedFormats, FORMATS, Format, UnknownFormat};
pub use load::{Sources, foreign_file, read_map, read_schemas};
pub use location::Location;
pub use model::*;
pub use problems::Strictness;
pub use resolve::resolve;
pub use routes::{NoRoute, Route};
pub use suggest::{edit_distance, missing_path, most_similar, nearest};
pub use uri::pointer_fragment;

use camino::Utf8Path;

/// The JSON Schema of `charter.toml`.
pub const CONFIG_SCHEMA: &str = include_str!("../meta/config.schema.json");

/// Loads the schemas and operations of a folder; `charter_rules::load` also reads its invariants.
///
/// # Errors
/// The folder cannot be read, or the contract is invalid: every problem of the first stage that finds one.
pub fn load(folder: &Utf8Path) -> Result<Contract, Error> {
    from_documents(load::read_contract(folder)?)
}

/// Builds the schemas and operations of a contract from documents held in memory: their names relative to the folder, and
/// their bytes.
///
/// # Errors
/// The contract is invalid: every problem of the first stage that finds one.
pub fn from_documents(files: Vec<(String, Vec<u8>)>) -> Result<Contract, Error> {
    from_documents_with(files, Strictness::Strict)
}

/// Builds a contract like [`from_documents`]; the strictness says which problems are errors.
///
/// # Errors
/// The contract is invalid: every problem of the first stage that finds one.
pub fn from_documents_with(files: Vec<(String, Vec<u8>)>, strictness: Strictness) -> Result<Contract, Error> {
    lower::lower(load::Documents::parse_contract(files)?, Draft::default(), strictness)
}

/// Builds a contract of schemas alone from documents of any name: JSON Schemas of any draft, or an OpenAPI document.
///
/// # Errors
/// A document is invalid: every problem of the first stage that finds one.
pub fn from_sources(sources: Sources) -> Result<Contract, Error> {
    let draft = sources.draft;
    lower::lower(sources.parse()?, draft, Strictness::Strict)
}
