//! Decides one exchange by the plan of its head.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use charter_program::Record;
use charter_report::Finding;
use charter_traffic::exchange::Exchange;
use charter_traffic::read::ExchangeView;

use super::counts::DecidedCounts;
use super::item::{Item, ItemBuffers, evaluate_item};
use super::last::LastHeads;
use super::local::{LocalTable, LocalVerdicts};
use super::observed::{Draft, Observed, ObservedBatch};
use super::plan::{Action, HeadPlan, HeadPlans, SitePlace, Slots};
use super::signature::{KnownVerdicts, OpenRule, Values};
use crate::judge::Judgement;
use crate::judge::bind::OPEN;
use crate::judge::evaluate::{Instant, Json, Located, Scope, Variable, bind};
use crate::judge::located::END;
use crate::judge::outcome::{Outcome, Verdict};
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

    pub(super) fn of(verdict: &Verdict) -> Option<Self> {
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
    local: Box<Local>,
    counts: DecidedCounts,
    observed: ObservedBatch,
}

/// What a decider remembers and reuses while it decides.
#[derive(Debug, Default)]
struct Local {
    last: LastHeads,
    /// The plans by key.
    plans: LocalTable<HeadPlan>,
    work: Work,
}

/// What is reused while the rules about one exchange are decided.
#[derive(Debug, Default)]
struct Work {
    verdicts: Verdicts,
    draft: Draft,
    known: LocalVerdicts,
    /// The path parameters as rules see them, as JSON texts.
    path: Vec<String>,
}

impl Buffers {
    /// The same with the memory of earlier observations.
    pub(crate) fn with_observed(self, observed: ObservedBatch) -> Self {
        Self { observed, ..self }
    }
}

/// Decides exchanges one after the other, with buffers that it reuses.
pub(crate) struct Decider<'j> {
    reference: &'j Reference,
    key: Vec<u8>,
    pub(super) record: Record,
    request_record: Record,
    /// Whether the key of the last exchange is not known, so that its judgement becomes a plan.
    is_new: bool,
    /// `None` while an exchange is decided.
    local: Option<Box<Local>>,
    counts: DecidedCounts,
    pub(super) observed: ObservedBatch,
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
    instants: Vec<Option<Instant>>,
    items: ItemBuffers,
    /// The instances at places that keys lead to: the site, the place, and the bytes.
    placed: Vec<PlacedInstance>,
    failed: Vec<FailedRule>,
}

/// An instance at a place that keys lead to.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedInstance {
    /// The index of the site in the plan, and of the place in the site.
    pub(super) place: (usize, usize),
    /// Its index among the instances of the body, and its bytes.
    instance: usize,
    start: usize,
    end: usize,
}

/// A rule that failed.
#[derive(Debug)]
struct FailedRule {
    rule: usize,
    /// Without its position.
    finding: Finding,
    /// The index of the instance among those of the body. Rules about the response follow all others.
    instance: usize,
}

/// An exchange in which rules failed, and that has no other finding.
#[derive(Debug)]
pub(crate) struct Failed {
    operation: Arc<str>,
    /// In the order of the reference path.
    rules: Vec<FailedRule>,
    observed: Option<Observed>,
}

/// The result for one exchange.
#[derive(Debug)]
pub(crate) enum Decided {
    /// It has no finding, and is counted.
    Kept(Option<Observed>),
    /// Rules failed. All else is counted.
    Failed(Box<Failed>),
    /// The reference path judges it.
    NotCertain,
}

impl<'j> Decider<'j> {
    pub(in crate::judge) fn new(reference: &'j Reference, buffers: Buffers) -> Self {
        let Buffers { key, record, request_record, local, counts, observed } = buffers;
        Self { reference, key, is_new: false, record, request_record, local: Some(local), counts, observed, observes: true }
    }

    /// A decider of exchanges that are not compared with each other.
    pub(crate) fn without_observations(self) -> Self {
        Self { observes: false, ..self }
    }

    /// The buffers, for the next decider.
    pub(crate) fn into_buffers(self) -> Buffers {
        let Self { key, record, request_record, local, counts, observed, .. } = self;
        Buffers { key, record, request_record, local: local.unwrap_or_default(), counts, observed }
    }

    /// The counts of all exchanges that were decided, and what others are compared with. The next decider can use the buffers.
    pub(crate) fn into_results(self) -> (DecidedCounts, ObservedBatch, Buffers) {
        let mut buffers = self.into_buffers();
        (std::mem::take(&mut buffers.counts), std::mem::take(&mut buffers.observed), buffers)
    }

