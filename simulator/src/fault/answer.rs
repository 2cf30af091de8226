//! An answer that is about to be sent, and the places in it that faults have.

use axum::http::StatusCode;
use serde_json::Value;

/// A promise, and how an answer breaks it.
pub(super) type Fault = (&'static str, fn(&mut Answer));

/// An answer that is about to be sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) operation: String,
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// How often the same was asked before.
    pub(crate) asked: u64,
    pub(crate) expand: Vec<String>,
}

impl Answer {
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

    /// Where it shows a run at a status.
    pub(super) fn at(&mut self, status: &str, change: impl FnOnce(&mut Value)) {
        self.run(|body| {
            if body["execution"]["status"] == status {
                change(body);
            }
        });
    }

    /// Where it shows a run that has not ended.
    pub(super) fn in_flight(&mut self, change: impl FnOnce(&mut Value)) {
        self.run(|body| {
            if body["finished"] == false {
                change(body);
            }
        });
    }

    /// Where it shows a run without a section, which it is given.
    pub(super) fn unasked(&mut self, section: &str, value: Value) {
        if !self.expand.iter().any(|asked| asked == section) {
            self.run(|body| body[section] = value);
        }
    }

    /// Where it shows a run again.
    pub(super) fn later(&mut self, change: impl FnOnce(&mut Value)) {
        if self.asked > 0 {
            self.run(change);
        }
    }

    /// Every run of a list.
    pub(super) fn rows(&mut self, change: impl Fn(&mut Value)) {
        self.of("runs.list", |body| body["runs"].as_array_mut().into_iter().flatten().for_each(change));
    }
}

pub(super) fn remove(body: &mut Value, key: &str) {
    if let Some(body) = body.as_object_mut() {
        body.shift_remove(key);
    }
}
