//! Signatures: the classes of the values of a body that rules read. The rules that read classes alone have equal verdicts for all bodies with one signature.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use charter_contract::Contract;
use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind};
use charter_program::Record;
use charter_rules::slots::{SlotTable, static_path};

use super::decide::{Kind, PlacedInstance};
use super::local::LocalVerdicts;
use super::plan::{PathParameter, Slots};
use crate::judge::bind::{Binder, Scalar};
use crate::judge::evaluate::{Constants, Difference, Instant, Tracker, class_of, duration};

/// The largest number of signatures of the bodies or items of a plan, and of all plans. The rules of other bodies are evaluated one by one.
const MAX_SIGNATURES: usize = 1_024;
const MAX_OF_ALL: usize = 1 << 14;

/// The largest number of differences of instants.
const MAX_DIFFERENCES: usize = 64;
/// The order of a difference of values that are not both instants.
const NOT_DECIDED: u8 = 2;

/// The signatures of the bodies of a plan, or of items of arrays in them.
#[derive(Debug, Default)]
pub(super) struct Signatures {
    /// By slot of the program, what rules compare its value with.
    constants: Vec<Constants>,
    /// The slots that rules read, in order. A signature has their classes.
    read: Vec<usize>,
    /// The differences of instants that rules compare with constants, by indexes of `read`. A signature has their orders.
    differences: Vec<Difference>,
    /// The operands of the differences among the values whose instants are kept.
    operands: Vec<(usize, usize)>,
    known: RwLock<Known>,
    room: Room,
    /// Its number among all. A signature ends with it.
    number: u32,
}

/// How many more signatures all plans may have.
#[derive(Clone, Debug)]
pub(super) struct Room {
    left: Arc<AtomicUsize>,
    /// The number of [`Signatures`].
    numbers: Arc<AtomicU32>,
}

impl Default for Room {
    fn default() -> Self {
        Self::new(MAX_OF_ALL)
    }
}

impl Room {
    fn new(left: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(left)), numbers: Arc::default() }
    }

    fn is_empty(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    /// Takes the place of a signature, if there is one.
    fn take(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(1)).is_ok()
    }
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
    /// The rules to evaluate for each body.
    pub(super) open: Vec<OpenRule>,
    /// Whether one of them reads the request or the response besides its body.
    pub(super) reads_heads: bool,
}

/// A rule that a signature does not decide.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenRule {
    /// The indexes of the site and its place; `None` for a rule about the response.
    pub(super) place: Option<(usize, usize)>,
    pub(super) rule: usize,
    /// Whether its guard holds for every body with the signature.
    pub(super) is_guarded: bool,
}

/// Where the values of the slots are.
pub(super) struct Values<'v> {
    /// The text of the body.
    pub(super) text: &'v str,
    /// The text of the body or of the item.
    pub(super) own: &'v str,
    pub(super) record: &'v Record,
    /// The first slot of the item.
    pub(super) first: usize,
}

impl<'v> Values<'v> {
    fn of(&self, slot: usize) -> Option<&'v str> {
        self.record.slot(self.first + slot).and_then(|range| self.text.get(range))
    }
}

