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
    let mut format = None;
    for (part, keywords) in all.keywords(contract) {
        format = format.or_else(|| keywords.format.as_deref().and_then(format_of)).filter(|_| contract.openapi_version().is_some());
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
        && let Some(machine) = narrowest(&mut checks, format)
    {
        return (Shape::Machine(machine), checks);
    }
    if integer && let Some(shape) = of_format(&mut checks, format) {
        return (shape, checks);
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

/// The type that an integer format names.
fn format_of(format: &str) -> Option<Machine> {
    Some(match format {
        "int8" => Machine::I8,
        "int16" => Machine::I16,
        "int32" => Machine::I32,
        "int64" => Machine::I64,
        "uint8" => Machine::U8,
        "uint16" => Machine::U16,
        "uint32" => Machine::U32,
        "uint64" | "uint" => Machine::U64,
        _ => return None,
    })
}

/// The shape of an integer with a format in an OpenAPI document: 64 bits, because documents also call larger values than theirs `int32`.
/// Formats are annotations, so an unsigned shape needs a bound as well.
///
/// # Source
/// OpenAPI 3.1.1, "Data Type Format": `int64` is a signed integer of 64 bits. JSON Schema has no format of integers, so that a schema
/// outside OpenAPI keeps every integer.
fn of_format(checks: &mut Vec<Check>, format: Option<Machine>) -> Option<Shape> {
    let format = format?;
    if checks.iter().any(|check| edge(check).is_none() && check.keyword != "multipleOf") {
        return None;
    }
    let low = checks.iter().filter(|check| is_low(check)).filter_map(edge).max();
    let is_unsigned = format.range().0 == 0 && low.is_some_and(|low| low >= 0);
    if !is_unsigned && format == Machine::U64 {
        // No type of 64 bits holds both negative integers and integers above `i64::MAX`.
        return None;
    }
    let (first, last) = if is_unsigned { Machine::U64.range() } else { Machine::I64.range() };
    // Without the bounds that the type has by itself.
    let is_own = |check: &Check| edge(check) == Some(if is_low(check) { first } else { last });
    let others: Vec<Check> = checks.iter().filter(|check| !is_own(check)).cloned().collect();
    if !whole(&others) {
        return None;
    }
    *checks = others;
    Some(if is_unsigned { Shape::Machine(Machine::U64) } else { Shape::Integer64 })
}

/// The bound as an integer.
fn whole_bound(check: &Check) -> Option<i128> {
    match &check.limit {
        Limit::Number(number) => number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)),
        _ => None,
    }
}

/// The smallest or largest integer that satisfies a bound.
fn edge(check: &Check) -> Option<i128> {
    match check.keyword {
        "exclusiveMinimum" => whole_bound(check).map(|bound| bound + 1),
        "exclusiveMaximum" => whole_bound(check).map(|bound| bound - 1),
        _ => whole_bound(check),
    }
}

fn is_low(check: &Check) -> bool {
    matches!(check.keyword, "minimum" | "exclusiveMinimum")
}

fn is_high(check: &Check) -> bool {
    matches!(check.keyword, "maximum" | "exclusiveMaximum")
}

/// The smallest type that holds every integer within the bounds; without a lower or an upper bound, that of the format. Bounds that the type
/// itself enforces are removed from the checks.
fn narrowest(checks: &mut Vec<Check>, format: Option<Machine>) -> Option<Machine> {
    if checks.iter().any(|check| (is_low(check) || is_high(check)) && whole_bound(check).is_none()) {
        return None;
    }
    let (least, most) = format.map(Machine::range).unzip();
    let low = checks.iter().filter(|check| is_low(check)).filter_map(edge).max().or(least)?;
    let high = checks.iter().filter(|check| is_high(check)).filter_map(edge).min().or(most)?;
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
