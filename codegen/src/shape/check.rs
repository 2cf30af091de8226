//! The checks that remain beside a shape, as data: the emitter of the types and every other reader share the list.

use charter_schema::{Contract, Location, SchemaId};
use serde::Serialize;
use serde_json::Number;

use super::Shape;
use crate::Error;

/// One check: a keyword, its operand, and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// The keyword.
    pub keyword: &'static str,
    /// What it compares with.
    pub limit: Limit,
    /// Where it stands.
    pub location: Location,
}

/// What a check compares with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Limit {
    /// A number.
    Number(Number),
    /// A count of characters or items.
    Count(u64),
}

/// The largest integer below which every integer is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The checks on numbers, and the shape that holds exactly the numbers which may pass them.
pub(super) fn number(contract: &Contract, id: SchemaId, integer: bool) -> Result<(Shape, Vec<Check>), Error> {
    let schema = contract.schema(id);
    let keywords = &schema.keywords;
    let mut checks = Vec::new();
    let bounds = [
        ("minimum", &keywords.minimum),
        ("maximum", &keywords.maximum),
        ("exclusiveMinimum", &keywords.exclusive_minimum),
        ("exclusiveMaximum", &keywords.exclusive_maximum),
    ];
    for (keyword, bound) in bounds {
        if let Some(bound) = bound {
            checks.push(Check { keyword, limit: Limit::Number(bound.clone()), location: schema.location.child(keyword) });
        }
    }
    if keywords.multiple_of.is_some() {
        return Err(unsupported(&schema.location, "multipleOf"));
    }
    let low = [&keywords.minimum, &keywords.exclusive_minimum].into_iter().flatten().filter_map(Number::as_f64).reduce(f64::max);
    let high = [&keywords.maximum, &keywords.exclusive_maximum].into_iter().flatten().filter_map(Number::as_f64).reduce(f64::min);
    let within = |limit: f64| low.is_some_and(|low| low >= -limit) && high.is_some_and(|high| high <= limit);
    let shape = match integer {
        // Strictly below 2^63, whose neighbour i64::MAX is no double.
        true if within(9.2e18) && whole(&checks) => Shape::Integer64,
        true => Shape::Integer,
        false if within(EXACT) => Shape::Double,
        false => Shape::Number,
    };
    Ok((shape, checks))
}

/// Whether every bound is an integer of i64, so that integers compare with it exactly.
fn whole(checks: &[Check]) -> bool {
    checks.iter().all(|check| matches!(&check.limit, Limit::Number(number) if number.is_i64()))
}

/// The checks on a string.
pub(super) fn string(contract: &Contract, id: SchemaId) -> Result<Vec<Check>, Error> {
    let schema = contract.schema(id);
    if schema.keywords.pattern.is_some() {
        return Err(unsupported(&schema.location, "pattern"));
    }
    Ok(counts(&schema.location, [("minLength", schema.keywords.min_length), ("maxLength", schema.keywords.max_length)]))
}

/// The checks on a list.
pub(super) fn list(contract: &Contract, id: SchemaId) -> Result<Vec<Check>, Error> {
    let schema = contract.schema(id);
    if schema.keywords.unique_items {
        return Err(unsupported(&schema.location, "uniqueItems"));
    }
    if !schema.keywords.prefix_items.is_empty() {
        return Err(unsupported(&schema.location, "prefixItems"));
    }
    Ok(counts(&schema.location, [("minItems", schema.keywords.min_items), ("maxItems", schema.keywords.max_items)]))
}

fn counts(location: &Location, limits: [(&'static str, Option<u64>); 2]) -> Vec<Check> {
    let given = limits.into_iter().filter_map(|(keyword, limit)| Some((keyword, limit?)));
    given.map(|(keyword, limit)| Check { keyword, limit: Limit::Count(limit), location: location.child(keyword) }).collect()
}

/// A keyword that is not generated yet.
pub(super) fn unsupported(location: &Location, keyword: &str) -> Error {
    Error::Unsupported {
        location: location.child(keyword),
        keyword: keyword.to_owned(),
        remedy: "say it in another way, or leave it to an invariant",
    }
}