impl Signatures {
    /// The signatures of a program with slots, for rules of a contract, each with the slots of its instance.
    pub(super) fn new<'p>(
        contract: &Contract,
        binder: &Binder,
        rules: impl Iterator<Item = (usize, Option<&'p SlotTable>, &'p Slots)>,
        parameters: &[PathParameter],
        slots: usize,
        room: &Room,
    ) -> Self {
        let mut constants = vec![Constants::default(); slots];
        let mut is_read = vec![false; slots];
        let mut differences: Vec<Difference> = Vec::new();
        for (rule, table, slots) in rules {
            let invariant = &contract.invariants().invariants[rule];
            for node in invariant.expressions().map(|(_, expression)| &expression.root).chain(&invariant.interest) {
                visit_paths(node, &mut |path| {
                    // What is known of a value depends on the objects around it.
                    for length in 1..=path.len() {
                        let slot = table.and_then(|table| table.find(&path[..length]));
                        let located = slot.and_then(|slot| slots.located.get(slot).copied().flatten());
                        if let Some(is_read) = located.and_then(|located| is_read.get_mut(located)) {
                            *is_read = true;
                        }
                    }
                });
                let instant = |path: &[&str]| {
                    let slot = table.and_then(|table| table.find(path))?;
                    let is_instant = slots.nodes.get(slot).is_some_and(|node| binder.scalar(*node) == Scalar::DateTime);
                    slots.located.get(slot).copied().flatten().filter(|_| is_instant)
                };
                visit_differences(node, &mut |left, right, constant| {
                    let Some(slots) = instant(left).zip(instant(right)) else { return };
                    let known = [slots.0, slots.1].map(|slot| constants.get_mut(slot).map(Constants::add_instants));
                    let difference = Difference { slots, constant };
                    if known.iter().all(Option::is_some) && differences.len() < MAX_DIFFERENCES && !differences.contains(&difference) {
                        differences.push(difference);
                    }
                });
                collect(node, &mut |path, operand| {
                    let slot = table.and_then(|table| table.find(path));
                    let located = slot.and_then(|slot| slots.located.get(slot).copied().flatten());
                    let (Some(slot), Some(known)) = (slot, located.and_then(|located| constants.get_mut(located))) else { return };
                    match operand {
                        Operand::Literal(literal) => known.add(&literal),
                        Operand::Instant => known.add_instants(),
                        Operand::Parameter(name) => {
                            let scalar = slots.nodes.get(slot).map(|node| binder.scalar(*node));
                            // A string that is bound to another type never equals the parameter, which is a string.
                            let is_text = !matches!(scalar, None | Some(Scalar::DateTime | Scalar::CommaList));
                            let parameter = parameters.iter().position(|parameter| parameter.name == name && !parameter.is_integer);
                            if let Some(parameter) = parameter.filter(|_| is_text) {
                                known.add_parameter(parameter);
                            }
                        }
                    }
                });
            }
        }
        let read: Vec<usize> = is_read.iter().enumerate().filter(|(_, is_read)| **is_read).map(|(slot, _)| slot).collect();
        let place = |slot: usize| read.binary_search(&slot).ok();
        let placed = |difference: Difference| {
            Some(Difference { slots: place(difference.slots.0).zip(place(difference.slots.1))?, constant: difference.constant })
        };
        let differences: Vec<Difference> = differences.into_iter().filter_map(placed).collect();
        let kept = |place: usize| read.iter().take(place).filter(|slot| constants[**slot].has_instants()).count();
        let operands = differences.iter().map(|Difference { slots: (left, right), .. }| (kept(*left), kept(*right))).collect();
        let number = room.numbers.fetch_add(1, Ordering::Relaxed);
        Self { constants, read, differences, operands, known: RwLock::default(), room: room.clone(), number }
    }

    /// Writes the signature of a body with instances at places, or of an item. `instants` is a buffer.
    pub(super) fn write(
        &self,
        values: &Values<'_>,
        path: &[String],
        placed: &[PlacedInstance],
        instants: &mut Vec<Option<Instant>>,
        out: &mut Vec<u8>,
    ) {
        out.clear();
        out.push(class_of(Some(values.own), &Constants::default(), &[], &mut None));
        instants.clear();
        let mut instant = None;
        for slot in &self.read {
            let constants = &self.constants[*slot];
            out.push(class_of(values.of(*slot), constants, path, &mut instant));
            if constants.has_instants() {
                instants.push(instant.take());
            }
        }
        let instant = |operand: usize| instants.get(operand).copied().flatten();
        for (difference, (left, right)) in self.differences.iter().zip(self.operands.iter().copied()) {
            let order = instant(left).zip(instant(right)).and_then(|(left, right)| difference.order(left, right));
            out.push(order.map_or(NOT_DECIDED, |order| order as u8));
        }
        for PlacedInstance { place: (site, place), .. } in placed {
            out.extend([*site as u32, *place as u32].into_iter().flat_map(u32::to_le_bytes));
        }
        out.extend_from_slice(&self.number.to_le_bytes());
    }

    /// What is known of a signature.
    pub(super) fn get<'l>(&self, signature: &[u8], local: &'l mut LocalVerdicts) -> Option<&'l KnownVerdicts> {
        let shared = || {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.by_bytes.get(signature).and_then(|number| known.verdicts.get(*number)).cloned().ok_or(())
        };
        local.get(signature, shared).ok().map(|known| &**known)
    }

    /// Whether the verdicts of another signature can be stored.
    pub(super) fn has_room(&self) -> bool {
        !self.room.is_empty() && self.known.read().unwrap_or_else(PoisonError::into_inner).verdicts.len() < MAX_SIGNATURES
    }

    pub(super) fn insert(&self, signature: &[u8], verdicts: KnownVerdicts) {
        let known = &mut *self.known.write().unwrap_or_else(PoisonError::into_inner);
        let number = known.verdicts.len();
        if number < MAX_SIGNATURES && !known.by_bytes.contains_key(signature) && self.room.take() {
            known.by_bytes.insert(signature.into(), number);
            known.verdicts.push(Arc::new(KnownVerdicts { number, ..verdicts }));
        }
    }

    /// The verdicts by number.
    pub(super) fn verdicts(&self) -> Vec<Arc<KnownVerdicts>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).verdicts.clone()
    }

    /// A tracker of what rules read of a body with a signature. `slots` are those of `self`.
    pub(super) fn tracker(&self, signature: &[u8], slots: &Slots, parameters: &[Option<usize>]) -> Rc<Tracker> {
        // The first class is that of the whole body.
        let place = |slot: usize| self.read.binary_search(&slot).ok();
        let class = |slot: &Option<usize>| slot.and_then(place).and_then(|place| signature.get(place + 1)).copied();
        let constants = |slot: &Option<usize>| slot.and_then(|slot| self.constants.get(slot)).cloned().unwrap_or_default();
        let (classes, constants) = (slots.located.iter().map(class).collect(), slots.located.iter().map(constants).collect());
        let orders = signature.iter().skip(1 + self.read.len());
        let decided = self.differences.iter().zip(orders).filter(|(_, order)| **order != NOT_DECIDED);
        let own = |place: usize| slots.located.iter().position(|slot| slot.is_some() && *slot == self.read.get(place).copied());
        let differences = decided.filter_map(|(difference, _)| {
            let (left, right) = difference.slots;
            Some(Difference { slots: own(left).zip(own(right))?, constant: difference.constant })
        });
        Rc::new(Tracker::new(classes, constants, parameters.to_vec(), differences.collect()))
    }
}

