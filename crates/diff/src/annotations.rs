//! Annotations that have an effect in an OpenAPI document: formats of integers, `readOnly` and `writeOnly` of required properties, and
//! defaults of parameters. Their notes become changes with a verdict.

use charter_contract::{Contract, JsonType, Keywords, Level, Location};

use crate::change::{OperationChange, Verdict};
use crate::compare::{Differences, Note};
use crate::diff::{Direction, Use, Uses};
use crate::operations::OperationPair;

/// The effect of a change: on what requests and responses may contain.
struct Effect {
    /// Whether a message may contain what it could not contain before.
    more: Verdict,
    /// Whether a message may not contain what it could contain before.
    less: Verdict,
    /// The direction that alone is affected.
    only: Option<Direction>,
    /// The keyword, if the change is at the keyword.
    keyword: Option<&'static str>,
    kind: String,
    summary: String,
}

/// Removes the notes that have an effect, and returns them as changes.
pub(crate) fn with_effect(
    differences: &mut Differences,
    uses: &Uses,
    pairs: &[OperationPair],
    old: &Contract,
    new: &Contract,
) -> Vec<OperationChange> {
    let Some(version) = old.openapi_version().zip(new.openapi_version()) else { return Vec::new() };
    // Later versions leave `required` to JSON Schema.
    let has_directional_required = version.0 < (3, 1) && version.1 < (3, 1);
    let mut changes = Vec::new();
    let mut notes = std::mem::take(&mut differences.notes);
    notes.retain(|note| {
        let ids = (old.schemas().at(&note.old_location), new.schemas().at(&note.new_location));
        let (Some(one), Some(other)) = ids else { return true };
        let keywords = (&old.schema(one).keywords, &new.schema(other).keywords);
        let effect = match note.kind.0.as_str() {
            "format-changed" => format(note, keywords),
            "default-changed" => default_of_parameter(note, pairs, (one, other), old, new),
            _ if has_directional_required && requires(old, &note.old_location) && requires(new, &note.new_location) => directional(note),
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
        let at = |location: &Location| effect.keyword.map_or_else(|| location.clone(), |keyword| location.child(keyword));
        changes.push(OperationChange {
            id: note.id.clone(),
            kind: crate::change::Kind::new(effect.kind),
            operation: users.iter().map(|user| user.operation.as_str()).min().unwrap_or_default().to_owned(),
            old_location: Some(at(&note.old_location)),
            new_location: Some(at(&note.new_location)),
            is_removal: false,
            summary: effect.summary,
            client,
            tolerant_client: client,
            described_client: client,
            server,
            verdict: client,
            level: Level::Info,
            accepted: None,
            witness: None,
            promised_by: None,
            position: None,
        });
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
    let is_integer = |keywords: &Keywords| {
        keywords.types.as_ref().is_some_and(|types| types.iter().all(|type_| matches!(type_, JsonType::Integer | JsonType::Null)))
    };
    let (more, less) = if is_integer(one) && is_integer(other) {
        let range = |keywords: &Keywords, format: Option<&str>| {
            let (low, high) = match format {
                None => (i128::MIN, i128::MAX),
                Some(format) => INTEGERS.iter().find(|(name, ..)| *name == format).map(|(_, low, high)| (*low, *high))?,
            };
            let bound = |bound: &Option<serde_json::Number>| bound.as_ref().and_then(serde_json::Number::as_i128);
            Some((low.max(bound(&keywords.minimum).unwrap_or(low)), high.min(bound(&keywords.maximum).unwrap_or(high))))
        };
        let (before, after) = (range(one, before.as_deref())?, range(other, after.as_deref())?);
        let verdict = |is: bool| if is { Verdict::Breaking } else { Verdict::Compatible };
        (verdict(after.0 < before.0 || after.1 > before.1), verdict(after.0 > before.0 || after.1 < before.1))
    } else {
        match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => (Verdict::Compatible, Verdict::Unknown),
            (Some(_), None) => (Verdict::Unknown, Verdict::Compatible),
            (Some(_), Some(_)) => (Verdict::Unknown, Verdict::Unknown),
        }
    };
    if (more, less) == (Verdict::Compatible, Verdict::Compatible) {
        return None;
    }
    Some(Effect { more, less, only: None, keyword: Some("format"), kind: note.kind.0.clone(), summary: note.summary.clone() })
}

/// The effect of another default of a parameter: a request without the parameter has another meaning.
fn default_of_parameter(
    note: &Note,
    pairs: &[OperationPair],
    (one, other): (charter_contract::SchemaId, charter_contract::SchemaId),
    old: &Contract,
    new: &Contract,
) -> Option<Effect> {
    let is_parameter = pairs.iter().flat_map(|pair| &pair.requests).any(|body| {
        let same = old.target(body.old) == one && new.target(body.new) == other;
        same && !body.name.starts_with("request ")
    });
    if !is_parameter {
        return None;
    }
    let has = |contract: &Contract, id| contract.schema(id).default_value().is_some();
    // Without a default, the contract does not say what a request without the parameter means.
    let less = if has(old, one) && has(new, other) { Verdict::Breaking } else { Verdict::Unknown };
    Some(Effect {
        more: Verdict::Compatible,
        less,
        only: Some(Direction::Request),
        keyword: Some("default"),
        kind: "parameter-default-changed".to_owned(),
        summary: note.summary.clone(),
    })
}

/// The effect of `readOnly` or `writeOnly` of a required property: a required property that is read-only is required of responses alone,
/// and one that is write-only of requests alone.
fn directional(note: &Note) -> Option<Effect> {
    let (keyword, only, added) = match note.kind.0.as_str() {
        "read-only-added" => ("readOnly", Direction::Request, true),
        "read-only-removed" => ("readOnly", Direction::Request, false),
        "write-only-added" => ("writeOnly", Direction::Response, true),
        "write-only-removed" => ("writeOnly", Direction::Response, false),
        _ => return None,
    };
    // A message without the property is valid afterwards, or it was valid before.
    let (more, less) = if added { (Verdict::Breaking, Verdict::Compatible) } else { (Verdict::Compatible, Verdict::Breaking) };
    let key = note.new_location.last_token().unwrap_or_default();
    let (is, may) = if added { ("now", "need not") } else { ("no longer", "must") };
    let summary = format!("`{key}` is {is} `{keyword}`: a {} {may} contain it", only.as_str());
    Some(Effect { more, less, only: Some(only), keyword: Some(keyword), kind: note.kind.0.clone(), summary })
}

/// Whether the schema that contains a property requires it.
fn requires(contract: &Contract, property: &Location) -> bool {
    let mut tokens: Vec<String> = property.tokens().collect();
    let Some(key) = tokens.pop() else { return false };
    if tokens.pop().as_deref() != Some("properties") {
        return false;
    }
    let owner = tokens.iter().fold(Location::root(property.document()), |location, token| location.child(token));
    contract.schemas().at(&owner).is_some_and(|id| contract.schema(id).keywords.required.contains(&key))
}
