//! Annotations that have an effect in an OpenAPI document: formats, and defaults of parameters. Their notes become changes with a verdict.

use charter_contract::{Contract, JsonType, Keywords, Location, Parameter, ParameterPlace, SchemaId};
use serde_json::{Number, Value};

use crate::change::{OperationChange, Verdict};
use crate::compare::{Differences, Note};
use crate::diff::{Direction, Use, Uses};
use crate::document::encoding;
use crate::operations::{Body, OperationPair};

/// The effect of a change: on what requests and responses may contain.
struct Effect {
    /// Whether a message may contain what it could not contain before.
    more: Verdict,
    /// Whether a message may not contain what it could contain before.
    less: Verdict,
    /// The direction that alone is affected.
    only: Option<Direction>,
    /// The keyword.
    keyword: &'static str,
    kind: String,
    summary: String,
}

/// Removes the notes that have an effect, and returns them as changes, with the ids of the notes.
pub(crate) fn with_effect(
    differences: &mut Differences,
    uses: &Uses,
    pairs: &[OperationPair],
    old: &Contract,
    new: &Contract,
) -> Vec<(String, OperationChange)> {
    if old.openapi_version().is_none() || new.openapi_version().is_none() {
        return Vec::new();
    }
    let mut changes = Vec::new();
    let mut notes = std::mem::take(&mut differences.notes);
    notes.retain(|note| {
        let ids = (old.schemas().at(&note.old_location), new.schemas().at(&note.new_location));
        let (Some(one), Some(other)) = ids else { return true };
        let keywords = (&old.schema(one).keywords, &new.schema(other).keywords);
        let effect = match note.kind.0.as_str() {
            "format-changed" if encoding::is_same(old.schema(one).source(), new.schema(other).source()) => None,
            "format-changed" => format(note, keywords),
            "default-changed" => default_of_parameter(pairs, (one, other), old, new),
            _ => None,
        };
        let Some(effect) = effect else { return true };
        let index: Vec<usize> = differences.index_of(one, other).into_iter().collect();
        let above = differences.above(&index);
        let users: Vec<&Use> = above.iter().filter_map(|pair| uses.get(pair)).flatten().collect();
        let users: Vec<&Use> = users.into_iter().filter(|user| effect.only.is_none_or(|only| user.direction == only)).collect();
        let has = |direction: Direction| users.iter().any(|user| user.direction == direction);
        let (reads, writes) = (has(Direction::Response), has(Direction::Request));
        if !reads && !writes {
            return true;
        }
        let worst = |read: Verdict, written: Verdict| match (reads, writes) {
            (true, true) => read.max(written),
            (true, false) => read,
            _ => written,
        };
        let (client, server) = (worst(effect.more, effect.less), worst(effect.less, effect.more));
        let at = |location: &Location| location.child(effect.keyword);
        let operation = users.iter().map(|user| user.operation.as_str()).min().unwrap_or_default();
        let locations = (at(&note.old_location), at(&note.new_location));
        let locations = (Some(&locations.0), Some(&locations.1));
        changes.push((note.id.clone(), OperationChange::unwitnessed(&effect.kind, operation, locations, effect.summary, client, server)));
        false
    });
    differences.notes = notes;
    changes
}

/// The formats of integers, with their least and greatest value.
const INTEGERS: [(&str, i128, i128); 8] = [
    ("int8", i8::MIN as i128, i8::MAX as i128),
    ("int16", i16::MIN as i128, i16::MAX as i128),
    ("int32", i32::MIN as i128, i32::MAX as i128),
    ("int64", i64::MIN as i128, i64::MAX as i128),
    ("uint8", 0, u8::MAX as i128),
    ("uint16", 0, u16::MAX as i128),
    ("uint32", 0, u32::MAX as i128),
    ("uint64", 0, u64::MAX as i128),
];

/// The effect of another format. The contract does not assert other formats than those of integers, so their effect is unknown.
fn format(note: &Note, (one, other): (&Keywords, &Keywords)) -> Option<Effect> {
    // Hints for forms.
    let name = |keywords: &Keywords| keywords.format.clone().filter(|format| !matches!(format.as_str(), "password" | "textarea"));
    let (before, after) = (name(one), name(other));
    let range = |format: Option<&str>| match format {
        None => Some((i128::MIN, i128::MAX)),
        Some(format) => INTEGERS.iter().find(|(name, ..)| *name == format).map(|(_, low, high)| (*low, *high)),
    };
    let known = Integers::of(one).zip(Integers::of(other)).zip(range(before.as_deref()).zip(range(after.as_deref())));
    let (more, less, why) = if let Some(((one, other), (before, after))) = known {
        let verdict = |is: bool| if is { Verdict::Breaking } else { Verdict::Compatible };
        (verdict(other.gain(before, after)), verdict(one.gain(after, before)), "it changes which integers are allowed")
    } else {
        let (more, less) = match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => (Verdict::Compatible, Verdict::Unknown),
            (Some(_), None) => (Verdict::Unknown, Verdict::Compatible),
            (Some(_), Some(_)) => (Verdict::Unknown, Verdict::Unknown),
        };
        (more, less, "the contract does not assert it, so its effect is unknown")
    };
    if (more, less) == (Verdict::Compatible, Verdict::Compatible) {
        return None;
    }
    let what = note.summary.split(';').next().unwrap_or_default();
    let summary = format!("{what}; {why}");
    Some(Effect { more, less, only: None, keyword: "format", kind: note.kind.0.clone(), summary })
}

/// The integers that a schema allows without its format.
enum Integers {
    Listed(Vec<i128>),
    Range(i128, i128),
}

