//! Schemas to shapes, beginning with the entries of the contract.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use charter_contract::{Contract, Direction, Location, SchemaId, stem};

use super::body::{Inline, bodies};
use super::check::{Check, Limit};
use super::conjunction::{Conjunction, Kind, Part};
use super::oracle::Oracle;
use super::parameter::parameters;
use super::union::{Plan, Planned};
use super::{
    Branch, Dispatch, Entry, Origin, Others, Shape, Shapes, TypeDef, TypeId, TypeKind, Use, check, documented, finite, number, object,
    pairs, recursion, text, union,
};
use crate::direction::{Directions, above};
use crate::error::no_such_place;
use crate::{Error, Mode, Options};

/// The maximum number of types. Unions that multiply beyond it are an error, so that they do not exhaust the memory.
const LIMIT: usize = 20_000;

/// Shapes every entry of a contract.
///
/// # Errors
/// A pattern that is not valid, or unions that multiply beyond a limit.
pub(crate) fn shape(directions: &Directions<'_>, options: &Options) -> Result<Shapes, Error> {
    let contract = directions.contract(Direction::Response);
    let mut builder = Builder {
        directions,
        direction: Direction::Response,
        contract,
        options,
        replaced: replaced(contract, &options.replace)?,
        shapes: Shapes::default(),
        known: HashMap::new(),
        open: HashMap::new(),
        oracle: Oracle::new(contract),
        dynamic: dynamic(contract),
        named: HashMap::new(),
    };
    builder.name_definitions();
    for (id, name) in contract.entries() {
        builder.entry(id, name)?;
    }
    let parameters = if options.client || options.server { parameters(contract) } else { Vec::new() };
    let inline = bodies(contract).into_iter().chain(parameters);
    let (of_requests, others): (Vec<Inline>, Vec<Inline>) =
        inline.partition(|inline| inline.direction == Direction::Request && directions.differs(inline.schema));
    for inline in others {
        builder.inline(inline)?;
    }
    builder.direction = Direction::Request;
    builder.contract = directions.contract(Direction::Request);
    builder.oracle = Oracle::new(builder.contract);
    builder.name_definitions();
    for (id, name) in contract.entries().into_iter().filter(|(id, _)| directions.differs(*id)) {
        builder.entry(id, name)?;
    }
    for inline in of_requests {
        builder.inline(inline)?;
    }
    let mut shapes = builder.shapes;
    if options.mode == Mode::Client {
        tolerate(&mut shapes);
    }
    pairs::merge(&mut shapes, directions);
    sort(contract, &mut shapes);
    crate::name::set_keys(contract, &mut shapes);
    Ok(shapes)
}

/// Boxes what needs to be boxed, once the types are final.
pub(crate) fn finish(shapes: &mut Shapes) {
    recursion::box_cycles(shapes);
    recursion::box_large(shapes);
}

pub(super) struct Builder<'c> {
    directions: &'c Directions<'c>,
    /// The direction of the messages that types are made for: first responses, then requests.
    pub(super) direction: Direction,
    /// The contract as it applies to the messages of the direction.
    pub(super) contract: &'c Contract,
    pub(super) options: &'c Options,
    /// The user's own types, by the schema that each replaces.
    replaced: HashMap<SchemaId, String>,
    pub(super) shapes: Shapes,
    /// The use of each conjunction that was shaped.
    known: HashMap<Key, Use>,
    /// Conjunctions being shaped, each with its type if it has one already.
    open: HashMap<Key, Standing>,
    pub(super) oracle: Oracle<'c>,
    /// Schemas that contain a dynamic reference: its target depends on the evaluation path.
    dynamic: BTreeSet<SchemaId>,
    /// The definition of each conjunction that a definition has, and its name.
    named: HashMap<Key, (SchemaId, String)>,
}

/// A conjunction, and the direction that it is for if it differs in requests and responses.
type Key = (Option<Direction>, bool, Vec<Part>);

