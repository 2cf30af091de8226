//! `oneOf` and `anyOf` whose branches list values, and `anyOf` of listed strings and any string: one enumeration.

use charter_contract::{Contract, SchemaId};
use serde_json::Value;

use super::build::{Builder, Subject};
use super::conjunction::{Conjunction, Kinds, same_json, values};
use super::{Documentation, Others, Shape, TypeKind, finite, union};
use crate::{Error, Mode};

/// The values that the branches of a union list.
struct Listed {
    keyword: &'static str,
    values: Vec<Value>,
    documentation: Vec<Documentation>,
    /// Whether every other string is valid.
    is_open: bool,
}

/// The shape of a union that is an enumeration, without null.
pub(super) fn shape(builder: &mut Builder<'_>, subject: &Subject<'_>) -> Result<Option<Shape>, Error> {
    let Some(listed) = listed(builder.contract, subject.all) else { return Ok(None) };
    let strings: Option<Vec<String>> = listed.values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
    let kind = match strings {
        Some(values) => TypeKind::Enumeration {
            values,
            documentation: listed.documentation,
            others: match builder.options.mode {
                _ if listed.is_open => Others::Valid,
                Mode::Client => Others::Later,
                Mode::Strict => Others::Refused,
            },
            union: Some(listed.keyword),
        },
        None if listed.is_open => return Ok(None),
        None => TypeKind::Values { values: listed.values, documentation: listed.documentation, union: Some(listed.keyword) },
    };
    let type_ = builder.reserve(subject)?;
    builder.shapes.types[type_.0].kind = kind;
    Ok(Some(Shape::Named(type_)))
}

/// The listed values, if the union is the only keyword except `type` and if its branches only list values.
fn listed(contract: &Contract, all: &Conjunction) -> Option<Listed> {
    let (part, keyword) = union::candidate(contract, all)?;
    let unions = all.parts.iter().flat_map(|part| ["anyOf", "oneOf"].map(|keyword| part.branches(contract, keyword)));
    if unions.filter(|branches| !branches.is_empty()).count() > 1 {
        return None;
    }
    let base = union::without_unions(contract, all);
    if !union::is_silent(contract, &base) {
        return None;
    }
    let kinds = base.kinds(contract).without(Kinds::NULL);
    let mut listed = Listed { keyword, values: Vec::new(), documentation: Vec::new(), is_open: false };
    let (mut lists, mut names) = (0, false);
    for id in part.branches(contract, keyword) {
        let branch = Conjunction::of(contract, [*id]);
        let of_branch = branch.kinds(contract).and(kinds);
        if of_branch.is_empty() {
            continue;
        }
        if of_branch == Kinds::STRING && union::is_any_string(contract, &branch) {
            // Under `oneOf`, a listed string would be valid under two branches and refused.
            if keyword == "oneOf" {
                return None;
            }
            listed.is_open = true;
            continue;
        }
        lists += 1;
        names |= contract.target(*id) != *id;
        listed.add(contract, *id, &branch, of_branch)?;
    }
    // A single list is the type of its branch, and lists with names of their own are types of their own.
    let is_enumeration = if listed.is_open { lists > 0 } else { lists > 1 && !names };
    let is_boolean = listed.values.iter().all(Value::is_boolean);
    (is_enumeration && !is_boolean && !listed.values.is_empty()).then_some(listed)
}

impl Listed {
    /// Adds the values of a branch; `None` if it does more than list values.
    fn add(&mut self, contract: &Contract, id: SchemaId, branch: &Conjunction, kinds: Kinds) -> Option<()> {
        let mut lists = branch.keywords(contract);
        let (Some((_, keywords)), None) = (lists.next(), lists.next()) else { return None };
        if !finite::is_list(keywords) || (keywords.constant.is_some() && keywords.enumeration.is_some()) {
            return None;
        }
        let values = values(keywords)?;
        let schema = contract.schema(id);
        for value in values.iter().filter(|value| kinds.has(Kinds::of_value(value))) {
            if self.values.iter().any(|known| same_json(known, value)) {
                // Under `oneOf`, a value of two branches is refused.
                if self.keyword == "oneOf" {
                    return None;
                }
                continue;
            }
            self.values.push(value.clone());
            self.documentation.push(match values {
                [_] => Documentation { title: schema.title().map(str::to_owned), description: schema.description().map(str::to_owned) },
                _ => Documentation::default(),
            });
        }
        Some(())
    }
}
