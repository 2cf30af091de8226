//! Why an expression has no value.

use std::fmt;

use super::value::Val;

/// The reason why an evaluation failed, boxed: results are returned often, faults rarely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault(Box<FaultKind>);

/// The kinds of faults.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultKind {
    /// A map or an object does not have a key.
    #[error("No such key: {0}")]
    NoSuchKey(String),
    /// An operator or a function does not accept operands of these types.
    #[error("found no matching overload for '{function}' applied to '{types}'")]
    NoOverload {
        /// The operator or function.
        function: String,
        /// The types in parentheses, after the receiver and a full stop for methods.
        types: String,
    },
    /// A variable or a function does not exist.
    #[error("Undeclared reference to '{0}'")]
    Undeclared(String),
    /// A value has another type than the one that is required.
    #[error("Unexpected type: got '{got}', want '{want}'")]
    UnexpectedType {
        /// The type of the value.
        got: String,
        /// The type that is required.
        want: &'static str,
    },
    /// The result of an operator is out of range.
    #[error("Overflow from binary operator '{operator}': {left}, {right}")]
    Overflow {
        /// The operator.
        operator: &'static str,
        /// The left operand.
        left: String,
        /// The right operand.
        right: String,
    },
    /// `/ 0`
    #[error("Division by zero of {0}")]
    DivisionByZero(String),
    /// `% 0`
    #[error("Remainder by zero of {0}")]
    RemainderByZero(String),
    /// An arithmetic operator does not accept these operands.
    #[error("Unsupported binary operator '{operator}': {left}, {right}")]
    Unsupported {
        /// The operator.
        operator: &'static str,
        /// The left operand.
        left: String,
        /// The right operand.
        right: String,
    },
    /// A list does not have an item at an index.
    #[error("Index out of bounds: {0}")]
    IndexOutOfBounds(String),
    /// A map literal has a key twice.
    #[error("Failed with repeated key: {0}")]
    DuplicateKey(String),
    /// A value cannot be the key of a map.
    #[error("Unable to use value '{0}' as a key")]
    UnsupportedKey(String),
    /// A function failed.
    #[error("Error executing function '{function}': {message}")]
    Function {
        /// The function.
        function: &'static str,
        /// The reason.
        message: String,
    },
    /// The evaluation used its budget.
    #[error("InternalError: \"the rule takes too many steps\"")]
    TooManySteps,
}

impl Fault {
    /// What went wrong.
    pub(super) fn kind(&self) -> &FaultKind {
        &self.0
    }

    #[cold]
    pub(super) fn overload(function: &str, operands: &[&Val<'_>]) -> Self {
        let types: Vec<&str> = operands.iter().map(|operand| operand.type_name()).collect();
        FaultKind::NoOverload { function: function.to_owned(), types: format!("({})", types.join(", ")) }.into()
    }

    #[cold]
    pub(super) fn method(function: &str, operands: &[Val<'_>]) -> Self {
        let types: Vec<&str> = operands.iter().map(Val::type_name).collect();
        let (receiver, arguments) = types.split_first().map_or(("", &[][..]), |(receiver, arguments)| (*receiver, arguments));
        FaultKind::NoOverload { function: function.to_owned(), types: format!("{receiver}.({})", arguments.join(", ")) }.into()
    }

    #[cold]
    pub(super) fn unexpected(found: &Val<'_>, want: &'static str) -> Self {
        FaultKind::UnexpectedType { got: found.type_name().to_owned(), want }.into()
    }

    #[cold]
    pub(super) fn function(function: &'static str, message: impl fmt::Display) -> Self {
        FaultKind::Function { function, message: message.to_string() }.into()
    }

    #[cold]
    pub(super) fn overflow(operator: &'static str, left: &Val<'_>, right: &Val<'_>) -> Self {
        FaultKind::Overflow { operator, left: left.debug(), right: right.debug() }.into()
    }

    #[cold]
    pub(super) fn unsupported(operator: &'static str, left: &Val<'_>, right: &Val<'_>) -> Self {
        FaultKind::Unsupported { operator, left: left.debug(), right: right.debug() }.into()
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self(Box::new(kind))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for Fault {}
