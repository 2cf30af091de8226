//! The texts of parameters, header fields and fields of forms. On the wire, a number is a text, and one value is a list of one.

use std::collections::BTreeSet;

use charter_contract::{JsonType, Keywords, SchemaId};
use serde_json::Value;

use crate::change::Verdict::{self, Breaking, Compatible, Unknown};
use crate::side::Side;
use crate::witness::Candidates;

/// How the texts that a value may have differ in two contracts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Relation {
    /// Whether the new contract allows more texts: `Breaking` if it does, `Compatible` if not.
    pub(crate) more: Verdict,
    /// Whether the new contract allows fewer texts.
    pub(crate) less: Verdict,
    /// What is different, after the name of the value.
    pub(crate) summary: String,
}

impl Relation {
    fn of(more: Verdict, less: Verdict, summary: impl Into<String>) -> Self {
        Self { more, less, summary: summary.into() }
    }

    /// The verdicts for a client and a server.
    pub(crate) fn verdicts(&self, is_request: bool) -> (Verdict, Verdict) {
        if is_request { (self.less, self.more) } else { (self.more, self.less) }
    }

    /// The kind of the change, of three: more texts, fewer, or other ones.
    pub(crate) fn kind<'k>(&self, [generalized, narrowed, changed]: [&'k str; 3]) -> &'k str {
        match (self.more, self.less) {
            (_, Compatible) => generalized,
            (Compatible, _) => narrowed,
            _ => changed,
        }
    }
}

/// How the texts differ; `None` if a comparison as JSON decides.
pub(crate) fn relation((old, one): (&Side<'_>, SchemaId), (new, other): (&Side<'_>, SchemaId)) -> Option<Relation> {
    if let (Some(before), Some(after)) = (listed(old, one), listed(new, other))
        && old.contract().types_of(one).is_disjoint(&new.contract().types_of(other))
    {
        return match (before.is_subset(&after), after.is_subset(&before)) {
            (true, true) => Some(Relation::of(Compatible, Compatible, "has another type and the same texts")),
            (true, false) => Some(Relation::of(Breaking, Compatible, "may now be more texts")),
            (false, true) => Some(Relation::of(Compatible, Breaking, "may now be fewer texts")),
            (false, false) => None,
        };
    }
    if let (Some(left), Some(right)) = (items(old, one), items(new, other)) {
        let found = relation((old, left), (new, right))?;
        return Some(Relation { summary: format!("has items, each of which {}", found.summary), ..found });
    }
    let (before, after) = (Texts::of(old, one)?, Texts::of(new, other)?);
    match (before, after) {
        (Texts::Scalars, Texts::Every) => Some(Relation::of(Breaking, without_format(new, other), "may now be every text")),
        (Texts::Every, Texts::Scalars) => Some(Relation::of(without_format(old, one), Breaking, "may now be fewer texts")),
        (Texts::Scalars | Texts::Every, Texts::List) => Some(Relation::of(Breaking, Compatible, "may now be a list of every text")),
        (Texts::List, Texts::Scalars | Texts::Every) => Some(Relation::of(Compatible, Breaking, "may now be fewer texts")),
        (Texts::Every, Texts::Every) if old.contract().types_of(one) != new.contract().types_of(other) => {
            let (more, less) = (without_format(old, one), without_format(new, other));
            Some(Relation::of(more, less, "has another type and the same texts"))
        }
        (Texts::Scalars, Texts::Some) | (Texts::Some, Texts::Scalars) => Some(by_samples((old, one), (new, other))),
        _ => None,
    }
}

/// The contract does not assert a format, so it is unknown whether a text without the format is allowed.
fn without_format(side: &Side<'_>, id: SchemaId) -> Verdict {
    let contract = side.contract();
    let format = contract.schema(contract.target(id)).keywords.format.as_deref();
    if format.is_none_or(|format| matches!(format, "binary" | "password" | "textarea")) { Compatible } else { Unknown }
}

/// Compares scalars with texts that other keywords restrict, by the texts of samples of both.
fn by_samples((old, one): (&Side<'_>, SchemaId), (new, other): (&Side<'_>, SchemaId)) -> Relation {
    let candidates = Candidates::of(old, one, new, other, None);
    // Numbers of every length, for bounds of the length of a text.
    let numbers = (0..18).map(|exponent| Value::from(10_u64.pow(exponent))).chain([Value::from(-1), Value::from(0.5)]);
    let samples: Vec<Value> = numbers.chain(candidates.all().iter().cloned()).collect();
    let of = |side: &Side<'_>, id: SchemaId| -> BTreeSet<String> {
        let allowed = samples.iter().filter(|value| side.accepts(id, value) == Some(true));
        allowed.filter_map(text).collect()
    };
    let allows = |side: &Side<'_>, id: SchemaId, text: &str| readings(text).iter().any(|value| side.accepts(id, value) == Some(true));
    let (before, after) = (of(old, one), of(new, other));
    let shortest = |texts: BTreeSet<String>| texts.into_iter().min_by_key(|text| (text.len(), text.clone()));
    let gained = shortest(after.into_iter().filter(|text| !allows(old, one, text)).collect());
    let lost = shortest(before.into_iter().filter(|text| !allows(new, other, text)).collect());
    let verdict = |found: &Option<String>| if found.is_some() { Breaking } else { Unknown };
    let (more, less) = (verdict(&gained), verdict(&lost));
    let example = |what: &str, text: Option<String>| text.map(|text| format!("{what} be `{text}`"));
    let examples: Vec<String> = [example("may now", gained), example("may no longer", lost)].into_iter().flatten().collect();
    let summary = if examples.is_empty() { "may be other texts".to_owned() } else { examples.join(" and ") };
    Relation { more, less, summary }
}

