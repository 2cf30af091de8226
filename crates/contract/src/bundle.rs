//! The schema documents of a contract for a validator: all references are absolute, and no lookup is needed.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::{Keyword, Registry, ValidationError, ValidationOptions, Validator};
use serde_json::{Value, json};

use crate::contract::Contract;
use crate::direction::Direction;
use crate::draft::Draft;
use crate::formats::Format;
use crate::model::{Schema, SchemaId};
use crate::uri::uri_of;

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
        for (id, names) in exempt {
            let location = &self.schemas[id].location;
            let uri = uri_of(location.document());
            let document = bundle.documents.iter_mut().find(|(known, _)| *known == uri);
            let schema = document.and_then(|(_, document)| document.pointer_mut(location.pointer()));
            if let Some(required) = schema.and_then(|schema| schema.get_mut("required")?.as_array_mut()) {
                required.retain(|name| name.as_str().is_none_or(|name| !names.contains(name)));
            }
        }
        Some(bundle)
    }

    /// The absolute reference to a schema within the [`bundle`](Self::bundle).
    pub fn address(&self, id: SchemaId) -> String {
        let location = &self.schemas[id].location;
        let uri = uri_of(location.document());
        match location.pointer() {
            "" => uri,
            pointer => format!("{uri}#{}", percent_encoding::utf8_percent_encode(pointer, FRAGMENT)),
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
            if is_plain {
                settle(contract, &schemas, &mut document);
            }
            if let Value::Object(keywords) = &mut document
                && !keywords.contains_key("$schema")
            {
                keywords.insert("$schema".to_owned(), json!(contract.draft.uri()));
            }
            documents.push((uri_of(name), document));
        }
        for name in meta {
            if let Some(value) = contract.documents.value(&name)
                && !documents.iter().any(|(uri, _)| *uri == name)
            {
                documents.push((name, value.clone()));
            }
        }
        Self { documents }
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
        let built = match self.documents.iter().find(|(uri, _)| *uri == address) {
            Some((uri, whole)) if schema.keywords.dynamic || !is_plain(contract) => options.with_base_uri(uri.as_str()).build(whole),
            _ => options.with_base_uri("charter:///.entry").build(&json!({ "$ref": address })),
        };
        built.map_err(|error| BundleError::new(error.to_owned()))
    }
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

/// The characters that a fragment must percent-encode.
const FRAGMENT: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The URI of a document's custom meta-schema.
fn custom_meta(contract: &Contract, name: &str) -> Option<String> {
    let uri = contract.documents.value(name)?.get("$schema")?.as_str()?;
    Draft::from_uri(uri).is_none().then(|| uri.trim_end_matches('#').to_owned())
}

/// Whether no reference depends on the dynamic scope, and no document embeds a resource of another dialect.
fn is_plain(contract: &Contract) -> bool {
    let mut schemas = contract.schemas.iter();
    schemas.all(|(_, schema)| !schema.keywords.dynamic && (schema.location.pointer().is_empty() || schema.source().get("$schema").is_none()))
}

/// Makes the references of a document's schemas absolute, and removes the identifiers that are no longer needed.
fn settle(contract: &Contract, schemas: &[&Schema], document: &mut Value) {
    for schema in schemas {
        let Some(Value::Object(keywords)) = document.pointer_mut(schema.location.pointer()) else { continue };
        let name = if schema.draft == Draft::Draft4 { "id" } else { "$id" };
        if keywords.get(name).is_some_and(Value::is_string) {
            keywords.shift_remove(name);
        }
        let Some(target) = schema.keywords.reference else {
            // The target has a problem: `Contract::has_problem`.
            keywords.shift_remove("$ref");
            continue;
        };
        let keyword = ["$ref", "$dynamicRef", "$recursiveRef"].into_iter().find(|keyword| keywords.contains_key(*keyword));
        if let Some(keyword) = keyword {
            keywords.shift_remove(keyword);
        }
        keywords.insert("$ref".to_owned(), Value::String(contract.address(target)));
        // A static reference next to a dynamic one is the last part of `all_of`.
        keywords.shift_remove("$dynamicRef");
        keywords.shift_remove("$recursiveRef");
        if schema.keywords.all_of.len() > schema.source().get("allOf").and_then(Value::as_array).map_or(0, Vec::len)
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
}
