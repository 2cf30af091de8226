//! The rules against a second CEL evaluator with a binder of its own: both must give the same result for each rule on random valid
//! documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cel_core::{CelType, Duration, Env, FunctionDecl, MapActivation, OverloadDecl, Program, Value as Cel};
use charter_contract::invariant::{Invariant, Site};
use charter_contract_tests::{Exchange, Judge, Judgeable};
use charter_simulator::{Random, corpus};
use serde_json::{Value, json};

/// Pairs of documents; each pair is one run at two instants.
const PAIRS: usize = 5_000;
const INSTANTS: [&str; 4] = ["createdAt", "startedAt", "completedAt", "cancelRequestedAt"];

/// What the valid documents have at each location: kinds of JSON values, and the values of enumerations.
#[derive(Default)]
struct Kinds(BTreeMap<String, BTreeSet<String>>);

impl Kinds {
    /// Members that the schema says nothing of.
    const OPEN: [&str; 11] = [
        "/debug/observability",
        "/execution/comparison",
        "/execution/definitionSnapshot",
        "/execution/expected",
        "/execution/review/corrections/*/correctedValue",
        "/execution/review/corrections/*/originalValue",
        "/execution/steps/*",
        "/input/args",
        "/input/metadata",
        "/output",
        "/trigger/email",
    ];
    const ENUMERATIONS: [&str; 8] = [
        "/type",
        "/trigger/type",
        "/files/*/role",
        "/execution/status",
        "/execution/retry/nextRun/status",
        "/execution/review/status",
        "/execution/review/verdict",
        "/execution/review/corrections/*/kind",
    ];

    fn collect(&mut self, value: &Value, at: &str) {
        let kind = match value {
            Value::String(text) if Self::ENUMERATIONS.contains(&at) => text,
            Value::Array(items) if items.is_empty() => "empty array",
            Value::Null => "null",
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Number(number) if number.is_f64() => "decimal",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        self.0.entry(at.to_owned()).or_default().insert(kind.to_owned());
        match value {
            _ if Self::OPEN.contains(&at) => {}
            Value::Object(members) => members.iter().for_each(|(key, member)| self.collect(member, &format!("{at}/{key}"))),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, &format!("{at}/*"))),
            _ => {}
        }
    }

    fn add(&mut self, other: Self) {
        for (location, kinds) in other.0 {
            self.0.entry(location).or_default().extend(kinds);
        }
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (location, kinds) in &self.0 {
            writeln!(formatter, "{location}: {}", kinds.iter().map(String::as_str).collect::<Vec<_>>().join(", "))?;
        }
        Ok(())
    }
}

struct Schema {
    root: Value,
}

impl Schema {
    /// Every subschema that may describe the same value.
    fn alike<'s>(&'s self, schema: &'s Value, all: &mut Vec<&'s Value>) {
        all.push(schema);
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.strip_prefix('#').expect("a reference within the document");
            self.alike(self.root.pointer(pointer).expect("a target"), all);
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            for branch in schema[key].as_array().into_iter().flatten() {
                self.alike(branch, all);
            }
        }
    }

    /// A JSON value for the second evaluator: the schema determines which numbers are ints and which are doubles.
    fn bind(&self, value: &Value, schemas: &[&Value], name: &str) -> Cel {
        let mut all = Vec::new();
        for schema in schemas {
            self.alike(schema, &mut all);
        }
        let has_type = |word: &str| {
            all.iter().any(|schema| schema["type"] == word || schema["type"].as_array().is_some_and(|types| types.contains(&json!(word))))
        };
        match value {
            Value::Null => Cel::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) if has_type("number") => number.as_f64().expect("a double").into(),
            Value::Number(number) if has_type("integer") => match number.as_i64() {
                Some(value) => value.into(),
                None => (number.as_f64().expect("a double") as i64).into(),
            },
            Value::Number(number) => number.as_i64().map_or_else(|| number.as_f64().expect("a double").into(), Cel::from),
            Value::String(text) if INSTANTS.contains(&name) => instant(text).unwrap_or_else(|| text.as_str().into()),
            Value::String(text) => text.as_str().into(),
            Value::Array(items) => {
                let below: Vec<&Value> = all.iter().filter_map(|schema| schema.get("items")).collect();
                Cel::list(items.iter().map(|item| self.bind(item, &below, "")).collect::<Vec<_>>())
            }
            Value::Object(entries) => Cel::map(entries.iter().map(|(key, value)| {
                let below: Vec<&Value> = all.iter().filter_map(|schema| schema["properties"].get(key)).collect();
                (key.as_str(), self.bind(value, &below, key))
            })),
        }
    }
}

