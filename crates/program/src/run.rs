//! A program over the bytes of a body.

use std::collections::HashSet;

use charter_contract::SchemaId;
use charter_json::{Cursor, Fallback, Number, Text};
use serde_json::Value;

use crate::event::NOTHING;
use crate::node::{Around, ArrayNode, Child, Kind, Node, NumberNode, ObjectNode, Program, StringNode, Union};
use crate::unique::Items;

/// The program does not decide: the body may be invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCertain;

/// Why a program stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// The value violates the schema, if its JSON is valid. A trial continues with another branch.
    Violation,
    NotCertain,
}

impl From<Fallback> for Stop {
    fn from(_: Fallback) -> Self {
        Self::NotCertain
    }
}

type Step = Result<(), Stop>;

/// A located instance of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Instance {
    /// The schema.
    pub schema: SchemaId,
    /// Its bytes in the body.
    pub start: usize,
    /// The end of its bytes.
    pub end: usize,
    /// The first slot, if it is an item whose values are located.
    pub slots: Option<u32>,
}

/// What a program recorded of a body. It can be reused for the next one.
#[derive(Clone, Debug, Default)]
pub struct Record {
    rows: Vec<u32>,
    slots: Vec<Option<(u32, u32)>>,
    /// Slots and their former values, for trials.
    written: Vec<(u32, Option<(u32, u32)>)>,
    instances: Vec<Instance>,
}

impl Record {
    /// The rows that the body reached, with repetitions.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The bytes of the value of a slot; `None` if the body has no value there.
    pub fn slot(&self, slot: usize) -> Option<std::ops::Range<usize>> {
        let (start, end) = (*self.slots.get(slot)?)?;
        Some(start as usize..end as usize)
    }

    /// Removes instances that are there twice, because a schema may describe a value in two ways.
    fn remove_repetitions(&mut self) {
        // Few instances are compared with each other, which needs no table.
        const FEW: usize = 24;
        if self.instances.len() > FEW {
            let mut seen = HashSet::new();
            self.instances.retain(|instance| seen.insert((instance.schema, instance.start)));
            return;
        }
        let mut length = 0;
        for index in 0..self.instances.len() {
            let instance = self.instances[index];
            let is_known = self.instances[..length].iter().any(|known| (known.start, known.schema) == (instance.start, instance.schema));
            if !is_known {
                self.instances[length] = instance;
                length += 1;
            }
        }
        self.instances.truncate(length);
    }

    /// The located instances, each before its parts.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }
}

/// The largest depth of the recursion: of the body, and of trials.
const MAX_DEPTH: u32 = 400;

/// The largest number of slots, after which the values of items are not located.
const MAX_LOCATED: usize = 1 << 20;
/// The first slot of an item whose values are not located.
const NO_ROOM: u32 = u32::MAX;

impl Program {
    /// Runs over a body. After an error, the record is unspecified.
    ///
    /// # Errors
    /// The body may be invalid.
    pub fn run(&self, bytes: &[u8], record: &mut Record) -> Result<(), NotCertain> {
        let cursor = Cursor::from_bytes(bytes).map_err(|_| NotCertain)?;
        self.run_over(cursor, bytes.len(), record)
    }

    /// As [`Program::run`], for a body that is known to be UTF-8.
    ///
    /// # Errors
    /// The body may be invalid.
    pub fn run_text(&self, text: &str, record: &mut Record) -> Result<(), NotCertain> {
        self.run_over(Cursor::new(text), text.len(), record)
    }

    fn run_over(&self, mut cursor: Cursor<'_>, length: usize, record: &mut Record) -> Result<(), NotCertain> {
        record.rows.clear();
        record.instances.clear();
        record.written.clear();
        record.slots.clear();
        record.slots.resize(self.slots, None);
        if u32::try_from(length).is_err() {
            return Err(NotCertain);
        }
        // Nested trials may multiply the work.
        let budget = 1_000 + 16 * length as u64;
        let mut run = Run { program: self, record, depth: 0, trials: 0, budget, item: 0 };
        run.child(&mut cursor, self.root).map_err(|_| NotCertain)?;
        cursor.finish().map_err(|_| NotCertain)?;
        record.remove_repetitions();
        Ok(())
    }
}

