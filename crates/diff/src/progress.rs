//! The progress of a comparison, readable from another thread.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The stage of a comparison, and how far it is.
#[derive(Debug, Default)]
pub struct Progress {
    stage: AtomicUsize,
    done: AtomicUsize,
    total: AtomicUsize,
}

/// The stages in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Operations,
    Schemas,
    Bodies,
    Documents,
    Code,
    Rules,
}

const NAMES: [&str; 6] = ["operations", "schemas", "bodies", "documents", "generated code", "rules and recordings"];

impl Progress {
    pub(crate) fn start(&self, stage: Stage, total: usize) {
        self.stage.store(stage as usize, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl std::fmt::Display for Progress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let load = |value: &AtomicUsize| value.load(Ordering::Relaxed);
        let (stage, done, total) = (load(&self.stage), load(&self.done), load(&self.total));
        write!(formatter, "comparing {}", NAMES.get(stage).copied().unwrap_or_default())?;
        match (done, total) {
            (0, 0) => Ok(()),
            (done, 0) => write!(formatter, ": {done} pairs"),
            (done, total) => write!(formatter, ": {done} of {total}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Progress, Stage};

    #[test]
    fn progress_names_the_stage_and_the_count() {
        let progress = Progress::default();
        assert_eq!(progress.to_string(), "comparing operations");
        progress.start(Stage::Schemas, 0);
        progress.advance();
        assert_eq!(progress.to_string(), "comparing schemas: 1 pairs");
        progress.start(Stage::Bodies, 7);
        assert_eq!(progress.to_string(), "comparing bodies: 0 of 7");
    }
}
