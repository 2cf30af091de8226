//! Facts at one point of an expression: keys that are present, and narrowed types.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

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

/// The facts at one point of an expression. Every node of an expression has facts, and most of them are those of the node around it, so that
/// clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Types that a test has narrowed.
    pub(crate) types: Rc<BTreeMap<Path, Type>>,
    /// Keys that are present.
    pub(crate) present: Rc<BTreeSet<Path>>,
    /// Lists and their minimum number of items.
    pub(crate) lengths: Rc<BTreeMap<Path, u64>>,
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
        Self {
            types: shared(self.types, other.types, |one, other| {
                let both = one.iter().filter_map(|(path, type_)| Some((path.clone(), type_.clone().or(other.get(path)?.clone()))));
                both.collect()
            }),
            present: shared(self.present, other.present, |one, other| one.intersection(other).cloned().collect()),
            lengths: shared(self.lengths, other.lengths, |one, other| {
                let both = one.iter().filter_map(|(path, length)| Some((path.clone(), *length.min(other.get(path)?))));
                both.collect()
            }),
            impossible: false,
        }
    }

    /// Removes all facts about a variable that goes out of scope.
    pub(crate) fn forget(&mut self, variable: &str) {
        if self.types.keys().any(|path| path.names(variable)) {
            Rc::make_mut(&mut self.types).retain(|path, _| !path.names(variable));
        }
        if self.present.iter().any(|path| path.names(variable)) {
            Rc::make_mut(&mut self.present).retain(|path| !path.names(variable));
        }
        if self.lengths.keys().any(|path| path.names(variable)) {
            Rc::make_mut(&mut self.lengths).retain(|path, _| !path.names(variable));
        }
    }
}

/// The facts of both branches, which may be the same.
fn shared<T>(one: Rc<T>, other: Rc<T>, join: impl FnOnce(&T, &T) -> T) -> Rc<T> {
    if Rc::ptr_eq(&one, &other) { one } else { join(&one, &other).into() }
}
