//! JSON Schemas to [`Keywords`]: adds a node for every subschema, then resolves every reference to a node.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use charter_json::push_key;
use serde_json::Value;

use super::dialect::{Dialect, has_names};
use super::entries;
use super::identity::Identities;
use super::keywords::{Members, read};
use super::node::Node;
use crate::draft::Draft;
use crate::error::{Fault, Problem};
use crate::keywords::is_ignored;
use crate::load::Documents;
use crate::location::Location;
use crate::model::{Keywords, Schema, SchemaId, Schemas};
use crate::resolve;
use crate::suggest::nearest;
use crate::uri::{is_uri, join, relative, unescape, uri_of};

/// The context of a schema: the base URI of its references, and the dialect.
#[derive(Clone, Debug)]
pub(super) struct Context {
    base: Arc<str>,
    pub(super) dialect: Dialect,
}

/// A reference that is resolved once every schema has a node.
struct Pending<'d> {
    from: SchemaId,
    keyword: &'static str,
    reference: &'d str,
}

/// What cannot be judged because of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The whole contract.
    Contract,
    /// The operation at a location.
    Operation(Location),
    /// Whatever reaches a schema.
    Schema(SchemaId),
    /// Whatever refers to a component or to a file of the OpenAPI document.
    Component,
}

/// The problems of a contract, and what each of them affects.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) problems: Vec<Problem>,
    /// Owners, and the index of a problem.
    pub(super) owners: Vec<(Owner, usize)>,
}

/// Collects schemas and problems during the walk over the documents.
pub(super) struct Builder<'d> {
    pub(super) documents: &'d Documents,
    draft: Draft,
    schemas: Schemas,
    contexts: Vec<Rc<Context>>,
    identities: Identities,
    pending: Vec<Pending<'d>>,
    /// The targets of references within a document, by base URI and reference: most references lead to the same components.
    targets: HashMap<Arc<str>, HashMap<&'d str, SchemaId>>,
    found: Found,
    /// What the problems that are found now affect.
    pub(super) owner: Owner,
    /// Locations without a valid schema and their problems: references to them are not reported again.
    refused: HashMap<Location, Vec<usize>>,
}

impl<'d> Builder<'d> {
    pub(super) fn new(documents: &'d Documents, draft: Draft) -> Self {
        Self {
            documents,
            draft,
            schemas: Schemas::default(),
            contexts: Vec::new(),
            identities: Identities::new(documents),
            pending: Vec::new(),
            targets: HashMap::new(),
            found: Found::default(),
            owner: Owner::Contract,
            refused: HashMap::new(),
        }
    }

    pub(super) fn report(&mut self, location: &Location, fault: Fault) {
        self.add(self.documents.problem(location, fault));
    }

    pub(super) fn add(&mut self, problem: Problem) {
        self.found.owners.push((self.owner.clone(), self.found.problems.len()));
        self.found.problems.push(problem);
    }

    /// Whether a location has no valid schema; its problems then affect the current owner too.
    fn is_refused(&mut self, location: &Location) -> bool {
        let Some(problems) = self.refused.get(location) else { return false };
        self.found.owners.extend(problems.iter().map(|problem| (self.owner.clone(), *problem)));
        true
    }

    fn refuse(&mut self, location: &Location, first_problem: usize) {
        self.refused.insert(location.clone(), (first_problem..self.found.problems.len()).collect());
    }

    /// Walks every schema document of the contract and returns their roots.
    pub(super) fn schema_documents(&mut self) -> Vec<SchemaId> {
        let documents = self.documents;
        let mut roots = Vec::new();
        for name in documents.names().filter(|name| documents.is_schema(name)) {
            self.owner = if is_own_schema(name) { Owner::Contract } else { Owner::Component };
            roots.extend(self.document(name));
        }
        self.owner = Owner::Contract;
        roots
    }

    /// Walks a schema document, once.
    fn document(&mut self, name: &Arc<str>) -> Option<SchemaId> {
        let root = Location::root(name.clone());
        if let Some(id) = self.schemas.at(&root) {
            return Some(id);
        }
        if self.is_refused(&root) {
            return None;
        }
        let first_problem = self.found.problems.len();
        let value = self.documents.at(&root)?;
        let context = Context { base: uri_of(name).into(), dialect: Dialect::of(self.draft) };
        self.identities.add_resource(&context.base, &root);
        let dialect = self.dialect(&root, value, context.dialect);
        let fine = dialect.is_some_and(|dialect| self.documents.is_built_in(name) || self.check_meta(&root, value, dialect));
        if !fine {
            self.refuse(&root, first_problem);
            return None;
        }
        Some(self.walk(root, value, &Rc::new(context)))
    }