impl Integers {
    /// The integers of a schema of integers, and possibly null.
    fn of(keywords: &Keywords) -> Option<Self> {
        let is_integer = |type_: &JsonType| matches!(type_, JsonType::Integer | JsonType::Null);
        let has_type = keywords.types.as_ref().is_some_and(|types| types.iter().all(is_integer));
        let (low, high) = bounds(keywords);
        let listed = keywords.constant.as_ref().map(std::slice::from_ref).or(keywords.enumeration.as_deref());
        let Some(values) = listed else { return has_type.then_some(Self::Range(low, high)) };
        // `const` and `enum` next to each other both apply; the constant has fewer values.
        let integers: Option<Vec<Option<i128>>> = values.iter().map(|value| integer(value, has_type)).collect();
        Some(Self::Listed(integers?.into_iter().flatten().filter(|value| (low..=high).contains(value)).collect()))
    }

    /// Whether one of the integers is in the range of a new format and not in that of the old one.
    fn gain(&self, (old_low, old_high): (i128, i128), (new_low, new_high): (i128, i128)) -> bool {
        match self {
            Self::Listed(values) => {
                values.iter().any(|value| (new_low..=new_high).contains(value) && !(old_low..=old_high).contains(value))
            }
            Self::Range(low, high) => {
                let (low, high) = (new_low.max(*low), new_high.min(*high));
                low <= high && (low < old_low || high > old_high)
            }
        }
    }
}

/// The integer of a listed value: `None` without a schema of integers, and `Some(None)` for a value that such a schema refuses.
fn integer(value: &Value, has_type: bool) -> Option<Option<i128>> {
    match value {
        Value::Number(number) => match (at_least(number), at_most(number)) {
            (low, high) if low == high => Some(Some(low)),
            _ => has_type.then_some(None),
        },
        Value::Null => Some(None),
        _ => has_type.then_some(None),
    }
}

/// The least and the greatest integer within the bounds.
fn bounds(keywords: &Keywords) -> (i128, i128) {
    let low = [
        keywords.minimum.as_ref().map(at_least),
        // An integer above a number is at least the next one.
        keywords.exclusive_minimum.as_ref().map(|bound| at_most(bound).saturating_add(1)),
    ];
    let high = [keywords.maximum.as_ref().map(at_most), keywords.exclusive_maximum.as_ref().map(|bound| at_least(bound).saturating_sub(1))];
    (low.into_iter().flatten().max().unwrap_or(i128::MIN), high.into_iter().flatten().min().unwrap_or(i128::MAX))
}

/// The least integer that is not below a number.
fn at_least(number: &Number) -> i128 {
    number.as_i128().unwrap_or_else(|| number.as_f64().unwrap_or_default().ceil() as i128)
}

/// The greatest integer that is not above a number.
fn at_most(number: &Number) -> i128 {
    number.as_i128().unwrap_or_else(|| number.as_f64().unwrap_or_default().floor() as i128)
}

/// The effect of another default of a parameter: a request without the parameter has another meaning.
fn default_of_parameter(pairs: &[OperationPair], (one, other): (SchemaId, SchemaId), old: &Contract, new: &Contract) -> Option<Effect> {
    let parameters = pairs.iter().flat_map(|pair| {
        let is_parameter = |body: &&Body| !body.name.starts_with("request ") && !is_always_sent(pair, body, old, new);
        pair.requests.iter().filter(is_parameter)
    });
    // The default can be next to the reference, at its target, or in a part of `allOf`.
    let mut described = parameters.filter(|body| old.family(body.old).contains(&one) && new.family(body.new).contains(&other));
    let (before, after) = described.find_map(|body| {
        let (before, after) = (default_of(old, body.old, 0), default_of(new, body.new, 0));
        (before != after).then_some((before, after))
    })?;
    // Without a default, the contract does not say what a request without the parameter means.
    let less = if before.is_some() && after.is_some() { Verdict::Breaking } else { Verdict::Unknown };
    let shown = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), |value| format!("`{value}`"));
    Some(Effect {
        more: Verdict::Compatible,
        less,
        only: Some(Direction::Request),
        keyword: "default",
        kind: "parameter-default-changed".to_owned(),
        summary: format!("the default is {}, previously {}", shown(after), shown(before)),
    })
}

/// Whether one of the contracts requires a parameter. A request without it is then refused, or none is sent, so its default has no effect.
fn is_always_sent(pair: &OperationPair, body: &Body, old: &Contract, new: &Contract) -> bool {
    let requires = |contract: &Contract, location: &Location, id: SchemaId| {
        let operation = contract.operations().iter().chain(contract.webhooks()).find(|operation| operation.location == *location);
        let mut parameters = operation.into_iter().flat_map(|operation| &operation.parameters);
        parameters.any(|parameter| parameter.schema == Some(id) && parameter.required && is_named(parameter, &body.name))
    };
    requires(old, &pair.locations.0, body.old) || requires(new, &pair.locations.1, body.new)
}

/// Whether a body is a parameter. The name of a header field is case-insensitive, and that of a path parameter may have changed.
fn is_named(parameter: &Parameter, name: &str) -> bool {
    parameter.place == ParameterPlace::Path || name.eq_ignore_ascii_case(&format!("{}.{}", parameter.place.as_str(), parameter.name))
}

/// The default of a schema: its own, else that of its reference or of a part.
fn default_of(contract: &Contract, id: SchemaId, depth: usize) -> Option<&Value> {
    let schema = contract.schema(id);
    let parts = || schema.keywords.reference.iter().chain(&schema.keywords.all_of);
    // A deeper chain is treated as cyclic.
    schema.default_value().or_else(|| parts().filter(|_| depth < 16).find_map(|part| default_of(contract, *part, depth + 1)))
}
