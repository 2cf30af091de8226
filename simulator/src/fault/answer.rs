//! An answer that is about to be sent, and the places in it that faults have.

use std::collections::HashMap;

use axum::http::StatusCode;
use serde_json::Value;

use crate::artifact::artifacts;
use crate::machine::{Run, Status};
use crate::view::{View, instant};

/// A promise, and how an answer breaks it.
pub(super) type Fault = (&'static str, fn(&mut Answer));

/// An answer that is about to be sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) operation: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    pub(crate) query: HashMap<String, String>,
    /// The run that it is about.
    pub(crate) subject: Option<Subject>,
    /// How often the same was asked about the same run before.
    pub(crate) asked: u64,
    /// Whether the run's usage was read alone since the run last showed it.
    pub(crate) usage_was_read: bool,
}

/// A run as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    run: Run,
    now_ms: i64,
    next_status: Option<Status>,
}

impl Subject {
    pub(crate) fn new(view: View<'_>) -> Self {
        Self { run: view.run.clone(), now_ms: view.now_ms, next_status: view.next_status }
    }

    fn at(&self, now_ms: i64) -> View<'_> {
        View { run: &self.run, now_ms, next_status: self.next_status }
    }

    pub(super) fn now(&self) -> View<'_> {
        self.at(self.now_ms)
    }

    /// The run as it was before it ended, where it has.
    pub(super) fn before_its_end(&self) -> Option<View<'_>> {
        self.run.ended_ms(self.now_ms).map(|ended| self.at(ended - 1))
    }

    pub(super) fn has_started(&self) -> bool {
        self.run.started_ms(self.now_ms).is_some()
    }

    /// What would be stated of its files if it had completed.
    pub(super) fn files(&self) -> Value {
        artifacts(&self.run).iter().map(|artifact| artifact.stated(&self.run)).collect()
    }
}

impl Answer {
    /// The sections asked for.
    pub(super) fn expand(&self) -> Vec<String> {
        crate::server::expand_of(&self.query)
    }

    /// Where it is a success of an operation.
    pub(super) fn of(&mut self, operation: &str, change: impl FnOnce(&mut Value)) {
        if self.operation == operation && self.status.is_success() {
            change(&mut self.body);
        }
    }

    /// Where it shows a run.
    pub(super) fn run(&mut self, change: impl FnOnce(&mut Value)) {
        self.of("runs.get", change);
    }

    /// Where it shows a run of which something holds.
    pub(super) fn run_if(&mut self, holds: impl FnOnce(&Value) -> bool, change: impl FnOnce(&mut Value)) {
        self.run(|body| {
            if holds(body) {
                change(body);
            }
        });
    }

    /// Where it shows a run at a status.
    pub(super) fn at(&mut self, status: &str, change: impl FnOnce(&mut Value)) {
        self.run_if(|body| body["execution"]["status"] == status, change);
    }

    /// Where it shows a run that has not ended.
    pub(super) fn in_flight(&mut self, change: impl FnOnce(&mut Value)) {
        self.run_if(|body| body["finished"] == false, change);
    }

    /// Where it shows a run that has ended.
    pub(super) fn finished(&mut self, change: impl FnOnce(&mut Value)) {
        self.run_if(|body| body["finished"] == true, change);
    }

    /// Where it shows a run of a workflow, or of an agent.
    pub(super) fn kind(&mut self, kind: &str, change: impl FnOnce(&mut Value)) {
        self.run_if(|body| body["type"] == kind, change);
    }

    /// Where it shows what a run of a workflow, or of an agent, consumed: with the run or alone.
    pub(super) fn usage(&mut self, kind: &str, change: impl FnOnce(&mut Value)) {
        let is_of_kind = self.subject.as_ref().is_some_and(|subject| subject.now().kind() == kind);
        let shows = matches!(self.operation, "runs.get" | "runs.usage.get") && self.status.is_success();
        if is_of_kind && shows && self.body["usage"].is_object() {
            change(&mut self.body["usage"]);
        }
    }

    /// Where it shows a run without a section, which it is given.
    pub(super) fn unasked(&mut self, section: &str, value: Value) {
        if !self.expand().iter().any(|asked| asked == section) {
            self.run(|body| body[section] = value);
        }
    }

    /// Where it shows a run: with these sections, whatever was asked for.
    pub(super) fn shown_with(&mut self, sections: &[String]) {
        let Some(subject) = &self.subject else { return };
        let sections: Vec<&str> = sections.iter().map(String::as_str).collect();
        let shown = subject.now().run(&sections);
        self.run(|body| *body = shown);
    }

    /// Where it shows a run that has ended: as it was before.
    pub(super) fn shown_before_its_end(&mut self) {
        let expand = self.expand();
        let sections: Vec<&str> = expand.iter().map(String::as_str).collect();
        let shown = self.subject.as_ref().and_then(Subject::before_its_end).map(|view| view.run(&sections));
        if let Some(shown) = shown {
            self.run(|body| *body = shown);
        }
    }

    /// Whether the same was asked before: true every second time, so that whoever comes later meets a change as well.
    pub(super) fn is_later(&self) -> bool {
        self.asked % 2 == 1
    }

    /// Where it shows a run again.
    pub(super) fn later(&mut self, change: impl FnOnce(&mut Value)) {
        if self.is_later() {
            self.run(change);
        }
    }

    /// Where it shows a run again that is at a status.
    pub(super) fn later_at(&mut self, status: &str, change: impl FnOnce(&mut Value)) {
        if self.is_later() {
            self.at(status, change);
        }
    }

    /// Every run of a list.
    pub(super) fn rows(&mut self, change: impl Fn(&mut Value)) {
        self.of("runs.list", |body| body["runs"].as_array_mut().into_iter().flatten().for_each(change));
    }

    /// Where it is a success of a request to cancel, with this state.
    pub(super) fn cancelled(&mut self, state: &str, change: impl FnOnce(&mut Value)) {
        self.of("runs.cancel", |body| {
            if body["cancellation"]["state"] == state {
                change(body);
            }
        });
    }
}

pub(super) fn remove(body: &mut Value, key: &str) {
    if let Some(body) = body.as_object_mut() {
        body.shift_remove(key);
    }
}

/// An instant so much later than another; null stays null.
pub(super) fn later_by(at: &Value, ms: i64) -> Value {
    let at = at.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    at.map_or(Value::Null, |at| instant(at.as_millisecond() + ms))
}
