//! Files to documents. Later stages see neither bytes nor syntax errors.

mod built_in;
mod closure;
mod folder;
mod foreign;
mod json_positions;
mod openapi30;
mod parts;
mod positions;
mod sources;
mod swagger;
mod toml;
mod yaml;

use std::collections::BTreeMap;
use std::sync::Arc;

use charter_json::{self as json, Position};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use closure::add_referenced;
pub use folder::is_invariants;
pub(crate) use folder::is_openapi;
pub use folder::{Settings, openapi_documents, read_contract, read_folder, settings_of};
pub(crate) use foreign::instead_of_openapi;
pub use sources::{Sources, foreign_file, read_map, read_schemas};

use self::json_positions::JsonPositions;
use self::positions::Positions;
use crate::error::{Error, Fault, Place, Problem};
use crate::location::Location;
use crate::uri::{is_uri, join, relative, unescape};

/// The documents of a contract by name: paths relative to its folder, with forward slashes.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    documents: BTreeMap<Arc<str>, Document>,
}

/// One document: its text and its value.
#[derive(Clone, Debug)]
pub struct Document {
    /// Shared with problems. An `Arc<str>` would be a copy of the text as read.
    text: Arc<String>,
    /// Shared with the schemas, which read their sources from it.
    value: Arc<Value>,
    /// The start of each value of a YAML document. Other formats are searched on demand.
    positions: Option<Positions>,
    /// The positions of a JSON document that were searched.
    searched: Arc<JsonPositions>,
    role: Role,
}

/// The role of a document in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A schema of the contract.
    Schema,
    /// Its OpenAPI document.
    OpenApi,
    /// A file that the OpenAPI document refers to, and that is not a schema as a whole.
    Part,
    /// Rules or configuration.
    Other,
    /// A document that schemas may refer to.
    Remote,
}

impl Documents {
    /// Parses documents from their bytes. The name determines the format: JSON, YAML or TOML.
    ///
    /// The OpenAPI document is `openapi.{yaml,yml,json}`, else the first document with `openapi` or `swagger` at its root.
    ///
    /// # Errors
    /// Every document that is not valid UTF-8 or has a syntax error.
    pub fn parse(files: Vec<(String, Vec<u8>)>) -> Result<Self, Error> {
        let order: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
        let mut parsed = Self::read(files, |name, _| match name {
            name if is_openapi(name) => Role::OpenApi,
            name if name.ends_with(".schema.json") => Role::Schema,
            name if is_invariants(name) || name.ends_with(".toml") => Role::Other,
            _ => Role::Part,
        })?;
        if !parsed.documents.values().any(|document| document.role == Role::OpenApi) {
            let is_main = |document: &&mut Document| document.role == Role::Part && is_described(&document.value);
            let main = order.iter().find(|name| parsed.documents.get_mut(name.as_str()).as_ref().is_some_and(is_main));
            if let Some(document) = main.and_then(|name| parsed.documents.get_mut(name.as_str())) {
                document.role = Role::OpenApi;
            } else if let [name] = order.as_slice()
                && let Some(document) = parsed.documents.get_mut(name.as_str()).filter(|document| document.role == Role::Part)
            {
                // A document of any name that is not an OpenAPI document is a schema.
                document.role = Role::Schema;
            }
        }
        parts::settle(&mut parsed.documents);
        Ok(parsed)
    }

