//! Classes of values: what of a value decides most conditions without its content. An evaluation that reads classes alone has the same result for all
//! values of the same classes.

use std::cell::Cell;
use std::cmp::Ordering;

use charter_contract::invariant::Literal;
use charter_rules::slots::SlotId;

use super::value::{Instant, Val};

/// The class of a value.
pub(crate) type Class = u8;

const ABSENT: Class = 0;
const NULL: Class = 1;
const FALSE: Class = 2;
const TRUE: Class = 3;
const NUMBER: Class = 4;
const EMPTY_ARRAY: Class = 5;
const ARRAY: Class = 6;
const EMPTY_OBJECT: Class = 7;
const OBJECT: Class = 8;
/// A string that is none of the literals.
const OTHER_TEXT: Class = 9;
/// A string with an escape: it may be a literal.
const ESCAPED_TEXT: Class = 10;
/// The string of the path parameter that rules compare the value with.
const PARAMETER: Class = 11;
/// A string that is an instant, and none of the literals.
const INSTANT: Class = 12;
/// The first literal.
const LITERAL: Class = 16;
/// The first class of a number by the constants that it is compared with. There are four classes for each constant, and two more: a number is less than the
/// first constant, equal to it, between it and the next one, and so on; and it has a fraction or not.
const COMPARED_NUMBER: Class = 128;

/// The largest number of literals.
const MAX_LITERALS: usize = (COMPARED_NUMBER - LITERAL) as usize;
/// The largest number of constants.
const MAX_NUMBERS: usize = 31;
/// From here on, not every integer is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// The largest number of digits of integers that are certainly less.
const EXACT_DIGITS: usize = 15;

/// What rules compare a value with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Constants {
    texts: Vec<Box<str>>,
    /// Sorted.
    numbers: Vec<f64>,
    /// The path parameter, by its index.
    parameter: Option<usize>,
    /// Whether rules test if the value is an instant.
    has_instants: bool,
}

impl Constants {
    /// Adds a literal.
    pub(crate) fn add(&mut self, literal: &Literal) {
        let number = match literal {
            Literal::String(text) => {
                if self.texts.len() < MAX_LITERALS && !self.texts.iter().any(|known| **known == **text) {
                    self.texts.push(text.as_str().into());
                }
                return;
            }
            Literal::Int(value) => *value as f64,
            Literal::Uint(value) => *value as f64,
            Literal::Double(value) => *value,
            _ => return,
        };
        if self.numbers.len() < MAX_NUMBERS && number.abs() < EXACT && !self.numbers.contains(&number) {
            self.numbers.push(number);
            self.numbers.sort_by(f64::total_cmp);
        }
    }

    /// Adds a path parameter that is a string. Comparisons with other parameters are not decided.
    pub(crate) fn add_parameter(&mut self, parameter: usize) {
        self.parameter.get_or_insert(parameter);
    }

    /// Separates strings that are instants from others.
    pub(crate) fn add_instants(&mut self) {
        self.has_instants = true;
    }

    /// Whether strings that are instants are separated from others.
    pub(crate) fn has_instants(&self) -> bool {
        self.has_instants
    }

    fn has_number(&self, constant: &Val<'_>) -> bool {
        number_of(constant).is_some_and(|constant| self.numbers.contains(&constant))
    }

    /// The class of a number.
    fn class_of_number(&self, raw: &str) -> Class {
        if self.numbers.is_empty() {
            return NUMBER;
        }
        let is_integer = raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        // An integer with more digits may not be a double, and what `1.0` is depends on its schema.
        let value = raw.parse().ok().filter(|value: &f64| match is_integer {
            true => raw.len() <= EXACT_DIGITS,
            false => value.fract() != 0.0 && value.is_finite(),
        });
        let Some(value) = value else { return NUMBER };
        let less = self.numbers.iter().filter(|constant| **constant < value).count();
        let is_equal = self.numbers.contains(&value);
        COMPARED_NUMBER + (4 * less + 2 * usize::from(is_equal) + usize::from(is_integer)) as Class
    }
}

/// The value of a constant that is a number.
fn number_of(constant: &Val<'_>) -> Option<f64> {
    match constant {
        Val::Int(value) => Some(*value as f64),
        Val::Uint(value) => Some(*value as f64),
        Val::Double(value) => Some(*value),
        _ => None,
    }
}