    /// The dialect of a resource; by default that of its context.
    fn dialect(&mut self, location: &Location, value: &Value, around: Dialect) -> Option<Dialect> {
        let Some(uri) = value.get("$schema").and_then(Value::as_str) else { return Some(around) };
        let named = Dialect::named(uri, self.documents);
        if named.is_none() {
            let at = location.child("$schema");
            let problem = self.documents.problem(&at, Fault::Dialect(uri.to_owned()));
            let remedy = Some("write a draft from 4 to 2020-12, or give the meta-schema with --map".to_owned());
            self.add(Problem { remedy, ..problem });
        }
        named
    }

    fn check_meta(&mut self, at: &Location, value: &Value, dialect: Dialect) -> bool {
        if dialect.is_surely_valid(value) {
            return true;
        }
        let mut faults = dialect.faults(value);
        if !faults.is_empty() && self.is_described(at.document()) {
            faults.retain(|(place, _, _)| !value.pointer(place).is_some_and(|bound| is_former_bound(dialect.draft, place, bound)));
        }
        // The same subschema can be reached through several vocabularies of the meta-schema.
        let mut seen = HashSet::new();
        faults.retain(|fault| seen.insert(fault.clone()));
        let errors = faults.into_iter().map(|(place, keyword, message)| {
            let pointer = format!("{}{place}", at.pointer());
            let bound = value.pointer(&place).filter(|bound| is_former_bound(dialect.draft, &place, bound));
            let (fault, remedy) = match (value.pointer(&place), place.rsplit_once('/')) {
                (Some(found), Some((above, "type"))) if keyword == "anyOf" && !is_named(above) => wrong_type(found),
                (Some(found), Some((above, name))) if keyword == "anyOf" && !is_named(above) => (
                    Fault::Malformed { keyword: name.to_owned(), message: shortened(&format!("{found} is not a value of `{name}`")) },
                    None,
                ),
                _ => (Fault::Malformed { keyword, message: shortened(&message) }, bound.map(|_| former_bound(dialect.draft))),
            };
            self.documents.problem(&Location::new(at.document(), pointer), fault).with_remedy(remedy)
        });
        let problems: Vec<Problem> = errors.collect();
        let fine = problems.is_empty();
        problems.into_iter().for_each(|problem| self.add(problem));
        fine
    }

    /// Whether a document belongs to an OpenAPI document and does not name its own dialect. Documents that were converted from OpenAPI
    /// 3.0 often contain its boolean `exclusiveMinimum`; it is ignored there, so that the other keywords can be judged.
    fn is_described(&self, name: &str) -> bool {
        let documents = self.documents;
        documents.is_openapi(name)
            || documents.is_part(name)
            || !is_own_schema(name)
                && documents.names().any(|name| documents.is_openapi(name))
                && documents.value(name).is_some_and(|value| value.get("$schema").is_none())
    }

    /// The node of a schema outside the walk over schema documents: in the OpenAPI document, or under an unknown keyword.
    pub(super) fn embedded(&mut self, schema: Node<'d>) -> Option<SchemaId> {
        let Node { location, value } = schema;
        if let Some(id) = self.schemas.at(&location) {
            return Some(id);
        }
        if self.is_refused(&location) || self.is_refused(&Location::root(location.document())) {
            return None;
        }
        let first_problem = self.found.problems.len();
        if !value.is_object() && !value.is_boolean() {
            return None;
        }
        let context = self.around(&location);
        let fine = self.documents.is_built_in(location.document()) || self.check_meta(&location, value, context.dialect);
        if !fine {
            self.refuse(&location, first_problem);
            return None;
        }
        Some(self.walk(location, value, &context))
    }

    /// The context of a location: that of the nearest enclosing schema.
    fn around(&mut self, location: &Location) -> Rc<Context> {
        let mut pointer = location.pointer();
        while let Some((above, _)) = pointer.rsplit_once('/') {
            pointer = above;
            if let Some(id) = self.schemas.at_pointer(location.document(), pointer) {
                return self.contexts[id.index()].clone();
            }
        }
        let base: Arc<str> = uri_of(location.document()).into();
        Rc::new(Context { base, dialect: Dialect::of(Draft::Draft202012) })
    }

