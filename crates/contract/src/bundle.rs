//! The schema documents of a contract for a validator: all references are absolute, and no lookup is needed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jsonschema::{Keyword, PatternOptions, Registry, ValidationError, ValidationOptions, Validator};
use serde_json::{Map, Number, Value, json};

use crate::contract::Contract;
use crate::direction::Direction;
use crate::draft::Draft;
use crate::formats::Format;
use crate::location::Location;
use crate::model::{Schema, SchemaId};
use crate::uri::{pointer_fragment, uri_of};

impl Contract {
    /// The schema documents, ready for a validator.
    pub fn bundle(&self) -> Bundle {
        Bundle::of(self)
    }

    /// The schema documents as they apply to messages of one direction; `None` if the direction makes no difference.
    pub fn bundle_for(&self, direction: Direction) -> Option<Bundle> {
        let exempt = self.not_required(direction);
        if exempt.is_empty() {
            return None;
        }
        let mut bundle = Bundle::of(self);
        bundle.exempt(self, &exempt);
        Some(bundle)
    }

    /// Bundles of single schemas, as they apply to messages of one direction.
    pub fn bundles_for(&self, direction: Direction) -> Bundles {
        Bundles { contract: self.clone(), exempt: self.not_required(direction), is_plain: is_plain(self) }
    }

    /// Whether every schema certainly compiles, so that compiling can wait until a validator is needed. False for schemas with
    /// regular expressions, and for keywords and values that are rare.
    pub fn certainly_compiles(&self) -> bool {
        let is_certain = |schema: &Schema| match schema.source() {
            Value::Object(keywords) => keywords.iter().all(|(keyword, value)| is_certain(keyword, value)),
            source => source.is_boolean(),
        };
        is_plain(self) && self.schemas.iter().all(|(_, schema)| schema.draft == Draft::Draft202012 && is_certain(schema))
    }

    /// The absolute reference to a schema within the [`bundle`](Self::bundle).
    pub fn address(&self, id: SchemaId) -> String {
        let location = &self.schemas[id].location;
        let uri = uri_of(location.document());
        match location.pointer() {
            "" => uri,
            pointer => format!("{uri}{}", pointer_fragment(pointer)),
        }
    }
}

/// The schema documents of a contract, each under the URI that references use.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bundle {
    /// URI and document; each document has a `$schema`.
    pub documents: Vec<(String, Value)>,
}

/// Makes bundles that contain only the schemas that one schema needs. A bundle of the whole contract is large for a large contract.
#[derive(Clone, Debug)]
pub struct Bundles {
    contract: Contract,
    /// The names in `required` lists that a message of the direction may lack.
    exempt: BTreeMap<SchemaId, BTreeSet<String>>,
    is_plain: bool,
}

impl Bundles {
    /// A bundle for the validator of one schema. Every schema has the same address as in the bundle of the whole contract.
    pub fn of(&self, id: SchemaId) -> Bundle {
        let contract = &self.contract;
        if !self.is_plain {
            // The target of a reference depends on the path to it, so it cannot be found without the validator.
            let mut bundle = Bundle::of(contract);
            bundle.exempt(contract, &self.exempt);
            return bundle;
        }
        let mut part = Part { bundles: self, documents: BTreeMap::new(), copied: HashSet::new(), open: vec![id] };
        while let Some(id) = part.open.pop() {
            part.add(id);
        }
        let meta: BTreeSet<String> = part.documents.keys().filter_map(|name| custom_meta(contract, name)).collect();
        let mut documents: Vec<_> = part.documents.into_iter().map(|(name, document)| (uri_of(name), document)).collect();
        add_meta(contract, meta, &mut documents);
        Bundle { documents }
    }
}

/// The part of the documents that a schema needs, while it is copied.
struct Part<'b> {
    bundles: &'b Bundles,
    documents: BTreeMap<&'b str, Value>,
    copied: HashSet<SchemaId>,
    /// The targets of references in the copied schemas.
    open: Vec<SchemaId>,
}

