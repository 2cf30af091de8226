//! Resources side by side, each asked about in turn: every expansion, then again until it is finished, then what belongs to it.

mod artifact;
mod list;
mod refusal;
mod subject;

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use charter_traffic::Exchange;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::{Answer, Ask, Client};
use crate::ledger::Ledger;
use crate::plan::{Plan, Subjects};
use crate::retry::{Decision, Pauses};
use crate::route::Routes;

/// Ids that wait to be asked for.
const WAITING: usize = 256;

/// An exchange on its way to the judge. As long as it is not taken it counts against what may be on its way.
pub(crate) struct Parcel {
    exchange: Box<Exchange>,
    _permit: OwnedSemaphorePermit,
}

impl Parcel {
    pub(crate) fn open(self) -> Box<Exchange> {
        self.exchange
    }
}

/// Asks what a plan asks.
pub(crate) struct Driver {
    shared: Arc<Shared>,
    plan: Plan,
}

/// What all tasks share.
struct Shared {
    client: Client,
    routes: Arc<Routes>,
    ledger: Arc<Ledger>,
    judge: Sender<Parcel>,
    /// Exchanges that the judge has not taken yet.
    parcels: Arc<Semaphore>,
    pace: Option<Pace>,
    plan: Plan,
}

impl Driver {
    pub(crate) fn new(client: Client, routes: Arc<Routes>, plan: &Plan, ledger: Arc<Ledger>, judge: Sender<Parcel>) -> Self {
        // What a list brings is limited by what is asked; ids that are given are not copied.
        let mut shared_plan = plan.clone();
        shared_plan.subjects = Subjects::Ids(Vec::new());
        let parcels = Arc::new(Semaphore::new(plan.sending.concurrency.max(1) * 4));
        let shared = Shared { client, routes, ledger, judge, parcels, pace: plan.sending.rate.and_then(Pace::new), plan: shared_plan };
        Self { shared: Arc::new(shared), plan: plan.clone() }
    }

    /// Asks everything; ends when the last answer has come.
    pub(crate) async fn run(self) {
        let Self { shared, plan } = self;
        let mut tasks = JoinSet::new();
        let askers = if plan.sending.concurrency <= 1 || plan.repeatable.is_some() {
            Askers::Finder
        } else {
            let (ids, waiting) = mpsc::channel::<String>(WAITING);
            let waiting = Arc::new(Mutex::new(waiting));
            for _ in 0..plan.sending.concurrency {
                let (shared, waiting) = (shared.clone(), waiting.clone());
                tasks.spawn(async move {
                    loop {
                        let id = waiting.lock().await.recv().await;
                        let Some(id) = id else { return };
                        shared.subject_if_hopeful(&id).await;
                    }
                });
            }
            Askers::Others(ids)
        };
        let first = match plan.subjects {
            Subjects::Ids(subjects) => {
                let first = subjects.first().cloned();
                for id in subjects {
                    if !shared.hand_on(&askers, id).await {
                        break;
                    }
                }
                first
            }
            Subjects::Listed { limit } => shared.list(limit, &askers).await,
        };
        drop(askers);
        while tasks.join_next().await.is_some() {}
        if shared.plan.errors && !shared.ledger.is_hopeless() {
            shared.refusals(first.as_deref()).await;
        }
    }
}

/// Who asks about a resource whose id has become known.
enum Askers {
    /// Whoever has found it, so that one thing is asked after the other.
    Finder,
    /// Tasks side by side.
    Others(mpsc::Sender<String>),
}

/// Spreads requests over time.
struct Pace {
    period: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    fn new(rate: f64) -> Option<Self> {
        let period = Duration::try_from_secs_f64(1.0 / rate).ok().filter(|period| !period.is_zero())?;
        Some(Self { period, next: Mutex::new(Instant::now()) })
    }

    async fn turn(&self) {
        let turn = {
            let mut next = self.next.lock().await;
            let turn = (*next).max(Instant::now());
            *next = turn + self.period;
            turn
        };
        tokio::time::sleep_until(turn).await;
    }
}

/// What is left of an answer once the judge has the exchange.
struct Seen {
    status: Option<u16>,
    /// The body, where it was asked for and is whole.
    body: Option<Vec<u8>>,
    /// Why there is no answer or no whole one, or why nothing more is asked.
    why: Option<String>,
}

impl Seen {
    /// Why nothing was shown; `None` where something was.
    fn why_unseen(&self) -> Option<String> {
        if let Some(why) = &self.why {
            return Some(why.clone());
        }
        let told = match self.status? {
            200..=299 => return None,
            300..=399 => "a redirect, which is not followed; check the base URL",
            401 | 403 => "check the key",
            404 => "there is none",
            429 => "too many requests; lower --rate or raise --retries",
            500..=599 => "the server failed",
            _ => "the request was refused",
        };
        Some(format!("answered {}: {told}", self.status.unwrap_or_default()))
    }
}

impl Shared {
    /// Sees to it that a resource is asked about; false where nobody does that any more.
    async fn hand_on(&self, askers: &Askers, id: String) -> bool {
        match askers {
            Askers::Others(ids) => ids.send(id).await.is_ok(),
            Askers::Finder => {
                self.subject_if_hopeful(&id).await;
                true
            }
        }
    }

    async fn subject_if_hopeful(&self, id: &str) {
        if self.ledger.is_hopeless() {
            self.ledger.skipped();
        } else {
            self.subject(id).await;
        }
    }

    /// Asks until there is an answer that stands, and hands every answer to the judge.
    async fn ask(&self, ask: Ask, keep_body: bool) -> Seen {
        let sending = &self.plan.sending;
        let mut pauses = Pauses::new(sending.retries, sending.longest_retry_after);
        loop {
            if let Some(pace) = &self.pace {
                pace.turn().await;
            }
            let answer = self.client.send(&ask).await;
            let decision = pauses.after(&answer);
            let pause = match &decision {
                Decision::Again(pause) => Some(*pause),
                Decision::Done | Decision::GiveUp(_) => None,
            };
            let Some(pause) = pause else {
                self.ledger.ended(answer.status().is_some());
                let why = match (decision, &answer.exchange.error) {
                    (Decision::GiveUp(Some(asked)), _) => Some(format!("the server asks to wait {} s", asked.as_secs())),
                    (_, Some(error)) => Some(error.clone()),
                    (_, None) if answer.is_cut() => Some("the answer is longer than --max-body allows".to_owned()),
                    (_, None) => None,
                };
                let body = answer.body().filter(|_| keep_body).map(<[u8]>::to_vec);
                let seen = Seen { status: answer.status(), body, why };
                self.hand_over(answer).await;
                return seen;
            };
            // A request that is sent again because nothing came was never heard: only the last one counts.
            if answer.status().is_some() {
                self.hand_over(answer).await;
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn hand_over(&self, answer: Answer) {
        // The semaphore is never closed.
        let Ok(permit) = self.parcels.clone().acquire_owned().await else { return };
        // Where the judge has gone, the run is over.
        let _ = self.judge.send(Parcel { exchange: Box::new(answer.exchange), _permit: permit });
    }
}
