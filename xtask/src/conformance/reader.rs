//! Generates the compiled reader of a group, with the group's schema as the body of an operation, and compares its decisions with the
//! reference reader.

use std::path::Path;

use charter_codegen::{Options, ReaderScope, Schemars, generate_with};
use charter_contract::{Contract, SchemaId, json};

use super::Outcome;
use super::suite::Group;

/// The result of a group's compiled reader.
#[derive(Clone, Debug)]
pub(super) enum Reading {
    /// There is no compiled reader, for this reason; the reference path decides every document.
    Left(String),
    /// The generated reader does not compile.
    Broken,
    /// Whether it decided each document.
    Read(Vec<bool>),
}

impl Default for Reading {
    fn default() -> Self {
        Self::Left("not generated".to_owned())
    }
}

/// The library that compiled readers depend on.
pub(super) const LIBRARY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/reader");
/// The OpenAPI document with the operation.
const OPERATION: &str = "operation.json";

/// The source of a group's compiled reader, or the reason why there is none.
pub(super) fn generate(group: &Group) -> Result<String, String> {
    if !Path::new(LIBRARY).is_dir() {
        return Err(format!("{LIBRARY} does not exist"));
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

/// The first wrong decision of a compiled reader: a document that the suite or the reference path calls invalid.
pub(super) fn fault(group: &Group, outcome: &Outcome) -> Option<String> {
    let decided = match &outcome.reading {
        Reading::Left(_) => return None,
        Reading::Broken => return Some("the compiled reader does not compile".to_owned()),
        Reading::Read(decided) => decided,
    };
    if decided.len() != group.tests.len() {
        return Some("the compiled reader crashed".to_owned());
    }
    let mut accepted = group.tests.iter().zip(decided).filter(|(_, decided)| **decided).map(|(test, _)| test).peekable();
    if let Some(wrong) = accepted.clone().find(|test| !test.valid) {
        return Some(format!("{:?}: the compiled reader accepts this invalid document", wrong.description));
    }
    accepted.peek()?;
    match refused(group, accepted.map(|test| test.data.to_string())) {
        Ok(None) => None,
        Ok(Some(text)) => Some(format!("the compiled reader accepts a document that the reference path refuses: {text}")),
        Err(message) => Some(format!("cannot run the reference path: {message}")),
    }
}

/// The first text that the reference path refuses, or reads with a rounded number.
fn refused(group: &Group, texts: impl Iterator<Item = String>) -> Result<Option<String>, String> {
    let contract = contract(group)?;
    let body = body(&contract).ok_or("no body")?;
    let bundle = contract.bundle();
    let registry = bundle.registry().map_err(|error| error.to_string())?;
    let validator = bundle.validator(&registry, &contract, body, false).map_err(|error| error.to_string())?;
    let is_valid = |text: &str| json::parse(text.as_bytes()).is_ok_and(|value| validator.is_valid(&value));
    let mut texts = texts;
    Ok(texts.find(|text| !is_valid(text) || !json::roundings(text.as_bytes()).is_empty()))
}

/// The group's schema as the body of the only response of an operation.
fn contract(group: &Group) -> Result<Contract, String> {
    let mut sources = group.sources.clone();
    let schema = sources.files.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let content = serde_json::json!({ "application/json": { "schema": { "$ref": schema } } });
    let responses = serde_json::json!({ "200": { "description": "the document", "content": content } });
    let document = serde_json::json!({
        "openapi": "3.1.0",
        "info": { "title": "one operation", "version": "1" },
        "paths": { "/": { "get": { "operationId": "get", "responses": responses } } },
    });
    sources.files.push((OPERATION.to_owned(), document.to_string().into_bytes()));
    charter_contract::from_sources(sources).map_err(|error| error.to_string())
}

fn body(contract: &Contract) -> Option<SchemaId> {
    contract.operations().first()?.responses.first()?.content.schemas().next()
}
