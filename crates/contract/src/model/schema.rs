//! Schemas, with references resolved to ids.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Index;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::keywords::Keywords;
use crate::draft::Draft;
use crate::location::Location;

/// The id of a schema in [`Schemas`]. Ids follow the order of the documents.
///
/// The number is the index plus one, so that an optional id takes four bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaId(NonZeroU32);

impl SchemaId {
    pub(crate) fn new(index: usize) -> Self {
        // A document with more schemas does not fit into memory.
        let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
        Self(NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN))
    }

    /// The index in the order of the documents, from 0.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl fmt::Debug for SchemaId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SchemaId").field(&self.index()).finish()
    }
}

impl Serialize for SchemaId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.index().serialize(serializer)
    }
}

/// Every schema of the contract, subschemas included, in the order of the documents.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Schemas {
    nodes: Vec<Schema>,
    /// By document and pointer.
    #[serde(skip)]
    by_location: HashMap<Arc<str>, Pointers>,
}

/// The schemas of a document by pointer. Pointers are long, and each schema is looked up several times on load.
type Pointers = HashMap<Arc<str>, SchemaId, foldhash::fast::RandomState>;

/// The formats of the standard; all apply to strings.
const FORMATS: [&str; 19] = [
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

impl Schemas {
    /// The schema at a location.
    pub fn at(&self, location: &Location) -> Option<SchemaId> {
        self.at_pointer(location.document(), location.pointer())
    }

    /// The schema at a pointer of a document.
    pub(crate) fn at_pointer(&self, document: &str, pointer: &str) -> Option<SchemaId> {
        self.by_location.get(document)?.get(pointer).copied()
    }

    /// Every schema with its id, in document order.
    pub fn iter(&self) -> impl Iterator<Item = (SchemaId, &Schema)> {
        self.nodes.iter().enumerate().map(|(index, schema)| (SchemaId::new(index), schema))
    }

    /// The schema at the end of a chain of `$ref`s, whatever their siblings are; the schema itself if it has no `$ref`.
    pub fn target(&self, id: SchemaId) -> SchemaId {
        let mut at = id;
        // `lower` refuses cyclic chains.
        while let Some(next) = self[at].keywords.reference {
            at = next;
        }
        at
    }

    /// The number of schemas.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no schema.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds a schema and returns its id.
    pub(crate) fn push(&mut self, schema: Schema) -> SchemaId {
        let id = SchemaId::new(self.nodes.len());
        let (document, pointer) = schema.location.parts();
        match self.by_location.get_mut(document) {
            Some(pointers) => pointers.insert(pointer.clone(), id),
            None => self.by_location.entry(document.clone()).or_default().insert(pointer.clone(), id),
        };
        self.nodes.push(schema);
        id
    }

    /// Makes every format of the standard an assertion for generated types.
    pub(crate) fn assert_formats(&mut self) {
        for schema in &mut self.nodes {
            let keywords = &mut schema.keywords;
            keywords.format_asserted = keywords.format.as_deref().is_some_and(|format| FORMATS.contains(&format));
        }
    }

    /// Reads the sources of the schemas of one document from another version of it.
    pub(crate) fn set_document(&mut self, name: &str, document: &Arc<Value>) {
        for schema in self.nodes.iter_mut().filter(|schema| schema.location.document() == name) {
            schema.set_document(document.clone());
        }
    }

    /// The keywords of a schema, for `lower` and for the contract of one direction.
    pub(crate) fn keywords_mut(&mut self, id: SchemaId) -> &mut Keywords {
        &mut self.nodes[id.index()].keywords
    }
}

impl Index<SchemaId> for Schemas {
    type Output = Schema;

    fn index(&self, id: SchemaId) -> &Schema {
        &self.nodes[id.index()]
    }
}

/// One schema: its location, its source and its keywords.
#[derive(Clone)]
#[non_exhaustive]
pub struct Schema {
    /// Its location.
    pub location: Location,
    /// The value of its document. A copy of the source of each schema would hold a nested schema once for each level above it.
    document: Arc<Value>,
    /// Whether it has `$schema`.
    pub(crate) has_dialect: bool,
    /// Its draft.
    pub draft: Draft,
    /// Its keywords; empty for the schemas `true` and `{}`.
    pub keywords: Keywords,
}

impl Schema {
    /// A schema of a document, without its keywords.
    pub(crate) fn new(location: Location, document: Arc<Value>, has_dialect: bool, draft: Draft) -> Self {
        Self { location, document, has_dialect, draft, keywords: Keywords::default() }
    }

    /// The schema as written: an object or a boolean.
    pub fn source(&self) -> &Value {
        charter_json::value_at(&self.document, self.location.pointer()).unwrap_or(&Value::Null)
    }

    /// `title`
    pub fn title(&self) -> Option<&str> {
        self.annotation("title").and_then(Value::as_str)
    }

    /// `description`
    pub fn description(&self) -> Option<&str> {
        self.annotation("description").and_then(Value::as_str)
    }

    /// `default`
    pub fn default_value(&self) -> Option<&Value> {
        self.annotation("default")
    }

    /// `examples`, and an older `example`.
    pub fn examples(&self) -> impl Iterator<Item = &Value> {
        let examples = self.annotation("examples").and_then(Value::as_array);
        examples.into_iter().flatten().chain(self.annotation("example"))
    }

    /// A keyword without an effect on validation. It is read from the source: most schemas have some, and few commands need them.
    fn annotation(&self, keyword: &str) -> Option<&Value> {
        let source = self.source();
        let is_hidden = self.draft <= Draft::Draft7 && source.get("$ref").is_some_and(Value::is_string);
        source.get(keyword).filter(|_| !is_hidden)
    }

    /// Reads the source from another version of the document.
    pub(crate) fn set_document(&mut self, document: Arc<Value>) {
        self.document = document;
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        let parts = |schema: &Self| (schema.location.clone(), schema.draft);
        parts(self) == parts(other) && self.keywords == other.keywords && self.source() == other.source()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("Schema");
        fields.field("location", &self.location).field("source", self.source());
        fields.field("draft", &self.draft).field("keywords", &self.keywords).finish()
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// The serialised form.
        #[derive(Serialize)]
        struct Schema<'s> {
            location: &'s Location,
            source: &'s Value,
            draft: Draft,
            keywords: &'s Keywords,
        }
        Schema { location: &self.location, source: self.source(), draft: self.draft, keywords: &self.keywords }.serialize(serializer)
    }
}
