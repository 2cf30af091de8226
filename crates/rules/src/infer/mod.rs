//! Infers the type of each node of an expression, with the facts that guards imply.
//!
//! Reading a key that can be absent or null requires a guard. A guard's facts hold where it is true, because `&&` in CEL hides an error
//! on its right side only if its left side is false.
//!
//! | file | what it types |
//! |---|---|
//! | `mod` | conditions, logic, literals; checks common to all nodes |
//! | `place` | variables, keys, indexes, and the facts about their paths |
//! | `lists` | lists and quantifiers, and their cost |
//! | `compare` | equality, order, membership |
//! | `arithmetic` | arithmetic operators |

mod arithmetic;
mod compare;
mod lists;
mod place;

pub(crate) use compare::kind_of;

use crate::call;
use crate::facts::{Facts, Path, Step};
use crate::typer::Typer;
use charter_contract::invariant::{Alternative, Type, Typed};
use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind, UnaryOperator};

/// A problem of a node: token, message and suggestion.
pub(crate) struct Found {
    pub(crate) token: std::ops::Range<usize>,
    pub(crate) message: String,
    pub(crate) remedy: Option<String>,
}

/// The result of checking one node.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) type_: Type,
    pub(crate) path: Option<Path>,
    /// The facts if it is true.
    pub(crate) yes: Facts,
    /// The facts if it is false.
    pub(crate) no: Facts,
}

/// A variable in scope.
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) type_: Type,
    /// The map or object whose keys the variable iterates over.
    pub(crate) key_of: Option<Path>,
}

pub(crate) struct Infer<'t, 'c> {
    pub(crate) typer: &'t Typer<'c>,
    pub(crate) scope: Vec<Variable>,
    pub(crate) typed: Vec<Typed>,
    pub(crate) found: Vec<Found>,
    /// The number of items of each enclosing quantifier's list, and whether `maxItems` bounds it.
    loops: Vec<(u64, bool)>,
}
impl<'t, 'c> Infer<'t, 'c> {
    pub(crate) fn new(typer: &'t Typer<'c>, variables: &[(&str, Type)], nodes: usize) -> Self {
        let scope =
            variables.iter().map(|(name, type_)| Variable { name: (*name).to_owned(), type_: type_.clone(), key_of: None }).collect();
        Self { typer, scope, typed: vec![Typed::default(); nodes], found: Vec::new(), loops: Vec::new() }
    }

    pub(crate) fn report(&mut self, node: &Node, message: String, remedy: Option<String>) -> Type {
        self.found.push(Found { token: node.token.clone(), message, remedy });
        Type::reported()
    }

    pub(crate) fn may_fail(&mut self, node: &Node, why: &'static str) {
        self.typed[node.id].may_fail = Some(why);
    }

    /// A condition: it must be a boolean that can be true and false.
    pub(crate) fn condition(&mut self, node: &Node, facts: &Facts) -> Seen {
        let mut seen = self.node(node, facts);
        if !seen.type_.all(|alternative| matches!(alternative, Alternative::Bool(_))) {
            let remedy = match seen.type_.may_be_null() {
                true => Some(format!("it may be null: write {node} == true")),
                false => seen.type_.has(|alternative| *alternative == Alternative::Any).then(|| format!("write {node} == true")),
            };
            seen.type_ = self.report(node, format!("a boolean is expected, not {}", seen.type_.words()), remedy);
        }
        // The operands of `&&`, `||`, `!` and `?:` have been checked.
        let composed = matches!(
            &node.kind,
            NodeKind::Binary { operator: BinaryOperator::And | BinaryOperator::Or, .. }
                | NodeKind::Unary { .. }
                | NodeKind::Conditional { .. }
        );
        if !composed && !seen.type_.reported && !facts.impossible {
            let known = match (&node.kind, seen.yes.impossible, seen.no.impossible) {
                (_, true, _) => Some(false),
                (_, _, true) => Some(true),
                _ if !names_something(node) => Some(matches!(node.literal(), Some(Literal::Bool(true)))),
                _ => None,
            };
            if let Some(known) = known {
                let remedy = Some("a constant condition checks nothing: remove or correct it".to_owned());
                let message = match names_something(node) {
                    true => format!("`{node}` is always {known} here"),
                    false => format!("`{node}` is constant"),
                };
                self.report(node, message, remedy);
            }
        }
        if seen.yes.impossible && !facts.impossible {
            seen.yes = facts.clone();
        }
        if seen.no.impossible && !facts.impossible {
            seen.no = facts.clone();
        }
        seen
    }

    pub(crate) fn node(&mut self, node: &Node, facts: &Facts) -> Seen {
        let seen = self.kind(node, facts);
        self.typed[node.id].type_ = seen.type_.clone();
        seen
    }

