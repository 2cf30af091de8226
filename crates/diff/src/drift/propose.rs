//! What was seen to edits of the contract: one for each novelty, and what would take back or add promises.

use charter_contract::{Contract, JsonType, Location, SchemaId, StatusRange};
use serde_json::{Value, json};

use super::observe::{New, Observer, Place, Sightings};
use super::{Drift, Edit, Novelty, Seen, Unseen};
use crate::change::fingerprint;

/// How often a place must be seen before anything is said of what it always, or never, is.
const ENOUGH: u64 = 20;

pub(super) fn propose(observer: &Observer<'_, '_>, drift: &mut Drift) {
    for ((location, new), sightings) in &observer.news {
        let id = observer.at.get(&(location.clone(), new.clone())).copied();
        drift.novelties.push(novelty(observer, location, new, sightings, id));
    }
    for (id, place) in &observer.places {
        unseen(observer, *id, place, &mut drift.unseen);
        seen(observer, *id, place, &mut drift.seen);
    }
}

fn novelty(observer: &Observer<'_, '_>, location: &Location, new: &New, sightings: &Sightings, id: Option<SchemaId>) -> Novelty {
    let contract = observer.side.contract();
    let of = id.and_then(|id| observer.places.get(&id)).map_or(sightings.count, |place| place.count);
    let schema = id.map(|id| contract.schema(id));
    let (kind, summary, patch, loosens) = match new {
        New::Key(key) => {
            let closed = schema.is_some_and(|schema| schema.source.get("additionalProperties") == Some(&json!(false)));
            let proposed = sightings.inferred.as_ref().map_or(json!({}), |inferred| inferred.schema(closed));
            let place = location.child("properties");
            let mut patch = Vec::new();
            if schema.is_some_and(|schema| schema.source.get("properties").is_none()) {
                patch.push(edit("add", &place, Some(json!({}))));
            }
            patch.push(edit("add", &place.child(key), Some(proposed)));
            ("key", format!("the key `{key}` is unknown"), patch, false)
        }
        New::Listed(value) => {
            let parsed: Value = serde_json::from_str(value).unwrap_or_default();
            let patch = match schema.map(|schema| &schema.keywords) {
                Some(keywords) if keywords.enumeration.is_some() => vec![edit("add", &location.child("enum").child("-"), Some(parsed))],
                Some(keywords) => {
                    let values: Vec<Value> = keywords.constant.clone().into_iter().chain([parsed]).collect();
                    vec![edit("remove", &location.child("const"), None), edit("add", &location.child("enum"), Some(json!(values)))]
                }
                None => Vec::new(),
            };
            ("enum-value", format!("the value {value} is not listed"), patch, false)
        }
        New::Type(type_) => {
            let patch = id.map(|id| type_edit(contract, id, *type_, sightings)).unwrap_or_default();
            ("type", format!("the value is {}", article(*type_)), patch, false)
        }
        New::Bound(keyword) => {
            let bound = match *keyword {
                "minimum" | "minLength" | "minItems" | "minProperties" => &sightings.least,
                "maximum" | "maxLength" | "maxItems" | "maxProperties" => &sightings.most,
                _ => &None,
            };
            let place = location.child(keyword);
            let patch = match bound {
                Some(bound) => vec![edit("replace", &place, Some(Value::Number(bound.clone())))],
                // A bound that excludes itself, a pattern, a step: what was seen names no other one.
                None => vec![edit("remove", &place, None)],
            };
            let said = schema.and_then(|schema| schema.source.get(*keyword)).map(Value::to_string).unwrap_or_default();
            ("bound", format!("`{keyword}` is {said}, and values lie beyond it"), patch, true)
        }
        New::Format(format) => {
            ("format", format!("texts are not of the format `{format}`"), vec![edit("remove", &location.child("format"), None)], true)
        }
        New::Missing(key) => {
            let at = schema.and_then(|schema| schema.source.get("required")?.as_array()?.iter().position(|item| item == key));
            let patch = at.map(|index| vec![edit("remove", &location.child("required").child(index), None)]).unwrap_or_default();
            ("missing-key", format!("the required key `{key}` is missing"), patch, true)
        }
        New::Branch => {
            let keyword = if schema.is_some_and(|schema| !schema.keywords.any_of.is_empty()) { "anyOf" } else { "oneOf" };
            let proposed = sightings.inferred.as_ref().map_or(json!({}), |inferred| inferred.schema(true));
            ("union", "no branch takes the value".to_owned(), vec![edit("add", &location.child(keyword).child("-"), Some(proposed))], false)
        }
        New::Status(status) => {
            let summary = format!("the status {status} is not promised");
            ("status", summary, status_edit(observer, location, *status, sightings), false)
        }
        New::Media(media_type) => (
            "media-type",
            format!("the answer comes as `{media_type}`"),
            vec![edit("add", &location.child(media_type), Some(json!({})))],
            false,
        ),
    };
    let id = fingerprint([kind, &location.to_string(), &summary]);
    let examples = sightings.examples.clone();
    Novelty { id, kind, location: location.clone(), summary, count: sightings.count, of, examples, patch, loosens }
}

