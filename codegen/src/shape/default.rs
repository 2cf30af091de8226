//! The `default` of a schema as a value. A default that its own schema refuses is only documentation.

use charter_contract::{Contract, Keywords, RareKeywords, SchemaId};
use serde_json::{Number, Value};

use super::build::Builder;
use super::conjunction::{Conjunction, Kinds, same_json, values};
use super::{Shape, Use};
use crate::Error;

/// The default of a property, if all its schemas accept it.
pub(super) fn of_property(builder: &mut Builder<'_>, ids: &[SchemaId], use_: &Use) -> Result<Option<Value>, Error> {
    let contract = builder.contract;
    let Some(default) = ids.iter().find_map(|id| stated(contract, *id)) else { return Ok(None) };
    // The user's own type may refuse what the schema accepts.
    if has_own(&use_.shape) {
        return Ok(None);
    }
    for id in ids {
        let valid = match simple(contract, *id, default) {
            Some(valid) => valid,
            None => builder.oracle.is_valid(*id, default)?,
        };
        if !valid {
            return Ok(None);
        }
    }
    Ok(Some(default.clone()))
}

/// The default of a schema: its own, else that of the schema it refers to.
fn stated(contract: &Contract, id: SchemaId) -> Option<&Value> {
    let own = contract.schema(id).default_value();
    own.or_else(|| contract.schema(contract.target(id)).default_value())
}

/// Whether a value is valid under a schema of simple keywords. `None` if the schema has others: building a validator for them is slow.
fn simple(contract: &Contract, id: SchemaId, value: &Value) -> Option<bool> {
    let all = Conjunction::of(contract, [id]);
    let [part] = all.parts.as_slice() else { return None };
    let keywords = &contract.schema(part.id).keywords;
    if all.never || !is_simple(keywords, value) {
        return None;
    }
    let is_listed = values(keywords).is_none_or(|list| list.iter().any(|known| same_json(known, value)));
    let length = value.as_str().map(|text| text.chars().count() as u64);
    let is_long_enough = length.is_none_or(|length| {
        keywords.min_length.is_none_or(|least| length >= least) && keywords.max_length.is_none_or(|most| length <= most)
    });
    let at_least =
        |bound: &Option<Number>, number: &Number| bound.as_ref().is_none_or(|bound| order(bound, number).is_some_and(|at| at.is_le()));
    let at_most =
        |bound: &Option<Number>, number: &Number| bound.as_ref().is_none_or(|bound| order(bound, number).is_some_and(|at| at.is_ge()));
    let is_within = value.as_number().is_none_or(|number| at_least(&keywords.minimum, number) && at_most(&keywords.maximum, number));
    Some(all.kinds(contract).has(Kinds::of_value(value)) && is_listed && is_long_enough && is_within)
}

/// The order of two numbers, if both are integers within `i64` or both are small enough to be exact doubles.
fn order(left: &Number, right: &Number) -> Option<std::cmp::Ordering> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// Whether the only assertions are `type`, listed values, bounds and lengths.
fn is_simple(keywords: &Keywords, value: &Value) -> bool {
    let is_empty_list = value.as_array().is_some_and(Vec::is_empty) && keywords.min_items.is_none();
    let rare = RareKeywords {
        constant: keywords.constant.clone(),
        minimum: keywords.minimum.clone(),
        maximum: keywords.maximum.clone(),
        min_length: keywords.min_length,
        max_length: keywords.max_length,
        ..RareKeywords::default()
    };
    let bare = Keywords {
        types: keywords.types.clone(),
        enumeration: keywords.enumeration.clone(),
        rare: rare.into(),
        format: keywords.format.clone(),
        deprecated: keywords.deprecated,
        read_only: keywords.read_only,
        write_only: keywords.write_only,
        items: keywords.items.filter(|_| is_empty_list),
        ..Keywords::default()
    };
    bare == *keywords && (is_empty_list || !value.is_array())
}

fn has_own(shape: &Shape) -> bool {
    match shape {
        Shape::Own(_) => true,
        Shape::List(inner) | Shape::Map(inner) => has_own(&inner.shape),
        _ => false,
    }
}
