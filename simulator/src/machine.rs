//! The statuses of a run over time. They are fixed when the run is made; only a cancellation changes them.

use crate::random::Random;

/// The status of a run.
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

/// A run with its statuses over time.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    /// The seed of its details.
    pub(crate) seed: u64,
    pub(crate) workflow: bool,
    pub(crate) automation: String,
    pub(crate) evaluated: bool,
    pub(crate) attempt: u64,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
    /// Whether it is older than the recording of usage, so that its usage is null.
    pub(crate) old: bool,
    /// The `input` of the start.
    pub(crate) arguments: Option<serde_json::Value>,
    pub(crate) metadata: Option<serde_json::Value>,
    /// The names of its input files.
    pub(crate) files: Option<Vec<String>>,
    pub(crate) cancel_requested_ms: Option<i64>,
    /// Each status with its first instant, in milliseconds since 1970.
    pub(crate) path: Vec<(i64, Status)>,
}

/// The result of a cancellation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cancellation {
    pub(crate) state: &'static str,
    pub(crate) was: Status,
}

/// The time from the request to cancel until the end, in simulated milliseconds.
const CANCELLING_MS: i64 = 1_500;

impl Run {
    /// A run that is created now.
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

    /// The instant of its start, if it has started.
    pub(crate) fn started_ms(&self, now_ms: i64) -> Option<i64> {
        let started = self.path.iter().find(|(_, status)| status.has_started() && !status.is_terminal());
        started.map(|(at, _)| *at).filter(|at| *at <= now_ms)
    }

    /// The instant of its end, if it has ended.
    pub(crate) fn ended_ms(&self, now_ms: i64) -> Option<i64> {
        self.path.last().filter(|(at, status)| status.is_terminal() && *at <= now_ms).map(|(at, _)| *at)
    }

    /// The planned instant of its end.
    pub(crate) fn end_ms(&self) -> i64 {
        self.path.last().map_or(0, |(at, _)| *at)
    }

    /// Delays all later statuses.
    pub(crate) fn delay(&mut self, now_ms: i64, ms: i64) {
        self.path.iter_mut().filter(|(at, _)| *at > now_ms).for_each(|(at, _)| *at += ms);
    }

    /// Cancels it: at once if it has not started, otherwise after `CANCELLING_MS`.
    pub(crate) fn cancel(&mut self, now_ms: i64) -> Cancellation {
        let was = self.status(now_ms);
        if was.is_terminal() {
            return Cancellation { state: "already_terminal", was };
        }
        let (state, end) = if was.has_started() { ("requested", now_ms + CANCELLING_MS) } else { ("cancelled", now_ms) };
        self.cancel_requested_ms.get_or_insert(now_ms);
        // A run that ends before the cancellation takes effect keeps its status.
        if end < self.end_ms() {
            self.path.retain(|(at, _)| *at <= now_ms);
            self.path.push((end, Status::Cancelled));
        }
        Cancellation { state, was }
    }
}

/// A random sequence of statuses from created to a terminal one; a few are rejected, some wait and run again.
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
    fn every_run_has_exactly_one_terminal_status_as_its_last() {
        for seed in 0..500 {
            let run = Run::new(seed, 1, true, "invoice".to_owned(), 0);
            assert!(run.path.is_sorted_by_key(|(at, _)| *at));
            let terminal: Vec<bool> = run.path.iter().map(|(_, status)| status.is_terminal()).collect();
            assert_eq!(terminal.iter().filter(|terminal| **terminal).count(), 1);
            assert_eq!(terminal.last(), Some(&true));
        }
    }

    #[test]
    fn cancelling_is_immediate_before_the_start_and_delayed_after_it() {
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