    /// Parses the documents of a contract.
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse), and a single document that is neither an OpenAPI document nor a schema.
    pub(crate) fn parse_contract(files: Vec<(String, Vec<u8>)>) -> Result<Self, Error> {
        let parsed = Self::parse(files)?;
        if parsed.documents.len() == 1
            && let Some((name, document)) = parsed.documents.first_key_value()
            && document.role == Role::Schema
            && !name.ends_with(".schema.json")
            && let Some(foreign) = foreign::of(&document.text, &document.value)
        {
            let problem = parsed.problem(&Location::root(name.clone()), Fault::Form(foreign.message.to_owned()));
            return Err(problem.with_remedy(foreign.remedy.to_owned()).into());
        }
        Ok(parsed)
    }

    fn read(files: Vec<(String, Vec<u8>)>, role: impl Fn(&str, &Value) -> Role) -> Result<Self, Error> {
        let mut documents = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, bytes) in files {
            let name: Arc<str> = name.into();
            match Document::parse(&name, bytes) {
                Ok(mut document) => {
                    document.role = role(&name, &document.value);
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

    /// The names of all documents that a schema may refer to, including those outside the contract.
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

    /// Whether a document is a part of the OpenAPI document in a file of its own.
    pub(crate) fn is_part(&self, name: &str) -> bool {
        self.documents.get(name).is_some_and(|document| document.role == Role::Part)
    }

    /// The name of the document that a reference from another document means; `file` is the reference without its fragment.
    pub(crate) fn target(&self, from: &str, file: &str) -> Option<Arc<str>> {
        target_document(&self.documents, from, file)
    }

    /// Whether a document names its own URI (`$self` of OpenAPI 3.2).
    pub(crate) fn has_self(&self, name: &str) -> bool {
        self.value(name).and_then(|value| value.get("$self")).is_some_and(Value::is_string)
    }

    /// Whether a document is a meta-schema of a draft.
    pub fn is_built_in(&self, name: &str) -> bool {
        !self.documents.contains_key(name) && built_in::document(name).is_some()
    }

    /// The document name of a meta-schema, by its URI.
    pub(crate) fn built_in_name(&self, uri: &str) -> Option<Arc<str>> {
        built_in::document(uri).map(|(name, _)| name.clone())
    }

    fn document(&self, name: &str) -> Option<&Document> {
        self.documents.get(name).or_else(|| built_in::document(name).map(|(_, document)| document))
    }

    /// The value of a document.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.document(name).map(|document| &*document.value)
    }

    /// A document's text as written.
    pub fn text(&self, name: &str) -> Option<&Arc<String>> {
        self.document(name).map(|document| &document.text)
    }

    /// The value of a document, shared.
    pub(crate) fn shared_value(&self, name: &str) -> Option<&Arc<Value>> {
        self.document(name).map(|document| &document.value)
    }

    /// The value at a location.
    pub fn at(&self, location: &Location) -> Option<&Value> {
        json::value_at(self.value(location.document())?, location.pointer())
    }

    /// The value at a location of a document that is not built in.
    pub(crate) fn at_mut(&mut self, location: &Location) -> Option<&mut Value> {
        Arc::make_mut(&mut self.documents.get_mut(location.document())?.value).pointer_mut(location.pointer())
    }

    /// The line and column where the value at a location begins.
    pub fn position(&self, location: &Location) -> Option<Position> {
        let document = self.document(location.document())?;
        match &document.positions {
            Some(positions) => positions.position(&document.text, location.pointer()),
            None if location.document().ends_with(".toml") => {
                toml::locate(&document.text, location.pointer()).map(|byte| Position::of(document.text.as_bytes(), byte))
            }
            None => document.searched.position(&document.text, location.pointer()),
        }
    }

    /// A digest of the values of the documents whose names match. Layout, comments and the order of keys do not affect it.
    pub fn digest(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut hasher = Sha256::new();
        for (name, document) in self.documents.iter().filter(|(name, _)| wanted(name)) {
            hasher.update(name.as_bytes());
            hasher.update([0]);
            Canonical { hasher: &mut hasher, buffer: Vec::with_capacity(2 * HASHED_AT_ONCE), sorted: Vec::new() }.document(&document.value);
            hasher.update([0]);
        }
        let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }

    /// Deserializes `charter.toml`; the default where the contract has none.
    ///
    /// # Errors
    /// An unknown key, a missing key or an invalid value, with its position.
    pub(crate) fn config<T: DeserializeOwned + Default>(&self) -> Result<T, Error> {
        const NAME: &str = "charter.toml";
        let Some(text) = self.text(NAME) else { return Ok(T::default()) };
        ::toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            let location = Location::new(NAME, toml::pointer_to(text, span.start));
            let position = Position::of(text.as_bytes(), span.start);
            let problem = self.problem_at(&location, Some(position), span.len(), Fault::Form(error.message().to_owned()));
            let meant = meant(error.message()).map_or_else(String::new, |meant| format!("{meant} "));
            problem.with_remedy(format!("{meant}`charter schema config` prints the settings")).into()
        })
    }

    /// A problem at a location of these documents.
    pub fn problem(&self, location: &Location, fault: Fault) -> Problem {
        self.problem_at(location, self.position(location), 0, fault)
    }

    /// A problem at a position within the value at a location; `length` bytes are highlighted.
    pub fn problem_at(&self, location: &Location, position: Option<Position>, length: usize, fault: Fault) -> Problem {
        let text = self.text(location.document()).cloned();
        Problem { fault, place: Place { location: Some(location.clone()), position, text, length }, remedy: None }
    }
}