/// The edit that lets a value of another type stand where a schema stands.
fn type_edit(contract: &Contract, id: SchemaId, type_: JsonType, sightings: &Sightings) -> Vec<Edit> {
    let schema = contract.schema(id);
    let location = &schema.location;
    let keywords = &schema.keywords;
    if let Some(types) = &keywords.types {
        let mut wanted: Vec<JsonType> =
            types.iter().copied().filter(|known| !(type_ == JsonType::Number && *known == JsonType::Integer)).collect();
        wanted.push(type_);
        let mut patch =
            vec![edit("replace", &location.child("type"), Some(if wanted.len() == 1 { json!(wanted[0]) } else { json!(wanted) }))];
        if let Some(values) = &keywords.enumeration
            && type_ == JsonType::Null
            && !values.contains(&Value::Null)
        {
            patch.push(edit("add", &location.child("enum").child("-"), Some(Value::Null)));
        }
        return patch;
    }
    // What stands behind a reference is promised elsewhere, too: the place that refers to it becomes a union.
    let other = match type_ {
        JsonType::Null => json!({ "type": "null" }),
        _ => sightings.inferred.as_ref().map_or(json!({ "type": type_ }), |inferred| inferred.schema(true)),
    };
    let mut inner = schema.source.clone();
    let mut outer = json!({});
    if let (Value::Object(keywords), Value::Object(around)) = (&mut inner, &mut outer) {
        for annotation in ["title", "description"] {
            if let Some(value) = keywords.shift_remove(annotation) {
                around.insert(annotation.to_owned(), value);
            }
        }
    }
    outer["anyOf"] = json!([inner, other]);
    vec![edit("replace", location, Some(outer))]
}

/// A status whose body another promised answer describes is promised like that one.
fn status_edit(observer: &Observer<'_, '_>, location: &Location, status: u16, sightings: &Sightings) -> Vec<Edit> {
    let contract = observer.side.contract();
    let Some(operation) = contract.operations().iter().find(|operation| operation.location.child("responses") == *location) else {
        return Vec::new();
    };
    let shown = sightings.first.as_ref();
    let fits = operation.responses.iter().filter(|response| response.status != StatusRange::Default).find(|response| {
        let same_class = matches!(response.status, StatusRange::Exact(known) if (known >= 400) == (status >= 400));
        let schema = response.content.values().flatten().next();
        same_class && schema.is_some_and(|schema| shown.is_some_and(|value| observer.side.accepts(*schema, value) == Some(true)))
    });
    let described = fits.and_then(|response| contract.documents().at(&response.location)).cloned();
    let mut described = described.unwrap_or_else(|| json!({ "description": "" }));
    described["description"] = json!(format!("Seen in recordings; not described by the publisher ({status})."));
    vec![edit("add", &location.child(status), Some(described))]
}