    fn walk(&mut self, location: Location, value: &'d Value, around: &Rc<Context>) -> SchemaId {
        if let Some(id) = self.schemas.at(&location) {
            return id;
        }
        let members = Members::of(value);
        let context = self.identify(&location, &members, around);
        let draft = context.dialect.draft;
        let document = self.documents.shared_value(location.document()).cloned().unwrap_or_default();
        let id = self.schemas.push(Schema::new(location.clone(), document, members.schema.is_some(), draft));
        self.contexts.push(context.clone());
        let keywords = match value {
            Value::Object(_) => self.keywords(id, &location, &members, &context),
            _ => Keywords { never: *value == Value::Bool(false), ..Keywords::default() },
        };
        *self.schemas.keywords_mut(id) = keywords;
        for (keyword, definitions) in [("$defs", members.defs), ("definitions", members.definitions)] {
            for (name, definition) in entries(definitions).filter(|(_, definition)| definition.is_object() || definition.is_boolean()) {
                self.walk(location.member(keyword).member(name), definition, &context);
            }
        }
        id
    }

    /// Records the identifiers of a schema, and returns the context of its subschemas.
    fn identify(&mut self, location: &Location, members: &Members<'d>, around: &Rc<Context>) -> Rc<Context> {
        let mut context = around.clone();
        let own = members.schema.and_then(Value::as_str).and_then(|uri| Dialect::named(uri, self.documents));
        if let Some(dialect) = own.filter(|_| location.pointer().is_empty()) {
            Rc::make_mut(&mut context).dialect = dialect;
        }
        let hidden = context.dialect.is_legacy() && members.reference.is_some_and(Value::is_string);
        let id = if own.unwrap_or(context.dialect).id_keyword() == "id" { members.draft4_id } else { members.id };
        if let Some(id) = id.and_then(Value::as_str).filter(|_| !hidden) {
            let (file, fragment) = id.split_once('#').unwrap_or((id, ""));
            if !file.is_empty() {
                match join(&context.base, file) {
                    Some(base) => {
                        self.identities.add_resource(&base, location);
                        let context = Rc::make_mut(&mut context);
                        context.base = base.into();
                        context.dialect = own.unwrap_or(context.dialect);
                    }
                    None => {
                        let keyword = own.unwrap_or(context.dialect).id_keyword();
                        self.report(&location.child(keyword), Fault::Form(format!("`{id}` is not a URI reference")));
                    }
                }
            }
            if !fragment.is_empty() && context.dialect.is_legacy() {
                self.identities.add_anchor(&context.base, fragment, location);
            }
        }
        let draft = context.dialect.draft;
        if let Some(name) = members.anchor.and_then(Value::as_str).filter(|_| draft >= Draft::Draft201909) {
            self.identities.add_anchor(&context.base, name, location);
        }
        if let Some(name) = members.dynamic_anchor.and_then(Value::as_str).filter(|_| draft >= Draft::Draft202012) {
            self.identities.add_anchor(&context.base, name, location);
            self.identities.add_dynamic(name, location);
        }
        if members.recursive_anchor == Some(&Value::Bool(true)) && draft == Draft::Draft201909 {
            self.identities.add_recursive(location);
        }
        context
    }

    fn keywords(&mut self, id: SchemaId, location: &Location, members: &Members<'d>, context: &Rc<Context>) -> Keywords {
        let dynamic: &[(&'static str, Option<&'d Value>)] = match context.dialect.draft {
            Draft::Draft202012 => &[("$dynamicRef", members.dynamic_ref)],
            Draft::Draft201909 => &[("$recursiveRef", members.recursive_ref)],
            _ => &[],
        };
        for (keyword, value) in std::iter::once(&("$ref", members.reference)).chain(dynamic) {
            if let Some(reference) = value.and_then(Value::as_str) {
                self.pending.push(Pending { from: id, keyword, reference });
            }
        }
        if context.dialect.is_legacy() && members.reference.is_some_and(Value::is_string) {
            return Keywords::default();
        }
        read(members, context.dialect, &mut |tokens, child| {
            let length: usize = tokens.iter().map(|token| token.len() + 1).sum();
            let mut pointer = String::with_capacity(location.pointer().len() + length);
            pointer.push_str(location.pointer());
            tokens.iter().for_each(|token| push_key(&mut pointer, token));
            self.walk(location.within(pointer), child, context)
        })
    }

