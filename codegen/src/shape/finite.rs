//! `enum` and `const`: the listed values that the other keywords accept.

use charter_contract::{Keywords, RareKeywords};
use serde_json::Value;

use super::build::{Builder, Subject};
use super::conjunction::{Kinds, same_json, values};
use super::{Others, Shape, TypeKind};
use crate::{Error, Mode};

/// The shape of a conjunction with listed values, without null.
pub(super) fn shape(builder: &mut Builder<'_>, subject: &Subject<'_>) -> Result<Option<Shape>, Error> {
    let contract = builder.contract;
    let mut lists = subject.all.keywords(contract).filter_map(|(_, keywords)| values(keywords));
    let Some(first) = lists.next() else { return Ok(None) };
    let mut left: Vec<Value> = Vec::new();
    for value in first.iter().filter(|value| !value.is_null()) {
        if !left.iter().any(|known| same_json(known, value)) {
            left.push(value.clone());
        }
    }
    let alone = subject.all.parts.len() == 1 && subject.all.keywords(contract).all(|(_, keywords)| is_list(keywords));
    if alone {
        let kinds = subject.all.kinds(contract);
        left.retain(|value| kinds.has(Kinds::of_value(value)));
        if let Some((_, keywords)) = subject.all.keywords(contract).next()
            && let (Some(constant), Some(list)) = (&keywords.constant, &keywords.enumeration)
        {
            left.retain(|_| list.iter().any(|value| same_json(value, constant)));
        }
    } else {
        let mut kept = Vec::new();
        'values: for value in left {
            for part in &subject.all.parts {
                if !builder.oracle.is_valid(part.id, &value)? {
                    continue 'values;
                }
            }
            kept.push(value);
        }
        left = kept;
    }
    if let Some(only) = subject.only {
        left.retain(|value| Kinds::of_value(value).kinds().first() == Some(&only));
    }
    if left.is_empty() {
        return Ok(Some(Shape::Never));
    }
    if left.len() == 2 && left.iter().all(Value::is_boolean) {
        return Ok(Some(Shape::Boolean));
    }
    let type_ = builder.reserve(subject)?;
    let strings: Option<Vec<String>> = left.iter().map(|value| value.as_str().map(str::to_owned)).collect();
    builder.shapes.types[type_.0].kind = match strings {
        Some(values) => {
            let others = if builder.options.mode == Mode::Client { Others::Later } else { Others::Refused };
            TypeKind::Enumeration { values, documentation: Vec::new(), others, union: None }
        }
        None => TypeKind::Values { values: left, documentation: Vec::new(), union: None },
    };
    Ok(Some(Shape::Named(type_)))
}

/// Whether `type`, `enum` and `const` are the only assertions.
pub(super) fn is_list(keywords: &Keywords) -> bool {
    let bare = Keywords {
        types: keywords.types.clone(),
        enumeration: keywords.enumeration.clone(),
        rare: RareKeywords { constant: keywords.constant.clone(), ..RareKeywords::default() }.into(),
        format: keywords.format.clone(),
        deprecated: keywords.deprecated,
        read_only: keywords.read_only,
        write_only: keywords.write_only,
        ..Keywords::default()
    };
    bare == *keywords
}
