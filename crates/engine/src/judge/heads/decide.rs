//! Decides one exchange by the plan of its head.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use charter_contract::Direction;
use charter_program::Record;
use charter_traffic::exchange::Exchange;
use charter_traffic::read::ExchangeView;
use serde_json::Value;

use super::counts::DecidedCounts;
use super::key::Url;
use super::plan::{Action, HeadPlan, HeadPlans, Identity, PathParameter, SitePlan, Slots};
use super::signature::KnownVerdicts;
use crate::artifact::StatedArtifacts;
use crate::judge::Judgement;
use crate::judge::bind::OPEN;
use crate::judge::evaluate::{Json, Located, Scope, Variable, bind};
use crate::judge::observation::{Observation, ObservedInstance};
use crate::judge::outcome::Verdict;
use crate::judge::project::Projection;
use crate::judge::reference::Reference;

/// The kinds of verdicts of rules that were evaluated and did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Passed,
    Vacuous,
    WhenFalse,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Passed, Self::Vacuous, Self::WhenFalse];

    pub(super) fn verdict(self) -> Verdict {
        match self {
            Self::Passed => Verdict::Passed,
            Self::Vacuous => Verdict::Vacuous,
            Self::WhenFalse => Verdict::NotApplicable("when-false"),
        }
    }

    fn of(verdict: &Verdict) -> Option<Self> {
        match verdict {
            Verdict::Passed => Some(Self::Passed),
            Verdict::Vacuous => Some(Self::Vacuous),
            Verdict::NotApplicable("when-false") => Some(Self::WhenFalse),
            _ => None,
        }
    }
}

/// What a decider keeps between exchanges. Another decider of the same contract can go on with it.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    key: Vec<u8>,
    record: Record,
    request_record: Record,
    verdicts: Verdicts,
    counts: DecidedCounts,
}

/// Decides exchanges one after the other, with buffers that it reuses.
pub(crate) struct Decider<'j> {
    reference: &'j Reference,
    key: Vec<u8>,
    record: Record,
    request_record: Record,
    /// Whether the key of the last exchange is not known, so that its judgement becomes a plan.
    is_new: bool,
    verdicts: Verdicts,
    counts: DecidedCounts,
    /// Whether exchanges are compared with each other later.
    observes: bool,
}

/// The verdicts of the rules for the current exchange.
#[derive(Debug, Default)]
struct Verdicts {
    /// The rules that were evaluated, and the kinds of their verdicts.
    evaluated: Vec<(usize, Kind)>,
    /// The number of the signature that decides the other rules.
    signature: Option<usize>,
    bytes: Vec<u8>,
    /// The indexes of the sites whose instance is the whole body.
    whole: Vec<usize>,
}

/// The result for one exchange.
#[derive(Debug)]
pub(crate) enum Decided {
    /// It has no finding, and is counted.
    Kept(Option<Box<Observed>>),
    /// The reference path judges it.
    NotCertain,
}

/// An exchange that was decided, for comparisons with other exchanges.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) operation: Arc<str>,
    /// What rules over time compare.
    pub(crate) observation: Option<Observation>,
    /// What the resource states of its artifacts.
    pub(crate) artifacts: Option<StatedArtifacts>,
}

impl<'j> Decider<'j> {
    pub(in crate::judge) fn new(reference: &'j Reference, buffers: Buffers) -> Self {
        let Buffers { key, record, request_record, verdicts, counts } = buffers;
        Self { reference, key, is_new: false, record, request_record, verdicts, counts, observes: true }
    }

    /// A decider of exchanges that are not compared with each other.
    pub(crate) fn without_observations(self) -> Self {
        Self { observes: false, ..self }
    }

    /// The buffers, for the next decider.
    pub(crate) fn into_buffers(self) -> Buffers {
        let Self { key, record, request_record, verdicts, counts, .. } = self;
        Buffers { key, record, request_record, verdicts, counts }
    }

