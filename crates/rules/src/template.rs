//! A message with CEL embedded in `{{ }}`.

use charter_contract::invariant::{Piece, Template};

use crate::parse::{ParseProblem, parse};

/// Splits a message at its braces. The byte offset of a problem is relative to the message.
pub(crate) fn parse_template(text: &str) -> Result<Template, ParseProblem> {
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
    Ok(Template { pieces })
}
