//! Schemas as the dialect describes them: every keyword as its own field, every reference resolved to an id.

use std::collections::HashMap;
use std::fmt;
use std::ops::Index;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Number, Value};

use crate::Location;

/// A schema of the contract, by its place in [`Schemas`]. Ids follow the order of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SchemaId(pub(crate) usize);

impl SchemaId {
    /// Its place in the order of the documents, from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

/// Every schema of the contract, subschemas included, in the order of the documents.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Schemas {
    nodes: Vec<Schema>,
    #[serde(skip)]
    by_location: HashMap<Location, SchemaId>,
}

/// The formats of the standard, all of them of strings.
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
    /// The schema that stands at a location.
    pub fn at(&self, location: &Location) -> Option<SchemaId> {
        self.by_location.get(location).copied()
    }

    /// Every schema with its id, in document order.
    pub fn iter(&self) -> impl Iterator<Item = (SchemaId, &Schema)> {
        self.nodes.iter().enumerate().map(|(index, schema)| (SchemaId(index), schema))
    }

    /// How many schemas there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no schema.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds a schema and returns its id.
    pub(crate) fn push(&mut self, schema: Schema) -> SchemaId {
        let id = SchemaId(self.nodes.len());
        self.by_location.insert(schema.location.clone(), id);
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

    /// The keywords of a schema, to be filled in while the contract is lowered.
    pub(crate) fn keywords_mut(&mut self, id: SchemaId) -> &mut Keywords {
        &mut self.nodes[id.0].keywords
    }
}

impl Index<SchemaId> for Schemas {
    type Output = Schema;

    fn index(&self, id: SchemaId) -> &Schema {
        &self.nodes[id.0]
    }
}

/// One schema: where it stands, how it was written, and its keywords.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schema {
    /// Where it stands.
    pub location: Location,
    /// The schema as written: an object or a boolean.
    pub source: Value,
    /// The draft that it is written in.
    pub draft: Draft,
    /// What it says, keyword by keyword. The schemas `true` and `{}` say nothing.
    pub keywords: Keywords,
}

/// A draft of JSON Schema. Keywords mean what the draft says; the model speaks in the terms of the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Draft {
    /// Draft 4.
    Draft4,
    /// Draft 6.
    Draft6,
    /// Draft 7.
    Draft7,
    /// Draft 2019-09.
    Draft201909,
    /// Draft 2020-12, which OpenAPI 3.1 speaks too.
    #[default]
    Draft202012,
}

impl Draft {
    /// The draft whose meta-schema a `$schema` names.
    pub fn from_uri(uri: &str) -> Option<Self> {
        let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?.trim_end_matches('#');
        Some(match rest {
            "json-schema.org/draft-04/schema" => Self::Draft4,
            "json-schema.org/draft-06/schema" => Self::Draft6,
            "json-schema.org/draft-07/schema" => Self::Draft7,
            "json-schema.org/draft/2019-09/schema" => Self::Draft201909,
            "json-schema.org/draft/2020-12/schema" | "spec.openapis.org/oas/3.1/dialect/base" => Self::Draft202012,
            _ => return None,
        })
    }

    /// The URI of its meta-schema.
    pub fn uri(self) -> &'static str {
        match self {
            Self::Draft4 => "http://json-schema.org/draft-04/schema",
            Self::Draft6 => "http://json-schema.org/draft-06/schema",
            Self::Draft7 => "http://json-schema.org/draft-07/schema",
            Self::Draft201909 => "https://json-schema.org/draft/2019-09/schema",
            Self::Draft202012 => "https://json-schema.org/draft/2020-12/schema",
        }
    }
}

/// The six types of JSON Schema and `integer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    /// `null`
    Null,
    /// `true` and `false`
    Boolean,
    /// A number without a fraction; `1.0` is one.
    Integer,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl JsonType {
    /// The type of a value; a number, whole or not, is one.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    /// The word of the standard.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The type that a word of the standard names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Null, Self::Boolean, Self::Integer, Self::Number, Self::String, Self::Array, Self::Object]
            .into_iter()
            .find(|type_| type_.as_str() == word)
    }
}

impl fmt::Display for JsonType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The keywords of one schema. An absent keyword is `None`, or empty where empty and absent mean the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Keywords {
    /// The schema is `false`: it accepts nothing.
    pub never: bool,
    /// `$ref`, resolved. Its siblings stand beside it.
    pub reference: Option<SchemaId>,
    /// `type`, one word or several.
    pub types: Option<Vec<JsonType>>,
    /// `enum`
    pub enumeration: Option<Vec<Value>>,
    /// `const`
    pub constant: Option<Value>,

