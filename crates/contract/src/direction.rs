//! What `readOnly` and `writeOnly` mean for a request and for a response.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::Contract;
use crate::draft::Draft;
use crate::model::SchemaId;

/// The extension of an OpenAPI document that names the version of the document that it was imported from. That version decides what
/// differs between versions and cannot be written in the version of the document, such as `required` in OpenAPI 3.0.
pub const SOURCE_VERSION: &str = "x-charter-source-version";

/// The direction of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    #[default]
    Response,
}

impl Direction {
    /// The keyword that marks properties which the other direction alone uses.
    pub fn foreign_keyword(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

impl Contract {
    /// Whether a property's schema, through references and `allOf`, is marked as used by the other direction alone.
    pub fn is_foreign(&self, property: SchemaId, direction: Direction) -> bool {
        self.foreign_mark(property, direction).is_some()
    }

    /// The schema that marks a property as used by the other direction alone: its own, or one behind references and `allOf`.
    ///
    /// # Source
    /// JSON Schema 2020-12 Validation, section 9.4: a value is read-only if one of the schemas that apply to it says so.
    pub fn foreign_mark(&self, property: SchemaId, direction: Direction) -> Option<SchemaId> {
        let is_marked = |id: SchemaId| {
            let schema = self.schema(id);
            let keywords = &schema.keywords;
            let is_marked = match direction {
                Direction::Request => keywords.read_only,
                Direction::Response => keywords.write_only,
            };
            // The siblings of a reference are not keywords in older drafts.
            let has_ignored_keywords = keywords.reference.is_some() && schema.draft <= Draft::Draft7;
            is_marked || (has_ignored_keywords && schema.source().get(direction.foreign_keyword()) == Some(&Value::Bool(true)))
        };
        let keywords = &self.schema(property).keywords;
        if is_marked(property) || keywords.reference.is_none() && keywords.all_of.is_empty() {
            return is_marked(property).then_some(property);
        }
        self.family(property).into_iter().find(|id| is_marked(*id))
    }

    /// By schema index, whether [`Contract::is_foreign`] is true of the schema as a property. `None` if no schema is marked.
    pub fn foreign_schemas(&self, direction: Direction) -> Option<Vec<bool>> {
        let foreign: Vec<bool> = self.schemas.iter().map(|(id, _)| self.is_foreign(id, direction)).collect();
        foreign.contains(&true).then_some(foreign)
    }

    /// The names in `required` lists that a message of this direction may lack, by schema. Empty unless the document is OpenAPI 3.0 or
    /// Swagger 2.0: later versions leave `required` to JSON Schema.
    ///
    /// # Source
    /// OpenAPI 3.0.4, Schema Object, `readOnly` and `writeOnly`: "required" takes effect on the other direction only.
    pub fn not_required(&self, direction: Direction) -> BTreeMap<SchemaId, BTreeSet<String>> {
        let mut exempt: BTreeMap<SchemaId, BTreeSet<String>> = BTreeMap::new();
        if !self.has_directional_required() {
            return exempt;
        }
        let Some(is_foreign) = self.foreign_schemas(direction) else { return exempt };
        let foreign_of = |id: SchemaId| {
            let properties = self.schemas[id].keywords.properties.iter();
            properties.filter(|(_, property)| is_foreign[property.index()]).map(|(name, _)| name)
        };
        for (id, schema) in self.schemas.iter() {
            let is_alone = schema.keywords.all_of.is_empty() && schema.keywords.reference.is_none();
            if is_alone && (schema.keywords.required.is_empty() || foreign_of(id).next().is_none()) {
                continue;
            }
            let family = self.family(id);
            let foreign: BTreeSet<&String> = family.iter().flat_map(|member| foreign_of(*member)).collect();
            if foreign.is_empty() {
                continue;
            }
            for member in family {
                let required = self.schema(member).keywords.required.iter().filter(|name| foreign.contains(name)).cloned();
                let required: Vec<String> = required.collect();
                if !required.is_empty() {
                    exempt.entry(member).or_default().extend(required);
                }
            }
        }
        exempt
    }

    /// The major and minor version of the OpenAPI document; of an imported document, the version of its source.
    pub fn openapi_version(&self) -> Option<(u32, u32)> {
        let document = self.documents.names().find(|name| self.documents.is_openapi(name)).and_then(|name| self.documents.value(name))?;
        let version = [SOURCE_VERSION, "openapi", "swagger"].into_iter().find_map(|key| document.get(key)?.as_str())?;
        let mut parts = version.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }

    /// The same contract with `required` as it applies to messages of one direction; `None` if the direction makes no difference.
    /// Its digest is that of the documents as loaded.
    #[must_use]
    pub fn for_messages(&self, direction: Direction) -> Option<Self> {
        let exempt = self.not_required(direction);
        if exempt.is_empty() {
            return None;
        }
        let mut directed = self.clone();
        directed.digest = OnceLock::from(self.digest());
        let documents = Arc::make_mut(&mut directed.documents);
        let schemas = Arc::make_mut(&mut directed.schemas);
        let mut changed = BTreeSet::new();
        for (id, names) in &exempt {
            let location = &self.schemas[*id].location;
            if let Some(schema) = documents.at_mut(location) {
                remove_required(schema, names);
                changed.insert(location.document());
            }
            schemas.keywords_mut(*id).required.retain(|name| !names.contains(name));
        }
        for name in changed {
            if let Some(document) = documents.shared_value(name) {
                schemas.set_document(name, document);
            }
        }
        Some(directed)
    }

    /// Whether `required` depends on the direction.
    fn has_directional_required(&self) -> bool {
        self.openapi_version().is_some_and(|version| version < (3, 1))
    }

    /// A schema and every schema that describes the same object through `$ref` and `allOf`.
    pub fn family(&self, id: SchemaId) -> BTreeSet<SchemaId> {
        let (mut family, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(id) = open.pop() {
            if family.insert(id) {
                let keywords = &self.schemas[id].keywords;
                open.extend(keywords.reference.iter().chain(&keywords.all_of));
            }
        }
        family
    }
}

/// Removes names from `required`, and the keyword without names.
fn remove_required(schema: &mut Value, names: &BTreeSet<String>) {
    let Value::Object(keywords) = schema else { return };
    let Some(Value::Array(required)) = keywords.get_mut("required") else { return };
    required.retain(|name| name.as_str().is_none_or(|name| !names.contains(name)));
    if required.is_empty() {
        keywords.shift_remove("required");
    }
}
