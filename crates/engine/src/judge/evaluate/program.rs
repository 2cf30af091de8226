//! Compiles an expression tree to a program: variables to slots and places, patterns to matchers, constant parts to values.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind, Quantifier, UnaryOperator};
use charter_rules::slots::{SlotId, SlotTable, static_path};
use regex::Regex;

use super::super::bind::Binder;
use super::functions::Function;
use super::run::Run;
use super::scope::Scope;
use super::value::Val;

/// The maximum number of steps of one evaluation. A step is an iteration of a quantifier, or an item of an array that is read.
pub(super) const BUDGET: u64 = 5_000_000;

/// The variables of rules; their paths are slots.
pub(super) const SLOT_VARIABLES: [&str; 4] = ["self", "oldSelf", "request", "response"];

/// The slot tables of the variables of rules. Without a table, a variable's paths are read step by step.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tables<'t> {
    pub(crate) self_: Option<&'t SlotTable>,
    pub(crate) old_self: Option<&'t SlotTable>,
    pub(crate) request: Option<&'t SlotTable>,
    pub(crate) response: Option<&'t SlotTable>,
}

/// Why an expression cannot be compiled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum CompileError {
    /// The pattern of `matches` is not a string literal.
    #[error("the pattern must be a string literal")]
    PatternNotLiteral,
    /// `matches` has another number of arguments.
    #[error("`matches` takes one pattern")]
    PatternCount,
    /// The pattern of `matches` is not a regular expression.
    #[error("{0}")]
    Pattern(#[from] regex::Error),
}

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Program {
    pub(super) root: Op,
    /// The maximum number of steps of its evaluation.
    pub(super) budget: u64,
}

impl Program {
    /// Compiles an expression. The variables of its scope must have the slots of the tables.
    pub(crate) fn compile(node: &Node, tables: Tables<'_>) -> Result<Self, CompileError> {
        let root = Compiler { tables, locals: Vec::new() }.node(node)?;
        Ok(Self { root, budget: BUDGET })
    }

    /// The same program with another budget.
    #[cfg(test)]
    pub(super) fn with_budget(self, budget: u64) -> Self {
        Self { budget, ..self }
    }
}

/// An operation.
#[derive(Debug)]
pub(super) enum Op {
    Constant(Val<'static>),
    /// A static path.
    Slot {
        variable: usize,
        slot: SlotId,
        /// The same path step by step: for the fault where the slot is absent.
        steps: Box<Op>,
    },
    /// `has()` of a static path.
    HasSlot {
        variable: usize,
        slot: SlotId,
        steps: Box<Op>,
    },
    Variable(Box<str>),
    /// The variable of an enclosing quantifier, by depth.
    Local(usize),
    Select {
        of: Box<Op>,
        key: Box<str>,
    },
    Has {
        of: Box<Op>,
        key: Box<str>,
    },
    Index {
        of: Box<Op>,
        key: Box<Op>,
    },
    Not(Box<Op>),
    Negate(Box<Op>),
    And(Box<Op>, Box<Op>),
    Or(Box<Op>, Box<Op>),
    Equal {
        left: Box<Op>,
        right: Box<Op>,
        negated: bool,
    },
    Order {
        operator: Order,
        left: Box<Op>,
        right: Box<Op>,
    },
    In(Box<Op>, Box<Op>),
    Arithmetic {
        operator: Arithmetic,
        left: Box<Op>,
        right: Box<Op>,
    },
    Conditional(Box<[Op; 3]>),
    List(Vec<Op>),
    Map(Vec<(Op, Op)>),
    Matches {
        of: Box<Op>,
        pattern: Box<Regex>,
    },
    Call {
        function: Function,
        operands: Vec<Op>,
    },
    /// A call of a function that does not exist.
    Unknown(Box<str>),
    Quantified {
        quantifier: Quantifier,
        range: Box<Op>,
        /// Whether there are two variables: the key or index, and the value or item.
        has_value: bool,
        body: Box<Op>,
        mapped: Option<Box<Op>>,
    },
}

/// `<` and similar operators.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Order {
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterEqual => ordering.is_ge(),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Less => "_<_",
            Self::LessEqual => "_<=_",
            Self::Greater => "_>_",
            Self::GreaterEqual => "_>=_",
        }
    }
}