/// The most similar name in the message of an unknown key or value: "unknown field `a`, expected one of `b`, `c`".
fn meant(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `").or_else(|| message.strip_prefix("unknown variant `"))?;
    let (unknown, known) = rest.split_once('`')?;
    // Every second part is between backticks.
    crate::suggest::nearest(unknown, known.split('`').skip(1).step_by(2))
}

/// Parses a document without further changes.
///
/// # Errors
/// The document is not valid UTF-8 or has a syntax error.
pub fn parse_value(name: &str, bytes: Vec<u8>) -> Result<Value, Error> {
    let document = Document::parse(&name.into(), bytes).map_err(|problem| Error::from(*problem))?;
    Ok(Arc::unwrap_or_clone(document.value))
}

/// Whether a value is an OpenAPI document: it names its version.
pub fn is_described(value: &Value) -> bool {
    value.get("openapi").is_some_and(Value::is_string) || value.get("swagger").is_some_and(Value::is_string)
}

/// The document that a reference means: by its URI, by the URI that `$self` makes it relative to, or by its path relative to the
/// document with the reference.
fn target_document(documents: &BTreeMap<Arc<str>, Document>, from: &str, file: &str) -> Option<Arc<str>> {
    let by_name = |name: &str| documents.get_key_value(name).map(|(name, _)| name.clone());
    if file.is_empty() {
        return by_name(from);
    }
    let self_of = |document: &Document| document.value.get("$self")?.as_str().map(|uri| uri.trim_end_matches('#').to_owned());
    let by_uri = |uri: &str| {
        let own = documents.iter().find(|(_, document)| self_of(document).is_some_and(|own| own == uri));
        own.map(|(name, _)| name.clone()).or_else(|| by_name(uri))
    };
    if is_uri(file) {
        return by_uri(file);
    }
    let base = documents.get(from).and_then(self_of).filter(|uri| is_uri(uri));
    let absolute = base.and_then(|base| join(&base, file));
    absolute.and_then(|uri| by_uri(&uri)).or_else(|| by_name(&relative(from, &unescape(file))))
}

