//! Comparisons: comparable types, and the facts that equality, membership and order imply.

use std::rc::Rc;

use super::place::path_of;
use super::{Infer, Seen, plain};
use crate::facts::{Facts, Path, Step};
use crate::typer::Key;
use charter_contract::invariant::{Alternative, Type};
use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind};
use charter_contract::nearest;

impl Infer<'_, '_> {
    pub(crate) fn equality(&mut self, node: &Node, operator: BinaryOperator, left: &Node, right: &Node, facts: &Facts) -> Seen {
        let (a, b) = (self.node(left, facts), self.node(right, facts));
        if a.type_.reported || b.type_.reported {
            return plain(Type::reported(), facts);
        }
        if self.mixed_numbers(node, left, right, &a.type_, &b.type_) {
            return plain(Type::reported(), facts);
        }
        for (seen, other) in [(&a, right), (&b, left)] {
            if seen.type_.has(|alternative| *alternative == Alternative::Timestamp) && matches!(other.literal(), Some(Literal::String(_))) {
                let type_ = self.report(node, "a timestamp is not a string".to_owned(), Some(format!("write timestamp({other})")));
                return plain(type_, facts);
            }
        }
        if !a.type_.overlaps(&b.type_) && !facts.impossible {
            let type_ = self.never_equal(node, left, right, &a, &b);
            return plain(type_, facts);
        }
        if let Some(seen) = self.type_test(operator, left, right, facts).or_else(|| self.type_test(operator, right, left, facts)) {
            return seen;
        }
        let (path, literal, type_) = match (&a.path, right.literal(), &b.path, left.literal()) {
            (Some(path), Some(literal), _, _) => (path, literal, &a.type_),
            (_, _, Some(path), Some(literal)) => (path, literal, &b.type_),
            _ => return length(facts, left, right, operator).unwrap_or_else(|| plain(Type::bool(), facts)),
        };
        let (equal, other) = (self.restrict(facts, path, type_.equal_to(&literal)), self.restrict(facts, path, type_.other_than(&literal)));
        let (yes, no) = if operator == BinaryOperator::Equal { (equal, other) } else { (other, equal) };
        Seen { type_: Type::bool(), path: None, yes, no }
    }

    /// `type(path) == int`: the value has the type.
    fn type_test(&mut self, operator: BinaryOperator, call: &Node, name: &Node, facts: &Facts) -> Option<Seen> {
        let (NodeKind::Call { function, of: None, arguments }, NodeKind::Variable(name)) = (&call.kind, &name.kind) else { return None };
        let ([argument], true) = (arguments.as_slice(), function == "type") else { return None };
        let path = path_of(argument)?;
        let type_ = self.type_at(&path, facts);
        let is = |alternative: &Alternative| match alternative {
            Alternative::Any => true,
            other => type_name(other) == Some(name.as_str()),
        };
        let is_not = |alternative: &Alternative| *alternative == Alternative::Any || type_name(alternative) != Some(name.as_str());
        let (equal, other) = (self.restrict(facts, &path, type_.filter(is)), self.restrict(facts, &path, type_.filter(is_not)));
        let (yes, no) = if operator == BinaryOperator::Equal { (equal, other) } else { (other, equal) };
        Some(Seen { type_: Type::bool(), path: None, yes, no })
    }

    fn never_equal(&mut self, node: &Node, left: &Node, right: &Node, a: &Seen, b: &Seen) -> Type {
        for (literal, other, type_) in [(right, left, &a.type_), (left, right, &b.type_)] {
            match literal.literal() {
                Some(Literal::Null) => {
                    return self.report(node, format!("`{other}` is never null here"), Some("remove the comparison".to_owned()));
                }
                Some(Literal::String(text)) if type_.values().is_some() => return self.impossible_value(literal, other, type_, &text),
                _ => {}
            }
        }
        self.report(node, format!("{} never equals {}", a.type_.words(), b.type_.words()), None)
    }

    fn impossible_value(&mut self, literal: &Node, of: &Node, type_: &Type, text: &str) -> Type {
        let values = type_.values().unwrap_or_default();
        let remedy = nearest(text, values.iter().map(String::as_str));
        let listed = values.iter().cloned().collect::<Vec<_>>().join(", ");
        self.report(literal, format!("`{of}` is never '{text}' here"), remedy.or_else(|| Some(format!("it can be {listed}"))))
    }

    /// Integers and doubles compare only if one of them is a literal, which has no rounding error.
    pub(crate) fn mixed_numbers(&mut self, node: &Node, left: &Node, right: &Node, a: &Type, b: &Type) -> bool {
        let whole = |type_: &Type| type_.has(|alternative| matches!(alternative, Alternative::Int | Alternative::Uint));
        let double = |type_: &Type| type_.has(|alternative| *alternative == Alternative::Double);
        let pure = |type_: &Type| !(whole(type_) && double(type_));
        if left.literal().is_some() || right.literal().is_some() || !pure(a) || !pure(b) {
            return false;
        }
        let mixed = (whole(a) && double(b)).then_some(left).or_else(|| (double(a) && whole(b)).then_some(right));
        if let Some(int) = mixed {
            self.report(node, "an int and a double are compared".to_owned(), Some(format!("write double({int})")));
        }
        mixed.is_some()
    }