impl Part<'_> {
    /// Copies a schema to its location, unless it is part of a copied schema.
    fn add(&mut self, id: SchemaId) {
        if self.copied.contains(&id) {
            return;
        }
        let contract = &self.bundles.contract;
        let schema = &contract.schemas[id];
        let copy = self.copy(&schema.location, schema.source());
        let name = schema.location.document();
        let mut at = self.documents.entry(name).or_insert_with(|| Value::Object(Map::new()));
        for token in schema.location.tokens() {
            // A member with the index as its key has the same pointer as an item.
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            at = &mut at[token];
        }
        *at = copy;
        if let Some(Value::Object(root)) = self.documents.get_mut(name)
            && !root.contains_key("$schema")
        {
            let dialect = contract.documents.value(name).and_then(|document| document.get("$schema"));
            root.insert("$schema".to_owned(), dialect.cloned().unwrap_or_else(|| json!(contract.draft.uri())));
        }
    }

    /// Copies a value, with the references of its schemas absolute.
    fn copy(&mut self, location: &Location, value: &Value) -> Value {
        let contract = &self.bundles.contract;
        let mut copy = match value {
            Value::Object(members) => members.iter().map(|(key, member)| (key.clone(), self.copy(&location.child(key), member))).collect(),
            Value::Array(items) => items.iter().enumerate().map(|(index, item)| self.copy(&location.child(index), item)).collect(),
            scalar => scalar.clone(),
        };
        if let Some(id) = contract.schemas.at(location) {
            self.copied.insert(id);
            if let Value::Object(keywords) = &mut copy {
                let schema = &contract.schemas[id];
                remove_harmless_faults(schema, keywords);
                settle(contract, schema, keywords);
                self.open.extend(schema.keywords.reference.iter().chain(&schema.keywords.all_of));
                if let Some(names) = self.bundles.exempt.get(&id) {
                    exempt(keywords, names);
                }
            }
        }
        copy
    }
}

/// Removes names from `required`.
fn exempt(keywords: &mut Map<String, Value>, names: &BTreeSet<String>) {
    if let Some(Value::Array(required)) = keywords.get_mut("required") {
        required.retain(|name| name.as_str().is_none_or(|name| !names.contains(name)));
    }
}

/// A validator refuses a schema or a document of a [`Bundle`].
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct BundleError(Box<dyn std::error::Error + Send + Sync>);

impl BundleError {
    fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

impl Bundle {
    pub(crate) fn of(contract: &Contract) -> Self {
        let mut used: BTreeMap<&str, Vec<&Schema>> = BTreeMap::new();
        for (_, schema) in contract.schemas.iter() {
            used.entry(schema.location.document()).or_default().push(schema);
        }
        let meta: BTreeSet<String> = used.keys().filter_map(|name| custom_meta(contract, name)).collect();
        let is_plain = is_plain(contract);
        let mut documents = Vec::new();
        for (name, schemas) in used {
            let Some(value) = contract.documents.value(name) else { continue };
            let mut document = value.clone();
            for schema in &schemas {
                if let Some(Value::Object(keywords)) = document.pointer_mut(schema.location.pointer()) {
                    remove_harmless_faults(schema, keywords);
                    if is_plain {
                        settle(contract, schema, keywords);
                    }
                }
            }
            if let Value::Object(keywords) = &mut document
                && !keywords.contains_key("$schema")
            {
                keywords.insert("$schema".to_owned(), json!(contract.draft.uri()));
            }
            documents.push((uri_of(name), document));
        }
        add_meta(contract, meta, &mut documents);
        Self { documents }
    }

    /// Removes names from the `required` lists of schemas.
    fn exempt(&mut self, contract: &Contract, names: &BTreeMap<SchemaId, BTreeSet<String>>) {
        for (id, names) in names {
            let location = &contract.schemas[*id].location;
            let uri = uri_of(location.document());
            let document = self.documents.iter_mut().find(|(known, _)| *known == uri);
            if let Some(Value::Object(keywords)) = document.and_then(|(_, document)| document.pointer_mut(location.pointer())) {
                exempt(keywords, names);
            }
        }
    }

    /// A registry of the documents.
    ///
    /// # Errors
    /// A document has an invalid identifier or reference.
    pub fn registry(&self) -> Result<Registry<'_>, BundleError> {
        let mut registry = Registry::new();
        for (uri, value) in &self.documents {
            registry = registry.add(uri, value).map_err(BundleError::new)?;
        }
        registry.prepare().map_err(BundleError::new)
    }

