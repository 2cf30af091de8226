//! The runs at the start of the server: first one of each kind, so that a few runs have every form, then random ones.

use crate::random::Random;

use crate::machine::{Run, Status};
use crate::view::View;

/// The longest duration of a run, in milliseconds.
const LONGEST_MS: u64 = 600_000;
/// The age, in milliseconds, from which a run has no usage.
const OLD_MS: u64 = 60_000_000;

/// The requirements for a run of the seed data.
struct Kind {
    workflow: bool,
    status: Status,
    evaluated: bool,
    old: bool,
    matches: fn(&View<'_>) -> bool,
}

const fn kind(workflow: bool, status: Status, evaluated: bool) -> Kind {
    Kind { workflow, status, evaluated, old: false, matches: |_| true }
}

/// One of each kind.
const KINDS: [Kind; 16] = [
    Kind { matches: |view| is_reviewed(view, "closed"), ..kind(true, Status::Completed, false) },
    kind(true, Status::Running, false),
    Kind { matches: |view| view.trigger_type() == "email", ..kind(false, Status::Completed, false) },
    kind(true, Status::Failed, false),
    kind(false, Status::Failed, false),
    kind(false, Status::Completed, true),
    kind(true, Status::Completed, true),
    kind(false, Status::Running, true),
    kind(true, Status::Rejected, false),
    kind(true, Status::Cancelled, false),
    Kind { matches: |view| view.run.started_ms(view.now_ms).is_some(), ..kind(false, Status::Cancelled, false) },
    Kind { old: true, ..kind(false, Status::Completed, false) },
    kind(false, Status::Waiting, false),
    kind(true, Status::Pending, false),
    kind(true, Status::Completed, false),
    Kind { matches: |view| is_reviewed(view, "open"), ..kind(false, Status::Completed, false) },
];
/// The indices of a failed run and its next attempt.
const RETRIED: (usize, usize) = (3, 14);

fn is_reviewed(view: &View<'_>, status: &str) -> bool {
    view.review().is_some_and(|review| review["status"] == status && review["corrections"][0].is_object())
}

/// Makes runs for an instant.
pub(crate) fn seed_data(random: &mut Random, count: usize, now_ms: i64) -> Vec<Run> {
    let mut runs: Vec<Run> = KINDS.iter().take(count).enumerate().map(|(number, kind)| kind.draw(random, number, now_ms)).collect();
    if runs.len() > RETRIED.1 {
        retry(&mut runs, RETRIED.0, RETRIED.1);
    }
    for number in runs.len()..count {
        let run = random_run(random, number, now_ms);
        let is_new = run.created_ms() == now_ms;
        runs.push(run);
        let failed = runs.iter().rposition(|run| run.next.is_none() && run.status(now_ms) == Status::Failed);
        if let Some(failed) = failed.filter(|_| is_new && random.chance(40)) {
            retry(&mut runs, failed, number);
        }
    }
    runs
}

/// Makes a run the next attempt of a failed one.
fn retry(runs: &mut [Run], failed: usize, next: usize) {
    let (workflow, attempt, id) = (runs[failed].workflow, runs[failed].attempt + 1, runs[failed].id.clone());
    runs[failed].next = Some(runs[next].id.clone());
    (runs[next].workflow, runs[next].attempt, runs[next].previous) = (workflow, attempt, Some(id));
}

impl Kind {
    /// Makes random runs until one matches.
    fn draw(&self, random: &mut Random, number: usize, now_ms: i64) -> Run {
        loop {
            let run = self.one(random, number, now_ms);
            let view = View { run: &run, now_ms, next_status: None };
            if run.status(now_ms) == self.status && run.evaluated == self.evaluated && (self.matches)(&view) {
                return run;
            }
        }
    }

    fn one(&self, random: &mut Random, number: usize, now_ms: i64) -> Run {
        let seed = random.next_u64();
        let automation = random.pick(&["invoice", "contract", "support"]).to_owned();
        let age = LONGEST_MS + if self.old { OLD_MS } else { random.below(OLD_MS - LONGEST_MS) };
        let of_age = |age: i64| Run::new(seed, number, self.workflow, automation.clone(), now_ms - age);
        let mut run = of_age(age.cast_signed());
        run.old = self.old;
        if !self.status.is_terminal() {
            // Its age is chosen so that the status begins now.
            let reached = run.path.iter().find(|(_, status)| *status == self.status).map_or(0, |(at, _)| *at - run.created_ms());
            run = of_age(reached);
        } else if self.status == Status::Cancelled {
            run.cancel(run.created_ms() + random.below(2_000).cast_signed());
        }
        run
    }
}

fn random_run(random: &mut Random, number: usize, now_ms: i64) -> Run {
    let (seed, workflow) = (random.next_u64(), random.chance(60));
    let automation = random.pick(&["invoice", "contract", "support"]).to_owned();
    // Every fifth run has just begun; the others have ended.
    let age = if number.is_multiple_of(5) { 0 } else { LONGEST_MS + random.below(86_400_000) };
    let mut run = Run::new(seed, number, workflow, automation, now_ms - age.cast_signed());
    run.old = age > OLD_MS;
    if random.chance(10) {
        run.cancel(run.created_ms() + random.below(2_000).cast_signed());
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_runs_are_one_of_each_kind_for_every_seed() {
        for seed in 0..50 {
            let runs = seed_data(&mut Random::new(seed), KINDS.len() + 4, 1_000_000_000_000);
            let statuses: std::collections::BTreeSet<Status> =
                runs[..KINDS.len()].iter().map(|run| run.status(1_000_000_000_000)).collect();
            assert_eq!(statuses.len(), 7, "{statuses:?}");
            assert_eq!(runs[RETRIED.1].previous.as_ref(), Some(&runs[RETRIED.0].id));
            assert!(runs.iter().filter(|run| run.evaluated).count() >= 3);
        }
    }
}
