//! JSON Schemas to [`Keywords`]: one node for every subschema, then every `$ref` to the node it names.

use std::collections::HashSet;

use serde_json::Value;

use super::entries;
use crate::error::{Fault, Problem};
use crate::load::Documents;
use crate::model::{JsonType, Keywords, Schema, SchemaId, Schemas};
use crate::{Location, resolve};

/// The dialect that contracts are written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Keywords that assert something, exist in the dialect and have no field in [`Keywords`].
const UNMODELLED: [&str; 16] = [
    "$dynamicRef",
    "$recursiveRef",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
];

/// Collects schemas and problems while the documents are walked.
pub(super) struct Builder<'d> {
    pub(super) documents: &'d Documents,
    schemas: Schemas,
    /// References whose targets are looked up once every schema has its node.
    pending: Vec<(SchemaId, String)>,
    pub(super) problems: Vec<Problem>,
    /// Documents that are no schemas: what refers to them is not told a second time.
    refused: HashSet<String>,
}

impl<'d> Builder<'d> {
    pub(super) fn new(documents: &'d Documents) -> Self {
        Self { documents, schemas: Schemas::default(), pending: Vec::new(), problems: Vec::new(), refused: HashSet::new() }
    }

    pub(super) fn report(&mut self, location: &Location, fault: Fault) {
        self.problems.push(self.documents.problem(location, fault));
    }

    /// Walks every `*.schema.json` and returns their roots.
    pub(super) fn schema_documents(&mut self) -> Vec<SchemaId> {
        let documents = self.documents;
        let names = documents.names().filter(|name| name.ends_with(".schema.json"));
        names
            .filter_map(|name| {
                let root = Location::root(name.clone());
                let value = documents.at(&root)?;
                if !self.check_dialect(&root, value) {
                    self.refused.insert(root.document().to_owned());
                    return None;
                }
                Some(self.walk(root, value))
            })
            .collect()
    }

    /// Checks a schema document against its meta-schema.
    fn check_dialect(&mut self, root: &Location, value: &Value) -> bool {
        let dialect = value.get("$schema").and_then(Value::as_str).unwrap_or(DIALECT);
        if dialect.trim_end_matches('#') != DIALECT {
            self.report(&root.child("$schema"), Fault::Dialect(dialect.to_owned()));
            return false;
        }
        self.check_meta(root, value)
    }

    fn check_meta(&mut self, at: &Location, value: &Value) -> bool {
        let validator = jsonschema::draft202012::meta::validator();
        let errors = validator.iter_errors(value).map(|error| {
            let pointer = format!("{}{}", at.pointer(), error.instance_path().as_str());
            let fault = Fault::Malformed { keyword: error.kind().keyword().to_owned(), message: error.to_string() };
            self.documents.problem(&Location::new(at.document(), pointer), fault)
        });
        let problems: Vec<Problem> = errors.collect();
        let fine = problems.is_empty();
        self.problems.extend(problems);
        fine
    }

    /// The node of a schema that stands in the OpenAPI document.
    pub(super) fn embedded(&mut self, location: &Location) -> Option<SchemaId> {
        if let Some(id) = self.schemas.at(location) {
            return Some(id);
        }
        if self.refused.contains(location.document()) {
            return None;
        }
        let value = self.documents.at(location)?;
        self.check_meta(location, value).then(|| self.walk(location.clone(), value))
    }

    fn walk(&mut self, location: Location, value: &Value) -> SchemaId {
        if let Some(id) = self.schemas.at(&location) {
            return id;
        }
        let id = self.schemas.push(Schema { location: location.clone(), source: value.clone(), keywords: Keywords::default() });
        let keywords = match value {
            Value::Object(_) => self.keywords(id, &location, value),
            _ => Keywords { never: *value == Value::Bool(false), ..Keywords::default() },
        };
        *self.schemas.keywords_mut(id) = keywords;
        for (name, definition) in entries(value.get("$defs")) {
            self.walk(location.child("$defs").child(name), definition);
        }
        id
    }

