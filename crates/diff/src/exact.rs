//! Numbers as exact decimals: `f64` has gaps beyond 2^53, and most decimal fractions have no exact `f64`.

use std::cmp::Ordering;

use serde_json::Number;

/// A decimal number: `digits * 10^exponent`.
#[derive(Clone, Copy, Debug)]
struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// The number as its shortest text. `None` if it has more digits than fit.
    fn of(number: &Number) -> Option<Self> {
        if let Some(digits) = number.as_i128() {
            return Some(Self { digits, exponent: 0 });
        }
        let text = number.to_string().to_ascii_lowercase();
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        Some(Self { digits: format!("{whole}{fraction}").parse().ok()?, exponent })
    }

    /// The digits of two numbers with the same exponent. `None` if they do not fit.
    fn aligned(self, other: Self) -> Option<(i128, i128)> {
        let exponent = self.exponent.min(other.exponent);
        let scaled = |number: Self| -> Option<i128> {
            if number.digits == 0 {
                return Some(0);
            }
            let places = u32::try_from(number.exponent.checked_sub(exponent)?).ok()?;
            number.digits.checked_mul(10_i128.checked_pow(places)?)
        };
        Some((scaled(self)?, scaled(other)?))
    }
}

/// The order of two numbers.
pub(crate) fn compare(one: &Number, other: &Number) -> Ordering {
    let aligned = Decimal::of(one).zip(Decimal::of(other)).and_then(|(one, other)| one.aligned(other));
    match aligned {
        Some((one, other)) => one.cmp(&other),
        // Numbers that differ so much in size are not equal as `f64` either.
        None => one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
    }
}

/// Whether a number is a multiple of a step. `None` if the step is not positive, or if the digits do not fit.
pub(crate) fn is_multiple(number: &Number, step: &Number) -> Option<bool> {
    let (number, step) = Decimal::of(number)?.aligned(Decimal::of(step)?)?;
    (step > 0).then(|| number % step == 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(value: &serde_json::Value) -> Number {
        value.as_number().expect("a number").clone()
    }

    #[test]
    fn numbers_are_compared_exactly() {
        for (one, other, order) in [
            (json!(9_007_199_254_740_992_i64), json!(9_007_199_254_740_993_i64), Ordering::Less),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0), Ordering::Greater),
            (json!(0.1), json!(0.10), Ordering::Equal),
            (json!(1e300), json!(-1e300), Ordering::Greater),
            (json!(1e-300), json!(1e300), Ordering::Less),
            (json!(0), json!(-1e300), Ordering::Greater),
        ] {
            assert_eq!(compare(&number(&one), &number(&other)), order, "{one} {other}");
        }
    }

    #[test]
    fn decimal_fractions_have_exact_multiples() {
        let is = |one: &serde_json::Value, step: &serde_json::Value| is_multiple(&number(one), &number(step));
        assert_eq!(is(&json!(19.99), &json!(0.01)), Some(true));
        assert_eq!(is(&json!(19.995), &json!(0.01)), Some(false));
        assert_eq!(is(&json!(9_007_199_254_740_993_i64), &json!(2)), Some(false));
        assert_eq!(is(&json!(1), &json!(0)), None);
    }
}
