//! Expression trees of CEL rules, independent of the parser.

use std::ops::Range;

use serde::Serialize;

/// An expression: its text and its tree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// The tree.
    pub root: Node,
    /// The number of nodes; every id is smaller.
    pub nodes: usize,
}

/// One node of an expression.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// The number within the expression, from 0. Nodes that were not parsed have number 0.
    pub id: usize,
    /// The bytes of the node's own token in the text: the operator, the name, the literal.
    pub token: Range<usize>,
    /// The kind, with its operands.
    pub kind: NodeKind,
}

/// The kind of a node, with its operands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum NodeKind {
    /// A constant.
    Literal(Literal),
    /// A name: `self`, `request`, or the variable of a quantifier.
    Variable(String),
    /// `of.field`
    Select {
        /// The object.
        of: Box<Node>,
        /// The field.
        field: String,
    },
    /// `has(of.field)`
    Has {
        /// The object.
        of: Box<Node>,
        /// The field.
        field: String,
    },
    /// `of[key]`
    Index {
        /// The list or map.
        of: Box<Node>,
        /// The key or index.
        key: Box<Node>,
    },
    /// `!of`, `-of`
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// The operand.
        of: Box<Node>,
    },
    /// `left operator right`
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// The left operand.
        left: Box<Node>,
        /// The right operand.
        right: Box<Node>,
    },
    /// `test ? then : otherwise`
    Conditional {
        /// The condition.
        test: Box<Node>,
        /// The value where it holds.
        then: Box<Node>,
        /// The value where it does not.
        otherwise: Box<Node>,
    },
    /// `[a, b]`
    List(Vec<Node>),
    /// `{a: b}`
    Map(Vec<(Node, Node)>),
    /// `function(arguments)` or `of.function(arguments)`
    Call {
        /// The function's name.
        function: String,
        /// The receiver of a method.
        of: Option<Box<Node>>,
        /// The arguments.
        arguments: Vec<Node>,
    },
    /// `range.all(variable, body)` and its kin.
    Quantified {
        /// Which.
        quantifier: Quantifier,
        /// The list, or the map whose keys are the items.
        range: Box<Node>,
        /// The variable of the item; with a second variable, that of the key or index.
        variable: String,
        /// The second variable: the value of a map's entry, or the item of a list.
        value: Option<String>,
        /// The condition; for `map` with three arguments the filter.
        body: Box<Node>,
        /// The expression that `map` evaluates for each item.
        mapped: Option<Box<Node>>,
    },
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `1`
    Int(i64),
    /// `1u`
    Uint(u64),
    /// `1.0`
    Double(f64),
    /// `'a'`
    String(String),
    /// `b'a'`
    Bytes(Vec<u8>),
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum UnaryOperator {
    /// `!`
    Not,
    /// `-`
    Negate,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum BinaryOperator {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

/// A macro over the items of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Quantifier {
    /// `all`
    All,
    /// `exists`
    Exists,
    /// `exists_one`
    ExistsOne,
    /// `map`
    Map,
    /// `filter`
    Filter,
}

impl Node {
    /// A node that was not parsed from text.
    pub fn new(kind: NodeKind) -> Self {
        Self { id: 0, token: 0..0, kind }
    }

    /// `!node`
    #[must_use]
    pub fn negated(self) -> Self {
        Self::new(NodeKind::Unary { operator: UnaryOperator::Not, of: Box::new(self) })
    }

    /// `self operator right`
    #[must_use]
    pub fn joined(self, operator: BinaryOperator, right: Self) -> Self {
        Self::new(NodeKind::Binary { operator, left: Box::new(self), right: Box::new(right) })
    }

    /// The child nodes.
    pub fn children(&self) -> Vec<&Node> {
        match &self.kind {
            NodeKind::Literal(_) | NodeKind::Variable(_) => Vec::new(),
            NodeKind::Select { of, .. } | NodeKind::Has { of, .. } | NodeKind::Unary { of, .. } => vec![of],
            NodeKind::Index { of, key } => vec![of, key],
            NodeKind::Binary { left, right, .. } => vec![left, right],
            NodeKind::Conditional { test, then, otherwise } => vec![test, then, otherwise],
            NodeKind::List(items) => items.iter().collect(),
            NodeKind::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            NodeKind::Call { of, arguments, .. } => of.as_deref().into_iter().chain(arguments).collect(),
            NodeKind::Quantified { range, body, mapped, .. } => {
                [Some(&**range), Some(&**body), mapped.as_deref()].into_iter().flatten().collect()
            }
        }
    }

    /// The child nodes, mutable.
    pub fn children_mut(&mut self) -> Vec<&mut Node> {
        match &mut self.kind {
            NodeKind::Literal(_) | NodeKind::Variable(_) => Vec::new(),
            NodeKind::Select { of, .. } | NodeKind::Has { of, .. } | NodeKind::Unary { of, .. } => vec![of],
            NodeKind::Index { of, key } => vec![of, key],
            NodeKind::Binary { left, right, .. } => vec![left, right],
            NodeKind::Conditional { test, then, otherwise } => vec![test, then, otherwise],
            NodeKind::List(items) => items.iter_mut().collect(),
            NodeKind::Map(entries) => entries.iter_mut().flat_map(|(key, value)| [key, value]).collect(),
            NodeKind::Call { of, arguments, .. } => of.as_deref_mut().into_iter().chain(arguments).collect(),
            NodeKind::Quantified { range, body, mapped, .. } => {
                [Some(&mut **range), Some(&mut **body), mapped.as_deref_mut()].into_iter().flatten().collect()
            }
        }
    }

    /// The value of a constant node; a sign before a number is included.
    pub fn literal(&self) -> Option<Literal> {
        match &self.kind {
            NodeKind::Literal(literal) => Some(literal.clone()),
            NodeKind::Unary { operator: UnaryOperator::Negate, of } => match of.literal()? {
                Literal::Int(value) => value.checked_neg().map(Literal::Int),
                Literal::Double(value) => Some(Literal::Double(-value)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The first node, in reading order, that reads `variable.member`, `has(variable.member)`, `variable['member']` or
    /// `'member' in variable`.
    pub fn reading(&self, variable: &str, member: &str) -> Option<&Self> {
        let is_variable = |node: &Self| matches!(&node.kind, NodeKind::Variable(name) if name == variable);
        let is_member = |node: &Self| matches!(&node.kind, NodeKind::Literal(Literal::String(name)) if name == member);
        let here = match &self.kind {
            NodeKind::Select { of, field } | NodeKind::Has { of, field } => field == member && is_variable(of),
            NodeKind::Index { of, key } => is_variable(of) && is_member(key),
            NodeKind::Binary { operator: BinaryOperator::In, left, right } => is_variable(right) && is_member(left),
            _ => false,
        };
        if here { Some(self) } else { self.children().into_iter().find_map(|child| child.reading(variable, member)) }
    }

    /// Whether this node or a descendant names a variable.
    pub fn mentions(&self, variable: &str) -> bool {
        matches!(&self.kind, NodeKind::Variable(name) if name == variable) || self.children().iter().any(|child| child.mentions(variable))
    }
}
