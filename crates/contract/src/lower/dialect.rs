//! The draft of a schema and its asserting vocabularies.

use std::sync::LazyLock;

use jsonschema::Validator;
use referencing::meta;
use serde_json::Value;

use crate::draft::Draft;
use crate::load::Documents;

/// A draft, and whether its validation vocabulary is in use: a custom meta-schema may omit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) draft: Draft,
    pub(super) validation: bool,
}

impl Dialect {
    pub(super) fn of(draft: Draft) -> Self {
        Self { draft, validation: true }
    }

    /// Whether `$ref` hides its siblings, and `$id` may be an anchor.
    pub(super) fn is_legacy(self) -> bool {
        self.draft <= Draft::Draft7
    }

    /// The keyword of a schema's identifier.
    pub(super) fn id_keyword(self) -> &'static str {
        if self.draft == Draft::Draft4 { "id" } else { "$id" }
    }

    /// The dialect of a `$schema` URI: a draft, or a meta-schema among the documents.
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

    /// Violations of the draft's meta-schema that affect validation: instance location, keyword, message.
    pub(super) fn faults(self, schema: &Value) -> Vec<(String, String, String)> {
        let mut faults = errors(self.draft, schema);
        faults.retain(|(place, keyword, _)| !is_annotation(place) && !is_harmless(self.draft, place, keyword));
        faults
    }
}

/// Whether a violation leaves the meaning of the schema clear: a repeated name in `required`, or a keyword that the draft no longer has.
fn is_harmless(draft: Draft, place: &str, keyword: &str) -> bool {
    let (above, last) = place.rsplit_once('/').unwrap_or_default();
    match last {
        "required" => keyword == "uniqueItems",
        "$recursiveAnchor" | "$recursiveRef" => draft == Draft::Draft202012 && !has_names(above.rsplit('/').next().unwrap_or_default()),
        _ => false,
    }
}

/// Whether the keys of the keyword's value are names, which can equal those of keywords.
fn has_names(keyword: &str) -> bool {
    ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"].contains(&keyword)
}

fn is_annotation(place: &str) -> bool {
    let last = place.rsplit('/').next().unwrap_or_default();
    let above = place.rsplit('/').nth(1).unwrap_or_default();
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
    annotations.contains(&last) && !has_names(above)
}

/// Validates against the meta-schema of a draft, compiled on first use. Formats are not asserted: references are checked when they are
/// resolved, patterns when they are compiled.
fn errors(draft: Draft, schema: &Value) -> Vec<(String, String, String)> {
    static OLDER: [LazyLock<Validator>; 3] =
        [LazyLock::new(|| older(&meta::DRAFT4)), LazyLock::new(|| older(&meta::DRAFT6)), LazyLock::new(|| older(&meta::DRAFT7))];
    let report = |validator: &Validator| {
        let errors = validator.iter_errors(schema);
        errors.map(|error| (error.instance_path().as_str().to_owned(), error.kind().keyword().to_owned(), error.to_string())).collect()
    };
    match draft {
        Draft::Draft4 | Draft::Draft6 | Draft::Draft7 => report(&OLDER[draft as usize]),
        Draft::Draft201909 => report(&jsonschema::draft201909::meta::validator()),
        Draft::Draft202012 => report(&jsonschema::draft202012::meta::validator()),
    }
}

fn older(meta: &Value) -> Validator {
    let built = jsonschema::options().should_validate_formats(false).build(meta);
    built.unwrap_or_else(|error| unreachable!("the meta-schemas compile: {error}"))
}