/// The class of a value without white space around it. The constants are those that rules compare the value with; path parameters are JSON texts. `instant`
/// becomes the instant of a value of that class.
pub(crate) fn class_of(raw: Option<&str>, constants: &Constants, parameters: &[String], instant: &mut Option<Instant>) -> Class {
    let Some(raw) = raw else { return ABSENT };
    if constants.parameter.and_then(|parameter| parameters.get(parameter)).is_some_and(|parameter| parameter == raw) {
        return PARAMETER;
    }
    let is_empty = |closing: u8| raw.as_bytes().iter().skip(1).find(|byte| !byte.is_ascii_whitespace()) == Some(&closing);
    match raw.as_bytes() {
        [b'n', ..] => NULL,
        [b'f', ..] => FALSE,
        [b't', ..] => TRUE,
        [b'[', ..] => {
            if is_empty(b']') {
                EMPTY_ARRAY
            } else {
                ARRAY
            }
        }
        [b'{', ..] => {
            if is_empty(b'}') {
                EMPTY_OBJECT
            } else {
                OBJECT
            }
        }
        // No comparison is decided: the content does not matter.
        [b'"', ..] if constants.texts.is_empty() && constants.parameter.is_none() && !constants.has_instants => OTHER_TEXT,
        [b'"', inner @ .., b'"'] => {
            let literal = constants.texts.iter().position(|literal| literal.as_bytes() == inner);
            match literal {
                // A literal with a backslash is never equal to the spelling of a string with that value.
                _ if inner.contains(&b'\\') => ESCAPED_TEXT,
                Some(index) => LITERAL + index as Class,
                None if constants.has_instants => {
                    *instant = std::str::from_utf8(inner).ok().and_then(Instant::parse);
                    if instant.is_some() { INSTANT } else { OTHER_TEXT }
                }
                None => OTHER_TEXT,
            }
        }
        [] => ABSENT,
        _ => constants.class_of_number(raw),
    }
}

/// Two slots that are instants, the first of which is compared with the second, or their difference with a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The slots.
    pub(crate) slots: (usize, usize),
    /// What the difference is compared with, in nanoseconds.
    pub(crate) constant: i64,
}

impl Difference {
    /// How the difference of two instants is ordered relative to the constant. `None` if a duration cannot express the difference.
    pub(crate) fn order(&self, left: Instant, right: Instant) -> Option<Ordering> {
        left.since(right).map(|difference| difference.cmp(&self.constant))
    }
}

/// Whether all values of a class are equal.
fn is_exact(class: Class) -> bool {
    matches!(class, ABSENT | NULL | FALSE | TRUE | EMPTY_ARRAY | EMPTY_OBJECT) || (LITERAL..COMPARED_NUMBER).contains(&class)
}

/// Whether an evaluation reads more of the values of slots than their classes.
#[derive(Debug)]
pub(crate) struct Tracker {
    /// By slot of `self`, its class; `None` if the class is not known.
    classes: Vec<Option<Class>>,
    /// By slot of `self`, the constants that the classes depend on.
    constants: Vec<Constants>,
    /// By slot of `request`, the index of the path parameter, which differs between exchanges that have equal classes.
    parameters: Vec<Option<usize>>,
    /// The differences of slots of `self` whose order is equal for all exchanges that have equal classes.
    differences: Vec<Difference>,
    has_read: Cell<bool>,
}

impl Tracker {
    pub(crate) fn new(
        classes: Vec<Option<Class>>,
        constants: Vec<Constants>,
        parameters: Vec<Option<usize>>,
        differences: Vec<Difference>,
    ) -> Self {
        Self { classes, constants, parameters, differences, has_read: Cell::new(false) }
    }

    /// Whether more than classes were read since the last call.
    pub(crate) fn take(&self) -> bool {
        self.has_read.take()
    }

    pub(super) fn mark(&self) {
        self.has_read.set(true);
    }

    /// Notes that the value of a slot was read. The variables are those of [`SLOT_VARIABLES`](super::program::SLOT_VARIABLES).
    pub(super) fn read(&self, variable: usize, slot: SlotId) {
        let is_same = match variable {
            0 => self.class(slot).is_some_and(is_exact),
            2 => self.parameters.get(slot) == Some(&None),
            3 => true,
            _ => false,
        };
        if !is_same {
            self.mark();
        }
    }

    /// Notes that the presence of a slot was read.
    pub(super) fn read_presence(&self, variable: usize, slot: SlotId, parent: Option<SlotId>) {
        let is_same = match variable {
            0 => self.class(slot).is_some() && parent.is_none_or(|parent| self.class(parent).is_some()),
            2 | 3 => true,
            _ => false,
        };
        if !is_same {
            self.mark();
        }
    }

    fn class(&self, slot: SlotId) -> Option<Class> {
        self.classes.get(slot).copied().flatten()
    }

