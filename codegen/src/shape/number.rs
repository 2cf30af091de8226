//! Numbers: the shape that holds exactly those which may pass, and the bounds that remain.

use charter_schema::Contract;
use serde_json::Number;

use super::Shape;
use super::check::{Check, Limit, push};
use super::conjunction::Conjunction;

/// The largest integer below which every integer is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The checks on numbers, and the shape that holds the numbers which may pass them.
pub(super) fn number(contract: &Contract, all: &Conjunction, integer: bool) -> (Shape, Vec<Check>) {
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
    let limits = |words: [&str; 2]| {
        let given = checks.iter().filter(move |check| words.contains(&check.keyword));
        given.filter_map(|check| if let Limit::Number(number) = &check.limit { number.as_f64() } else { None }).collect::<Vec<_>>()
    };
    let low = limits(["minimum", "exclusiveMinimum"]).into_iter().reduce(f64::max);
    let high = limits(["maximum", "exclusiveMaximum"]).into_iter().reduce(f64::min);
    let within = |limit: f64| low.is_some_and(|low| low >= -limit) && high.is_some_and(|high| high <= limit);
    let shape = match integer {
        // Strictly below 2^63, whose neighbour i64::MAX is no double.
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

/// The one integer whose magnitude is none.
fn is_minimum(number: &Number) -> bool {
    number.as_i64() == Some(i64::MIN)
}
