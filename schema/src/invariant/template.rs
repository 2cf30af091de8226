//! A message with CEL embedded in `{{ }}`.

use serde::Serialize;

use super::parse::{ParseProblem, parse};
use super::tree::Expression;

/// A message: text and expressions in turn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Template {
    /// The pieces, in the order written.
    pub pieces: Vec<Piece>,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// An expression whose value stands here.
    Value(Expression),
}

impl Template {
    /// Splits a message at its braces; the byte of a problem counts from the beginning of the message.
    pub(super) fn parse(text: &str) -> Result<Self, ParseProblem> {
        let mut pieces = Vec::new();
        let (mut rest, mut byte) = (text, 0);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((expression, tail)) = after.split_once("}}") else {
                return Err(ParseProblem { message: "`{{` is not closed".to_owned(), byte: byte + before.len() });
            };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let at = byte + before.len() + 2;
            let indent = expression.len() - expression.trim_start().len();
            let parsed = parse(expression.trim()).map_err(|problem| ParseProblem { byte: at + indent + problem.byte, ..problem })?;
            pieces.push(Piece::Value(parsed));
            byte = at + expression.len() + 2;
            rest = tail;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self { pieces })
    }
}