/// The type of a conjunction while it is shaped.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    type_: Option<TypeId>,
    /// The type exists only because the schema contains itself and no other schema of the cycle has a type.
    wraps: bool,
}

/// What is being shaped: the conjunction, its schema, and the origin of its name.
#[derive(Clone, Copy)]
pub(super) struct Subject<'s> {
    pub(super) all: &'s Conjunction,
    pub(super) owner: SchemaId,
    pub(super) origin: &'s Origin,
    /// Whether the type that is reserved first is the type of the conjunction.
    pub(super) stands: bool,
    /// The kind of value, if the schemas allow several.
    pub(super) only: Option<Kind>,
}

impl Builder<'_> {
    /// Shapes an entry of the contract.
    fn entry(&mut self, id: SchemaId, name: String) -> Result<(), Error> {
        let direction = self.directions.differs(id).then_some(self.direction);
        let mut use_ = self.use_of(id, &Origin::Given(given(direction, &name)))?;
        let contract = self.contract;
        if contract.schema(id).location.pointer().is_empty() && !use_.nullable && !self.is_own(id, &use_) && !is_container(contract, id) {
            use_ = self.root(id, &given(direction, &name), use_.shape)?;
        }
        self.shapes.entries.push(Entry { schema: id, name, is_body: false, direction, use_ });
        Ok(())
    }

    /// Shapes the inline schema of a body or of a parameter. It is an entry unless its type has another name or is any JSON value.
    fn inline(&mut self, Inline { schema, name, .. }: Inline) -> Result<(), Error> {
        let use_ = self.use_of(schema, &Origin::Body(name.clone()))?;
        let is_entry = match use_.shape {
            Shape::Any | Shape::Never => false,
            Shape::Named(_) => self.is_own(schema, &use_),
            _ => true,
        };
        if is_entry {
            let direction = self.directions.differs(schema).then_some(self.direction);
            self.shapes.entries.push(Entry { schema, name, is_body: true, direction, use_ });
        }
        Ok(())
    }

    /// Notes the conjunctions of all definitions: a place with the same assertions uses the type of the definition.
    fn name_definitions(&mut self) {
        let mut named = HashMap::new();
        for (id, name) in self.contract.entries() {
            let all = Conjunction::of(self.contract, [id]);
            if all != Conjunction::default() && self.owner(id).0 == id {
                named.entry(self.key(&all)).or_insert((id, name));
            }
        }
        self.named = named;
    }

    /// The key of a conjunction.
    fn key(&self, all: &Conjunction) -> Key {
        let (never, parts) = all.key();
        (self.direction_of(all), never, parts)
    }

    /// The direction that a conjunction is for; `None` if it is the same in requests and responses.
    pub(super) fn direction_of(&self, all: &Conjunction) -> Option<Direction> {
        all.parts.iter().any(|part| self.directions.differs(part.id)).then_some(self.direction)
    }

    /// The uses of schemas in the messages that types are made for.
    fn uses(&mut self, id: SchemaId) -> &mut BTreeMap<SchemaId, Use> {
        match self.direction {
            Direction::Request if self.directions.differs(id) => &mut self.shapes.request_uses,
            _ => &mut self.shapes.uses,
        }
    }

    /// The use of a schema. `origin` names the type that it may become.
    pub(super) fn use_of(&mut self, id: SchemaId, origin: &Origin) -> Result<Use, Error> {
        if let Some(known) = self.uses(id).get(&id) {
            return Ok(known.clone());
        }
        if self.dynamic.contains(&id) {
            // The evaluation path matters from here on: not even a plain reference is followed.
            let use_ = self.open_value(id, origin);
            self.uses(id).insert(id, use_.clone());
            return Ok(use_);
        }
        let (owner, name) = self.owner(id);
        if let Some(path) = [id, owner].iter().find_map(|id| self.replaced.get(id)) {
            let use_ = Use { shape: Shape::Own(path.clone()), nullable: false };
            self.uses(id).insert(id, use_.clone());
            return Ok(use_);
        }
        let direction = self.directions.differs(owner).then_some(self.direction);
        let origin = name.map_or_else(|| origin.clone(), |name| Origin::Given(given(direction, &name)));
        let all = Conjunction::of(self.contract, [owner]);
        let use_ = self.conjunction(&all, owner, &origin)?;
        self.uses(id).insert(id, use_.clone());
        self.uses(owner).insert(owner, use_.clone());
        Ok(use_)
    }

    /// Whether a schema has a type of its own.
    fn is_own(&self, id: SchemaId, use_: &Use) -> bool {
        matches!(use_.shape, Shape::Named(type_) if self.shapes.types[type_.0].schema == id)
    }

    /// A type for the root of a document that needs no type otherwise: the document is read as this type.
    fn root(&mut self, id: SchemaId, name: &str, inner: Shape) -> Result<Use, Error> {
        let all = Conjunction::of(self.contract, [id]);
        let origin = Origin::Given(name.to_owned());
        let type_ = self.reserve(&Subject { all: &all, owner: id, origin: &origin, stands: false, only: None })?;
        self.shapes.types[type_.0].kind = TypeKind::Constrained { inner, checks: Vec::new() };
        Ok(Use { shape: Shape::Named(type_), nullable: false })
    }

    /// The schema at the end of a chain of references without other assertions, and the name that it gives to its type.
    fn owner(&self, id: SchemaId) -> (SchemaId, Option<String>) {
        let (mut at, mut behind) = (id, id);
        // OpenAPI 3.0 documents add a description to a reference by an `allOf` with one part.
        while let Some((next, is_reference)) = self.only_part(behind) {
            if Conjunction::of(self.contract, [at]) != Conjunction::of(self.contract, [next]) {
                break;
            }
            behind = next;
            if is_reference {
                at = next;
            }
        }
        if at == id {
            return (id, None);
        }
        let target = self.contract.schema(at);
        let name = target.title().map(str::to_owned).filter(|title| !title.trim().is_empty());
        let name = match target.location.pointer().is_empty() {
            true => name.unwrap_or_else(|| stem(target.location.document())),
            false if is_definition(&target.location) => target.location.last_token().unwrap_or_default(),
            false => name.or_else(|| target_words(&target.location)).unwrap_or_default(),
        };
        (at, Some(name))
    }

    /// The reference of a schema or the only part of its `allOf`, and whether it is a reference.
    fn only_part(&self, id: SchemaId) -> Option<(SchemaId, bool)> {
        let keywords = &self.contract.schema(id).keywords;
        match (keywords.reference, keywords.all_of.as_slice()) {
            (Some(next), []) => Some((next, true)),
            (None, [next]) => Some((*next, false)),
            _ => None,
        }
    }

    /// The use of values that must satisfy several schemas.
    pub(super) fn together(&mut self, ids: Vec<SchemaId>, origin: &Origin) -> Result<Use, Error> {
        if let [only] = ids.as_slice() {
            return self.use_of(*only, origin);
        }
        let all = Conjunction::of(self.contract, ids.iter().copied());
        match (ids.first(), all.parts.as_slice()) {
            (None, _) | (_, []) if !all.never => Ok(Use { shape: Shape::Any, nullable: false }),
            // All schemas but one assert nothing, or the same: that one keeps its name.
            (_, [only]) => match ids.iter().find(|id| Conjunction::of(self.contract, [**id]) == all) {
                Some(id) => self.use_of(*id, origin),
                None => self.conjunction(&all, only.id, origin),
            },
            (Some(first), _) => self.conjunction(&all, *first, origin),
            (None, _) => Ok(Use { shape: Shape::Never, nullable: false }),
        }
    }

    /// The use of a conjunction.
    pub(super) fn conjunction(&mut self, all: &Conjunction, owner: SchemaId, origin: &Origin) -> Result<Use, Error> {
        let key = self.key(all);
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let definition = self.named.get(&key).map(|(id, name)| (*id, Origin::Given(given(key.0, name))));
        let (owner, origin) = definition.as_ref().map_or((owner, origin), |(id, origin)| (*id, origin));
        if let Some(standing) = self.open.get(&key).copied() {
            let type_ = match standing.type_ {
                Some(type_) => type_,
                None => {
                    let type_ = self.reserve(&Subject { all, owner, origin, stands: false, only: None })?;
                    self.open.insert(key, Standing { type_: Some(type_), wraps: true });
                    type_
                }
            };
            return Ok(Use { shape: Shape::Named(type_), nullable: all.accepts_null(self.contract) && !all.is_open(self.contract) });
        }
        self.open.insert(key.clone(), Standing::default());
        let mut use_ = self.build(all, owner, origin)?;
        if let Some(Standing { type_: Some(type_), wraps: true }) = self.open.remove(&key) {
            self.shapes.types[type_.0].kind = TypeKind::Constrained { inner: use_.shape, checks: Vec::new() };
            use_.shape = Shape::Named(type_);
        }
        self.known.insert(key, use_.clone());
        Ok(use_)
    }

    fn build(&mut self, all: &Conjunction, owner: SchemaId, origin: &Origin) -> Result<Use, Error> {
        if all.never {
            return Ok(Use { shape: Shape::Never, nullable: false });
        }
        if all.parts.is_empty() {
            return Ok(Use { shape: Shape::Any, nullable: false });
        }
        if let Some((part, _)) = all.keywords(self.contract).find(|(part, _)| self.dynamic.contains(&part.id)) {
            // One part has a dynamic reference: the `jsonschema` crate checks every part as a whole.
            return Ok(self.open_parts(all, part.id, origin));
        }
        let subject = Subject { all, owner, origin, stands: true, only: None };
        let nullable = all.accepts_null(self.contract);
        if let Some(shape) = finite::shape(self, &subject)? {
            return Ok(Use { shape, nullable });
        }
        if let Some(shape) = documented::shape(self, &subject)? {
            return Ok(Use { shape, nullable });
        }
        let planned = union::plan(self.contract, all);
        let mut checks = self.on_any_kind(all);
        if let Planned::Check(part, keyword) = &planned {
            check::push(&mut checks, Check::schema(self.contract, part.id, keyword));
        }
        if let Planned::Union(plan) = &planned
            && !plan.exact
        {
            check::push(&mut checks, Check::schema(self.contract, plan.part.id, plan.keyword));
        }
        let plan = if let Planned::Union(plan) = planned { Some(plan) } else { None };
        let open = plan.is_none() && all.is_open(self.contract);
        if checks.is_empty() {
            let shape = self.bare(&subject, plan, open)?;
            return Ok(Use { nullable: nullable && shape != Shape::Any, shape });
        }
        let type_ = self.reserve(&subject)?;
        let inner_origin = Origin::Part { of: type_, word: "unchecked".to_owned() };
        let inner = self.bare(&Subject { origin: &inner_origin, stands: false, ..subject }, plan, open)?;
        self.shapes.types[type_.0].kind = TypeKind::Constrained { inner: inner.clone(), checks };
        Ok(Use { shape: Shape::Named(type_), nullable: nullable && inner != Shape::Any })
    }

    /// The shape without the checks that apply to values of every kind.
    fn bare(&mut self, subject: &Subject<'_>, plan: Option<Plan>, open: bool) -> Result<Shape, Error> {
        match plan {
            Some(plan) => union::shape(self, subject, plan),
            None if open => Ok(Shape::Any),
            None => self.kinds(subject),
        }
    }

    /// The checks that apply to values of every kind, without the unions that become variants.
    fn on_any_kind(&self, all: &Conjunction) -> Vec<Check> {
        let mut checks = Vec::new();
        let chosen = union::candidate(self.contract, all);
        for (part, keywords) in all.keywords(self.contract) {
            if keywords.not.is_some() {
                check::push(&mut checks, Check::schema(self.contract, part.id, "not"));
            }
            if keywords.if_.is_some() && (keywords.then.is_some() || keywords.else_.is_some()) {
                check::push(&mut checks, Check::schema(self.contract, part.id, "if"));
            }
            for keyword in ["anyOf", "oneOf"] {
                if !part.branches(self.contract, keyword).is_empty() && chosen != Some((part, keyword)) {
                    check::push(&mut checks, Check::schema(self.contract, part.id, keyword));
                }
            }
        }
        checks
    }

    /// The shape of a conjunction without unions: one kind of value, or a union of kinds.
    fn kinds(&mut self, subject: &Subject<'_>) -> Result<Shape, Error> {
        let kinds = subject.all.kinds(self.contract).kinds();
        match kinds.as_slice() {
            [] => Ok(Shape::Never),
            [kind] => self.kind(subject, *kind),
            _ => {
                let type_ = self.reserve(subject)?;
                let mut branches = Vec::new();
                let mut words = Vec::new();
                for kind in kinds {
                    let origin = Origin::Part { of: type_, word: kind.as_str().to_owned() };
                    let shape = self.kind(&Subject { origin: &origin, stands: false, only: Some(kind), ..*subject }, kind)?;
                    if shape == Shape::Never {
                        continue;
                    }
                    branches.push(Branch { shape, schema: subject.owner, word: kind.as_str().to_owned(), label: None });
                    words.push(match kind {
                        Kind::Number => vec!["integer", "number"],
                        kind => vec![kind.as_str()],
                    });
                }
                self.shapes.types[type_.0].kind = TypeKind::Union { branches, dispatch: Dispatch::Type(words), keyword: "type" };
                Ok(Shape::Named(type_))
            }
        }
    }

    /// The shape of one kind of value. Keywords for other kinds do not apply.
    fn kind(&mut self, subject: &Subject<'_>, kind: Kind) -> Result<Shape, Error> {
        match kind {
            Kind::Boolean => Ok(Shape::Boolean),
            Kind::String => {
                let checks = check::string(self.contract, subject.all)?;
                self.constrained(subject, text::text(self.contract, subject.all, &self.options.formats), checks)
            }
            Kind::Integer | Kind::Number => {
                let (shape, checks) = number::number(self.contract, subject.all, kind == Kind::Integer, self.options.integers);
                self.constrained(subject, shape, checks)
            }
            Kind::Array => self.array(subject),
            Kind::Object => object::shape(self, subject),
        }
    }

    pub(super) fn constrained(&mut self, subject: &Subject<'_>, inner: Shape, checks: Vec<Check>) -> Result<Shape, Error> {
        if checks.is_empty() {
            return Ok(inner);
        }
        let type_ = self.reserve(subject)?;
        self.shapes.types[type_.0].kind = TypeKind::Constrained { inner, checks };
        Ok(Shape::Named(type_))
    }

    /// A value that only the `jsonschema` crate can check: its schema has a dynamic reference.
    fn open_value(&mut self, id: SchemaId, origin: &Origin) -> Use {
        let all = Conjunction { parts: vec![Part::whole(id)], never: false };
        self.open_parts(&all, id, origin)
    }

    fn open_parts(&mut self, all: &Conjunction, owner: SchemaId, origin: &Origin) -> Use {
        let checks = all.parts.iter().map(|part| Check::schema(self.contract, part.id, "$dynamicRef")).collect();
        let type_ = self.push(&Subject { all, owner, origin, stands: false, only: None });
        self.shapes.types[type_.0].kind = TypeKind::Constrained { inner: Shape::Any, checks };
        Use { shape: Shape::Named(type_), nullable: false }
    }

    /// Reserves the type of a subject; the caller fills it in.
    pub(super) fn reserve(&mut self, subject: &Subject<'_>) -> Result<TypeId, Error> {
        if self.shapes.types.len() >= LIMIT {
            let location = self.contract.schema(subject.owner).location.clone();
            return Err(Error::TooMany { location, keyword: "anyOf", limit: LIMIT });
        }
        let type_ = self.push(subject);
        let key = self.key(subject.all);
        if subject.stands
            && let Some(standing) = self.open.get_mut(&key)
            && standing.type_.is_none()
        {
            standing.type_ = Some(type_);
        }
        Ok(type_)
    }

    fn push(&mut self, subject: &Subject<'_>) -> TypeId {
        let schema = self.contract.schema(subject.owner);
        let type_ = TypeId(self.shapes.types.len());
        self.shapes.types.push(TypeDef {
            schema: subject.owner,
            location: schema.location.clone(),
            origin: subject.origin.clone(),
            direction: self.direction_of(subject.all),
            description: schema.description().map(str::to_owned),
            deprecated: schema.keywords.deprecated,
            of: subject.all.parts.clone(),
            only: subject.only,
            kind: TypeKind::Enumeration { values: Vec::new(), documentation: Vec::new(), others: Others::Refused, union: None },
            key: String::new(),
            places: 1,
            short_name: None,
        });
        type_
    }
}

