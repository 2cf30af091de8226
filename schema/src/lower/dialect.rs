//! Which draft a schema is written in, and which of its vocabularies assert.

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

    /// What is wrong with a schema by the meta-schema of its draft: place in it, keyword, message.
    pub(super) fn faults(self, schema: &Value) -> Vec<(String, String, String)> {
        macro_rules! faults {
            ($draft:ident) => {
                jsonschema::$draft::meta::validator()
                    .iter_errors(schema)
                    .map(|error| (error.instance_path().as_str().to_owned(), error.kind().keyword().to_owned(), error.to_string()))
                    .collect()
            };
        }
        match self.draft {
            Draft::Draft4 => faults!(draft4),
            Draft::Draft6 => faults!(draft6),
            Draft::Draft7 => faults!(draft7),
            Draft::Draft201909 => faults!(draft201909),
            Draft::Draft202012 => faults!(draft202012),
        }
    }
}
