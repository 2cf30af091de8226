//! Pieces to files: tokens are parsed once more and printed by prettyplease; a header names the command.

use charter_contract::Contract;
use proc_macro2::TokenStream;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{Error, MARK, Mode, SourceFile};

/// What a file holds, as its first lines say.
#[derive(Clone, Copy)]
pub(crate) enum Header {
    Types,
    Abilities,
    Schemas,
    Documents,
    Reader,
    Map,
}

/// A piece of a file.
pub(crate) enum Piece {
    /// Items, to be parsed and printed.
    Tokens(TokenStream),
    /// An item that is written already, its last line ended.
    Text(String),
    /// An item that is written as the printer writes it, but for lines that are too long for it.
    Code(String),
}

impl Piece {
    /// Whether a piece that is written already says something, its comments aside.
    pub(crate) fn says(&self, words: &str) -> bool {
        match self {
            Self::Text(text) | Self::Code(text) => code_lines(text).any(|line| line.contains(words)),
            Self::Tokens(_) => false,
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
        let parsed = match piece {
            Piece::Text(text) => {
                body.push_str(&text);
                continue;
            }
            Piece::Code(text) if fits(&text) => {
                body.push_str(&text);
                continue;
            }
            Piece::Code(text) => syn::parse_str::<syn::File>(&text),
            Piece::Tokens(tokens) => syn::parse2::<syn::File>(tokens),
        };
        let file = parsed.map_err(|error| Error::Defect { document: document.to_owned(), message: error.to_string() })?;
        body.push_str(&spaced(&prettyplease::unparse(&file)));
    }
    let what = match header {
        Header::Types => format!("The types of `{document}`."),
        Header::Abilities => format!("What the types of `{document}` can do: be read exactly, written unchanged, made only valid."),
        Header::Schemas => format!("The types of `{document}` as schemas, given back as the contract wrote them."),
        Header::Documents => "The schemas that some checks are read from, as the reference reader takes them.".to_owned(),
        Header::Reader => "The compiled reader: bodies that certainly keep the contract, in one pass, and what they show.".to_owned(),
        Header::Map => "The types of the contract, by schema document.".to_owned(),
    };
    let written = format!("//! {what}\n\n{body}");
    // What judges is trusted only as it was written: whoever builds it in can tell.
    let sealed = if matches!(header, Header::Reader) { format!("// {}\n", seal(&written)) } else { String::new() };
    let text = format!("{MARK}`{command}`; do not edit by hand.\n{sealed}{written}");
    Ok(SourceFile::new(path, text))
}

/// The digest of a text that `xtask/build.rs` compares.
fn seal(text: &str) -> String {
    let hex: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Lines of code up to this length are never broken by the printer.
const NARROW: usize = 80;

/// Whether the printer would leave an item as it is: its lines are short, and whatever stands in it was written here.
fn fits(text: &str) -> bool {
    code_lines(text).all(|line| line.len() <= NARROW && !line.contains("support::Own<"))
}

/// A blank line between items, which a file of types is read by.
fn spaced(body: &str) -> String {
    let mut text = String::with_capacity(body.len() + body.len() / 40);
    let (mut closed, mut in_raw, mut in_docs) = (false, false, true);
    for line in body.lines() {
        let docs = line.starts_with("///");
        if (closed || (docs && !in_docs && !in_raw)) && !line.is_empty() {
            text.push('\n');
        }
        in_docs = docs;
        text.push_str(line);
        text.push('\n');
        // The lines of a raw string are no code.
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

/// The manifest beside the files: what made them, and from what.
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
