//! Requests one resource: every query, again until it is finished, then its artifacts and related operations.

use serde_json::Value;
use tokio::time::Instant;

use super::Shared;
use crate::client::Query;
use crate::route::{Requests, ResourceRequests};

impl Shared {
    pub(super) async fn resource(&self, id: &str) {
        let Requests::Resources(requests) = &self.routes.requests else { return };
        let Some(mut body) = self.every_query(requests, id).await else { return };
        if self.plan.until_finished {
            body = match self.until_finished(requests, id, body).await {
                Some(body) => body,
                None => return,
            };
        }
        self.artifacts(requests, id, &body).await;
        self.related(requests, id).await;
    }

    /// Requests the related operations. If rules compare their responses, requests them twice, and the resource once more.
    async fn related(&self, requests: &ResourceRequests, id: &str) {
        let related = &requests.related;
        for other in related.iter().chain(related.iter().filter(|other| other.is_compared)) {
            let url = self.routes.url(&other.endpoint, &[id], "");
            let observed = self.request(Query::get(&other.endpoint, url.clone()), false).await;
            if let Some(why) = observed.failure() {
                self.missed.failed(&self.routes.display_url(&url), &why);
            }
        }
        if let Some(query) = requests.queries.last().filter(|_| requests.is_compared) {
            self.query(requests, id, query).await;
        }
    }

    /// Sends each query once; returns the last body, or `None` after the first failure.
    async fn every_query(&self, requests: &ResourceRequests, id: &str) -> Option<Value> {
        let mut last = None;
        for query in &requests.queries {
            last = Some(self.query(requests, id, query).await?);
        }
        last
    }

    /// Sends one query; returns the body, or records the failure.
    async fn query(&self, requests: &ResourceRequests, id: &str, query: &str) -> Option<Value> {
        let keep_body = self.plan.until_finished || self.plan.artifacts;
        let observed = self.request(Query::get(&requests.resource, self.routes.url(&requests.resource, &[id], query)), keep_body).await;
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
    async fn until_finished(&self, requests: &ResourceRequests, id: &str, first: Value) -> Option<Value> {
        let finished = requests.finished.as_ref()?;
        let mut state = finished.holds(&first);
        if state == Ok(true) {
            return Some(first);
        }
        let sending = &self.plan.sending;
        let deadline = Instant::now() + sending.wait;
        for query in requests.queries.iter().cycle() {
            if Instant::now() + sending.interval > deadline {
                break;
            }
            tokio::time::sleep(sending.interval).await;
            let body = self.query(requests, id, query).await?;
            state = finished.holds(&body);
            if state == Ok(true) {
                return match &requests.queries[..] {
                    [_] => Some(body),
                    _ => self.every_query(requests, id).await,
                };
            }
        }
        let why = state.err().map(|why| format!(": {why}")).unwrap_or_default();
        self.missed.failed(id, &format!("not finished after {} s{why}", sending.wait.as_secs_f64()));
        None
    }
}
