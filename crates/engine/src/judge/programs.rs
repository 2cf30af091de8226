//! The programs of JSON bodies, compiled at the first body of a schema.

use std::collections::{BTreeSet, HashMap};
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
}

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
        let paths = self.paths(schema);
        // Coverage and rules are about responses.
        let options = match direction {
            Direction::Request => Options::default(),
            Direction::Response => Options::default().with_counts().with_sites(self.sites.clone()).with_slots(paths.clone()),
        };
        let program = Program::compile(directed, schema, &options);
        let cases = program.rows().iter().map(|row| plan.cases_of_row(row)).collect();
        BodyProgram { program, cases, paths }
    }

    /// The values of a body that rules read and that identify a resource.
    fn paths(&self, schema: SchemaId) -> SlotPaths {
        let here = self.contract.in_place([schema]);
        let tables = here.iter().filter_map(|schema| self.slots.schemas.get(schema)).chain([&self.slots.response_bodies]);
        let read = tables.flat_map(|table| (0..table.slots().len()).map(|slot| owned(&table.path(slot))));
        let config = self.contract.config();
        let pointers = self.contract.invariants().resources.iter().map(|resource| &resource.identity);
        let pointers = pointers.chain(config.probe.artifacts.iter().map(|artifacts| &artifacts.files));
        let named = pointers.map(|pointer| pointer.split('/').skip(1).map(charter_contract::unescape_token).collect::<Vec<_>>());
        let observed = here.iter().filter_map(|schema| self.observed.get(schema)).flatten().cloned();
        SlotPaths::new(read.chain(named).chain(observed).filter(|path| !path.is_empty()))
    }
}

impl BodyProgram {
    /// Whether a body is certainly valid. The record then describes it.
    pub(super) fn accepts(&self, body: &[u8], record: &mut Record) -> bool {
        self.program.run(body, record).is_ok()
    }

    /// The slot of a value, by the keys that lead to it.
    pub(super) fn slot(&self, path: &[&str]) -> Option<usize> {
        self.paths.paths().iter().position(|known| known.iter().eq(path))
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