/// `+` and similar operators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

struct Compiler<'t> {
    tables: Tables<'t>,
    /// The variables of enclosing quantifiers.
    locals: Vec<String>,
}

impl Compiler<'_> {
    fn boxed(&mut self, node: &Node) -> Result<Box<Op>, CompileError> {
        self.node(node).map(Box::new)
    }

    fn nodes<'n>(&mut self, nodes: impl IntoIterator<Item = &'n Node>) -> Result<Vec<Op>, CompileError> {
        nodes.into_iter().map(|node| self.node(node)).collect()
    }

    fn node(&mut self, node: &Node) -> Result<Op, CompileError> {
        Ok(match &node.kind {
            NodeKind::Literal(literal) => Op::Constant(constant(literal)),
            NodeKind::Variable(name) => match self.locals.iter().rposition(|local| local == name) {
                Some(depth) => Op::Local(depth),
                None => Op::Variable(name.as_str().into()),
            },
            NodeKind::Select { of, field } => {
                let steps = Op::Select { of: self.boxed(of)?, key: field.as_str().into() };
                self.slot(node, steps)
            }
            NodeKind::Has { of, field } => {
                let steps = Op::Has { of: self.boxed(of)?, key: field.as_str().into() };
                self.slot(node, steps)
            }
            NodeKind::Index { of, key } => {
                let steps = Op::Index { of: self.boxed(of)?, key: self.boxed(key)? };
                self.slot(node, steps)
            }
            NodeKind::Unary { operator: UnaryOperator::Not, of } => Op::Not(self.boxed(of)?),
            NodeKind::Unary { operator: UnaryOperator::Negate, of } => folded(Op::Negate(self.boxed(of)?)),
            NodeKind::Binary { operator, left, right } => {
                let (left, right) = (self.boxed(left)?, self.boxed(right)?);
                binary(*operator, left, right)
            }
            NodeKind::Conditional { test, then, otherwise } => {
                Op::Conditional(Box::new([self.node(test)?, self.node(then)?, self.node(otherwise)?]))
            }
            NodeKind::List(items) => folded(Op::List(self.nodes(items)?)),
            NodeKind::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| Ok((self.node(key)?, self.node(value)?)));
                Op::Map(entries.collect::<Result<_, CompileError>>()?)
            }
            NodeKind::Call { function, of: Some(of), arguments } if function == "matches" => self.matches(of, arguments)?,
            NodeKind::Call { function, of: None, arguments } if function == "matches" => match arguments.split_first() {
                Some((of, arguments)) => self.matches(of, arguments)?,
                None => return Err(CompileError::PatternCount),
            },
            NodeKind::Call { function, of, arguments } => {
                let operands = self.nodes(of.as_deref().into_iter().chain(arguments))?;
                match Function::named(function, of.is_some()) {
                    Some(function) => folded(Op::Call { function, operands }),
                    None => Op::Unknown(function.as_str().into()),
                }
            }
            NodeKind::Quantified { quantifier, range, variable, value, body, mapped } => {
                let range = self.boxed(range)?;
                let depth = self.locals.len();
                self.locals.extend([variable].into_iter().chain(value).cloned());
                let body = self.boxed(body);
                let mapped = mapped.as_deref().map(|mapped| self.boxed(mapped)).transpose();
                self.locals.truncate(depth);
                Op::Quantified { quantifier: *quantifier, range, has_value: value.is_some(), body: body?, mapped: mapped? }
            }
        })
    }

    /// The slot of a static path, if the tables have it.
    fn slot(&self, node: &Node, steps: Op) -> Op {
        let Some((name, path)) = static_path(node).filter(|(name, _)| !self.locals.iter().any(|local| local == name)) else { return steps };
        let Some(variable) = SLOT_VARIABLES.iter().position(|known| *known == name) else { return steps };
        let Tables { self_, old_self, request, response } = self.tables;
        let Some(slot) = [self_, old_self, request, response][variable].and_then(|table| table.find(&path)) else { return steps };
        let steps = Box::new(steps);
        match &node.kind {
            NodeKind::Has { .. } => Op::HasSlot { variable, slot, steps },
            _ => Op::Slot { variable, slot, steps },
        }
    }

    fn matches(&mut self, of: &Node, arguments: &[Node]) -> Result<Op, CompileError> {
        let [argument] = arguments else { return Err(CompileError::PatternCount) };
        let Some(Literal::String(pattern)) = argument.literal() else { return Err(CompileError::PatternNotLiteral) };
        Ok(Op::Matches { of: self.boxed(of)?, pattern: Box::new(Regex::new(&pattern)?) })
    }
}

