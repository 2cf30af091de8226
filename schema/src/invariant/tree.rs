//! A rule as our own tree: what CEL says, without the parser that read it.

use std::ops::Range;

use serde::Serialize;

/// An expression: its text and what it says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// What it says.
    pub root: Node,
}

/// One node of an expression.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// The bytes of the node's own token in the text: the operator, the name, the literal.
    pub token: Range<usize>,
    /// What it says.
    pub kind: NodeKind,
}

/// What a node says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum NodeKind {
    /// A constant.
    Literal(Literal),
    /// A name: `self`, `request`, or the variable of a quantifier.
    Variable(String),
    /// `of.field`
    Select {
        /// What is selected from.
        of: Box<Node>,
        /// The field.
        field: String,
    },
    /// `has(of.field)`
    Has {
        /// What is asked.
        of: Box<Node>,
        /// The field asked for.
        field: String,
    },
    /// `of[key]`
    Index {
        /// What is indexed.
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
        /// The list, or the map whose keys are looked at.
        range: Box<Node>,
        /// The name each item is given.
        variable: String,
        /// The condition; for `map` with three arguments the filter.
        body: Box<Node>,
        /// What `map` makes of each item.
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

/// A macro that looks at every item of a list.
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
    /// The nodes right below this one.
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

    /// Whether this node or one below it names a variable.
    pub fn mentions(&self, variable: &str) -> bool {
        matches!(&self.kind, NodeKind::Variable(name) if name == variable) || self.children().iter().any(|child| child.mentions(variable))
    }
}
