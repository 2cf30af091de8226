//! Requests operations in the order of their dependencies. The ids of a list are the values of path parameters of later operations.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use charter_traffic::exchange::Provoked;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::pages::{Pages, text, values_at, values_of};
use super::{Shared, list};
use crate::client::Query;
use crate::route::Requests;
use crate::step::{Step, Steps};

/// The values of the path parameters of one request.
type Values = Vec<String>;

/// What the requests of a step found.
#[derive(Default)]
struct Found {
    /// The ids by the values of the path parameters of the list, in the order of the requests.
    lists: Vec<(Values, HashMap<String, Values>)>,
    /// The values of a request that succeeded.
    success: Option<Values>,
}

impl Shared {
    /// Requests every step.
    pub(super) async fn walk(self: &Arc<Self>) {
        let Requests::Operations(steps) = &self.routes.requests else { return };
        for (id, reason) in &steps.impossible {
            self.not_requested(steps, id, &reason.text);
            if reason.lacks_credentials && !steps.are_named {
                self.missed.failed(id, &reason.text);
            }
        }
        let mut found: Vec<Found> = Vec::new();
        for (index, step) in steps.steps.iter().enumerate() {
            let requests = combinations(steps, step, &found);
            if requests.is_empty() {
                let sources = step.sources.iter().map(|source| format!("`{}`", steps.steps[source.step].endpoint.id));
                let sources = sources.collect::<Vec<_>>().join(", ");
                self.not_requested(steps, &step.endpoint.id, &format!("no value of its path parameters in the responses of {sources}"));
            }
            found.push(self.step(index, requests).await);
        }
        if self.plan.errors && !self.missed.is_unreachable() {
            for (step, found) in steps.steps.iter().zip(&found) {
                self.refusals_of(step, found.success.as_deref()).await;
            }
        }
    }

    fn not_requested(&self, steps: &Steps, id: &str, reason: &str) {
        self.missed.not_judged(id, format!("not requested: {reason}"));
        if steps.are_named {
            self.missed.failed(id, reason);
        }
    }

    /// Sends the requests of a step, several at once.
    async fn step(self: &Arc<Self>, index: usize, requests: Vec<Values>) -> Found {
        let concurrency = if self.plan.repeatable.is_some() { 1 } else { self.plan.sending.concurrency.max(1) };
        let permits = Arc::new(Semaphore::new(concurrency));
        let mut tasks = JoinSet::new();
        for (position, values) in requests.into_iter().enumerate() {
            // The semaphore is never closed.
            let Ok(permit) = permits.clone().acquire_owned().await else { break };
            if self.missed.is_unreachable() {
                self.missed.skipped();
                continue;
            }
            let shared = self.clone();
            tasks.spawn(async move {
                let result = shared.one(index, &values).await;
                drop(permit);
                (position, values, result)
            });
        }
        let mut results: Vec<_> = tasks.join_all().await;
        results.sort_unstable_by_key(|(position, ..)| *position);
        let mut found = Found::default();
        for (_, values, ids) in results {
            let Some(ids) = ids else { continue };
            found.success.get_or_insert_with(|| values.clone());
            found.lists.push((values, ids));
        }
        found
    }