/// The name of an entry in the messages that a type is for. The types for responses keep the name of the schema.
fn given(direction: Option<Direction>, name: &str) -> String {
    match direction {
        Some(Direction::Request) => format!("{name} request"),
        _ => name.to_owned(),
    }
}

/// The schemas that the user's own types replace.
fn replaced(contract: &Contract, replace: &BTreeMap<String, String>) -> Result<HashMap<SchemaId, String>, Error> {
    let known: HashMap<String, SchemaId> = contract.schemas().iter().map(|(id, schema)| (schema.location.to_string(), id)).collect();
    let mut found = HashMap::new();
    for (place, path) in replace {
        let refused = |remedy: String| Error::Setting {
            location: Location::new("charter.toml", "/generate/replace"),
            keyword: if remedy.contains("Rust path") { path.clone() } else { place.clone() },
            remedy,
        };
        let id = known.get(place).ok_or_else(|| refused(no_such_place(place, known.keys().map(String::as_str))))?;
        syn::parse_str::<syn::Type>(path).map_err(|_| refused("is not a Rust path: write one, such as crate::Money".to_owned()))?;
        found.insert(*id, path.clone());
    }
    Ok(found)
}

/// Removes the reference checks that would refuse a property or value that the server has added later: the `jsonschema` crate checks
/// a schema as a whole, including its closed objects.
fn tolerate(shapes: &mut Shapes) {
    for type_ in &mut shapes.types {
        if let TypeKind::Constrained { checks, .. } = &mut type_.kind {
            checks.retain(|check| !check.is_reference() || check.keyword == "format");
        }
    }
}

