//! Counts of cases, by schema location and by operation.

use charter_contract::Contract;
use indexmap::IndexMap;

use super::plan::{Case, Member, OperationPart, Plan, PlannedOperation};
use charter_report::{OperationCoverage, SchemaCoverage};

/// The count of each case.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    seen: Vec<u64>,
}

impl Counts {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { seen: vec![0; plan.len()] }
    }

    /// Adds the cases of one exchange.
    pub(crate) fn add(&mut self, cases: &[Case]) {
        for case in cases {
            self.seen[*case as usize] += 1;
        }
    }

    /// Adds a case `times` times.
    pub(crate) fn add_times(&mut self, case: Case, times: u64) {
        self.seen[case as usize] += times;
    }

    /// The counts by schema location.
    pub(crate) fn schema(&self, plan: &Plan, contract: &Contract) -> Vec<SchemaCoverage> {
        let mut all: Vec<SchemaCoverage> = Vec::new();
        // By schema index, the index in the list.
        let mut known: Vec<Option<usize>> = vec![None; contract.schemas().len()];
        for ((id, member, key), seen) in plan.cases.iter().zip(&self.seen) {
            let index = *known[id.index()].get_or_insert_with(|| {
                let location = &contract.schema(*id).location;
                all.push(SchemaCoverage {
                    location: [location.document(), "#", location.pointer()].concat(),
                    seen: 0,
                    kinds: IndexMap::new(),
                    values: IndexMap::new(),
                    branches: IndexMap::new(),
                    bounds: IndexMap::new(),
                });
                all.len() - 1
            });
            let entry = &mut all[index];
            let list = match member {
                Member::Seen => {
                    entry.seen = *seen;
                    continue;
                }
                Member::Kind => &mut entry.kinds,
                Member::Value => &mut entry.values,
                Member::Branch => &mut entry.branches,
                Member::Bound => &mut entry.bounds,
            };
            // A definition that several objects use as an optional property has one count for "absent".
            *list.entry(key.clone().into_owned()).or_default() += seen;
        }
        all
    }

    /// The counts by operation.
    pub(crate) fn operations(&self, plan: &Plan) -> Vec<OperationCoverage> {
        let of = |case: &Case| self.seen[*case as usize];
        let parts = |planned: &PlannedOperation, part: OperationPart| {
            let own = planned.parts.iter().filter(|(known, ..)| *known == part);
            own.map(|(_, name, case)| (name.clone(), of(case))).collect()
        };
        let operation = |planned: &PlannedOperation| OperationCoverage {
            operation: planned.id.clone(),
            seen: of(&planned.seen),
            statuses: planned.statuses.iter().map(|(status, case)| (status.to_string(), of(case))).collect(),
            sections: planned
                .sections
                .iter()
                .flat_map(|sections| sections.combinations.iter().map(|(combination, case)| (combination.join(","), of(case))))
                .collect(),
            parameters: parts(planned, OperationPart::Parameter),
            request_bodies: parts(planned, OperationPart::RequestBody),
            media_types: parts(planned, OperationPart::MediaType),
            security: parts(planned, OperationPart::Security),
        };
        plan.operations.iter().map(operation).collect()
    }
}
