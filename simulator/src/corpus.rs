//! An endless iterator of bodies of `GET /runs/{id}`, for benchmarks and tests: runs of every kind and status, with any sections, and
//! open parts as large as in real bodies. The seed determines all of it.

use std::collections::HashMap;

use crate::random::Random;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::fault::{self, PendingResponse, Subject};
use crate::machine::{Run, Status};
use crate::open;
use crate::variety::vary;
use crate::view::View;

/// The instant of every response: 1 July 2026.
const NOW_MS: i64 = 1_782_864_000_000;
const DAY_MS: u64 = 86_400_000;
/// The values of `expand`.
const SECTIONS: [&str; 4] = ["input", "usage", "execution", "debug"];
/// Attempts to find a fault that a body has a location for.
const TRIES: usize = 40;

/// An endless iterator of bodies of `GET /runs/{id}`; made by [`corpus`].
#[derive(Clone, Debug)]
pub struct Corpus {
    random: Random,
    number: usize,
    broken: u64,
    bytes: Option<usize>,
    exchanges: bool,
    varied: bool,
    /// An unfinished run, for a second body at a later instant.
    again: Option<(Run, Vec<&'static str>)>,
}

/// One body.
#[derive(Clone, Debug, PartialEq)]
pub struct Specimen {
    /// Compact JSON: the body, or the exchange with it.
    pub body: String,
    /// The violated rule or keyword, if one is.
    pub fault: Option<&'static str>,
}

/// Valid bodies from a seed, the same on every machine.
///
/// ```
/// let bodies: Vec<String> = charter_simulator::corpus(7).take(3).map(|specimen| specimen.body).collect();
/// assert_eq!(bodies, charter_simulator::corpus(7).take(3).map(|specimen| specimen.body).collect::<Vec<_>>());
/// ```
pub fn corpus(seed: u64) -> Corpus {
    Corpus { random: Random::new(seed), number: 0, broken: 0, bytes: None, exchanges: false, varied: false, again: None }
}

impl Corpus {
    /// Injects one violation of the schema or of a rule into a percentage of the bodies.
    #[must_use]
    pub fn broken(self, percent: u8) -> Self {
        Self { broken: percent.into(), ..self }
    }

    /// Enlarges the open parts until each body has about this number of bytes.
    #[must_use]
    pub fn sized(self, bytes: usize) -> Self {
        Self { bytes: Some(bytes), ..self }
    }

    /// Yields exchanges instead of bodies, each with its instant, so that two responses about one run can be compared. Violations then
    /// include those of rules over time.
    #[must_use]
    pub fn exchanges(self) -> Self {
        Self { exchanges: true, ..self }
    }

    /// Adds the rarer forms of every part: `null` wherever it is allowed, empty and longer lists, edge cases in open parts. Exchanges
    /// also have the header field of the key, and say that their header fields are complete.
    #[must_use]
    pub fn varied(self) -> Self {
        Self { varied: true, ..self }
    }

    /// A random run and an instant of the response.
    fn run(&mut self) -> (Run, i64) {
        let random = &mut self.random;
        let automation = random.pick(&["invoice", "contract", "support"]).to_owned();
        let age = random.below(200 * DAY_MS).cast_signed();
        let mut run = Run::new(random.next_u64(), self.number, random.chance(60), automation, NOW_MS - age);
        run.old = age.cast_unsigned() > 180 * DAY_MS;
        if random.chance(8) {
            run.cancel(run.created_ms() + random.below(4_000).cast_signed());
        }
        if random.chance(12) {
            run.attempt = 1 + random.below(3);
            run.previous = Some(format!("run_{:05}{:08x}", random.below(100_000), random.next_u64() as u32));
        }
        if run.status(i64::MAX) == Status::Failed && random.chance(40) {
            run.next = Some(format!("run_{:05}{:08x}", random.below(100_000), random.next_u64() as u32));
        }
        let life = (run.end_ms() - run.created_ms()).cast_unsigned();
        let now_ms =
            if random.chance(25) { run.created_ms() + random.below(life + 1).cast_signed() } else { NOW_MS + DAY_MS.cast_signed() };
        (run, now_ms)
    }

    fn sections(&mut self) -> Vec<&'static str> {
        match self.random.below(4) {
            0 => Vec::new(),
            1 => SECTIONS.to_vec(),
            _ => SECTIONS.into_iter().filter(|_| self.random.chance(50)).collect(),
        }
    }

