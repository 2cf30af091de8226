//! Places → nodes.
//!
//! | module | content |
//! |---|---|
//! | `scalars` | constants, numbers and strings |
//! | `containers` | arrays and objects |
//! | `disjoint` | unions of objects whose branches exclude each other |

mod containers;
mod disjoint;
mod scalars;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use charter_contract::{Contract, JsonType, Keywords, SchemaId};
use serde_json::Value;

use crate::event::{NOTHING, Reached};
use crate::node::{Around, Child, Condition, Kind, Node, Program, TYPES, Union};
use crate::place::{Flat, Place, Use, flatten, is_trivial};
use crate::slot::SlotPaths;
use scalars::is_same;

/// What a program does besides validation.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Whether it counts coverage.
    pub counts: bool,
    /// The schemas whose instances it locates.
    pub sites: BTreeSet<SchemaId>,
    /// The values that it locates.
    pub slots: SlotPaths,
}

impl Options {
    /// Counts coverage.
    #[must_use]
    pub fn with_counts(self) -> Self {
        Self { counts: true, ..self }
    }

    /// Locates the instances of schemas.
    #[must_use]
    pub fn with_sites(self, sites: BTreeSet<SchemaId>) -> Self {
        Self { sites, ..self }
    }

    /// Locates values.
    #[must_use]
    pub fn with_slots(self, slots: SlotPaths) -> Self {
        Self { slots, ..self }
    }
}

/// The largest number of nodes of a program.
const MAX_NODES: usize = 50_000;

/// The JSON types in the order of `Node::around`.
pub(crate) const ORDER: [JsonType; TYPES] =
    [JsonType::Null, JsonType::Boolean, JsonType::Number, JsonType::String, JsonType::Array, JsonType::Object];

type Reason = &'static str;

impl Program {
    /// Compiles a schema. The contract is that of the direction: see [`Contract::for_messages`].
    pub fn compile(contract: &Contract, schema: SchemaId, options: &Options) -> Self {
        let mut compiler = Compiler {
            contract,
            options,
            program: Self { nodes: Vec::new(), root: Child::Skip, rows: Vec::new(), slots: options.slots.paths().len(), left: Vec::new() },
            known: HashMap::new(),
            rows: HashMap::new(),
            open: Vec::new(),
        };
        let root = Use { schema, validates: true, counts: options.counts };
        compiler.program.root = compiler.child(vec![root], options.slots.root());
        while let Some((index, place)) = compiler.open.pop() {
            let node = compiler.node(&place);
            compiler.program.nodes[index] = node;
        }
        compiler.find_disjoint();
        compiler.program
    }
}

struct Compiler<'c> {
    contract: &'c Contract,
    options: &'c Options,
    program: Program,
    known: HashMap<Place, u32>,
    rows: HashMap<Vec<Reached>, u32>,
    /// Nodes that are not compiled yet.
    open: Vec<(usize, Place)>,
}

