//! The contract: schemas, operations, invariants and settings.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use crate::draft::Draft;
use crate::formats::AssertedFormats;
use crate::invariant::InvariantSet;
use crate::load::Documents;
use crate::location::Location;
use crate::model::{
    Config, JsonType, Operation, Schema, SchemaId, Schemas, SecurityScheme, Server, TrafficPattern, UnknownWebhook, WebhookPattern,
};
use crate::problems::Problems;
use crate::routes::{NoRoute, Paths, Route, Routes};
use charter_json::Position;

/// A contract, loaded, resolved and checked. Immutable and cheap to clone.
#[derive(Clone, Debug, Serialize)]
pub struct Contract {
    #[serde(skip)]
    pub(crate) documents: Arc<Documents>,
    #[serde(serialize_with = "shared")]
    pub(crate) schemas: Arc<Schemas>,
    pub(crate) roots: Vec<SchemaId>,
    pub(crate) servers: Vec<Server>,
    #[serde(serialize_with = "shared")]
    pub(crate) operations: Arc<Vec<Operation>>,
    #[serde(serialize_with = "shared")]
    pub(crate) webhooks: Arc<Vec<Operation>>,
    pub(crate) security_schemes: IndexMap<String, SecurityScheme>,
    #[serde(serialize_with = "shared")]
    pub(crate) invariants: Arc<InvariantSet>,
    pub(crate) config: Config,
    /// The draft of documents without `$schema`.
    #[serde(skip)]
    pub(crate) draft: Draft,
    /// The problems of single operations and components.
    #[serde(skip)]
    pub(crate) problems: Arc<Problems>,
    /// The digest, computed on first use.
    #[serde(skip)]
    pub(crate) digest: OnceLock<String>,
    /// The live server that is checked.
    #[serde(skip)]
    pub(crate) live: Option<Arc<Server>>,
    /// The index of the operations, computed on first use.
    #[serde(skip)]
    pub(crate) routes: OnceLock<Arc<Routes>>,
}

impl Contract {
    /// The same contract with these invariants.
    #[must_use]
    pub fn with_invariants(mut self, invariants: InvariantSet) -> Self {
        self.invariants = invariants.into();
        self
    }

    /// The same contract with a server that has every operation, whatever `servers` says: the base URL of a live server.
    #[must_use]
    pub fn with_base_url(mut self, url: &str) -> Self {
        self.live = Some(Arc::new(Server::new(url, IndexMap::new(), Location::root(""))));
        self
    }

    /// The same contract with more patterns for exchanges. Patterns of `include` replace those of the settings.
    #[must_use]
    pub fn with_traffic(mut self, include: Vec<TrafficPattern>, exclude: Vec<TrafficPattern>) -> Self {
        if !include.is_empty() {
            self.config.traffic.include = include;
        }
        self.config.traffic.exclude.extend(exclude);
        self
    }

    /// The same contract with more patterns for the exchanges of webhooks, which precede those of the settings.
    ///
    /// # Errors
    /// The contract has no webhook and no callback with the name of a pattern.
    pub fn with_webhooks(mut self, mut webhooks: Vec<WebhookPattern>) -> Result<Self, UnknownWebhook> {
        if let Some(unknown) = webhooks.iter().find(|pattern| self.webhooks_of(&pattern.name).next().is_none()) {
            return Err(self.unknown_webhook(&unknown.name));
        }
        webhooks.append(&mut self.config.traffic.webhooks);
        self.config.traffic.webhooks = webhooks;
        Ok(self)
    }

