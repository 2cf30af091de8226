//! What other exchanges are compared with, of an exchange that a plan decides.

use std::borrow::Cow;
use std::sync::Arc;

use charter_traffic::read::ExchangeView;

use super::decide::Decider;
use super::observed::{Draft, Head, Observed, ObservedState};
use super::plan::{HeadPlan, Identity, ResourcePlan, SitePlan};
use crate::judge::evaluate::Json;
use crate::judge::located::END;
use crate::judge::project::Projection;
use crate::judge::reference::Reference;

impl Decider<'_> {
    /// What other exchanges are compared with. `None` if the identity of the resource is not certain.
    pub(super) fn observation(
        &mut self,
        plan: &Arc<HeadPlan>,
        view: &ExchangeView<'_>,
        text: &str,
        path: &[String],
        draft: &mut Draft,
    ) -> Option<Option<Observed>> {
        let artifacts = match plan.artifacts {
            Some((resource, files)) => {
                self.record.slot(files).and_then(|range| Some((path.get(resource)?.trim_matches('"'), text.get(range)?)))
            }
            None => None,
        };
        let state = match plan.resource.as_ref().filter(|_| !draft.is_empty()) {
            Some(resource) => Some(self.state(plan, resource, view, text, path, draft)?),
            None => None,
        };
        let is_observed = state.is_some() || plan.artifacts.is_some();
        Some(is_observed.then(|| self.observed.observed(state, artifacts)))
    }

    /// The state of a resource. `None` if its identity is not certain.
    fn state(
        &mut self,
        plan: &Arc<HeadPlan>,
        resource: &ResourcePlan,
        view: &ExchangeView<'_>,
        text: &str,
        path: &[String],
        draft: &mut Draft,
    ) -> Option<ObservedState> {
        let identity: Cow<'_, str> = match &resource.identity {
            Identity::Known(value) => value.to_string().into(),
            Identity::Path(index) => path.get(*index)?.into(),
            Identity::Slot(slot) => {
                let raw = text.get(self.record.slot(*slot)?)?;
                Json::Raw(raw).to_tree().to_string().into()
            }
        };
        let (started, ended) = Reference::observed_time(view.started, view.duration_ms)?;
        self.observed.add(plan, resource, draft, &Head { started, ended, url: view.url, identity: &identity, path })
    }

    /// Writes the values that rules over time read of the whole body, each with [`END`] after it.
    pub(super) fn project(&self, site: &SitePlan, text: &str, projection: &Projection, out: &mut String) {
        match &site.projection {
            Some(located) => located.write_values(&|slot| self.record.slot(slot).and_then(|range| text.get(range)), out),
            None => {
                projection.write(Json::Raw(text), out);
                out.push(END);
            }
        }
    }
}