    /// The validator of one schema. `formats` asserts `format`.
    ///
    /// # Errors
    /// The schema does not compile, such as an invalid regular expression.
    pub fn validator(&self, registry: &Registry<'_>, contract: &Contract, id: SchemaId, formats: bool) -> Result<Validator, BundleError> {
        let options = jsonschema::options().with_registry(registry).should_validate_formats(formats);
        self.build(options, contract, id)
    }

    /// The validator of one schema, with the formats asserted that `[check] formats` selects. The error of a format is a custom error
    /// with the keyword `format`, and its message is the name of the format.
    ///
    /// # Errors
    /// The schema does not compile, such as an invalid regular expression.
    pub fn validator_for_check(&self, registry: &Registry<'_>, contract: &Contract, id: SchemaId) -> Result<Validator, BundleError> {
        let mut options = jsonschema::options().with_registry(registry).should_validate_formats(false);
        let formats = contract.config.check.formats.clone();
        if !formats.is_empty() {
            options = options
                .with_keyword("format", move |_, value, _| Ok(Box::new(FormatKeyword(value.as_str().and_then(|name| formats.get(name))))));
        }
        self.build(options, contract, id)
    }

    fn build(&self, options: ValidationOptions<'_>, contract: &Contract, id: SchemaId) -> Result<Validator, BundleError> {
        let schema = &contract.schemas[id];
        let address = contract.address(id);
        // A wrapping schema would add a dynamic scope, so a whole document is compiled without one.
        let options = options.with_pattern_options(PatternOptions::fancy_regex().size_limit(PATTERN_SIZE_LIMIT));
        let options = if contract.has_large_divisors() { options.with_keyword("multipleOf", multiple_of) } else { options };
        let built = match self.documents.iter().find(|(uri, _)| *uri == address) {
            Some((uri, whole)) if schema.keywords.dynamic || !is_plain(contract) => options.with_base_uri(uri.as_str()).build(whole),
            _ => options.with_base_uri("charter:///.entry").build(&json!({ "$ref": address })),
        };
        built.map_err(|error| BundleError::new(error.to_owned()))
    }
}

/// The memory of a compiled pattern at most. The limit of the regex engine, 10 MiB, is too small for a class that is repeated up to
/// some ten thousand times.
const PATTERN_SIZE_LIMIT: usize = 1 << 28;

/// The largest integer up to which every integer is a double.
const EXACT: u64 = 1 << 53;

impl Contract {
    /// Whether a `multipleOf` is an integer that is not exact as a double, as which the validator reads it.
    fn has_large_divisors(&self) -> bool {
        self.schemas.iter().any(|(_, schema)| large_divisor(schema.keywords.multiple_of.as_ref()).is_some())
    }
}

fn large_divisor(divisor: Option<&Number>) -> Option<u64> {
    divisor?.as_u64().filter(|divisor| *divisor > EXACT)
}

/// The keyword `multipleOf`, in a contract with a large divisor.
fn multiple_of<'a>(
    _: &'a Map<String, Value>,
    divisor: &'a Value,
    _: jsonschema::paths::Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
    let checked = match large_divisor(divisor.as_number()) {
        Some(divisor) => Divisor::Large(divisor),
        None => Divisor::Other(jsonschema::validator_for(&json!({ "multipleOf": divisor })).map_err(|error| error.to_owned())?),
    };
    Ok(Box::new(MultipleOf { text: divisor.to_string(), divisor: checked }))
}

/// The keyword `multipleOf`. Its error is a custom error with the keyword `multipleOf`, and its message is the divisor.
struct MultipleOf {
    text: String,
    divisor: Divisor,
}

enum Divisor {
    Large(u64),
    Other(Validator),
}

impl<'i> Keyword<'i> for MultipleOf {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom(self.text.clone())) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let divisor = match &self.divisor {
            Divisor::Other(validator) => return validator.is_valid(instance),
            Divisor::Large(divisor) => *divisor,
        };
        let Value::Number(number) = instance else { return true };
        if let Some(integer) = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64()) {
            return integer % divisor == 0;
        }
        // A double whose magnitude is above that of the integers is a multiple of a power of two.
        number.as_f64().is_some_and(|double| is_multiple_of(double, divisor))
    }
}

/// Whether a double is a multiple of an integer, without rounding: it is a 53-bit integer times a power of two.
fn is_multiple_of(double: f64, divisor: u64) -> bool {
    if double.fract() != 0.0 || !double.is_finite() {
        return false;
    }
    let (mut factor, mut exponent) = (double.abs(), 0);
    while factor >= EXACT as f64 {
        factor /= 2.0;
        exponent += 1;
    }
    let divisor = u128::from(divisor);
    let mut rest = factor as u128 % divisor;
    for _ in 0..exponent {
        rest = rest * 2 % divisor;
    }
    rest == 0
}