    pub(crate) fn contained(&mut self, node: &Node, left: &Node, right: &Node, facts: &Facts) -> Seen {
        let (a, b) = (self.node(left, facts), self.node(right, facts));
        if a.type_.reported || b.type_.reported {
            return plain(Type::reported(), facts);
        }
        let fits = |alternative: &Alternative| {
            matches!(alternative, Alternative::List(_) | Alternative::Object(_) | Alternative::Map(_) | Alternative::Record(_))
        };
        if self.require(right, &b, fits, "a list").reported {
            return plain(Type::reported(), facts);
        }
        self.reckon_scan(node, &b.type_);
        if let (Some(path), NodeKind::List(items)) = (&a.path, &right.kind) {
            return self.one_of(left, items, path, &a.type_, facts);
        }
        for alternative in b.type_.alternatives.clone() {
            let item = match &alternative {
                Alternative::List(list) => self.typer.item(list),
                _ => Type::text(),
            };
            if !a.type_.overlaps(&item) {
                let type_ = match (left.literal(), item.values()) {
                    (Some(Literal::String(text)), Some(_)) => self.impossible_value(left, right, &item, &text),
                    _ => self.report(node, format!("{} is never an item of {}", a.type_.words(), item.words()), None),
                };
                return plain(type_, facts);
            }
        }
        if let (NodeKind::Variable(name), Some(path)) = (&left.kind, &b.path)
            && !b.type_.has(|alternative| matches!(alternative, Alternative::List(_)))
        {
            let mut yes = facts.clone();
            Rc::make_mut(&mut yes.present).insert(path.child(Step::Variable(name.clone())));
            return Seen { type_: Type::bool(), path: None, yes, no: facts.clone() };
        }
        let key = match (left.literal(), &b.path) {
            (Some(Literal::String(name)), Some(path)) if !b.type_.has(|alternative| matches!(alternative, Alternative::List(_))) => {
                path.child(Step::Key(name))
            }
            _ => return plain(Type::bool(), facts),
        };
        let Some((path, Step::Key(name))) = key.split_last() else { return plain(Type::bool(), facts) };
        let (_, reach) = self.below(&b.type_, &Step::Key(name.clone()));
        if !reach.declared && !reach.open {
            let type_ = self.unknown_key(left, &b, name, false);
            return plain(type_, facts);
        }
        let may_have = b.type_.filter(|alternative| match alternative {
            Alternative::Object(case) => self.typer.key(case, name) != Key::Impossible,
            _ => true,
        });
        let mut yes = if may_have == b.type_ { facts.clone() } else { self.restrict(facts, &path, may_have) };
        let no = if reach.always || facts.present.contains(&key) { Facts::nowhere() } else { facts.clone() };
        Rc::make_mut(&mut yes.present).insert(key);
        Seen { type_: Type::bool(), path: None, yes, no }
    }

    /// `path in ['a', 'b']`
    fn one_of(&mut self, left: &Node, items: &[Node], path: &Path, type_: &Type, facts: &Facts) -> Seen {
        let (mut equal, mut other) = (Type::default(), type_.clone());
        for item in items {
            let Some(literal) = item.literal() else {
                return plain(Type::bool(), facts);
            };
            let matching = type_.equal_to(&literal);
            if matching.is_never() && !facts.impossible {
                match (&literal, type_.values()) {
                    (Literal::String(text), Some(_)) => self.impossible_value(item, left, type_, text),
                    _ => self.report(item, format!("`{left}` is {}, never {literal}", type_.words()), None),
                };
                return plain(Type::reported(), facts);
            }
            equal = equal.or(matching);
            if !other.is_never() {
                other = other.other_than(&literal);
            }
        }
        Seen { type_: Type::bool(), path: None, yes: self.restrict(facts, path, equal), no: self.restrict(facts, path, other) }
    }

    /// Reports that text is compared whose order is not that of the instants it denotes.
    pub(crate) fn order_of_date_time_text(&mut self, operand: &Node) -> Type {
        let message = format!("`{operand}` is a date-time that is not bound: its text has another order than the instants");
        let remedy = "name its schema under `bind`, as: date-time, and guard it with isInstant(…)";
        self.report(operand, message, Some(remedy.to_owned()))
    }

