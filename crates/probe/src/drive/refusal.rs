//! Sends requests that the server must refuse. The engine judges the responses.

use std::sync::Arc;

use charter_traffic::exchange::Provoked;

use super::Shared;
use crate::client::Query;
use crate::endpoint::Endpoint;
use crate::route::ResourceRequests;
use crate::serialise::query_parameter;

/// A section that the server does not have.
const UNKNOWN_SECTION: &str = "charter-probe-no-such-section";

impl Shared {
    /// Sends each such request once; `id` is the id of an existing resource, if one is known.
    pub(super) async fn refusals(&self, requests: &ResourceRequests, id: Option<&str>) {
        let resource = &requests.resource;
        let url = |id: &str, query: &str| self.routes.url(resource, &[id], query);
        self.provoke(resource, vec![(Provoked::UnknownId, url(&resource.unknown_id, ""))]).await;
        let Some(id) = id else { return };
        if resource.secured {
            self.provoke(resource, vec![(Provoked::NoCredentials, url(id, "")), (Provoked::WrongCredentials, url(id, ""))]).await;
            for other in &requests.related {
                self.provoke(&other.endpoint, vec![(Provoked::NoCredentials, self.routes.url(&other.endpoint, &[id], ""))]).await;
            }
        }
        if let Some(parameter) = &requests.sections_parameter {
            self.provoke(resource, vec![(Provoked::UnknownSection, url(id, &query_parameter(parameter, UNKNOWN_SECTION)))]).await;
        }
    }

    /// Sends requests to an endpoint that it must refuse.
    pub(super) async fn provoke(&self, endpoint: &Arc<Endpoint>, requests: Vec<(Provoked, String)>) {
        for (provoked, url) in requests {
            let observed = self.request(Query::provoking(provoked, endpoint, url), false).await;
            let is_busy = matches!(observed.status, None | Some(429 | 500..=599));
            if let Some(why) = observed.failure().filter(|_| is_busy) {
                self.missed.failed(&format!("the refusal {}", provoked.as_str()), &why);
            }
        }
    }
}