    fn keywords(&mut self, id: SchemaId, location: &Location, value: &Value) -> Keywords {
        for embedded in ["$id", "$anchor", "$dynamicAnchor"] {
            if value.get(embedded).is_some() && !(embedded == "$id" && location.pointer().is_empty()) {
                self.report(
                    &location.child(embedded),
                    Fault::Form(format!("`{embedded}` is not read yet: refer to schemas by file and JSON Pointer")),
                );
            }
        }
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            self.pending.push((id, reference.to_owned()));
        }
        let number = |keyword: &str| value.get(keyword).and_then(|found| found.as_number().cloned());
        let text = |keyword: &str| value.get(keyword).and_then(Value::as_str).map(str::to_owned);
        let flag = |keyword: &str| value.get(keyword) == Some(&Value::Bool(true));
        Keywords {
            never: false,
            reference: None,
            types: types(value.get("type")),
            enumeration: value.get("enum").and_then(|list| list.as_array().cloned()),
            constant: value.get("const").cloned(),
            properties: self.named(location, value, "properties"),
            required: strings(value.get("required")),
            additional_properties: self.one(location, value, "additionalProperties"),
            pattern_properties: self.named(location, value, "patternProperties"),
            property_names: self.one(location, value, "propertyNames"),
            min_properties: count(value.get("minProperties")),
            max_properties: count(value.get("maxProperties")),
            items: self.one(location, value, "items"),
            prefix_items: self.list(location, value, "prefixItems"),
            min_items: count(value.get("minItems")),
            max_items: count(value.get("maxItems")),
            unique_items: flag("uniqueItems"),
            minimum: number("minimum"),
            maximum: number("maximum"),
            exclusive_minimum: number("exclusiveMinimum"),
            exclusive_maximum: number("exclusiveMaximum"),
            multiple_of: number("multipleOf"),
            min_length: count(value.get("minLength")),
            max_length: count(value.get("maxLength")),
            pattern: text("pattern"),
            format: text("format"),
            all_of: self.list(location, value, "allOf"),
            any_of: self.list(location, value, "anyOf"),
            one_of: self.list(location, value, "oneOf"),
            not: self.one(location, value, "not"),
            unmodelled: UNMODELLED.iter().filter(|keyword| value.get(**keyword).is_some()).map(|keyword| (*keyword).to_owned()).collect(),
            title: text("title"),
            description: text("description"),
            deprecated: flag("deprecated"),
            default: value.get("default").cloned(),
        }
    }

    fn one(&mut self, location: &Location, value: &Value, keyword: &str) -> Option<SchemaId> {
        value.get(keyword).map(|child| self.walk(location.child(keyword), child))
    }

    fn list(&mut self, location: &Location, value: &Value, keyword: &str) -> Vec<SchemaId> {
        let items = value.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate();
        items.map(|(index, child)| self.walk(location.child(keyword).child(index), child)).collect()
    }

    fn named<C: FromIterator<(String, SchemaId)>>(&mut self, location: &Location, value: &Value, keyword: &str) -> C {
        entries(value.get(keyword)).map(|(name, child)| (name.clone(), self.walk(location.child(keyword).child(name), child))).collect()
    }

    /// Resolves what is pending and refuses references that lead in a circle.
    pub(super) fn finish(mut self) -> (Schemas, Vec<Problem>) {
        // A target outside every known schema is walked when met, and may bring references of its own.
        while let Some((id, reference)) = self.pending.pop() {
            let at = self.schemas[id].location.child("$ref");
            match resolve::resolve(self.documents, &at, &reference) {
                Ok(target) => match self.embedded(&target) {
                    Some(target) => self.schemas.keywords_mut(id).reference = Some(target),
                    None if self.refused.contains(target.document()) => {}
                    None => self.report(&at, Fault::Form(format!("the reference `{reference}` leads to something that is no schema"))),
                },
                Err(problem) => self.problems.push(*problem),
            }
        }
        let circles: Vec<_> = self.schemas.iter().filter(|(id, _)| self.comes_back(*id)).map(|(id, _)| id).collect();
        for id in circles {
            let schema = &self.schemas[id];
            let reference = schema.source.get("$ref").and_then(Value::as_str).unwrap_or_default().to_owned();
            let at = schema.location.child("$ref");
            self.report(&at, Fault::Cyclic(reference));
        }
        self.problems.sort_by(|left, right| left.place.location.cmp(&right.place.location));
        (self.schemas, self.problems)
    }

    /// Whether a schema applies to the same instance as itself again: through references and applicators in place.
    fn comes_back(&self, start: SchemaId) -> bool {
        let (mut open, mut seen) = (vec![start], HashSet::new());
        while let Some(id) = open.pop() {
            let keywords = &self.schemas[id].keywords;
            let in_place =
                keywords.reference.iter().chain(&keywords.all_of).chain(&keywords.any_of).chain(&keywords.one_of).chain(&keywords.not);
            for next in in_place {
                if *next == start {
                    return self.schemas[start].keywords.reference.is_some();
                }
                if seen.insert(*next) {
                    open.push(*next);
                }
            }
        }
        false
    }
}

fn types(value: Option<&Value>) -> Option<Vec<JsonType>> {
    match value? {
        Value::String(word) => JsonType::from_word(word).map(|type_| vec![type_]),
        Value::Array(words) => Some(words.iter().filter_map(|word| JsonType::from_word(word.as_str()?)).collect()),
        _ => None,
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// A count of the dialect: `2.0` is one too.
fn count(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    value.as_u64().or_else(|| value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0).map(|number| number as u64))
}
