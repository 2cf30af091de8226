//! The parts of a run, all made from one state.

use serde_json::{Map, Value, json};

use super::{Random, open};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Created,
    Pending,
    Running,
    Waiting,
    Finalizing,
    Completed,
    Failed,
    Cancelled,
    Rejected,
}

impl Status {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Created, "created"),
        (Self::Pending, "pending"),
        (Self::Running, "running"),
        (Self::Waiting, "waiting"),
        (Self::Finalizing, "finalizing"),
        (Self::Completed, "completed"),
        (Self::Failed, "failed"),
        (Self::Cancelled, "cancelled"),
        (Self::Rejected, "rejected"),
    ];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("", |(_, word)| word)
    }

    pub(super) fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::Rejected)
    }

    fn has_started(self) -> bool {
        !matches!(self, Self::Created | Self::Pending | Self::Rejected)
    }
}

/// What every part of a run's body follows from.
pub(super) struct Run {
    pub(super) id: String,
    pub(super) status: Status,
    workflow: bool,
    evaluated: bool,
    attempt: u64,
    started: bool,
    /// Milliseconds from its creation to its end.
    duration_ms: u64,
    minute: u64,
}

fn instant(minute: u64, ms: u64) -> String {
    let (minute, second) = (minute + ms / 60_000, ms / 1_000 % 60);
    format!("2026-07-{:02}T{:02}:{:02}:{second:02}.{:03}Z", 1 + minute / 1_440 % 28, minute / 60 % 24, minute % 60, ms % 1_000)
}

fn maybe(random: &mut Random, percent: u64, value: impl Into<Value>) -> Value {
    if random.chance(percent) { value.into() } else { Value::Null }
}

impl Run {
    pub(super) fn new(random: &mut Random, number: u64) -> Self {
        // Most runs that are looked at have completed.
        let status = if random.chance(60) { Status::Completed } else { random.pick(&Status::ALL).0 };
        Self {
            id: format!("run_{number:06}{:08x}", random.next_u64() as u32),
            status,
            workflow: random.chance(60),
            evaluated: random.chance(15),
            attempt: if random.chance(15) { 1 + random.below(3) } else { 0 },
            // A run can be cancelled before it began.
            started: status.has_started() && (status != Status::Cancelled || random.chance(70)),
            duration_ms: 1 + random.below(55_000),
            minute: random.below(28 * 1_440 - 60),
        }
    }