/// The origin of a part of something that has no type of its own.
pub(super) fn inside(origin: &Origin, part: &str) -> Origin {
    match origin {
        Origin::Given(name) => Origin::Given(format!("{name} {part}")),
        Origin::Body(name) => Origin::Body(format!("{name} {part}")),
        Origin::Part { of, word } => Origin::Part { of: *of, word: format!("{word} {part}") },
    }
}

/// Whether the root of a document asserts nothing and only holds definitions.
fn is_container(contract: &Contract, id: SchemaId) -> bool {
    let schema = contract.schema(id);
    let definitions = ["$defs", "definitions"].into_iter().any(|keyword| schema.source().get(keyword).is_some());
    definitions && Conjunction::of(contract, [id]) == Conjunction::default()
}

fn is_definition(location: &charter_contract::Location) -> bool {
    let tokens: Vec<String> = location.tokens().collect();
    match tokens.as_slice() {
        [keyword, _] => keyword == "$defs" || keyword == "definitions",
        [components, schemas, _] => components == "components" && schemas == "schemas",
        _ => false,
    }
}

/// The words for the target of a reference: its key, or the way to it from its definition if its last token is an index or a keyword.
pub(super) fn target_words(location: &charter_contract::Location) -> Option<String> {
    let last = location.last_token()?;
    let tokens: Vec<String> = location.tokens().collect();
    let is_container = |token: &String| matches!(token.as_str(), "schemas" | "$defs" | "definitions");
    let is_key = is_definition(location) || tokens.iter().nth_back(1).is_some_and(|parent| parent == "properties" || is_container(parent));
    let is_vague = last.bytes().all(|byte| byte.is_ascii_digit()) || matches!(last.as_str(), "items" | "additionalProperties");
    let Some(start) = tokens.iter().position(is_container).filter(|_| is_vague && !is_key) else { return Some(last) };
    let mut rest = tokens.into_iter().skip(start + 1);
    let mut words: Vec<String> = rest.next().into_iter().collect();
    while let Some(keyword) = rest.next() {
        let mut next = || rest.next().unwrap_or_default();
        words.push(match keyword.as_str() {
            "properties" | "patternProperties" | "$defs" | "definitions" => next(),
            "oneOf" | "anyOf" => format!("variant {}", next()),
            "allOf" => format!("part {}", next()),
            "prefixItems" => format!("item {}", next()),
            "items" => "item".to_owned(),
            "additionalProperties" => "value".to_owned(),
            _ => keyword,
        });
    }
    Some(words.join(" "))
}

