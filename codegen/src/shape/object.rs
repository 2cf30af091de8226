//! Objects: known keys, keys that match a pattern, and all other keys.

use charter_contract::{Contract, Direction, Keywords, Schema, SchemaId};
use indexmap::IndexMap;

use super::build::{Builder, Subject, inside};
use super::check::{Check, Limit, count, pattern, push};
use super::conjunction::{Conjunction, Part, on_objects};
use super::{Origin, PatternProperty, Property, Shape, TypeKind, Use};
use crate::{Error, Mode};

/// The keywords of one schema that apply to keys. `None` means that a key is known and has no schema here.
struct Group {
    keys: IndexMap<String, Option<SchemaId>>,
    patterns: Vec<(String, Option<SchemaId>)>,
    others: Option<SchemaId>,
    /// The schema.
    id: SchemaId,
}

impl Group {
    /// The schemas of a key, given which patterns it matches.
    fn of_key(&self, key: &str, matching: impl Fn(&str) -> bool) -> Vec<SchemaId> {
        let known = self.keys.get(key);
        let by_pattern: Vec<Option<SchemaId>> =
            self.patterns.iter().filter(|(pattern, _)| matching(pattern)).map(|(_, schema)| *schema).collect();
        if known.is_none() && by_pattern.is_empty() {
            return self.others.into_iter().collect();
        }
        known.into_iter().copied().chain(by_pattern).flatten().collect()
    }
}

pub(super) fn shape(builder: &mut Builder<'_>, subject: &Subject<'_>) -> Result<Shape, Error> {
    let contract = builder.contract;
    let mut checks = checks(contract, subject.all);
    let mut groups = Vec::new();
    for (part, keywords) in subject.all.keywords(contract).filter(|(_, keywords)| on_objects(keywords)) {
        groups.push(group(part.id, keywords));
        if keywords.unevaluated_properties.is_some() {
            match unevaluated(contract, part) {
                Some(group) => groups.extend(group),
                None => push(&mut checks, Check::schema(contract, part.id, "unevaluatedProperties")),
            }
        }
    }
    let mut patterns: Vec<(SchemaId, String, String)> = Vec::new();
    for group in &groups {
        for (written, _) in &group.patterns {
            if !patterns.iter().any(|(_, known, _)| known == written) {
                let translated = pattern(contract, group.id, "patternProperties", written)?;
                patterns.push((group.id, written.clone(), translated));
            }
        }
    }
    let engines: IndexMap<&str, _> =
        patterns.iter().map(|(_, written, translated)| (written.as_str(), charter_runtime::Pattern::compile(translated).ok())).collect();
    let matches = |written: &str, key: &str| {
        engines.get(written).and_then(Option::as_ref).is_some_and(|engine| engine.is_match(key).unwrap_or(false))
    };
    let mut keys: Vec<&str> = Vec::new();
    groups.iter().flat_map(|group| group.keys.keys()).for_each(|key| {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    });
    let required = subject.all.required(contract);
    for key in &required {
        if !keys.contains(key) {
            keys.push(key);
        }
    }
    if keys.is_empty() && patterns.is_empty() {
        let others = collect(&groups, |group| group.others.into_iter().collect());
        let closed = others.iter().any(|id| contract.schema(*id).keywords.never);
        if !closed {
            return map(builder, subject, others, checks);
        }
    }
    // A key that matches several patterns must satisfy each of them, but the type has only the first.
    if patterns.len() > 1 && !disjoint(&patterns) {
        for group in groups.iter().filter(|group| !group.patterns.is_empty()) {
            push(&mut checks, Check::schema(contract, group.id, "patternProperties"));
        }
    }
    let outer = if checks.is_empty() { None } else { Some(builder.reserve(subject)?) };
    let inner_origin;
    let inner = match outer {
        Some(of) => {
            inner_origin = Origin::Part { of, word: "unchecked".to_owned() };
            Subject { origin: &inner_origin, stands: false, ..*subject }
        }
        None => *subject,
    };
    let type_ = builder.reserve(&inner)?;
    let mut properties = Vec::new();
    for key in keys {
        let ids = collect(&groups, |group| group.of_key(key, |pattern| matches(pattern, key)));
        let is_required = required.contains(&key);
        let use_ = builder.together(ids.clone(), &Origin::Part { of: type_, word: key.to_owned() })?;
        let direction = builder.direction_of(subject.all);
        let default = super::default::of_property(builder, &ids, &use_)?;
        properties.push(Property { default, ..property(contract, subject, (key, is_required, direction), use_, &ids) });
    }
    let single = patterns.len() == 1 || disjoint(&patterns);
    let mut by_pattern = Vec::new();
    for (index, (_, written, translated)) in patterns.iter().enumerate() {
        let word = if patterns.len() == 1 { "matching".to_owned() } else { format!("matching {index}") };
        let ids = match single {
            true => collect(&groups, |group| group.of_key("\u{0}", |pattern| pattern == written)),
            // A key may match further patterns; the check covers those.
            false => collect(&groups, |group| {
                group.patterns.iter().filter(|(pattern, _)| pattern == written).filter_map(|(_, id)| *id).collect()
            }),
        };
        let use_ = builder.together(ids, &Origin::Part { of: type_, word })?;
        by_pattern.push(PatternProperty { written: written.clone(), pattern: translated.clone(), use_ });
    }
    let others = collect(&groups, |group| group.others.into_iter().collect());
    let use_ = builder.together(others, &Origin::Part { of: type_, word: "additional".to_owned() })?;
    let additional = (use_.shape != Shape::Never || use_.nullable).then_some(use_);
    // A key that is always invalid needs no field in a closed object.
    if additional.is_none() && by_pattern.is_empty() {
        properties.retain(|property| property.required || property.use_.nullable || property.use_.shape != Shape::Never);
    }
    let any = Use { shape: Shape::Any, nullable: false };
    let additional = additional.or_else(|| (builder.options.mode == Mode::Client).then_some(any));
    builder.shapes.types[type_.0].kind = TypeKind::Struct { properties, patterns: by_pattern, additional };
    if let Some(outer) = outer {
        builder.shapes.types[outer.0].kind = TypeKind::Constrained { inner: Shape::Named(type_), checks };
        return Ok(Shape::Named(outer));
    }
    Ok(Shape::Named(type_))
}

