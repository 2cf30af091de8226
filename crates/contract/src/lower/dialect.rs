//! Which draft a schema is written in, and which of its vocabularies assert.

use std::sync::LazyLock;

use jsonschema::Validator;
use referencing::meta;
use serde_json::Value;

use crate::load::Documents;
use crate::model::Draft;

/// A draft, and whether its validation vocabulary is in use: a custom meta-schema may leave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) draft: Draft,
    pub(super) validation: bool,
}

impl Dialect {
    pub(super) fn of(draft: Draft) -> Self {
        Self { draft, validation: true }
    }

    /// Whether `$ref` hides what stands beside it, and `$id` may be an anchor.
    pub(super) fn is_legacy(self) -> bool {
        self.draft <= Draft::Draft7
    }

    /// The keyword that names a schema.
    pub(super) fn id_keyword(self) -> &'static str {
        if self.draft == Draft::Draft4 { "id" } else { "$id" }
    }

    /// The dialect that a `$schema` names: a draft, or a meta-schema among the documents.
    pub(super) fn named(uri: &str, documents: &Documents) -> Option<Self> {
        if let Some(draft) = Draft::from_uri(uri) {
            return Some(Self::of(draft));
        }
        let meta = documents.value(uri.trim_end_matches('#'))?;
        let draft = Draft::from_uri(meta.get("$schema")?.as_str()?)?;
        let validation = match meta.get("$vocabulary").and_then(Value::as_object) {
            Some(vocabularies) => vocabularies.keys().any(|name| name.ends_with("/vocab/validation")),
            None => true,
        };
        Some(Self { draft, validation })
    }

    /// What is wrong with a schema by the meta-schema of its draft: place in it, keyword, message. Annotations may say anything:
    /// nothing depends on them.
    pub(super) fn faults(self, schema: &Value) -> Vec<(String, String, String)> {
        let mut faults = errors(self.draft, schema);
        faults.retain(|(place, _, _)| !is_annotation(place));
        faults
    }
}

fn is_annotation(place: &str) -> bool {
    let last = place.rsplit('/').next().unwrap_or_default();
    let above = place.rsplit('/').nth(1).unwrap_or_default();
    // A property may have the name of an annotation.
    let named = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"].contains(&above);
    let annotations = [
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "title",
        "description",
        "$comment",
        "format",
        "contentEncoding",
        "contentMediaType",
    ];
    annotations.contains(&last) && !named
}

/// The meta-schema of a draft, built where a schema is of it. How a reference is spelled is found out where it is followed, and a
/// pattern where it is compiled: formats are not asserted, which the newer drafts leave off by themselves.
fn errors(draft: Draft, schema: &Value) -> Vec<(String, String, String)> {
    static OLDER: [LazyLock<Validator>; 3] =
        [LazyLock::new(|| older(&meta::DRAFT4)), LazyLock::new(|| older(&meta::DRAFT6)), LazyLock::new(|| older(&meta::DRAFT7))];
    let told = |validator: &Validator| {
        let errors = validator.iter_errors(schema);
        errors.map(|error| (error.instance_path().as_str().to_owned(), error.kind().keyword().to_owned(), error.to_string())).collect()
    };
    match draft {
        Draft::Draft4 | Draft::Draft6 | Draft::Draft7 => told(&OLDER[draft as usize]),
        Draft::Draft201909 => told(&jsonschema::draft201909::meta::validator()),
        Draft::Draft202012 => told(&jsonschema::draft202012::meta::validator()),
    }
}

fn older(meta: &Value) -> Validator {
    let built = jsonschema::options().should_validate_formats(false).build(meta);
    built.unwrap_or_else(|error| unreachable!("the meta-schemas are schemas: {error}"))
}
