//! One of the two contracts: each schema as a separate document, with its validator and its canonical form.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use charter_contract::{Contract, Draft, Location, SchemaId};
use jsonschema::Validator;
use jsonschema::canonical::CanonicalSchema;
use serde_json::{Map, Value, json};

use crate::evaluate::{Evaluator, Failure, has_large_number};
use crate::sample::Minimals;

/// The maximum size of a schema for the set algebra, which has no time limit.
const CANONICAL_BYTES: usize = 60_000;
/// The maximum number of schemas that a compiled validator may reach. Larger ones are evaluated from the model.
const COMPILED_SCHEMAS: usize = 600;
/// The maximum number of compiled validators and canonical forms at a time.
const COMPILED: usize = 256;

/// One side of a comparison.
pub struct Side<'c> {
    contract: &'c Contract,
    tolerant: bool,
    evaluator: Evaluator<'c>,
    closures: RefCell<HashMap<SchemaId, Closure>>,
    validators: RefCell<HashMap<SchemaId, Option<Rc<Validator>>>>,
    canonical: RefCell<HashMap<SchemaId, Option<Rc<CanonicalSchema>>>>,
    minimals: Minimals,
}

impl<'c> Side<'c> {
    /// The contract for a strict client.
    pub fn new(contract: &'c Contract) -> Self {
        Self::with(contract, false)
    }

    /// The contract for a tolerant client: closed objects accept unknown keys, enumerations of strings accept every string.
    pub fn tolerant(contract: &'c Contract) -> Self {
        Self::with(contract, true)
    }

    fn with(contract: &'c Contract, tolerant: bool) -> Self {
        Self {
            contract,
            tolerant,
            evaluator: Evaluator::new(contract, tolerant),
            closures: RefCell::default(),
            validators: RefCell::default(),
            canonical: RefCell::default(),
            minimals: Minimals::default(),
        }
    }

