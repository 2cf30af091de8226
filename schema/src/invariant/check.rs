//! The names in a rule against the schema: a field that no instance can have is refused, with the nearest one that exists.
//!
//! What is not done here yet: types of operands, guards of optional and nullable values, cost.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Fault, Place, Problem};
use crate::model::{Contract, Operation, ParameterPlace, SchemaId};
use crate::{Location, Position, suggest};

use super::template::Piece;
use super::tree::{Expression, Literal, Node, NodeKind};
use super::{Invariant, Site};

/// Functions that take a receiver.
const METHODS: [&str; 18] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfYear",
    "getDayOfWeek",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
    "all",
    "exists",
    "filter",
];
/// Functions that stand alone.
const FUNCTIONS: [&str; 9] = ["size", "int", "uint", "double", "string", "timestamp", "duration", "dyn", "isInstant"];

/// Every name of a rule, its guard and its message that cannot mean anything.
pub(super) fn names(contract: &Contract, invariant: &Invariant) -> Vec<Problem> {
    let mut checker = Checker { contract, invariant, problems: Vec::new() };
    checker.expression("rule", &invariant.rule);
    if let Some(when) = &invariant.when {
        checker.expression("when", when);
    }
    for piece in &invariant.message.pieces {
        if let Piece::Value(expression) = piece {
            checker.expression("message", expression);
        }
    }
    checker.problems
}

/// A problem with an expression, placed inside the document where the text stands there as written.
pub(super) fn rule_problem(
    contract: &Contract,
    at: &Location,
    expression: &str,
    byte: usize,
    length: usize,
    message: String,
    remedy: Option<String>,
) -> Problem {
    let text = contract.documents.text(at.document()).cloned();
    let position = contract.documents.position(at).map(|start| {
        let inside = text.as_deref().and_then(|text| {
            // The scalar may begin behind a quote or a block indicator.
            let found = text[start.byte..].find(expression).filter(|skipped| *skipped <= 64)?;
            Some(Position::of(text.as_bytes(), start.byte + found + byte))
        });
        inside.unwrap_or(start)
    });
    let fault = Fault::Rule { expression: expression.to_owned(), message };
    Problem { fault, place: Place { location: Some(at.clone()), position, text, length }, remedy }
}

/// What a name can stand for.
#[derive(Clone)]
enum Meaning {
    /// Anything: nothing below it is checked.
    Anything,
    /// An instance of one of these schemas.
    Instance(BTreeSet<SchemaId>),
    /// A record of ours, such as `request`.
    Record(BTreeMap<String, Meaning>),
}

type Scope = Vec<(String, Meaning)>;