/// The keyword `format` with a format that is asserted.
struct FormatKeyword(Option<&'static Format>);

impl<'i> Keyword<'i> for FormatKeyword {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.0 {
            Some(format) if !format.accepts(instance) => Err(ValidationError::custom(format.name)),
            _ => Ok(()),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.0.is_none_or(|format| format.accepts(instance))
    }
}

/// The URI of a document's custom meta-schema.
fn custom_meta(contract: &Contract, name: &str) -> Option<String> {
    let uri = contract.documents.value(name)?.get("$schema")?.as_str()?;
    Draft::from_uri(uri).is_none().then(|| uri.trim_end_matches('#').to_owned())
}

/// Whether no reference depends on the dynamic scope, and no document embeds a resource of another dialect.
fn is_plain(contract: &Contract) -> bool {
    let mut schemas = contract.schemas.iter();
    schemas.all(|(_, schema)| !schema.keywords.dynamic && (schema.location.pointer().is_empty() || !schema.has_dialect))
}

/// Whether a keyword of a schema of draft 2020-12 has a value that a validator compiles. Subschemas are checked as schemas.
fn is_certain(keyword: &str, value: &Value) -> bool {
    match keyword {
        // The target is known.
        "$ref" => value.is_string(),
        "$id" => value.as_str().is_some_and(|id| !id.contains('#')),
        "$schema" => value.as_str().is_some_and(|uri| Draft::from_uri(uri) == Some(Draft::Draft202012)),
        "additionalProperties" | "items" | "contains" | "propertyNames" | "not" | "if" | "then" | "else" => {
            value.is_object() || value.is_boolean()
        }
        "properties" | "$defs" => value.as_object().is_some_and(|schemas| schemas.values().all(|one| one.is_object() || one.is_boolean())),
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
            let is_list = |list: &Vec<Value>| !list.is_empty() && list.iter().all(|one| one.is_object() || one.is_boolean());
            value.as_array().is_some_and(is_list)
        }
        "type" => match value {
            Value::Array(names) => !names.is_empty() && names.iter().all(Value::is_string),
            name => name.is_string(),
        },
        "enum" => value.is_array(),
        "required" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        "multipleOf" => value.as_f64().is_some_and(|number| number > 0.0),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minContains" | "maxContains" | "minProperties" | "maxProperties" => {
            value.is_u64()
        }
        "uniqueItems" => value.is_boolean(),
        "const" | "title" | "description" | "$comment" | "default" | "examples" | "example" | "deprecated" | "readOnly" | "writeOnly" => {
            true
        }
        "format" => value.is_string(),
        "discriminator" | "externalDocs" | "xml" => true,
        _ => keyword.starts_with("x-"),
    }
}

/// Adds the custom meta-schemas of documents.
fn add_meta(contract: &Contract, meta: BTreeSet<String>, documents: &mut Vec<(String, Value)>) {
    for name in meta {
        if let Some(value) = contract.documents.value(&name)
            && !documents.iter().any(|(uri, _)| *uri == name)
        {
            documents.push((name, value.clone()));
        }
    }
}

/// Removes what validators do not accept although the meaning of the schema is clear: repeated names in `required`, whose length they
/// compare with the number of properties, and keywords without an effect.
fn remove_harmless_faults(schema: &Schema, keywords: &mut Map<String, Value>) {
    keywords.retain(|keyword, value| !crate::keywords::is_ignored(keyword, value, schema.draft));
    if let Some(Value::Array(names)) = keywords.get_mut("required")
        && names.len() > schema.keywords.required.len()
    {
        *names = schema.keywords.required.iter().map(|name| json!(name)).collect();
    }
}