fn constant(literal: &Literal) -> Val<'static> {
    match literal {
        Literal::Null => Val::Null,
        Literal::Bool(value) => Val::Bool(*value),
        Literal::Int(value) => Val::Int(*value),
        Literal::Uint(value) => Val::Uint(*value),
        Literal::Double(value) => Val::Double(*value),
        Literal::String(text) => Val::Text(Cow::Owned(text.clone())),
        Literal::Bytes(bytes) => Val::Bytes(Cow::Owned(bytes.clone())),
    }
}

fn binary(operator: BinaryOperator, left: Box<Op>, right: Box<Op>) -> Op {
    let order = |operator| move |left, right| Op::Order { operator, left, right };
    let arithmetic = |operator| move |left, right| Op::Arithmetic { operator, left, right };
    match operator {
        BinaryOperator::And => Op::And(left, right),
        BinaryOperator::Or => Op::Or(left, right),
        BinaryOperator::Equal => Op::Equal { left, right, negated: false },
        BinaryOperator::NotEqual => Op::Equal { left, right, negated: true },
        BinaryOperator::Less => order(Order::Less)(left, right),
        BinaryOperator::LessEqual => order(Order::LessEqual)(left, right),
        BinaryOperator::Greater => order(Order::Greater)(left, right),
        BinaryOperator::GreaterEqual => order(Order::GreaterEqual)(left, right),
        BinaryOperator::In => Op::In(left, right),
        BinaryOperator::Add => arithmetic(Arithmetic::Add)(left, right),
        BinaryOperator::Subtract => arithmetic(Arithmetic::Subtract)(left, right),
        BinaryOperator::Multiply => arithmetic(Arithmetic::Multiply)(left, right),
        BinaryOperator::Divide => arithmetic(Arithmetic::Divide)(left, right),
        BinaryOperator::Modulo => arithmetic(Arithmetic::Modulo)(left, right),
    }
}

/// The value of an operation whose operands are constant; the operation itself if they are not, or if it fails.
fn folded(op: Op) -> Op {
    let is_constant = |op: &Op| matches!(op, Op::Constant(_));
    let constant = match &op {
        Op::Negate(of) => is_constant(of),
        Op::List(items) => items.iter().all(is_constant),
        Op::Call { operands, .. } => operands.iter().all(is_constant),
        _ => false,
    };
    if !constant {
        return op;
    }
    let program = Program { root: op, budget: BUDGET };
    let binder = Binder::open();
    let scope = Scope::new(&binder);
    let value = Run::new(&scope, &program).value().ok().and_then(owned);
    value.map_or(program.root, Op::Constant)
}

/// A value that borrows nothing; `None` for documents.
fn owned(value: Val<'_>) -> Option<Val<'static>> {
    Some(match value {
        Val::Null => Val::Null,
        Val::Bool(value) => Val::Bool(value),
        Val::Int(value) => Val::Int(value),
        Val::Uint(value) => Val::Uint(value),
        Val::Double(value) => Val::Double(value),
        Val::EmptySum => Val::EmptySum,
        Val::Text(text) => Val::Text(Cow::Owned(text.into_owned())),
        Val::Bytes(bytes) => Val::Bytes(Cow::Owned(bytes.into_owned())),
        Val::Timestamp(instant) => Val::Timestamp(instant),
        Val::Duration(nanoseconds) => Val::Duration(nanoseconds),
        Val::Type(name) => Val::Type(name),
        Val::List(items) => Val::List(items.iter().cloned().map(owned).collect::<Option<Vec<_>>>().map(Arc::from)?),
        Val::Map(_) | Val::Array(..) | Val::Object(..) | Val::OutOfRange => return None,
    })
}