    fn kind(&mut self, node: &Node, facts: &Facts) -> Seen {
        match &node.kind {
            NodeKind::Literal(literal) => plain(literal_type(literal), facts),
            NodeKind::Variable(name) => self.variable(node, name, facts),
            NodeKind::Select { of, field } => {
                let base = self.node(of, facts);
                self.read(node, of, &base, Step::Key(field.clone()), false, facts)
            }
            NodeKind::Has { of, field } => self.has(node, of, field, facts),
            NodeKind::Index { of, key } => self.index(node, of, key, facts),
            NodeKind::Unary { operator: UnaryOperator::Not, of } => {
                let of = self.condition(of, facts);
                Seen { type_: bool_or_reported(&[&of.type_]), path: None, yes: of.no, no: of.yes }
            }
            NodeKind::Unary { operator: UnaryOperator::Negate, of } => {
                let seen = self.node(of, facts);
                if matches!(of.kind, NodeKind::Literal(_)) {
                    return plain(seen.type_, facts);
                }
                self.may_fail(node, "an int may overflow");
                let fits = |alternative: &Alternative| matches!(alternative, Alternative::Int | Alternative::Double);
                let type_ = self.require(of, &seen, fits, "a number");
                plain(type_, facts)
            }
            NodeKind::Binary { operator, left, right } => self.binary(node, *operator, left, right, facts),
            NodeKind::Conditional { test, then, otherwise } => {
                let test = self.condition(test, facts);
                let (then_seen, other_seen) = (self.node(then, &test.yes), self.node(otherwise, &test.no));
                if !then_seen.type_.overlaps(&other_seen.type_) && !then_seen.type_.may_be_null() && !other_seen.type_.may_be_null() {
                    let message = format!("one branch is {}, the other is {}", then_seen.type_.words(), other_seen.type_.words());
                    let type_ = self.report(node, message, None);
                    return plain(type_, facts);
                }
                Seen {
                    type_: then_seen.type_.or(other_seen.type_),
                    path: None,
                    yes: then_seen.yes.join(other_seen.yes),
                    no: then_seen.no.join(other_seen.no),
                }
            }
            NodeKind::List(items) => self.list(items, facts),
            NodeKind::Map(entries) => {
                let mut values = Type::default();
                for (key, value) in entries {
                    self.node(key, facts);
                    values = values.or(self.node(value, facts).type_);
                }
                plain(Type::of(Alternative::Map(Box::new(values))), facts)
            }
            NodeKind::Call { function, of, arguments } => call::call(self, node, function, of.as_deref(), arguments, facts),
            NodeKind::Quantified { quantifier, range, variable, value, body, mapped } => {
                self.quantified(node, *quantifier, range, (variable, value.as_deref()), body, mapped.as_deref(), facts)
            }
        }
    }

    /// The type of an operand; reports an alternative that does not fit.
    pub(crate) fn require(&mut self, node: &Node, seen: &Seen, fits: impl Fn(&Alternative) -> bool, wanted: &str) -> Type {
        if seen.type_.all(&fits) {
            return seen.type_.clone();
        }
        let rest = seen.type_.filter(|alternative| !fits(alternative));
        let some = seen.type_.has(&fits);
        let (message, remedy) = if some && rest.all(|alternative| *alternative == Alternative::Null) {
            (format!("`{node}` may be null"), Some(format!("guard it with {node} != null")))
        } else if some && seen.type_.has(|alternative| *alternative == Alternative::Timestamp) {
            (format!("`{node}` might not be an instant"), Some(format!("guard it with isInstant({node})")))
        } else if rest.has(|alternative| *alternative == Alternative::Any) {
            (
                format!("the schema does not define the type of `{node}`: {wanted} is expected"),
                Some("declare its type in the schema; without a type, only == and != apply".to_owned()),
            )
        } else {
            let is = if some { "may be" } else { "is" };
            (format!("{wanted} is expected, and `{node}` {is} {}", rest.words()), None)
        };
        self.report(node, message, remedy)
    }

    fn binary(&mut self, node: &Node, operator: BinaryOperator, left: &Node, right: &Node, facts: &Facts) -> Seen {
        match operator {
            BinaryOperator::And => {
                let first = self.condition(left, facts);
                let second = self.condition(right, &first.yes);
                let type_ = bool_or_reported(&[&first.type_, &second.type_]);
                Seen { type_, path: None, yes: second.yes, no: first.no.join(second.no) }
            }
            BinaryOperator::Or => {
                let first = self.condition(left, facts);
                let second = self.condition(right, &first.no);
                let type_ = bool_or_reported(&[&first.type_, &second.type_]);
                Seen { type_, path: None, yes: first.yes.join(second.yes), no: second.no }
            }
            BinaryOperator::Equal | BinaryOperator::NotEqual => self.equality(node, operator, left, right, facts),
            BinaryOperator::In => self.contained(node, left, right, facts),
            BinaryOperator::Less | BinaryOperator::LessEqual | BinaryOperator::Greater | BinaryOperator::GreaterEqual => {
                self.order(node, operator, left, right, facts)
            }
            _ => self.arithmetic(node, operator, left, right, facts),
        }
    }
}

/// A value whose truth implies no facts.
pub(crate) fn plain(type_: Type, facts: &Facts) -> Seen {
    Seen { type_, path: None, yes: facts.clone(), no: facts.clone() }
}

fn bool_or_reported(types: &[&Type]) -> Type {
    if types.iter().any(|type_| type_.reported) { Type { reported: true, ..Type::bool() } } else { Type::bool() }
}

fn literal_type(literal: &Literal) -> Type {
    Type::of(match literal {
        Literal::Null => Alternative::Null,
        Literal::Bool(value) => Alternative::Bool(Some(*value)),
        Literal::Int(_) => Alternative::Int,
        Literal::Uint(_) => Alternative::Uint,
        Literal::Double(_) => Alternative::Double,
        Literal::String(text) => Alternative::String(Some([text.clone()].into())),
        Literal::Bytes(_) => Alternative::Bytes,
    })
}

/// Whether a variable occurs: without one, the value of an expression is constant.
fn names_something(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Variable(_)) || node.children().into_iter().any(names_something)
}
