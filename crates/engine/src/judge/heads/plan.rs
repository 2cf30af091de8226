//! Plans: what is equal for all exchanges with one key, made from a judgement of the reference path.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use charter_contract::invariant::Site;
use charter_contract::{Contract, JsonType, Operation, ParameterPlace, ResponseSpec, SchemaId};
use charter_program::{Options, Program, Record};
use charter_rules::slots::SlotTable;
use charter_traffic::exchange::{Exchange, Request};
use charter_traffic::read::ExchangeView;
use serde_json::Value;

use super::key::{Keys, Url, reads_path};
use super::signature::{Room, Signatures};
use super::template::{ObservedRequest, UrlTemplate};
use crate::coverage::Case;
use crate::judge::bind::{Binder, NodeId};
use crate::judge::environment::{Environment, request_body as request_body_for_rules, without_secrets};
use crate::judge::judgement::Judgement;
use crate::judge::located::LocatedProjection;
use crate::judge::outcome::SkipReason;
use crate::judge::programs::BodyProgram;
use crate::judge::reference::Reference;
use crate::judge::rule::ResponseContext;
use crate::operation;

/// The largest number of plans. Exchanges with other heads take the reference path.
const MAX_PLANS: usize = 512;
/// The largest number of keys without a plan that are remembered.
const MAX_ONCE: usize = 1 << 16;

/// The plans of a contract, by key. Threads share them.
#[derive(Debug)]
pub(in crate::judge) struct HeadPlans {
    pub(super) keys: Keys,
    plans: RwLock<Known>,
    /// The checksums of keys that one exchange had. A cursor in a query makes a key that never occurs again: it needs no plan.
    once: Mutex<HashSet<u64>>,
    hasher: foldhash::fast::RandomState,
    room: Room,
    /// All plans have the same sites, which are those of the rules.
    sites: OnceLock<Arc<SiteIndexes>>,
}

/// Plans by key. `None`: exchanges with the key take the reference path.
type Known = HashMap<Box<[u8]>, Option<Arc<HeadPlan>>, foldhash::fast::RandomState>;

/// What is equal for all exchanges with one key.
#[derive(Debug)]
pub(super) struct HeadPlan {
    pub(super) operation: Arc<str>,
    /// The method and the status, which are part of the key.
    pub(super) method: String,
    pub(super) status: u16,
    pub(super) url: UrlTemplate,
    /// The program of the response body.
    pub(super) program: Arc<BodyProgram>,
    /// The program of the request body, if the request has one.
    pub(super) request_program: Option<Arc<BodyProgram>>,
    /// The coverage cases that the head reaches.
    pub(super) cases: Vec<Case>,
    pub(super) path: Vec<PathParameter>,
    pub(super) request: Option<Value>,
    pub(super) response: Option<Value>,
    pub(super) request_node: NodeId,
    /// The binding of each slot of `request`.
    pub(super) request_nodes: Vec<NodeId>,
    pub(super) sites: Vec<SitePlan>,
    /// The index of the site of a schema.
    pub(super) site_of: Arc<SiteIndexes>,
    /// The rules about the response itself.
    pub(super) at_response: Vec<(usize, Action)>,
    /// The rules over time about the response itself.
    pub(super) later: Vec<usize>,
    /// The slots of the body for rules about the response.
    pub(super) body_slots: Slots,
    pub(super) body_node: NodeId,
    /// How the resource is identified; `None` if rules over time observe nothing.
    pub(super) resource: Option<ResourcePlan>,
    /// `request` and `response` as rules over time read them.
    pub(super) observed_request: Option<ObservedRequest>,
    pub(super) observed_response: Option<String>,
    /// Where a resource states its artifacts: the path parameter that identifies it, and the slot of the list.
    pub(super) artifacts: Option<(usize, usize)>,
    /// The number of rules of the contract.
    pub(super) rules: usize,
    /// The rules whose verdicts the classes of the values of a body decide.
    pub(super) signatures: Signatures,
    /// By rule, whether it reads the request or the response besides its body.
    pub(super) reads_heads: Vec<bool>,
    /// By slot of `request`, the index of the path parameter.
    pub(super) parameters: Vec<Option<usize>>,
}

/// A path parameter.
#[derive(Debug)]
pub(super) struct PathParameter {
    pub(super) name: String,
    /// Its segment, counted from the end of the path.
    pub(super) from_end: usize,
    /// The program of its value, as JSON.
    pub(super) program: Option<Program>,
    /// Whether rules see an integer, not a string.
    pub(super) is_integer: bool,
    /// Its slot in `request`.
    pub(super) slot: Option<usize>,
}

