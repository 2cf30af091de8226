//! List literals and quantifiers, and the cost of quantifiers.

use super::{Infer, Seen, Variable, plain};
use crate::facts::{Facts, Path};
use charter_contract::invariant::{Alternative, Items, List, Type};
use charter_contract::invariant::{Node, Quantifier};

/// The assumed number of items of a list without `maxItems`.
const ASSUMED_ITEMS: u64 = 1_000;
/// The maximum cost of nested quantifiers in steps.
const COST_LIMIT: u64 = 1_000_000;
/// The maximum nesting of quantifiers; one level more if every list has `maxItems`.
const NESTING_LIMIT: usize = 2;

impl Infer<'_, '_> {
    pub(crate) fn list(&mut self, items: &[Node], facts: &Facts) -> Seen {
        let mut type_ = Type::default();
        for item in items {
            let seen = self.node(item, facts);
            if !type_.is_never() && !type_.overlaps(&seen.type_) && !same_kind(&type_, &seen.type_) {
                let message = format!("the list contains {} and {}", type_.words(), seen.type_.words());
                let type_ = self.report(item, message, Some("all items of a list must have the same type".to_owned()));
                return plain(type_, facts);
            }
            type_ = type_.or(seen.type_);
        }
        let reported = type_.reported;
        let count = items.len() as u64;
        let mut type_ = Type::of(Alternative::List(List { items: Items::Type(Box::new(type_)), min: count, max: Some(count) }));
        type_.reported = reported;
        plain(type_, facts)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one node")]
    pub(crate) fn quantified(
        &mut self,
        node: &Node,
        quantifier: Quantifier,
        range: &Node,
        (variable, value): (&str, Option<&str>),
        body: &Node,
        mapped: Option<&Node>,
        facts: &Facts,
    ) -> Seen {
        let over = self.node(range, facts);
        if let Some(variable) =
            [Some(variable), value].into_iter().flatten().find(|name| self.scope.iter().any(|known| known.name == *name))
        {
            let type_ =
                self.report(node, format!("`{variable}` is already the name of a variable"), Some("rename the variable".to_owned()));
            return plain(type_, facts);
        }
        let fits = |alternative: &Alternative| {
            matches!(alternative, Alternative::List(_) | Alternative::Object(_) | Alternative::Map(_) | Alternative::Record(_))
        };
        if self.require(range, &over, fits, "a list").reported {
            return plain(Type::reported(), facts);
        }
        let known = over.path.as_ref().and_then(|path| facts.lengths.get(path).copied()).unwrap_or(0);
        let (mut item, mut max, mut keys) = (Type::default(), Some(0), false);
        let mut min = u64::MAX;
        // With two variables, the first is the index of a list or the key of a map.
        let mut values = Type::default();
        for alternative in &over.type_.alternatives {
            match alternative {
                Alternative::List(list) => {
                    let own = self.typer.item(list);
                    values = values.or(own.clone());
                    item = item.or(if value.is_some() { Type::of(Alternative::Int) } else { own });
                    max = max.zip(list.max).map(|(left, right)| left.max(right));
                    min = min.min(list.min.max(known));
                }
                _ => {
                    keys = true;
                    values = values.or(match alternative {
                        Alternative::Object(case) => self.typer.values(case),
                        Alternative::Map(value) => (**value).clone(),
                        Alternative::Record(fields) => fields.values().fold(Type::default(), |type_, field| type_.or(field.type_.clone())),
                        _ => Type::any(),
                    });
                    item = item.or(Type::text());
                    max = None;
                    min = known;
                }
            }
        }
        self.loops.push((max.unwrap_or(ASSUMED_ITEMS), max.is_some()));
        self.reckon(node);
        let key_of = over.path.clone().filter(|_| keys);
        self.scope.push(Variable { name: variable.to_owned(), type_: item.clone(), key_of });
        let mut inside = facts.clone();
        inside.forget(variable);
        if let Some(value) = value {
            self.scope.push(Variable { name: value.to_owned(), type_: values, key_of: None });
            inside.forget(value);
        }
        let is_filtered = quantifier == Quantifier::Filter || mapped.is_some();
        let body_type = match (quantifier, mapped) {
            (Quantifier::Map, None) => self.node(body, &inside).type_,
            (_, mapped) => {
                let body = self.condition(body, &inside);
                if let (Quantifier::Filter, Some(narrowed)) = (quantifier, body.yes.types.get(&Path::variable(variable))) {
                    item = narrowed.clone();
                }
                mapped.map_or(body.type_.clone(), |mapped| self.node(mapped, &body.yes).type_)
            }
        };
        self.scope.truncate(self.scope.len() - 1 - usize::from(value.is_some()));
        self.loops.pop();
        let reported = body_type.reported;
        let mut type_ = match quantifier {
            Quantifier::All | Quantifier::Exists | Quantifier::ExistsOne => Type::bool(),
            Quantifier::Filter => Type::of(Alternative::List(List { items: Items::Type(Box::new(item)), min: 0, max })),
            Quantifier::Map => {
                let min = if is_filtered { 0 } else { min };
                Type::of(Alternative::List(List { items: Items::Type(Box::new(body_type)), min, max }))
            }
        };
        type_.reported = reported;
        plain(type_, facts)
    }

    /// Reports nested quantifiers that cost too much.
    fn reckon(&mut self, node: &Node) {
        let depth = self.loops.len();
        let bounded = self.loops.iter().all(|(_, bounded)| *bounded);
        let cost = self.loops.iter().fold(1u64, |cost, (items, _)| cost.saturating_mul((*items).max(1)));
        if depth > NESTING_LIMIT + usize::from(bounded) {
            self.report(
                node,
                format!("quantifiers are nested {depth} levels deep"),
                Some("the limit is two levels, or three if every list has maxItems".to_owned()),
            );
        } else if cost > COST_LIMIT {
            let message = format!("iterating over these lists may take {cost} steps; the limit is {COST_LIMIT}");
            self.report(node, message, Some(format!("a list without maxItems counts as {ASSUMED_ITEMS} items")));
        }
    }

    /// Adds the cost of visiting every item of a list inside a quantifier.
    pub(crate) fn reckon_scan(&mut self, node: &Node, list: &Type) {
        if self.loops.is_empty() || list.reported {
            return;
        }
        let max = list.alternatives.iter().map(|alternative| match alternative {
            Alternative::List(list) => list.max.map_or((ASSUMED_ITEMS, false), |max| (max, true)),
            _ => (1, true),
        });
        let max = max.max().unwrap_or((1, true));
        let cost = self.loops.iter().fold(max.0, |cost, (items, _)| cost.saturating_mul((*items).max(1)));
        if cost > COST_LIMIT {
            self.report(node, format!("iterating over these lists may take {cost} steps; the limit is {COST_LIMIT}"), None);
        }
    }
}

fn same_kind(left: &Type, right: &Type) -> bool {
    let kinds = |type_: &Type| type_.alternatives.iter().map(Alternative::word).collect::<Vec<_>>();
    kinds(left).iter().any(|kind| kinds(right).contains(kind))
}
