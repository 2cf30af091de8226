//! Coverage and verdicts of the exchanges that plans decided.

use std::collections::HashMap;
use std::sync::Arc;

use super::decide::Kind;
use super::plan::{Action, HeadPlan};
use crate::coverage::Case;
use crate::judge::outcome::Verdict;

/// The counts of the exchanges of one plan.
#[derive(Debug)]
pub(crate) struct HeadCounts {
    pub(super) plan: Arc<HeadPlan>,
    pub(super) exchanges: u64,
    /// Those in which a rule failed. Their judgements have the verdicts of the rules that failed.
    pub(super) failed: u64,
    /// By row of the program, the number of values that reached it.
    pub(super) rows: Vec<u64>,
    /// By rule, the number of evaluations of each kind.
    pub(super) evaluated: Vec<[u64; Kind::ALL.len()]>,
    /// By site of the plan.
    pub(super) sites: Vec<SiteCounts>,
    /// By number of a signature, the number of exchanges whose rules it decided.
    pub(super) signatures: Vec<u64>,
}

/// The instances of a site.
#[derive(Clone, Debug, Default)]
pub(super) struct SiteCounts {
    pub(super) instances: u64,
    /// The number of exchanges with an instance, and the number of the last one.
    pub(super) exchanges: u64,
    pub(super) last: u64,
}

/// The counts of all plans.
#[derive(Debug, Default)]
pub(crate) struct DecidedCounts {
    pub(super) heads: Vec<HeadCounts>,
    /// By the address of a plan, its index.
    indexes: HashMap<usize, usize, foldhash::fast::RandomState>,
}

impl HeadCounts {
    fn new(plan: &Arc<HeadPlan>) -> Self {
        Self {
            exchanges: 0,
            failed: 0,
            rows: vec![0; plan.program.rows()],
            evaluated: vec![Default::default(); plan.rules],
            sites: vec![SiteCounts::default(); plan.sites.len()],
            signatures: Vec::new(),
            plan: plan.clone(),
        }
    }

    /// Counts an exchange with a signature.
    pub(super) fn add_signature(&mut self, number: usize, times: u64) {
        if self.signatures.len() <= number {
            self.signatures.resize(number + 1, 0);
        }
        self.signatures[number] += times;
    }

    /// By rule, the number of evaluations of each kind, including those that signatures decided.
    fn evaluations(&self) -> Vec<[u64; Kind::ALL.len()]> {
        let mut all = self.evaluated.clone();
        for (verdicts, times) in self.plan.signatures.verdicts().iter().zip(&self.signatures) {
            for (rule, kind) in &verdicts.decided {
                all[*rule][*kind as usize] += times;
            }
        }
        all
    }

    /// The coverage cases with their counts.
    pub(crate) fn cases(&self) -> impl Iterator<Item = (Case, u64)> + '_ {
        let of_head = self.plan.cases.iter().map(|case| (*case, self.exchanges));
        let rows = self.rows.iter().enumerate().filter(|(_, times)| **times > 0);
        let of_body = rows.flat_map(|(row, times)| self.plan.program.cases_of_row(row).iter().map(|case| (*case, *times)));
        of_head.chain(of_body)
    }

    /// The verdicts of the rules with their counts.
    pub(crate) fn outcomes(&self) -> Vec<(usize, Verdict, u64)> {
        let mut outcomes = Vec::new();
        let mut is_placed = vec![false; self.plan.rules];
        let evaluations = self.evaluations();
        let evaluated = |outcomes: &mut Vec<_>, rule: usize| {
            for kind in Kind::ALL {
                outcomes.push((rule, kind.verdict(), evaluations[rule][kind as usize]));
            }
        };
        for (site, SiteCounts { instances, exchanges, .. }) in self.plan.sites.iter().zip(&self.sites) {
            for (rule, action) in &site.rules {
                is_placed[*rule] = true;
                match action {
                    Action::Evaluate => evaluated(&mut outcomes, *rule),
                    Action::Skip(reason) => outcomes.push((*rule, Verdict::NotApplicable(reason), *instances)),
                }
                outcomes.push((*rule, Verdict::NotApplicable("absent"), self.exchanges - exchanges));
            }
            for rule in &site.later {
                is_placed[*rule] = true;
                outcomes.push((*rule, Verdict::NotApplicable("absent"), self.exchanges - exchanges));
            }
        }
        for (rule, action) in &self.plan.at_response {
            is_placed[*rule] = true;
            match action {
                Action::Evaluate => evaluated(&mut outcomes, *rule),
                Action::Skip(reason) => outcomes.push((*rule, Verdict::NotApplicable(reason), self.exchanges)),
            }
        }
        for rule in &self.plan.later {
            is_placed[*rule] = true;
        }
        let others = is_placed.iter().enumerate().filter(|(_, is_placed)| !**is_placed);
        outcomes.extend(others.map(|(rule, _)| (rule, Verdict::NotApplicable("absent"), self.exchanges)));
        outcomes.retain(|(.., times)| *times > 0);
        outcomes
    }
}

impl DecidedCounts {
    /// The number of exchanges in which no rule failed.
    pub(crate) fn kept(&self) -> u64 {
        self.heads.iter().map(|counts| counts.exchanges - counts.failed).sum()
    }

    /// The number of exchanges in which rules failed.
    #[cfg(test)]
    pub(crate) fn failed(&self) -> u64 {
        self.heads.iter().map(|counts| counts.failed).sum()
    }

    /// The counts by plan.
    pub(crate) fn heads(&self) -> &[HeadCounts] {
        &self.heads
    }

    /// The counts of a plan.
    pub(super) fn of(&mut self, plan: &Arc<HeadPlan>) -> &mut HeadCounts {
        // The counts keep the plan, so that its address stays its own.
        let index = *self.indexes.entry(Arc::as_ptr(plan).addr()).or_insert_with(|| {
            self.heads.push(HeadCounts::new(plan));
            self.heads.len() - 1
        });
        &mut self.heads[index]
    }

    /// Adds other counts.
    pub(crate) fn add(&mut self, other: Self) {
        for counts in other.heads {
            let all = self.of(&counts.plan);
            all.exchanges += counts.exchanges;
            all.failed += counts.failed;
            all.rows.iter_mut().zip(&counts.rows).for_each(|(all, more)| *all += more);
            for (all, more) in all.evaluated.iter_mut().zip(&counts.evaluated) {
                all.iter_mut().zip(more).for_each(|(all, more)| *all += more);
            }
            for (number, times) in counts.signatures.iter().enumerate().filter(|(_, times)| **times > 0) {
                all.add_signature(number, *times);
            }
            for (all, more) in all.sites.iter_mut().zip(&counts.sites) {
                all.instances += more.instances;
                all.exchanges += more.exchanges;
            }
        }
    }
}
