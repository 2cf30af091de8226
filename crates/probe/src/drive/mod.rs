//! Sends the requests of a plan. Workers take resources from a queue and send the requests for one resource in order.

mod artifact;
mod list;
mod pages;
mod rate;
mod refusal;
mod resource;
mod walk;

use std::sync::Arc;
use std::sync::mpsc::Sender;

use charter_traffic::Exchange;
use charter_traffic::exchange::Attempt;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::client::{Client, Outcome, Query};
use crate::missed::Missed;
use crate::plan::{Plan, Subjects};
use crate::retry::{Decision, Retries};
use crate::route::{Requests, ResourceRequests, Routes};
use rate::RateLimiter;

/// The capacity of the queue of ids.
const QUEUE: usize = 256;

/// An exchange that waits for the engine. Its permit limits how many wait.
pub(crate) struct Pending {
    exchange: Box<Exchange>,
    _permit: OwnedSemaphorePermit,
}

impl Pending {
    pub(crate) fn take(self) -> Box<Exchange> {
        self.exchange
    }
}

/// Sends the requests of a plan.
pub(crate) struct Driver {
    shared: Arc<Shared>,
    plan: Plan,
}

/// The state that all workers share.
struct Shared {
    client: Client,
    routes: Arc<Routes>,
    missed: Arc<Missed>,
    engine: Sender<Pending>,
    /// Permits for exchanges that wait for the engine.
    permits: Arc<Semaphore>,
    rate: Option<RateLimiter>,
    plan: Plan,
}

impl Driver {
    pub(crate) fn new(client: Client, routes: Arc<Routes>, plan: &Plan, missed: Arc<Missed>, engine: Sender<Pending>) -> Self {
        // The workers do not need the ids, which may be many.
        let mut shared_plan = plan.clone();
        shared_plan.subjects = Subjects::Ids(Vec::new());
        let permits = Arc::new(Semaphore::new(plan.sending.concurrency.max(1) * 4));
        let rate = plan.sending.rate.and_then(RateLimiter::new);
        let shared = Shared { client, routes, missed, engine, permits, rate, plan: shared_plan };
        Self { shared: Arc::new(shared), plan: plan.clone() }
    }

    /// Sends all requests; returns after the last response.
    pub(crate) async fn run(self) {
        let Self { shared, plan } = self;
        match &shared.routes.clone().requests {
            Requests::Resources(requests) => Self::resources(&shared, &plan, requests).await,
            Requests::Operations(_) => shared.walk().await,
        }
        if shared.missed.is_idle() {
            shared.missed.failed("the contract", "no request was sent");
        }
    }

    /// Requests resources, then sends the requests that the server must refuse.
    async fn resources(shared: &Arc<Shared>, plan: &Plan, requests: &ResourceRequests) {
        let mut tasks = JoinSet::new();
        let dispatch = if plan.sending.concurrency <= 1 || plan.repeatable.is_some() {
            Dispatch::Inline
        } else {
            let (ids, queue) = mpsc::channel::<String>(QUEUE);
            let queue = Arc::new(Mutex::new(queue));
            for _ in 0..plan.sending.concurrency {
                let (shared, queue) = (shared.clone(), queue.clone());
                tasks.spawn(async move {
                    loop {
                        let id = queue.lock().await.recv().await;
                        let Some(id) = id else { return };
                        shared.resource_if_reachable(&id).await;
                    }
                });
            }
            Dispatch::Workers(ids)
        };
        let first = match &plan.subjects {
            Subjects::Ids(ids) => {
                let first = ids.first().cloned();
                for id in ids {
                    if !shared.dispatch(&dispatch, id.clone()).await {
                        break;
                    }
                }
                first
            }
            Subjects::Listed { limit } => shared.list(requests, *limit, &dispatch).await,
            Subjects::Operations { .. } => None,
        };
        drop(dispatch);
        while tasks.join_next().await.is_some() {}
        if shared.plan.errors && !shared.missed.is_unreachable() {
            shared.refusals(requests, first.as_deref()).await;
        }
    }
}