/// An instant, only in the forms that both evaluators accept.
fn instant(text: &str) -> Option<Cel> {
    let strict = text.as_bytes().get(10) == Some(&b'T') && !text[17..].starts_with("60");
    let parsed = chrono::DateTime::parse_from_rfc3339(text).ok().filter(|_| strict)?;
    Some(Cel::timestamp(parsed.timestamp(), i32::try_from(parsed.timestamp_subsec_nanos()).ok()?))
}

fn environment() -> Env {
    let function = |name: &str, result: CelType, body: fn(&[Cel]) -> Cel| {
        FunctionDecl::new(name).with_overload(OverloadDecl::function(format!("{name}_dyn"), vec![CelType::Dyn], result).with_impl(body))
    };
    Env::with_standard_library()
        .with_function(function("isInstant", CelType::Bool, |operands| matches!(operands, [Cel::Timestamp(_)]).into()))
        .with_function(function("isWhole", CelType::Bool, |operands| match operands {
            [Cel::Double(value)] => (value.fract() == 0.0).into(),
            _ => Cel::error("a wrong operand"),
        }))
        .with_function(function("milliseconds", CelType::Double, |operands| match operands {
            [Cel::Duration(Duration { seconds, nanos })] => (*seconds as f64 * 1e3 + f64::from(*nanos) / 1e6).into(),
            _ => Cel::error("a wrong operand"),
        }))
}

struct Rule<'c> {
    index: usize,
    invariant: &'c Invariant,
    when: Option<Program>,
    rule: Program,
}

/// Passed or vacuous, failed, guard false, errored.
type Counts = [u64; 4];

fn evaluate(rule: &Rule<'_>, activation: &MapActivation) -> usize {
    match rule.when.as_ref().map(|when| when.eval(activation)) {
        Some(Cel::Bool(false)) => return 2,
        Some(Cel::Bool(true)) | None => {}
        Some(_) => return 3,
    }
    match rule.rule.eval(activation) {
        Cel::Bool(true) => 0,
        Cel::Bool(false) => 1,
        _ => 3,
    }
}

/// The instance locations of a schema, written by hand.
fn instance_locations(body: &Value, schema: &str) -> Vec<String> {
    let is_present = |pointer: &str| body.pointer(pointer).is_some_and(|value| !value.is_null());
    let each = |pointer: &str| {
        let count = body.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).map(|index| format!("{pointer}/{index}")).collect::<Vec<_>>()
    };
    let whole = is_present("/execution/steps") || is_present("/execution/files");
    let one = |pointer: &str| if is_present(pointer) { vec![pointer.to_owned()] } else { Vec::new() };
    match schema {
        "" => vec![String::new()],
        "RunTiming" => one("/timing"),
        "RunSource" => one("/source"),
        "RunExecutionRetry" => one("/execution/retry"),
        "RunReview" if whole => one("/execution/review"),
        "RunReviewSummary" if !whole => one("/execution/review"),
        "RunReviewCorrection" if whole => each("/execution/review/corrections"),
        "RunReview" | "RunReviewSummary" | "RunReviewCorrection" => Vec::new(),
        "RunUsage" => one("/usage"),
        "RunUsageTokens" => one("/usage/tokens"),
        "RunArtifact" => each("/files"),
        other => panic!("the instance locations of {other} are not listed"),
    }
}