    /// The counts of all exchanges that were decided.
    pub(crate) fn into_counts(self) -> DecidedCounts {
        self.counts
    }

    /// Decides an exchange.
    pub(crate) fn decide(&mut self, view: &ExchangeView<'_>) -> Decided {
        self.is_new = false;
        let Some(heads) = self.reference.heads() else { return Decided::NotCertain };
        if !heads.keys.write(view, &mut self.key) {
            return Decided::NotCertain;
        }
        self.by_key(heads, view)
    }

    /// Decides a bare body: the body of a response whose request is not known.
    pub(crate) fn decide_bare(&mut self, body: &[u8]) -> Decided {
        self.is_new = false;
        let (Some(heads), Some(operation)) = (self.reference.heads(), self.reference.bare_operation()) else { return Decided::NotCertain };
        HeadPlans::write_bare_key(&operation.id, &mut self.key);
        let mut view = ExchangeView::default();
        view.response.body = Some(body);
        self.by_key(heads, &view)
    }

    fn by_key(&mut self, heads: &HeadPlans, view: &ExchangeView<'_>) -> Decided {
        match heads.get(&self.key) {
            Ok(plan) => self.by_plan(&plan, view).map_or(Decided::NotCertain, Decided::Kept),
            Err(is_new) => {
                self.is_new = is_new;
                Decided::NotCertain
            }
        }
    }

    /// Makes a plan from the judgement of the exchange that was decided last.
    pub(crate) fn learn(&mut self, exchange: &Exchange, judgement: &Judgement) {
        if let Some(heads) = self.reference.heads()
            && self.is_new
            && judgement.findings.is_empty()
            && heads.is_repeated(&self.key)
        {
            heads.insert(&self.key, self.reference.plan_head(exchange, judgement));
        }
    }

    fn by_plan(&mut self, plan: &Arc<HeadPlan>, view: &ExchangeView<'_>) -> Option<Option<Box<Observed>>> {
        let text = simdutf8::basic::from_utf8(view.response.body?).ok()?.trim_matches([' ', '\t', '\n', '\r']);
        let path = self.path(plan, view)?;
        if let Some(program) = &plan.request_program
            && !program.accepts(view.request.body?.trim_ascii(), &mut self.request_record)
        {
            return None;
        }
        if !plan.program.accepts(text.as_bytes(), &mut self.record) {
            return None;
        }
        let mut verdicts = std::mem::take(&mut self.verdicts);
        let observed = self.rules(plan, view, text, &path, &mut verdicts);
        self.verdicts = verdicts;
        let observed = observed?;
        let counts = self.counts.of(plan);
        counts.exchanges += 1;
        for row in self.record.rows() {
            if let Some(count) = counts.rows.get_mut(*row as usize) {
                *count += 1;
            }
        }
        for (rule, kind) in &self.verdicts.evaluated {
            counts.evaluated[*rule][*kind as usize] += 1;
        }
        if let Some(number) = self.verdicts.signature {
            counts.add_signature(number, 1);
        }
        for instance in self.record.instances() {
            let Some(site) = plan.site_of.get(&instance.schema).and_then(|index| counts.sites.get_mut(*index)) else { continue };
            site.instances += 1;
            site.exchanges += u64::from(site.last != counts.exchanges);
            site.last = counts.exchanges;
        }
        Some(observed)
    }

    /// The path parameters as rules see them. `None` if one of them may be invalid.
    fn path(&self, plan: &HeadPlan, view: &ExchangeView<'_>) -> Option<Vec<Value>> {
        if plan.path.is_empty() {
            return Some(Vec::new());
        }
        let url = Url::split(view.url)?;
        let validators = self.reference.validators(Direction::Request);
        let value = |parameter: &PathParameter| {
            let text = url.segment(parameter.from_end)?;
            // A text with commas may be a list.
            if text.contains([',', '=']) {
                return None;
            }
            let as_text = Value::from(text);
            let as_integer = || text.parse::<i64>().ok().filter(|value| value.to_string() == text).map(Value::from);
            let value = if parameter.is_integer { as_integer()? } else { as_text };
            match parameter.schema {
                Some(schema) if !validators.is_valid(schema, &value) => None,
                _ => Some(value),
            }
        };
        plan.path.iter().map(value).collect()
    }