    /// `properties`, in the order written.
    pub properties: IndexMap<String, SchemaId>,
    /// `required`, in the order written.
    pub required: Vec<String>,
    /// `additionalProperties`
    pub additional_properties: Option<SchemaId>,
    /// `patternProperties`
    pub pattern_properties: IndexMap<String, SchemaId>,
    /// `propertyNames`
    pub property_names: Option<SchemaId>,
    /// `minProperties`
    pub min_properties: Option<u64>,
    /// `maxProperties`
    pub max_properties: Option<u64>,
    /// `dependentRequired`, and the lists of an older `dependencies`.
    pub dependent_required: IndexMap<String, Vec<String>>,
    /// `dependentSchemas`, and the schemas of an older `dependencies`.
    pub dependent_schemas: IndexMap<String, SchemaId>,
    /// `unevaluatedProperties`
    pub unevaluated_properties: Option<SchemaId>,

    /// `items`: what the items behind `prefixItems` are. `additionalItems` where an older `items` is a list.
    pub items: Option<SchemaId>,
    /// `prefixItems`, or an older `items` that is a list.
    pub prefix_items: Vec<SchemaId>,
    /// `minItems`
    pub min_items: Option<u64>,
    /// `maxItems`
    pub max_items: Option<u64>,
    /// `uniqueItems`
    pub unique_items: bool,
    /// `contains`
    pub contains: Option<SchemaId>,
    /// `minContains`
    pub min_contains: Option<u64>,
    /// `maxContains`
    pub max_contains: Option<u64>,
    /// `unevaluatedItems`
    pub unevaluated_items: Option<SchemaId>,

    /// `minimum`
    pub minimum: Option<Number>,
    /// `maximum`
    pub maximum: Option<Number>,
    /// `exclusiveMinimum`
    pub exclusive_minimum: Option<Number>,
    /// `exclusiveMaximum`
    pub exclusive_maximum: Option<Number>,
    /// `multipleOf`
    pub multiple_of: Option<Number>,

    /// `minLength`, in code points.
    pub min_length: Option<u64>,
    /// `maxLength`, in code points.
    pub max_length: Option<u64>,
    /// `pattern`, an ECMA-262 regular expression.
    pub pattern: Option<String>,
    /// `format`, an annotation unless asked otherwise.
    pub format: Option<String>,
    /// Whether generated types refuse what is not of the format: it is asked for, and the format is one of the standard's.
    pub format_asserted: bool,

    /// `allOf`
    pub all_of: Vec<SchemaId>,
    /// `anyOf`
    pub any_of: Vec<SchemaId>,
    /// `oneOf`
    pub one_of: Vec<SchemaId>,
    /// `not`
    pub not: Option<SchemaId>,

    /// `if`
    pub if_: Option<SchemaId>,
    /// `then`
    pub then: Option<SchemaId>,
    /// `else`
    pub else_: Option<SchemaId>,

    /// A `$dynamicRef` or `$recursiveRef` whose target depends on how the schema was reached. One that always leads to the
    /// same schema is a plain reference here.
    pub dynamic: bool,

    /// `title`
    pub title: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `deprecated`
    pub deprecated: bool,
    /// `readOnly`
    pub read_only: bool,
    /// `writeOnly`
    pub write_only: bool,
    /// `examples`, and an older `example`.
    pub examples: Vec<Value>,
    /// `default`
    pub default: Option<Value>,
}

impl Keywords {
    /// Every schema that applies to the same instance: through references and applicators in place.
    pub fn in_place(&self) -> impl Iterator<Item = SchemaId> + '_ {
        let one = [self.reference, self.not, self.if_, self.then, self.else_];
        let lists = [&self.all_of, &self.any_of, &self.one_of];
        one.into_iter().flatten().chain(lists.into_iter().flatten().copied()).chain(self.dependent_schemas.values().copied())
    }

    /// Every schema that applies to a part of the instance.
    pub fn parts(&self) -> impl Iterator<Item = SchemaId> + '_ {
        let one = [
            self.additional_properties,
            self.property_names,
            self.unevaluated_properties,
            self.items,
            self.contains,
            self.unevaluated_items,
        ];
        let named = self.properties.values().chain(self.pattern_properties.values());
        one.into_iter().flatten().chain(self.prefix_items.iter().copied()).chain(named.copied())
    }
}
