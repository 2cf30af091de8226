//! A message with CEL embedded in `{{ }}`.

use serde::Serialize;

use super::tree::Expression;

/// A message: text and expressions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Template {
    /// The pieces, in the order written.
    pub pieces: Vec<Piece>,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Piece {
    /// Literal text.
    Text(String),
    /// An expression; the message contains its value.
    Value(Expression),
}