    /// The error for a name by which no webhook and no callback is selected.
    pub(crate) fn unknown_webhook(&self, name: &str) -> UnknownWebhook {
        let mut names: Vec<&str> = Vec::new();
        for name in self.webhooks.iter().map(|operation| operation.path.0.as_str()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let ids: Vec<&str> = self.webhooks.iter().map(|operation| operation.id.as_str()).collect();
        UnknownWebhook::new(name, &names, &ids)
    }

    /// The operations of a webhook or a callback, by its name, its expression or an operationId.
    pub fn webhooks_of<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c Operation> {
        self.webhooks.iter().filter(move |operation| operation.path.0 == name || operation.id == name)
    }

    /// The operations of the callbacks of an operation: requests that the API sends because of it.
    pub fn callbacks_of<'c>(&'c self, operation: &'c Operation) -> impl Iterator<Item = &'c Operation> {
        let found = operation.callbacks.iter().map(|location| self.webhooks.iter().find(|webhook| webhook.location == *location));
        found.flatten()
    }

    /// The operations of the callbacks of all operations.
    pub fn callbacks(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().chain(self.webhooks.iter()).flat_map(|operation| self.callbacks_of(operation))
    }

    /// Whether an operation is one of a webhook or a callback: a request that the API sends.
    pub fn is_webhook(&self, operation: &Operation) -> bool {
        self.webhooks.iter().any(|webhook| webhook.location == operation.location)
    }

    /// The operations that exchanges are compared with: those of the paths, and the webhooks and callbacks that `[traffic] webhooks`
    /// names. All webhooks, if the document describes nothing else.
    pub fn judged_operations(&self) -> impl Iterator<Item = &Operation> {
        let is_judged = |operation: &&Operation| {
            let mut named = self.config.traffic.webhooks.iter();
            self.operations.is_empty() || named.any(|pattern| operation.path.0 == pattern.name || operation.id == pattern.name)
        };
        self.operations.iter().chain(self.webhooks.iter().filter(is_judged))
    }

    /// The same contract with these formats asserted, instead of those of `[check] formats`.
    #[must_use]
    pub fn with_asserted_formats(mut self, formats: AssertedFormats) -> Self {
        self.config.check.formats = formats;
        self
    }

    /// The documents as loaded, by name.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Every schema.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// One schema.
    pub fn schema(&self, id: SchemaId) -> &Schema {
        &self.schemas[id]
    }

    /// The root schemas of the schema documents (`*.schema.json`), in the order of their names.
    pub fn roots(&self) -> &[SchemaId] {
        &self.roots
    }

    /// The schemas that types are generated for, with their names: the root of every schema document, its definitions, and the
    /// components of the OpenAPI document.
    pub fn entries(&self) -> Vec<(SchemaId, String)> {
        let mut entries = Vec::new();
        for root in &self.roots {
            let schema = &self.schemas[*root];
            let title = schema.title().filter(|title| !title.trim().is_empty());
            entries.push((*root, title.map_or_else(|| stem(schema.location.document()), str::to_owned)));
            entries.extend(self.named_below(schema.location.document(), &["$defs"]));
            entries.extend(self.named_below(schema.location.document(), &["definitions"]));
        }
        for name in self.documents.names().filter(|name| self.documents.is_openapi(name)) {
            entries.extend(self.named_below(name, &["components", "schemas"]));
            if self.documents.value(name).is_some_and(|document| document.get("swagger").is_some()) {
                entries.extend(self.named_below(name, &["definitions"]));
            }
        }
        entries
    }

    fn named_below(&self, document: &str, above: &[&str]) -> Vec<(SchemaId, String)> {
        let place = above.iter().fold(Location::root(document), |place, token| place.child(token));
        let names = self.documents.at(&place).and_then(serde_json::Value::as_object).into_iter().flat_map(serde_json::Map::keys);
        names.filter_map(|name| Some((self.schemas.at(&place.child(name))?, name.clone()))).collect()
    }

    /// The URI that references use for a document: its name, if that is a URI.
    pub fn uri_of(&self, document: &str) -> String {
        crate::uri::uri_of(document)
    }

    /// The live server that is checked: that of [`Contract::with_base_url`].
    pub fn live_server(&self) -> Option<&Server> {
        self.live.as_deref()
    }

    /// The servers, in the order written.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The operations, in the order written.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations of `webhooks` and `callbacks`: requests that the API sends. The path of a webhook is its name, the path of a
    /// callback is its expression.
    pub fn webhooks(&self) -> &[Operation] {
        &self.webhooks
    }

    /// The security schemes, by name.
    pub fn security_schemes(&self) -> &IndexMap<String, SecurityScheme> {
        &self.security_schemes
    }

    /// Finds the operation of a request by its method, its host (with the port, unless it is the usual one) and its path. A longer base
    /// path and a more specific template take precedence. A path that is documented for other methods only does not hide one that is
    /// documented for this method. Loopback hosts belong to every server, because tests and development servers use them.
    ///
    /// # Source
    /// OpenAPI, "Path Templating Matching" and "Server Object".
    ///
    /// # Errors
    /// No operation fits; the error says what did not fit.
    pub fn route(&self, method: &str, host: Option<&str>, path: &str) -> Result<Route<'_>, NoRoute> {
        let routes = self.routes.get_or_init(|| Arc::new(Routes::new(&self.operations)));
        let paths = Paths {
            operations: &self.operations,
            servers: &self.servers,
            base_paths: &self.config.check.base_paths,
            live: self.live.as_deref(),
        };
        paths.route(routes, method, host, path)
    }

