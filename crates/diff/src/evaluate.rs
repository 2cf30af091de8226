//! Evaluates schemas directly from the model, without a compiled validator. A compiled validator holds every schema that its schema
//! reaches, so one validator for each schema of a large contract needs quadratic memory. Candidates are evaluated here; the witnesses
//! found are confirmed by compiled validators.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use charter_contract::{Contract, JsonType, Keywords, SchemaId};
use jsonschema::Validator;
use serde_json::{Map, Number, Value, json};

use crate::exact;

/// A validation error: keyword, instance location, message.
pub(crate) type Failure = (String, String, String);

/// The maximum depth of schemas for one instance.
const DEPTH: usize = 200;
/// The maximum length of an array whose items are compared with one another.
const UNIQUE: usize = 400;
/// Numbers up to this size are exact as `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Evaluates the schemas of a contract.
pub(crate) struct Evaluator<'c> {
    contract: &'c Contract,
    tolerant: bool,
    patterns: RefCell<HashMap<String, Option<Rc<Validator>>>>,
}

impl<'c> Evaluator<'c> {
    pub(crate) fn new(contract: &'c Contract, tolerant: bool) -> Self {
        Self { contract, tolerant, patterns: RefCell::default() }
    }

    /// Whether a schema accepts an instance; `None` if a keyword or a number is beyond this evaluator.
    pub(crate) fn accepts(&self, id: SchemaId, instance: &Value) -> Option<bool> {
        self.run(id, instance, "", &mut None, 0)
    }

    /// The validation errors; `None` if a keyword or a number is beyond this evaluator.
    pub(crate) fn errors(&self, id: SchemaId, instance: &Value) -> Option<Vec<Failure>> {
        let mut found = Some(Vec::new());
        self.run(id, instance, "", &mut found, 0)?;
        found
    }

    fn run(&self, id: SchemaId, value: &Value, path: &str, found: &mut Option<Vec<Failure>>, depth: usize) -> Option<bool> {
        let keywords = &self.contract.schema(id).keywords;
        let is_closed = |id: Option<SchemaId>| id.is_some_and(|id| *self.contract.schema(id).source() == json!(false));
        let ignored = self.tolerant && is_closed(keywords.unevaluated_properties);
        if depth > DEPTH
            || keywords.dynamic
            || keywords.unevaluated_items.is_some()
            || (keywords.unevaluated_properties.is_some() && !ignored)
        {
            return None;
        }
        let mut state = State { path, found, ok: true };
        if keywords.never {
            state.fail("falseSchema", || "False schema does not allow the value".to_owned());
        }
        self.values(keywords, value, &mut state);
        match value {
            Value::Number(number) => numbers(keywords, number, &mut state)?,
            Value::String(text) => self.texts(keywords, text, &mut state)?,
            Value::Array(items) => self.arrays(keywords, items, &mut state, depth)?,
            Value::Object(object) => self.objects(keywords, object, &mut state, depth)?,
            Value::Null | Value::Bool(_) => {}
        }
        for part in keywords.reference.iter().chain(&keywords.all_of) {
            let accepted = self.run(*part, value, path, state.found, depth + 1)?;
            state.part(accepted);
        }
        self.branches(keywords, value, &mut state, depth)?;
        Some(state.ok)
    }

    fn values(&self, keywords: &Keywords, value: &Value, state: &mut State<'_>) {
        if let Some(types) = &keywords.types
            && !types.iter().any(|type_| has_type(value, *type_))
        {
            state.fail("type", || format!("{value} is not of the types {types:?}"));
        }
        if let Some(values) = &keywords.enumeration {
            let texts = values.iter().any(Value::is_string) && values.iter().all(|value| value.is_string() || value.is_null());
            let accepted = if self.tolerant && texts {
                value.is_string() || value.is_null() && values.iter().any(Value::is_null) || keywords.types.is_some()
            } else {
                values.iter().any(|listed| equal(listed, value))
            };
            if !accepted {
                state.fail("enum", || format!("{value} is not one of the listed values"));
            }
        }
        if let Some(constant) = &keywords.constant
            && !equal(constant, value)
        {
            state.fail("const", || format!("{constant} was expected"));
        }
    }

