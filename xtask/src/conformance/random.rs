//! Random schemas with random and mutated documents, compared with the `jsonschema` crate.

use camino::Utf8Path;
use charter_contract::{Sources, read_schemas};
use serde_json::{Map, Value, json};

use super::suite::{Group, Test};

/// Documents per schema.
const DOCUMENTS: usize = 60;

/// A pseudorandom number generator (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'p, T>(&mut self, of: &'p [T]) -> &'p T {
        &of[self.below(of.len())]
    }
}

const KEYS: [&str; 8] = ["a", "b", "c", "kind", "type", "x-one", "", "a b"];
const TEXTS: [&str; 8] = ["", "a", "b", "ab", "auto", "äöü", "x-one", "1"];
const DEFINITIONS: [&str; 3] = ["A", "B", "C"];

/// Groups of random schemas of draft 2020-12.
pub(super) fn groups(seed: u64, count: usize) -> Vec<Group> {
    let mut random = Random(seed);
    let mut groups = Vec::new();
    let mut tried = 0;
    while groups.len() < count && tried < count * 20 {
        tried += 1;
        let start = random.0;
        let schema = root(&mut random);
        // Schemas with a circle of references are invalid.
        if charter_contract::from_sources(Sources::of("schema.json", schema.to_string())).is_err() {
            continue;
        }
        let Ok(validator) = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(false).build(&schema)
        else {
            continue;
        };
        let tests = tests(&mut random, &schema, &validator);
        groups.push(Group {
            draft: "random".to_owned(),
            file: format!("seed {start}"),
            description: schema.to_string(),
            sources: Sources::of("schema.json", schema.to_string()),
            tests,
        });
    }
    groups
}

/// Groups of schemas from files, with random documents.
pub(super) fn of_schemas(path: &Utf8Path, seed: u64) -> Result<Vec<Group>, String> {
    let mut groups = Vec::new();
    for (name, bytes) in read_schemas(path).map_err(|error| error.to_string())? {
        let sources = Sources::of(name.clone(), bytes);
        let contract = charter_contract::from_sources(sources.clone()).map_err(|error| error.to_string())?;
        let Some(root) = contract.roots().first().copied() else {
            return Err(format!("{name} is not a JSON Schema"));
        };
        let bundle = contract.bundle();
        let registry = bundle.registry().map_err(|message| format!("{name}: {message}"))?;
        let validator = bundle.validator(&registry, &contract, root, false).map_err(|message| format!("{name}: {message}"))?;
        let tests = tests(&mut Random(seed), contract.schema(root).source(), &validator);
        groups.push(Group { draft: "own".to_owned(), file: name, description: "random documents".to_owned(), sources, tests });
    }
    Ok(groups)
}

fn tests(random: &mut Random, schema: &Value, validator: &jsonschema::Validator) -> Vec<Test> {
    let mut pool = Vec::new();
    collect(schema, &mut pool);
    let tests = (0..DOCUMENTS).map(|index| {
        let data = document(random, schema, schema, &pool, 0);
        let data = if index % 3 == 2 { mutated(random, data, &pool) } else { data };
        Test { description: format!("document {index}"), valid: validator.is_valid(&data), data }
    });
    tests.collect()
}

fn root(random: &mut Random) -> Value {
    let definitions: Map<String, Value> = DEFINITIONS.iter().map(|name| ((*name).to_owned(), schema(random, 1))).collect();
    let mut root = schema(random, 0);
    if let Value::Object(keywords) = &mut root {
        keywords.insert("$defs".to_owned(), Value::Object(definitions));
    }
    root
}

fn schema(random: &mut Random, depth: usize) -> Value {
    if depth > 0 && random.chance(6) {
        return Value::Bool(random.chance(60));
    }
    if depth > 0 && random.chance(15) {
        let mut reference = json!({ "$ref": format!("#/$defs/{}", random.pick(&DEFINITIONS)) });
        if random.chance(25) {
            merge(&mut reference, shallow(random));
        }
        return reference;
    }
    let mut built = json!({});
    let types = ["null", "boolean", "integer", "number", "string", "array", "object"];
    if random.chance(65) {
        let type_ = match random.below(4) {
            0 => json!([random.pick(&types), "null"]),
            _ => json!(random.pick(&types)),
        };
        if type_.as_array().is_none_or(|pair| pair[0] != pair[1]) {
            merge(&mut built, json!({ "type": type_ }));
        }
    }
    if random.chance(12) {
        let count = 1 + random.below(3);
        let mut values: Vec<Value> = (0..count).map(|_| constant(random, 0)).collect();
        values.dedup();
        merge(&mut built, if random.chance(30) { json!({ "const": values[0] }) } else { json!({ "enum": values }) });
    }
    for _ in 0..random.below(3) {
        let more = shallow(random);
        merge(&mut built, more);
    }
    if depth < 3 {
        for _ in 0..1 + random.below(3) {
            let more = deep(random, depth);
            merge(&mut built, more);
        }
    }
    built
}

