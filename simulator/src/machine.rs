//! A run's statuses over time. All is decided when the run is made, but for a request to cancel it.

use crate::random::Random;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Created,
    Pending,
    Running,
    Waiting,
    Finalizing,
    Completed,
    Failed,
    Cancelled,
    Rejected,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Finalizing => "finalizing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
        }
    }

    pub(crate) fn is_terminal(self) -> bool {
        self >= Self::Completed
    }

    fn has_started(self) -> bool {
        !matches!(self, Self::Created | Self::Pending)
    }
}

/// One run: what it is, and what becomes of it.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    /// What its details are made from.
    pub(crate) seed: u64,
    pub(crate) workflow: bool,
    pub(crate) automation: String,
    pub(crate) evaluated: bool,
    pub(crate) attempt: u64,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
    /// Whether it is from before usage was kept.
    pub(crate) old: bool,
    /// What it was given by whoever started it.
    pub(crate) arguments: Option<serde_json::Value>,
    pub(crate) metadata: Option<serde_json::Value>,
    /// The names of the files that came with it.
    pub(crate) files: Option<Vec<String>>,
    pub(crate) cancel_requested_ms: Option<i64>,
    /// Each status with the instant at which it begins, in milliseconds since 1970.
    pub(crate) path: Vec<(i64, Status)>,
}

/// What a request to cancel did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cancellation {
    pub(crate) state: &'static str,
    pub(crate) was: Status,
}

/// Between the request to cancel and the end, in milliseconds of the run's life.
const CANCELLING_MS: i64 = 1_500;

impl Run {
    /// A run that begins now.
    pub(crate) fn new(seed: u64, number: usize, workflow: bool, automation: String, now_ms: i64) -> Self {
        let mut random = Random::new(seed);
        let id = format!("run_{number:05}{:08x}", random.next_u64() as u32);
        let evaluated = random.chance(15);
        Self {
            id,
            seed,
            workflow,
            automation,
            evaluated,
            attempt: 0,
            previous: None,
            next: None,
            old: false,
            arguments: None,
            metadata: None,
            files: None,
            cancel_requested_ms: None,
            path: path(&mut random, now_ms),
        }
    }

    pub(crate) fn created_ms(&self) -> i64 {
        self.path.first().map_or(0, |(at, _)| *at)
    }

    pub(crate) fn status(&self, now_ms: i64) -> Status {
        self.path.iter().rev().find(|(at, _)| *at <= now_ms).map_or(Status::Created, |(_, status)| *status)
    }

    /// When it began to run, where it has.
    pub(crate) fn started_ms(&self, now_ms: i64) -> Option<i64> {
        let started = self.path.iter().find(|(_, status)| status.has_started() && !status.is_terminal());
        started.map(|(at, _)| *at).filter(|at| *at <= now_ms)
    }

    /// When it ended, where it has.
    pub(crate) fn ended_ms(&self, now_ms: i64) -> Option<i64> {
        self.path.last().filter(|(at, status)| status.is_terminal() && *at <= now_ms).map(|(at, _)| *at)
    }

    /// When it ends, if nothing comes between.
    pub(crate) fn end_ms(&self) -> i64 {
        self.path.last().map_or(0, |(at, _)| *at)
    }

    /// Stays as it is for so much longer.
    pub(crate) fn linger(&mut self, now_ms: i64, ms: i64) {
        self.path.iter_mut().filter(|(at, _)| *at > now_ms).for_each(|(at, _)| *at += ms);
    }

    /// Ends it at once where it has not started, else soon.
    pub(crate) fn cancel(&mut self, now_ms: i64) -> Cancellation {
        let was = self.status(now_ms);
        if was.is_terminal() {
            return Cancellation { state: "already_terminal", was };
        }
        let (state, end) = if was.has_started() { ("requested", now_ms + CANCELLING_MS) } else { ("cancelled", now_ms) };
        self.cancel_requested_ms.get_or_insert(now_ms);
        // What ends before the worker hears of the request ends as it would have.
        if end < self.end_ms() {
            self.path.retain(|(at, _)| *at <= now_ms);
            self.path.push((end, Status::Cancelled));
        }
        Cancellation { state, was }
    }
}

/// A way from created to an end: seldom rejected at once, sometimes waiting for a person and running again.
fn path(random: &mut Random, now_ms: i64) -> Vec<(i64, Status)> {
    let mut at = now_ms;
    let mut path = vec![(at, Status::Created)];
    let mut step = |random: &mut Random, status, least: u64| {
        at += (least + random.below(1_500)).cast_signed();
        path.push((at, status));
    };
    step(random, Status::Pending, 200);
    if random.chance(6) {
        step(random, Status::Rejected, 200);
        return path;
    }
    step(random, Status::Running, 400);
    while random.chance(25) {
        step(random, Status::Waiting, 1_000);
        step(random, Status::Running, 1_000);
    }
    if random.chance(18) {
        step(random, Status::Failed, 2_000);
    } else {
        step(random, Status::Finalizing, 2_000);
        step(random, Status::Completed, 300);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_ends_and_none_returns_from_its_end() {
        for seed in 0..500 {
            let run = Run::new(seed, 1, true, "invoice".to_owned(), 0);
            assert!(run.path.is_sorted_by_key(|(at, _)| *at));
            let terminal: Vec<bool> = run.path.iter().map(|(_, status)| status.is_terminal()).collect();
            assert_eq!(terminal.iter().filter(|terminal| **terminal).count(), 1);
            assert_eq!(terminal.last(), Some(&true));
        }
    }

    #[test]
    fn cancelling_ends_what_has_not_started_at_once_and_the_rest_soon() {
        let mut queued = Run::new(3, 1, true, "invoice".to_owned(), 0);
        assert_eq!(queued.cancel(1), Cancellation { state: "cancelled", was: Status::Created });
        assert_eq!(queued.status(1), Status::Cancelled);
        assert_eq!(queued.cancel(2), Cancellation { state: "already_terminal", was: Status::Cancelled });
        let seed = (0..).find(|seed| Run::new(*seed, 1, true, String::new(), 0).path.len() > 4).expect("a longer run");
        let mut running = Run::new(seed, 1, true, String::new(), 0);
        let started = running.path.iter().find(|(_, status)| *status == Status::Running).expect("it runs").0;
        assert_eq!(running.cancel(started).state, "requested");
        assert_eq!(running.status(started), Status::Running);
        assert_eq!(running.status(started + CANCELLING_MS), Status::Cancelled);
    }
}
