//! The bodies of each operation for a run at an instant. All are made from the one state of the run, so that they agree.

use crate::random::Random;
use serde_json::{Value, json};

use crate::artifact::artifacts;
use crate::machine::{Cancellation, Run, Status};

/// A run at an instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'r> {
    pub(crate) run: &'r Run,
    pub(crate) now_ms: i64,
    /// The status of the next attempt, if there is one.
    pub(crate) next_status: Option<Status>,
}

/// An instant in the format of the API.
pub(crate) fn instant(ms: i64) -> Value {
    jiff::Timestamp::from_millisecond(ms).map_or(Value::Null, |at| format!("{at:.3}").into())
}

impl View<'_> {
    pub(crate) fn status(&self) -> Status {
        self.run.status(self.now_ms)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.status().is_terminal()
    }

    /// The type of its automation.
    pub(crate) fn kind(&self) -> &'static str {
        if self.run.workflow { "workflow" } else { "agent" }
    }

    /// Random numbers for one part, the same at every instant.
    fn random(&self, part: u64) -> Random {
        Random::new(self.run.seed ^ (part << 32))
    }

    /// The body of `runs.get`, with the sections of `expand`.
    pub(crate) fn run(&self, expand: &[&str]) -> Value {
        let has = |section: &str| expand.contains(&section);
        let mut body = self.row();
        body["source"] = self.source(true);
        if has("execution") {
            body["execution"] = self.whole_execution();
        }
        if self.status() == Status::Completed {
            body["output"] = json!({ "total": self.random(1).below(100_000), "currency": "EUR" });
            body["files"] = artifacts(self.run).iter().map(|artifact| artifact.entry(self.run)).collect();
        }
        if has("input") {
            body["input"] = self.input();
        }
        if has("usage") {
            body["usage"] = self.usage();
        }
        if has("debug") {
            let trace = self.random(2).next_u64();
            body["debug"] = json!({ "observability": { "spans": trace % 40 } });
            if self.run.workflow {
                body["debug"]["traceId"] = format!("{trace:016x}{trace:016x}").into();
            }
        }
        body
    }

    /// The entry of the run in a list.
    pub(crate) fn row(&self) -> Value {
        let mut row = json!({
            "id": self.run.id,
            "type": self.kind(),
            "finished": self.is_finished(),
            "sampleRank": self.sample_rank(),
            "timing": self.timing(),
            "source": self.source(false),
            "trigger": self.trigger(),
            "execution": self.short_execution(),
        });
        if self.run.evaluated {
            let completed = self.status() == Status::Completed;
            row["eval"] = json!({
                "example": "invoice-3",
                "score": if completed { json!(0.925) } else { Value::Null },
                "passed": if completed { json!(true) } else { Value::Null },
            });
            if self.run.workflow {
                row["eval"]["exampleId"] = "ex_3".into();
            }
        }
        if self.is_finished() {
            row["error"] = match self.status() {
                Status::Failed => "step validate: the total does not match the lines".into(),
                Status::Rejected => "the input does not fit the automation".into(),
                _ => Value::Null,
            };
        }
        row
    }

    pub(crate) fn sample_rank(&self) -> f64 {
        self.random(3).unit()
    }

    fn timing(&self) -> Value {
        let at = |ms: Option<i64>| ms.map_or(Value::Null, instant);
        let (started, ended) = (self.run.started_ms(self.now_ms), self.run.ended_ms(self.now_ms));
        let requested = self.run.cancel_requested_ms.filter(|requested| ended.is_none_or(|ended| *requested <= ended));
        json!({
            "createdAt": instant(self.run.created_ms()),
            "startedAt": at(started),
            "completedAt": at(ended),
            "cancelRequestedAt": at(requested),
            "durationMs": started.zip(ended).map(|(started, ended)| ended - started),
        })
    }

    pub(crate) fn source(&self, detail: bool) -> Value {
        let version = 1 + self.random(4).below(40);
        let name = &self.run.automation;
        let mut source = if self.run.workflow {
            json!({ "id": format!("wf_{name}"), "name": name, "version": version.to_string(), "versionId": format!("wfv_{version}") })
        } else {
            let git = json!({ "requestedRef": "main", "resolvedRef": "refs/heads/main", "resolvedTag": null, "commitSha": format!("{version:08x}") });
            json!({ "id": format!("ag_{name}"), "name": name, "version": null, "slug": name, "model": "large-2", "git": git })
        };
        if detail {
            source["implementationAvailable"] = true.into();
            source["automationFound"] = true.into();
            if self.run.workflow {
                source["currentVersion"] = (version + 1).to_string().into();
            }
        }
        source
    }

    pub(crate) fn trigger_type(&self) -> &'static str {
        self.random(5).pick(&["api", "schedule", "manual", "email"])
    }

    fn trigger(&self) -> Value {
        let person = self.random(6).below(50);
        let by = json!({ "id": format!("usr_{person}"), "name": null, "email": format!("person{person}@example.com") });
        let mut trigger = json!({ "type": self.trigger_type(), "by": by });
        if !self.run.workflow && self.trigger_type() == "email" {
            trigger["email"] = json!({ "from": "sender@example.com", "subject": "Rechnung № 17" });
        }
        trigger
    }

    fn execution(&self) -> Value {
        let completed = self.status() == Status::Completed;
        let next = self.run.next.as_ref().zip(self.next_status).filter(|_| self.is_finished());
        json!({
            "status": self.status().as_str(),
            "schemaValid": if completed { json!(true) } else { Value::Null },
            "batchId": if self.run.evaluated { json!("bat_7") } else { Value::Null },
            "retry": {
                "number": self.run.attempt,
                "previousRunId": self.run.previous,
                "nextRun": next.map(|(id, status)| json!({ "id": id, "status": status.as_str() })),
            },
        })
    }

    fn short_execution(&self) -> Value {
        let mut execution = self.execution();
        if let Some(review) = self.review() {
            let corrections = review["corrections"].as_array().map_or(0, Vec::len);
            execution["review"] =
                json!({ "verdict": review["verdict"], "status": review["status"], "hasNote": false, "correctionCount": corrections });
        }
        execution
    }

    fn whole_execution(&self) -> Value {
        let mut execution = self.execution();
        if self.run.workflow {
            execution["steps"] = self.steps();
            execution["definitionSnapshot"] = json!({ "steps": ["extract", "validate"] });
        } else {
            execution["files"] = json!({ "output": [] });
        }
        if let Some(review) = self.review() {
            execution["review"] = review;
        }
        if self.run.evaluated {
            execution["expected"] = json!({ "output": { "currency": "EUR" }, "files": [{ "name": "expected.json" }] });
            if !self.run.workflow && self.is_finished() {
                execution["comparison"] = json!({ "fields": 12, "equal": 11 });
            }
        }
        execution
    }

    /// The review of some finished runs.
    pub(crate) fn review(&self) -> Option<Value> {
        let mut random = self.random(7);
        let at = instant(self.run.ended_ms(self.now_ms)?);
        if !random.chance(30) {
            return None;
        }
        let status = random.pick(&["open", "closed", "wont_fix"]);
        let settled = |value: Value| if status == "open" { Value::Null } else { value };
        let corrections: Vec<Value> = (0..random.below(3))
            .map(|number| {
                json!({
                    "id": format!("cor_{number}"), "kind": "field", "path": format!("/lines/{number}/quantity"), "label": "quantity",
                    "note": "read wrongly", "createdAt": at, "updatedAt": at, "originalValue": 1, "correctedValue": 2,
                })
            })
            .collect();
        Some(json!({
            "id": format!("rev_{}", self.run.id), "verdict": random.pick(&[Some("correct"), Some("incorrect"), None]), "status": status,
            "note": "", "reviewedBy": "usr_9", "reviewedByEmail": "review@example.com", "reviewedAt": at,
            "closedBy": settled("usr_2".into()), "closedByEmail": settled("lead@example.com".into()), "closedAt": settled(at.clone()),
            "closedNote": null, "createdAt": at, "updatedAt": at, "corrections": corrections,
        }))
    }

    fn input(&self) -> Value {
        let mut input = json!({ "args": self.run.arguments.clone().unwrap_or_else(|| json!({ "document": "invoice.pdf" })) });
        if let Some(metadata) = &self.run.metadata {
            input["metadata"] = metadata.clone();
        }
        if !self.run.workflow {
            let files = self.run.files.clone().unwrap_or_else(|| vec!["mail.eml".to_owned()]);
            input["files"] = files.iter().map(|name| json!({ "name": name })).collect();
        }
        input
    }

    /// The usage; its numbers are 0 until the run ends.
    pub(crate) fn usage(&self) -> Value {
        if self.run.old {
            return Value::Null;
        }
        let mut random = self.random(8);
        let final_ = |total: u64| if self.is_finished() { total } else { 0 };
        let (read, written) = (final_(random.below(100_000)), final_(random.below(5_000)));
        let duration = self.run.started_ms(self.now_ms).zip(self.run.ended_ms(self.now_ms)).map(|(started, ended)| ended - started);
        let mut usage = json!({
            "tokens": { "input": read, "output": written, "cacheRead": read / 2, "cacheWrite": null },
            "creditsCharged": read as f64 / 1_000.0,
            "durationMs": duration,
        });
        if self.run.workflow {
            usage["llmCallCount"] = final_(random.below(20)).into();
            usage["ocrPagesProcessed"] = final_(random.below(50)).into();
        } else {
            usage["agentTurns"] = final_(random.below(30)).into();
        }
        usage
    }

    pub(crate) fn steps(&self) -> Value {
        let started = self.run.started_ms(self.now_ms).is_some();
        let status = match (started, self.is_finished()) {
            (false, _) => return json!([]),
            (true, false) => "running",
            (true, true) => self.status().as_str(),
        };
        json!([{ "name": if self.run.workflow { "extract" } else { "turns" }, "status": status }])
    }

    /// Every change of status until the instant.
    pub(crate) fn events(&self) -> Value {
        let reached = self.run.path.iter().filter(|(at, _)| *at <= self.now_ms);
        let events = reached.map(|(at, status)| {
            json!({ "type": format!("run.{}", status.as_str()), "timestamp": instant(*at), "status": status.as_str(), "message": null })
        });
        Value::Array(events.collect())
    }

    pub(crate) fn accepted(&self) -> Value {
        json!({ "id": self.run.id, "type": self.kind(), "finished": false, "source": self.source(false) })
    }

    pub(crate) fn cancelled(&self, cancellation: Cancellation) -> Value {
        json!({
            "id": self.run.id,
            "type": self.kind(),
            "finished": self.is_finished(),
            "execution": { "status": self.status().as_str() },
            "cancellation": { "state": cancellation.state, "wasStatus": cancellation.was.as_str() },
        })
    }
}
