//! One resource: every expansion, again until it is finished, then its artifacts and what else can be asked about it.

use serde_json::Value;
use tokio::time::Instant;

use super::Shared;
use crate::client::Ask;

impl Shared {
    pub(super) async fn subject(&self, id: &str) {
        let Some(mut body) = self.every_expansion(id).await else { return };
        if self.plan.until_finished {
            body = match self.until_finished(id, body).await {
                Some(body) => body,
                None => return,
            };
        }
        self.artifacts(id, &body).await;
        self.related(id).await;
    }

    /// Asks the other questions; again, and for the resource again, where rules compare what is answered then.
    async fn related(&self, id: &str) {
        let related = &self.routes.related;
        for other in related.iter().chain(related.iter().filter(|other| other.is_compared)) {
            let url = self.routes.of(&other.template, id, "");
            let seen = self.ask(Ask::get(url.clone()), false).await;
            if let Some(why) = seen.why_unseen() {
                self.ledger.unseen(&self.routes.shown(&url), &why);
            }
        }
        if let Some(query) = self.routes.queries.last().filter(|_| self.routes.is_compared) {
            self.look(id, query).await;
        }
    }

    /// Asks for each expansion once; the last body, unless one was not shown.
    async fn every_expansion(&self, id: &str) -> Option<Value> {
        let mut last = None;
        for query in &self.routes.queries {
            last = Some(self.look(id, query).await?);
        }
        last
    }

    /// Asks for one expansion. Where nothing is shown, the ledger knows why.
    async fn look(&self, id: &str, query: &str) -> Option<Value> {
        let wanted = self.plan.until_finished || self.plan.artifacts;
        let seen = self.ask(Ask::get(self.routes.subject(id, query)), wanted).await;
        match seen.why_unseen() {
            Some(why) => {
                self.ledger.unseen(id, &why);
                None
            }
            // What is no JSON is a finding already.
            None => Some(seen.body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or(Value::Null)),
        }
    }

    /// Looks again and again, with each expansion in turn, until the resource is finished; then once more with every one.
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
            let body = self.look(id, query).await?;
            if is_finished(&body) == Some(true) {
                return match &self.routes.queries[..] {
                    [_] => Some(body),
                    _ => self.every_expansion(id).await,
                };
            }
        }
        self.ledger.unseen(id, &format!("not finished after {} s (--wait)", sending.wait.as_secs_f64()));
        None
    }
}
