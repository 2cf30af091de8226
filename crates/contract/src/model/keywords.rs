//! The keywords of a schema, one field for each.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::{Serialize, Serializer};
use serde_json::{Number, Value};

use super::schema::SchemaId;

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
    /// The type of a value; `Number` for every number, integers included.
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

    /// The name of the type in the standard.
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

    /// The type with a name of the standard.
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

/// The value of `type`: the types in the order written, each once.
#[derive(Clone)]
pub struct JsonTypes {
    list: [JsonType; 7],
    length: u8,
}

impl Deref for JsonTypes {
    type Target = [JsonType];

    fn deref(&self) -> &[JsonType] {
        &self.list[..usize::from(self.length)]
    }
}

impl DerefMut for JsonTypes {
    fn deref_mut(&mut self) -> &mut [JsonType] {
        &mut self.list[..usize::from(self.length)]
    }
}

impl FromIterator<JsonType> for JsonTypes {
    fn from_iter<I: IntoIterator<Item = JsonType>>(types: I) -> Self {
        let mut all = Self { list: [JsonType::Null; 7], length: 0 };
        for type_ in types {
            if !all.contains(&type_) {
                all.list[usize::from(all.length)] = type_;
                all.length += 1;
            }
        }
        all
    }
}

impl<'t> IntoIterator for &'t JsonTypes {
    type Item = &'t JsonType;
    type IntoIter = std::slice::Iter<'t, JsonType>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for JsonTypes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for JsonTypes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl Serialize for JsonTypes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

/// Properties in the order written. Most schemas have none, so an empty map takes no memory of its own.
#[derive(Clone, Default, Serialize)]
pub struct Properties(Option<Box<IndexMap<String, SchemaId>>>);

impl Deref for Properties {
    type Target = IndexMap<String, SchemaId>;

    fn deref(&self) -> &Self::Target {
        static NONE: LazyLock<IndexMap<String, SchemaId>> = LazyLock::new(IndexMap::new);
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Properties {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for Properties {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl FromIterator<(String, SchemaId)> for Properties {
    fn from_iter<I: IntoIterator<Item = (String, SchemaId)>>(entries: I) -> Self {
        let entries: IndexMap<String, SchemaId> = entries.into_iter().collect();
        Self((!entries.is_empty()).then(|| Box::new(entries)))
    }
}

impl IntoIterator for Properties {
    type Item = (String, SchemaId);
    type IntoIter = indexmap::map::IntoIter<String, SchemaId>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.map(|entries| *entries).unwrap_or_default().into_iter()
    }
}

impl<'p> IntoIterator for &'p Properties {
    type Item = (&'p String, &'p SchemaId);
    type IntoIter = indexmap::map::Iter<'p, String, SchemaId>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

/// The keywords of one schema. An absent keyword is `None`, or empty if empty and absent are equivalent.
///
/// The keywords that few schemas have are in [`RareKeywords`]; they are read in the same way: `keywords.pattern`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Keywords {
    /// The schema is `false`: it accepts no instance.
    pub never: bool,
    /// `uniqueItems`
    pub unique_items: bool,
    /// Whether generated types assert the format: the setting is on, and the standard defines the format.
    pub format_asserted: bool,
    /// A `$dynamicRef` or `$recursiveRef` whose target depends on the dynamic scope. One with a single possible target is
    /// `reference` instead.
    pub dynamic: bool,
    /// `deprecated`
    pub deprecated: bool,
    /// `readOnly`
    pub read_only: bool,
    /// `writeOnly`
    pub write_only: bool,
    /// `$ref`, resolved. Its siblings are separate fields.
    pub reference: Option<SchemaId>,
    /// `type`, one name or several.
    pub types: Option<JsonTypes>,
    /// `enum`
    pub enumeration: Option<Vec<Value>>,
    /// `format`, an annotation by default.
    pub format: Option<String>,
    /// `properties`, in the order written.
    pub properties: Properties,
    /// `required`, in the order written.
    pub required: Vec<String>,
    /// `additionalProperties`
    pub additional_properties: Option<SchemaId>,
    /// `items`: the schema of items after `prefixItems`. `additionalItems` if an older `items` is a list.
    pub items: Option<SchemaId>,
    /// `allOf`
    pub all_of: Vec<SchemaId>,
    /// `anyOf`
    pub any_of: Vec<SchemaId>,
    /// `oneOf`
    pub one_of: Vec<SchemaId>,
    /// The keywords that few schemas have.
    #[serde(flatten)]
    pub rare: Rare,
}

impl Deref for Keywords {
    type Target = RareKeywords;

    fn deref(&self) -> &RareKeywords {
        &self.rare
    }
}

impl DerefMut for Keywords {
    fn deref_mut(&mut self) -> &mut RareKeywords {
        &mut self.rare
    }
}

/// The keywords that few schemas have. They take memory only if a schema has one of them.
#[derive(Clone, Default)]
pub struct Rare(Option<Box<RareKeywords>>);

impl From<RareKeywords> for Rare {
    fn from(keywords: RareKeywords) -> Self {
        Self((keywords != RareKeywords::default()).then(|| Box::new(keywords)))
    }
}

impl Deref for Rare {
    type Target = RareKeywords;

    fn deref(&self) -> &RareKeywords {
        static NONE: LazyLock<RareKeywords> = LazyLock::new(RareKeywords::default);
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Rare {
    fn deref_mut(&mut self) -> &mut RareKeywords {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for Rare {
    fn eq(&self, other: &Self) -> bool {
        (self.0.is_none() && other.0.is_none()) || **self == **other
    }
}

impl fmt::Debug for Rare {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl Serialize for Rare {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

/// The keywords that few schemas have.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RareKeywords {
    /// `const`
    pub constant: Option<Value>,

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

    /// `prefixItems`, or an older `items` that is a list.
    pub prefix_items: Vec<SchemaId>,
    /// `minItems`
    pub min_items: Option<u64>,
    /// `maxItems`
    pub max_items: Option<u64>,
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

    /// `not`
    pub not: Option<SchemaId>,

    /// `if`
    pub if_: Option<SchemaId>,
    /// `then`
    pub then: Option<SchemaId>,
    /// `else`
    pub else_: Option<SchemaId>,
}

impl Keywords {
    /// Every schema that applies to the same instance, through references and in-place applicators.
    pub fn in_place(&self) -> impl Iterator<Item = SchemaId> + '_ {
        let one = [self.reference, self.not, self.if_, self.then, self.else_];
        let lists = [&self.all_of, &self.any_of, &self.one_of];
        one.into_iter().flatten().chain(lists.into_iter().flatten().copied()).chain(self.dependent_schemas.values().copied())
    }

    /// The direct subschemas and the reference targets that apply when the schema is satisfied; not those of conditions.
    pub fn children(&self) -> impl Iterator<Item = SchemaId> + '_ {
        let one = [self.reference, self.additional_properties, self.items];
        let lists = [&self.all_of, &self.any_of, &self.one_of, &self.prefix_items];
        one.into_iter().flatten().chain(lists.into_iter().flatten().copied()).chain(self.properties.values().copied())
    }

    /// Every schema that applies to a child of the instance.
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
