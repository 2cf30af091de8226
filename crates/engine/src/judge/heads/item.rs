//! The rules about an item of an array, or about a value of an object with any keys.

use std::rc::Rc;

use super::decide::Kind;
use super::local::LocalVerdicts;
use super::plan::{HeadPlan, SitePlan};
use super::signature::{KnownVerdicts, OpenRule, Values};
use crate::judge::evaluate::{Instant, Located, Scope, Variable};
use crate::judge::outcome::Verdict;
use crate::judge::rule::Rules;

/// An item whose values a program located.
pub(super) struct Item<'d> {
    pub(super) plan: &'d HeadPlan,
    pub(super) site: &'d SitePlan,
    /// Its text.
    pub(super) own: &'d str,
    pub(super) values: Values<'d>,
}

/// Buffers for the signatures of items.
#[derive(Debug, Default)]
pub(super) struct ItemBuffers {
    bytes: Vec<u8>,
    instants: Vec<Option<Instant>>,
}

/// Evaluates the rules about an item, and adds the kinds of their verdicts. `None` if one of them fails or cannot be evaluated. `scope_of` makes a scope,
/// with the request and the response if its second argument says so.
pub(super) fn evaluate_item<'d>(
    rules: &'d Rules,
    item: &Item<'d>,
    path: &[String],
    scope_of: &dyn Fn(Rc<Variable<'d>>, bool) -> Scope<'d>,
    buffers: &mut ItemBuffers,
    evaluated: &mut Vec<(usize, Kind)>,
    local: &mut LocalVerdicts,
) -> Option<()> {
    let Item { plan, site, own, values } = item;
    let (slots, signatures) = (&site.item.slots, &site.item.signatures);
    let ItemBuffers { bytes, instants } = buffers;
    signatures.write(values, path, &[], instants, bytes);
    let known = signatures.get(bytes, local);
    if let Some(known) = known {
        evaluated.extend_from_slice(&known.decided);
        if known.open.is_empty() {
            return Some(());
        }
    }
    let mut learned = (known.is_none() && signatures.has_room()).then(KnownVerdicts::default);
    let unknown = |rule: usize| OpenRule { place: None, rule, is_guarded: false };
    let open: &mut dyn Iterator<Item = OpenRule> = match known {
        Some(known) => &mut known.open.iter().copied(),
        None => &mut site.evaluated().map(unknown),
    };
    let located = Located { text: values.text, record: values.record, slots: &slots.located, first: values.first, nodes: &slots.nodes };
    let table = rules.slots.schemas.get(&site.schema);
    let reads_heads = known.map_or_else(|| plan.is_head_read(site.evaluated()), |known| known.reads_heads);
    let mut scope = scope_of(Variable::located(own, &rules.binder, site.node, table, located), reads_heads);
    let tracker = learned.as_ref().map(|_| signatures.tracker(bytes, slots, &plan.parameters));
    if let Some(tracker) = &tracker {
        scope.track(tracker.clone());
    }
    let has_read = || tracker.as_ref().is_some_and(|tracker| tracker.take());
    for OpenRule { rule, is_guarded, .. } in open {
        let guard = if is_guarded { None } else { rules.guard(rule, &scope) };
        let is_guard_open = has_read();
        let verdict: Verdict = guard.unwrap_or_else(|| rules.without_guard(rule, &scope));
        let is_open = has_read() || is_guard_open;
        let kind = Kind::of(&verdict)?;
        evaluated.push((rule, kind));
        if let Some(learned) = &mut learned {
            match is_open {
                true => learned.open.push(OpenRule { is_guarded: !is_guard_open, ..unknown(rule) }),
                false => learned.decided.push((rule, kind)),
            }
        }
    }
    if let Some(mut learned) = learned {
        learned.reads_heads = plan.is_head_read(learned.open.iter().map(|open| open.rule));
        signatures.insert(bytes, learned);
    }
    Some(())
}