fn map(builder: &mut Builder<'_>, subject: &Subject<'_>, others: Vec<SchemaId>, checks: Vec<Check>) -> Result<Shape, Error> {
    if checks.is_empty() {
        let value = builder.together(others, &inside(subject.origin, "value"))?;
        return Ok(Shape::Map(Box::new(value)));
    }
    let type_ = builder.reserve(subject)?;
    let value = builder.together(others, &Origin::Part { of: type_, word: "value".to_owned() })?;
    builder.shapes.types[type_.0].kind = TypeKind::Constrained { inner: Shape::Map(Box::new(value)), checks };
    Ok(Shape::Named(type_))
}

fn property(
    contract: &Contract,
    subject: &Subject<'_>,
    (key, required, direction): (&str, bool, Option<Direction>),
    use_: Use,
    ids: &[SchemaId],
) -> Property {
    let schema = ids.first().copied().unwrap_or(subject.owner);
    let said = ids.iter().map(|id| contract.schema(*id));
    let referred = ids.iter().map(|id| contract.schema(contract.target(*id)));
    Property {
        key: key.to_owned(),
        required,
        use_,
        schema,
        location: contract.schema(schema).location.clone(),
        description: said.clone().chain(referred).find_map(|schema| schema.description().map(str::to_owned)),
        deprecated: said.clone().any(|schema| schema.keywords.deprecated),
        notes: notes(said.collect(), required && direction != Some(Direction::Request)),
        default: None,
    }
}