impl Document {
    fn parse(name: &Arc<str>, bytes: Vec<u8>) -> Result<Self, Box<Problem>> {
        let text: Arc<String> = match String::from_utf8(bytes) {
            Ok(mut text) => {
                if text.starts_with('\u{feff}') {
                    text.drain(..'\u{feff}'.len_utf8());
                }
                text.into()
            }
            Err(error) => {
                let position = Position::of(error.as_bytes(), error.utf8_error().valid_up_to());
                return Err(syntax(name, None, "UTF-8", "an invalid byte".to_owned(), Some(position)));
            }
        };
        let is_json = name.ends_with(".json") || (!has_yaml_name(name) && !name.ends_with(".toml") && looks_like_json(&text));
        if is_json {
            let value = json::parse_str(&text).map_err(|error| syntax(name, Some(&text), "JSON", error.message, Some(error.position)))?;
            return Ok(Self { text, value: value.into(), positions: None, searched: Arc::default(), role: Role::Other });
        }
        if name.ends_with(".toml") {
            let value = ::toml::from_str::<Value>(&text).map_err(|error| {
                let position = error.span().map(|span| Position::of(text.as_bytes(), span.start));
                syntax(name, Some(&text), "TOML", error.message().to_owned(), position)
            })?;
            return Ok(Self { text, value: value.into(), positions: None, searched: Arc::default(), role: Role::Other });
        }
        let (value, positions) =
            yaml::parse(&text).map_err(|error| syntax(name, Some(&text), "YAML", error.message, Some(error.position)))?;
        Ok(Self { text, value: value.into(), positions: Some(positions), searched: Arc::default(), role: Role::Other })
    }
}

fn has_yaml_name(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Detects JSON if the name has no known extension: JSON schemas begin with a brace or a bracket, or are `true` or `false`.
fn looks_like_json(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['{', '[']) || text == "true" || text == "false"
}

fn syntax(name: &Arc<str>, text: Option<&Arc<String>>, format: &'static str, message: String, position: Option<Position>) -> Box<Problem> {
    let foreign = text.filter(|_| format != "TOML").and_then(|text| foreign::of_text(text));
    let (fault, remedy, position) = match foreign {
        Some(foreign) => (Fault::Form(foreign.message.to_owned()), Some(foreign.remedy.to_owned()), Some(Position::of(&[], 0))),
        None => {
            let remedy = (format == "UTF-8").then(|| "save the file in UTF-8".to_owned());
            (Fault::Syntax { format, message }, remedy, position)
        }
    };
    let place = Place { location: Some(Location::root(name.clone())), position, text: text.cloned(), length: 0 };
    Box::new(Problem { fault, place, remedy })
}

/// The number of bytes that are hashed at once.
const HASHED_AT_ONCE: usize = 1 << 15;

/// Hashes a value as compact JSON with the keys of every object sorted.
struct Canonical<'h, 'v> {
    hasher: &'h mut Sha256,
    /// Text that is not hashed yet.
    buffer: Vec<u8>,
    /// The sorted members of the objects around the current value, the outermost first.
    sorted: Vec<(&'v String, &'v Value)>,
}

impl<'v> Canonical<'_, 'v> {
    fn document(mut self, value: &'v Value) {
        self.value(value);
        self.hasher.update(&self.buffer);
    }

    fn value(&mut self, value: &'v Value) {
        if self.buffer.len() >= HASHED_AT_ONCE {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
        match value {
            Value::Array(items) => {
                self.buffer.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    self.buffer.extend((index > 0).then_some(b','));
                    self.value(item);
                }
                self.buffer.push(b']');
            }
            Value::Object(entries) => {
                let first = self.sorted.len();
                self.sorted.extend(entries);
                self.sorted[first..].sort_unstable_by_key(|(key, _)| *key);
                self.buffer.push(b'{');
                for index in first..self.sorted.len() {
                    let (key, value) = self.sorted[index];
                    self.buffer.extend((index > first).then_some(b','));
                    self.string(key);
                    self.buffer.push(b':');
                    self.value(value);
                }
                self.sorted.truncate(first);
                self.buffer.push(b'}');
            }
            Value::String(text) => self.string(text),
            scalar => self.scalar(scalar),
        }
    }

    fn string(&mut self, text: &str) {
        let is_escaped = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
        // Without an early exit, the compiler vectorises the loop.
        if text.as_bytes().iter().fold(false, |found, byte| found | is_escaped(byte)) {
            self.scalar(text);
            return;
        }
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(text.as_bytes());
        self.buffer.push(b'"');
    }

    fn scalar(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut self.buffer, value);
    }
}