/// A value that may be valid in place of another.
fn other_value(random: &mut Random, old: &Value) -> Value {
    let numbers =
        [json!(0), json!(-1), json!(1), json!(12.0), json!(1.5), json!(-0.0), json!(9_007_199_254_740_991i64), json!(1e300), json!(0.999)];
    let texts = [
        "",
        "x",
        "run_x",
        "workflow",
        "agent",
        "completed",
        "failed",
        "running",
        "waiting",
        "cancelled",
        "closed",
        "open",
        "wont_fix",
        "field",
        "soon",
        "2026-07-14T10:00:00Z",
        "2026-07-14T12:00:00+02:00",
        "2026-07-14T09:59:59.5Z",
        "2026-07-14T09:12:33.018Z",
        "/a/b",
        "a~b",
    ];
    let pick = |random: &mut Random, count: usize| usize::try_from(random.below(count as u64)).expect("small");
    match (random.below(8), old) {
        (0, _) => Value::Null,
        (1, _) => json!([]),
        (2, _) => json!({}),
        (_, Value::Bool(value)) => json!(!value),
        (_, Value::Number(_)) => numbers[pick(random, numbers.len())].clone(),
        (_, Value::Null) if random.below(2) == 0 => numbers[pick(random, numbers.len())].clone(),
        _ => json!(texts[pick(random, texts.len())]),
    }
}

/// Members to add to a run.
fn additional_member(random: &mut Random, id: &Value) -> (&'static str, &'static str, Value) {
    let no_refs = json!({"requestedRef": null, "resolvedRef": null, "resolvedTag": null, "commitSha": null});
    let artifact = json!([{"name": "a", "role": "output", "path": "a", "stepName": "s", "size": -1}]);
    let all = [
        ("/eval", "exampleId", json!("x")),
        ("/source", "versionId", json!("x")),
        ("/source", "currentVersion", json!("9")),
        ("/source", "implementationAvailable", json!(false)),
        ("/source", "slug", json!("s")),
        ("/source", "model", json!("m")),
        ("/source", "git", no_refs),
        ("/trigger", "email", json!({"a": 1})),
        ("/input", "files", json!([{"name": "a"}])),
        ("/usage", "llmCallCount", json!(1.5)),
        ("/usage", "ocrPagesProcessed", json!(-2)),
        ("/usage", "agentTurns", json!(-0.5)),
        ("/debug", "traceId", json!("t")),
        ("/files/0", "stepName", json!("s")),
        ("/execution/review", "correctionCount", json!(-1)),
        ("/execution/retry", "previousRunId", id.clone()),
        ("/execution/retry", "previousRunId", json!("n")),
        ("/execution/retry", "nextRun", json!({"id": id, "status": "created"})),
        ("/execution/retry", "nextRun", json!({"id": "n", "status": "created"})),
        ("/execution", "comparison", json!(1)),
        ("/execution", "definitionSnapshot", json!({"a": [1]})),
        ("", "output", json!({"a": 1})),
        ("", "output", Value::Null),
        ("", "files", artifact),
        ("", "files", json!([])),
        ("", "error", json!("x")),
        ("", "eval", json!({"example": null, "score": null, "passed": null})),
        ("", "input", json!({"args": 1})),
        ("", "usage", Value::Null),
        ("", "debug", json!({"observability": 1})),
    ];
    all[usize::try_from(random.below(all.len() as u64)).expect("small")].clone()
}

fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            entries.iter().for_each(|(key, child)| pointers(child, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all))
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(index, child)| pointers(child, &format!("{at}/{index}"), all)),
        _ => {}
    }
    if !at.is_empty() {
        all.push(at.to_owned());
    }
}

