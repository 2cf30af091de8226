//! Small schemas and their generated types. The tests of this crate use the types as a user's crate does.
//!
//! `build.rs` generates the types of `cases/<case>/case.schema.json` or `openapi.yaml`. `cases/<case>/case.rs` is the part that reviewers read; a test
//! compares it with the output of the generator.
#![warn(clippy::pedantic)]
#![allow(missing_docs, unreachable_pub, reason = "names and texts are those of the schemas")]

/// A type of this crate that one of the cases uses instead of a generated one.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The amount.
    pub amount: i64,
    /// The unit.
    pub unit: String,
}

include!(concat!(env!("OUT_DIR"), "/cases.rs"));