struct Checker<'c> {
    contract: &'c Contract,
    invariant: &'c Invariant,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn expression(&mut self, key: &str, expression: &Expression) {
        let mut scope = self.variables();
        let mut found = Vec::new();
        self.meaning(&expression.root, &mut scope, &mut found);
        let at = self.invariant.location.child(key);
        for (node_token, message, remedy) in found {
            let length = node_token.len();
            self.problems.push(rule_problem(self.contract, &at, &expression.text, node_token.start, length, message, remedy));
        }
    }

    /// `self`, `oldSelf`, `request` and `response`, as the site of the rule has them.
    fn variables(&self) -> Scope {
        let operations: Vec<&Operation> = match &self.invariant.on {
            Site::Response { operation, .. } => self.contract.operation(operation).into_iter().collect(),
            Site::Schema(_) => self.contract.operations.iter().collect(),
        };
        let self_ = match &self.invariant.on {
            Site::Schema(id) => Meaning::Instance([*id].into()),
            Site::Response { status, .. } => {
                let responses = operations.iter().flat_map(|operation| &operation.responses).filter(|response| response.status == *status);
                let schemas: BTreeSet<SchemaId> = responses.flat_map(|response| response.content.values().flatten().copied()).collect();
                if schemas.is_empty() { Meaning::Anything } else { Meaning::Instance(schemas) }
            }
        };
        let parameters = |place| {
            let of_place = operations.iter().flat_map(|operation| &operation.parameters).filter(move |parameter| parameter.place == place);
            Meaning::Record(of_place.map(|parameter| (parameter.name.clone(), Meaning::Anything)).collect())
        };
        let record =
            |fields: Vec<(&str, Meaning)>| Meaning::Record(fields.into_iter().map(|(name, meaning)| (name.to_owned(), meaning)).collect());
        let request = record(vec![
            ("method", Meaning::Anything),
            ("path", parameters(ParameterPlace::Path)),
            ("query", parameters(ParameterPlace::Query)),
            ("headers", Meaning::Anything),
        ]);
        let response = record(vec![("status", Meaning::Anything), ("headers", Meaning::Anything)]);
        vec![
            ("self".to_owned(), self_.clone()),
            ("oldSelf".to_owned(), self_),
            ("request".to_owned(), request),
            ("response".to_owned(), response),
        ]
    }

    fn meaning(&mut self, node: &Node, scope: &mut Scope, found: &mut Vec<Found>) -> Meaning {
        match &node.kind {
            NodeKind::Literal(_) => Meaning::Anything,
            NodeKind::Variable(name) => match scope.iter().rev().find(|(known, _)| known == name) {
                Some((_, meaning)) => meaning.clone(),
                None => {
                    let remedy = suggest::nearest(name, scope.iter().map(|(known, _)| known.as_str()));
                    found.push((node.token.clone(), format!("no variable is called `{name}`"), remedy));
                    Meaning::Anything
                }
            },
            NodeKind::Select { of, field } | NodeKind::Has { of, field } => {
                let of = self.meaning(of, scope, found);
                self.field(node, &of, field, found)
            }
            NodeKind::Index { of, key } => {
                let of = self.meaning(of, scope, found);
                self.meaning(key, scope, found);
                match &key.kind {
                    NodeKind::Literal(Literal::String(field)) => self.key(&of, field),
                    _ => self.item(&of),
                }
            }
            NodeKind::Conditional { test, then, otherwise } => {
                self.meaning(test, scope, found);
                let (left, right) = (self.meaning(then, scope, found), self.meaning(otherwise, scope, found));
                match (left, right) {
                    (Meaning::Instance(left), Meaning::Instance(right)) => Meaning::Instance(&left | &right),
                    _ => Meaning::Anything,
                }
            }
            NodeKind::Call { function, of, arguments } => {
                let known: &[&str] = if of.is_some() { &METHODS } else { &FUNCTIONS };
                if !known.contains(&function.as_str()) {
                    found.push((
                        node.token.clone(),
                        format!("no function is called `{function}`"),
                        suggest::nearest(function, known.iter().copied()),
                    ));
                }
                for child in of.iter().map(|of| &**of).chain(arguments) {
                    self.meaning(child, scope, found);
                }
                Meaning::Anything
            }
            NodeKind::Quantified { range, variable, body, mapped, .. } => {
                let range = self.meaning(range, scope, found);
                let item = self.item(&range);
                scope.push((variable.clone(), item));
                for inner in [Some(&**body), mapped.as_deref()].into_iter().flatten() {
                    self.meaning(inner, scope, found);
                }
                scope.pop();
                Meaning::Anything
            }
            _ => {
                for child in node.children() {
                    self.meaning(child, scope, found);
                }
                Meaning::Anything
            }
        }
    }

    fn field(&self, node: &Node, of: &Meaning, field: &str, found: &mut Vec<Found>) -> Meaning {
        let (meaning, names): (Option<Meaning>, Vec<String>) = match of {
            Meaning::Anything => (Some(Meaning::Anything), Vec::new()),
            Meaning::Record(fields) => (fields.get(field).cloned(), fields.keys().cloned().collect()),
            Meaning::Instance(schemas) => {
                let parts = self.contract.in_place(schemas.iter().copied());
                let declared: BTreeSet<SchemaId> =
                    parts.iter().filter_map(|id| self.contract.schemas[*id].keywords.properties.get(field)).copied().collect();
                let names =
                    parts.iter().flat_map(|id| self.contract.schemas[*id].keywords.properties.keys().cloned()).collect::<BTreeSet<_>>();
                let meaning = match declared.is_empty() {
                    false => Some(Meaning::Instance(declared)),
                    // A schema that declares no property says nothing about names.
                    true => names.is_empty().then_some(Meaning::Anything),
                };
                (meaning, names.into_iter().collect())
            }
        };
        meaning.unwrap_or_else(|| {
            let remedy = suggest::nearest(field, names.iter().map(String::as_str));
            found.push((node.token.clone(), format!("no field is called `{field}` here"), remedy));
            Meaning::Anything
        })
    }

    /// What `x['key']` means: declared keys mean what they are declared as, others anything.
    fn key(&self, of: &Meaning, key: &str) -> Meaning {
        let Meaning::Instance(schemas) = of else { return Meaning::Anything };
        let declared: BTreeSet<SchemaId> = self
            .contract
            .in_place(schemas.iter().copied())
            .iter()
            .filter_map(|id| self.contract.schemas[*id].keywords.properties.get(key))
            .copied()
            .collect();
        if declared.is_empty() { Meaning::Anything } else { Meaning::Instance(declared) }
    }

    fn item(&self, of: &Meaning) -> Meaning {
        let Meaning::Instance(schemas) = of else { return Meaning::Anything };
        let items: BTreeSet<SchemaId> =
            self.contract.in_place(schemas.iter().copied()).iter().filter_map(|id| self.contract.schemas[*id].keywords.items).collect();
        if items.is_empty() { Meaning::Anything } else { Meaning::Instance(items) }
    }
}

/// A token, what is wrong with it, and what may have been meant.
type Found = (std::ops::Range<usize>, String, Option<String>);