    fn texts(&self, keywords: &Keywords, text: &str, state: &mut State<'_>) -> Option<()> {
        if keywords.min_length.is_some() || keywords.max_length.is_some() {
            let length = text.chars().count() as u64;
            if keywords.min_length.is_some_and(|least| length < least) {
                state.fail("minLength", || "the string is too short".to_owned());
            }
            if keywords.max_length.is_some_and(|most| length > most) {
                state.fail("maxLength", || "the string is too long".to_owned());
            }
        }
        if let Some(pattern) = &keywords.pattern
            && !self.matches(pattern, text)?
        {
            state.fail("pattern", || "the string does not match the pattern".to_owned());
        }
        Some(())
    }

    fn arrays(&self, keywords: &Keywords, items: &[Value], state: &mut State<'_>, depth: usize) -> Option<()> {
        let length = items.len() as u64;
        if keywords.min_items.is_some_and(|least| length < least) {
            state.fail("minItems", || "the array has too few items".to_owned());
        }
        if keywords.max_items.is_some_and(|most| length > most) {
            state.fail("maxItems", || "the array has too many items".to_owned());
        }
        if keywords.unique_items {
            if items.len() > UNIQUE {
                return None;
            }
            let repeats = (1..items.len()).any(|index| items[..index].iter().any(|earlier| equal(earlier, &items[index])));
            if repeats {
                state.fail("uniqueItems", || "items repeat".to_owned());
            }
        }
        for (index, item) in items.iter().enumerate() {
            if let Some(part) = keywords.prefix_items.get(index).copied().or(keywords.items) {
                let path = format!("{}/{index}", state.path);
                let accepted = self.run(part, item, &path, state.found, depth + 1)?;
                state.part(accepted);
            }
        }
        if let Some(part) = keywords.contains {
            let mut count = 0;
            for item in items {
                count += u64::from(self.run(part, item, "", &mut None, depth + 1)?);
            }
            if count < keywords.min_contains.unwrap_or(1) || keywords.max_contains.is_some_and(|most| count > most) {
                state.fail("contains", || "too few or too many items match `contains`".to_owned());
            }
        }
        Some(())
    }

    fn objects(&self, keywords: &Keywords, object: &Map<String, Value>, state: &mut State<'_>, depth: usize) -> Option<()> {
        let length = object.len() as u64;
        if keywords.min_properties.is_some_and(|least| length < least) {
            state.fail("minProperties", || "the object has too few properties".to_owned());
        }
        if keywords.max_properties.is_some_and(|most| length > most) {
            state.fail("maxProperties", || "the object has too many properties".to_owned());
        }
        let dependent = keywords.dependent_required.iter().filter(|(key, _)| object.contains_key(*key)).flat_map(|(_, needed)| needed);
        for key in keywords.required.iter().chain(dependent).filter(|key| !object.contains_key(*key)) {
            state.fail("required", || format!("{key:?} is a required property"));
        }
        for (key, value) in object {
            let mut path = String::new();
            if state.found.is_some() {
                path.push_str(state.path);
                charter_contract::push_token(&mut path, key);
            }
            let mut parts: Vec<SchemaId> = keywords.properties.get(key).copied().into_iter().collect();
            for (pattern, part) in &keywords.pattern_properties {
                if self.matches(pattern, key)? {
                    parts.push(*part);
                }
            }
            if parts.is_empty()
                && let Some(additional) = keywords.additional_properties
            {
                if *self.contract.schema(additional).source() != json!(false) {
                    parts.push(additional);
                } else if !self.tolerant {
                    state.fail("additionalProperties", || format!("Additional properties are not allowed ('{key}' was unexpected)"));
                }
            }
            for part in parts {
                let accepted = self.run(part, value, &path, state.found, depth + 1)?;
                state.part(accepted);
            }
            if let Some(names) = keywords.property_names
                && !self.run(names, &Value::from(key.as_str()), "", &mut None, depth + 1)?
            {
                state.fail("propertyNames", || format!("the property name '{key}' is refused"));
            }
        }
        for (key, part) in &keywords.dependent_schemas {
            if object.contains_key(key) {
                let value = Value::Object(object.clone());
                let path = state.path;
                let accepted = self.run(*part, &value, path, state.found, depth + 1)?;
                state.part(accepted);
            }
        }
        Some(())
    }