/// The text of a scalar.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The values that a text may mean.
fn readings(text: &str) -> Vec<Value> {
    let scalar = serde_json::from_str::<Value>(text).ok().filter(|value| value.is_number() || value.is_boolean());
    scalar.into_iter().chain([Value::String(text.to_owned())]).collect()
}

/// The keywords of a schema except its types and annotations.
fn restrictions(keywords: &Keywords) -> Keywords {
    Keywords {
        types: None,
        format: None,
        deprecated: false,
        read_only: false,
        write_only: false,
        format_asserted: false,
        ..keywords.clone()
    }
}

/// The item schema of a list without other keywords.
fn items(side: &Side<'_>, id: SchemaId) -> Option<SchemaId> {
    let contract = side.contract();
    let keywords = &contract.schema(contract.target(id)).keywords;
    let is_list = keywords.types.as_ref().is_some_and(|types| types.iter().all(|type_| matches!(type_, JsonType::Array | JsonType::Null)));
    let bare = Keywords { items: None, ..restrictions(keywords) };
    if is_list && bare == Keywords::default() { keywords.items } else { None }
}

/// The texts of a schema that lists its values; `None` if other keywords apply or a value has several texts.
fn listed(side: &Side<'_>, id: SchemaId) -> Option<BTreeSet<String>> {
    let contract = side.contract();
    let keywords = &contract.schema(contract.target(id)).keywords;
    let mut bare = Keywords { enumeration: None, ..restrictions(keywords) };
    bare.rare.constant = None;
    if bare != Keywords::default() {
        return None;
    }
    let is_boolean = keywords.types.as_ref().is_some_and(|types| types.iter().eq([&JsonType::Boolean]));
    let one = |value: &Value| match value {
        // `1` and `1.0` are one number.
        Value::Number(number) if number.is_f64() => None,
        value => text(value),
    };
    match (&keywords.enumeration, &keywords.constant) {
        (Some(values), None) => values.iter().map(one).collect(),
        (None, Some(value)) => one(value).map(|text| BTreeSet::from([text])),
        (None, None) if is_boolean => Some(["true", "false"].map(str::to_owned).into()),
        _ => None,
    }
}

/// The texts that a schema allows on the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    /// Numbers or booleans.
    Scalars,
    /// Every text.
    Every,
    /// Some texts.
    Some,
    /// Lists of any texts.
    List,
}

/// The greatest depth of unions whose branches are scalars.
const DEPTH: usize = 4;

impl Texts {
    fn of(side: &Side<'_>, id: SchemaId) -> Option<Self> {
        Self::within(side, id, DEPTH)
    }

    fn within(side: &Side<'_>, id: SchemaId, depth: usize) -> Option<Self> {
        let contract = side.contract();
        let keywords = &contract.schema(contract.target(id)).keywords;
        let bare = restrictions(keywords);
        let branches = if keywords.any_of.is_empty() { &keywords.one_of } else { &keywords.any_of };
        if keywords.types.is_none() && !branches.is_empty() && depth > 0 {
            let alone = Keywords { any_of: Vec::new(), one_of: Vec::new(), ..bare } == Keywords::default();
            let both = !keywords.any_of.is_empty() && !keywords.one_of.is_empty();
            let kinds: Option<Vec<Self>> = branches.iter().map(|branch| Self::within(side, *branch, depth - 1)).collect();
            let kinds = kinds.filter(|_| alone && !both)?;
            return match kinds.iter().all(|kind| *kind == Self::Scalars) {
                true => Some(Self::Scalars),
                false if kinds.iter().all(|kind| matches!(kind, Self::Scalars | Self::Every)) => Some(Self::Every),
                false => None,
            };
        }
        let types: Vec<JsonType> = keywords.types.as_ref()?.iter().copied().filter(|type_| *type_ != JsonType::Null).collect();
        let is_bare = bare == Keywords::default();
        let scalar = |type_: &JsonType| matches!(type_, JsonType::Integer | JsonType::Number | JsonType::Boolean);
        match types[..] {
            [JsonType::Array] if (Keywords { items: None, ..bare }) == Keywords::default() => {
                let all = keywords.items.is_none_or(|items| Self::of(side, items) == Some(Self::Every));
                all.then_some(Self::List)
            }
            [] => None,
            [JsonType::String] => Some(if is_bare { Self::Every } else { Self::Some }),
            _ if types.iter().all(scalar) => Some(Self::Scalars),
            _ => (is_bare && types.iter().all(|type_| *type_ == JsonType::String || scalar(type_))).then_some(Self::Every),
        }
    }
}
