//! Files to documents: bytes, syntax errors and file names live here and nowhere later.

mod folder;
mod yaml;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

pub use folder::read_folder;
pub(crate) use folder::{is_invariants, is_openapi};

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
    /// Where each value begins, by pointer; JSON documents are searched when asked instead.
    starts: Option<HashMap<String, Position>>,
}

impl Documents {
    /// Parses documents from their bytes. JSON, YAML and TOML are told apart by the name.
    ///
    /// # Errors
    /// Every document that is not UTF-8 or breaks its format.
    pub fn parse(files: Vec<(String, Vec<u8>)>) -> Result<Self, Error> {
        let mut documents = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, bytes) in files {
            let name: Arc<str> = name.into();
            match Document::parse(&name, bytes) {
                Ok(document) => {
                    documents.insert(name, document);
                }
                Err(problem) => problems.push(*problem),
            }
        }
        Error::unless_empty(problems)?;
        Ok(Self { documents })
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.documents.keys()
    }

    /// What a document says.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.documents.get(name).map(|document| &document.value)
    }

    /// A document's text as written.
    pub fn text(&self, name: &str) -> Option<&Arc<str>> {
        self.documents.get(name).map(|document| &document.text)
    }

    /// The value at a location.
    pub fn at(&self, location: &Location) -> Option<&Value> {
        self.value(location.document())?.pointer(location.pointer())
    }

    /// The line and column where the value at a location begins.
    pub fn position(&self, location: &Location) -> Option<Position> {
        let document = self.documents.get(location.document())?;
        match &document.starts {
            Some(starts) => starts.get(location.pointer()).copied(),
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
            hasher.update(canonical(&document.value).to_string().as_bytes());
            hasher.update([0]);
        }
        let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }

    /// A problem at a location of these documents.
    pub(crate) fn problem(&self, location: &Location, fault: Fault) -> Problem {
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
        if name.ends_with(".json") {
            let value =
                json::parse(text.as_bytes()).map_err(|error| syntax(name, Some(&text), "JSON", error.message, Some(error.position)))?;
            return Ok(Self { text, value, starts: None });
        }
        if name.ends_with(".toml") {
            let value = toml::from_str::<Value>(&text).map_err(|error| {
                let position = error.span().map(|span| Position::of(text.as_bytes(), span.start));
                syntax(name, Some(&text), "TOML", error.message().to_owned(), position)
            })?;
            return Ok(Self { text, value, starts: Some(HashMap::new()) });
        }
        let (value, starts) = yaml::parse(&text).map_err(|error| syntax(name, Some(&text), "YAML", error.message, Some(error.position)))?;
        Ok(Self { text, value, starts: Some(starts) })
    }
}

fn syntax(name: &Arc<str>, text: Option<&Arc<str>>, format: &'static str, message: String, position: Option<Position>) -> Box<Problem> {
    Box::new(Problem {
        fault: Fault::Syntax { format, message },
        place: Place { location: Some(Location::root(name.clone())), position, text: text.cloned(), length: 0 },
        remedy: None,
    })
}

/// The value with every object's keys sorted.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(canonical).collect()),
        Value::Object(entries) => {
            let sorted: BTreeMap<_, _> = entries.iter().collect();
            Value::Object(sorted.into_iter().map(|(key, value)| (key.clone(), canonical(value))).collect())
        }
        scalar => scalar.clone(),
    }
}
