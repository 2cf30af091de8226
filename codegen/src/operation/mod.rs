//! The operations as the generators of the client and of the server read them.
//!
//! | module | owns |
//! |---|---|
//! | `model` | each operation with its names, arguments and outcomes |
//! | `pages` | the operations that return pages |
//! | `types` | the Rust types of parameters and bodies |
//! | `write` | the code that a client and a server have in common: options, outcomes, descriptions |

mod model;
mod pages;
mod types;
mod write;

pub(crate) use model::{Argument, Body, BodyKind, Call, Operations, Outcome, Outcomes, Received, Scheme, Side, model, style_of};
pub(crate) use pages::{Pages, PagesKind, Selector, items_impl};
pub(crate) use types::generated;

use proc_macro2::TokenStream;

use crate::render::{Header, Piece, render};
use crate::{Error, SourceFile};

/// The import of the types.
const USE_TYPES: &str = "#[allow(unused_imports, reason = \"a document may have no types\")]\nuse super::*;\n";

/// A file of a client or of a server.
pub(crate) struct OperationFile {
    pub(crate) file: SourceFile,
    /// The feature that it is compiled with; `None` for the file that exports the others.
    pub(crate) feature: Option<usize>,
}

/// A file of a client or of a server, with its imports.
pub(crate) fn operation_file(
    path: &str,
    header: Header,
    code: TokenStream,
    use_support: &str,
    with_features: bool,
    command: &str,
) -> Result<SourceFile, Error> {
    let mut pieces = Vec::new();
    if code.to_string().contains("support ::") {
        let allow =
            if with_features { "#[allow(unused_imports, reason = \"the features decide which operations are compiled\")]\n" } else { "" };
        pieces.push(Piece::Text(format!("{allow}{use_support}")));
    }
    pieces.push(Piece::Text(USE_TYPES.to_owned()));
    pieces.push(Piece::Tokens(code));
    render(&format!("{path}.rs"), "the contract", header, pieces, command)
}

pub(crate) use write::{describe, docs, error_type, ident, statuses, success_type, types};