/// Visits the paths of `self`.
fn visit_paths(node: &Node, visit: &mut impl FnMut(&[&str])) {
    if let Some(("self", path)) = static_path(node) {
        visit(&path);
    }
    for child in node.children() {
        visit_paths(child, visit);
    }
}

/// Visits the orders of two paths of `self`, and of their differences and constant durations, in nanoseconds.
fn visit_differences(node: &Node, visit: &mut impl FnMut(&[&str], &[&str], i64)) {
    use BinaryOperator::{Greater, GreaterEqual, Less, LessEqual, Subtract};
    let path = |node| static_path(node).filter(|(name, _)| *name == "self").map(|(_, path)| path);
    if let NodeKind::Binary { operator: Less | LessEqual | Greater | GreaterEqual, left, right } = &node.kind {
        if let (Some(left), Some(right)) = (path(left), path(right)) {
            visit(&left, &right, 0);
        }
        for (difference, constant) in [(left, right), (right, left)] {
            if let NodeKind::Binary { operator: Subtract, left, right } = &difference.kind
                && let (Some(left), Some(right)) = (path(left), path(right))
                && let Some(constant) = constant_duration(constant)
            {
                visit(&left, &right, constant);
            }
        }
    }
    for child in node.children() {
        visit_differences(child, visit);
    }
}

/// The nanoseconds of `duration('…')`.
fn constant_duration(node: &Node) -> Option<i64> {
    let NodeKind::Call { function, arguments, .. } = &node.kind else { return None };
    match (function.as_str(), arguments.as_slice()) {
        ("duration", [text]) => match text.literal()? {
            Literal::String(text) => duration(&text).ok(),
            _ => None,
        },
        _ => None,
    }
}

/// What a value is compared with.
enum Operand<'o> {
    Literal(Literal),
    /// A path parameter, by its name.
    Parameter(&'o str),
    /// It is tested for being an instant.
    Instant,
}

/// Visits the comparisons of paths of `self` with literals and path parameters.
fn collect(node: &Node, visit: &mut impl FnMut(&[&str], Operand<'_>)) {
    use BinaryOperator::{Equal, Greater, GreaterEqual, In, Less, LessEqual, NotEqual};
    if let NodeKind::Call { function, arguments, .. } = &node.kind
        && function == "isInstant"
        && let [argument] = arguments.as_slice()
        && let Some(("self", path)) = static_path(argument)
    {
        visit(&path, Operand::Instant);
    }
    if let NodeKind::Binary { operator: Equal | NotEqual | In | Less | LessEqual | Greater | GreaterEqual, left, right } = &node.kind {
        for (path, constant) in [(left, right), (right, left)] {
            let Some(("self", path)) = static_path(path) else { continue };
            let mut add = |node: &Node| {
                if let Some(literal) = node.literal() {
                    visit(&path, Operand::Literal(literal));
                } else if let Some(("request", keys)) = static_path(node)
                    && let ["path", name] = keys.as_slice()
                {
                    visit(&path, Operand::Parameter(name));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_plans_have_a_common_limit() {
        let room = Room::new(2);
        let plans = [(); 3].map(|()| Signatures { room: room.clone(), ..Signatures::default() });
        for plan in &plans {
            plan.insert(b"a", KnownVerdicts::default());
            plan.insert(b"a", KnownVerdicts::default());
        }
        assert_eq!(plans.each_ref().map(|plan| plan.get(b"a", &mut LocalVerdicts::default()).is_some()), [true, true, false]);
        assert!(!plans[0].has_room());
    }
}
