//! A seeded generator of valid runs: the same seed gives the same bodies on every machine. It feeds benchmarks and property tests.
//!
//! Every body keeps the whole contract by construction: its parts are made from one state, so that they cannot contradict it.

mod open;
mod parts;
mod random;

use serde_json::{Map, Value, json};

use parts::{Run, Status};
pub use random::Random;

/// Makes runs. As an iterator it yields bodies without end.
#[derive(Clone, Debug)]
pub struct RunGenerator {
    random: Random,
    made: u64,
}

/// A run with the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleExchange {
    /// The sections asked for.
    pub expand: Vec<&'static str>,
    /// The body.
    pub body: Value,
}

impl RunGenerator {
    /// A generator for a seed.
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), made: 0 }
    }

    /// The next run with its request.
    pub fn exchange(&mut self) -> SampleExchange {
        self.made += 1;
        let random = &mut self.random;
        let expand: Vec<&'static str> = ["input", "usage", "execution", "debug"].into_iter().filter(|_| random.chance(50)).collect();
        let run = Run::new(random, self.made);
        let body = body(random, &run, &expand);
        SampleExchange { expand, body }
    }

    /// The next run as one line of a recording, without the line end.
    pub fn recording_line(&mut self) -> String {
        let SampleExchange { expand, body } = self.exchange();
        let id = body["id"].as_str().unwrap_or_default();
        let query = if expand.is_empty() { String::new() } else { format!("?expand={}", expand.join(",")) };
        json!({
            "format": "charter-exchange/1",
            "startedDateTime": "2026-07-14T10:00:00Z",
            "time": 40,
            "request": {
                "method": "GET",
                "url": format!("https://studio.eigenpal.com/api/v1/runs/{id}{query}"),
                "headers": [{ "name": "authorization", "value": "Bearer ***" }],
            },
            "response": { "status": 200, "headers": [{ "name": "content-type", "value": "application/json" }], "body": body },
            "error": null,
            "masked": ["/request/headers/0/value"],
            "headersComplete": true,
        })
        .to_string()
    }
}

impl Iterator for RunGenerator {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        Some(self.exchange().body)
    }
}

fn body(random: &mut Random, run: &Run, expand: &[&str]) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| {
        body.insert(key.to_owned(), value);
    };
    put("id", run.id.clone().into());
    put("type", run.type_().into());
    put("finished", run.status.is_terminal().into());
    put("sampleRank", json!(random.unit()));
    put("timing", run.timing());
    put("source", run.source(random));
    put("trigger", run.trigger(random));
    put("execution", if expand.contains(&"execution") { run.whole_execution(random) } else { run.short_execution(random) });
    if let Some(evaluation) = run.evaluation() {
        put("eval", evaluation);
    }
    if run.status == Status::Completed {
        let output = if random.chance(5) { Value::Null } else { open::object(random, 4) };
        put("output", output);
        put("files", run.artifacts(random));
    }
    if run.status.is_terminal() {
        put("error", run.error(random));
    }
    if expand.contains(&"input") {
        put("input", run.input(random));
    }
    if expand.contains(&"usage") {
        let old = random.chance(10);
        put("usage", if old { Value::Null } else { run.usage(random) });
    }
    if expand.contains(&"debug") {
        put("debug", run.debug(random));
    }
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use charter_contract_tests::{Exchange, Judge};

    #[test]
    fn every_generated_run_keeps_the_contract_warnings_included() {
        let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
        let mut generator = RunGenerator::new(20260101);
        for _ in 0..2_000 {
            let SampleExchange { expand, body } = generator.exchange();
            let url = format!("/api/v1/runs/{}?expand={}", body["id"].as_str().expect("an id"), expand.join(","));
            let judgement = judge.judge(&Exchange::get(url).answered(200, body.to_string()));
            assert!(judgement.findings.is_empty(), "{:#?}\n{body:#}", judgement.findings);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_runs() {
        let first: Vec<Value> = RunGenerator::new(7).take(20).collect();
        assert_eq!(first, RunGenerator::new(7).take(20).collect::<Vec<_>>());
        assert_ne!(first, RunGenerator::new(8).take(20).collect::<Vec<_>>());
    }

    #[test]
    fn runs_are_of_every_kind() {
        let text: String = RunGenerator::new(1).take(500).map(|run| run.to_string()).collect();
        for word in [
            "created",
            "pending",
            "running",
            "waiting",
            "finalizing",
            "completed",
            "failed",
            "cancelled",
            "rejected",
            "\"workflow\"",
            "\"agent\"",
            "wont_fix",
            "\"usage\":null",
            "nextRun\":{",
            "comparison",
            "definitionSnapshot",
            "batchId\":\"",
        ] {
            assert!(text.contains(word), "no {word}");
        }
    }
}
