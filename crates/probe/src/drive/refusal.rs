//! Refusals that are asked for on purpose: what the server answers to them is judged like everything else.

use charter_traffic::exchange::Provoked;

use super::Shared;
use crate::client::Ask;
use crate::route::query;

/// An id that no resource has.
const UNKNOWN_ID: &str = "charter-probe-no-such-id";
/// A section that there is not.
const UNKNOWN_SECTION: &str = "charter-probe-no-such-section";

impl Shared {
    /// Asks once for each refusal; `id` is a resource that is known to be there, where one is.
    pub(super) async fn refusals(&self, id: Option<&str>) {
        let mut asked = vec![(Provoked::UnknownId, self.routes.subject(UNKNOWN_ID, ""))];
        if let Some(id) = id {
            if self.routes.secured {
                asked.push((Provoked::NoKey, self.routes.subject(id, "")));
                asked.push((Provoked::WrongKey, self.routes.subject(id, "")));
                let related = self.routes.related.iter().map(|other| self.routes.of(&other.template, id, ""));
                asked.extend(related.map(|url| (Provoked::NoKey, url)));
            }
            if let Some(parameter) = &self.routes.expand {
                asked.push((Provoked::BadExpand, self.routes.subject(id, &query(parameter, UNKNOWN_SECTION))));
            }
        }
        for (provoked, url) in asked {
            let seen = self.ask(Ask { provoked: Some(provoked), ..Ask::get(url) }, false).await;
            let is_busy = matches!(seen.status, None | Some(429 | 500..=599));
            if let Some(why) = seen.why_unseen().filter(|_| is_busy) {
                self.ledger.unseen(&format!("the refusal {}", provoked.as_str()), &why);
            }
        }
    }
}
