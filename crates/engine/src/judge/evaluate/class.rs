//! Classes of values: what of a value decides most conditions without its content. An evaluation that reads classes alone has the same result for all
//! values of the same classes.

use std::cell::Cell;

use charter_rules::slots::SlotId;

use super::value::Val;

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
/// The first literal.
const LITERAL: Class = 16;

/// The largest number of literals.
pub(crate) const MAX_LITERALS: usize = (Class::MAX - LITERAL) as usize;

/// The class of a value without white space around it. The literals are those that rules compare the value with.
pub(crate) fn class_of(raw: Option<&str>, literals: &[Box<str>]) -> Class {
    let Some(raw) = raw else { return ABSENT };
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
        [b'"', inner @ .., b'"'] => {
            let literal = literals.iter().take(MAX_LITERALS).position(|literal| literal.as_bytes() == inner);
            match literal {
                // A literal with a backslash is never equal to the spelling of a string with that value.
                _ if inner.contains(&b'\\') => ESCAPED_TEXT,
                Some(index) => LITERAL + index as Class,
                None => OTHER_TEXT,
            }
        }
        [] => ABSENT,
        _ => NUMBER,
    }
}

/// Whether all values of a class are equal.
fn is_exact(class: Class) -> bool {
    matches!(class, ABSENT | NULL | FALSE | TRUE | EMPTY_ARRAY | EMPTY_OBJECT) || class >= LITERAL
}

/// Whether an evaluation reads more of the values of slots than their classes.
#[derive(Debug)]
pub(crate) struct Tracker {
    /// By slot of `self`, its class; `None` if the class is not known.
    classes: Vec<Option<Class>>,
    /// By slot of `self`, the literals that have classes of their own.
    literals: Vec<Vec<Box<str>>>,
    /// By slot of `request`, whether its value differs between exchanges that have equal classes.
    varies: Vec<bool>,
    has_read: Cell<bool>,
}

impl Tracker {
    pub(crate) fn new(classes: Vec<Option<Class>>, literals: Vec<Vec<Box<str>>>, varies: Vec<bool>) -> Self {
        Self { classes, literals, varies, has_read: Cell::new(false) }
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
            2 => self.varies.get(slot) == Some(&false),
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
            (Val::Text(_), Some(ESCAPED_TEXT)) => false,
            (Val::Text(text), Some(OTHER_TEXT)) => {
                self.literals.get(slot).is_some_and(|known| known.iter().take(MAX_LITERALS).any(|known| **known == **text))
            }
            (Val::Text(_), _) => true,
            _ => false,
        }
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
    fn values_of_different_classes_differ() {
        let literals: Vec<Box<str>> = vec!["a".into(), "b\\n".into()];
        let class = |raw| class_of(Some(raw), &literals);
        assert_eq!(class_of(None, &literals), ABSENT);
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
