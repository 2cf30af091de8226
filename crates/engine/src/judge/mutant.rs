//! Mutants: small changes of a rule that its examples should detect. A surviving mutant is a part of the rule that no example tests.

use charter_contract::Contract;
use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind, Quantifier, UnaryOperator};

use super::rule::Rules;

/// A rule with one change.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mutant {
    /// The kind of change, and the part before and after it. Unique within a rule.
    pub name: String,
    /// Whether an example detected it.
    pub outcome: MutantOutcome,
}

/// Whether an example detected a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MutantOutcome {
    /// An example did.
    Killed,
    /// No example did.
    Survived,
    /// No example did, and the contract says why none can.
    Equivalent(String),
    /// The contract declares a change equivalent that an example detects, or that is not a change of this rule.
    Stale,
}

impl Rules {
    /// Every change of a rule and of its guard.
    pub(super) fn mutants(&self, contract: &Contract, rule: usize) -> Vec<Mutant> {
        let invariant = &contract.invariants().invariants[rule];
        let when = invariant.when.as_ref().map(|when| &when.root);
        let mut mutants: Vec<Mutant> = Vec::new();
        let mut add = |part: &str, change: Change, killed: bool| {
            let plain = format!("{part}, {}: {} → {}", change.kind, change.before, change.after);
            let same = mutants.iter().filter(|mutant| mutant.name == plain || mutant.name.starts_with(&format!("{plain} #"))).count();
            let name = if same == 0 { plain } else { format!("{plain} #{}", same + 1) };
            let reason =
                invariant.equivalent.iter().find(|equivalent| equivalent.mutant == name).map(|equivalent| equivalent.reason.clone());
            let outcome = match (killed, reason) {
                (true, Some(_)) => MutantOutcome::Stale,
                (true, None) => MutantOutcome::Killed,
                (false, Some(reason)) => MutantOutcome::Equivalent(reason),
                (false, None) => MutantOutcome::Survived,
            };
            mutants.push(Mutant { name, outcome });
        };
        for change in changes(&invariant.rule.root) {
            let killed = self.kills(contract, rule, when, &change.whole);
            add("rule", change, killed);
        }
        for change in when.map(changes).unwrap_or_default() {
            let killed = self.kills(contract, rule, Some(&change.whole), &invariant.rule.root);
            add("when", change, killed);
        }
        for equivalent in &invariant.equivalent {
            if !mutants.iter().any(|mutant| mutant.name == equivalent.mutant) {
                mutants.push(Mutant { name: equivalent.mutant.clone(), outcome: MutantOutcome::Stale });
            }
        }
        mutants
    }
}

/// One change, and the whole expression with it.
struct Change {
    kind: &'static str,
    before: String,
    after: String,
    whole: Node,
}

/// Every change of an expression.
fn changes(root: &Node) -> Vec<Change> {
    let mut changes = vec![Change { kind: "negate", before: root.to_string(), after: format!("!({root})"), whole: root.clone().negated() }];
    walk(root, &mut |part| part, &mut changes);
    changes
}

/// Adds every change of a node and of the nodes below it; `rebuild` puts a changed node into the whole expression.
fn walk(node: &Node, rebuild: &mut dyn FnMut(Node) -> Node, changes: &mut Vec<Change>) {
    for (kind, after) in mutations(node) {
        changes.push(Change { kind, before: node.to_string(), after: after.to_string(), whole: rebuild(after) });
    }
    for index in 0..node.children().len() {
        let mut rebuild_parent = |part: Node| {
            let mut copy = node.clone();
            if let Some(child) = copy.children_mut().into_iter().nth(index) {
                *child = part;
            }
            rebuild(copy)
        };
        let Some(child) = node.children().into_iter().nth(index) else { continue };
        walk(child, &mut rebuild_parent, changes);
    }
}

/// The changes of one node.
fn mutations(node: &Node) -> Vec<(&'static str, Node)> {
    let mut found = Vec::new();
    match &node.kind {
        NodeKind::Binary { operator, left, right } => {
            let with = |operator| NodeKind::Binary { operator, left: left.clone(), right: right.clone() };
            for (kind, operator) in replacements(*operator) {
                found.push((kind, Node::new(with(operator))));
            }
            if let BinaryOperator::And | BinaryOperator::Or = operator {
                found.push(("drop", (**left).clone()));
                found.push(("drop", (**right).clone()));
            }
        }
        NodeKind::Unary { operator: UnaryOperator::Not, of } => found.push(("drop !", (**of).clone())),
        NodeKind::Conditional { test, then, otherwise } => {
            let swapped = NodeKind::Conditional { test: test.clone(), then: otherwise.clone(), otherwise: then.clone() };
            found.push(("swap", Node::new(swapped)));
        }
        NodeKind::Quantified { quantifier, range, variable, value, body, mapped: None } => {
            let other = match quantifier {
                Quantifier::All => Some(Quantifier::Exists),
                Quantifier::Exists | Quantifier::ExistsOne => Some(Quantifier::All),
                _ => None,
            };
            found.extend(other.map(|quantifier| {
                let (range, variable, value, body) = (range.clone(), variable.clone(), value.clone(), body.clone());
                ("swap", Node::new(NodeKind::Quantified { quantifier, range, variable, value, body, mapped: None }))
            }));
        }
        NodeKind::List(items) if items.len() > 1 => {
            for index in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(index);
                found.push(("drop item", Node::new(NodeKind::List(fewer))));
            }
        }
        NodeKind::Literal(literal) => {
            found.extend(adjusted(literal).into_iter().map(|adjusted| ("move bound", Node::new(NodeKind::Literal(adjusted)))))
        }
        NodeKind::Call { function, of: None, arguments } if function == "duration" => {
            if let [argument] = arguments.as_slice()
                && let Some(Literal::String(text)) = argument.literal()
            {
                let digits = text.len() - text.trim_start_matches(|character: char| character.is_ascii_digit()).len();
                if let Ok(count) = text[..digits].parse::<u32>() {
                    let numbers = [count.checked_add(1), count.checked_sub(1)];
                    for number in numbers.into_iter().flatten() {
                        let adjusted = Node::new(NodeKind::Literal(Literal::String(format!("{number}{}", &text[digits..]))));
                        let call = NodeKind::Call { function: function.clone(), of: None, arguments: vec![adjusted] };
                        found.push(("move bound", Node::new(call)));
                    }
                }
            }
        }
        _ => {}
    }
    found
}

/// The replacements of an operator.
fn replacements(operator: BinaryOperator) -> Vec<(&'static str, BinaryOperator)> {
    use BinaryOperator::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    match operator {
        Equal => vec![("flip", NotEqual)],
        NotEqual => vec![("flip", Equal)],
        Less => vec![("flip", Greater), ("loosen", LessEqual)],
        LessEqual => vec![("flip", GreaterEqual), ("tighten", Less)],
        Greater => vec![("flip", Less), ("loosen", GreaterEqual)],
        GreaterEqual => vec![("flip", LessEqual), ("tighten", Greater)],
        _ => Vec::new(),
    }
}

/// The number plus one and minus one.
fn adjusted(literal: &Literal) -> Vec<Literal> {
    match literal {
        Literal::Int(value) => [value.checked_add(1), value.checked_sub(1)].into_iter().flatten().map(Literal::Int).collect(),
        Literal::Uint(value) => [value.checked_add(1), value.checked_sub(1)].into_iter().flatten().map(Literal::Uint).collect(),
        Literal::Double(value) => vec![Literal::Double(value + 1.0), Literal::Double(value - 1.0)],
        _ => Vec::new(),
    }
}