/// Which task requests a resource.
enum Dispatch {
    /// The task that found the id, so that requests are sent one after another.
    Inline,
    /// A worker.
    Workers(mpsc::Sender<String>),
}

/// What the driver needs of a response after the engine has taken the exchange.
struct Observed {
    status: Option<u16>,
    /// The body, if it was requested and is complete.
    body: Option<Vec<u8>>,
    /// The URL with `rel="next"` in the header field `Link`.
    next: Option<String>,
    /// Why the response is missing or incomplete, or why there are no more retries.
    error: Option<String>,
}

impl Observed {
    /// Why the response is not a complete success.
    fn failure(&self) -> Option<String> {
        if let Some(error) = &self.error {
            return Some(error.clone());
        }
        let status = self.status?;
        let reason = match status {
            200..=299 => return None,
            300..=399 => "redirects are not followed; check the base URL",
            401 | 403 => "check the key",
            404 => "not found",
            429 => "too many requests; lower the rate or allow more retries",
            500..=599 => "server error",
            _ => "request refused",
        };
        Some(format!("status {status}: {reason}"))
    }
}

impl Shared {
    /// Requests a resource, or queues it. Returns false if the workers have stopped.
    async fn dispatch(&self, dispatch: &Dispatch, id: String) -> bool {
        match dispatch {
            Dispatch::Workers(ids) => ids.send(id).await.is_ok(),
            Dispatch::Inline => {
                self.resource_if_reachable(&id).await;
                true
            }
        }
    }

    async fn resource_if_reachable(&self, id: &str) {
        if self.missed.is_unreachable() {
            self.missed.skipped();
        } else {
            self.resource(id).await;
        }
    }

    /// Sends a request, retries it, and passes the last response to the engine, with the earlier attempts.
    async fn request(&self, query: Query, keep_body: bool) -> Observed {
        let sending = &self.plan.sending;
        let mut retries = Retries::new(sending.retries, sending.longest_retry_after);
        let mut attempts = Vec::new();
        loop {
            if let Some(rate) = &self.rate {
                rate.wait().await;
            }
            let mut outcome = self.client.send(&query).await;
            let decision = retries.after(&outcome);
            if let Decision::Retry(pause) = decision {
                attempts.push(Attempt::of(&outcome.exchange));
                tokio::time::sleep(pause).await;
                continue;
            }
            for attempt in &attempts {
                self.missed.retried(&query.endpoint.id, attempt);
            }
            outcome.exchange.attempts = std::mem::take(&mut attempts);
            self.missed.finished(outcome.status());
            let error = match (decision, &outcome.exchange.error) {
                (Decision::GiveUp(Some(pause)), _) => Some(format!("the server requests a pause of {} s", pause.as_secs())),
                (_, Some(error)) => Some(error.clone()),
                (_, None) if outcome.is_truncated() => {
                    Some(format!("the response body is longer than the limit of {} bytes", sending.max_body))
                }
                (_, None) => outcome.undecoded.clone(),
            };
            let body = outcome.body().filter(|_| keep_body).map(<[u8]>::to_vec);
            let next = outcome.header_values("link").into_iter().find_map(charter_client::next_link_in).map(str::to_owned);
            let observed = Observed { status: outcome.status(), body, next, error };
            self.pass_on(outcome).await;
            return observed;
        }
    }

    /// Passes an exchange to the engine. Waits if too many are pending.
    async fn pass_on(&self, outcome: Outcome) {
        // The semaphore is never closed.
        let Ok(permit) = self.permits.clone().acquire_owned().await else { return };
        // If the receiver is gone, the probe has been stopped.
        let _ = self.engine.send(Pending { exchange: Box::new(outcome.exchange), _permit: permit });
    }
}