fn unseen(observer: &Observer<'_, '_>, id: SchemaId, place: &Place, found: &mut Vec<Unseen>) {
    let contract = observer.side.contract();
    let schema = contract.schema(id);
    let (location, keywords) = (&schema.location, &schema.keywords);
    if place.count < ENOUGH {
        return;
    }
    let objects = place.count - place.nulls;
    for key in keywords.properties.keys().filter(|key| !place.keys.contains_key(*key)) {
        let at = location.child("properties").child(key);
        let summary = format!("the key `{key}` never occurs");
        found.push(Unseen { kind: "key", location: at.clone(), summary, of: objects, patch: vec![edit("remove", &at, None)] });
    }
    for (index, value) in keywords.enumeration.iter().flatten().enumerate() {
        if !place.values.contains_key(&value.to_string()) {
            let at = location.child("enum").child(index);
            let summary = format!("the value {value} never occurs");
            found.push(Unseen {
                kind: "enum-value",
                location: at.clone(),
                summary,
                of: place.count,
                patch: vec![edit("remove", &at, None)],
            });
        }
    }
    if let Some(types) = &keywords.types
        && types.contains(&JsonType::Null)
        && place.nulls == 0
        && types.len() > 1
    {
        let rest: Vec<JsonType> = types.iter().copied().filter(|type_| *type_ != JsonType::Null).collect();
        let value = if rest.len() == 1 { json!(rest[0]) } else { json!(rest) };
        let patch = vec![edit("replace", &location.child("type"), Some(value))];
        found.push(Unseen { kind: "null", location: location.clone(), summary: "null never occurs".to_owned(), of: place.count, patch });
    }
    let union = if keywords.any_of.is_empty() { ("oneOf", &keywords.one_of) } else { ("anyOf", &keywords.any_of) };
    for (index, branch) in union.1.iter().enumerate().filter(|(index, _)| !place.branches.contains_key(index)) {
        let at = location.child(union.0).child(index);
        let name = contract.schema(*branch).keywords.reference.and_then(|target| contract.schema(target).location.last_token());
        let summary = format!("the branch {} never occurs", name.unwrap_or_else(|| index.to_string()));
        found.push(Unseen { kind: "branch", location: at.clone(), summary, of: place.count, patch: vec![edit("remove", &at, None)] });
    }
}

fn seen(observer: &Observer<'_, '_>, id: SchemaId, place: &Place, found: &mut Vec<Seen>) {
    let contract = observer.side.contract();
    let schema = contract.schema(id);
    let (location, keywords) = (&schema.location, &schema.keywords);
    let bound = contract.invariants().binds.contains_key(&id);
    let lists = keywords.enumeration.is_some() || keywords.constant.is_some();
    if place.count < ENOUGH || lists || keywords.reference.is_some() {
        return;
    }
    let mut push = |kind, summary, of, patch| found.push(Seen { kind, location: location.clone(), summary, of, patch });
    if let (Some(least), Some(most)) = (place.least, place.most)
        && keywords.minimum.is_none()
        && keywords.maximum.is_none()
        && keywords.exclusive_minimum.is_none()
        && keywords.exclusive_maximum.is_none()
    {
        let patch =
            vec![edit("add", &location.child("minimum"), Some(whole(least))), edit("add", &location.child("maximum"), Some(whole(most)))];
        push("range", format!("numbers lie between {least} and {most}"), place.count, patch);
    }
    if place.texts < ENOUGH {
        return;
    }
    if let (Some((least, most)), None, None) = (place.lengths, keywords.min_length, keywords.max_length) {
        let patch = vec![
            edit("add", &location.child("minLength"), Some(json!(least))),
            edit("add", &location.child("maxLength"), Some(json!(most))),
        ];
        push("length", format!("texts have between {least} and {most} characters"), place.texts, patch);
    }
    if let Some(format) = place.formats.as_ref().and_then(|formats| formats.first())
        && keywords.format.is_none()
        && !bound
    {
        let patch = vec![edit("add", &location.child("format"), Some(json!(format)))];
        push("format", format!("every text is of the format `{format}`"), place.texts, patch);
    }
    if !place.more_values && place.values.len() > 1 && (place.values.len() as u64) * 4 <= place.texts {
        let values: Vec<Value> = place.values.keys().filter_map(|value| serde_json::from_str(value).ok()).collect();
        let patch = vec![edit("add", &location.child("enum"), Some(json!(values)))];
        push("values", format!("only {} texts occur", values.len()), place.texts, patch);
    }
}

fn edit(op: &'static str, location: &Location, value: Option<Value>) -> Edit {
    Edit { document: location.document().to_owned(), op, path: location.pointer().to_owned(), value }
}

fn whole(bound: f64) -> Value {
    if bound.fract() == 0.0 && bound.abs() < 9e15 { json!(bound as i64) } else { json!(bound) }
}

fn article(type_: JsonType) -> String {
    match type_ {
        JsonType::Null => "null".to_owned(),
        JsonType::Integer | JsonType::Array | JsonType::Object => format!("an {type_}"),
        other => format!("a {other}"),
    }
}
