//! Runs programs.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use charter_contract::invariant::Quantifier;

use super::fault::{Fault, FaultKind};
use super::functions::Function;
use super::program::{Arithmetic, Op, Program};
use super::scope::Scope;
use super::value::{Instant, ListItems, Val, bind, compare, equals};

/// The number of the variable `request`.
const REQUEST: usize = 2;

/// One evaluation of a program.
pub(super) struct Run<'r, 'd> {
    scope: &'r Scope<'d>,
    root: &'r Op,
    /// The items of the enclosing quantifiers.
    locals: Vec<Val<'r>>,
    steps_left: u64,
}

/// The value of an operand of `&&` or `||`: a boolean, or a value of another type.
enum Operand {
    Bool(bool),
    Other(&'static str),
}

impl<'r, 'd: 'r> Run<'r, 'd> {
    pub(super) fn new(scope: &'r Scope<'d>, program: &'r Program) -> Self {
        Self { scope, root: &program.root, locals: Vec::new(), steps_left: program.budget }
    }

    /// The value of the program.
    pub(super) fn value(mut self) -> Result<Val<'r>, Fault> {
        self.eval(self.root)
    }

    fn spend(&mut self, steps: usize) {
        self.steps_left = self.steps_left.saturating_sub(steps as u64);
    }

    fn eval(&mut self, op: &'r Op) -> Result<Val<'r>, Fault> {
        Ok(match op {
            Op::Constant(value) => value.borrowed(),
            Op::Slot { variable, slot, steps } => match self.scope.slot(*variable, *slot) {
                Some(Some(value)) => {
                    self.note_read(op);
                    value.borrowed()
                }
                // Step by step, so that the fault says where the path ends.
                _ => return self.eval(steps),
            },
            Op::Local(depth) => self.locals.get(*depth).cloned().unwrap_or(Val::Null),
            Op::Variable(name) => match self.scope.variable(name) {
                Some(value) => {
                    if let Some(tracker) = &self.scope.tracker {
                        tracker.mark();
                    }
                    value.borrowed()
                }
                None => return type_named(name).ok_or_else(|| FaultKind::Undeclared(name.to_string()).into()),
            },
            Op::Select { of, key } => {
                let of = self.eval(of)?;
                match of.field(key, self.scope.binder) {
                    Ok(Some(value)) => value,
                    Ok(None) => return Err(FaultKind::NoSuchKey(key.to_string()).into()),
                    Err(()) => return Err(Fault::overload("_._", &[&of, &Val::Text(Cow::Borrowed(key))])),
                }
            }
            Op::Index { of, key } => {
                let (of, key) = (self.eval(of)?, self.eval(key)?);
                return self.index(&of, &key);
            }
            Op::Negate(of) => match self.eval(of)? {
                Val::Int(value) => match value.checked_neg() {
                    Some(value) => Val::Int(value),
                    None => return Err(Fault::overflow("negate", &Val::Int(value), &Val::Null)),
                },
                Val::Double(value) => Val::Double(-value),
                Val::EmptySum => Val::EmptySum,
                other => return Err(Fault::overload("-_", &[&other])),
            },
            Op::Arithmetic { operator, left, right } => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                return self.arithmetic(*operator, left, right);
            }
            Op::Conditional(parts) => {
                let [test, then, otherwise] = &**parts;
                return if self.truth(test)? { self.eval(then) } else { self.eval(otherwise) };
            }
            Op::List(items) => Val::List(items.iter().map(|item| self.eval(item)).collect::<Result<_, _>>()?),
            Op::Map(entries) => return self.map(entries),
            Op::Call { function, operands } => {
                let binder = self.scope.binder;
                return match operands.as_slice() {
                    [one] if self.is_test_decided(*function, one) => match self.stored(one) {
                        Some(value) => function.call(&[value.borrowed()], binder),
                        None => function.call(&[self.eval(one)?], binder),
                    },
                    [one] => function.call(&[self.eval(one)?], binder),
                    [one, two] => function.call(&[self.eval(one)?, self.eval(two)?], binder),
                    all => {
                        let operands = all.iter().map(|operand| self.eval(operand)).collect::<Result<Vec<_>, _>>()?;
                        function.call(&operands, binder)
                    }
                };
            }
            Op::Unknown(name) => return Err(FaultKind::Undeclared(name.to_string()).into()),
            Op::Quantified { quantifier: quantifier @ (Quantifier::Map | Quantifier::Filter), range, body, mapped, .. } => {
                return self.collect(*quantifier, range, body, mapped.as_deref());
            }
            Op::Has { .. }
            | Op::HasSlot { .. }
            | Op::Not(_)
            | Op::And(..)
            | Op::Or(..)
            | Op::Equal { .. }
            | Op::Order { .. }
            | Op::In(..)
            | Op::Matches { .. }
            | Op::Quantified { .. } => Val::Bool(self.truth(op)?),
        })
    }

    /// The value of a constant or of a slot, where it is.
    fn stored(&self, op: &'r Op) -> Option<&'r Val<'r>> {
        match op {
            Op::Constant(value) => Some(value),
            Op::Slot { variable, slot, .. } => self.scope.slot(*variable, *slot).flatten(),
            _ => None,
        }
    }

    /// Notes that the value of a slot is read.
    fn note_read(&self, op: &Op) {
        if let (Some(tracker), Op::Slot { variable, slot, .. }) = (&self.scope.tracker, op) {
            tracker.read(*variable, *slot);
        }
    }

    /// Notes that both operands are compared. The class of a slot decides most comparisons with a constant.
    fn note_comparison(&self, op: &Op) {
        let Some(tracker) = &self.scope.tracker else { return };
        let (left, right, is_decided) = match op {
            Op::Equal { left, right, .. } => {
                let is_decided = match (&**left, &**right) {
                    (Op::Slot { variable: 0, slot, .. }, Op::Constant(value))
                    | (Op::Constant(value), Op::Slot { variable: 0, slot, .. }) => tracker.decides_equality(*slot, value),
                    (Op::Slot { variable: 0, slot, .. }, Op::Slot { variable: REQUEST, slot: request, .. })
                    | (Op::Slot { variable: REQUEST, slot: request, .. }, Op::Slot { variable: 0, slot, .. }) => {
                        tracker.decides_parameter(*slot, *request)
                    }
                    _ => false,
                };
                (left, right, is_decided)
            }
            Op::In(left, right) => {
                let is_decided = match (&**left, &**right) {
                    (Op::Slot { variable: 0, slot, .. }, Op::Constant(value)) => tracker.decides_membership(*slot, value),
                    _ => false,
                };
                (left, right, is_decided)
            }
            Op::Order { left, right, .. } => {
                let is_decided = match (&**left, &**right) {
                    (Op::Slot { variable: 0, slot, .. }, Op::Constant(value))
                    | (Op::Constant(value), Op::Slot { variable: 0, slot, .. }) => tracker.decides_order(*slot, value),
                    (Op::Slot { variable: 0, slot, .. }, Op::Slot { variable: 0, slot: other, .. }) => {
                        self.are_instants(left, right) && tracker.decides_difference((*slot, *other), 0)
                    }
                    _ => false,
                };
                (left, right, is_decided)
            }
            _ => return,
        };
        if !is_decided {
            self.note_read(left);
            self.note_read(right);
        }
    }

    /// Whether an operand is the size of an array or object of `self` that is known to have members.
    fn is_size_of_members(&self, op: &Op) -> bool {
        match (&self.scope.tracker, op) {
            (Some(tracker), Op::Call { function, operands }) if function.is_size() => {
                matches!(operands.as_slice(), [Op::Slot { variable: 0, slot, .. }] if tracker.has_members(*slot))
            }
            _ => false,
        }
    }

    /// Whether the class of a slot decides if its value is a whole number, or an instant.
    fn is_test_decided(&self, function: Function, operand: &Op) -> bool {
        match (&self.scope.tracker, operand) {
            (Some(tracker), Op::Slot { variable: 0, slot, .. }) => {
                function.is_whole() && tracker.decides_wholeness(*slot) || function.is_instant() && tracker.decides_instant(*slot)
            }
            _ => false,
        }
    }

    /// Whether both operands are bound to instants. Another schema may describe the same values as texts, whose order is another one.
    fn are_instants(&self, left: &'r Op, right: &'r Op) -> bool {
        [left, right].into_iter().all(|operand| matches!(self.stored(operand), Some(Val::Timestamp(_))))
    }

    /// The operands of a difference of two slots of `self`, and the constant, if it is decided how the difference is ordered relative to the constant.
    fn decided_difference(&self, of: &'r Op, constant: &'r Op) -> Option<(Val<'r>, Val<'r>, &'r Val<'r>)> {
        let tracker = self.scope.tracker.as_ref()?;
        let (Op::Arithmetic { operator: Arithmetic::Subtract, left, right }, Op::Constant(constant @ Val::Duration(nanoseconds))) =
            (of, constant)
        else {
            return None;
        };
        let (Op::Slot { variable: 0, slot, .. }, Op::Slot { variable: 0, slot: other, .. }) = (&**left, &**right) else { return None };
        let is_decided = self.are_instants(left, right) && tracker.decides_difference((*slot, *other), *nanoseconds);
        is_decided.then(|| Some((self.stored(left)?.borrowed(), self.stored(right)?.borrowed(), constant))).flatten()
    }

    /// Passes both operands. Those that are stored are not copied.
    fn with_both<T>(
        &mut self,
        left: &'r Op,
        right: &'r Op,
        then: impl FnOnce(&mut Self, &Val<'r>, &Val<'r>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match (self.stored(left), self.stored(right)) {
            (Some(left), Some(right)) => then(self, left, right),
            (Some(left), None) => {
                let right = self.eval(right)?;
                then(self, left, &right)
            }
            (None, Some(right)) => {
                let left = self.eval(left)?;
                then(self, &left, right)
            }
            (None, None) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                then(self, &left, &right)
            }
        }
    }

    /// The value of a condition; a fault if it is not a boolean.
    fn truth(&mut self, op: &'r Op) -> Result<bool, Fault> {
        match op {
            Op::HasSlot { variable, slot, steps } => {
                if let Some(tracker) = &self.scope.tracker {
                    tracker.read_presence(*variable, *slot, self.scope.parent(*variable, *slot));
                }
                match self.scope.slot(*variable, *slot) {
                    Some(Some(_)) => Ok(true),
                    Some(None) if matches!(self.scope.parent_of(*variable, *slot), Some(Val::Object(..))) => Ok(false),
                    _ => self.truth(steps),
                }
            }
            Op::Has { of, key } => {
                let of = self.eval(of)?;
                match of.field(key, self.scope.binder) {
                    Ok(found) => Ok(found.is_some()),
                    Err(()) => Err(Fault::overload("_._", &[&of, &Val::Text(Cow::Borrowed(key))])),
                }
            }
            Op::Not(of) => match self.operand(of)? {
                Operand::Bool(value) => Ok(!value),
                Operand::Other(type_) => Err(FaultKind::NoOverload { function: "!_".to_owned(), types: format!("({type_})") }.into()),
            },
            Op::And(left, right) => self.logical("_&&_", false, left, right),
            Op::Or(left, right) => self.logical("_||_", true, left, right),
            Op::Equal { left, right, negated } => {
                if self.is_size_of_members(left) && matches!(**right, Op::Constant(Val::Int(0))) {
                    return Ok(*negated);
                }
                self.note_comparison(op);
                let binder = self.scope.binder;
                self.with_both(left, right, |_, left, right| Ok(equals(left, right, binder) != *negated))
            }
            Op::Order { operator, left, right } => {
                if self.is_size_of_members(left) && matches!(**right, Op::Constant(Val::Int(0))) {
                    return Ok(operator.holds(Ordering::Greater));
                }
                let compared = |left: &Val<'r>, right: &Val<'r>| match compare(left, right) {
                    Some(ordering) => Ok(operator.holds(ordering)),
                    None => Err(Fault::overload(operator.name(), &[left, right])),
                };
                if let Some((first, second, constant)) = self.decided_difference(left, right) {
                    return compared(&self.arithmetic(Arithmetic::Subtract, first, second)?, constant);
                }
                if let Some((first, second, constant)) = self.decided_difference(right, left) {
                    return compared(constant, &self.arithmetic(Arithmetic::Subtract, first, second)?);
                }
                self.note_comparison(op);
                self.with_both(left, right, |_, left, right| compared(left, right))
            }
            Op::In(left, right) => {
                self.note_comparison(op);
                self.with_both(left, right, |run, left, right| run.contains(left, right))
            }
            Op::Matches { of, pattern } => match self.eval(of)? {
                Val::Text(text) => Ok(pattern.is_match(&text)),
                other => Err(Fault::unexpected(&other, "string")),
            },
            Op::Conditional(parts) => {
                let [test, then, otherwise] = &**parts;
                if self.truth(test)? { self.truth(then) } else { self.truth(otherwise) }
            }
            Op::Quantified { quantifier: Quantifier::All, range, has_value, body, .. } => {
                self.decide("_&&_", false, (range, *has_value), body)
            }
            Op::Quantified { quantifier: Quantifier::Exists, range, has_value, body, .. } => {
                self.decide("_||_", true, (range, *has_value), body)
            }
            Op::Quantified { quantifier: Quantifier::ExistsOne, range, has_value, body, .. } => {
                let mut count = 0u64;
                self.for_each((range, *has_value), |run| {
                    count += u64::from(run.truth(body)?);
                    Ok(true)
                })?;
                Ok(count == 1)
            }
            _ => match self.eval(op)? {
                Val::Bool(value) => Ok(value),
                other => Err(Fault::unexpected(&other, "bool")),
            },
        }
    }

    /// A value that should be a boolean.
    fn operand(&mut self, op: &'r Op) -> Result<Operand, Fault> {
        match op {
            Op::Has { .. }
            | Op::HasSlot { .. }
            | Op::Not(_)
            | Op::And(..)
            | Op::Or(..)
            | Op::Equal { .. }
            | Op::Order { .. }
            | Op::In(..)
            | Op::Matches { .. }
            | Op::Quantified { quantifier: Quantifier::All | Quantifier::Exists | Quantifier::ExistsOne, .. } => {
                self.truth(op).map(Operand::Bool)
            }
            _ => Ok(match self.eval(op)? {
                Val::Bool(value) => Operand::Bool(value),
                other => Operand::Other(other.type_name()),
            }),
        }
    }

    /// `&&` and `||`: an operand that decides the result hides a fault of the other one.
    fn logical(&mut self, function: &str, deciding: bool, left: &'r Op, right: &'r Op) -> Result<bool, Fault> {
        let left = self.operand(left);
        if let Ok(Operand::Bool(value)) = left
            && value == deciding
        {
            return Ok(deciding);
        }
        let right = self.operand(right)?;
        match (left, right) {
            (Ok(Operand::Bool(_)), Operand::Bool(right)) => Ok(right),
            (_, Operand::Bool(right)) if right == deciding => Ok(deciding),
            (left, right) => Err(refused_logic(function, left, &right)),
        }
    }

    /// `all` and `exists`: an item that decides the result hides the faults of the others.
    fn decide(&mut self, function: &str, deciding: bool, range: (&'r Op, bool), body: &'r Op) -> Result<bool, Fault> {
        let (mut pending, mut decided) = (None, false);
        self.for_each(range, |run| {
            match run.operand(body) {
                Ok(Operand::Bool(value)) if value == deciding => {
                    (pending, decided) = (None, true);
                    return Ok(false);
                }
                Ok(Operand::Bool(_)) => {}
                Ok(other) => pending = Some(refused_logic(function, Ok(Operand::Bool(!deciding)), &other)),
                Err(fault) => pending = Some(fault),
            }
            Ok(true)
        })?;
        match pending {
            Some(fault) => Err(fault),
            None => Ok(if decided { deciding } else { !deciding }),
        }
    }

    /// `map` and `filter`.
    fn collect(&mut self, quantifier: Quantifier, range: &'r Op, body: &'r Op, mapped: Option<&'r Op>) -> Result<Val<'r>, Fault> {
        let mut items = Vec::new();
        self.for_each((range, false), |run| {
            let (condition, item) = match (quantifier, mapped) {
                (Quantifier::Map, None) => (None, Some(body)),
                (Quantifier::Map, mapped) => (Some(body), mapped),
                _ => (Some(body), None),
            };
            if let Some(condition) = condition
                && !run.truth(condition)?
            {
                return Ok(true);
            }
            items.push(match item {
                Some(item) => run.eval(item)?,
                None => run.locals.last().cloned().unwrap_or(Val::Null),
            });
            Ok(true)
        })?;
        Ok(Val::List(items.into()))
    }

    /// Evaluates something for each item of a list or key of a map, as the innermost local, until it returns `false`. With a second variable, the
    /// innermost locals are the index and the item, or the key and the value.
    fn for_each(
        &mut self,
        (range, has_value): (&'r Op, bool),
        mut visit: impl FnMut(&mut Self) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        let range = self.eval(range)?;
        let binder = self.scope.binder;
        let mut items: Box<dyn Iterator<Item = (Val<'r>, Option<Val<'r>>)> + 'r> = match range {
            Val::Array(json, node) => {
                // A document can have many more items than an expression can build.
                self.spend(json.len());
                indexed(ListItems::Document(json.items(), binder, binder.item(node)), has_value)
            }
            Val::List(items) => indexed(ListItems::Built(items, 0), has_value),
            Val::Object(json, node) => Box::new(json.members().map(move |(key, value)| {
                let value = has_value.then(|| bind(value, binder, binder.property(node, &key)));
                (Val::Text(key), value)
            })),
            Val::Map(entries) => {
                let entries: Vec<_> = entries.iter().map(|(key, value)| (key.clone(), has_value.then(|| value.clone()))).collect();
                Box::new(entries.into_iter())
            }
            other => return Err(Fault::unexpected(&other, "iterable")),
        };
        let depth = self.locals.len();
        for (first, second) in &mut items {
            self.spend(1);
            if self.steps_left == 0 {
                return Err(FaultKind::TooManySteps.into());
            }
            self.locals.push(first);
            self.locals.extend(second);
            let goes_on = visit(self);
            self.locals.truncate(depth);
            if !goes_on? {
                break;
            }
        }
        Ok(())
    }

    fn contains(&mut self, left: &Val<'r>, right: &Val<'r>) -> Result<bool, Fault> {
        let binder = self.scope.binder;
        if let Some(mut items) = right.items(binder) {
            self.spend(right.size().unwrap_or_default());
            return Ok(items.any(|item| equals(&item, left, binder)));
        }
        match right {
            Val::Object(json, _) => Ok(matches!(left, Val::Text(key) if json.get(key).is_some())),
            Val::Map(_) if is_key(left) || matches!(left, Val::Double(_)) => {
                Ok(right.member(left, binder).is_ok_and(|found| found.is_some()))
            }
            _ => Err(Fault::overload("@in", &[left, right])),
        }
    }

    fn index(&mut self, of: &Val<'r>, key: &Val<'r>) -> Result<Val<'r>, Fault> {
        let binder = self.scope.binder;
        match of {
            Val::List(_) | Val::Array(..) => {
                let index = match key {
                    Val::Int(index) => usize::try_from(*index).ok(),
                    Val::Uint(index) => usize::try_from(*index).ok(),
                    Val::Double(index) if index.fract() == 0.0 && index.abs() < 9.2e18 => usize::try_from(*index as i64).ok(),
                    _ => return Err(Fault::overload("_[_]", &[of, key])),
                };
                index.and_then(|index| of.item(index, binder)).ok_or_else(|| FaultKind::IndexOutOfBounds(key.debug()).into())
            }
            Val::Map(_) if !is_key(key) && !matches!(key, Val::Double(_)) => Err(Fault::overload("_[_]", &[of, key])),
            Val::Map(_) | Val::Object(..) => match of.member(key, binder) {
                Ok(Some(value)) => Ok(value),
                _ => Err(FaultKind::NoSuchKey(key.text()).into()),
            },
            _ => Err(Fault::overload("_[_]", &[of, key])),
        }
    }

    fn map(&mut self, pairs: &'r [(Op, Op)]) -> Result<Val<'r>, Fault> {
        let mut entries: Vec<(Val<'r>, Val<'r>)> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let (key, value) = (self.eval(key)?, self.eval(value)?);
            if !is_key(&key) {
                return Err(FaultKind::UnsupportedKey(key.debug()).into());
            }
            if entries.iter().any(|(known, _)| equals(known, &key, self.scope.binder)) {
                return Err(FaultKind::DuplicateKey(key.debug()).into());
            }
            entries.push((key, value));
        }
        Ok(Val::Map(entries.into()))
    }

    fn arithmetic(&mut self, operator: Arithmetic, left: Val<'r>, right: Val<'r>) -> Result<Val<'r>, Fault> {
        use Arithmetic::{Add, Divide, Modulo, Multiply, Subtract};
        let (left, right) = (of_kind(left, &right), right);
        let right = of_kind(right, &left);
        let name = match operator {
            Add => "add",
            Subtract => "sub",
            Multiply => "mul",
            Divide => "div",
            Modulo => "rem",
        };
        let overflow = || Fault::overflow(name, &left, &right);
        let zero = || match operator {
            Modulo => Fault::from(FaultKind::RemainderByZero(left.debug())),
            _ => FaultKind::DivisionByZero(left.debug()).into(),
        };
        let instant = |nanoseconds: i128| Instant::from_nanoseconds(nanoseconds).map(Val::Timestamp).ok_or_else(overflow);
        let duration = |nanoseconds: i128| i64::try_from(nanoseconds).map(Val::Duration).map_err(|_| overflow());
        match (&left, &right) {
            (Val::Int(_), Val::Int(0)) if matches!(operator, Divide | Modulo) => Err(zero()),
            (Val::Uint(_), Val::Uint(0)) if matches!(operator, Divide | Modulo) => Err(zero()),
            (Val::Int(left), Val::Int(right)) => match operator {
                Add => left.checked_add(*right),
                Subtract => left.checked_sub(*right),
                Multiply => left.checked_mul(*right),
                Divide => left.checked_div(*right),
                Modulo => left.checked_rem(*right),
            }
            .map(Val::Int)
            .ok_or_else(overflow),
            (Val::Uint(left), Val::Uint(right)) => match operator {
                Add => left.checked_add(*right),
                Subtract => left.checked_sub(*right),
                Multiply => left.checked_mul(*right),
                Divide => left.checked_div(*right),
                Modulo => left.checked_rem(*right),
            }
            .map(Val::Uint)
            .ok_or_else(overflow),
            (Val::Double(left), Val::Double(right)) if operator != Modulo => Ok(Val::Double(match operator {
                Add => left + right,
                Subtract => left - right,
                Multiply => left * right,
                _ => left / right,
            })),
            (Val::Text(left), Val::Text(right)) if operator == Add => Ok(Val::Text(Cow::Owned(format!("{left}{right}")))),
            (Val::Bytes(left), Val::Bytes(right)) if operator == Add => Ok(Val::Bytes(Cow::Owned([left.as_ref(), right].concat()))),
            (Val::Timestamp(left), Val::Duration(right)) if operator == Add => instant(left.as_nanoseconds() + i128::from(*right)),
            (Val::Duration(left), Val::Timestamp(right)) if operator == Add => instant(right.as_nanoseconds() + i128::from(*left)),
            (Val::Timestamp(left), Val::Duration(right)) if operator == Subtract => instant(left.as_nanoseconds() - i128::from(*right)),
            (Val::Timestamp(left), Val::Timestamp(right)) if operator == Subtract => {
                left.since(*right).map(Val::Duration).ok_or_else(overflow)
            }
            (Val::Duration(left), Val::Duration(right)) if operator == Add => duration(i128::from(*left) + i128::from(*right)),
            (Val::Duration(left), Val::Duration(right)) if operator == Subtract => duration(i128::from(*left) - i128::from(*right)),
            (Val::List(_) | Val::Array(..), Val::List(_) | Val::Array(..)) if operator == Add => {
                let binder = self.scope.binder;
                self.spend(left.size().unwrap_or_default() + right.size().unwrap_or_default());
                if self.steps_left == 0 {
                    return Err(FaultKind::TooManySteps.into());
                }
                let (Some(left), Some(right)) = (left.items(binder), right.items(binder)) else {
                    return Err(Fault::unsupported(name, &left, &right));
                };
                Ok(Val::List(left.chain(right).collect::<Arc<[_]>>()))
            }
            _ => Err(Fault::unsupported(name, &left, &right)),
        }
    }
}

