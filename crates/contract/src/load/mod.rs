//! Files to documents: bytes, syntax errors and file names live here and nowhere later.

mod built_in;
mod folder;
mod openapi30;
mod places;
mod sources;
mod yaml;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

pub use folder::is_invariants;
pub(crate) use folder::is_openapi;
pub use folder::read_folder;
pub use sources::{Sources, read_map, read_schemas};

use self::places::Places;
use crate::error::{Error, Fault, Place, Problem};
use crate::{Location, Position, json};

/// The documents of a contract by name: paths relative to its folder, with forward slashes.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    documents: BTreeMap<Arc<str>, Document>,
}

/// One document: its text and what it says.
#[derive(Clone, Debug)]
pub struct Document {
    text: Arc<str>,
    value: Value,
    /// Where each value begins; JSON documents are searched when asked instead, and of others nothing is known.
    places: Option<Places>,
    role: Role,
}

/// What a document is to the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A schema of the contract.
    Schema,
    /// Its OpenAPI document.
    OpenApi,
    /// Rules or configuration.
    Other,
    /// A document that schemas may refer to.
    Remote,
}

impl Documents {
    /// Parses documents from their bytes. JSON, YAML and TOML are told apart by the name.
    ///
    /// # Errors
    /// Every document that is not UTF-8 or breaks its format.
    pub fn parse(files: Vec<(String, Vec<u8>)>) -> Result<Self, Error> {
        Self::read(files, |name, _| match name {
            name if is_openapi(name) => Role::OpenApi,
            name if name.ends_with(".schema.json") => Role::Schema,
            _ => Role::Other,
        })
    }

    fn read(files: Vec<(String, Vec<u8>)>, role: impl Fn(&str, &Value) -> Role) -> Result<Self, Error> {
        let mut documents = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, bytes) in files {
            let name: Arc<str> = name.into();
            match Document::parse(&name, bytes) {
                Ok(mut document) => {
                    document.role = role(&name, &document.value);
                    if document.role == Role::OpenApi {
                        openapi30::modernise(&mut document.value);
                    }
                    documents.insert(name, document);
                }
                Err(problem) => problems.push(*problem),
            }
        }
        Error::unless_empty(problems)?;
        Ok(Self { documents })
    }

    /// The names of the contract's documents, sorted.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.documents.iter().filter(|(_, document)| document.role != Role::Remote).map(|(name, _)| name)
    }

    /// The names of everything that a schema may refer to: also the documents that are no part of the contract.
    pub fn every_name(&self) -> impl Iterator<Item = &Arc<str>> {
        self.documents.keys()
    }

    /// Whether a document is a schema.
    pub(crate) fn is_schema(&self, name: &str) -> bool {
        self.documents.get(name).is_some_and(|document| document.role == Role::Schema)
    }

    /// Whether a document is an OpenAPI document.
    pub(crate) fn is_openapi(&self, name: &str) -> bool {
        self.documents.get(name).is_some_and(|document| document.role == Role::OpenApi)
    }

    /// Whether a document is a meta-schema of a draft.
    pub fn is_built_in(&self, name: &str) -> bool {
        !self.documents.contains_key(name) && built_in::document(name).is_some()
    }

    /// The name of the meta-schema that a URI names.
    pub(crate) fn built_in_name(&self, uri: &str) -> Option<Arc<str>> {
        built_in::document(uri).map(|(name, _)| name.clone())
    }

    fn document(&self, name: &str) -> Option<&Document> {
        self.documents.get(name).or_else(|| built_in::document(name).map(|(_, document)| document))
    }

    /// What a document says.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.document(name).map(|document| &document.value)
    }

    /// A document's text as written.
    pub fn text(&self, name: &str) -> Option<&Arc<str>> {
        self.document(name).map(|document| &document.text)
    }

    /// The value at a location.
    pub fn at(&self, location: &Location) -> Option<&Value> {
        self.value(location.document())?.pointer(location.pointer())
    }

    /// The line and column where the value at a location begins.
    pub fn position(&self, location: &Location) -> Option<Position> {
        let document = self.document(location.document())?;
        match &document.places {
            Some(places) => places.position(&document.text, location.pointer()),
            None if location.document().ends_with(".toml") => None,
            None => {
                let range = json::locate(document.text.as_bytes(), location.pointer())?;
                Some(Position::of(document.text.as_bytes(), range.start))
            }
        }
    }

    /// A digest of the values of the documents whose names are wanted: layout, comments and the order of keys do not count.
    pub fn digest(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut hasher = Sha256::new();
        for (name, document) in self.documents.iter().filter(|(name, _)| wanted(name)) {
            hasher.update(name.as_bytes());
            hasher.update([0]);
            let mut text = Vec::with_capacity(document.text.len());
            // Memory takes whatever is written to it.
            let _ = write_canonical(&document.value, &mut text);
            hasher.update(&text);
            hasher.update([0]);
        }
        let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }

    /// The location that a reference written at `at` leads to.
    ///
    /// # Errors
    /// The reference leaves the contract or leads nowhere.
    pub fn resolve(&self, at: &Location, reference: &str) -> Result<Location, Box<Problem>> {
        crate::resolve::resolve(self, at, reference)
    }

    /// A problem at a location of these documents.
    pub fn problem(&self, location: &Location, fault: Fault) -> Problem {
        let place = Place {
            location: Some(location.clone()),
            position: self.position(location),
            text: self.text(location.document()).cloned(),
            length: 0,
        };
        Problem { fault, place, remedy: None }
    }
}

