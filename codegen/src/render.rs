//! Pieces to files: `prettyplease` prints the tokens, and a header names the command.

use charter_contract::Contract;
use proc_macro2::TokenStream;
use serde_json::json;

use crate::{Error, MARK, Mode, SourceFile};

/// The content of a file, for its first lines.
#[derive(Clone, Copy)]
pub(crate) enum Header {
    Types,
    Abilities,
    Schemas,
    Documents,
    Reader,
    Client,
    Server,
    Map,
}

/// A piece of a file.
pub(crate) enum Piece {
    /// Items, to be parsed and printed.
    Tokens(TokenStream),
    /// An item as final text that ends with a line break.
    Text(String),
    /// An item in the style of the printer, except that lines may be too long.
    Code(String),
    /// An item with lines of attributes before it.
    With(String, Box<Piece>),
}

impl Piece {
    /// The piece with lines of attributes before it, if there are any.
    pub(crate) fn with(self, attributes: String) -> Self {
        if attributes.is_empty() { self } else { Self::With(attributes, Box::new(self)) }
    }

    /// The code as tokens.
    pub(crate) fn tokens(self) -> TokenStream {
        match self {
            Self::Tokens(tokens) => tokens,
            Self::Text(text) | Self::Code(text) => text.parse().unwrap_or_default(),
            Self::With(_, piece) => piece.tokens(),
        }
    }

    /// Whether the code of a text piece, without its comments, contains some words.
    pub(crate) fn says(&self, words: &str) -> bool {
        match self {
            Self::Text(text) | Self::Code(text) => code_lines(text).any(|line| line.contains(words)),
            Self::Tokens(_) => false,
            Self::With(_, piece) => piece.says(words),
        }
    }
}

/// The lines of an item without its doc comments.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("///"))
}

/// Renders one file.
pub(crate) fn render(path: &str, document: &str, header: Header, pieces: Vec<Piece>, command: &str) -> Result<SourceFile, Error> {
    let mut body = String::new();
    for piece in pieces {
        if !body.is_empty() {
            body.push('\n');
        }
        write(&mut body, piece, document)?;
    }
    let what = match header {
        Header::Types => format!("The types of `{document}`."),
        Header::Abilities => format!("Implementations for the types of `{document}`: reading, writing and construction."),
        Header::Schemas => format!("`schemars::JsonSchema` for the types of `{document}`: the schemas as the contract has them."),
        Header::Documents => "The schema documents of the checks by the `jsonschema` crate.".to_owned(),
        Header::Reader => "The compiled reader: accepts valid bodies in one pass and reports what coverage and rules need.".to_owned(),
        Header::Client => "The client: one method per operation.".to_owned(),
        Header::Server => "The server: a trait with one method per operation, and its router.".to_owned(),
        Header::Map => "The types of the contract, by schema document.".to_owned(),
    };
    let written = format!("//! {what}\n\n{body}");
    let text = format!("{MARK}`{command}`; do not edit by hand.\n{written}");
    Ok(SourceFile::new(path, text))
}

/// Adds a piece to the text of a file.
fn write(body: &mut String, piece: Piece, document: &str) -> Result<(), Error> {
    let parsed = match piece {
        Piece::With(attributes, piece) => {
            body.push_str(&attributes);
            return write(body, *piece, document);
        }
        Piece::Text(text) => {
            body.push_str(&text);
            return Ok(());
        }
        Piece::Code(text) if fits(&text) => {
            body.push_str(&text);
            return Ok(());
        }
        Piece::Code(text) => syn::parse_str::<syn::File>(&text),
        Piece::Tokens(tokens) => syn::parse2::<syn::File>(tokens),
    };
    let file = parsed.map_err(|error| Error::Defect { document: document.to_owned(), message: error.to_string() })?;
    body.push_str(&spaced(&prettyplease::unparse(&file)));
    Ok(())
}

/// The printer never breaks lines of code up to this length.
const NARROW: usize = 80;

/// Whether the printer would not change an item: its lines are short, and it contains no path from the configuration.
fn fits(text: &str) -> bool {
    code_lines(text).all(|line| line.len() <= NARROW && !line.contains("support::Own<"))
}

/// Adds a blank line between items.
fn spaced(body: &str) -> String {
    let mut text = String::with_capacity(body.len() + body.len() / 40);
    let (mut closed, mut in_raw, mut in_docs, mut in_attributes) = (false, false, true, false);
    for line in body.lines() {
        let docs = line.starts_with("///");
        // Docs after an attribute belong to the same item.
        if (closed || (docs && !in_docs && !in_raw && !in_attributes)) && !line.is_empty() {
            text.push('\n');
        }
        in_docs = docs;
        in_attributes = line.starts_with("#[") && line.ends_with(']');
        text.push_str(line);
        text.push('\n');
        // The lines of a raw string are not code.
        if line.contains("r#\"") {
            in_raw = true;
        }
        if line.contains("\"#") {
            in_raw = false;
        }
        closed = line == "}" && !in_raw;
    }
    text
}

/// The manifest: the generator, its input and the files.
pub(crate) fn manifest(contract: &Contract, files: &[SourceFile], mode: Mode) -> SourceFile {
    let mut names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    names.sort_unstable();
    let manifest = json!({
        "format": "charter-generated/1",
        "tool": { "name": "charter", "version": env!("CARGO_PKG_VERSION") },
        "mode": mode.as_str(),
        "schemas": contract.schema_digest(),
        "files": names,
    });
    SourceFile::new("manifest.json", format!("{manifest:#}\n"))
}