/// The rules about the instances of a schema.
#[derive(Debug)]
pub(super) struct SitePlan {
    pub(super) schema: SchemaId,
    pub(super) node: NodeId,
    /// The places of its instances that keys lead to. The first one is the whole body.
    pub(super) places: Vec<SitePlace>,
    /// Its instances that are items of arrays.
    pub(super) item: ItemPlan,
    /// Whether a rule is evaluated.
    pub(super) evaluates: bool,
    pub(super) rules: Vec<(usize, Action)>,
    /// The rules over time to evaluate, and those that compare later observations with the instance.
    pub(super) later: Vec<usize>,
    pub(super) earlier: Vec<usize>,
    /// The values that rules over time read, if the program locates them.
    pub(super) projection: Option<LocatedProjection>,
}

/// The rules about an item of an array.
#[derive(Debug)]
pub(super) struct ItemPlan {
    /// From the first slot of the item on.
    pub(super) slots: Slots,
    /// The rules whose verdicts the classes of the values of an item decide.
    pub(super) signatures: Signatures,
}

/// The indexes of sites by their schemas: a table from the first of these schemas to the last.
#[derive(Debug)]
pub(super) struct SiteIndexes {
    first: usize,
    indexes: Vec<Option<u32>>,
}

impl SiteIndexes {
    fn new(sites: &[SitePlan]) -> Self {
        let schemas = || sites.iter().map(|site| site.schema.index());
        let first = schemas().min().unwrap_or_default();
        let mut indexes = vec![None; schemas().max().map_or(0, |last| last + 1 - first)];
        for (index, schema) in schemas().enumerate() {
            indexes[schema - first] = u32::try_from(index).ok();
        }
        Self { first, indexes }
    }

    /// The index of the site of a schema.
    #[inline]
    pub(super) fn get(&self, schema: SchemaId) -> Option<usize> {
        let at = schema.index().checked_sub(self.first)?;
        self.indexes.get(at).copied().flatten().map(|index| index as usize)
    }
}

/// A place of an instance.
#[derive(Debug)]
pub(super) struct SitePlace {
    /// Its JSON Pointer.
    pub(super) pointer: String,
    /// The slot of the program; `None` for the whole body.
    pub(super) at: Option<usize>,
    pub(super) slots: Slots,
}

/// What is done with a rule at an instance.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Evaluate,
    Skip(SkipReason),
}

/// The slots of a variable whose value is the body of a response.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// By slot of the table, the slot of the program.
    pub(super) located: Vec<Option<usize>>,
    /// By slot of the table, the binding.
    pub(super) nodes: Vec<NodeId>,
}

/// The identity of a resource.
#[derive(Debug)]
pub(super) struct ResourcePlan {
    /// The location of its schema, as text.
    pub(super) location_text: String,
    pub(super) identity: Identity,
}

#[derive(Debug)]
pub(super) enum Identity {
    /// A value of the request that is part of the key, or nothing.
    Known(Value),
    /// A path parameter, by its index in the plan.
    Path(usize),
    /// A slot of the program.
    Slot(usize),
}

impl HeadPlans {
    /// Plans for a contract. `None` if a key does not show all that its judgements depend on.
    pub(in crate::judge) fn new(contract: &Contract) -> Option<Self> {
        Some(Self {
            keys: Keys::new(contract)?,
            plans: RwLock::default(),
            once: Mutex::default(),
            hasher: Default::default(),
            room: Room::default(),
            sites: OnceLock::new(),
        })
    }

    /// The plan of a key. The error says whether the key is not known.
    pub(super) fn get(&self, key: &[u8]) -> Result<Arc<HeadPlan>, bool> {
        let plans = self.plans.read().unwrap_or_else(PoisonError::into_inner);
        match plans.get(key) {
            Some(Some(plan)) => Ok(plan.clone()),
            Some(None) => Err(false),
            None => Err(plans.len() < MAX_PLANS),
        }
    }

    /// Writes the key of the bare bodies of an operation. A key of an exchange begins with a length, which is never this number.
    pub(super) fn write_bare_key(operation: &str, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&usize::MAX.to_be_bytes());
        out.extend_from_slice(operation.as_bytes());
    }

    /// Whether an exchange had the key before. Two keys with one checksum make a plan early, which changes no result.
    pub(super) fn is_repeated(&self, key: &[u8]) -> bool {
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        if once.len() >= MAX_ONCE {
            once.clear();
        }
        !once.insert(self.hasher.hash_one(key))
    }

    pub(super) fn insert(&self, key: &[u8], plan: Option<HeadPlan>) {
        let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
        if plans.len() < MAX_PLANS {
            plans.entry(key.into()).or_insert(plan.map(Arc::new));
        }
    }
}

