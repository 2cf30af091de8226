//! Facts at one point of an expression: keys that are present, and narrowed types.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use charter_contract::invariant::Type;

/// A path that an expression reads: a variable and steps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    pub(crate) variable: String,
    pub(crate) steps: Vec<Step>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Key(String),
    Index(i64),
    /// The key that a variable holds.
    Variable(String),
}

impl Path {
    pub(crate) fn variable(name: &str) -> Self {
        Self { variable: name.to_owned(), steps: Vec::new() }
    }

    pub(crate) fn child(&self, step: Step) -> Self {
        let mut path = self.clone();
        path.steps.push(step);
        path
    }

    /// Whether a variable occurs in the path.
    fn names(&self, variable: &str) -> bool {
        self.variable == variable || self.steps.iter().any(|step| matches!(step, Step::Variable(name) if name == variable))
    }

    pub(crate) fn split_last(&self) -> Option<(Self, &Step)> {
        let (last, steps) = self.steps.split_last()?;
        Some((Self { variable: self.variable.clone(), steps: steps.to_vec() }, last))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.variable)?;
        for step in &self.steps {
            match step {
                Step::Key(key) => write!(formatter, ".{key}")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
                Step::Variable(name) => write!(formatter, "[{name}]")?,
            }
        }
        Ok(())
    }
}

/// The facts at one point of an expression.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Types that a test has narrowed.
    pub(crate) types: BTreeMap<Path, Type>,
    /// Keys that are present.
    pub(crate) present: BTreeSet<Path>,
    /// Lists and their minimum number of items.
    pub(crate) lengths: BTreeMap<Path, u64>,
    /// Evaluation never reaches this point.
    pub(crate) impossible: bool,
}

impl Facts {
    /// The facts at a point that evaluation never reaches.
    pub(crate) fn nowhere() -> Self {
        Self { impossible: true, ..Self::default() }
    }

    /// The facts that hold on both of two branches.
    pub(crate) fn join(self, other: Self) -> Self {
        if self.impossible {
            return other;
        }
        if other.impossible {
            return self;
        }
        let types = self.types.into_iter().filter_map(|(path, type_)| {
            let theirs = other.types.get(&path)?.clone();
            Some((path, type_.or(theirs)))
        });
        let lengths =
            self.lengths.into_iter().filter_map(|(path, length)| other.lengths.get(&path).map(|theirs| (path, length.min(*theirs))));
        Self {
            types: types.collect(),
            present: self.present.intersection(&other.present).cloned().collect(),
            lengths: lengths.collect(),
            impossible: false,
        }
    }

    /// Removes all facts about a variable that goes out of scope.
    pub(crate) fn forget(&mut self, variable: &str) {
        self.types.retain(|path, _| !path.names(variable));
        self.present.retain(|path| !path.names(variable));
        self.lengths.retain(|path, _| !path.names(variable));
    }
}
