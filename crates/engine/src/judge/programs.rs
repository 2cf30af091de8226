//! The programs of JSON bodies, compiled at the first body of a schema.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use charter_contract::{Contract, Direction, SchemaId};
use charter_program::{Options, Program, Record, SlotPaths};
use charter_rules::slots::ContractSlots;

use super::rule::Rules;
use crate::coverage::{Case, Plan};

/// The programs of a contract, by the schema of a body. Threads share them.
#[derive(Debug)]
pub(super) struct Programs {
    contract: Contract,
    /// The contract as it applies to messages of each direction.
    directed: [OnceLock<Contract>; 2],
    /// The schemas whose instances rules are about.
    sites: BTreeSet<SchemaId>,
    /// The values that rules read.
    slots: ContractSlots,
    /// By schema, the values that rules over time read.
    observed: HashMap<SchemaId, Vec<Vec<String>>>,
    compiled: RwLock<HashMap<(Direction, SchemaId), Arc<BodyProgram>>>,
}

/// A program, and the coverage cases of its rows.
#[derive(Debug)]
pub(super) struct BodyProgram {
    program: Program,
    cases: Vec<Vec<Case>>,
    /// The values that the program locates.
    paths: SlotPaths,
    /// The places that may be instances of schemas with rules, besides the whole body.
    places: Vec<Place>,
}

/// A place in a body, by the keys that lead to it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: Vec<String>,
    /// The schemas with rules that may describe it.
    pub(super) sites: BTreeSet<SchemaId>,
}

/// The largest number of keys that lead to a place, of places, of values that a program locates outside of arrays, and of values that the search for places visits.
const MAX_KEYS: usize = 5;
const MAX_PLACES: usize = 32;
const MAX_SLOTS: usize = 256;
/// The largest number of values of an item of an array that a program locates.
const MAX_ITEM_SLOTS: usize = 32;
const MAX_VISITED: usize = 1_024;

impl Programs {
    pub(super) fn new(contract: &Contract, rules: &Rules) -> Self {
        let (sites, slots) = (rules.targets().clone(), rules.slots.clone());
        let observed = sites.iter().filter_map(|schema| Some((*schema, rules.projection(*schema)?.paths()))).collect();
        Self { contract: contract.clone(), directed: Default::default(), sites, slots, observed, compiled: RwLock::default() }
    }

    /// The program of a body.
    pub(super) fn of(&self, direction: Direction, schema: SchemaId, plan: &Plan) -> Arc<BodyProgram> {
        let key = (direction, schema);
        if let Some(known) = self.compiled.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        // Without a lock: another thread may need a program that is compiled. The first result of two threads is used.
        let compiled = Arc::new(self.compile(direction, schema, plan));
        self.compiled.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(compiled).clone()
    }

    fn compile(&self, direction: Direction, schema: SchemaId, plan: &Plan) -> BodyProgram {
        let directed = self.directed[direction as usize].get_or_init(|| {
            let directed = self.contract.for_messages(direction);
            directed.unwrap_or_else(|| self.contract.clone())
        });
        let (paths, places) = match direction {
            Direction::Request => Default::default(),
            Direction::Response => self.paths(schema),
        };
        // Coverage and rules are about responses.
        let options = match direction {
            Direction::Request => Options::default(),
            Direction::Response => Options::default().with_counts().with_sites(self.sites.clone()).with_slots(paths.clone()),
        };
        let program = Program::compile(directed, schema, &options);
        let cases = program.rows().iter().map(|row| plan.cases_of_row(row)).collect();
        BodyProgram { program, cases, paths, places }
    }