    /// Decides an exchange.
    pub(crate) fn decide(&mut self, view: &ExchangeView<'_>) -> Decided {
        self.with_local(|decider, local| {
            let Some(heads) = decider.reference.heads() else { return Decided::NotCertain };
            if let Some(plan) = local.last.plan(&heads.keys, view) {
                return decider.by_known_plan(plan, view, &mut local.work);
            }
            if !heads.keys.write(view, &mut decider.key) {
                return Decided::NotCertain;
            }
            decider.by_key(heads, local, view)
        })
    }

    /// Decides a bare body: the body of a response whose request is not known.
    pub(crate) fn decide_bare(&mut self, body: &[u8]) -> Decided {
        self.with_local(|decider, local| {
            let (Some(heads), Some(operation)) = (decider.reference.heads(), decider.reference.bare_operation()) else {
                return Decided::NotCertain;
            };
            HeadPlans::write_bare_key(&operation.id, &mut decider.key);
            let mut view = ExchangeView::default();
            view.response.body = Some(body);
            decider.by_key(heads, local, &view)
        })
    }

    fn with_local(&mut self, decide: impl FnOnce(&mut Self, &mut Local) -> Decided) -> Decided {
        self.is_new = false;
        let mut local = self.local.take().unwrap_or_default();
        let decided = decide(self, &mut local);
        self.local = Some(local);
        decided
    }

    fn by_key(&mut self, heads: &HeadPlans, local: &mut Local, view: &ExchangeView<'_>) -> Decided {
        let plan = match local.plans.get(&self.key, || heads.get(&self.key)) {
            Ok(plan) => plan,
            Err(is_new) => {
                self.is_new = is_new;
                return Decided::NotCertain;
            }
        };
        // A bare body has no head.
        if !view.url.is_empty() {
            local.last.add(&heads.keys, plan, view);
        }
        self.by_known_plan(plan, view, &mut local.work)
    }

