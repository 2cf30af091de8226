//! All runs, in the order of their start, with an index by id.

use std::collections::HashMap;

use crate::machine::Run;
use crate::view::View;

/// All runs.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    all: Vec<Run>,
    indices: HashMap<String, usize>,
}

impl Runs {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn push(&mut self, run: Run) {
        self.indices.insert(run.id.clone(), self.all.len());
        self.all.push(run);
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Run> {
        self.all.iter()
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Run> {
        self.indices.get(id).and_then(|index| self.all.get_mut(*index))
    }

    /// A run at an instant.
    pub(crate) fn view(&self, id: &str, now_ms: i64) -> Option<View<'_>> {
        self.get(id).map(|run| self.of(run, now_ms))
    }

    /// Every run at an instant.
    pub(crate) fn views(&self, now_ms: i64) -> Vec<View<'_>> {
        self.all.iter().map(|run| self.of(run, now_ms)).collect()
    }

    fn get(&self, id: &str) -> Option<&Run> {
        self.indices.get(id).and_then(|index| self.all.get(*index))
    }

    fn of<'r>(&'r self, run: &'r Run, now_ms: i64) -> View<'r> {
        let next = run.next.as_deref().and_then(|next| self.get(next));
        View { run, now_ms, next_status: next.map(|next| next.status(now_ms)) }
    }
}

impl FromIterator<Run> for Runs {
    fn from_iter<T: IntoIterator<Item = Run>>(runs: T) -> Self {
        let mut all = Self::default();
        runs.into_iter().for_each(|run| all.push(run));
        all
    }
}