impl HeadPlan {
    /// Whether a rule reads the request or the response besides its body.
    pub(super) fn is_head_read(&self, mut rules: impl Iterator<Item = usize>) -> bool {
        rules.any(|rule| self.reads_heads.get(rule) != Some(&false))
    }
}

impl SitePlan {
    /// The rules that are evaluated.
    pub(super) fn evaluated(&self) -> impl Iterator<Item = usize> + '_ {
        self.rules.iter().filter(|(_, action)| matches!(action, Action::Evaluate)).map(|(rule, _)| *rule)
    }
}

impl Slots {
    /// The slots of a variable whose value is below keys of the body.
    fn new(table: Option<&SlotTable>, path: &[String], program: &BodyProgram, binder: &Binder, node: NodeId) -> Self {
        let Some(table) = table else { return Self::default() };
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let located = (0..table.slots().len()).map(|slot| program.slot(&[path.as_slice(), &table.path(slot)].concat())).collect();
        Self { located, nodes: nodes_of(table, binder, node) }
    }

    /// The slots of an item that a schema describes.
    fn of_item(table: Option<&SlotTable>, program: &BodyProgram, schema: SchemaId, binder: &Binder, node: NodeId) -> Self {
        let Some(table) = table else { return Self::default() };
        let located = (0..table.slots().len()).map(|slot| program.slot_of_item(schema, &table.path(slot))).collect();
        Self { located, nodes: nodes_of(table, binder, node) }
    }
}

/// The JSON Pointer of keys.
fn pointer_of(path: &[String]) -> String {
    let mut pointer = String::new();
    path.iter().for_each(|key| charter_json::push_token(&mut pointer, key));
    pointer
}

/// By slot of a table, its binding below the binding of the variable.
fn nodes_of(table: &SlotTable, binder: &Binder, node: NodeId) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = Vec::new();
    // A parent has a lower number.
    for slot in table.slots() {
        let parent = slot.parent.map_or(node, |parent| nodes[parent]);
        nodes.push(binder.property(parent, &slot.key));
    }
    nodes
}