    fn branches(&self, keywords: &Keywords, value: &Value, state: &mut State<'_>, depth: usize) -> Option<()> {
        let accepted = |id: SchemaId| self.run(id, value, "", &mut None, depth + 1);
        if !keywords.any_of.is_empty() {
            let results: Vec<Option<bool>> = keywords.any_of.iter().map(|branch| accepted(*branch)).collect();
            if !results.contains(&Some(true)) {
                if results.contains(&None) {
                    return None;
                }
                state.fail("anyOf", || "no branch of `anyOf` accepts the value".to_owned());
            }
        }
        if !keywords.one_of.is_empty() {
            let mut count = 0;
            for branch in &keywords.one_of {
                count += usize::from(accepted(*branch)?);
            }
            if count != 1 {
                state.fail("oneOf", || format!("{count} branches of `oneOf` accept the value"));
            }
        }
        if let Some(part) = keywords.not
            && accepted(part)?
        {
            state.fail("not", || "`not` accepts the value".to_owned());
        }
        if let Some(condition) = keywords.if_ {
            let branch = if accepted(condition)? { keywords.then } else { keywords.else_ };
            if let Some(branch) = branch {
                let path = state.path;
                let accepted = self.run(branch, value, path, state.found, depth + 1)?;
                state.part(accepted);
            }
        }
        Some(())
    }

    fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        if let Some(known) = self.patterns.borrow().get(pattern) {
            return known.as_ref().map(|validator| validator.is_valid(&Value::from(text)));
        }
        let built = jsonschema::validator_for(&json!({ "pattern": pattern })).ok().map(Rc::new);
        self.patterns.borrow_mut().insert(pattern.to_owned(), built.clone());
        built.map(|validator| validator.is_valid(&Value::from(text)))
    }
}

struct State<'s> {
    path: &'s str,
    found: &'s mut Option<Vec<Failure>>,
    ok: bool,
}

impl State<'_> {
    fn fail(&mut self, keyword: &str, message: impl FnOnce() -> String) {
        self.ok = false;
        if let Some(list) = self.found {
            list.push((keyword.to_owned(), self.path.to_owned(), message()));
        }
    }

    fn part(&mut self, accepted: bool) {
        self.ok &= accepted;
    }
}

fn numbers(keywords: &Keywords, number: &Number, state: &mut State<'_>) -> Option<()> {
    let bounds = [&keywords.minimum, &keywords.maximum, &keywords.exclusive_minimum, &keywords.exclusive_maximum, &keywords.multiple_of];
    if bounds.iter().all(|bound| bound.is_none()) {
        return Some(());
    }
    let bound =
        |bound: &Option<Number>, order: &dyn Fn(Ordering) -> bool| bound.as_ref().is_some_and(|bound| order(exact::compare(number, bound)));
    if bound(&keywords.minimum, &Ordering::is_lt) {
        state.fail("minimum", || "the number is too small".to_owned());
    }
    if bound(&keywords.maximum, &Ordering::is_gt) {
        state.fail("maximum", || "the number is too large".to_owned());
    }
    if bound(&keywords.exclusive_minimum, &Ordering::is_le) {
        state.fail("exclusiveMinimum", || "the number is too small".to_owned());
    }
    if bound(&keywords.exclusive_maximum, &Ordering::is_ge) {
        state.fail("exclusiveMaximum", || "the number is too large".to_owned());
    }
    if let Some(step) = &keywords.multiple_of
        && !exact::is_multiple(number, step)?
    {
        state.fail("multipleOf", || "the number is not a multiple".to_owned());
    }
    Some(())
}