    /// The operation with an `operationId`.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The invariants, in the order written.
    pub fn invariants(&self) -> &InvariantSet {
        &self.invariants
    }

    /// The configuration, defaults filled in.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The schema at the end of a chain of `$ref`s, whatever their siblings are; the schema itself if it has no `$ref`.
    pub fn target(&self, id: SchemaId) -> SchemaId {
        self.schemas.target(id)
    }

    /// Every schema that applies to the same instance as the given ones, through references and in-place applicators.
    pub fn in_place(&self, schemas: impl IntoIterator<Item = SchemaId>) -> BTreeSet<SchemaId> {
        let (mut all, mut open) = (BTreeSet::new(), schemas.into_iter().collect::<Vec<_>>());
        while let Some(id) = open.pop() {
            if all.insert(id) {
                let keywords = &self.schemas[id].keywords;
                open.extend(keywords.reference.iter().chain(&keywords.all_of).chain(&keywords.any_of).chain(&keywords.one_of));
                // The branches of a condition may apply.
                open.extend(keywords.then.iter().chain(&keywords.else_));
            }
        }
        all
    }

    /// The types that `type`, values and references allow. Integers count as numbers.
    pub fn types_of(&self, id: SchemaId) -> BTreeSet<JsonType> {
        self.open_types(id, 0)
    }

    fn open_types(&self, id: SchemaId, depth: usize) -> BTreeSet<JsonType> {
        use JsonType::{Array, Boolean, Integer, Null, Number, Object, String};
        let keywords = &self.schema(id).keywords;
        let mut types: BTreeSet<JsonType> = match (&keywords.types, &keywords.enumeration, &keywords.constant) {
            (Some(types), ..) => types.iter().copied().collect(),
            (None, Some(values), _) => values.iter().map(JsonType::of).collect(),
            (None, None, Some(value)) => BTreeSet::from([JsonType::of(value)]),
            (None, None, None) => BTreeSet::from([Null, Boolean, Number, String, Array, Object]),
        };
        if types.remove(&Integer) {
            types.insert(Number);
        }
        // A deeper chain is treated as cyclic.
        if depth < 16 {
            for next in keywords.reference.iter().chain(&keywords.all_of) {
                types = types.intersection(&self.open_types(*next, depth + 1)).copied().collect();
            }
            for union in [&keywords.any_of, &keywords.one_of].into_iter().filter(|union| !union.is_empty()) {
                let open: BTreeSet<JsonType> = union.iter().flat_map(|branch| self.open_types(*branch, depth + 1)).collect();
                types = types.intersection(&open).copied().collect();
            }
        }
        types
    }

    /// The direct subschemas and reference targets of a schema.
    pub fn children(&self, id: SchemaId) -> Vec<SchemaId> {
        self.schemas[id].keywords.children().collect()
    }

    /// The default value of a parameter.
    pub fn parameter_default(&self, schema: SchemaId) -> Option<&serde_json::Value> {
        self.in_place([schema]).iter().find_map(|id| self.schemas[*id].default_value())
    }

    /// The line and column of a location in its document.
    pub fn position(&self, location: &Location) -> Option<Position> {
        self.documents.position(location)
    }

    /// A digest of the contract without layout and comments: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> String {
        self.digest.get_or_init(|| self.documents.digest(|_| true)).clone()
    }

    /// A digest of the schema documents: the input of generated types.
    pub fn schema_digest(&self) -> String {
        let used: BTreeSet<&str> = self.schemas.iter().map(|(_, schema)| schema.location.document()).collect();
        let entries = self.entries();
        let generated: BTreeSet<&str> = entries.iter().map(|(id, _)| self.schemas[*id].location.document()).collect();
        let is_foreign = |name: &str| !self.documents.names().any(|own| **own == *name);
        self.documents.digest(|name| generated.contains(name) || (used.contains(name) && is_foreign(name)))
    }
}

fn shared<T: Serialize, S: Serializer>(part: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
    part.serialize(serializer)
}

/// A document's name without folder and extensions.
pub fn stem(document: &str) -> String {
    let file = document.trim_end_matches(['/', '#']).rsplit(['/', ':']).next().unwrap_or(document);
    let endings = [".schema.json", ".schema.yaml", ".schema.yml", ".json", ".yaml", ".yml"];
    let stem = endings.iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file);
    if stem.is_empty() { "schema".to_owned() } else { stem.to_owned() }
}