/// Sentences of the documentation in addition to the description.
fn notes(said: Vec<&Schema>, is_required_in_responses: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if said.iter().any(|schema| schema.keywords.read_only) {
        notes.push("Read only: set by the server.".to_owned());
    }
    if said.iter().any(|schema| schema.keywords.write_only) {
        notes.push(match is_required_in_responses {
            true => "Write only, but `required` applies to responses as well.".to_owned(),
            false => "Write only: never sent by the server.".to_owned(),
        });
    }
    if let Some(default) = said.iter().find_map(|schema| schema.default_value()) {
        notes.push(format!("Default: {default}."));
    }
    notes
}

fn checks(contract: &Contract, all: &Conjunction) -> Vec<Check> {
    let mut checks = Vec::new();
    for (part, keywords) in all.keywords(contract) {
        count(contract, part.id, &mut checks, [("minProperties", keywords.min_properties), ("maxProperties", keywords.max_properties)]);
        for (key, needs) in keywords.dependent_required.iter().filter(|(_, needs)| !needs.is_empty()) {
            push(&mut checks, Check::of(contract, part.id, "dependentRequired", Limit::Keys { key: key.clone(), needs: needs.clone() }));
        }
        if !keywords.dependent_schemas.is_empty() {
            push(&mut checks, Check::schema(contract, part.id, "dependentSchemas"));
        }
        if keywords.property_names.is_some_and(|id| !super::union::is_any_string(contract, &Conjunction::of(contract, [id]))) {
            push(&mut checks, Check::schema(contract, part.id, "propertyNames"));
        }
    }
    checks
}

fn group(id: SchemaId, keywords: &Keywords) -> Group {
    Group {
        keys: keywords.properties.iter().map(|(key, schema)| (key.clone(), Some(*schema))).collect(),
        patterns: keywords.pattern_properties.iter().map(|(pattern, schema)| (pattern.clone(), Some(*schema))).collect(),
        others: keywords.additional_properties,
        id,
    }
}

/// `unevaluatedProperties` as a group, if the evaluated keys do not depend on the value: it then acts like `additionalProperties`
/// next to the keywords of all schemas referred to. `None` if they do depend on it; an empty result if every key is evaluated.
fn unevaluated(contract: &Contract, part: Part) -> Option<Option<Group>> {
    let all = Conjunction::of(contract, [part.id]);
    let mut whole = Group {
        keys: IndexMap::new(),
        patterns: Vec::new(),
        others: contract.schema(part.id).keywords.unevaluated_properties,
        id: part.id,
    };
    for (other, keywords) in all.keywords(contract) {
        let depends = !keywords.any_of.is_empty()
            || !keywords.one_of.is_empty()
            || keywords.if_.is_some()
            || !keywords.dependent_schemas.is_empty()
            || keywords.dynamic
            || (other.id != part.id && keywords.unevaluated_properties.is_some());
        if depends {
            return None;
        }
        if keywords.additional_properties.is_some() {
            return Some(None);
        }
        whole.keys.extend(keywords.properties.keys().map(|key| (key.clone(), None)));
        whole.patterns.extend(keywords.pattern_properties.keys().map(|pattern| (pattern.clone(), None)));
    }
    Some(Some(whole))
}

/// The schemas from all groups, each once.
fn collect(groups: &[Group], said: impl Fn(&Group) -> Vec<SchemaId>) -> Vec<SchemaId> {
    let mut ids: Vec<SchemaId> = Vec::new();
    for id in groups.iter().flat_map(said) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// Whether no key can match two of the patterns: each requires a literal prefix, and no prefix is a prefix of another.
fn disjoint(patterns: &[(SchemaId, String, String)]) -> bool {
    let beginnings: Option<Vec<_>> = patterns.iter().map(|(_, written, _)| jsonschema_regex::pattern_as_prefix(written)).collect();
    beginnings.is_some_and(|all| {
        all.iter()
            .enumerate()
            .all(|(index, one)| all.iter().skip(index + 1).all(|other| !one.starts_with(&**other) && !other.starts_with(&**one)))
    })
}