/// The document with a few changes that keep it valid.
fn changed(random: &mut Random, body: &Value, validator: &jsonschema::Validator) -> Value {
    let mut body = body.clone();
    for _ in 0..random.below(5) {
        let mut all = Vec::new();
        pointers(&body, "", &mut all);
        let pointer = &all[usize::try_from(random.below(all.len() as u64)).expect("small")];
        let mut next = body.clone();
        if random.below(3) == 0 {
            let (parent, key, value) = additional_member(random, &body["id"]);
            if let Some(Value::Object(entries)) = next.pointer_mut(parent) {
                entries.insert(key.to_owned(), value);
            }
        } else if random.below(4) == 0 {
            let (parent, token) = pointer.rsplit_once('/').expect("a token");
            let token = token.replace("~1", "/").replace("~0", "~");
            match next.pointer_mut(parent).expect("a parent") {
                Value::Object(entries) => drop(entries.shift_remove(&token)),
                Value::Array(items) => drop(items.pop()),
                _ => {}
            }
        } else if let Some(place) = next.pointer_mut(pointer) {
            *place = other_value(random, place);
        }
        if validator.is_valid(&next) {
            body = next;
        }
    }
    body
}

fn request(id: &str, expand: &[&str]) -> Cel {
    let headers = Cel::map([("authorization", Cel::list(vec![Cel::from("Bearer ***")]))]);
    let expand = Cel::list(expand.iter().map(|section| Cel::from(*section)).collect::<Vec<_>>());
    Cel::map([
        ("method", Cel::from("GET")),
        ("path", Cel::map([("id", Cel::from(id))])),
        ("query", Cel::map([("expand", expand)])),
        ("headers", headers),
    ])
}

#[test]
fn both_evaluators_agree_on_every_rule() {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let schema =
        Schema { root: serde_json::from_str(&std::fs::read_to_string("../schema/run.schema.json").expect("the schema")).expect("JSON") };
    let validator = jsonschema::draft202012::new(&schema.root).expect("a schema");
    let env = environment();
    let program = |text: &str| env.program(&env.parse_only(text).unwrap_or_else(|error| panic!("{text}: {error}"))).expect("a program");
    let invariants = &judge.contract().invariants().invariants;
    let rules: Vec<Rule<'_>> = invariants
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.earlier.is_none())
        .filter(|(_, rule)| matches!(rule.on, Site::Schema(id) if judge.contract().schema(id).location.document() == "run.schema.json"))
        .map(|(index, invariant)| Rule {
            index,
            invariant,
            when: invariant.when.as_ref().map(|when| program(&when.text)),
            rule: program(&invariant.rule.text),
        })
        .collect();
    assert!(rules.len() >= 85, "{} rules", rules.len());
    let (totals, kinds) = std::thread::scope(|scope| {
        let halves: Vec<_> = (0..2u64)
            .map(|seed| {
                scope.spawn({
                    let (judge, schema, validator, rules) = (&judge, &schema, &validator, &rules);
                    move || compare(judge, schema, validator, rules, seed)
                })
            })
            .collect();
        let mut totals: BTreeMap<usize, Counts> = BTreeMap::new();
        let mut all_kinds = Kinds::default();
        for half in halves {
            let (counts, kinds) = half.join().expect("no disagreement");
            all_kinds.add(kinds);
            for (rule, counts) in counts {
                let sum = totals.entry(rule).or_default();
                (0..4).for_each(|kind| sum[kind] += counts[kind]);
            }
        }
        (totals, all_kinds)
    });
    insta::assert_snapshot!("kinds_of_values", kinds);
    let mut idle = Vec::new();
    // Each rule must pass and fail at least once.
    for rule in &rules {
        let [passed, failed, skipped, errored] = totals.get(&rule.index).copied().unwrap_or_default();
        if passed == 0 || failed == 0 {
            idle.push(format!("{}: passed {passed}, failed {failed}, skipped {skipped}", rule.invariant.id));
        }
        assert_eq!(errored, 0, "{}", rule.invariant.id);
    }
    assert!(idle.is_empty(), "{idle:#?}");
    let all: u64 = totals.values().flatten().sum();
    println!("{} documents, {all} evaluations, no disagreement", 2 * PAIRS);
}