    /// The values of a body that rules read and that identify a resource, and the places of instances with rules.
    fn paths(&self, schema: SchemaId) -> (SlotPaths, Vec<Place>) {
        let here = self.contract.in_place([schema]);
        let tables = here.iter().filter_map(|schema| self.slots.schemas.get(schema)).chain([&self.slots.response_bodies]);
        let read = tables.flat_map(|table| (0..table.slots().len()).map(|slot| owned(&table.path(slot))));
        let config = self.contract.config();
        let pointers = self.contract.invariants().resources.iter().map(|resource| &resource.identity);
        let pointers = pointers.chain(config.probe.artifacts.iter().map(|artifacts| &artifacts.files));
        let named = pointers.map(|pointer| pointer.split('/').skip(1).map(charter_contract::unescape_token).collect::<Vec<_>>());
        let observed = here.iter().filter_map(|schema| self.observed.get(schema)).flatten().cloned();
        let mut paths: BTreeSet<Vec<String>> = read.chain(named).chain(observed).filter(|path| !path.is_empty()).collect();
        let mut places = self.places(schema);
        places.retain(|place| {
            let tables = place.sites.iter().filter_map(|site| self.slots.schemas.get(site));
            let below =
                tables.flat_map(|table| (0..table.slots().len()).map(|slot| [place.path.clone(), owned(&table.path(slot))].concat()));
            let more: Vec<_> = below.chain([place.path.clone()]).collect();
            let has_room = paths.len() + more.len() <= MAX_SLOTS;
            paths.extend(more.into_iter().filter(|_| has_room));
            has_room
        });
        let mut paths = SlotPaths::new(paths);
        for (schema, table) in self.sites.iter().filter_map(|site| Some((*site, self.slots.schemas.get(site)?))) {
            if table.slots().len() <= MAX_ITEM_SLOTS {
                paths = paths.with_items(schema, (0..table.slots().len()).map(|slot| owned(&table.path(slot))));
            }
        }
        (paths, places)
    }

    /// The places of instances with rules, besides the whole body.
    fn places(&self, schema: SchemaId) -> Vec<Place> {
        let (mut places, mut visited) = (Vec::new(), 0);
        if self.sites.is_empty() {
            return places;
        }
        let mut open = VecDeque::from([(Vec::new(), BTreeSet::from([schema]))]);
        while let Some((path, schemas)) = open.pop_front() {
            visited += 1;
            if visited > MAX_VISITED || places.len() == MAX_PLACES {
                break;
            }
            let here = self.contract.in_place(schemas);
            let mut below: BTreeMap<&str, BTreeSet<SchemaId>> = BTreeMap::new();
            for id in here.iter().filter(|_| path.len() < MAX_KEYS) {
                for (key, child) in &self.contract.schema(*id).keywords.properties {
                    below.entry(key).or_default().insert(*child);
                }
            }
            open.extend(below.into_iter().map(|(key, children)| ([path.clone(), vec![key.to_owned()]].concat(), children)));
            let sites: BTreeSet<SchemaId> = here.intersection(&self.sites).copied().collect();
            if !path.is_empty() && !sites.is_empty() {
                places.push(Place { path, sites });
            }
        }
        places
    }
}

impl BodyProgram {
    /// Whether a body is certainly valid. The record then describes it.
    pub(super) fn accepts(&self, body: &[u8], record: &mut Record) -> bool {
        self.program.run(body, record).is_ok()
    }

    /// As [`BodyProgram::accepts`], for a body that is known to be UTF-8.
    pub(super) fn accepts_text(&self, body: &str, record: &mut Record) -> bool {
        self.program.run_text(body, record).is_ok()
    }

    /// The slot of a value, by the keys that lead to it.
    pub(super) fn slot(&self, path: &[&str]) -> Option<usize> {
        self.paths.paths().iter().position(|known| known.iter().eq(path))
    }

    /// The slot of a value of an item that a schema describes, by the keys that lead to it.
    pub(super) fn slot_of_item(&self, schema: SchemaId, path: &[&str]) -> Option<usize> {
        self.paths.paths_of_item(schema)?.iter().position(|known| known.iter().eq(path))
    }

    /// The number of slots of an item that a schema describes.
    pub(super) fn slots_of_item(&self, schema: SchemaId) -> usize {
        self.paths.paths_of_item(schema).map_or(0, <[_]>::len)
    }

    /// The places that may be instances of schemas with rules, besides the whole body.
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    /// The number of slots.
    pub(super) fn slots(&self) -> usize {
        self.paths.paths().len()
    }

    /// The coverage cases of a row.
    pub(super) fn cases_of_row(&self, row: usize) -> &[Case] {
        self.cases.get(row).map_or(&[], Vec::as_slice)
    }

    /// The number of rows.
    pub(super) fn rows(&self) -> usize {
        self.cases.len()
    }

    /// The coverage cases of a body that was accepted, with repetitions.
    pub(super) fn cases<'r>(&'r self, record: &'r Record) -> impl Iterator<Item = Case> + 'r {
        record.rows().iter().filter_map(|row| self.cases.get(*row as usize)).flatten().copied()
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}