/// Whether a number beyond the exact range of `f64` is part of a value. Compiled validators compare such numbers as `f64`.
pub(crate) fn has_large_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_none_or(|number| number.abs() >= EXACT),
        Value::Array(items) => items.iter().any(has_large_number),
        Value::Object(members) => members.values().any(has_large_number),
        _ => false,
    }
}

fn has_type(value: &Value, type_: JsonType) -> bool {
    match type_ {
        JsonType::Null => value.is_null(),
        JsonType::Boolean => value.is_boolean(),
        JsonType::Number => value.is_number(),
        JsonType::Integer => match value {
            Value::Number(number) => number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|number| number.fract() == 0.0),
            _ => false,
        },
        JsonType::String => value.is_string(),
        JsonType::Array => value.is_array(),
        JsonType::Object => value.is_object(),
    }
}

/// Whether two values are equal as JSON Schema defines it: 1 equals 1.0.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || exact::compare(one, other).is_eq(),
        (Value::Array(one), Value::Array(other)) => one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other)),
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len() && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| equal(value, other)))
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of every type, with the keys, bounds and texts of the fixtures.
    fn instances() -> Vec<Value> {
        let scalars = [
            json!(null),
            json!(true),
            json!(0),
            json!(1),
            json!(-1),
            json!(2.5),
            json!(3),
            json!(7),
            json!(12),
            json!(100),
            json!(""),
            json!("a"),
            json!("ab"),
            json!("abc"),
            json!("x1"),
            json!("open"),
            json!("zzzzzzzzzzzz"),
            json!([]),
            json!([1]),
            json!([1, 1]),
            json!(["a", "b", "a"]),
            json!([null, 2, "c", {}]),
            json!({}),
        ];
        let mut all = scalars.to_vec();
        for value in &scalars {
            for key in ["v", "a", "b", "c", "x", "x-a", "kind"] {
                all.push(json!({ key: value }));
                all.push(json!({ key: value, "a": 1, "unknown": "x" }));
                all.push(json!({ key: value, "v": "a", "b": value }));
            }
            all.push(json!([value, value]));
            all.push(json!({ "v": { "a": value } }));
            all.push(json!({ "v": [value] }));
        }
        all
    }

    #[test]
    fn the_evaluator_agrees_with_compiled_validators() {
        let instances = instances();
        let (mut compared, mut undecided) = (0u64, 0u64);
        for text in [include_str!("../tests/kinds/schemas.json"), include_str!("../tests/kinds/equal.json")] {
            let cases: Vec<Value> = serde_json::from_str(text).expect("cases");
            for schema in cases.iter().flat_map(|case| [&case["old"], &case["new"]]) {
                let mut schema = schema.clone();
                if let Value::Object(keywords) = &mut schema {
                    keywords.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
                }
                let files = vec![("thing.schema.json".to_owned(), schema.to_string().into_bytes())];
                let contract = charter_contract::from_documents(files).expect("a contract");
                let evaluator = Evaluator::new(&contract, false);
                let validator = jsonschema::options().should_validate_formats(false).build(&schema).expect("a validator");
                let root = contract.roots()[0];
                for instance in &instances {
                    match evaluator.accepts(root, instance) {
                        Some(accepted) => {
                            assert_eq!(accepted, validator.is_valid(instance), "{schema}\n{instance}");
                            let errors = evaluator.errors(root, instance).expect("errors");
                            assert_eq!(accepted, errors.is_empty(), "{schema}\n{instance}");
                            compared += 1;
                        }
                        None => undecided += 1,
                    }
                }
            }
        }
        assert!(compared > 100_000 && undecided * 10 < compared, "{compared} compared, {undecided} undecided");
    }
}
