//! Arithmetic: of numbers, strings, lists, timestamps and durations.

use super::{Infer, Seen, plain};
use crate::facts::Facts;
use charter_contract::invariant::{Alternative, Items, List, Type};
use charter_contract::invariant::{BinaryOperator, Node};

impl Infer<'_, '_> {
    pub(crate) fn arithmetic(&mut self, node: &Node, operator: BinaryOperator, left: &Node, right: &Node, facts: &Facts) -> Seen {
        use Alternative::{Double, Duration, Int, Timestamp, Uint};
        let (a, b) = (self.node(left, facts), self.node(right, facts));
        if a.type_.reported || b.type_.reported {
            return plain(Type::reported(), facts);
        }
        let fits = |alternative: &Alternative| {
            matches!(
                alternative,
                Int | Uint | Double | Timestamp | Duration | Alternative::String(_) | Alternative::Bytes | Alternative::List(_)
            )
        };
        // A value that can be a timestamp or a string must be narrowed first.
        let settled = |seen: &Seen| fits(&seen.type_.alternatives[0]) && seen.type_.alternatives.len() == 1;
        for (operand, seen) in [(left, &a), (right, &b)] {
            let first = seen.type_.alternatives.iter().find(|alternative| fits(alternative)).cloned();
            let one = |alternative: &Alternative| {
                first.as_ref().is_some_and(|first| std::mem::discriminant(first) == std::mem::discriminant(alternative))
            };
            if (seen.type_.is_never() || !settled(seen)) && self.require(operand, seen, one, "a number, an instant or text").reported {
                return plain(Type::reported(), facts);
            }
        }
        let (l, r) = (&a.type_.alternatives[0], &b.type_.alternatives[0]);
        let type_ = match (operator, l, r) {
            (BinaryOperator::Modulo, Double, _) => None,
            (_, Int, Int) | (_, Uint, Uint) => Some(l.clone()),
            (_, Double, Double) => Some(Double),
            (BinaryOperator::Add, Alternative::String(_), Alternative::String(_)) => Some(Alternative::String(None)),
            (BinaryOperator::Add, Alternative::Bytes, Alternative::Bytes) => Some(Alternative::Bytes),
            (BinaryOperator::Add, Alternative::List(left), Alternative::List(right)) => {
                let items = self.typer.item(left).or(self.typer.item(right));
                let max = left.max.zip(right.max).map(|(left, right)| left.saturating_add(right));
                Some(Alternative::List(List { items: Items::Type(Box::new(items)), min: left.min.saturating_add(right.min), max }))
            }
            (BinaryOperator::Add, Timestamp, Duration) | (BinaryOperator::Add, Duration, Timestamp) => Some(Timestamp),
            (BinaryOperator::Subtract, Timestamp, Duration) => Some(Timestamp),
            (BinaryOperator::Subtract, Timestamp, Timestamp) => Some(Duration),
            (BinaryOperator::Add | BinaryOperator::Subtract, Duration, Duration) => Some(Duration),
            _ => None,
        };
        let Some(type_) = type_ else {
            let remedy = match (l, r) {
                (Double, Int | Uint) => Some(number_remedy(right)),
                (Int | Uint, Double) => Some(number_remedy(left)),
                _ => None,
            };
            let message = format!("{} {} {} is not defined", a.type_.words(), operator.as_str(), b.type_.words());
            let type_ = self.report(node, message, remedy);
            return plain(type_, facts);
        };
        match (operator, &type_) {
            (BinaryOperator::Divide | BinaryOperator::Modulo, Int | Uint) => self.may_fail(node, "the divisor may be 0"),
            (_, Int | Uint | Timestamp | Duration) => self.may_fail(node, "it may overflow"),
            _ => {}
        }
        plain(Type::of(type_), facts)
    }
}

fn number_remedy(node: &Node) -> String {
    match node.literal() {
        Some(literal) => format!("write {literal}.0"),
        None => format!("write double({node})"),
    }
}
