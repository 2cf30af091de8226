//! Comparison and multiples of numbers.

use crate::{Integer, Number};

#[test]
fn numbers_compare_by_value() {
    let number = |text: &str| serde_json::from_str::<Number>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(number("1"), number("1.0"));
    assert_ne!(number("9007199254740993"), number("9007199254740992.0"));
    assert!(number("18446744073709551615") > number("18446744073709551614"));
    assert!(number("-1") < number("-0.5") && number("0") > number("-0.5") && number("0") < number("0.5"));
    assert!(number("1e300") > number("18446744073709551615") && number("-1e300") < number("-9223372036854775808"));
    assert!(serde_json::from_str::<Integer>("5.5").is_err());
}

#[test]
fn multiples_are_computed_on_decimals() {
    let number = |text: &str| serde_json::from_str::<Number>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let is_multiple = |value: &str, of: &str| number(value).is_multiple_of(&number(of));
    assert!(is_multiple("0.0075", "0.0001") && !is_multiple("0.00751", "0.0001"));
    assert!(is_multiple("4.35", "0.01") && is_multiple("12391239123", "1e-8") && is_multiple("1e308", "1e-300"));
    assert!(is_multiple("0", "7") && is_multiple("-14", "7") && !is_multiple("15", "7") && is_multiple("5.0", "2.5"));
    assert!(!is_multiple("1e-300", "1e300") && is_multiple("18446744073709551615", "5") && !is_multiple("1e308", "0.123456789"));
}
