//! Variables and their slots.

use std::cell::OnceCell;
use std::rc::Rc;

use charter_program::Record;
use charter_rules::slots::{SlotId, SlotTable};

use super::super::bind::{Binder, NodeId};
use super::class::Tracker;
use super::fault::Fault;
use super::json::Json;
use super::program::{Program, SLOT_VARIABLES};
use super::run::Run;
use super::value::{Val, bind};

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Evaluated {
    /// A boolean.
    Bool(bool),
    /// Any other value, formatted for a message.
    Text(String),
}

/// The slot of a value: unread, absent, or its value.
type SlotValue<'d> = OnceCell<Option<Val<'d>>>;

/// A variable that is bound to a document. Several scopes can share it, with the slots that were read.
#[derive(Debug)]
pub(crate) struct Variable<'d> {
    value: Val<'d>,
    slots: Option<(&'d SlotTable, Box<[SlotValue<'d>]>)>,
    located: Option<Located<'d>>,
}

/// Where the slots of a variable are in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Located<'d> {
    /// The text.
    pub(crate) text: &'d str,
    /// What a program recorded of the text.
    pub(crate) record: &'d Record,
    /// By slot of the table, the slot of the program. A slot that the program does not have is read step by step.
    pub(crate) slots: &'d [Option<usize>],
    /// What is added to each of them: the first slot of an item of an array.
    pub(crate) first: usize,
    /// By slot of the table, the binding.
    pub(crate) nodes: &'d [NodeId],
}

impl<'d> Variable<'d> {
    /// A value at a schema location. Programs that were compiled with the table read its slots.
    pub(crate) fn new(json: impl Into<Json<'d>>, binder: &'d Binder, node: NodeId, table: Option<&'d SlotTable>) -> Rc<Self> {
        let slots = table.map(|table| (table, table.slots().iter().map(|_| OnceCell::new()).collect()));
        Rc::new(Self { value: bind(json.into(), binder, node), slots, located: None })
    }

    /// The same for a text whose slots a program located.
    pub(crate) fn located(text: &'d str, binder: &'d Binder, node: NodeId, table: Option<&'d SlotTable>, located: Located<'d>) -> Rc<Self> {
        let slots = table.map(|table| (table, table.slots().iter().map(|_| OnceCell::new()).collect()));
        Rc::new(Self { value: bind(Json::Raw(text), binder, node), slots, located: Some(located) })
    }

    /// Sets the value of a slot that was not read before.
    pub(crate) fn set(&self, slot: SlotId, value: Option<Val<'d>>) {
        if let Some((_, values)) = &self.slots
            && let Some(place) = values.get(slot)
        {
            let _ = place.set(value);
        }
    }

    /// The value of a slot: `None` without slots, `Some(None)` if it is absent or its parent is not an object.
    fn slot(&self, slot: SlotId, binder: &Binder) -> Option<Option<&Val<'d>>> {
        let (table, values) = self.slots.as_ref()?;
        let place = values.get(slot)?;
        if place.get().is_none() {
            self.fill(table, values, slot, binder);
        }
        Some(place.get().and_then(Option::as_ref))
    }

    fn fill(&self, table: &SlotTable, values: &[SlotValue<'d>], slot: SlotId, binder: &Binder) {
        if let Some(Located { text, record, slots, first, nodes }) = self.located
            && let (Some(Some(known)), Some(node)) = (slots.get(slot), nodes.get(slot))
        {
            let value = record.slot(first + *known).and_then(|range| text.get(range)).map(|text| bind(Json::Raw(text), binder, *node));
            let _ = values[slot].set(value);
            return;
        }
        let described = &table.slots()[slot];
        let parent = match described.parent {
            None => Some(&self.value),
            Some(parent) => self.slot(parent, binder).flatten(),
        };
        let Some(Val::Object(json, node)) = parent else {
            let _ = values[slot].set(None);
            return;
        };
        if let Some(members) = json.tree() {
            let found = members.get(&described.key);
            let _ = values[slot].set(found.map(|value| bind(Json::Tree(value), binder, binder.property(*node, &described.key))));
            return;
        }
        // One pass over the bytes of an object fills all of its slots.
        let siblings = table.below(described.parent);
        for (key, value) in json.members() {
            if let Some(sibling) = siblings.iter().find(|sibling| table.slots()[**sibling].key == key) {
                let _ = values[*sibling].set(Some(bind(value, binder, binder.property(*node, &key))));
            }
        }
        for sibling in siblings {
            values[*sibling].get_or_init(|| None);
        }
    }
}

/// Variables and their values.
#[derive(Debug)]
pub(crate) struct Scope<'d> {
    pub(super) binder: &'d Binder,
    /// The variables of rules, in the order of [`SLOT_VARIABLES`].
    variables: [Option<Rc<Variable<'d>>>; SLOT_VARIABLES.len()],
    /// Other variables.
    named: Vec<(String, Val<'d>)>,
    /// Notes what evaluations read.
    pub(super) tracker: Option<Rc<Tracker>>,
}

impl<'d> Scope<'d> {
    /// A scope without variables.
    pub(crate) fn new(binder: &'d Binder) -> Self {
        Self { binder, variables: Default::default(), named: Vec::new(), tracker: None }
    }

    /// Notes what evaluations read.
    pub(crate) fn track(&mut self, tracker: Rc<Tracker>) {
        self.tracker = Some(tracker);
    }

    /// The slot that contains a slot.
    pub(super) fn parent(&self, variable: usize, slot: SlotId) -> Option<SlotId> {
        self.variables[variable].as_deref()?.slots.as_ref()?.0.slots().get(slot)?.parent
    }

    /// Binds a variable of rules.
    pub(crate) fn set(&mut self, name: &str, variable: Rc<Variable<'d>>) {
        match SLOT_VARIABLES.iter().position(|known| *known == name) {
            Some(index) => self.variables[index] = Some(variable),
            None => self.named.push((name.to_owned(), variable.value.clone())),
        }
    }

    /// Binds a variable of any name.
    pub(super) fn set_value(&mut self, name: &str, value: Val<'d>) {
        self.named.push((name.to_owned(), value));
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Val<'d>> {
        let named = || self.named.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value);
        let index = SLOT_VARIABLES.iter().position(|known| *known == name);
        index.and_then(|index| self.variables[index].as_deref()).map(|variable| &variable.value).or_else(named)
    }

    /// The value of a slot; see [`Variable::slot`]. `None` also without the variable.
    #[inline]
    pub(super) fn slot(&self, variable: usize, slot: SlotId) -> Option<Option<&Val<'d>>> {
        self.variables[variable].as_deref()?.slot(slot, self.binder)
    }

    /// The value of the object that contains a slot.
    pub(super) fn parent_of(&self, variable: usize, slot: SlotId) -> Option<&Val<'d>> {
        let variable = self.variables[variable].as_deref()?;
        match variable.slots.as_ref()?.0.slots().get(slot)?.parent {
            None => Some(&variable.value),
            Some(parent) => variable.slot(parent, self.binder)?,
        }
    }

    /// Evaluates an expression.
    pub(crate) fn evaluate(&self, program: &Program) -> Result<Evaluated, Fault> {
        Ok(match Run::new(self, program).value()? {
            Val::Bool(value) => Evaluated::Bool(value),
            other => Evaluated::Text(other.text()),
        })
    }
}
