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
use super::observed::{Draft, Head, Observed, ObservedBatch, ObservedState};
use super::plan::{Action, HeadPlan, HeadPlans, Identity, PathParameter, ResourcePlan, SitePlan, Slots};
use super::signature::KnownVerdicts;
use crate::judge::Judgement;
use crate::judge::bind::OPEN;
use crate::judge::evaluate::{Json, Located, Scope, Variable, bind};
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
    draft: Draft,
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
    draft: Draft,
    counts: DecidedCounts,
    observed: ObservedBatch,
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
    Kept(Option<Observed>),
    /// The reference path judges it.
    NotCertain,
}

impl<'j> Decider<'j> {
    pub(in crate::judge) fn new(reference: &'j Reference, buffers: Buffers) -> Self {
        let Buffers { key, record, request_record, verdicts, draft, counts } = buffers;
        let observed = ObservedBatch::default();
        Self { reference, key, is_new: false, record, request_record, verdicts, draft, counts, observed, observes: true }
    }

    /// A decider of exchanges that are not compared with each other.
    pub(crate) fn without_observations(self) -> Self {
        Self { observes: false, ..self }
    }

    /// The buffers, for the next decider.
    pub(crate) fn into_buffers(self) -> Buffers {
        let Self { key, record, request_record, verdicts, draft, counts, .. } = self;
        Buffers { key, record, request_record, verdicts, draft, counts }
    }

    /// The counts of all exchanges that were decided, and what others are compared with.
    pub(crate) fn into_results(self) -> (DecidedCounts, ObservedBatch) {
        (self.counts, self.observed)
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

    fn by_plan(&mut self, plan: &Arc<HeadPlan>, view: &ExchangeView<'_>) -> Option<Option<Observed>> {
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
        let (mut verdicts, mut draft) = (std::mem::take(&mut self.verdicts), std::mem::take(&mut self.draft));
        let kept = self.rules(plan, text, &path, &mut verdicts, &mut draft);
        self.verdicts = verdicts;
        let observed = match kept {
            Some(()) if self.observes => self.observation(plan, view, text, &path, &mut draft),
            Some(()) => Some(None),
            None => None,
        };
        self.draft = draft;
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

    /// Evaluates the rules, and drafts the observation. `None` if one of them fails or cannot be evaluated.
    fn rules<'d>(&'d self, plan: &'d HeadPlan, text: &'d str, path: &'d [Value], verdicts: &mut Verdicts, draft: &mut Draft) -> Option<()> {
        let rules = &*self.reference.rules;
        let binder = &rules.binder;
        let Verdicts { evaluated, signature, bytes, whole } = verdicts;
        evaluated.clear();
        whole.clear();
        draft.clear();
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
                // The location of a part is not certain.
                if own.len() != text.len() {
                    return None;
                }
                draft.add(Some(index), |out| self.project(site, text, projection, out));
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
        if self.observes && !plan.later.is_empty() {
            draft.add(None, |out| out.push_str("null"));
        }
        Some(())
    }

    /// What other exchanges are compared with. `None` if the identity of the resource is not certain.
    fn observation(
        &mut self,
        plan: &Arc<HeadPlan>,
        view: &ExchangeView<'_>,
        text: &str,
        path: &[Value],
        draft: &mut Draft,
    ) -> Option<Option<Observed>> {
        let artifacts = match plan.artifacts {
            Some((resource, files)) => self.record.slot(files).and_then(|range| Some((path.get(resource)?.as_str()?, text.get(range)?))),
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
        path: &[Value],
        draft: &mut Draft,
    ) -> Option<ObservedState> {
        let identity = match &resource.identity {
            Identity::Known(value) => value.to_string(),
            Identity::Path(index) => path.get(*index)?.to_string(),
            Identity::Slot(slot) => {
                let raw = text.get(self.record.slot(*slot)?)?;
                Json::Raw(raw).to_tree().to_string()
            }
        };
        let (started, ended) = Reference::observed_time(view.started, view.duration_ms)?;
        let texts: Vec<String> = match &plan.observed_request {
            Some(_) => path.iter().map(Value::to_string).collect(),
            None => Vec::new(),
        };
        let path = texts.iter().map(String::as_str).collect();
        self.observed.add(plan, draft, Head { started, ended, url: view.url, resource: (&resource.location_text, &identity), path })
    }

    /// Writes the values that rules over time read of the whole body.
    fn project(&self, site: &SitePlan, text: &str, projection: &Projection, out: &mut String) {
        match &site.projection {
            Some(located) => located.write(&|slot| self.record.slot(slot).and_then(|range| text.get(range)), out),
            None => projection.write(Json::Raw(text), out),
        }
    }
}