fn merge(into: &mut Value, other: Value) {
    if let (Value::Object(keywords), Value::Object(others)) = (into, other) {
        keywords.extend(others);
    }
}

/// Keywords without subschemas.
fn shallow(random: &mut Random) -> Value {
    match random.below(14) {
        0 => json!({ "minimum": random.below(5) }),
        1 => json!({ "maximum": random.below(6) as f64 + 0.5 }),
        2 => json!({ "exclusiveMinimum": random.below(3) as i64 - 2 }),
        3 => json!({ "multipleOf": random.pick(&[0.5, 1.0, 2.0, 0.1]) }),
        4 => json!({ "minLength": random.below(3) }),
        5 => json!({ "maxLength": random.below(4) }),
        6 => json!({ "pattern": random.pick(&["^a", "b$", "^[a-z]*$", "\\d", "^(?!a)"]) }),
        7 => json!({ "minItems": random.below(3) }),
        8 => json!({ "maxItems": random.below(4) }),
        9 => json!({ "uniqueItems": true }),
        10 => json!({ "required": [random.pick(&KEYS)] }),
        11 => json!({ "minProperties": random.below(3) }),
        12 => json!({ "maxProperties": random.below(4) }),
        _ => json!({ "dependentRequired": { (*random.pick(&KEYS)): [random.pick(&KEYS)] } }),
    }
}

/// Keywords with subschemas.
fn deep(random: &mut Random, depth: usize) -> Value {
    let mut one = |random: &mut Random| schema(random, depth + 1);
    let some = |random: &mut Random, one: &mut dyn FnMut(&mut Random) -> Value| -> Vec<Value> {
        (0..1 + random.below(3)).map(|_| one(random)).collect()
    };
    let named = |random: &mut Random, one: &mut dyn FnMut(&mut Random) -> Value| -> Map<String, Value> {
        (0..1 + random.below(3)).map(|_| ((*random.pick(&KEYS)).to_owned(), one(random))).collect()
    };
    match random.below(20) {
        0..=4 => json!({ "properties": named(random, &mut one) }),
        5 => json!({ "additionalProperties": one(random) }),
        6 => json!({ "additionalProperties": false }),
        7 => json!({ "patternProperties": { (*random.pick(&["^x-", "^a", "b"])): one(random) } }),
        8 => json!({ "propertyNames": one(random) }),
        9 => json!({ "items": one(random) }),
        10 => json!({ "prefixItems": some(random, &mut one) }),
        11 => json!({ "contains": one(random), "minContains": random.below(3) }),
        12 => json!({ "allOf": some(random, &mut one) }),
        13 | 14 => json!({ "anyOf": some(random, &mut one) }),
        15 => json!({ "oneOf": some(random, &mut one) }),
        16 => json!({ "not": one(random) }),
        17 => json!({ "if": one(random), "then": one(random), "else": one(random) }),
        18 => json!({ "dependentSchemas": { (*random.pick(&KEYS)): one(random) } }),
        _ if random.chance(50) => json!({ "unevaluatedProperties": one(random) }),
        _ => json!({ "unevaluatedItems": one(random) }),
    }
}

fn constant(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth < 2 { 9 } else { 7 }) {
        0 => Value::Null,
        1 => json!(random.chance(50)),
        2 => json!(random.below(5)),
        3 => json!(random.below(10) as f64 / 2.0),
        4 => random.pick(&[json!(-1), json!(1e30), json!(18_446_744_073_709_551_615_u64), json!(-0.0), json!(0.3)]).clone(),
        5 | 6 => json!(random.pick(&TEXTS)),
        7 => Value::Array((0..random.below(3)).map(|_| constant(random, depth + 1)).collect()),
        _ => Value::Object((0..random.below(3)).map(|_| ((*random.pick(&KEYS)).to_owned(), constant(random, depth + 1))).collect()),
    }
}

