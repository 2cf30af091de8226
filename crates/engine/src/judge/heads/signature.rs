//! Signatures: the classes of the values of a body that rules read. The rules that read classes alone have equal verdicts for all bodies with one signature.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, PoisonError, RwLock};

use charter_contract::Contract;
use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind};
use charter_program::Record;
use charter_rules::slots::static_path;

use super::decide::Kind;
use super::plan::Slots;
use crate::judge::evaluate::{MAX_LITERALS, Tracker, class_of};
use crate::judge::programs::BodyProgram;

/// The largest number of signatures of a plan. The rules of other bodies are evaluated one by one.
const MAX_SIGNATURES: usize = 1_024;

/// The signatures of the bodies of a plan.
#[derive(Debug)]
pub(super) struct Signatures {
    /// By slot of the program, the strings that rules compare its value with.
    literals: Vec<Vec<Box<str>>>,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_bytes: HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>,
    verdicts: Vec<Arc<KnownVerdicts>>,
}

/// The verdicts of the rules for bodies with one signature.
#[derive(Debug, Default)]
pub(super) struct KnownVerdicts {
    /// Its number in the plan.
    pub(super) number: usize,
    /// The rules whose verdicts the signature decides.
    pub(super) decided: Vec<(usize, Kind)>,
    /// The rules to evaluate for each body, by the index of their site; `None` for rules about the response.
    pub(super) open: Vec<(Option<usize>, usize)>,
}

impl Signatures {
    /// The signatures of a program, for rules of a contract.
    pub(super) fn new(contract: &Contract, rules: impl Iterator<Item = usize>, program: &BodyProgram) -> Self {
        let mut literals = vec![Vec::new(); program.slots()];
        for rule in rules {
            for (_, expression) in contract.invariants().invariants[rule].expressions() {
                collect(&expression.root, &mut |path, text| {
                    let known: Option<&mut Vec<Box<str>>> = program.slot(path).and_then(|slot| literals.get_mut(slot));
                    if let Some(known) = known
                        && known.len() < MAX_LITERALS
                        && !known.iter().any(|known| **known == *text)
                    {
                        known.push(text.into());
                    }
                });
            }
        }
        Self { literals, known: RwLock::default() }
    }

    /// Writes the signature of a body. `sites` are the indexes of the sites whose instance is the whole body.
    pub(super) fn write(&self, text: &str, record: &Record, sites: &[usize], out: &mut Vec<u8>) {
        out.clear();
        out.push(class_of(Some(text), &[]));
        for (slot, literals) in self.literals.iter().enumerate() {
            out.push(class_of(record.slot(slot).and_then(|range| text.get(range)), literals));
        }
        for site in sites {
            out.extend_from_slice(&site.to_le_bytes());
        }
    }

    /// What is known of a signature.
    pub(super) fn get(&self, signature: &[u8]) -> Option<Arc<KnownVerdicts>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.by_bytes.get(signature).and_then(|number| known.verdicts.get(*number)).cloned()
    }

    /// Whether the verdicts of another signature can be stored.
    pub(super) fn has_room(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).verdicts.len() < MAX_SIGNATURES
    }

    pub(super) fn insert(&self, signature: &[u8], verdicts: KnownVerdicts) {
        let known = &mut *self.known.write().unwrap_or_else(PoisonError::into_inner);
        let number = known.verdicts.len();
        if number < MAX_SIGNATURES && !known.by_bytes.contains_key(signature) {
            known.by_bytes.insert(signature.into(), number);
            known.verdicts.push(Arc::new(KnownVerdicts { number, ..verdicts }));
        }
    }

    /// The verdicts by number.
    pub(super) fn verdicts(&self) -> Vec<Arc<KnownVerdicts>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).verdicts.clone()
    }

    /// A tracker of what rules read of a body with a signature. `slots` are those of `self`.
    pub(super) fn tracker(&self, signature: &[u8], slots: &Slots, varies: &[bool]) -> Rc<Tracker> {
        // The first class is that of the whole body.
        let class = |slot: &Option<usize>| slot.and_then(|slot| signature.get(slot + 1)).copied();
        let literals = |slot: &Option<usize>| slot.and_then(|slot| self.literals.get(slot)).cloned().unwrap_or_default();
        let (classes, literals) = (slots.located.iter().map(class).collect(), slots.located.iter().map(literals).collect());
        Rc::new(Tracker::new(classes, literals, varies.to_vec()))
    }
}

/// Visits the comparisons of paths of `self` with strings.
fn collect(node: &Node, visit: &mut impl FnMut(&[&str], &str)) {
    if let NodeKind::Binary { operator: BinaryOperator::Equal | BinaryOperator::NotEqual | BinaryOperator::In, left, right } = &node.kind {
        for (path, constant) in [(left, right), (right, left)] {
            let Some(("self", path)) = static_path(path) else { continue };
            let mut add = |node: &Node| {
                if let Some(Literal::String(text)) = node.literal() {
                    visit(&path, &text);
                }
            };
            match &constant.kind {
                NodeKind::List(items) => items.iter().for_each(&mut add),
                _ => add(constant),
            }
        }
    }
    for child in node.children() {
        collect(child, visit);
    }
}
