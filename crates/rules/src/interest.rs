//! The condition under which a satisfied rule has examined a value, derived from the form of its expression.
//!
//! | form | a value was examined if |
//! |---|---|
//! | `!g \|\| r`, `x == null \|\| r`, `g ? r : true` | the guard holds, and `r` examined a value |
//! | `a && b` | either did |
//! | `list.all(v, r)` | `r` did for some item |
//! | `!list.exists(v, r)` | the list has an item |
//! | any other | always: `!(has(x) && …)` is a prohibition, which is satisfied when the value is absent |

use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind, Quantifier, UnaryOperator};

/// The condition under which a satisfied rule has examined a value; `None` if it always has.
pub(crate) fn interest(node: &Node) -> Option<Node> {
    match &node.kind {
        NodeKind::Binary { operator: BinaryOperator::And, left, right } => {
            Some(interest(left)?.joined(BinaryOperator::Or, interest(right)?))
        }
        NodeKind::Binary { operator: BinaryOperator::Or, left, right } => {
            let guard = guard(left)?;
            Some(and(guard, interest(right)))
        }
        NodeKind::Conditional { test, then, otherwise } => match (is_true(then), is_true(otherwise)) {
            (false, true) => Some(and((**test).clone(), interest(then))),
            (true, false) => Some(and((**test).clone().negated(), interest(otherwise))),
            _ => None,
        },
        NodeKind::Quantified { quantifier: Quantifier::All, range, variable, value, body, .. } => Some(match interest(body) {
            None => not_empty(range),
            Some(inner) => Node::new(NodeKind::Quantified {
                quantifier: Quantifier::Exists,
                range: range.clone(),
                variable: variable.clone(),
                value: value.clone(),
                body: Box::new(inner),
                mapped: None,
            }),
        }),
        NodeKind::Unary { operator: UnaryOperator::Not, of } => match &of.kind {
            NodeKind::Quantified { quantifier: Quantifier::Exists, range, .. } => Some(not_empty(range)),
            _ => None,
        },
        _ => None,
    }
}

/// The condition under which the right side of `||` is evaluated, if the left side is a guard.
fn guard(node: &Node) -> Option<Node> {
    match &node.kind {
        NodeKind::Unary { operator: UnaryOperator::Not, of } if !matches!(of.kind, NodeKind::Binary { .. }) => Some((**of).clone()),
        NodeKind::Binary { operator: BinaryOperator::Equal, left, right } if right.literal() == Some(Literal::Null) => {
            Some((**left).clone().joined(BinaryOperator::NotEqual, (**right).clone()))
        }
        // `!has(x) || x == null || r` is left-associative.
        NodeKind::Binary { operator: BinaryOperator::Or, left, right } => Some(and(guard(left)?, Some(guard(right)?))),
        _ => None,
    }
}

fn and(guard: Node, inner: Option<Node>) -> Node {
    match inner {
        Some(inner) => guard.joined(BinaryOperator::And, inner),
        None => guard,
    }
}

fn is_true(node: &Node) -> bool {
    node.literal() == Some(Literal::Bool(true))
}

fn not_empty(range: &Node) -> Node {
    let size = Node::new(NodeKind::Call { function: "size".to_owned(), of: None, arguments: vec![range.clone()] });
    size.joined(BinaryOperator::Greater, Node::new(NodeKind::Literal(Literal::Int(0))))
}

#[cfg(test)]
mod tests {
    use super::interest;
    use crate::parse::parse;

    fn check(rule: &str, expected: Option<&str>) {
        let found = interest(&parse(rule).expect(rule).root).map(|node| node.to_string());
        assert_eq!(found.as_deref(), expected, "{rule}");
    }

    #[test]
    fn the_form_of_a_rule_determines_when_a_value_was_examined() {
        check("self.a < self.b", None);
        check("!has(self.a) || self.a > 0", Some("has(self.a)"));
        check("self.a == null || self.a > 0", Some("self.a != null"));
        check("!has(self.a) || self.a == null || self.a > 0", Some("has(self.a) && self.a != null"));
        check("has(self.a) ? self.a > 0 : true", Some("has(self.a)"));
        check("self.l.all(x, x > 0)", Some("size(self.l) > 0"));
        check("self.l.all(x, !has(x.a) || x.a > 0)", Some("self.l.exists(x, has(x.a))"));
        check("!self.l.exists(x, x > 0)", Some("size(self.l) > 0"));
        check("(!has(self.a) || self.a > 0) && (!has(self.b) || self.b > 0)", Some("has(self.a) || has(self.b)"));
        check("(!has(self.a) || self.a > 0) && self.b > 0", None);
        check("!(has(self.a) && self.a != null)", None);
        check("self.a || self.b", None);
    }
}