    pub(crate) fn order(&mut self, node: &Node, operator: BinaryOperator, left: &Node, right: &Node, facts: &Facts) -> Seen {
        let (a, b) = (self.node(left, facts), self.node(right, facts));
        if a.type_.reported || b.type_.reported {
            return plain(Type::reported(), facts);
        }
        let Some((kind, wanted)) = order_kind(&a.type_).or_else(|| order_kind(&b.type_)) else {
            let message = format!("{} and {} have no order", a.type_.words(), b.type_.words());
            let type_ = self.report(node, message, None);
            return plain(type_, facts);
        };
        for (operand, seen) in [(left, &a), (right, &b)] {
            if self.require(operand, seen, |alternative| kind_of(alternative) == Some(kind), wanted).reported {
                return plain(Type::reported(), facts);
            }
        }
        if self.mixed_numbers(node, left, right, &a.type_, &b.type_) {
            return plain(Type::reported(), facts);
        }
        for (operand, seen) in [(left, &a), (right, &b)] {
            if kind == OrderKind::Text && seen.type_.is_date_time_text {
                let type_ = self.order_of_date_time_text(operand);
                return plain(type_, facts);
            }
        }
        length(facts, left, right, operator).unwrap_or_else(|| plain(Type::bool(), facts))
    }
}

/// The name of a type in `type(x) == …`; `None` for types that have no simple name.
fn type_name(alternative: &Alternative) -> Option<&'static str> {
    Some(match alternative {
        Alternative::Null => "null_type",
        Alternative::Bool(_) => "bool",
        Alternative::Int => "int",
        Alternative::Uint => "uint",
        Alternative::Double => "double",
        Alternative::String(_) => "string",
        Alternative::Bytes => "bytes",
        Alternative::List(_) => "list",
        Alternative::Object(_) | Alternative::Record(_) | Alternative::Map(_) => "map",
        Alternative::Any | Alternative::Timestamp | Alternative::Duration | Alternative::Kind => return None,
    })
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum OrderKind {
    Number,
    Text,
    Bytes,
    Instant,
    Duration,
    Bool,
}

pub(crate) fn kind_of(alternative: &Alternative) -> Option<OrderKind> {
    Some(match alternative {
        Alternative::Int | Alternative::Uint | Alternative::Double => OrderKind::Number,
        Alternative::String(_) => OrderKind::Text,
        Alternative::Bytes => OrderKind::Bytes,
        Alternative::Timestamp => OrderKind::Instant,
        Alternative::Duration => OrderKind::Duration,
        Alternative::Bool(_) => OrderKind::Bool,
        _ => return None,
    })
}

/// The kind of a comparison; a timestamp takes precedence over a string.
fn order_kind(type_: &Type) -> Option<(OrderKind, &'static str)> {
    let kinds: Vec<OrderKind> = type_.alternatives.iter().filter_map(kind_of).collect();
    let kind = kinds.iter().find(|kind| **kind == OrderKind::Instant).or(kinds.first()).copied()?;
    let words = match kind {
        OrderKind::Number => "a number",
        OrderKind::Text => "text",
        OrderKind::Bytes => "bytes",
        OrderKind::Instant => "an instant",
        OrderKind::Duration => "a duration",
        OrderKind::Bool => "a boolean",
    };
    Some((kind, words))
}

/// The facts about a list's length from comparisons such as `size(list) > 0`.
fn length(facts: &Facts, left: &Node, right: &Node, operator: BinaryOperator) -> Option<Seen> {
    let NodeKind::Call { function, of, arguments } = &left.kind else { return None };
    let list = of.as_deref().or(arguments.first())?;
    let (true, Some(Literal::Int(count))) = (function == "size", right.literal()) else { return None };
    let count = u64::try_from(count).ok();
    let (yes_min, no_min): (Option<u64>, Option<u64>) = match (operator, count) {
        (BinaryOperator::Greater, Some(count)) => (Some(count + 1), None),
        (BinaryOperator::GreaterEqual, Some(0)) | (BinaryOperator::GreaterEqual | BinaryOperator::Greater, None) => {
            return Some(Seen { type_: Type::bool(), path: None, yes: facts.clone(), no: Facts::nowhere() });
        }
        (BinaryOperator::Less, Some(0)) | (BinaryOperator::Less | BinaryOperator::LessEqual | BinaryOperator::Equal, None) => {
            return Some(Seen { type_: Type::bool(), path: None, yes: Facts::nowhere(), no: facts.clone() });
        }
        (BinaryOperator::GreaterEqual | BinaryOperator::Equal, Some(count)) => (Some(count), (count == 0).then_some(1)),
        (BinaryOperator::NotEqual, Some(0)) => (Some(1), None),
        (BinaryOperator::NotEqual, count) => (None, count),
        (BinaryOperator::Less, count) => (None, count),
        (BinaryOperator::LessEqual, Some(count)) => (None, Some(count + 1)),
        _ => return None,
    };
    let path = path_of(list)?;
    let with = |min: Option<u64>| {
        let mut facts = facts.clone();
        if let Some(min) = min {
            let known = facts.lengths.get(&path).copied().unwrap_or(0);
            Rc::make_mut(&mut facts.lengths).insert(path.clone(), min.max(known));
        }
        facts
    };
    Some(Seen { type_: Type::bool(), path: None, yes: with(yes_min), no: with(no_min) })
}
