//! The checks that a shape does not express, as data. The emitter of types and the compiled reader share the list.

use charter_contract::{Contract, Location, SchemaId};
use charter_runtime::Pattern;
use serde::Serialize;
use serde_json::Number;

use super::conjunction::Conjunction;
use crate::Error;

/// One check: a keyword, its operand and its location.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// The keyword.
    pub keyword: &'static str,
    /// The operand.
    pub limit: Limit,
    /// The location of the keyword.
    pub location: Location,
}

/// The operand of a check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Limit {
    /// A number.
    Number(Number),
    /// A count of characters, items or keys.
    Count(u64),
    /// A pattern: as in the schema, and in the syntax of Rust.
    Pattern {
        /// As in the schema.
        written: String,
        /// In the syntax of Rust.
        pattern: String,
    },
    /// No two items are equal.
    Unique,
    /// Keys that are required if another key is present.
    Keys {
        /// The key.
        key: String,
        /// The keys that it requires.
        needs: Vec<String>,
    },
    /// The whole schema, checked by the `jsonschema` crate: no Rust type expresses the keyword.
    Schema(SchemaId),
}

impl Check {
    /// A keyword of a schema.
    pub(super) fn of(contract: &Contract, id: SchemaId, keyword: &'static str, limit: Limit) -> Self {
        Self { keyword, limit, location: contract.schema(id).location.child(keyword) }
    }

    /// A keyword that the `jsonschema` crate checks.
    pub(super) fn schema(contract: &Contract, id: SchemaId, keyword: &'static str) -> Self {
        Self::of(contract, id, keyword, Limit::Schema(id))
    }

    /// Whether the `jsonschema` crate checks it.
    pub fn is_reference(&self) -> bool {
        matches!(self.limit, Limit::Schema(_))
    }
}

/// The checks on a string.
pub(super) fn string(contract: &Contract, all: &Conjunction) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    for (part, keywords) in all.keywords(contract) {
        count(contract, part.id, &mut checks, [("minLength", keywords.min_length), ("maxLength", keywords.max_length)]);
        if let Some(written) = &keywords.pattern {
            let pattern = pattern(contract, part.id, "pattern", written)?;
            push(&mut checks, Check::of(contract, part.id, "pattern", Limit::Pattern { written: written.clone(), pattern }));
        }
        if keywords.format_asserted {
            push(&mut checks, Check::schema(contract, part.id, "format"));
        }
    }
    Ok(checks)
}

/// Adds the counts that are present. A minimum of 0 has no effect.
pub(super) fn count<const N: usize>(contract: &Contract, id: SchemaId, checks: &mut Vec<Check>, limits: [(&'static str, Option<u64>); N]) {
    for (keyword, limit) in limits {
        let Some(limit) = limit else { continue };
        if limit > 0 || keyword.starts_with("max") {
            push(checks, Check::of(contract, id, keyword, Limit::Count(limit)));
        }
    }
}

/// Adds a check, unless an equal one is in the list.
pub(super) fn push(checks: &mut Vec<Check>, check: Check) {
    if !checks.iter().any(|known| known.keyword == check.keyword && known.limit == check.limit) {
        checks.push(check);
    }
}

/// An ECMA-262 pattern in the syntax of Rust.
pub(super) fn pattern(contract: &Contract, id: SchemaId, keyword: &str, written: &str) -> Result<String, Error> {
    let refused =
        |message: String| Error::Pattern { location: contract.schema(id).location.child(keyword), pattern: written.to_owned(), message };
    let translated = jsonschema_regex::to_rust_regex(written).map_err(|()| {
        let cause = if repeats_too_often(written) {
            "a repeat count is above 4294967295; leave it out if it has no limit"
        } else {
            "not a regular expression of ECMA-262"
        };
        refused(cause.to_owned())
    })?;
    Pattern::compile(&translated).map_err(|error| refused(reason(&error)))?;
    Ok(translated.into_owned())
}

/// Why a pattern does not compile. The text of the engine's error does not name the limit.
fn reason(error: &fancy_regex::Error) -> String {
    if let fancy_regex::Error::CompileError(cause) = error
        && let fancy_regex::CompileError::InnerError(cause) = cause.as_ref()
        && let Some(limit) = cause.size_limit()
    {
        return format!("it needs more than {} MiB of memory; use smaller repeat counts, or `maxLength`", limit >> 20);
    }
    error.to_string()
}

/// Whether a pattern has a repeat count that does not fit into 32 bits.
fn repeats_too_often(written: &str) -> bool {
    let counts = written.split(['{', ',', '}']).filter(|count| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()));
    counts.into_iter().any(|count| count.parse::<u32>().is_err())
}