/// The items of a list; with a second variable, after their indexes.
fn indexed<'r>(items: ListItems<'r, 'r>, has_value: bool) -> Box<dyn Iterator<Item = (Val<'r>, Option<Val<'r>>)> + 'r> {
    match has_value {
        true => Box::new(items.enumerate().map(|(index, item)| (Val::Int(index as i64), Some(item)))),
        false => Box::new(items.map(|item| (item, None))),
    }
}

/// The fault of `&&` or `||` with a faulty operand, or with one that is not a boolean.
#[cold]
fn refused_logic(function: &str, left: Result<Operand, Fault>, right: &Operand) -> Fault {
    let word = |operand: &Operand| match operand {
        Operand::Bool(_) => "bool",
        Operand::Other(type_) => type_,
    };
    match left {
        Err(fault) => match fault.kind() {
            FaultKind::UnexpectedType { got, want: "bool" } => {
                FaultKind::NoOverload { function: function.to_owned(), types: format!("({got}, {})", word(right)) }.into()
            }
            _ => fault,
        },
        Ok(left) => FaultKind::NoOverload { function: function.to_owned(), types: format!("({}, {})", word(&left), word(right)) }.into(),
    }
}

/// The sum of an empty list as a number of the kind of the other operand.
fn of_kind<'v>(value: Val<'v>, other: &Val<'_>) -> Val<'v> {
    match (value, other) {
        (Val::EmptySum, Val::Double(_)) => Val::Double(0.0),
        (Val::EmptySum, Val::Uint(_)) => Val::Uint(0),
        (Val::EmptySum, Val::Duration(_) | Val::Timestamp(_)) => Val::Duration(0),
        (Val::EmptySum, _) => Val::Int(0),
        (value, _) => value,
    }
}

/// Whether a value can be the key of a map literal.
fn is_key(value: &Val<'_>) -> bool {
    matches!(value, Val::Int(_) | Val::Uint(_) | Val::Bool(_) | Val::Text(_))
}

/// The value of the name of a type.
fn type_named<'v>(name: &str) -> Option<Val<'v>> {
    let types = ["bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"];
    types.into_iter().find(|known| *known == name).map(Val::Type)
}
