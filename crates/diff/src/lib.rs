//! What changed between two contracts, whom it breaks, and the document that shows it.
//!
//! | stage | module | what it owns |
//! |---|---|---|
//! | side | [`Side`] | one of the two contracts: each schema standing alone, its validator, its canonical form |
//! | compare | `compare` | pairs of schemas, keyword by keyword: what differs, and where |
//! | prove | `prove` | whether one schema accepts all that another does, as the set algebra of `jsonschema` or the structure proves it |
//! | witness | `witness` | a small document that one side accepts and the other refuses, found among samples and made smaller |
//! | operations | `operations`, [`wire`] | methods, parameters, statuses; exchanges in outline that one contract promises |
//! | join | [`rust`], [`rules`], [`recordings`] | what the change does to generated code, to rules, to recordings |
//! | import | [`import`] | an OpenAPI document to a contract's files |
//! | drift | [`drift`] | what recordings show that the contract does not say |
//! | report | [`report`] | text, Markdown, JSON; no verdict is made there |
//!
//! Nothing is called compatible that is not proved, and nothing breaking without a document that shows it: the rest is unknown.

pub mod change;
mod compare;
mod diff;
pub mod drift;
pub mod import;
mod lift;
mod operations;
mod prove;
pub mod recordings;
pub mod report;
pub mod rules;
pub mod rust;
mod sample;
mod side;
pub mod wire;
mod witness;

pub use change::{Change, Evidence, Kind, OperationChange, Verdict};
pub use compare::{Differences, Found, Note, compare};
pub use diff::{BodyVerdict, Diff, Options, SchemaChange, Totals, Use, diff};
pub use operations::{Body, OperationPair, Operations, operations};
pub use side::Side;