impl Reference {
    /// The plan of the key of an exchange, by its judgement. `None` if no plan covers such exchanges.
    pub(super) fn plan_head(&self, exchange: &Exchange, judgement: &Judgement) -> Option<HeadPlan> {
        let (contract, rules) = (&self.contract, &*self.rules);
        let heads = self.heads()?;
        let room = &heads.room;
        let is_clean = judgement.decided
            && judgement.findings.is_empty()
            && judgement.not_judged.is_empty()
            && judgement.unreadable.is_none()
            && judgement.out_of_scope.is_none()
            && !judgement.refused_request;
        if !is_clean {
            return None;
        }
        let response = exchange.response.as_ref()?;
        let view = if exchange.bare { None } else { Some(ExchangeView::of(exchange)?) };
        let url = match &view {
            Some(view) => Some(Url::split(view.url)?),
            None => None,
        };
        let matched = match &view {
            Some(_) => Some(operation::operation_for(contract, exchange.request.as_ref()?).ok()?),
            None => None,
        };
        let operation = match &matched {
            Some(matched) => matched.operation,
            None => self.bare_operation()?,
        };
        if !operation.callbacks.is_empty() || Some(&operation.id) != judgement.operation.as_ref() {
            return None;
        }
        let spec = operation.response_for(response.status)?;
        let (schema, program) = self.planned_response(exchange, operation, spec)?;
        let mut record = Record::default();
        if !program.accepts(response.body().bytes()?.trim_ascii(), &mut record) {
            return None;
        }
        let of_body = program.cases(&record).count();
        let cases = judgement.seen.get(..judgement.seen.len().checked_sub(of_body)?)?.to_vec();
        let request_program = match view.as_ref().and_then(|view| view.request.body) {
            Some([]) | None => None,
            // Rules would read the value of the body.
            Some(_) if contract.invariants().invariants.iter().any(|rule| rule.reads_request_body()) => return None,
            Some(_) => Some(self.planned_request(exchange.request.as_ref()?, operation)?),
        };
        // Rules do not read the value of a body.
        let request_body = match &exchange.request {
            Some(request) => request_body_for_rules(operation, request, None, |_, _| false),
            None => Err("request-unknown"),
        };
        let path_values = matched.as_ref().map(|matched| matched.path.clone());
        let environment = Environment::new(contract, operation, path_values, exchange, response, None, request_body);
        let context = ResponseContext { operation, status: response.status, promised: spec.status };
        let reads_path = reads_path(contract, operation);
        let table = &rules.slots.request;
        let segments: Vec<&str> = operation.path.0.split('/').collect();
        let mut path = Vec::new();
        for (name, raw) in matched.iter().flat_map(|matched| &matched.raw_path) {
            let at = segments.iter().position(|segment| segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) == Some(name))?;
            let from_end = segments.len() - 1 - at;
            if url.as_ref()?.segment(from_end)? != raw {
                return None;
            }
            let parameter =
                operation.parameters.iter().find(|parameter| parameter.place == ParameterPlace::Path && parameter.name == *name);
            if parameter.is_some_and(|parameter| !parameter.content.is_empty() || parameter.style.as_str() != "simple") {
                return None;
            }
            let schema = parameter.and_then(|parameter| parameter.schema);
            let parts = contract.in_place(schema);
            let types: Vec<JsonType> = parts.iter().flat_map(|id| contract.schema(*id).keywords.types.iter().flatten().copied()).collect();
            let is_bound = parts.iter().any(|id| contract.invariants().binds.contains_key(id));
            let is_text = types.is_empty() || types.contains(&JsonType::String);
            let is_integer = !is_text && types.iter().all(|type_| *type_ == JsonType::Integer);
            if types.contains(&JsonType::Array)
                || types.contains(&JsonType::Object)
                || (reads_path && (is_bound || !(is_text || is_integer)))
            {
                return None;
            }
            // A parameter that no schema describes is not in `request.path`.
            let slot = parameter.and_then(|_| table.find(&["path", name]));
            let program = schema.map(|schema| Program::compile(contract, schema, &Options::default()));
            path.push(PathParameter { name: name.clone(), from_end, program, is_integer, slot });
        }
        let artifacts = match &contract.config().probe.artifacts {
            // Downloads are compared with what was stated before.
            Some(config) if config.operation == operation.id => return None,
            Some(config) if !exchange.bare && operation::subject(contract).is_some_and(|subject| subject.id == operation.id) => {
                let tokens: Vec<String> = config.files.split('/').skip(1).map(charter_contract::unescape_token).collect();
                let slot = program.slot(&tokens.iter().map(String::as_str).collect::<Vec<_>>())?;
                let resource = path.iter().position(|parameter| parameter.name != config.parameter && !parameter.is_integer)?;
                (200..300).contains(&response.status).then_some((resource, slot))
            }
            _ => None,
        };
        let observable = if exchange.timing.started.is_some() { Ok(()) } else { Err("time-unknown") };
        let resource = contract.invariants().resource_of(contract.schemas(), operation, spec);
        let observable = if resource.is_some() { observable } else { Err("no-resource") };
        let resource = match resource.filter(|_| observable.is_ok()) {
            None => None,
            Some(resource) => {
                let named = resource.operations.get(&operation.id).and_then(|parameter| {
                    let (place, name) = parameter.split_once('.')?;
                    environment.request.as_ref()?.get(place)?.get(name).map(|value| (place, name, value))
                });
                let identity = match named {
                    Some(("path", name, _)) => Identity::Path(path.iter().position(|parameter| parameter.name == name)?),
                    Some((_, _, value)) => Identity::Known(value.clone()),
                    None => {
                        let tokens: Vec<String> = resource.identity.split('/').skip(1).map(charter_contract::unescape_token).collect();
                        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
                        Identity::Slot(program.slot(&tokens)?)
                    }
                };
                Some(ResourcePlan { location_text: contract.schema(resource.schema).location.to_string(), identity })
            }
        };
        let act = |index: usize| match rules.skip_reason(index, context, observable, &environment) {
            Some(reason) => Action::Skip(reason),
            None => Action::Evaluate,
        };
        let mut sites = Vec::new();
        for schema in rules.targets() {
            let (node, table) = (rules.binder.root(*schema), rules.slots.schemas.get(schema));
            let of_program = program.places().iter().filter(|place| place.sites.contains(schema)).map(|place| place.path.clone());
            let places = [Vec::new()].into_iter().chain(of_program).map(|path| SitePlace {
                at: program.slot(&path.iter().map(String::as_str).collect::<Vec<_>>()),
                slots: Slots::new(table, &path, &program, &rules.binder, node),
                pointer: pointer_of(&path),
            });
            let mut site = SitePlan {
                schema: *schema,
                node,
                places: places.collect(),
                item: ItemPlan { slots: Slots::of_item(table, &program, *schema, &rules.binder, node), signatures: Signatures::default() },
                evaluates: false,
                rules: Vec::new(),
                later: Vec::new(),
                earlier: Vec::new(),
                projection: rules
                    .projection(*schema)
                    .and_then(|projection| projection.located(&mut Vec::new(), &|path| program.slot(path))),
            };
            for &index in rules.at_schema(*schema) {
                let invariant = &contract.invariants().invariants[index];
                if invariant.earlier == Some(*schema) && observable.is_ok() {
                    site.earlier.push(index);
                }
                if invariant.on != Site::Schema(*schema) {
                    continue;
                }
                match (invariant.old.is_some(), act(index)) {
                    (true, Action::Evaluate) => {
                        site.later.push(index);
                        if invariant.earlier.is_none() {
                            site.earlier.push(index);
                        }
                    }
                    (_, action) => site.rules.push((index, action)),
                }
            }
            site.evaluates = site.rules.iter().any(|(_, action)| matches!(action, Action::Evaluate));
            let of_item = site.evaluated().map(|rule| (rule, table, &site.item.slots));
            site.item.signatures = Signatures::new(contract, &rules.binder, of_item, &path, program.slots_of_item(*schema), room);
            sites.push(site);
        }
        let (mut at_response, mut later) = (Vec::new(), Vec::new());
        for (index, invariant) in rules.at_response(contract, context) {
            match (invariant.old.is_some(), act(index)) {
                (true, Action::Evaluate) => later.push(index),
                (_, action) => at_response.push((index, action)),
            }
        }
        let (reads_request, reads_response) = rules.observes_heads();
        let observed = |reads: bool, head: &Option<Value>| head.as_ref().filter(|_| reads).map(without_secrets);
        let body_node = rules.binder.root(schema);
        let body_table = &rules.slots.response_bodies;
        let body_slots = Slots::new(Some(body_table), &[], &program, &rules.binder, body_node);
        let at_sites = sites.iter().flat_map(|site| site.places.iter().map(move |place| (site, place)));
        let at_sites =
            at_sites.flat_map(|(site, place)| site.evaluated().map(|rule| (rule, rules.slots.schemas.get(&site.schema), &place.slots)));
        let evaluated = at_sites.chain(at_response.iter().map(|(rule, _)| (*rule, Some(body_table), &body_slots)));
        let signatures = Signatures::new(contract, &rules.binder, evaluated, &path, program.slots(), room);
        let invariants = &contract.invariants().invariants;
        let reads_heads = invariants.iter().map(|rule| rule.mentions("request") || rule.mentions("response")).collect();
        let parameters = (0..table.slots().len()).map(|slot| path.iter().position(|parameter| parameter.slot == Some(slot))).collect();
        let observed_request = match observed(reads_request, &environment.request) {
            Some(request) => Some(ObservedRequest::new(request, path.iter().map(|parameter| &*parameter.name).filter(|_| reads_path))?),
            None => None,
        };
        let request_node = rules.binder.request(&operation.id);
        Some(HeadPlan {
            operation: operation.id.as_str().into(),
            method: view.as_ref().map(|view| view.method.to_owned()).unwrap_or_default(),
            status: response.status,
            url: UrlTemplate::new(view.as_ref().map_or("", |view| view.url), &path),
            request_program,
            cases,
            path,
            request_node,
            request_nodes: nodes_of(table, &rules.binder, request_node),
            site_of: heads.sites.get_or_init(|| SiteIndexes::new(&sites).into()).clone(),
            sites,
            at_response,
            later,
            body_slots,
            body_node,
            resource,
            observed_request,
            observed_response: observed(reads_response, &environment.response).map(|response| response.to_string()),
            rules: rules.len(),
            artifacts,
            signatures,
            reads_heads,
            parameters,
            request: environment.request,
            response: environment.response,
            program,
        })
    }

    fn planned_response(&self, exchange: &Exchange, operation: &Operation, spec: &ResponseSpec) -> Option<(SchemaId, Arc<BodyProgram>)> {
        let response = exchange.response.as_ref()?;
        let read = self.read_body(&Self::documented_response(exchange, operation, spec, response));
        Some((read.schema?, read.decided?.0))
    }

    fn planned_request(&self, request: &Request, operation: &Operation) -> Option<Arc<BodyProgram>> {
        let body = operation.request_body.as_ref()?;
        let read = self.read_body(&Self::documented_request(request, operation, &body.content, &body.location));
        Some(read.decided?.0)
    }
}