    fn located<'d>(&'d self, text: &'d str, slots: &'d Slots) -> Located<'d> {
        Located { text, record: &self.record, slots: &slots.located, nodes: &slots.nodes }
    }

    /// The variables `request` and `response`.
    fn heads<'d>(&'d self, plan: &'d HeadPlan, path: &'d [Value]) -> (Option<Rc<Variable<'d>>>, Option<Rc<Variable<'d>>>) {
        let rules = &*self.reference.rules;
        let binder = &rules.binder;
        let request = plan.request.as_ref().map(|request| {
            let variable = Variable::new(request, binder, plan.request_node, Some(&rules.slots.request));
            for (parameter, value) in plan.path.iter().zip(path) {
                if let Some(slot) = parameter.slot {
                    let node = plan.request_nodes.get(slot).copied().unwrap_or_default();
                    variable.set(slot, Some(bind(Json::Tree(value), binder, node)));
                }
            }
            variable
        });
        let response = plan.response.as_ref().map(|response| Variable::new(response, binder, OPEN, Some(&rules.slots.response)));
        (request, response)
    }

    /// Evaluates the rules. `None` if one of them fails or cannot be evaluated.
    fn rules<'d>(
        &'d self,
        plan: &'d HeadPlan,
        view: &ExchangeView<'_>,
        text: &'d str,
        path: &'d [Value],
        verdicts: &mut Verdicts,
    ) -> Option<Option<Box<Observed>>> {
        let rules = &*self.reference.rules;
        let binder = &rules.binder;
        let Verdicts { evaluated, signature, bytes, whole } = verdicts;
        evaluated.clear();
        whole.clear();
        // Most exchanges have no rule to evaluate that reads the request or the head of the response.
        let heads = OnceCell::new();
        let scope = |self_: Rc<Variable<'d>>, reads_heads: bool| {
            let mut scope = Scope::new(binder);
            if reads_heads {
                let (request, response) = heads.get_or_init(|| self.heads(plan, path));
                for (name, head) in [("request", request), ("response", response)] {
                    if let Some(head) = head {
                        scope.set(name, Rc::clone(head));
                    }
                }
            }
            scope.set("self", self_);
            scope
        };
        let mut observed = Vec::new();
        for instance in self.record.instances() {
            let index = *plan.site_of.get(&instance.schema)?;
            let site = plan.sites.get(index)?;
            let own = text.get(instance.start..instance.end)?;
            let is_root = own.len() == text.len();
            if is_root && site.evaluates {
                whole.push(index);
            } else if site.evaluates {
                let table = rules.slots.schemas.get(&instance.schema);
                let self_ = Variable::new(Json::Raw(own), binder, site.node, table);
                let scope = scope(self_, plan.is_head_read(site.evaluated()));
                for rule in site.evaluated() {
                    evaluated.push((rule, Kind::of(&rules.evaluate(rule, &scope))?));
                }
            }
            if let Some(projection) =
                rules.projection(instance.schema).filter(|_| self.observes && !(site.later.is_empty() && site.earlier.is_empty()))
            {
                observed.push(self.observe(site, text, own, projection)?);
            }
        }
        plan.signatures.write(text, &self.record, whole, bytes);
        let known = plan.signatures.get(bytes);
        *signature = known.as_ref().map(|known| known.number);
        let mut learned = (known.is_none() && plan.signatures.has_room()).then(KnownVerdicts::default);
        for index in whole.iter().copied().map(Some).chain([None]) {
            let site = index.and_then(|index| plan.sites.get(index));
            let all = || site.map_or(plan.at_response.as_slice(), |site| site.rules.as_slice());
            let at_site: &mut dyn Iterator<Item = usize> = match &known {
                Some(known) => &mut known.open.iter().filter(|(site, _)| *site == index).map(|(_, rule)| *rule),
                None => &mut all().iter().filter(|(_, action)| matches!(action, Action::Evaluate)).map(|(rule, _)| *rule),
            };
            let Some(first) = at_site.next() else { continue };
            let (node, table, slots) = match site {
                Some(site) => (site.node, rules.slots.schemas.get(&site.schema), &site.slots),
                None => (plan.body_node, Some(&rules.slots.response_bodies), &plan.body_slots),
            };
            let is_read = known.as_ref().is_none_or(|known| plan.is_head_read(known.open.iter().map(|(_, rule)| *rule)));
            let mut scope = scope(Variable::located(text, binder, node, table, self.located(text, slots)), is_read);
            let tracker = learned.as_ref().map(|_| plan.signatures.tracker(bytes, slots, &plan.varies));
            if let Some(tracker) = &tracker {
                scope.track(tracker.clone());
            }
            for rule in std::iter::once(first).chain(at_site) {
                let kind = Kind::of(&rules.evaluate(rule, &scope))?;
                evaluated.push((rule, kind));
                if let (Some(learned), Some(tracker)) = (&mut learned, &tracker) {
                    match tracker.take() {
                        true => learned.open.push((index, rule)),
                        false => learned.decided.push((rule, kind)),
                    }
                }
            }
        }
        if let Some(learned) = learned {
            plan.signatures.insert(bytes, learned);
        }
        if !self.observes {
            return Some(None);
        }
        if !plan.later.is_empty() {
            observed.push(ObservedInstance::of_response(plan.later.clone()));
        }
        self.observation(plan, view, text, path, observed)
    }

    /// What other exchanges are compared with. `None` if the identity of the resource is not certain.
    fn observation(
        &self,
        plan: &HeadPlan,
        view: &ExchangeView<'_>,
        text: &str,
        path: &[Value],
        instances: Vec<ObservedInstance>,
    ) -> Option<Option<Box<Observed>>> {
        let artifacts = match plan.artifacts {
            Some((resource, files)) => self.record.slot(files).and_then(|range| {
                Some(StatedArtifacts { resource: path.get(resource)?.as_str()?.to_owned(), files: text.get(range)?.into() })
            }),
            None => None,
        };
        let observed = |observation| Observed { operation: plan.operation.clone(), observation, artifacts };
        let Some(resource) = plan.resource.as_ref().filter(|_| !instances.is_empty()) else {
            return Some(plan.artifacts.map(|_| Box::new(observed(None))));
        };
        let identity = match &resource.identity {
            Identity::Known(value) => value.to_string(),
            Identity::Path(index) => path.get(*index)?.to_string(),
            Identity::Slot(slot) => {
                let raw = text.get(self.record.slot(*slot)?)?;
                Json::Raw(raw).to_tree().to_string()
            }
        };
        let (started, ended) = Reference::observed_time(view.started, view.duration_ms)?;
        let request = plan.observed_request.as_ref().map(|request| request.with(path));
        let observation = Observation {
            resource: format!("{}\0{identity}", resource.location_text),
            operation: plan.operation.to_string(),
            started,
            ended,
            instances,
            request,
            response: plan.observed_response.clone(),
        };
        Some(Some(Box::new(observed(Some(observation)))))
    }

    /// An instance for rules over time. `None` if its location is not certain.
    fn observe(&self, site: &SitePlan, text: &str, own: &str, projection: &Projection) -> Option<ObservedInstance> {
        let mut value = String::new();
        match &site.projection {
            _ if own.len() != text.len() => return None,
            Some(located) => located.write(&|slot| self.record.slot(slot).and_then(|range| text.get(range)), &mut value),
            None => projection.write(Json::Raw(own), &mut value),
        }
        Some(ObservedInstance {
            rules: site.later.clone(),
            earlier: site.earlier.clone(),
            identity: String::new(),
            pointer: String::new(),
            value,
        })
    }
}
