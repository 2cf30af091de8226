//! Numbers: the narrowest shape that holds all valid values, and the bounds that it does not express.

use charter_contract::{Contract, Integers};
use serde_json::Number;

use super::check::{Check, Limit, push};
use super::conjunction::Conjunction;
use super::{Machine, Shape};

/// 2^53: every integer up to it is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The checks on numbers, and the shape that holds the numbers that can pass them.
pub(super) fn number(contract: &Contract, all: &Conjunction, integer: bool, integers: Integers) -> (Shape, Vec<Check>) {
    let mut checks = Vec::new();
    for (part, keywords) in all.keywords(contract) {
        let bounds = [
            ("minimum", &keywords.minimum),
            ("maximum", &keywords.maximum),
            ("exclusiveMinimum", &keywords.exclusive_minimum),
            ("exclusiveMaximum", &keywords.exclusive_maximum),
            ("multipleOf", &keywords.multiple_of),
        ];
        for (keyword, bound) in bounds {
            if let Some(bound) = bound {
                push(&mut checks, Check::of(contract, part.id, keyword, Limit::Number(bound.clone())));
            }
        }
    }
    if integer
        && integers == Integers::Narrow
        && let Some(machine) = narrowest(&mut checks)
    {
        return (Shape::Machine(machine), checks);
    }
    let limits = |words: [&str; 2]| {
        let given = checks.iter().filter(move |check| words.contains(&check.keyword));
        given.filter_map(|check| if let Limit::Number(number) = &check.limit { number.as_f64() } else { None }).collect::<Vec<_>>()
    };
    let low = limits(["minimum", "exclusiveMinimum"]).into_iter().reduce(f64::max);
    let high = limits(["maximum", "exclusiveMaximum"]).into_iter().reduce(f64::min);
    let within = |limit: f64| low.is_some_and(|low| low >= -limit) && high.is_some_and(|high| high <= limit);
    let shape = match integer {
        // Strictly below 2^63: `i64::MAX` is not a double.
        true if within(9.2e18) && whole(&checks) => Shape::Integer64,
        true => Shape::Integer,
        false if within(EXACT) => Shape::Double,
        false => Shape::Number,
    };
    (shape, checks)
}

/// Whether every bound is an integer of i64, so that integers compare with it exactly.
fn whole(checks: &[Check]) -> bool {
    let mut bounds = checks.iter().filter(|check| check.keyword != "multipleOf");
    bounds.all(|check| matches!(&check.limit, Limit::Number(number) if number.is_i64() && !is_minimum(number)))
}

/// The only `i64` whose absolute value is not an `i64`.
fn is_minimum(number: &Number) -> bool {
    number.as_i64() == Some(i64::MIN)
}

/// The smallest type that holds every integer within the bounds. Bounds that the type itself enforces are removed from the checks.
fn narrowest(checks: &mut Vec<Check>) -> Option<Machine> {
    let whole = |check: &Check| match &check.limit {
        Limit::Number(number) => number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)),
        _ => None,
    };
    // The smallest or largest integer that satisfies a bound.
    let edge = |check: &Check| match check.keyword {
        "exclusiveMinimum" => whole(check).map(|bound| bound + 1),
        "exclusiveMaximum" => whole(check).map(|bound| bound - 1),
        _ => whole(check),
    };
    let is_low = |check: &Check| matches!(check.keyword, "minimum" | "exclusiveMinimum");
    let is_high = |check: &Check| matches!(check.keyword, "maximum" | "exclusiveMaximum");
    if checks.iter().any(|check| (is_low(check) || is_high(check)) && whole(check).is_none()) {
        return None;
    }
    let low = checks.iter().filter(|check| is_low(check)).filter_map(edge).max()?;
    let high = checks.iter().filter(|check| is_high(check)).filter_map(edge).min()?;
    let machine = Machine::ALL.into_iter().find(|machine| {
        let (first, last) = machine.range();
        low <= high && first <= low && high <= last
    })?;
    let (first, last) = machine.range();
    checks.retain(|check| match edge(check) {
        Some(edge) if is_low(check) => edge > first,
        Some(edge) if is_high(check) => edge < last,
        _ => true,
    });
    Some(machine)
}