    /// The judgement of an exchange in which rules failed, without what is counted.
    pub(crate) fn judgement(&self, exchange: &Exchange, failed: Failed) -> Judgement {
        let Failed { operation, rules, observed } = failed;
        let observation = observed.and_then(|observed| self.observed.read(&observed));
        let mut judgement = Judgement { operation: Some(operation.to_string()), observation, decided: true, ..Judgement::default() };
        let (outcomes, findings) =
            rules.into_iter().map(|FailedRule { rule, finding, .. }| (Outcome { rule, verdict: Verdict::Failed }, finding)).unzip();
        judgement.outcomes = outcomes;
        if let Some(operation) = self.reference.contract.operations().iter().find(|known| *known.id == *operation) {
            self.reference.add(&mut judgement, exchange, operation, findings);
        }
        judgement
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

    /// Judges the exchange that was decided last, and makes a plan from it, if another exchange had its key.
    pub(crate) fn learn_from(&mut self, exchange: &Exchange) {
        if let Some(heads) = self.reference.heads()
            && self.is_new
            && heads.is_repeated(&self.key)
        {
            let judgement = self.reference.judge(exchange);
            if judgement.findings.is_empty() {
                heads.insert(&self.key, self.reference.plan_head(exchange, &judgement));
            }
        }
    }

    fn by_known_plan(&mut self, plan: &Arc<HeadPlan>, view: &ExchangeView<'_>, work: &mut Work) -> Decided {
        match self.by_plan(plan, view, work) {
            None => Decided::NotCertain,
            Some(observed) if work.verdicts.failed.is_empty() => Decided::Kept(observed),
            Some(observed) => {
                let rules = std::mem::take(&mut work.verdicts.failed);
                Decided::Failed(Box::new(Failed { operation: plan.operation.clone(), rules, observed }))
            }
        }
    }

    fn by_plan(&mut self, plan: &Arc<HeadPlan>, view: &ExchangeView<'_>, work: &mut Work) -> Option<Option<Observed>> {
        let text = match view.response.text {
            Some(text) => text,
            None => simdutf8::basic::from_utf8(view.response.body?).ok()?,
        };
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        let mut path = std::mem::take(&mut work.path);
        self.path(plan, view, &mut path)?;
        if let Some(program) = &plan.request_program
            && !program.accepts(view.request.body?.trim_ascii(), &mut self.request_record)
        {
            return None;
        }
        if !plan.program.accepts_text(text, &mut self.record) {
            return None;
        }
        self.rules(plan, text, &path, work)?;
        let observed = if self.observes { self.observation(plan, view, text, &path, &mut work.draft)? } else { None };
        let Verdicts { evaluated, signature, failed, .. } = &work.verdicts;
        let counts = self.counts.of(plan);
        counts.exchanges += 1;
        counts.failed += u64::from(!failed.is_empty());
        for row in self.record.rows() {
            if let Some(count) = counts.rows.get_mut(*row as usize) {
                *count += 1;
            }
        }
        for (rule, kind) in evaluated {
            counts.evaluated[*rule][*kind as usize] += 1;
        }
        if let Some(number) = signature {
            counts.add_signature(*number, 1);
        }
        work.path = path;
        for instance in self.record.instances() {
            let Some(site) = plan.site_of.get(instance.schema).and_then(|index| counts.sites.get_mut(index)) else { continue };
            site.instances += 1;
            site.exchanges += u64::from(site.last != counts.exchanges);
            site.last = counts.exchanges;
        }
        Some(observed)
    }

    /// Writes the path parameters as rules see them, as JSON texts. `None` if one of them may be invalid.
    fn path(&mut self, plan: &HeadPlan, view: &ExchangeView<'_>, out: &mut Vec<String>) -> Option<()> {
        out.resize_with(plan.path.len(), String::new);
        if plan.path.is_empty() {
            return Some(());
        }
        // The URL was split for the key.
        let end = view.url.bytes().position(|byte| byte == b'?').unwrap_or(view.url.len());
        let path = &view.url[..end];
        for (parameter, value) in plan.path.iter().zip(out) {
            let text = path.rsplit('/').nth(parameter.from_end)?;
            // A text with commas may be a list.
            if text.contains([',', '=']) {
                return None;
            }
            value.clear();
            if parameter.is_integer {
                text.parse::<i64>().ok().filter(|value| value.to_string() == text)?;
                value.push_str(text);
            } else {
                // A segment of a path without escapes has no character that a JSON string escapes.
                value.push('"');
                value.push_str(text);
                value.push('"');
            }
            if let Some(program) = &parameter.program {
                program.run(value.as_bytes(), &mut self.request_record).ok()?;
            }
        }
        Some(())
    }

    fn located<'d>(&'d self, text: &'d str, slots: &'d Slots) -> Located<'d> {
        Located { text, record: &self.record, slots: &slots.located, first: 0, nodes: &slots.nodes }
    }

    /// The variables `request` and `response`.
    fn heads<'d>(&'d self, plan: &'d HeadPlan, path: &'d [String]) -> (Option<Rc<Variable<'d>>>, Option<Rc<Variable<'d>>>) {
        let rules = &*self.reference.rules;
        let binder = &rules.binder;
        let request = plan.request.as_ref().map(|request| {
            let variable = Variable::new(request, binder, plan.request_node, Some(&rules.slots.request));
            for (parameter, value) in plan.path.iter().zip(path) {
                if let Some(slot) = parameter.slot {
                    let node = plan.request_nodes.get(slot).copied().unwrap_or_default();
                    variable.set(slot, Some(bind(Json::Raw(value), binder, node)));
                }
            }
            variable
        });
        let response = plan.response.as_ref().map(|response| Variable::new(response, binder, OPEN, Some(&rules.slots.response)));
        (request, response)
    }

    /// Evaluates the rules, and drafts the observation. `None` if one of them cannot be evaluated, or fails where its location is not certain.
    fn rules<'d>(&'d self, plan: &'d HeadPlan, text: &'d str, path: &'d [String], work: &mut Work) -> Option<()> {
        let rules = &*self.reference.rules;
        let binder = &rules.binder;
        let Work { verdicts, draft, known: local, .. } = work;
        let Verdicts { evaluated, signature, bytes, instants, items, placed, failed } = verdicts;
        evaluated.clear();
        placed.clear();
        failed.clear();
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
        for (number, instance) in self.record.instances().iter().enumerate() {
            let index = plan.site_of.get(instance.schema)?;
            let site = plan.sites.get(index)?;
            let own = text.get(instance.start..instance.end)?;
            let is_root = own.len() == text.len();
            let at =
                |place: &SitePlace| place.at.and_then(|slot| self.record.slot(slot)).is_some_and(|range| range.start == instance.start);
            let place = || if is_root { Some(0) } else { site.places.iter().position(at) };
            if let Some(place) = site.evaluates.then(place).flatten() {
                placed.push(PlacedInstance { place: (index, place), instance: number, start: instance.start, end: instance.end });
            } else if let Some(first) = instance.slots.filter(|_| site.evaluates) {
                let item = Item { plan, site, own, values: Values { text, own, record: &self.record, first: first as usize } };
                evaluate_item(rules, &item, path, &scope, items, evaluated, local)?;
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
                if !is_root {
                    return None;
                }
                draft.add(Some(index), |out| self.project(site, text, projection, out));
            }
        }
        plan.signatures.write(&Values { text, own: text, record: &self.record, first: 0 }, path, placed, instants, bytes);
        let known = plan.signatures.get(bytes, local);
        *signature = known.map(|known| known.number);
        let mut learned = (known.is_none() && plan.signatures.has_room()).then(KnownVerdicts::default);
        for instance in placed.iter().map(Some).chain([None]) {
            let place = instance.map(|instance| instance.place);
            let site = place.and_then(|(index, place)| plan.sites.get(index).and_then(|site| Some((site, site.places.get(place)?))));
            let all = || site.map_or(plan.at_response.as_slice(), |(site, _)| site.rules.as_slice());
            let unknown = |rule: usize| OpenRule { place, rule, is_guarded: false };
            let at_site: &mut dyn Iterator<Item = OpenRule> = match known {
                Some(known) => &mut known.open.iter().filter(|open| open.place == place).copied(),
                None => &mut all().iter().filter(|(_, action)| matches!(action, Action::Evaluate)).map(|(rule, _)| unknown(*rule)),
            };
            let Some(first) = at_site.next() else { continue };
            let (node, table, slots) = match site {
                Some((site, place)) => (site.node, rules.slots.schemas.get(&site.schema), &place.slots),
                None => (plan.body_node, Some(&rules.slots.response_bodies), &plan.body_slots),
            };
            let is_read = known.is_none_or(|known| known.reads_heads);
            let own = instance.map_or(Some(text), |instance| text.get(instance.start..instance.end))?;
            let mut scope = scope(Variable::located(own, binder, node, table, self.located(text, slots)), is_read);
            let tracker = learned.as_ref().map(|_| plan.signatures.tracker(bytes, slots, &plan.parameters));
            if let Some(tracker) = &tracker {
                scope.track(tracker.clone());
            }
            for OpenRule { rule, is_guarded, .. } in std::iter::once(first).chain(at_site) {
                let guard = if is_guarded { None } else { rules.guard(rule, &scope) };
                let is_guard_open = tracker.as_ref().is_some_and(|tracker| tracker.take());
                let verdict = guard.unwrap_or_else(|| rules.without_guard(rule, &scope));
                let is_open = tracker.as_ref().is_some_and(|tracker| tracker.take()) || is_guard_open;
                let open = OpenRule { is_guarded: !is_guard_open, ..unknown(rule) };
                if verdict == Verdict::Failed && self.observes {
                    let invariant = &self.reference.contract.invariants().invariants[rule];
                    let pointer = site.map_or("", |(_, place)| &place.pointer);
                    let finding = rules.finding(rule, invariant, &scope, pointer, Json::Raw(own));
                    failed.push(FailedRule { rule, finding, instance: instance.map_or(usize::MAX, |instance| instance.instance) });
                    // What the message reads does not matter.
                    let _ = tracker.as_ref().map(|tracker| tracker.take());
                    learned.iter_mut().for_each(|learned| learned.open.push(open));
                    continue;
                }
                let kind = Kind::of(&verdict)?;
                evaluated.push((rule, kind));
                if let Some(learned) = &mut learned {
                    match is_open {
                        true => learned.open.push(open),
                        false => learned.decided.push((rule, kind)),
                    }
                }
            }
        }
        if let Some(mut learned) = learned {
            learned.reads_heads = plan.is_head_read(learned.open.iter().map(|open| open.rule));
            plan.signatures.insert(bytes, learned);
        }
        // Instances at places were evaluated in their order, each with its rules in theirs.
        failed.sort_by_key(|failed| failed.instance);
        if self.observes && !plan.later.is_empty() {
            draft.add(None, |out| {
                out.push_str("null");
                out.push(END);
            });
        }
        Some(())
    }
}
