//! What other exchanges are compared with, of exchanges that plans decided.
//!
//! Most observations are stored and never read. So a decider writes what differs between the observations of a plan as bytes, and an [`Observation`] is made
//! only of those that are compared.

use std::hash::{Hash, Hasher};
use std::io;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::plan::{HeadPlan, Identity, ResourcePlan};
use crate::artifact::StatedArtifacts;
use crate::judge::located::END;
use crate::judge::observation::{Observation, ObservedInstance};

/// What is equal for the observations of a plan whose instances are at the same sites.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    plan: Arc<HeadPlan>,
    /// The sites of the instances, by index. `None` is the response itself.
    instances: Vec<Option<usize>>,
}

/// The observations of a batch of exchanges.
#[derive(Debug, Default)]
pub(crate) struct ObservedBatch {
    templates: Vec<Template>,
    bytes: Vec<u8>,
}

/// What other exchanges are compared with, of one exchange in a batch.
#[derive(Debug)]
pub(crate) struct Observed {
    /// What rules over time compare.
    pub(crate) state: Option<ObservedState>,
    /// What the resource states of its artifacts: the resource, and the list.
    artifacts: Option<(Range<usize>, Range<usize>)>,
}

/// The state of a resource in one exchange.
#[derive(Debug)]
pub(crate) struct ObservedState {
    /// The index of the template in the batch.
    pub(crate) template: usize,
    /// The key of the resource.
    pub(crate) resource: [u8; 16],
    pub(crate) started: i64,
    content: Range<usize>,
}

/// What differs between the observations of a template. Values are JSON texts.
#[derive(Debug, Serialize, Deserialize)]
struct Content<'c> {
    started: i64,
    ended: i64,
    /// `None` if it is a path parameter.
    identity: Option<&'c str>,
    /// `None` if the template and the path parameters are the URL.
    url: Option<&'c str>,
    /// The path parameters, one after another, each with [`END`] after it.
    path: &'c str,
    /// The values that rules read of the instances, one after another, each with [`END`] after it.
    values: &'c str,
}

/// An observation in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    instances: Vec<Option<usize>>,
    values: String,
    path: String,
}

impl Draft {
    pub(super) fn clear(&mut self) {
        self.instances.clear();
        self.values.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// Adds an instance. `write` appends the values that rules read, each with [`END`] after it.
    pub(super) fn add(&mut self, site: Option<usize>, write: impl FnOnce(&mut String)) {
        self.instances.push(site);
        write(&mut self.values);
    }
}

/// When an exchange began and ended, its URL, and its parts that identify the resource.
pub(super) struct Head<'h> {
    pub(super) started: i64,
    pub(super) ended: i64,
    pub(super) url: &'h str,
    /// The identity of the resource as JSON text.
    pub(super) identity: &'h str,
    /// The path parameters as JSON texts.
    pub(super) path: &'h [String],
}

impl ObservedBatch {
    /// Removes all observations, and keeps the memory.
    pub(crate) fn cleared(mut self) -> Self {
        self.templates.clear();
        self.bytes.clear();
        self
    }

    /// Stores an observation.
    pub(super) fn add(
        &mut self,
        plan: &Arc<HeadPlan>,
        resource: &ResourcePlan,
        draft: &mut Draft,
        head: &Head<'_>,
    ) -> Option<ObservedState> {
        let known = self.templates.iter().position(|template| template.is_of(plan, &draft.instances));
        let template = known.unwrap_or_else(|| {
            self.templates.push(Template { plan: plan.clone(), instances: draft.instances.clone() });
            self.templates.len() - 1
        });
        let hash = Sha256::new_with_prefix(&resource.location_text).chain_update(b"\0").chain_update(head.identity).finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        draft.path.clear();
        for parameter in head.path {
            draft.path.push_str(parameter);
            draft.path.push(END);
        }
        let content = Content {
            started: head.started,
            ended: head.ended,
            identity: Some(head.identity).filter(|_| !matches!(resource.identity, Identity::Path(_))),
            url: Some(head.url).filter(|url| !plan.url.is(url, head.path)),
            path: &draft.path,
            values: &draft.values,
        };
        let start = self.bytes.len();
        // A vector takes all bytes.
        self.bytes = postcard::to_extend(&content, std::mem::take(&mut self.bytes)).ok()?;
        Some(ObservedState { template, resource: key, started: head.started, content: start..self.bytes.len() })
    }