struct Run<'r> {
    program: &'r Program,
    record: &'r mut Record,
    depth: u32,
    trials: u32,
    /// The number of values that may still be visited.
    budget: u64,
    /// The first slot of the current item.
    item: u32,
}

/// The lengths of a record before a trial.
#[derive(Clone, Copy)]
struct Mark {
    rows: usize,
    written: usize,
    instances: usize,
}

impl Run<'_> {
    #[inline(always)]
    fn count(&mut self, row: u32) {
        if row != NOTHING {
            self.record.rows.push(row);
        }
    }

    #[inline(always)]
    fn child(&mut self, cursor: &mut Cursor<'_>, child: Child) -> Step {
        match child {
            Child::Skip => Ok(cursor.skip()?),
            Child::Never => Err(Stop::Violation),
            Child::Node(index) => self.node(cursor, index),
        }
    }

    fn node(&mut self, cursor: &mut Cursor<'_>, index: u32) -> Step {
        let node = self.program.nodes.get(index as usize).ok_or(Stop::NotCertain)?;
        self.budget = self.budget.checked_sub(1).ok_or(Stop::NotCertain)?;
        if let Some(slots) = node.item_slots {
            return self.item(cursor, node, slots);
        }
        let Some(slot) = node.slot else { return self.value(cursor, node) };
        let start = cursor.next_at();
        self.value(cursor, node)?;
        let slot = if node.is_of_item { self.item.saturating_add(slot) } else { slot };
        if let Some(known) = self.record.slots.get_mut(slot as usize) {
            if self.trials > 0 {
                self.record.written.push((slot, *known));
            }
            *known = Some((start as u32, cursor.at() as u32));
        }
        Ok(())
    }

    /// Reads an item with slots of its own.
    fn item(&mut self, cursor: &mut Cursor<'_>, node: &Node, slots: u32) -> Step {
        let first = self.record.slots.len();
        let has_room = first < MAX_LOCATED;
        if has_room {
            self.record.slots.resize(first + slots as usize, None);
        }
        let outer = std::mem::replace(&mut self.item, if has_room { first as u32 } else { NO_ROOM });
        let result = self.value(cursor, node);
        self.item = outer;
        result
    }

    #[inline(always)]
    fn value(&mut self, cursor: &mut Cursor<'_>, node: &Node) -> Step {
        let byte = cursor.peek();
        let type_ = match byte {
            b'n' => 0,
            b't' | b'f' => 1,
            b'-' | b'0'..=b'9' => 2,
            b'"' => 3,
            b'[' => 4,
            b'{' => 5,
            _ => return Err(Stop::NotCertain),
        };
        if let Some(sites) = node.sites.get(type_)
            && !sites.is_empty()
        {
            return self.located(cursor, node, type_, byte, sites);
        }
        match &node.around[type_] {
            None => self.own(cursor, node, byte),
            Some(around) => self.around(cursor, node, around, byte),
        }
    }

    /// Reads an instance of schemas that the caller asked for.
    fn located(&mut self, cursor: &mut Cursor<'_>, node: &Node, type_: usize, byte: u8, sites: &[SchemaId]) -> Step {
        let (first, start) = (self.record.instances.len(), cursor.next_at());
        let slots = |schema: SchemaId| (node.item_schema == Some(schema) && self.item != NO_ROOM).then_some(self.item);
        let instances = sites.iter().map(|schema| Instance { schema: *schema, start, end: start, slots: slots(*schema) });
        self.record.instances.extend(instances);
        match &node.around[type_] {
            None => self.own(cursor, node, byte)?,
            Some(around) => self.around(cursor, node, around, byte)?,
        }
        for instance in self.record.instances.iter_mut().skip(first).take(sites.len()) {
            instance.end = cursor.at();
        }
        Ok(())
    }

    #[inline(always)]
    fn own(&mut self, cursor: &mut Cursor<'_>, node: &Node, byte: u8) -> Step {
        match byte {
            b'"' => match &node.string {
                Kind::Checked(string) => self.string(cursor, string),
                Kind::Any(row) => {
                    cursor.string()?;
                    self.count(*row);
                    Ok(())
                }
                other => Err(other.stop()),
            },
            b'n' => match &node.null {
                Kind::Any(row) => {
                    cursor.null()?;
                    self.count(*row);
                    Ok(())
                }
                other => Err(other.stop()),
            },
            b't' | b'f' => {
                let literal = if cursor.boolean()? { &node.true_ } else { &node.false_ };
                match literal {
                    Kind::Any(row) => {
                        self.count(*row);
                        Ok(())
                    }
                    other => Err(other.stop()),
                }
            }
            b'{' => match &node.object {
                Kind::Checked(object) => self.object(cursor, object),
                Kind::Any(row) => self.any(cursor, *row),
                other => Err(other.stop()),
            },
            b'[' => match &node.array {
                Kind::Checked(array) => self.array(cursor, array),
                Kind::Any(row) => self.any(cursor, *row),
                other => Err(other.stop()),
            },
            _ => match &node.number {
                Kind::Checked(number) => self.number(cursor, number),
                Kind::Any(row) => self.any(cursor, *row),
                other => Err(other.stop()),
            },
        }
    }

    fn any(&mut self, cursor: &mut Cursor<'_>, row: u32) -> Step {
        cursor.skip()?;
        self.count(row);
        Ok(())
    }

    fn number(&mut self, cursor: &mut Cursor<'_>, node: &NumberNode) -> Step {
        let number = cursor.number()?;
        let whole = number.is_whole();
        if node.integers_only {
            if !whole {
                return Err(Stop::Violation);
            }
            if node.by_spelling && !number.is_integer() {
                return Err(Stop::NotCertain);
            }
        }
        if let Some(checks) = &node.checks {
            let value = double(&number)?;
            let within = value >= checks.minimum
                && value <= checks.maximum
                && value > checks.exclusive_minimum
                && value < checks.exclusive_maximum
                && checks.values.as_ref().is_none_or(|values| values.contains(&value));
            if !within {
                return Err(Stop::Violation);
            }
            if !checks.multiples.is_empty() {
                let integer = number.as_i64().filter(|_| number.is_integer()).ok_or(Stop::NotCertain)?;
                if checks.multiples.iter().any(|multiple| integer % multiple != 0) {
                    return Err(Stop::Violation);
                }
            }
            for (known, row) in &checks.rows {
                if *known == value {
                    self.count(*row);
                }
            }
        }
        self.count(if whole { node.whole } else { node.fraction });
        Ok(())
    }

    #[inline(always)]
    fn string(&mut self, cursor: &mut Cursor<'_>, node: &StringNode) -> Step {
        if let Some(values) = &node.values {
            let (values, rows) = &**values;
            if let Some(index) = cursor.choice_of(values) {
                self.count(rows.get(index).copied().unwrap_or(NOTHING));
                return Ok(());
            }
            let text = cursor.string()?;
            // An escaped string may be one of the values, and a value with a character that must be escaped never matches.
            return Err(if text.is_escaped() { Stop::NotCertain } else { Stop::Violation });
        }
        let text = cursor.string()?;
        self.text(text, node)
    }

    fn text(&mut self, text: Text<'_>, node: &StringNode) -> Step {
        if let Some(values) = &node.values {
            let index = values.0.position(text.plain()?).ok_or(Stop::Violation)?;
            self.count(values.1.get(index).copied().unwrap_or(NOTHING));
            return Ok(());
        }
        if let Some(checks) = &node.checks {
            if checks.measured {
                let length = text.length()? as u64;
                if length < checks.least || length > checks.most {
                    return Err(Stop::Violation);
                }
                for (known, row) in &checks.lengths {
                    if *known == length {
                        self.count(*row);
                    }
                }
            }
            let value = text.value()?;
            for pattern in &checks.patterns {
                match pattern.is_match(&*value) {
                    Ok(true) => {}
                    Ok(false) => return Err(Stop::Violation),
                    Err(_) => return Err(Stop::NotCertain),
                }
            }
            if !checks.formats.is_empty() {
                let value = Value::from(&*value);
                if !checks.formats.iter().all(|format| format.accepts(&value)) {
                    return Err(Stop::Violation);
                }
            }
            for (known, row) in &checks.rows {
                if *known == *value {
                    self.count(*row);
                }
            }
        }
        self.count(node.row);
        Ok(())
    }

    fn enter(&mut self) -> Step {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Stop::NotCertain) } else { Ok(()) }
    }

    fn array(&mut self, cursor: &mut Cursor<'_>, node: &ArrayNode) -> Step {
        self.enter()?;
        let length = if node.unique || !node.contains.is_empty() {
            self.array_with_checks(cursor, node)?
        } else {
            cursor.array_of(|cursor, index| self.child(cursor, node.prefix.get(index).copied().unwrap_or(node.rest)))?
        } as u64;
        self.depth -= 1;
        if length < node.least || length > node.most {
            return Err(Stop::Violation);
        }
        self.count(if length == 0 { node.empty } else { node.filled });
        for (known, row) in &node.lengths {
            if *known == length {
                self.count(*row);
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn array_with_checks<'a>(&mut self, cursor: &mut Cursor<'a>, node: &ArrayNode) -> Result<usize, Stop> {
        let mut items = Items::default();
        let mut contained = vec![0_u64; node.contains.len()];
        let length = cursor.array_of(|cursor, index| {
            for (contains, count) in node.contains.iter().zip(&mut contained) {
                *count += u64::from(self.matches(cursor, contains.item)?);
            }
            if node.unique {
                let position = cursor.position();
                items.add(cursor)?;
                cursor.restore(position);
            }
            self.child(cursor, node.prefix.get(index).copied().unwrap_or(node.rest))
        })?;
        let is_contained = node.contains.iter().zip(contained).all(|(contains, count)| (contains.least..=contains.most).contains(&count));
        if !is_contained {
            return Err(Stop::Violation);
        }
        match if node.unique { items.are_unique() } else { Some(true) } {
            Some(true) => Ok(length),
            Some(false) => Err(Stop::Violation),
            None => Err(Stop::NotCertain),
        }
    }

    fn object(&mut self, cursor: &mut Cursor<'_>, node: &ObjectNode) -> Step {
        self.enter()?;
        let beginning = (!node.dependents.is_empty()).then(|| cursor.position());
        let (seen, others) = cursor.object_of(&node.keys, |cursor, key| match key {
            Ok(index) => self.child(cursor, node.children.get(index).copied().unwrap_or(Child::Never)),
            Err(name) => self.other(cursor, node, name),
        })?;
        self.depth -= 1;
        if seen & node.required != node.required {
            return Err(Stop::Violation);
        }
        let count = u64::from(seen.count_ones()) + others as u64;
        if count < node.least || count > node.most {
            return Err(Stop::Violation);
        }
        if !node.names.is_empty() || !node.dependent.is_empty() {
            self.check_keys(node, seen)?;
        }
        if let Some(beginning) = beginning {
            let end = cursor.position();
            for (key, child) in &node.dependents {
                if seen >> key & 1 == 1 {
                    cursor.restore(beginning);
                    self.child(cursor, *child)?;
                }
            }
            cursor.restore(end);
        }
        self.count(node.row);
        let mut missing = node.optional & !seen;
        while missing != 0 {
            let index = missing.trailing_zeros() as usize;
            missing &= missing - 1;
            self.count(node.absent.get(index).copied().unwrap_or(NOTHING));
        }
        Ok(())
    }

    /// Reads the value of a key that the node does not name.
    fn other(&mut self, cursor: &mut Cursor<'_>, node: &ObjectNode, name: Text<'_>) -> Step {
        for child in &node.names {
            self.name(*child, name)?;
        }
        let mut set = 0;
        if !node.patterns.is_empty() {
            let name = name.plain()?;
            for (index, pattern) in node.patterns.iter().enumerate() {
                set |= usize::from(pattern.is_match(name).map_err(|_| Stop::NotCertain)?) << index;
            }
        }
        self.child(cursor, node.by_patterns.get(set).copied().ok_or(Stop::NotCertain)?)
    }

    fn check_keys(&mut self, node: &ObjectNode, seen: u128) -> Step {
        for (key, needed) in &node.dependent {
            if seen >> key & 1 == 1 && seen & needed != *needed {
                return Err(Stop::Violation);
            }
        }
        for child in &node.names {
            for index in (0..node.keys.len()).filter(|index| seen >> index & 1 == 1) {
                let name = Value::from(node.keys.name(index).unwrap_or_default()).to_string();
                let mut cursor = Cursor::new(&name);
                self.child(&mut cursor, *child)?;
            }
        }
        Ok(())
    }

    /// Checks a key under `propertyNames`.
    fn name(&mut self, child: Child, name: Text<'_>) -> Step {
        let quoted = Value::from(name.plain()?).to_string();
        self.child(&mut Cursor::new(&quoted), child)
    }

    fn mark(&mut self) -> Mark {
        self.trials += 1;
        Mark { rows: self.record.rows.len(), written: self.record.written.len(), instances: self.record.instances.len() }
    }

    /// Ends a trial, and discards what it recorded if it failed.
    fn end(&mut self, mark: Mark, accepted: bool) {
        self.trials -= 1;
        if !accepted {
            self.record.rows.truncate(mark.rows);
            self.record.instances.truncate(mark.instances);
            while self.record.written.len() > mark.written {
                let Some((slot, former)) = self.record.written.pop() else { break };
                if let Some(slot) = self.record.slots.get_mut(slot as usize) {
                    *slot = former;
                }
            }
        } else if self.trials == 0 {
            self.record.written.clear();
        }
    }

    /// Whether the next value matches, and the cursor stays. Nothing is recorded.
    fn matches(&mut self, cursor: &mut Cursor<'_>, child: Child) -> Result<bool, Stop> {
        let (position, depth) = (cursor.position(), self.depth);
        self.enter()?;
        let mark = self.mark();
        let result = self.child(cursor, child);
        self.end(mark, false);
        cursor.restore(position);
        self.depth = depth;
        match result {
            Ok(()) => Ok(true),
            Err(Stop::Violation) => Ok(false),
            Err(Stop::NotCertain) => Err(Stop::NotCertain),
        }
    }

    #[inline(never)]
    fn around(&mut self, cursor: &mut Cursor<'_>, node: &Node, around: &Around, byte: u8) -> Step {
        self.enter()?;
        let beginning = cursor.position();
        for child in &around.not {
            if self.matches(cursor, *child)? {
                return Err(Stop::Violation);
            }
        }
        for condition in &around.conditions {
            let next = if self.matches(cursor, condition.if_)? { condition.then } else { condition.else_ };
            if next != Child::Skip {
                self.child(cursor, next)?;
                cursor.restore(beginning);
            }
        }
        let mut end = None;
        for union in &around.unions {
            let after = self.union(cursor, union)?;
            end = end.or(after.filter(|_| union.required));
            cursor.restore(beginning);
        }
        self.depth -= 1;
        match end.filter(|_| around.alone) {
            Some(end) => {
                cursor.restore(end);
                self.count(around.row);
                Ok(())
            }
            None => self.own(cursor, node, byte),
        }
    }

    /// Tries the branches. Returns the position after the value, if a branch matches.
    fn union<'a>(&mut self, cursor: &mut Cursor<'a>, union: &Union) -> Result<Option<charter_json::CursorPosition<'a>>, Stop> {
        let (beginning, depth) = (cursor.position(), self.depth);
        let (mut end, mut matching) = (None, 0);
        for (child, row) in &union.branches {
            let mark = self.mark();
            let result = self.child(cursor, *child);
            self.end(mark, result.is_ok());
            self.depth = depth;
            match result {
                Ok(()) => {
                    matching += 1;
                    end = Some(cursor.position());
                    self.count(*row);
                }
                Err(Stop::Violation) => {}
                Err(Stop::NotCertain) => return Err(Stop::NotCertain),
            }
            cursor.restore(beginning);
            if union.disjoint && matching > 0 {
                break;
            }
        }
        let is_valid = if union.one { matching == 1 } else { matching > 0 };
        if is_valid || !union.required { Ok(end) } else { Err(Stop::Violation) }
    }
}

impl<T> Kind<T> {
    /// Why a value of this kind is not accepted.
    fn stop(&self) -> Stop {
        match self {
            Self::Left => Stop::NotCertain,
            _ => Stop::Violation,
        }
    }
}

/// The value of a number.
///
/// # Errors
/// A double does not represent it.
fn double(number: &Number<'_>) -> Result<f64, Stop> {
    if number.is_integer() && number.as_i64().is_none_or(|integer| integer.unsigned_abs() > 1 << 53) {
        return Err(Stop::NotCertain);
    }
    Ok(number.as_f64())
}