impl<'c> Compiler<'c> {
    fn keywords(&self, id: SchemaId) -> &'c Keywords {
        &self.contract.schema(id).keywords
    }

    fn child(&mut self, uses: Vec<Use>, slots: Option<u32>) -> Child {
        self.child_at(uses, slots, false)
    }

    /// The node of an item of an array, or of a value of an object with any keys.
    fn item(&mut self, uses: Vec<Use>) -> Child {
        let counted: Vec<SchemaId> = uses.iter().filter(|use_| use_.counts).map(|use_| use_.schema).collect();
        let slots = match self.options.slots.has_items() {
            true => {
                let here = self.contract.in_place(counted);
                self.options.slots.item(|schema| here.contains(&schema))
            }
            false => None,
        };
        self.child_at(uses, slots, slots.is_some())
    }

    fn child_at(&mut self, uses: Vec<Use>, slots: Option<u32>, is_item: bool) -> Child {
        if uses.iter().any(|use_| use_.validates && self.keywords(use_.schema).never) {
            return Child::Never;
        }
        let uses: Vec<Use> = uses.into_iter().filter(|use_| use_.counts || !is_trivial(self.contract, use_.schema)).collect();
        if uses.is_empty() && slots.is_none() {
            return Child::Skip;
        }
        let place = Place { uses, slots, is_item };
        if let Some(known) = self.known.get(&place) {
            return Child::Node(*known);
        }
        let index = self.program.nodes.len();
        self.program.nodes.push(Node::default());
        self.known.insert(place.clone(), index as u32);
        self.open.push((index, place));
        Child::Node(index as u32)
    }

    fn validating(&mut self, schema: SchemaId) -> Child {
        self.child(vec![Use { schema, validates: true, counts: false }], None)
    }

    /// The number of a row.
    fn row(&mut self, reached: Vec<Reached>) -> u32 {
        if reached.is_empty() {
            return NOTHING;
        }
        let next = self.rows.len() as u32;
        let row = *self.rows.entry(reached.clone()).or_insert(next);
        if row == next {
            self.program.rows.push(reached);
        }
        row
    }

    fn leave(&mut self, place: &Place, (schema, reason): (Option<SchemaId>, Reason)) {
        let Some(schema) = schema.or_else(|| place.uses.first().map(|use_| use_.schema)) else { return };
        if !self.program.left.contains(&(schema, reason)) {
            self.program.left.push((schema, reason));
        }
    }

    fn node(&mut self, place: &Place) -> Node {
        let slots = &self.options.slots;
        let item = slots.item_of(place.slots);
        let mut node = Node {
            slot: slots.slot(place.slots),
            is_of_item: slots.is_of_item(place.slots),
            item_slots: item.filter(|_| place.is_item).map(|(_, slots)| slots),
            item_schema: item.map(|(schema, _)| schema),
            ..Node::default()
        };
        if self.program.nodes.len() > MAX_NODES {
            self.leave(place, (None, "a schema with too many places"));
            (node.null, node.false_, node.true_) = (Kind::Left, Kind::Left, Kind::Left);
            (node.number, node.string, node.array, node.object) = (Kind::Left, Kind::Left, Kind::Left, Kind::Left);
            return node;
        }
        let mut shared: Option<Rc<Flat>> = None;
        for (index, type_) in ORDER.into_iter().enumerate() {
            let flat = match shared.clone().map_or_else(|| flatten(self.contract, place, type_).map(Rc::new), Ok) {
                Ok(flat) => flat,
                Err((schema, reason)) => {
                    self.leave(place, (Some(schema), reason));
                    node.leave(type_);
                    continue;
                }
            };
            if !flat.has_union {
                shared = Some(flat.clone());
            }
            if flat.never || !self.allows(&flat, type_) {
                continue;
            }
            match self.of_type(&mut node, &flat, type_, place) {
                Ok(()) => {
                    node.around[index] = self.around(&flat, type_, place, &node);
                    self.add_sites(&mut node, &flat, index);
                }
                Err(reason) => {
                    self.leave(place, (None, reason));
                    node.leave(type_);
                }
            }
        }
        node
    }

    fn add_sites(&self, node: &mut Node, flat: &Flat, type_: usize) {
        for use_ in flat.uses.iter().filter(|use_| use_.counts && self.options.sites.contains(&use_.schema)) {
            node.sites.resize(TYPES, Vec::new());
            if !node.sites[type_].contains(&use_.schema) {
                node.sites[type_].push(use_.schema);
            }
        }
    }

    fn of_type(&mut self, node: &mut Node, flat: &Flat, type_: JsonType, place: &Place) -> Result<(), Reason> {
        match type_ {
            JsonType::Null => node.null = self.literal(flat, &Value::Null),
            JsonType::Boolean => {
                node.false_ = self.literal(flat, &Value::Bool(false));
                node.true_ = self.literal(flat, &Value::Bool(true));
            }
            JsonType::Number | JsonType::Integer => node.number = self.number(flat)?,
            JsonType::String => node.string = self.string(flat)?,
            JsonType::Array => node.array = self.array(flat)?,
            JsonType::Object => node.object = self.object(flat, place.slots)?,
        }
        Ok(())
    }

    fn allows(&self, flat: &Flat, type_: JsonType) -> bool {
        flat.uses.iter().filter(|use_| use_.validates).all(|use_| {
            let types = self.keywords(use_.schema).types.as_ref();
            types.is_none_or(|types| types.contains(&type_) || (type_ == JsonType::Number && types.contains(&JsonType::Integer)))
        })
    }

    /// The values that `enum` and `const` allow; `None` if neither applies.
    fn allowed(&self, flat: &Flat) -> Option<Vec<&'c Value>> {
        let mut allowed: Option<Vec<&Value>> = None;
        for use_ in flat.uses.iter().filter(|use_| use_.validates) {
            let keywords = self.keywords(use_.schema);
            let lists = [keywords.enumeration.as_deref(), keywords.constant.as_ref().map(std::slice::from_ref)];
            for list in lists.into_iter().flatten() {
                allowed = Some(match allowed {
                    None => list.iter().collect(),
                    Some(known) => known.into_iter().filter(|value| list.iter().any(|other| is_same(value, other))).collect(),
                });
            }
        }
        allowed
    }

    /// The facts about every value of a type; `whole` applies to numbers.
    fn facts(&self, flat: &Flat, type_: JsonType, whole: bool) -> Vec<Reached> {
        let mut facts = Vec::new();
        for use_ in flat.uses.iter().filter(|use_| use_.counts) {
            facts.push(Reached::Seen(use_.schema));
            let types = self.keywords(use_.schema).types.as_deref().unwrap_or_default();
            let counted = match type_ {
                JsonType::Number if whole && types.contains(&JsonType::Integer) => Some(JsonType::Integer),
                other => types.contains(&other).then_some(other),
            };
            facts.extend(counted.map(|type_| Reached::Kind(use_.schema, type_)));
        }
        facts.extend(flat.taken.iter().map(|(owner, branch)| Reached::Branch(*owner, *branch)));
        facts
    }

    /// The facts about one value besides those of its type.
    fn facts_of(&self, flat: &Flat, value: &Value) -> Vec<Reached> {
        let mut facts = Vec::new();
        for use_ in flat.uses.iter().filter(|use_| use_.counts) {
            let keywords = self.keywords(use_.schema);
            let boolean = keywords.types.as_ref().is_some_and(|types| types.contains(&JsonType::Boolean));
            match (&keywords.enumeration, value) {
                (Some(values), _) => {
                    let equal = values.iter().enumerate().filter(|(_, known)| is_same(known, value));
                    facts.extend(equal.map(|(index, _)| Reached::Value(use_.schema, index)));
                }
                (None, Value::Bool(value)) if boolean && keywords.constant.is_none() => {
                    facts.push(Reached::Value(use_.schema, usize::from(!value)));
                }
                _ => {}
            }
        }
        facts
    }

    /// The values that coverage counts, of `enum`.
    fn counted_values(&self, flat: &Flat) -> Vec<&'c Value> {
        let uses = flat.uses.iter().filter(|use_| use_.counts);
        uses.filter_map(|use_| self.keywords(use_.schema).enumeration.as_ref()).flatten().collect()
    }

    fn around(&mut self, flat: &Flat, type_: JsonType, place: &Place, node: &Node) -> Option<Box<Around>> {
        let mut around = Around { row: NOTHING, ..Around::default() };
        let (alone, row) = match type_ {
            JsonType::Array => node.array.is_any(),
            JsonType::Object => node.object.is_any(),
            JsonType::String => node.string.is_any(),
            JsonType::Number => node.number.is_any(),
            _ => None,
        }
        .map_or((false, NOTHING), |row| (true, row));
        around.row = row;
        around.alone = alone && flat.unions.iter().any(|union| union.owner.validates);
        let slots = place.slots.filter(|_| around.alone);
        for ambiguous in &flat.unions {
            let owner = ambiguous.owner;
            let mut branches = Vec::new();
            for branch in &ambiguous.branches {
                let child = self.child(vec![Use { schema: *branch, validates: true, counts: owner.counts }], slots);
                let facts = if owner.counts { vec![Reached::Branch(owner.schema, *branch)] } else { Vec::new() };
                branches.push((child, self.row(facts)));
            }
            around.unions.push(Union { one: ambiguous.one, required: owner.validates, disjoint: false, branches });
        }
        for use_ in flat.uses.iter().filter(|use_| use_.validates) {
            let keywords = self.keywords(use_.schema);
            if let Some(schema) = keywords.not {
                let child = self.validating(schema);
                around.not.push(child);
            }
            if let Some(if_) = keywords.if_
                && (keywords.then.is_some() || keywords.else_.is_some())
            {
                let if_ = self.validating(if_);
                let then = keywords.then.map_or(Child::Skip, |schema| self.validating(schema));
                let else_ = keywords.else_.map_or(Child::Skip, |schema| self.validating(schema));
                around.conditions.push(Condition { if_, then, else_ });
            }
        }
        let is_empty = around.unions.is_empty() && around.not.is_empty() && around.conditions.is_empty();
        (!is_empty).then(|| Box::new(around))
    }
}

impl<T> Kind<T> {
    fn is_any(&self) -> Option<u32> {
        match self {
            Self::Any(row) => Some(*row),
            _ => None,
        }
    }

    fn is_never(&self) -> bool {
        matches!(self, Self::Never)
    }
}

impl Node {
    fn leave(&mut self, type_: JsonType) {
        match type_ {
            JsonType::Null => self.null = Kind::Left,
            JsonType::Boolean => (self.false_, self.true_) = (Kind::Left, Kind::Left),
            JsonType::Number | JsonType::Integer => self.number = Kind::Left,
            JsonType::String => self.string = Kind::Left,
            JsonType::Array => self.array = Kind::Left,
            JsonType::Object => self.object = Kind::Left,
        }
    }
}