    /// The body of a run. Its open parts depend on the run alone, so that they are equal in every response.
    fn body(&self, view: View<'_>, sections: &[&str]) -> Value {
        let random = &mut Random::new(view.run.seed ^ 0xC0);
        let mut part = |share: usize| {
            let bytes = match self.bytes {
                Some(_) => 40,
                // From 20 to 3,000 bytes, small ones more often.
                None => (20.0 * (random.unit() * 5.0).exp()) as usize / share,
            };
            open::object(random, bytes)
        };
        let (arguments, metadata, output, step, trace) = (part(1), part(4), part(1), part(2), part(2));
        let run = Run { arguments: Some(arguments), metadata: Some(metadata), ..view.run.clone() };
        let mut body = View { run: &run, ..view }.run(sections);
        if let Some(value) = body.get_mut("output") {
            *value = output;
        }
        if let Some(steps) = body["execution"].get_mut("steps").and_then(Value::as_array_mut) {
            steps.iter_mut().for_each(|value| value["result"] = step.clone());
        }
        if let Some(debug) = body.get_mut("debug") {
            debug["observability"] = trace;
        }
        if self.varied {
            vary(&mut body, view.run);
        }
        let missing = self.bytes.and_then(|bytes| bytes.checked_sub(body.to_string().len() + 20)).filter(|missing| *missing > 0);
        if let Some(missing) = missing {
            grow(&mut body, random, missing);
        }
        body
    }

    /// Injects a violation into a valid body.
    fn violate(&mut self, view: View<'_>, sections: &[&str], body: Value, is_again: bool) -> (Value, Option<&'static str>) {
        let over_time = self.exchanges && is_again && self.random.chance(50);
        let faults = if over_time { fault::over_time() } else { fault::in_run_bodies() };
        let query = HashMap::from([("expand".to_owned(), sections.join(","))]);
        let mut response = PendingResponse {
            operation: "runs.get",
            status: StatusCode::OK,
            body,
            query,
            subject: Some(Subject::new(view)),
            earlier_requests: u64::from(over_time),
            usage_was_read: false,
        };
        let before = response.body.clone();
        for _ in 0..TRIES {
            let name = self.random.pick(&faults);
            fault::inject(name, &mut response);
            if response.body != before {
                return (response.body, Some(name));
            }
        }
        (response.body, None)
    }

    /// One line of a recording: the request for a run, and the response.
    fn exchange(&self, view: View<'_>, sections: &[&str], body: &str) -> String {
        let started = jiff::Timestamp::from_millisecond(view.now_ms).unwrap_or_default();
        let query = if sections.is_empty() { String::new() } else { format!("?expand={}", sections.join(",")) };
        let key = self.varied.then(|| json!({ "name": "authorization", "value": "Bearer ***" }));
        let headers: Vec<Value> = key.into_iter().collect();
        let request = json!({ "method": "GET", "url": format!("/api/v1/runs/{}{query}", view.run.id), "headers": headers });
        let rest = if self.varied { r#","error":null,"masked":["/request/headers/0/value"],"headersComplete":true"# } else { "" };
        format!(
            r#"{{"format":"charter-exchange/1","startedDateTime":"{started}","time":20,"request":{request},"response":{{"status":200,"headers":[{{"name":"content-type","value":"application/json"}}],"body":{body}}}{rest}}}"#
        )
    }
}

/// Adds members to an open part, in objects of moderate size as in real bodies.
fn grow(body: &mut Value, random: &mut Random, bytes: usize) {
    const PART: usize = 2_000;
    let (mut parts, mut left) = (Vec::new(), bytes);
    while left > 0 {
        let part = open::object(random, PART.min(left));
        left = left.saturating_sub(part.to_string().len() + 1);
        parts.push(part);
    }
    // Every run has a trigger; only some have an output.
    if body.get("output").is_some_and(Value::is_object) {
        body["output"]["pages"] = parts.into();
    } else if body["type"] == "agent" {
        body["trigger"]["email"] = json!({ "pages": parts });
    } else {
        body["input"] = json!({ "args": { "pages": parts } });
    }
}

impl Iterator for Corpus {
    type Item = Specimen;

    fn next(&mut self) -> Option<Specimen> {
        let is_again = self.again.is_some();
        let (run, now_ms, sections) = match self.again.take() {
            Some((run, sections)) => (run, NOW_MS + DAY_MS.cast_signed(), sections),
            None => {
                self.number += 1;
                let ((run, now_ms), sections) = (self.run(), self.sections());
                (run, now_ms, sections)
            }
        };
        let view = View { run: &run, now_ms, next_status: run.next.as_ref().map(|_| Status::Completed) };
        let mut body = self.body(view, &sections);
        let mut fault = None;
        if self.random.below(100) < self.broken {
            (body, fault) = self.violate(view, &sections, body, is_again);
        } else if !is_again && !view.is_finished() && self.random.chance(50) {
            self.again = Some((run.clone(), sections.clone()));
        }
        let body = body.to_string();
        Some(Specimen { body: if self.exchanges { self.exchange(view, &sections, &body) } else { body }, fault })
    }
}
