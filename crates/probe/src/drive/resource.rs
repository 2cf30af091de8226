//! Requests one resource: every query, again until it is finished, then its artifacts and related operations.

use serde_json::Value;
use tokio::time::Instant;

use super::Shared;
use crate::client::Query;

impl Shared {
    pub(super) async fn resource(&self, id: &str) {
        let Some(mut body) = self.every_query(id).await else { return };
        if self.plan.until_finished {
            body = match self.until_finished(id, body).await {
                Some(body) => body,
                None => return,
            };
        }
        self.artifacts(id, &body).await;
        self.related(id).await;
    }

    /// Requests the related operations. If rules compare their responses, requests them twice, and the resource once more.
    async fn related(&self, id: &str) {
        let related = &self.routes.related;
        for other in related.iter().chain(related.iter().filter(|other| other.is_compared)) {
            let url = self.routes.of(&other.template, id, "");
            let observed = self.request(Query::get(url.clone()), false).await;
            if let Some(why) = observed.failure() {
                self.missed.failed(&self.routes.display_url(&url), &why);
            }
        }
        if let Some(query) = self.routes.queries.last().filter(|_| self.routes.is_compared) {
            self.query(id, query).await;
        }
    }

    /// Sends each query once; returns the last body, or `None` after the first failure.
    async fn every_query(&self, id: &str) -> Option<Value> {
        let mut last = None;
        for query in &self.routes.queries {
            last = Some(self.query(id, query).await?);
        }
        last
    }

    /// Sends one query; returns the body, or records the failure.
    async fn query(&self, id: &str, query: &str) -> Option<Value> {
        let keep_body = self.plan.until_finished || self.plan.artifacts;
        let observed = self.request(Query::get(self.routes.resource(id, query)), keep_body).await;
        match observed.failure() {
            Some(why) => {
                self.missed.failed(id, &why);
                None
            }
            // The engine reports invalid JSON as a finding.
            None => Some(observed.body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or(Value::Null)),
        }
    }

    /// Repeats the queries in turn until the resource is finished, then sends every query once more.
    async fn until_finished(&self, id: &str, first: Value) -> Option<Value> {
        let pointer = self.routes.finished.as_deref()?;
        let is_finished = |body: &Value| body.pointer(pointer).and_then(Value::as_bool);
        if is_finished(&first) == Some(true) {
            return Some(first);
        }
        let sending = &self.plan.sending;
        let deadline = Instant::now() + sending.wait;
        for query in self.routes.queries.iter().cycle() {
            if Instant::now() + sending.interval > deadline {
                break;
            }
            tokio::time::sleep(sending.interval).await;
            let body = self.query(id, query).await?;
            if is_finished(&body) == Some(true) {
                return match &self.routes.queries[..] {
                    [_] => Some(body),
                    _ => self.every_query(id).await,
                };
            }
        }
        self.missed.failed(id, &format!("not finished after {} s", sending.wait.as_secs_f64()));
        None
    }
}