impl Document {
    fn parse(name: &Arc<str>, bytes: Vec<u8>) -> Result<Self, Box<Problem>> {
        let text: Arc<str> = match String::from_utf8(bytes) {
            Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(&text).into(),
            Err(error) => {
                let position = Position::of(error.as_bytes(), error.utf8_error().valid_up_to());
                return Err(syntax(name, None, "UTF-8", "an invalid byte".to_owned(), Some(position)));
            }
        };
        let is_json = name.ends_with(".json") || (!has_yaml_name(name) && !name.ends_with(".toml") && looks_like_json(&text));
        if is_json {
            let value =
                json::parse(text.as_bytes()).map_err(|error| syntax(name, Some(&text), "JSON", error.message, Some(error.position)))?;
            return Ok(Self { text, value, places: None, role: Role::Other });
        }
        if name.ends_with(".toml") {
            let value = toml::from_str::<Value>(&text).map_err(|error| {
                let position = error.span().map(|span| Position::of(text.as_bytes(), span.start));
                syntax(name, Some(&text), "TOML", error.message().to_owned(), position)
            })?;
            return Ok(Self { text, value, places: None, role: Role::Other });
        }
        let (value, places) = yaml::parse(&text).map_err(|error| syntax(name, Some(&text), "YAML", error.message, Some(error.position)))?;
        Ok(Self { text, value, places: Some(places), role: Role::Other })
    }
}

fn has_yaml_name(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// A document under a name that does not tell: JSON begins with a brace, a bracket or, as a whole, is one of two words.
fn looks_like_json(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['{', '[']) || text == "true" || text == "false"
}

fn syntax(name: &Arc<str>, text: Option<&Arc<str>>, format: &'static str, message: String, position: Option<Position>) -> Box<Problem> {
    Box::new(Problem {
        fault: Fault::Syntax { format, message },
        place: Place { location: Some(Location::root(name.clone())), position, text: text.cloned(), length: 0 },
        remedy: None,
    })
}

/// Writes a value with every object's keys sorted.
fn write_canonical(value: &Value, text: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match value {
        Value::Array(items) => {
            text.push(b'[');
            for (index, item) in items.iter().enumerate() {
                text.extend((index > 0).then_some(b','));
                write_canonical(item, text)?;
            }
            text.push(b']');
        }
        Value::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            text.push(b'{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                text.extend((index > 0).then_some(b','));
                serde_json::to_writer(&mut *text, key)?;
                text.push(b':');
                write_canonical(value, text)?;
            }
            text.push(b'}');
        }
        scalar => serde_json::to_writer(text, scalar)?,
    }
    Ok(())
}