    /// Requests one resource, or each page of one list; returns the listed ids by the name of their parameter, or `None` after a failure.
    async fn one(&self, index: usize, values: &[String]) -> Option<HashMap<String, Values>> {
        let Requests::Operations(steps) = &self.routes.requests else { return None };
        let step = &steps.steps[index];
        let limit = steps.limit.unwrap_or(usize::MAX);
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let mut pages = Pages::new(&self.routes, &step.endpoint, &values, step.list.as_ref());
        let mut listed: HashMap<String, Values> = HashMap::new();
        let is_list = step.list.is_some() || !step.lists.is_empty();
        loop {
            let url = pages.url.clone();
            let failed = |why: &str| self.missed.failed(&self.routes.display_url(&url), why);
            let observed = self.request(Query::get(&step.endpoint, url.clone()), is_list).await;
            if let Some(why) = observed.failure() {
                failed(&why);
                return None;
            }
            if !is_list {
                return Some(listed);
            }
            let page: Value = observed.body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or(Value::Null);
            let mut on_page = step.list.as_ref().map_or_else(Vec::new, |config| values_at(&page, &config.ids));
            let mut count = on_page.len();
            let mut page_ids: Values = on_page.drain(..).filter_map(text).collect();
            for (name, id_type) in &step.lists {
                let pointer = step.list.as_ref().map(|config| config.ids.as_str());
                let values = pointer.map_or_else(|| values_of(&page, name, *id_type), |pointer| values_at(&page, pointer));
                let ids: Values = values.iter().filter_map(|value| text(value)).collect();
                if ids.len() < values.len() {
                    let place = pointer.map_or_else(|| format!("`{name}`"), str::to_owned);
                    failed(&list::unusable(values.len() - ids.len(), values.len(), &place));
                }
                count = count.max(values.len());
                page_ids.extend(ids.iter().cloned());
                let known = listed.entry(name.clone()).or_default();
                let mut seen: HashSet<String> = known.iter().cloned().collect();
                known.extend(ids.into_iter().filter(|id| seen.insert(id.clone())));
                known.truncate(limit);
            }
            let is_full = !step.lists.is_empty() && listed.values().all(|ids| ids.len() >= limit);
            match pages.next(&page, observed.next.as_deref(), count, &page_ids) {
                Ok(true) if !is_full => {}
                Ok(_) => return Some(listed),
                Err(stop) => {
                    self.stopped(&step.endpoint.id, &self.routes.display_url(&url), &stop);
                    return Some(listed);
                }
            }
        }
    }

    /// Sends the requests of a step that the server must refuse.
    async fn refusals_of(&self, step: &Step, success: Option<&[String]>) {
        let endpoint = &step.endpoint;
        let url = |values: &[&str]| self.routes.url(endpoint, values, "");
        let values: Option<Vec<&str>> = success.map(|values| values.iter().map(String::as_str).collect());
        let mut requests = Vec::new();
        if let Some(values) = &values
            && endpoint.secured
        {
            requests.push((Provoked::NoCredentials, url(values)));
            requests.push((Provoked::WrongCredentials, url(values)));
        }
        if endpoint.refuses_unknown_id
            && let Some((_, before)) = values.as_deref().and_then(<[&str]>::split_last)
        {
            requests.push((Provoked::UnknownId, url(&[before, &[endpoint.unknown_id.as_str()]].concat())));
        }
        self.provoke(endpoint, requests).await;
    }
}

/// The values of the path parameters of each request of a step.
fn combinations(steps: &Steps, step: &Step, found: &[Found]) -> Vec<Values> {
    let mut combinations = vec![Values::new()];
    for source in &step.sources {
        let ids = |lists: &(Values, HashMap<String, Values>)| lists.1.get(&source.parameter).cloned().unwrap_or_default();
        let lists = &found[source.step].lists;
        let mut all = Values::new();
        if !source.is_below {
            let mut seen = HashSet::new();
            all = lists.iter().flat_map(ids).filter(|id| seen.insert(id.clone())).collect();
            all.truncate(steps.limit.unwrap_or(usize::MAX));
        }
        let by_values: HashMap<&Values, &(Values, HashMap<String, Values>)> = lists.iter().map(|list| (&list.0, list)).collect();
        combinations = combinations
            .into_iter()
            .flat_map(|values| {
                let ids = if source.is_below { by_values.get(&values).map(|list| ids(list)).unwrap_or_default() } else { all.clone() };
                ids.into_iter().map(move |id| [values.as_slice(), &[id]].concat()).collect::<Vec<_>>()
            })
            .collect();
    }
    combinations
}