    /// The contract.
    pub fn contract(&self) -> &'c Contract {
        self.contract
    }

    /// A schema and its references as one document without annotations.
    fn document(&self, id: SchemaId) -> Value {
        let (mut definitions, mut open, mut seen) = (Map::new(), vec![id], BTreeSet::from([id]));
        while let Some(next) = open.pop() {
            let schema = self.contract.schema(next);
            let mut targets = Vec::new();
            let separate = self.rewrite(&schema.location, schema.source(), &mut targets);
            definitions.insert(name(next), separate);
            open.extend(targets.into_iter().filter(|target| seen.insert(*target)));
        }
        definitions.sort_keys();
        let draft = self.contract.schema(id).draft;
        let keyword = if draft >= Draft::Draft201909 { "$defs" } else { "definitions" };
        json!({ "$schema": draft.uri(), "allOf": [{ "$ref": format!("#/{keyword}/{}", name(id)) }], keyword: definitions })
    }

    /// A part of a schema's source, without annotations and names; its references point to definitions of the new document.
    fn rewrite(&self, location: &Location, value: &Value, targets: &mut Vec<SchemaId>) -> Value {
        match value {
            Value::Array(items) => {
                items.iter().enumerate().map(|(index, item)| self.rewrite(&location.child(index), item, targets)).collect()
            }
            Value::Object(entries) => {
                let schema = self.contract.schemas().at(location).map(|id| self.contract.schema(id));
                let mut out = Map::new();
                if let Some(schema) = schema
                    && let Some(target) = schema.keywords.reference
                {
                    targets.push(target);
                    let keyword = if schema.draft >= Draft::Draft201909 { "$defs" } else { "definitions" };
                    out.insert("$ref".to_owned(), json!(format!("#/{keyword}/{}", name(target))));
                    if schema.draft <= Draft::Draft7 {
                        return Value::Object(out);
                    }
                }
                for (key, value) in entries {
                    if schema.is_some() && is_annotation(key) {
                        continue;
                    }
                    out.insert(key.clone(), self.rewrite(&location.child(key), value, targets));
                }
                if schema.is_some() && self.tolerant {
                    tolerate(&mut out);
                }
                Value::Object(out)
            }
            scalar => scalar.clone(),
        }
    }

    /// Whether a schema accepts a document; `None` if no validator can be built.
    pub fn accepts(&self, id: SchemaId, instance: &Value) -> Option<bool> {
        // Most documents are candidates, and a compiled validator holds every schema that its schema reaches.
        self.evaluator.accepts(id, instance).or_else(|| Some(self.validator(id)?.is_valid(instance)))
    }

    /// Whether a compiled validator agrees with [`Side::accepts`]. A schema that reaches very many others has none.
    pub(crate) fn confirms(&self, id: SchemaId, instance: &Value, accepted: bool) -> bool {
        if self.closure(id) == Closure::Large {
            return self.accepts(id, instance) == Some(accepted);
        }
        if has_large_number(instance)
            && let Some(known) = self.evaluator.accepts(id, instance)
        {
            return known == accepted;
        }
        self.validator(id).is_some_and(|validator| validator.is_valid(instance) == accepted)
    }

    /// The smallest known documents of the schemas.
    pub(crate) fn minimals(&self) -> &Minimals {
        &self.minimals
    }

    /// Whether a schema accepts null; `None` if that is not known.
    pub(crate) fn accepts_null(&self, id: SchemaId) -> Option<bool> {
        self.accepts(id, &Value::Null)
    }

    /// Validation errors.
    pub(crate) fn errors(&self, id: SchemaId, instance: &Value) -> Vec<Failure> {
        if let Some(errors) = self.evaluator.errors(id, instance) {
            return errors;
        }
        let Some(validator) = self.validator(id) else { return Vec::new() };
        let errors = validator.iter_errors(instance);
        errors.map(|error| (error.kind().keyword().to_owned(), error.instance_path().as_str().to_owned(), error.to_string())).collect()
    }

    fn validator(&self, id: SchemaId) -> Option<Rc<Validator>> {
        if let Some(known) = self.validators.borrow().get(&id) {
            return known.clone();
        }
        let built = if self.closure(id) != Closure::Mixed {
            let document = self.document(id);
            jsonschema::options().should_validate_formats(false).build(&document).ok()
        } else if self.tolerant {
            None
        } else {
            let bundle = self.contract.bundle();
            bundle.registry().ok().and_then(|registry| bundle.validator(&registry, self.contract, id, false).ok())
        };
        let built = built.map(Rc::new);
        bound(&mut self.validators.borrow_mut());
        self.validators.borrow_mut().insert(id, built.clone());
        built
    }

    /// The canonical form of a schema; `None` if there is none, or if the schema is too large.
    pub(crate) fn canonical(&self, id: SchemaId) -> Option<Rc<CanonicalSchema>> {
        if let Some(known) = self.canonical.borrow().get(&id) {
            return known.clone();
        }
        if self.closure(id) != Closure::Plain {
            return None;
        }
        let document = self.document(id);
        let fits = document.to_string().len() <= CANONICAL_BYTES;
        // The set algebra is experimental: an error or a panic means that there is no canonical form.
        let made = fits
            .then(|| {
                let options = jsonschema::canonical::options().offline().should_validate_formats(false);
                catch_unwind(AssertUnwindSafe(|| options.canonicalize(&document).ok())).ok().flatten()
            })
            .flatten();
        let made = made.map(Rc::new);
        bound(&mut self.canonical.borrow_mut());
        self.canonical.borrow_mut().insert(id, made.clone());
        made
    }

    /// The kind of the schemas that a schema reaches.
    fn closure(&self, id: SchemaId) -> Closure {
        if let Some(known) = self.closures.borrow().get(&id) {
            return *known;
        }
        let draft = self.contract.schema(id).draft;
        let (mut all, mut open) = (BTreeSet::new(), vec![id]);
        let mut found = Closure::Plain;
        while let Some(next) = open.pop() {
            if all.insert(next) {
                let schema = self.contract.schema(next);
                if schema.draft != draft || schema.keywords.dynamic {
                    found = Closure::Mixed;
                    break;
                }
                if all.len() > COMPILED_SCHEMAS {
                    found = Closure::Large;
                    break;
                }
                open.extend(schema.keywords.in_place().chain(schema.keywords.parts()));
            }
        }
        self.closures.borrow_mut().insert(id, found);
        found
    }

    /// A schema, its parts, and the schemas that they refer to.
    pub(crate) fn reachable(&self, id: SchemaId) -> BTreeSet<SchemaId> {
        let (mut all, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(next) = open.pop() {
            if all.insert(next) {
                let keywords = &self.contract.schema(next).keywords;
                open.extend(keywords.in_place().chain(keywords.parts()));
            }
        }
        all
    }
}

/// The schemas that a schema reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closure {
    /// They have the same draft and no dynamic reference.
    Plain,
    /// They have different drafts or a dynamic reference.
    Mixed,
    /// They are many.
    Large,
}

/// Empties a cache that is full.
fn bound<T>(cache: &mut HashMap<SchemaId, T>) {
    if cache.len() >= COMPILED {
        cache.clear();
    }
}

fn name(id: SchemaId) -> String {
    format!("s{}", id.index())
}

/// Whether a keyword has no effect on validation.
fn is_annotation(keyword: &str) -> bool {
    const ANNOTATIONS: [&str; 22] = [
        "$schema",
        "$id",
        "id",
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$recursiveRef",
        "$recursiveAnchor",
        "$vocabulary",
        "$ref",
        "$defs",
        "definitions",
        "$comment",
        "title",
        "description",
        "examples",
        "example",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "format",
    ];
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-") || matches!(keyword, "discriminator" | "xml" | "externalDocs")
}

/// Removes what a tolerant client does not check.
fn tolerate(keywords: &mut Map<String, Value>) {
    for keyword in ["additionalProperties", "unevaluatedProperties"] {
        if keywords.get(keyword) == Some(&Value::Bool(false)) {
            keywords.remove(keyword);
        }
    }
    if let Some(Value::Array(values)) = keywords.get("enum")
        && values.iter().any(Value::is_string)
        && values.iter().all(|value| value.is_string() || value.is_null())
    {
        let types = if values.iter().any(Value::is_null) { json!(["string", "null"]) } else { json!("string") };
        keywords.remove("enum");
        keywords.entry("type").or_insert(types);
    }
}