    /// Whether the class of a slot of `self` decides whether its value equals a constant.
    pub(super) fn decides_equality(&self, slot: SlotId, constant: &Val<'_>) -> bool {
        match (constant, self.class(slot)) {
            (_, None) => false,
            (Val::Null | Val::Bool(_), _) => true,
            (Val::Text(_), Some(ESCAPED_TEXT | PARAMETER)) => false,
            (Val::Text(text), Some(OTHER_TEXT | INSTANT)) => {
                self.constants.get(slot).is_some_and(|known| known.texts.iter().any(|known| **known == **text))
            }
            (Val::Text(_), _) => true,
            (Val::Int(_) | Val::Uint(_) | Val::Double(_), Some(class)) => match class {
                NUMBER => false,
                COMPARED_NUMBER.. => self.has_constant(slot, constant),
                _ => true,
            },
            _ => false,
        }
    }

    /// Whether the class of a slot of `self` decides whether its value equals a slot of `request`.
    pub(super) fn decides_parameter(&self, slot: SlotId, request: SlotId) -> bool {
        let parameter = self.parameters.get(request).copied().flatten();
        let is_known = parameter.is_some() && self.constants.get(slot).is_some_and(|known| known.parameter == parameter);
        is_known && self.class(slot).is_some_and(|class| class != ESCAPED_TEXT)
    }

    /// Whether the class of a slot of `self` decides how its value is ordered relative to a constant.
    pub(super) fn decides_order(&self, slot: SlotId, constant: &Val<'_>) -> bool {
        self.class(slot).is_some_and(|class| class >= COMPARED_NUMBER) && self.has_constant(slot, constant)
    }

    /// Whether the class of a slot of `self` decides whether its value is a whole number.
    pub(super) fn decides_wholeness(&self, slot: SlotId) -> bool {
        self.class(slot).is_some_and(|class| class >= COMPARED_NUMBER)
    }

    /// Whether the class of a slot of `self` decides whether its value is an instant.
    pub(super) fn decides_instant(&self, slot: SlotId) -> bool {
        match self.class(slot) {
            None | Some(ESCAPED_TEXT | PARAMETER) => false,
            Some(OTHER_TEXT) => self.constants.get(slot).is_some_and(|known| known.has_instants),
            Some(_) => true,
        }
    }

    /// Whether it is decided how the difference of two slots of `self` is ordered relative to a constant.
    pub(super) fn decides_difference(&self, slots: (SlotId, SlotId), constant: i64) -> bool {
        self.differences.contains(&Difference { slots, constant })
    }

    fn has_constant(&self, slot: SlotId, constant: &Val<'_>) -> bool {
        self.constants.get(slot).is_some_and(|known| known.has_number(constant))
    }

    /// Whether the class of a slot of `self` decides whether its value is in a constant list.
    pub(super) fn decides_membership(&self, slot: SlotId, constant: &Val<'_>) -> bool {
        matches!(constant, Val::List(items) if items.iter().all(|item| self.decides_equality(slot, item)))
    }

    /// Whether an array or object of `self` has members, as far as its class shows.
    pub(super) fn has_members(&self, slot: SlotId) -> bool {
        matches!(self.class(slot), Some(ARRAY | OBJECT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_classes_by_the_constants() {
        let mut constants = Constants::default();
        for constant in [2.5, 0.0] {
            constants.add(&Literal::Double(constant));
        }
        let class = |raw| class_of(Some(raw), &constants, &[], &mut None);
        let apart = ["-3", "-3.5", "0", "1", "0.5", "2.5", "3", "2.75"].map(class);
        assert!(apart.iter().all(|class| *class >= COMPARED_NUMBER));
        assert_eq!(apart.iter().collect::<std::collections::BTreeSet<_>>().len(), apart.len());
        assert_eq!([class("1"), class("0.5"), class("4")], [class("2"), class("2.25"), class("100")]);
        // Doubles may not represent them, or their schema decides whether they are integers.
        for raw in ["9007199254740993", "1.0", "1e400", "1e2"] {
            assert_eq!(class(raw), NUMBER, "{raw}");
        }
        assert_eq!(class_of(Some("1"), &Constants::default(), &[], &mut None), NUMBER);
    }

    #[test]
    fn values_of_different_classes_differ() {
        let mut constants = Constants::default();
        for text in ["a", "b\\n"] {
            constants.add(&Literal::String(text.into()));
        }
        let class = |raw| class_of(Some(raw), &constants, &[], &mut None);
        assert_eq!(class_of(None, &constants, &[], &mut None), ABSENT);
        assert_eq!([class("null"), class("false"), class("true"), class("-1.5")], [NULL, FALSE, TRUE, NUMBER]);
        assert_eq!(
            [class("[]"), class("[ \n]"), class("[1]"), class("{ }"), class("{\"a\":1}")],
            [EMPTY_ARRAY, EMPTY_ARRAY, ARRAY, EMPTY_OBJECT, OBJECT]
        );
        assert_eq!(
            [class("\"a\""), class("\"b\""), class("\"\\u0061\""), class("\"b\\n\"")],
            [LITERAL, OTHER_TEXT, ESCAPED_TEXT, ESCAPED_TEXT]
        );
    }
}
