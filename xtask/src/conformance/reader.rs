//! Groups to compiled readers: a group's schema as the body of an operation, and what its reader is sure of held against the
//! reference reader.

use std::path::Path;

use charter_codegen::{Options, ReaderScope, Schemars, generate_with};
use charter_contract::{Contract, SchemaId, json};

use super::Outcome;
use super::suite::Group;

/// What became of a group's compiled reader.
#[derive(Clone, Debug)]
pub(super) enum Reading {
    /// Nothing is compiled: the whole document is left to the reference reader, for this reason.
    Left(String),
    /// It does not compile.
    Broken,
    /// By document, whether it was sure.
    Read(Vec<bool>),
}

impl Default for Reading {
    fn default() -> Self {
        Self::Left("nothing is generated".to_owned())
    }
}

/// The library that compiled readers stand on.
pub(super) const LIBRARY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/reader");
/// The document with the operation.
const OPERATION: &str = "operation.json";

/// The source of a group's compiled reader, or why there is none.
pub(super) fn generate(group: &Group) -> Result<String, String> {
    if !Path::new(LIBRARY).is_dir() {
        return Err(format!("{LIBRARY} is not there, from which this command was built"));
    }
    let contract = contract(group)?;
    let mut options = Options::default();
    options.schemars = Schemars::Never;
    options.reader = Some("charter_reader".to_owned());
    let output = generate_with(&contract, &options).map_err(|error| error.to_string())?;
    let ReaderScope { bodies, left, .. } = output.reader.unwrap_or_default();
    if bodies.is_empty() {
        return Err(left.first().map_or("no body", |(_, why)| *why).to_owned());
    }
    let text = output.files.into_iter().find(|file| file.path == "reader.rs").map(|file| file.text);
    text.ok_or_else(|| "no reader".to_owned())
}

/// What is wrong with what a reader was sure of: the suite calls it invalid, or the reference reader refuses it.
pub(super) fn fault(group: &Group, outcome: &Outcome) -> Option<String> {
    let sure = match &outcome.reading {
        Reading::Left(_) => return None,
        Reading::Broken => return Some("the compiled reader does not compile".to_owned()),
        Reading::Read(sure) => sure,
    };
    if sure.len() != group.tests.len() {
        return Some("the compiled reader crashed".to_owned());
    }
    let mut accepted = group.tests.iter().zip(sure).filter(|(_, sure)| **sure).map(|(test, _)| test).peekable();
    if let Some(wrong) = accepted.clone().find(|test| !test.valid) {
        return Some(format!("{:?}: the compiled reader is sure of it", wrong.description));
    }
    accepted.peek()?;
    match refused(group, accepted.map(|test| test.data.to_string())) {
        Ok(None) => None,
        Ok(Some(text)) => Some(format!("the compiled reader is sure of what the reference reader refuses: {text}")),
        Err(message) => Some(format!("the reference reader cannot be asked: {message}")),
    }
}

/// The first text that the reference reader refuses, or reads with a number rounded.
fn refused(group: &Group, texts: impl Iterator<Item = String>) -> Result<Option<String>, String> {
    let contract = contract(group)?;
    let body = body(&contract).ok_or("no body")?;
    let bundle = contract.bundle();
    let registry = bundle.registry()?;
    let validator = bundle.validator(&registry, &contract, body, false)?;
    let keeps = |text: &str| json::parse(text.as_bytes()).is_ok_and(|value| validator.is_valid(&value));
    let mut texts = texts;
    Ok(texts.find(|text| !keeps(text) || !json::roundings(text.as_bytes()).is_empty()))
}

/// The group's schema as the body of the one answer of an operation.
fn contract(group: &Group) -> Result<Contract, String> {
    let mut sources = group.sources.clone();
    let schema = sources.files.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let content = serde_json::json!({ "application/json": { "schema": { "$ref": schema } } });
    let answer = serde_json::json!({ "200": { "description": "the document", "content": content } });
    let document = serde_json::json!({
        "openapi": "3.1.0",
        "info": { "title": "one operation", "version": "1" },
        "paths": { "/": { "get": { "operationId": "get", "responses": answer } } },
    });
    sources.files.push((OPERATION.to_owned(), document.to_string().into_bytes()));
    charter_contract::from_sources(sources).map_err(|error| error.to_string())
}

fn body(contract: &Contract) -> Option<SchemaId> {
    contract.operations().first()?.responses.first()?.content.values().flatten().next().copied()
}