fn compare(
    judge: &Judge,
    schema: &Schema,
    validator: &jsonschema::Validator,
    rules: &[Rule<'_>],
    seed: u64,
) -> (BTreeMap<usize, Counts>, Kinds) {
    let mut runs = corpus(seed).varied().sized(1);
    let mut random = Random::new(seed + 100);
    let (mut totals, mut kinds) = (BTreeMap::new(), Kinds::default());
    for _ in 0..PAIRS / 2 {
        let specimen = runs.next().expect("a corpus has no end");
        let valid: Value = serde_json::from_str(&specimen.body).expect("JSON");
        kinds.collect(&valid, "");
        let first = changed(&mut random, &valid, validator);
        let base = if random.below(3) == 0 { &valid } else { &first };
        let mut second = changed(&mut random, base, validator);
        if random.below(8) != 0 {
            second["id"] = first["id"].clone();
        }
        let expand: Vec<&str> = ["input", "usage", "execution", "debug"].into_iter().filter(|_| random.below(2) == 0).collect();
        let plain = |id: &&str| !id.is_empty() && id.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character));
        let requested = first["id"].as_str().filter(plain).unwrap_or("none").to_owned();
        let exchange = |body: &Value, second: i64| {
            let url = format!("/api/v1/runs/{requested}?expand={}", expand.join(","));
            Exchange::get(url).response(200, body.to_string()).at(jiff::Timestamp::from_second(second).expect("an instant"))
        };
        let report = vec![exchange(&first, 1_000_000), exchange(&second, 1_000_060)].report(judge);
        let mut expected: BTreeMap<usize, Counts> = BTreeMap::new();
        let mut activations = Vec::new();
        for body in [&first, &second] {
            let mut activation = MapActivation::new();
            activation.insert("request", request(&requested, &expand));
            activation.insert("self", schema.bind(body, &[&schema.root], ""));
            activations.push(activation);
        }
        let earlier = schema.bind(&first, &[&schema.root], "");
        activations[1].insert("oldSelf", earlier);
        for rule in rules {
            let counts = expected.entry(rule.index).or_default();
            let Site::Schema(id) = rule.invariant.on else { continue };
            let name = judge.contract().schema(id).location.pointer().rsplit('/').next().unwrap_or_default().to_owned();
            for (body, activation) in [&first, &second].into_iter().zip(&mut activations) {
                if rule.invariant.old.is_some() && std::ptr::eq(body, &first) {
                    continue;
                }
                for pointer in instance_locations(body, &name) {
                    if pointer.is_empty() {
                        counts[evaluate(rule, activation)] += 1;
                    } else {
                        let value = body.pointer(&pointer).expect("a value");
                        let definition = &schema.root["$defs"][&name];
                        let mut below = MapActivation::new();
                        below.insert("self", schema.bind(value, &[definition], ""));
                        counts[evaluate(rule, &below)] += 1;
                    }
                }
            }
        }
        for rule in rules {
            let found = &report.rules[rule.index];
            let skipped = found.reasons.get("when-false").copied().unwrap_or(0);
            let found_counts = [found.passed + found.vacuous, found.failed, skipped, found.errored];
            let mut wanted = expected[&rule.index];
            if rule.invariant.old.is_some() && found.reasons.get("no-earlier-observation") == Some(&2) {
                // The first observation was not stored, because the guard is false for it.
                assert_eq!(wanted, [0, 0, 1, 0], "{}", rule.invariant.id);
                wanted = [0, 0, 0, 0];
            }
            assert_eq!(found_counts, wanted, "{}\n{}\n{first}\n{second}", rule.invariant.id, rule.invariant.rule.text);
            let sum: &mut Counts = totals.entry(rule.index).or_default();
            (0..4).for_each(|kind| sum[kind] += wanted[kind]);
        }
    }
    (totals, kinds)
}
