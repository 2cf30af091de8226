//! Arrays: lists of one kind of item, and lists whose first items have schemas of their own.

use charter_contract::SchemaId;

use super::build::{Builder, Subject, inside, limit};
use super::check::{Check, Limit, count, push};
use super::{Origin, Shape, TypeKind, Use};
use crate::Error;

/// `prefixItems` with more entries is checked by the `jsonschema` crate.
const LONGEST: usize = 32;

impl Builder<'_> {
    pub(super) fn array(&mut self, subject: &Subject<'_>) -> Result<Shape, Error> {
        let contract = self.contract;
        let mut checks = Vec::new();
        for (part, keywords) in subject.all.keywords(contract) {
            count(contract, part.id, &mut checks, [("minItems", keywords.min_items), ("maxItems", keywords.max_items)]);
            if keywords.unique_items {
                push(&mut checks, Check::of(contract, part.id, "uniqueItems", Limit::Unique));
            }
            if keywords.contains.is_some() && (keywords.min_contains != Some(0) || keywords.max_contains.is_some()) {
                push(&mut checks, Check::schema(contract, part.id, "contains"));
            }
            if keywords.unevaluated_items.is_some() {
                push(&mut checks, Check::schema(contract, part.id, "unevaluatedItems"));
            }
        }
        let length = subject.all.keywords(contract).map(|(_, keywords)| keywords.prefix_items.len()).max().unwrap_or(0);
        if length > LONGEST {
            for (part, keywords) in subject.all.keywords(contract) {
                if keywords.items.is_some() || !keywords.prefix_items.is_empty() {
                    push(&mut checks, Check::schema(contract, part.id, "prefixItems"));
                }
            }
            return self.constrained(subject, Shape::List(Box::new(Use { shape: Shape::Any, nullable: false })), checks);
        }
        let minimum = limit(&checks, "minItems", u64::max).unwrap_or(0);
        let mut maximum = limit(&checks, "maxItems", u64::min);
        if maximum.is_some_and(|maximum| minimum > maximum) {
            return Ok(Shape::Never);
        }
        if length > 0 {
            // The tuple type itself requires its first items and limits its length.
            let ends = self.items_at(subject, length).iter().any(|id| contract.schema(*id).keywords.never);
            let fits = |count: Option<u64>| count.is_some_and(|count| count <= length as u64);
            checks.retain(|check| match check.keyword {
                "minItems" => minimum > length as u64,
                "maxItems" => !ends && !fits(maximum),
                _ => true,
            });
        }
        // The item types are named after the type of a constrained list, else after the type that contains the list.
        let own = if checks.is_empty() { None } else { Some(self.reserve(subject)?) };
        let origin = |word: &str| match own {
            Some(of) => Origin::Part { of, word: word.to_owned() },
            None => inside(subject.origin, word),
        };
        let mut items = Vec::new();
        for index in 0..length {
            let item = self.together(self.items_at(subject, index), &origin(&format!("item {index}")))?;
            if item.shape == Shape::Never && !item.nullable {
                maximum = Some(maximum.map_or(index as u64, |maximum| maximum.min(index as u64)));
                break;
            }
            items.push(item);
        }
        let cut = maximum.is_some_and(|maximum| maximum <= items.len() as u64);
        if cut {
            items.truncate(maximum.unwrap_or_default() as usize);
        }
        let rest = match cut {
            true => Use { shape: Shape::Never, nullable: false },
            false => self.together(self.items_at(subject, length), &origin("item"))?,
        };
        let closed = rest.shape == Shape::Never && !rest.nullable;
        if closed && minimum > items.len() as u64 {
            // The reserved type has no values.
            return Ok(match own {
                Some(type_) => {
                    self.shapes.types[type_.0].kind = TypeKind::Constrained { inner: Shape::Never, checks: Vec::new() };
                    Shape::Named(type_)
                }
                None => Shape::Never,
            });
        }
        let inner = if length == 0 && !cut {
            Shape::List(Box::new(rest))
        } else {
            let required = (minimum as usize).min(items.len());
            Shape::Tuple { items, required, rest: (!closed).then(|| Box::new(rest)) }
        };
        Ok(match own {
            Some(type_) => {
                self.shapes.types[type_.0].kind = TypeKind::Constrained { inner, checks };
                Shape::Named(type_)
            }
            None => inner,
        })
    }

    /// The schemas of the item at an index.
    fn items_at(&self, subject: &Subject<'_>, index: usize) -> Vec<SchemaId> {
        let said =
            subject.all.keywords(self.contract).filter_map(|(_, keywords)| keywords.prefix_items.get(index).copied().or(keywords.items));
        let mut ids: Vec<SchemaId> = Vec::new();
        said.for_each(|id| {
            if !ids.contains(&id) {
                ids.push(id);
            }
        });
        ids
    }
}