    pub(super) fn type_(&self) -> &'static str {
        if self.workflow { "workflow" } else { "agent" }
    }

    pub(super) fn timing(&self) -> Value {
        let at = |ms| Value::from(instant(self.minute, ms));
        let ended = self.status.is_terminal();
        json!({
            "createdAt": at(0),
            "startedAt": if self.started { at(self.duration_ms / 10) } else { Value::Null },
            "completedAt": if ended { at(self.duration_ms) } else { Value::Null },
            "cancelRequestedAt": if self.status == Status::Cancelled { at(self.duration_ms / 2) } else { Value::Null },
            "durationMs": if ended && self.started { (self.duration_ms - self.duration_ms / 10).into() } else { Value::Null },
        })
    }

    pub(super) fn source(&self, random: &mut Random) -> Value {
        let mut source = Map::new();
        let number = random.below(40);
        source.insert("id".to_owned(), format!("{}_{number}", if self.workflow { "wf" } else { "ag" }).into());
        source.insert("name".to_owned(), maybe(random, 90, "Invoice intake"));
        source.insert("version".to_owned(), if self.workflow { number.to_string().into() } else { Value::Null });
        if self.workflow {
            source.insert("versionId".to_owned(), format!("wfv_{number}").into());
            source.insert("currentVersion".to_owned(), (number + 1).to_string().into());
        } else {
            source.insert("slug".to_owned(), "mail-triage".into());
            source.insert("model".to_owned(), maybe(random, 80, "large-2"));
            let git = json!({"requestedRef": "main", "resolvedRef": "refs/heads/main", "resolvedTag": null, "commitSha": format!("{:016x}", random.next_u64())});
            source.insert("git".to_owned(), maybe(random, 50, git));
        }
        source.insert("implementationAvailable".to_owned(), true.into());
        source.insert("automationFound".to_owned(), true.into());
        Value::Object(source)
    }

    pub(super) fn trigger(&self, random: &mut Random) -> Value {
        let person = random.below(50);
        let by = json!({"id": format!("usr_{person}"), "name": null, "email": format!("person{person}@example.com")});
        let by = maybe(random, 60, by);
        let mut trigger = json!({ "type": maybe(random, 95, random_trigger(person)), "by": by });
        if !self.workflow && random.chance(30) {
            trigger["email"] = json!({"from": "sender@example.com", "subject": "Rechnung № 17", "attachments": [open::value(random, 1)]});
        }
        trigger
    }

    fn retry(&self, random: &mut Random) -> Value {
        let next = self.status == Status::Failed && random.chance(40);
        json!({
            "number": self.attempt,
            "previousRunId": if self.attempt > 0 { format!("{}_previous", self.id).into() } else { Value::Null },
            "nextRun": if next { json!({"id": format!("{}_next", self.id), "status": "running"}) } else { Value::Null },
        })
    }

    fn execution(&self, random: &mut Random) -> Map<String, Value> {
        let mut execution = Map::new();
        execution.insert("status".to_owned(), self.status.as_str().into());
        execution.insert("schemaValid".to_owned(), if self.status == Status::Completed { maybe(random, 80, true) } else { Value::Null });
        execution
            .insert("batchId".to_owned(), if self.evaluated { maybe(random, 70, format!("bat_{}", self.minute)) } else { Value::Null });
        execution.insert("retry".to_owned(), self.retry(random));
        execution
    }

    pub(super) fn short_execution(&self, random: &mut Random) -> Value {
        let mut execution = self.execution(random);
        if random.chance(30) {
            let corrections = random.below(4);
            let summary = json!({
                "verdict": random.pick(&[Some("correct"), Some("incorrect"), None]),
                "status": random.pick(&["open", "closed", "wont_fix"]),
                "hasNote": corrections > 0,
                "correctionCount": corrections,
            });
            execution.insert("review".to_owned(), maybe(random, 80, summary));
        }
        Value::Object(execution)
    }

    pub(super) fn whole_execution(&self, random: &mut Random) -> Value {
        let mut execution = self.execution(random);
        if self.workflow {
            let steps = (0..random.below(5))
                .map(|step| json!({"name": format!("step {step}"), "status": "completed", "output": open::value(random, 2)}));
            execution.insert("steps".to_owned(), steps.collect());
        } else {
            let files: Vec<Value> = (0..random.below(3)).map(|file| json!({"name": format!("file-{file}.md")})).collect();
            execution.insert("files".to_owned(), json!({ "output": files }));
        }
        if random.chance(40) {
            let review = self.review(random);
            execution.insert("review".to_owned(), maybe(random, 80, review));
        }
        if self.workflow && random.chance(50) {
            execution.insert("definitionSnapshot".to_owned(), open::value(random, 2));
        }
        if self.evaluated {
            execution.insert("expected".to_owned(), json!({"output": open::object(random, 2), "files": [{"name": "expected.json"}]}));
            if !self.workflow && self.status.is_terminal() {
                execution.insert("comparison".to_owned(), open::object(random, 1));
            }
        }
        Value::Object(execution)
    }

    fn review(&self, random: &mut Random) -> Value {
        let status = random.pick(&["open", "closed", "wont_fix"]);
        let at = instant(self.minute + 30, 0);
        let settled = |value: &str| if status == "open" { Value::Null } else { value.into() };
        let corrections: Vec<Value> = (0..random.below(3))
            .map(|number| {
                let file = random.chance(40);
                json!({
                    "id": format!("cor_{number}"),
                    "kind": if file { "file" } else { "field" },
                    "path": if file { "output/invoice.json" } else { "/lines/0/a~1b" },
                    "label": maybe(random, 50, "quantity"),
                    "note": "read wrongly",
                    "createdAt": at,
                    "updatedAt": at,
                    "originalValue": open::value(random, 1),
                    "correctedValue": open::value(random, 1),
                })
            })
            .collect();
        json!({
            "id": format!("rev_{}", self.minute),
            "verdict": random.pick(&[Some("correct"), Some("incorrect"), None]),
            "status": status,
            "note": "",
            "reviewedBy": "usr_9",
            "reviewedByEmail": "review@example.com",
            "reviewedAt": at,
            "closedBy": settled("usr_2"),
            "closedByEmail": settled("lead@example.com"),
            "closedAt": settled(&at),
            "closedNote": null,
            "createdAt": at,
            "updatedAt": at,
            "corrections": corrections,
        })
    }

    pub(super) fn evaluation(&self) -> Option<Value> {
        self.evaluated.then(|| {
            let scored = self.status == Status::Completed;
            let mut evaluation = json!({
                "example": "invoice-3",
                "score": if scored { json!(0.925) } else { Value::Null },
                "passed": if scored { true.into() } else { Value::Null },
            });
            if self.workflow {
                evaluation["exampleId"] = "ex_3".into();
            }
            evaluation
        })
    }

    pub(super) fn artifacts(&self, random: &mut Random) -> Value {
        (0..random.below(4))
            .map(|number| {
                let mut artifact = json!({
                    "name": format!("result-{number}.json"),
                    "role": random.pick(&["output", "debug", "report"]),
                    "path": format!("output/result-{number}.json"),
                    "contentType": maybe(random, 90, "application/json"),
                    "size": random.below(1 << 30),
                });
                if self.workflow {
                    artifact["stepName"] = "extract".into();
                }
                artifact
            })
            .collect()
    }

    pub(super) fn error(&self, random: &mut Random) -> Value {
        match self.status {
            Status::Failed => "step validate: the total does not match the lines".into(),
            Status::Cancelled | Status::Rejected => maybe(random, 50, "stopped before its end"),
            _ => Value::Null,
        }
    }

    pub(super) fn input(&self, random: &mut Random) -> Value {
        let mut input = json!({ "args": open::object(random, 3) });
        if !self.workflow {
            input["files"] = json!([{"name": "mail.eml"}]);
        }
        if random.chance(50) {
            input["metadata"] = open::value(random, 2);
        }
        input
    }

    pub(super) fn usage(&self, random: &mut Random) -> Value {
        let (read, written) = (random.below(100_000), random.below(5_000));
        let mut usage = json!({
            "tokens": {"input": read, "output": written, "cacheRead": maybe(random, 70, read / 2), "cacheWrite": null},
            "creditsCharged": (random.unit() * 1_000.0).round() / 100.0,
            "durationMs": self.duration_ms,
        });
        if self.workflow {
            usage["llmCallCount"] = random.below(20).into();
            usage["ocrPagesProcessed"] = random.below(50).into();
        } else {
            usage["agentTurns"] = maybe(random, 90, random_turns(written));
        }
        usage
    }

    pub(super) fn debug(&self, random: &mut Random) -> Value {
        let mut debug = json!({ "observability": open::value(random, 3) });
        if self.workflow {
            debug["traceId"] = format!("{:016x}{:016x}", random.next_u64(), random.next_u64()).into();
        }
        debug
    }
}

fn random_trigger(person: u64) -> &'static str {
    ["api", "email", "schedule", "manual"][(person % 4) as usize]
}

fn random_turns(written: u64) -> u64 {
    1 + written % 30
}
