//! The runs that are there from the beginning: first one of each kind, so that few show everything, then as chance has it.

use crate::random::Random;

use crate::machine::{Run, Status};
use crate::view::View;

/// Milliseconds within which every run ends.
const LONG_AGO: u64 = 600_000;
/// A run of this age is from before usage was kept.
const OLD: u64 = 60_000_000;

/// What a run of the cast is drawn for.
struct Part {
    workflow: bool,
    status: Status,
    evaluated: bool,
    old: bool,
    shows: fn(&View<'_>) -> bool,
}

const fn part(workflow: bool, status: Status, evaluated: bool) -> Part {
    Part { workflow, status, evaluated, old: false, shows: |_| true }
}

/// One of each kind.
const PARTS: [Part; 16] = [
    Part { shows: |view| is_reviewed(view, "closed"), ..part(true, Status::Completed, false) },
    part(true, Status::Running, false),
    Part { shows: |view| view.trigger_type() == "email", ..part(false, Status::Completed, false) },
    part(true, Status::Failed, false),
    part(false, Status::Failed, false),
    part(false, Status::Completed, true),
    part(true, Status::Completed, true),
    part(false, Status::Running, true),
    part(true, Status::Rejected, false),
    part(true, Status::Cancelled, false),
    Part { shows: |view| view.run.started_ms(view.now_ms).is_some(), ..part(false, Status::Cancelled, false) },
    Part { old: true, ..part(false, Status::Completed, false) },
    part(false, Status::Waiting, false),
    part(true, Status::Pending, false),
    part(true, Status::Completed, false),
    Part { shows: |view| is_reviewed(view, "open"), ..part(false, Status::Completed, false) },
];
/// The parts that are one run tried twice.
const RETRIED: (usize, usize) = (3, 14);

fn is_reviewed(view: &View<'_>, status: &str) -> bool {
    view.review().is_some_and(|review| review["status"] == status && review["corrections"][0].is_object())
}

/// So many runs, as they are at an instant.
pub(crate) fn cast(random: &mut Random, count: usize, now_ms: i64) -> Vec<Run> {
    let mut runs: Vec<Run> = PARTS.iter().take(count).enumerate().map(|(number, part)| part.draw(random, number, now_ms)).collect();
    if runs.len() > RETRIED.1 {
        retry(&mut runs, RETRIED.0, RETRIED.1);
    }
    for number in runs.len()..count {
        let run = chance(random, number, now_ms);
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

impl Part {
    /// Draws runs until one fits.
    fn draw(&self, random: &mut Random, number: usize, now_ms: i64) -> Run {
        loop {
            let run = self.one(random, number, now_ms);
            let view = View { run: &run, now_ms, next_status: None };
            if run.status(now_ms) == self.status && run.evaluated == self.evaluated && (self.shows)(&view) {
                return run;
            }
        }
    }

    fn one(&self, random: &mut Random, number: usize, now_ms: i64) -> Run {
        let seed = random.next_u64();
        let automation = random.pick(&["invoice", "contract", "support"]).to_owned();
        let age = LONG_AGO + if self.old { OLD } else { random.below(OLD - LONG_AGO) };
        let begun = |age: i64| Run::new(seed, number, self.workflow, automation.clone(), now_ms - age);
        let mut run = begun(age.cast_signed());
        run.old = self.old;
        if !self.status.is_terminal() {
            // Its age is what makes it stand there now, for as long as it will.
            let reached = run.path.iter().find(|(_, status)| *status == self.status).map_or(0, |(at, _)| *at - run.created_ms());
            run = begun(reached);
        } else if self.status == Status::Cancelled {
            run.cancel(run.created_ms() + random.below(2_000).cast_signed());
        }
        run
    }
}

fn chance(random: &mut Random, number: usize, now_ms: i64) -> Run {
    let (seed, workflow) = (random.next_u64(), random.chance(60));
    let automation = random.pick(&["invoice", "contract", "support"]).to_owned();
    // One in five has just begun; the others have long ended.
    let age = if number.is_multiple_of(5) { 0 } else { LONG_AGO + random.below(86_400_000) };
    let mut run = Run::new(seed, number, workflow, automation, now_ms - age.cast_signed());
    run.old = age > OLD;
    if random.chance(10) {
        run.cancel(run.created_ms() + random.below(2_000).cast_signed());
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_runs_are_one_of_each_kind_whatever_the_seed() {
        for seed in 0..50 {
            let runs = cast(&mut Random::new(seed), PARTS.len() + 4, 1_000_000_000_000);
            let statuses: std::collections::BTreeSet<Status> =
                runs[..PARTS.len()].iter().map(|run| run.status(1_000_000_000_000)).collect();
            assert_eq!(statuses.len(), 7, "{statuses:?}");
            assert_eq!(runs[RETRIED.1].previous.as_ref(), Some(&runs[RETRIED.0].id));
            assert!(runs.iter().filter(|run| run.evaluated).count() >= 3);
        }
    }
}