/// Schemas from which a dynamic reference can be reached.
fn dynamic(contract: &Contract) -> BTreeSet<SchemaId> {
    above(contract, contract.schemas().iter().filter(|(_, schema)| schema.keywords.dynamic).map(|(id, _)| id).collect())
}

/// Puts the types into the order of the documents.
fn sort(contract: &Contract, shapes: &mut Shapes) {
    let mut documents: Vec<&str> = contract.roots().iter().map(|root| contract.schema(*root).location.document()).collect();
    let entries = contract.entries();
    documents.extend(entries.iter().map(|(id, _)| contract.schema(*id).location.document()));
    let mut order: Vec<usize> = (0..shapes.types.len()).collect();
    order.sort_by_key(|index| {
        let type_ = &shapes.types[*index];
        let place = documents.iter().position(|document| *document == type_.location.document());
        (place.is_none(), place, type_.location.document().to_owned(), type_.schema)
    });
    let mut place = vec![TypeId(0); order.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = TypeId(new);
    }
    let types = std::mem::take(&mut shapes.types);
    let mut types: Vec<Option<TypeDef>> = types.into_iter().map(Some).collect();
    shapes.types = order.iter().filter_map(|old| types[*old].take()).collect();
    let moved = |id: &mut TypeId| *id = place[id.0];
    for type_ in &mut shapes.types {
        if let Origin::Part { of, .. } = &mut type_.origin {
            moved(of);
        }
        recursion::each_use(&mut type_.kind, &mut |shape| recursion::each_type(shape, &moved));
    }
    let entries = shapes.entries.iter_mut().map(|entry| &mut entry.use_);
    for use_ in shapes.uses.values_mut().chain(shapes.request_uses.values_mut()).chain(entries) {
        recursion::each_type(&mut use_.shape, &moved);
    }
}

/// The limit of a check that is a count.
pub(super) fn limit(checks: &[Check], keyword: &str, choose: impl Fn(u64, u64) -> u64) -> Option<u64> {
    let counts = checks.iter().filter(|check| check.keyword == keyword);
    counts.filter_map(|check| if let Limit::Count(count) = check.limit { Some(count) } else { None }).reduce(choose)
}
