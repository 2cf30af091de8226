//! Sends requests that the server must refuse. The engine judges the responses.

use charter_traffic::exchange::Provoked;

use super::Shared;
use crate::client::Query;
use crate::route::query_parameter;

/// An id that no resource has.
const UNKNOWN_ID: &str = "charter-probe-no-such-id";
/// A section that the server does not have.
const UNKNOWN_SECTION: &str = "charter-probe-no-such-section";

impl Shared {
    /// Sends each such request once; `id` is the id of an existing resource, if one is known.
    pub(super) async fn refusals(&self, id: Option<&str>) {
        let mut requests = vec![(Provoked::UnknownId, self.routes.resource(UNKNOWN_ID, ""))];
        if let Some(id) = id {
            if self.routes.secured {
                requests.push((Provoked::NoCredentials, self.routes.resource(id, "")));
                requests.push((Provoked::WrongCredentials, self.routes.resource(id, "")));
                let related = self.routes.related.iter().map(|other| self.routes.of(&other.template, id, ""));
                requests.extend(related.map(|url| (Provoked::NoCredentials, url)));
            }
            if let Some(parameter) = &self.routes.sections_parameter {
                requests.push((Provoked::UnknownSection, self.routes.resource(id, &query_parameter(parameter, UNKNOWN_SECTION))));
            }
        }
        for (provoked, url) in requests {
            let observed = self.request(Query::provoking(provoked, url), false).await;
            let is_busy = matches!(observed.status, None | Some(429 | 500..=599));
            if let Some(why) = observed.failure().filter(|_| is_busy) {
                self.missed.failed(&format!("the refusal {}", provoked.as_str()), &why);
            }
        }
    }
}