    /// Stores what a resource states of its artifacts.
    pub(super) fn observed(&mut self, state: Option<ObservedState>, artifacts: Option<(&str, &str)>) -> Observed {
        let artifacts = artifacts.map(|(resource, files)| (self.text(resource), self.text(files)));
        Observed { state, artifacts }
    }

    fn text(&mut self, text: &str) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        start..self.bytes.len()
    }

    /// The template of an observation.
    pub(crate) fn template(&self, state: &ObservedState) -> Option<&Template> {
        self.templates.get(state.template)
    }

    /// The bytes of an observation, which [`Template::read`] reads.
    pub(crate) fn content(&self, state: &ObservedState) -> &[u8] {
        self.bytes.get(state.content.clone()).unwrap_or_default()
    }

    /// The observation of an exchange.
    pub(super) fn read(&self, observed: &Observed) -> Option<Box<Observation>> {
        let state = observed.state.as_ref()?;
        let (observation, _) = self.template(state)?.read(self.content(state)).ok()?;
        Some(Box::new(observation))
    }

    /// What a resource states of its artifacts.
    pub(crate) fn artifacts(&self, observed: &Observed) -> Option<StatedArtifacts> {
        let (resource, files) = observed.artifacts.clone()?;
        let text = |range: Range<usize>| std::str::from_utf8(self.bytes.get(range)?).ok();
        Some(StatedArtifacts { resource: text(resource)?.to_owned(), files: text(files)?.into() })
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.is_of(&other.plan, &other.instances)
    }
}

impl Eq for Template {}

impl Hash for Template {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.plan).hash(state);
        self.instances.hash(state);
    }
}

impl Template {
    fn is_of(&self, plan: &Arc<HeadPlan>, instances: &[Option<usize>]) -> bool {
        Arc::ptr_eq(&self.plan, plan) && self.instances == instances
    }

    /// The rules over time that are evaluated at the instances.
    pub(crate) fn rules(&self) -> Vec<usize> {
        self.instances.iter().flat_map(|site| self.site(*site).0).copied().collect()
    }

    /// The operation of the exchanges.
    pub(crate) fn operation(&self) -> &str {
        &self.plan.operation
    }

    /// The method and the status of the exchanges.
    pub(crate) fn method_and_status(&self) -> (&str, u16) {
        (&self.plan.method, self.plan.status)
    }

    /// The rules to evaluate at a site, and those that compare later observations with it.
    fn site(&self, site: Option<usize>) -> (&[usize], &[usize]) {
        match site {
            None => (&self.plan.later, &[]),
            Some(site) => self.plan.sites.get(site).map_or((&[], &[]), |site| (&site.later, &site.earlier)),
        }
    }

    /// Reads an observation, and the URL of its exchange.
    pub(crate) fn read(&self, bytes: &[u8]) -> io::Result<(Observation, String)> {
        let content: Content<'_> = postcard::from_bytes(bytes).map_err(io::Error::other)?;
        let path: Vec<&str> = content.path.split_terminator(END).collect();
        let mut values = content.values.split(END);
        let mut instances = Vec::new();
        for site in &self.instances {
            let projection = site.and_then(|site| self.plan.sites.get(site)?.projection.as_ref());
            let mut value = String::new();
            match projection {
                Some(located) => located.write(&mut values, &mut value),
                None => values.next().map(|whole| value.push_str(whole)),
            }
            .ok_or(io::ErrorKind::InvalidData)?;
            let (rules, earlier) = self.site(*site);
            let (rules, earlier) = (rules.to_vec(), earlier.to_vec());
            instances.push(ObservedInstance { rules, earlier, identity: String::new(), pointer: String::new(), value });
        }
        let resource = self.plan.resource.as_ref().ok_or(io::ErrorKind::InvalidData)?;
        let identity = match (content.identity, &resource.identity) {
            (Some(identity), _) => Some(identity),
            (None, Identity::Path(index)) => path.get(*index).copied(),
            (None, _) => None,
        };
        let identity = identity.ok_or(io::ErrorKind::InvalidData)?;
        let observation = Observation {
            resource: format!("{}\0{identity}", resource.location_text),
            operation: self.plan.operation.to_string(),
            started: content.started,
            ended: content.ended,
            instances,
            request: self.plan.observed_request.as_ref().map(|request| request.with(&path)),
            response: self.plan.observed_response.clone(),
        };
        let url = content.url.map_or_else(|| self.plan.url.with(&path), str::to_owned);
        Ok((observation, url))
    }
}