/// Makes the reference of a schema absolute, and removes the identifiers that are no longer needed.
fn settle(contract: &Contract, schema: &Schema, keywords: &mut Map<String, Value>) {
    let name = if schema.draft == Draft::Draft4 { "id" } else { "$id" };
    if keywords.get(name).is_some_and(Value::is_string) {
        keywords.shift_remove(name);
    }
    let Some(target) = schema.keywords.reference else {
        // The target has a problem: `Contract::has_problem`.
        keywords.shift_remove("$ref");
        return;
    };
    let keyword = ["$ref", "$dynamicRef", "$recursiveRef"].into_iter().find(|keyword| keywords.contains_key(*keyword));
    if let Some(keyword) = keyword {
        keywords.shift_remove(keyword);
    }
    keywords.insert("$ref".to_owned(), Value::String(contract.address(target)));
    // A static reference next to a dynamic one is the last part of `all_of`.
    keywords.shift_remove("$dynamicRef");
    keywords.shift_remove("$recursiveRef");
    let written = keywords.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
    if schema.keywords.all_of.len() > written
        && let Some(last) = schema.keywords.all_of.last()
    {
        let second = json!({ "$ref": contract.address(*last) });
        match keywords.get_mut("allOf").and_then(Value::as_array_mut) {
            Some(parts) => parts.push(second),
            None => {
                keywords.insert("allOf".to_owned(), json!([second]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Sources;

    /// A schema, the values that are valid, and those that are not.
    fn assert_valid(schema: &Value, valid: &[&str], invalid: &[&str]) {
        let files = vec![("a.schema.json".to_owned(), schema.to_string().into_bytes())];
        let contract = crate::from_documents(files).expect("a contract");
        let bundle = contract.bundle();
        let registry = bundle.registry().expect("a registry");
        let id = contract.entries()[0].0;
        let validator = bundle.validator_for_check(&registry, &contract, id).expect("it compiles");
        for (values, is_valid) in [(valid, true), (invalid, false)] {
            for text in values {
                let value: Value = serde_json::from_str(text).expect("JSON");
                assert_eq!(validator.is_valid(&value), is_valid, "{schema}: {text}");
            }
        }
    }

    #[test]
    fn multiples_of_large_integers_are_exact() {
        let schema = json!({"anyOf": [{"multipleOf": 9_007_199_254_740_993_u64}, {"multipleOf": 0.5, "maximum": 10}]});
        assert_valid(
            &schema,
            &["0", "9007199254740993", "-9007199254740993", "18014398509481986", "1.5", "true"],
            &["18014398509481984", "9007199254740992", "18.5", "1e300"],
        );
        assert!(is_multiple_of(1e300, 1 << 63) && !is_multiple_of(1e300, u64::MAX), "1e300 is a multiple of 2 to the power 63");
    }

    /// The limit of the regex engine alone is too small for this pattern.
    #[test]
    fn a_pattern_with_a_large_repeat_count_compiles() {
        assert_valid(&json!({"type": "string", "pattern": "^[a-z]{0,100000}$"}), &["\"abc\""], &["\"ab7\""]);
    }

    #[test]
    fn schemas_that_certainly_compile_do() {
        let values = [
            json!(true),
            json!(null),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(2.0),
            json!(1e300),
            json!(""),
            json!("string"),
            json!("date"),
            json!("("),
            json!("#a"),
            json!("#"),
            json!("https://json-schema.org/draft/2020-12/schema"),
            json!([]),
            json!({}),
            json!(["a"]),
            json!(["a", "a"]),
            json!(["string", "null"]),
            json!([{}]),
            json!([1]),
            json!({"a": 1}),
            json!({"a": {}}),
            json!({"(": {}}),
            json!({"a": ["b"]}),
            json!({"pattern": "("}),
        ];
        let mut certain = 0;
        for keyword in crate::keywords::all().chain(["definitions", "dependencies", "additionalItems", "$recursiveRef", "id", "x-a"]) {
            for value in &values {
                for schema in
                    [json!({keyword: value}), json!({"properties": {"a": {keyword: value}}}), json!({"items": {"not": {keyword: value}}})]
                {
                    let Ok(contract) = crate::from_sources(Sources::of("a.schema.json", schema.to_string())) else { continue };
                    if !contract.certainly_compiles() {
                        continue;
                    }
                    certain += 1;
                    let bundle = contract.bundle();
                    let registry = bundle.registry().unwrap_or_else(|error| panic!("{schema}: {error}"));
                    for (id, _) in contract.schemas().iter() {
                        if let Err(error) = bundle.validator_for_check(&registry, &contract, id) {
                            panic!("{schema}: {error}");
                        }
                    }
                }
            }
        }
        assert!(certain > 300, "{certain}");
    }
}
