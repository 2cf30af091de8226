//! The server of the operations: one file, `server.rs`, that depends on the types and on the crate `charter-server`.
//!
//! | module | owns |
//! |---|---|
//! | `kind` | the JSON types that texts of parameters may mean |
//! | `check` | the keywords of inline schemas, which no type enforces |
//! | `write` | the code |

mod check;
mod kind;
mod write;

use crate::context::Emit;
use crate::operation::{Side, model};
use crate::render::{Header, Piece, render};
use crate::{Error, SourceFile};

/// The file of the server; `None` if the contract has no operations. `client` is the module of a generated client, whose types the server
/// uses.
pub(crate) fn server(
    emit: &Emit<'_>,
    module: &str,
    client: Option<&str>,
    use_support: &str,
    command: &str,
) -> Result<Option<SourceFile>, Error> {
    if emit.contract.operations().is_empty() {
        return Ok(None);
    }
    let model = model(emit, Side::Server);
    let code = write::server(emit, &model, client);
    let mut pieces = Vec::new();
    if code.to_string().contains("support ::") {
        pieces.push(Piece::Text(use_support.to_owned()));
    }
    pieces.push(Piece::Text("#[allow(unused_imports, reason = \"a document may have no types\")]\nuse super::*;\n".to_owned()));
    pieces.push(Piece::Tokens(code));
    render(&format!("{module}.rs"), "the contract", Header::Server, pieces, command).map(Some)
}
