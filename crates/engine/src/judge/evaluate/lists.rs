//! Functions of whole lists: `sum`, `min`, `max`, `distinct`, `isSorted`.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::super::bind::Binder;
use super::fault::{Fault, FaultKind};
use super::program::BUDGET;
use super::value::{Val, compare, equals};

/// The sum of numbers of one kind, or of durations. Doubles are added as the decimals that they were written as, and the result is rounded once.
pub(super) fn sum<'v>(items: &[Val<'v>]) -> Result<Val<'v>, Fault> {
    let refused = |item: &Val<'_>| Fault::unsupported("add", &items[0], item);
    let overflow = |item: &Val<'_>| Fault::overflow("add", &items[0], item);
    match items.first() {
        // The kind of the items is not known here.
        None => Ok(Val::EmptySum),
        Some(Val::Int(_)) => fold(items, |item| if let Val::Int(value) = item { Some((*value).into()) } else { None }, refused)
            .and_then(|sum| i64::try_from(sum).map(Val::Int).map_err(|_| overflow(&items[items.len() - 1]))),
        Some(Val::Uint(_)) => fold(items, |item| if let Val::Uint(value) = item { Some((*value).into()) } else { None }, refused)
            .and_then(|sum| u64::try_from(sum).map(Val::Uint).map_err(|_| overflow(&items[items.len() - 1]))),
        Some(Val::Duration(_)) => fold(items, |item| if let Val::Duration(value) = item { Some((*value).into()) } else { None }, refused)
            .and_then(|sum| i64::try_from(sum).map(Val::Duration).map_err(|_| overflow(&items[items.len() - 1]))),
        Some(Val::Double(_)) => {
            let doubles = items.iter().map(|item| if let Val::Double(value) = item { Ok(*value) } else { Err(refused(item)) });
            let doubles = doubles.collect::<Result<Vec<f64>, Fault>>()?;
            Ok(Val::Double(decimal_sum(&doubles).unwrap_or_else(|| doubles.iter().sum())))
        }
        Some(other) => Err(Fault::overload("sum", &[other])),
    }
}

fn fold<'v>(items: &[Val<'v>], read: impl Fn(&Val<'v>) -> Option<i128>, refused: impl Fn(&Val<'v>) -> Fault) -> Result<i128, Fault> {
    // Lists are shorter than 2^63 items, so that 128 bits hold every sum of 64-bit numbers.
    items.iter().try_fold(0i128, |sum, item| read(item).map(|value| sum + value).ok_or_else(|| refused(item)))
}

/// A decimal: digits and the power of ten that they are multiplied by.
type Decimal = (i128, i32);

/// The shortest decimal that reads as a double: the text of a document, if it has at most 15 digits.
fn decimal(value: f64) -> Option<Decimal> {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = i32::try_from(fraction.len()).ok()?;
    Some((format!("{whole}{fraction}").parse().ok()?, exponent - places))
}

/// The exact sum of decimals, rounded to a double; `None` if it needs more than 38 digits or a value is not finite.
fn decimal_sum(values: &[f64]) -> Option<f64> {
    let decimals = values.iter().map(|value| decimal(*value)).collect::<Option<Vec<Decimal>>>()?;
    let lowest = decimals.iter().filter(|(digits, _)| *digits != 0).map(|(_, exponent)| *exponent).min().unwrap_or(0);
    let sum = decimals.iter().try_fold(0i128, |sum, (digits, exponent)| {
        if *digits == 0 {
            return Some(sum);
        }
        let scale = 10i128.checked_pow(u32::try_from(exponent - lowest).ok()?)?;
        sum.checked_add(digits.checked_mul(scale)?)
    })?;
    format!("{sum}e{lowest}").parse().ok()
}

/// The least (`Ordering::Less`) or the greatest item; the first of equal ones.
pub(super) fn extreme<'v>(name: &'static str, wanted: Ordering, items: &[Val<'v>]) -> Result<Val<'v>, Fault> {
    let Some((first, rest)) = items.split_first() else { return Err(Fault::function(name, "the list is empty")) };
    let best = rest.iter().try_fold(first, |best, item| match compare(item, best) {
        Some(ordering) => Ok(if ordering == wanted { item } else { best }),
        None => Err(Fault::overload(name, &[best, item])),
    })?;
    Ok(best.clone())
}

/// Whether no item is less than the one before it.
pub(super) fn is_sorted<'v>(items: &[Val<'v>]) -> Result<Val<'v>, Fault> {
    for pair in items.windows(2) {
        match compare(&pair[0], &pair[1]) {
            Some(Ordering::Greater) => return Ok(Val::Bool(false)),
            Some(_) => {}
            None => return Err(Fault::overload("isSorted", &[&pair[0], &pair[1]])),
        }
    }
    Ok(Val::Bool(true))
}

/// The list without items that equal an earlier one.
pub(super) fn distinct<'v>(items: Vec<Val<'v>>, binder: &Binder) -> Result<Val<'v>, Fault> {
    if items.iter().all(|item| matches!(item, Val::Text(_))) {
        let mut seen = HashSet::new();
        let is_new = items.iter().map(|item| if let Val::Text(text) = item { seen.insert(text.clone()) } else { true });
        let is_new: Vec<bool> = is_new.collect();
        return Ok(Val::List(items.into_iter().zip(is_new).filter(|(_, is_new)| *is_new).map(|(item, _)| item).collect()));
    }
    let (mut found, mut steps): (Vec<Val<'v>>, u64) = (Vec::new(), 0);
    for item in items {
        steps += found.len() as u64;
        if steps > BUDGET {
            return Err(FaultKind::TooManySteps.into());
        }
        if !found.iter().any(|known| equals(known, &item, binder)) {
            found.push(item);
        }
    }
    Ok(Val::List(found.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_sum(values: &[f64], expected: f64) {
        assert_eq!(decimal_sum(values), Some(expected), "{values:?}");
    }

    #[test]
    fn doubles_are_added_as_decimals() {
        check_sum(&[0.1, 0.2], 0.3);
        check_sum(&[19.99, 5.01, 0.1, 0.1, 0.1], 25.3);
        check_sum(&[1e16, 1.0, -1e16], 1.0);
        check_sum(&[0.0, -0.0], 0.0);
        check_sum(&[-1.5, 1.5], 0.0);
        check_sum(&[1e-7, 1e7], 10_000_000.000_000_1);
        assert_eq!(decimal_sum(&[1e300, 1e-300]), None);
        assert_eq!(decimal_sum(&[f64::NAN]), None);
        assert_eq!(decimal_sum(&[f64::INFINITY]), None);
    }
}
