//! The programs of JSON bodies, compiled at the first body of a schema.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use charter_contract::{Contract, Direction, SchemaId};
use charter_program::{Options, Program, Record};

use crate::coverage::{Case, Plan};

/// The programs of a contract, by the schema of a body. Threads share them.
#[derive(Debug)]
pub(super) struct Programs {
    contract: Contract,
    /// The contract as it applies to messages of each direction.
    directed: [OnceLock<Contract>; 2],
    /// The schemas whose instances rules are about.
    sites: BTreeSet<SchemaId>,
    compiled: RwLock<HashMap<(Direction, SchemaId), Arc<BodyProgram>>>,
}

/// A program, and the coverage cases of its rows.
#[derive(Debug)]
pub(super) struct BodyProgram {
    program: Program,
    cases: Vec<Vec<Case>>,
}

impl Programs {
    pub(super) fn new(contract: &Contract, sites: BTreeSet<SchemaId>) -> Self {
        Self { contract: contract.clone(), directed: Default::default(), sites, compiled: RwLock::default() }
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
        // Coverage and rules are about responses.
        let options = match direction {
            Direction::Request => Options::default(),
            Direction::Response => Options::default().with_counts().with_sites(self.sites.clone()),
        };
        let program = Program::compile(directed, schema, &options);
        let cases = program.rows().iter().map(|row| plan.cases_of_row(row)).collect();
        BodyProgram { program, cases }
    }
}

impl BodyProgram {
    /// Whether a body is certainly valid. The record then describes it.
    pub(super) fn accepts(&self, body: &[u8], record: &mut Record) -> bool {
        self.program.run(body, record).is_ok()
    }

    /// The coverage cases of a body that was accepted, with repetitions.
    pub(super) fn cases<'r>(&'r self, record: &'r Record) -> impl Iterator<Item = Case> + 'r {
        record.rows().iter().filter_map(|row| self.cases.get(*row as usize)).flatten().copied()
    }
}