    /// Resolves the pending references and reports cyclic ones.
    pub(super) fn finish(mut self) -> (Schemas, Found) {
        let mut dynamic = Vec::new();
        // Walking a target outside all known schemas can add pending references.
        while let Some(pending) = self.pending.pop() {
            let base = self.contexts[pending.from.index()].base.clone();
            let is_local = pending.keyword == "$ref" && pending.reference.starts_with('#');
            if is_local && let Some(known) = self.targets.get(&base).and_then(|targets| targets.get(pending.reference)) {
                self.schemas.keywords_mut(pending.from).reference = Some(*known);
                continue;
            }
            let at = self.schemas[pending.from].location.child(pending.keyword);
            self.owner = self.owner_of(pending.from);
            let target = match self.target(&pending, &at) {
                Ok(target) => target,
                Err(problem) => {
                    self.add(*problem);
                    continue;
                }
            };
            let value = self.documents.at(&target);
            match value.and_then(|value| self.embedded(Node::new(target.clone(), value))) {
                Some(id) if pending.keyword == "$ref" => {
                    self.schemas.keywords_mut(pending.from).reference = Some(id);
                    if is_local {
                        self.targets.entry(base).or_default().insert(pending.reference, id);
                    }
                }
                Some(id) => dynamic.push((pending, id)),
                None if self.refused.contains_key(&target) || self.refused.contains_key(&Location::root(target.document())) => {}
                None => self.report(&at, Fault::Form(format!("the reference `{}` does not lead to a schema", pending.reference))),
            }
        }
        for (pending, target) in dynamic {
            self.settle(&pending, target);
        }
        let circles: Vec<_> = self.schemas.iter().filter(|(id, _)| self.is_cyclic(*id)).map(|(id, _)| id).collect();
        for id in circles {
            let schema = &self.schemas[id];
            let reference = schema.source().get("$ref").and_then(Value::as_str).unwrap_or_default().to_owned();
            let at = schema.location.child("$ref");
            self.owner = self.owner_of(id);
            self.report(&at, Fault::Cyclic(reference));
        }
        (self.schemas, self.found)
    }

    /// What a problem of a schema affects.
    fn owner_of(&self, id: SchemaId) -> Owner {
        if is_own_schema(self.schemas[id].location.document()) { Owner::Contract } else { Owner::Schema(id) }
    }

    /// Makes a dynamic reference static if it has only one possible target.
    fn settle(&mut self, pending: &Pending<'_>, target: SchemaId) {
        let location = &self.schemas[target].location;
        let fragment = pending.reference.split_once('#').map_or("", |(_, fragment)| fragment);
        let open = match pending.keyword {
            "$dynamicRef" => self.identities.is_dynamic(fragment, location),
            _ => self.identities.is_recursive(location),
        };
        let keywords = self.schemas.keywords_mut(pending.from);
        if open {
            keywords.dynamic = true;
        } else if keywords.reference.is_none() {
            keywords.reference = Some(target);
        } else {
            keywords.all_of.push(target);
        }
    }

    /// The target of a reference.
    fn target(&mut self, pending: &Pending<'_>, at: &Location) -> Result<Location, Box<Problem>> {
        let base = self.contexts[pending.from.index()].base.clone();
        let reference = pending.reference;
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let document = self.schemas[pending.from].location.document();
        // A path above the contract's folder is not a URI, and `$self` is the base URI of the references of its document.
        let is_file = !file.is_empty() && !is_uri(file) && *base == uri_of(document);
        let by_path = is_file && (relative(document, &unescape(file)).starts_with("..") || self.documents.has_self(document));
        let uri = match by_path {
            true => self.documents.target(document, file).map(|name| uri_of(&name)),
            false => join(&base, file),
        };
        let known = uri.and_then(|uri| Some((self.resource(&uri)?, Arc::<str>::from(uri))));
        let Some((root, uri)) = known else {
            return resolve::resolve(self.documents, at, reference);
        };
        let fragment = unescape(fragment);
        if fragment.is_empty() {
            return Ok(root);
        }
        if !fragment.starts_with('/')
            && let Some(location) = self.identities.anchor(&uri, &fragment)
        {
            return Ok(location.clone());
        }
        let target = Location::new(root.document(), format!("{}{fragment}", root.pointer()));
        match fragment.starts_with('/') && self.documents.at(&target).is_some() {
            true => Ok(target),
            false => Err(resolve::dangling(self.documents, at, reference, &target, &fragment)),
        }
    }

