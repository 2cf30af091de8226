//! The client of the operations: one file, `client.rs`, that depends on the types and on the crate `charter-client`.
//!
mod pages;
mod write;

use crate::context::Emit;
use crate::operation::{Side, model};
use crate::render::{Header, Piece, render};
use crate::{Error, SourceFile};

/// The file of the client, and its module; `None` if the contract has no operations.
pub(crate) fn client(emit: &Emit<'_>, module: &str, use_support: &str, command: &str) -> Result<Option<SourceFile>, Error> {
    if emit.contract.operations().is_empty() {
        return Ok(None);
    }
    let model = model(emit, Side::Client);
    let code = write::client(emit, &model);
    let mut pieces = Vec::new();
    if code.to_string().contains("support ::") {
        pieces.push(Piece::Text(use_support.to_owned()));
    }
    pieces.push(Piece::Text("#[allow(unused_imports, reason = \"a document may have no types\")]\nuse super::*;\n".to_owned()));
    pieces.push(Piece::Tokens(code));
    render(&format!("{module}.rs"), "the contract", Header::Client, pieces, command).map(Some)
}
