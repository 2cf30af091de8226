//! A response before it is sent, and helpers that change one part of it.

use std::collections::HashMap;

use axum::http::StatusCode;
use serde_json::Value;

use crate::artifact::artifacts;
use crate::machine::{Run, Status};
use crate::view::{View, instant};

/// The name of a rule or keyword, and a function that makes a response violate it.
pub(super) type Fault = (&'static str, fn(&mut PendingResponse));

/// A response before it is sent.
#[derive(Debug)]
pub(crate) struct PendingResponse {
    pub(crate) operation: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    pub(crate) query: HashMap<String, String>,
    /// The run of the request.
    pub(crate) subject: Option<Subject>,
    /// The number of earlier requests of the same operation for the same run.
    pub(crate) earlier_requests: u64,
    /// Whether `runs.usage.get` was called since the run was last returned with its usage.
    pub(crate) usage_was_read: bool,
}

/// A run at an instant.
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

    /// A finished run at the instant before its end.
    pub(super) fn before_its_end(&self) -> Option<View<'_>> {
        self.run.ended_ms(self.now_ms).map(|ended| self.at(ended - 1))
    }

    pub(super) fn has_started(&self) -> bool {
        self.run.started_ms(self.now_ms).is_some()
    }

    /// The entries of its files, as if it had completed.
    pub(super) fn files(&self) -> Value {
        artifacts(&self.run).iter().map(|artifact| artifact.entry(&self.run)).collect()
    }
}

impl PendingResponse {
    /// The values of the query parameter `expand`.
    pub(super) fn expand(&self) -> Vec<String> {
        crate::server::expand_of(&self.query)
    }

    /// Changes a successful response of an operation.
    pub(super) fn of(&mut self, operation: &str, change: impl FnOnce(&mut Value)) {
        if self.operation == operation && self.status.is_success() {
            change(&mut self.body);
        }
    }

    /// Changes a run body.
    pub(super) fn run(&mut self, change: impl FnOnce(&mut Value)) {
        self.of("runs.get", change);
    }

    /// Changes a run body if it matches a condition.
    pub(super) fn run_if(&mut self, holds: impl FnOnce(&Value) -> bool, change: impl FnOnce(&mut Value)) {
        self.run(|body| {
            if holds(body) {
                change(body);
            }
        });
    }

    /// Changes the body of a run with a status.
    pub(super) fn at(&mut self, status: &str, change: impl FnOnce(&mut Value)) {
        self.run_if(|body| body["execution"]["status"] == status, change);
    }

    /// Changes the body of a run that is not finished.
    pub(super) fn in_flight(&mut self, change: impl FnOnce(&mut Value)) {
        self.run_if(|body| body["finished"] == false, change);
    }

    /// Changes the body of a finished run.
    pub(super) fn finished(&mut self, change: impl FnOnce(&mut Value)) {
        self.run_if(|body| body["finished"] == true, change);
    }

    /// Changes the body of a run of a workflow or of an agent.
    pub(super) fn kind(&mut self, kind: &str, change: impl FnOnce(&mut Value)) {
        self.run_if(|body| body["type"] == kind, change);
    }

    /// Changes the usage of a run of a workflow or of an agent, in the run body or in the response of `runs.usage.get`.
    pub(super) fn usage(&mut self, kind: &str, change: impl FnOnce(&mut Value)) {
        let is_of_kind = self.subject.as_ref().is_some_and(|subject| subject.now().kind() == kind);
        let shows = matches!(self.operation, "runs.get" | "runs.usage.get") && self.status.is_success();
        if is_of_kind && shows && self.body["usage"].is_object() {
            change(&mut self.body["usage"]);
        }
    }

    /// Adds a section that the query does not ask for to a run body.
    pub(super) fn add_section(&mut self, section: &str, value: Value) {
        if !self.expand().iter().any(|requested| requested == section) {
            self.run(|body| body[section] = value);
        }
    }

    /// Replaces a run body by one with these sections.
    pub(super) fn show_sections(&mut self, sections: &[String]) {
        let Some(subject) = &self.subject else { return };
        let sections: Vec<&str> = sections.iter().map(String::as_str).collect();
        let body_with_sections = subject.now().run(&sections);
        self.run(|body| *body = body_with_sections);
    }

    /// Replaces the body of a finished run by the body before its end.
    pub(super) fn show_unfinished(&mut self) {
        let expand = self.expand();
        let sections: Vec<&str> = expand.iter().map(String::as_str).collect();
        let unfinished = self.subject.as_ref().and_then(Subject::before_its_end).map(|view| view.run(&sections));
        if let Some(unfinished) = unfinished {
            self.run(|body| *body = unfinished);
        }
    }

    /// Whether the request is a repeat: true for every second one, so that any two consecutive requests differ.
    pub(super) fn is_repeat(&self) -> bool {
        self.earlier_requests % 2 == 1
    }

    /// Changes a run body if the request is a repeat.
    pub(super) fn on_repeat(&mut self, change: impl FnOnce(&mut Value)) {
        if self.is_repeat() {
            self.run(change);
        }
    }

    /// Changes the body of a run with a status if the request is a repeat.
    pub(super) fn on_repeat_at(&mut self, status: &str, change: impl FnOnce(&mut Value)) {
        if self.is_repeat() {
            self.at(status, change);
        }
    }

    /// Changes every run of a list.
    pub(super) fn rows(&mut self, change: impl Fn(&mut Value)) {
        self.of("runs.list", |body| body["runs"].as_array_mut().into_iter().flatten().for_each(change));
    }

    /// Changes a successful response to a cancellation with this state.
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

/// Adds milliseconds to an instant; null stays null.
pub(super) fn later_by(at: &Value, ms: i64) -> Value {
    let at = at.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    at.map_or(Value::Null, |at| instant(at.as_millisecond() + ms))
}
