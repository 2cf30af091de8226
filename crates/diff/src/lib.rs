//! Compares two contracts: what changed, which clients and servers it breaks, and a witness document for each break.
//!
//! | stage | module | what it owns |
//! |---|---|---|
//! | side | [`Side`] | one of the two contracts: each schema as a separate document, its validator, its canonical form |
//! | compare | `compare` | the differences of pairs of schemas, keyword by keyword |
//! | prove | `prove` | proofs that one schema accepts every document of another, by the set algebra of `jsonschema` |
//! | pattern | `pattern` | whether one pattern matches all texts of another, by a product of automata |
//! | witness | `witness` | a small document that one side accepts and the other refuses, found by sampling and shrinking |
//! | operations | `operations`, [`wire`] | methods, parameters, statuses; outlines of exchanges as witnesses |
//! | texts | `texts` | the values of parameters and fields of forms, as they are on the wire |
//! | components | `components` | documents without operations: an operation for each component |
//! | annotations | `annotations` | formats and defaults that have an effect in an OpenAPI document |
//! | judge | `judge` | the comparison of the schemas, once or once for each direction |
//! | directions | `directions` | `readOnly` and `writeOnly`: the contracts for requests and for responses |
//! | complete | `document` | the differences of the documents that no other stage judges |
//! | settings | `settings` | the differences of `charter.toml` |
//! | join | [`rust`], [`rules`], [`recordings`] | the effect on generated code, rules and recordings |
//! | policy | [`policy`], [`pages`] | the reading that decides, levels, accepted changes; the page of each kind |
//! | progress | [`Progress`] | the stage of a long comparison, for another thread |
//! | import | [`import`] | converts an OpenAPI document to the files of a contract |
//! | drift | [`drift`] | values in recordings that the contract does not describe |
//! | report | [`report`] | text, Markdown, JSON; renderers make no verdict |
//!
//! A change is compatible only by a proof and breaking only by a witness. Every other change is unknown.

mod annotations;
pub mod change;
mod compare;
mod components;
mod diff;
mod directions;
mod document;
pub mod drift;
mod evaluate;
mod exact;
pub mod import;
mod judge;
mod lift;
mod operations;
pub mod pages;
mod pattern;
pub mod policy;
mod progress;
mod prove;
pub mod recordings;
pub mod report;
pub mod rules;
pub mod rust;
mod sample;
mod settings;
mod side;
mod texts;
pub mod wire;
mod witness;

pub use change::{Change, Evidence, Kind, OperationChange, Verdict};
pub use compare::{Differences, FoundChange, Note, compare};
pub use diff::{BodyVerdict, Diff, Options, SchemaChange, Totals, Use, diff};
pub use document::NotCompared;
pub use operations::{Body, OperationPair, Operations, operations};
pub use progress::Progress;
pub use side::Side;