    /// The location of the resource with a URI. Walks its document if necessary.
    fn resource(&mut self, uri: &str) -> Option<Location> {
        if let Some(location) = self.identities.resource(uri) {
            return Some(location.clone());
        }
        let name = self.identities.document(uri).cloned().or_else(|| self.documents.built_in_name(uri))?;
        let root = Location::root(name.clone());
        // The OpenAPI document is not a schema; the schemas in it are walked one by one.
        if self.documents.is_openapi(&name) || self.documents.is_part(&name) {
            return Some(root);
        }
        self.document(&name);
        Some(self.identities.resource(uri).cloned().unwrap_or(root))
    }

    /// Whether a schema applies to the same instance again through references and in-place applicators.
    fn is_cyclic(&self, start: SchemaId) -> bool {
        if self.schemas[start].keywords.reference.is_none() {
            return false;
        }
        let (mut open, mut seen): (Vec<SchemaId>, HashSet<SchemaId>) = (self.schemas[start].keywords.in_place().collect(), HashSet::new());
        if open.iter().all(|next| self.schemas[*next].keywords.in_place().next().is_none()) {
            return false;
        }
        open = vec![start];
        while let Some(id) = open.pop() {
            for next in self.schemas[id].keywords.in_place() {
                if next == start {
                    return true;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        false
    }
}

/// Whether a value is `exclusiveMinimum` or `exclusiveMaximum` of draft 4 in a later draft.
fn is_former_bound(draft: Draft, pointer: &str, value: &Value) -> bool {
    pointer
        .rsplit_once('/')
        .is_some_and(|(above, keyword)| !has_names(above.rsplit('/').next().unwrap_or_default()) && is_ignored(keyword, value, draft))
}

/// Whether the members of the value at a pointer have names of the author's choice.
fn is_named(pointer: &str) -> bool {
    has_names(pointer.rsplit('/').next().unwrap_or_default())
}

/// The fault of a `type` that is not valid, and what to do about it.
fn wrong_type(found: &Value) -> (Fault, Option<String>) {
    let words = ["null", "boolean", "integer", "number", "string", "array", "object"];
    let is_known = |word: &Value| word.as_str().is_some_and(|word| words.contains(&word));
    let wrong = match found {
        Value::Array(names) => names.iter().find(|name| !is_known(name)),
        other => Some(other),
    };
    let (message, remedy) = match (wrong, found) {
        (None, Value::Array(names)) if names.is_empty() => ("the list of types is empty".to_owned(), None),
        (None, _) => (format!("{found} has a type twice"), None),
        (Some(Value::String(word)), _) => (
            format!("{word:?} is not a type of JSON Schema"),
            nearest(word, words).or_else(|| Some(format!("the types are {}", words.join(", ")))),
        ),
        (Some(wrong), _) => (format!("{wrong} is not a type of JSON Schema"), Some(format!("the types are {}", words.join(", ")))),
    };
    (Fault::Malformed { keyword: "type".to_owned(), message: shortened(&message) }, remedy)
}

/// What to do about a boolean `exclusiveMinimum` or `exclusiveMaximum`.
fn former_bound(draft: Draft) -> String {
    format!(
        "true and false are the form of draft 4 and OpenAPI 3.0, and the dialect is {}: write the bound as a number, or name the draft in `$schema`",
        draft.uri()
    )
}

/// Whether a document is a schema of the contract in its own right, not a part of the OpenAPI document.
fn is_own_schema(document: &str) -> bool {
    document.ends_with(".schema.json")
}

/// Shortens a message that repeats a large value.
fn shortened(message: &str) -> String {
    const SHOWN: usize = 400;
    match message.char_indices().nth(SHOWN) {
        Some(_) => {
            let (start, end) = (message.chars().take(SHOWN / 2), message.chars().rev().take(SHOWN / 2));
            let end: Vec<char> = end.collect();
            format!("{} … {}", start.collect::<String>(), end.into_iter().rev().collect::<String>())
        }
        None => message.to_owned(),
    }
}
