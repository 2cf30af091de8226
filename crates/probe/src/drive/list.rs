//! Lists resources, page by page.

use serde_json::Value;

use super::pages::{Pages, Stop, text, values_at};
use super::{Dispatch, Shared};
use crate::client::Query;
use crate::route::ResourceRequests;

impl Shared {
    /// Dispatches every listed id; returns the first.
    pub(super) async fn list(&self, requests: &ResourceRequests, limit: Option<usize>, dispatch: &Dispatch) -> Option<String> {
        let (endpoint, config) = requests.list.as_ref()?;
        let mut first = None;
        let mut left = limit.unwrap_or(usize::MAX);
        let mut pages = Pages::new(&self.routes, endpoint, &[], Some(config));
        let failed = |why: &str| self.missed.failed("the list", why);
        let mut is_explained = false;
        while left > 0 {
            let observed = self.request(Query::get(endpoint, pages.url.clone()), true).await;
            if let Some(why) = observed.failure() {
                failed(&why);
                is_explained = true;
                break;
            }
            let Some(page) = observed.body.and_then(|body| serde_json::from_slice::<Value>(&body).ok()) else {
                // The engine reports such a page as a finding if the contract documents JSON.
                if !endpoint.is_json {
                    failed("a page is not JSON");
                }
                is_explained = true;
                break;
            };
            let values = values_at(&page, &config.ids);
            let ids: Vec<String> = values.iter().filter_map(|value| text(value)).collect();
            if ids.len() < values.len() {
                failed(&unusable(values.len() - ids.len(), values.len(), &config.ids));
                is_explained = true;
            }
            for id in ids.iter().take(left) {
                first.get_or_insert_with(|| id.clone());
                left -= 1;
                if !self.dispatch(dispatch, id.clone()).await {
                    return first;
                }
            }
            match pages.next(&page, observed.next.as_deref(), values.len(), &ids) {
                Ok(true) => {}
                Ok(false) => break,
                Err(stop) => {
                    self.stopped(&endpoint.id, "the list", &stop);
                    is_explained = true;
                    break;
                }
            }
        }
        if first.is_none() && !is_explained {
            failed(&format!("no id at {}, so that no resource was requested", config.ids));
        }
        if self.plan.related {
            for query in &config.queries {
                let observed = self.request(Query::get(endpoint, self.routes.url(endpoint, &[], query)), false).await;
                if let Some(why) = observed.failure() {
                    self.missed.failed(&format!("the list, {query}"), &why);
                }
            }
        }
        first
    }
}

impl Shared {
    /// Records why the pages of a list after this one are not requested.
    pub(super) fn stopped(&self, id: &str, what: &str, stop: &Stop) {
        match stop {
            Stop::Failed(why) => self.missed.failed(what, why),
            Stop::Elsewhere => self.missed.not_judged(
                id,
                "the next page is not requested: its URL has another origin or path; `next-url` or `link-header` under [[probe.lists]] names it"
                    .to_owned(),
            ),
            Stop::Unknown => self.missed.not_judged(
                id,
                "the next page is not requested: no query parameter of the operation has a usual name for it; `cursor`, `page` or `offset` under \
                 [[probe.lists]] names one"
                    .to_owned(),
            ),
        }
    }
}

/// Ids on a page that cannot be requested.
pub(super) fn unusable(count: usize, of: usize, place: &str) -> String {
    format!("{count} of {of} ids at {place} are neither a string nor an integer")
}
