//! The rarer forms of a run's body: `null` wherever the contract allows it, empty and longer lists, and open parts with edge cases.

use serde_json::{Value, json};

use crate::machine::Run;
use crate::open;
use crate::random::Random;

/// Members that may be `null`, with the share of runs, in percent, that have it so.
const NULLABLE: [(&str, u64); 14] = [
    ("/source/name", 10),
    ("/source/model", 20),
    ("/source/git", 50),
    ("/trigger/type", 5),
    ("/trigger/by", 40),
    ("/output", 5),
    ("/files/0/contentType", 10),
    ("/usage/tokens/cacheRead", 30),
    ("/usage/agentTurns", 10),
    ("/execution/schemaValid", 20),
    ("/execution/batchId", 30),
    ("/execution/review/corrections/0/label", 50),
    ("/execution/review", 20),
    ("/execution/retry/nextRun", 30),
];

/// Gives a valid body some of the rarer forms. Which ones follows from the run alone, so that every view of a run has the same.
pub(crate) fn vary(body: &mut Value, run: &Run) {
    let random = |part: u64| Random::new(run.seed ^ 0xC1 ^ (part << 32));
    lists(body, &random);
    edge_cases(body, &random);
    if body["execution"]["status"] == "cancelled" && random(1).chance(50) {
        body["error"] = "stopped before its end".into();
    }
    if let Some(next) = body.pointer_mut("/execution/retry/nextRun/status") {
        *next = random(2).pick(&["pending", "running", "completed", "failed"]).into();
    }
    if let Some(note) = body.pointer_mut("/execution/review/hasNote") {
        *note = random(3).chance(50).into();
    }
    for (number, (pointer, percent)) in (100..).zip(NULLABLE) {
        if let Some(value) = body.pointer_mut(pointer).filter(|_| random(number).chance(percent)) {
            *value = Value::Null;
        }
    }
}

fn lists(body: &mut Value, random: &impl Fn(u64) -> Random) {
    if let Some(files) = body.get_mut("files").and_then(Value::as_array_mut) {
        if random(10).chance(20) {
            files.clear();
        }
        for file in files {
            file["size"] = random(11).below(1 << 30).into();
        }
    }
    if let Some(steps) = body.pointer_mut("/execution/steps").and_then(Value::as_array_mut)
        && let Some(first) = steps.first().cloned()
    {
        *steps = (0..random(12).below(5))
            .map(|number| {
                let mut step = first.clone();
                step["name"] = format!("step {number}").into();
                step["output"] = open::edge_case(&mut random(20 + number), 2);
                step
            })
            .collect();
    }
    if let Some(files) = body.pointer_mut("/execution/files/output") {
        *files = (0..random(13).below(3)).map(|number| json!({ "name": format!("file-{number}.md") })).collect();
    }
    if let Some(correction) = body.pointer_mut("/execution/review/corrections/1").filter(|_| random(14).chance(70)) {
        (correction["kind"], correction["path"]) = ("file".into(), "output/invoice.json".into());
    }
}

fn edge_cases(body: &mut Value, random: &impl Fn(u64) -> Random) {
    let value = |part: u64, depth: u32| open::edge_case(&mut random(part), depth);
    if body["type"] == "agent" && random(30).chance(30) {
        let email = json!({ "from": "sender@example.com", "subject": "Rechnung № 17", "attachments": [value(31, 1)] });
        body["trigger"]["email"] = email;
    }
    if let Some(output) = body.get_mut("output").and_then(Value::as_object_mut) {
        output.insert(String::new(), value(32, 3));
        output.insert("slash/tilde~".to_owned(), value(33, 3));
    }
    if let Some(input) = body.get_mut("input") {
        input["args"]["quote \" inside"] = value(34, 3);
        if random(35).chance(50) {
            input["metadata"] = value(36, 2);
        } else if let Some(input) = input.as_object_mut() {
            input.shift_remove("metadata");
        }
    }
    if let Some(debug) = body.get_mut("debug") {
        debug["observability"] = value(37, 3);
    }
    if let Some(correction) = body.pointer_mut("/execution/review/corrections/0") {
        (correction["originalValue"], correction["correctedValue"]) = (value(38, 1), value(39, 1));
    }
    let Some(execution) = body.get_mut("execution").and_then(Value::as_object_mut) else { return };
    if execution.contains_key("definitionSnapshot") {
        if random(40).chance(50) {
            execution.insert("definitionSnapshot".to_owned(), value(41, 2));
        } else {
            execution.shift_remove("definitionSnapshot");
        }
    }
    if let Some(comparison) = execution.get_mut("comparison") {
        comparison["back\\slash"] = value(42, 1);
    }
}