/// Collects the values that a schema contains.
fn collect(schema: &Value, pool: &mut Vec<Value>) {
    match schema {
        Value::Object(keywords) => {
            for (keyword, value) in keywords {
                match keyword.as_str() {
                    "enum" => pool.extend(value.as_array().into_iter().flatten().cloned()),
                    "const" | "minimum" | "maximum" | "exclusiveMinimum" | "multipleOf" => pool.push(value.clone()),
                    _ => collect(value, pool),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, pool)),
        _ => {}
    }
}

/// A random document that is likely to be valid.
fn document(random: &mut Random, root: &Value, schema: &Value, pool: &[Value], depth: usize) -> Value {
    if depth > 6 || random.chance(8) {
        return if pool.is_empty() || random.chance(50) { constant(random, depth) } else { random.pick(pool).clone() };
    }
    let Value::Object(keywords) = schema else { return constant(random, depth) };
    if let Some(target) = keywords.get("$ref").and_then(Value::as_str).and_then(|reference| root.pointer(reference.strip_prefix('#')?)) {
        return document(random, root, target, pool, depth + 1);
    }
    if let Some(value) = keywords.get("const") {
        return value.clone();
    }
    if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
        return random.pick(values).clone();
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        if let Some(branches) = keywords.get(keyword).and_then(Value::as_array)
            && random.chance(50)
        {
            let branch = random.pick(branches).clone();
            return document(random, root, &branch, pool, depth + 1);
        }
    }
    let word = match keywords.get("type") {
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) => random.pick(words).as_str().unwrap_or("null").to_owned(),
        _ if keywords.contains_key("properties") || keywords.contains_key("required") || random.chance(30) => "object".to_owned(),
        _ if keywords.contains_key("items") || keywords.contains_key("prefixItems") || keywords.contains_key("contains") => {
            "array".to_owned()
        }
        _ => return constant(random, depth),
    };
    match word.as_str() {
        "null" => Value::Null,
        "boolean" => json!(random.chance(50)),
        "integer" => json!(random.below(8) as i64 - 1),
        "number" => json!(random.below(16) as f64 / 2.0 - 1.0),
        "string" => json!(random.pick(&TEXTS)),
        "array" => {
            let first = keywords.get("prefixItems").and_then(Value::as_array).cloned().unwrap_or_default();
            let items = keywords.get("items").or_else(|| keywords.get("contains")).cloned().unwrap_or(Value::Bool(true));
            let length = random.below(first.len() + 3);
            Value::Array((0..length).map(|index| document(random, root, first.get(index).unwrap_or(&items), pool, depth + 1)).collect())
        }
        _ => {
            let mut object = Map::new();
            for (key, property) in keywords.get("properties").and_then(Value::as_object).into_iter().flatten() {
                if random.chance(70) {
                    object.insert(key.clone(), document(random, root, property, pool, depth + 1));
                }
            }
            for key in keywords.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
                if random.chance(85) && !object.contains_key(key) {
                    object.insert(key.to_owned(), constant(random, depth + 1));
                }
            }
            if random.chance(30) {
                let others = keywords.get("additionalProperties").cloned().unwrap_or(Value::Bool(true));
                object.insert((*random.pick(&KEYS)).to_owned(), document(random, root, &others, pool, depth + 1));
            }
            Value::Object(object)
        }
    }
}

/// A document with one change.
fn mutated(random: &mut Random, mut data: Value, pool: &[Value]) -> Value {
    let target = &mut data;
    let other = if pool.is_empty() || random.chance(50) { constant(random, 1) } else { random.pick(pool).clone() };
    match target {
        Value::Object(entries) if !entries.is_empty() && random.chance(80) => {
            let key = entries.keys().nth(random.below(entries.len())).cloned().unwrap_or_default();
            if random.chance(40) {
                entries.shift_remove(&key);
            } else if let Some(value) = entries.get_mut(&key) {
                let inner = std::mem::take(value);
                *value = if random.chance(50) { other } else { mutated(random, inner, pool) };
            }
        }
        Value::Array(items) if !items.is_empty() && random.chance(80) => {
            let index = random.below(items.len());
            match random.below(3) {
                0 => drop(items.remove(index)),
                1 => items.push(other),
                _ => {
                    let inner = std::mem::take(&mut items[index]);
                    items[index] = mutated(random, inner, pool);
                }
            }
        }
        _ => *target = other,
    }
    data
}
