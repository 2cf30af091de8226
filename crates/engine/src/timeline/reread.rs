//! Source positions of findings over time. Observations do not hold bodies, so the sources are read a second time.

use std::ops::ControlFlow;

use super::{Comparisons, Transition};
use crate::judge::{locate_in_exchange, value_at};
use crate::surroundings::Surroundings;
use charter_traffic::exchange::Exchange;
use charter_traffic::read::{Forms, Limits, Source, read_known};

/// Reads sources again to add positions to findings over time. Findings of sources that cannot be read twice get no position.
pub(crate) fn locate_transitions(comparisons: &mut Comparisons, sources: &[Source], limits: &Limits, forms: &Forms<'_>) {
    let mut wanted: Vec<&mut Transition> = comparisons.findings.values_mut().flat_map(|(_, transitions)| transitions).collect();
    for source in sources.iter().filter(|source| **source != Source::Stdin) {
        let name = source.name();
        let indexes = wanted.iter().flat_map(|transition| [transition.index_in(&name), transition.earlier_index_in(&name)]);
        let Some(last) = indexes.flatten().max() else { continue };
        // The source was readable before. If it has changed since, the position is omitted.
        let _ = read_known(source, limits, forms, &mut |entry| {
            let Ok(exchange) = entry else { return ControlFlow::Continue(()) };
            let index = exchange.origin.index;
            for transition in &mut wanted {
                let is_later = transition.index_in(&name) == Some(index);
                let is_earlier = transition.earlier_index_in(&name) == Some(index);
                locate_in(transition, is_later.then_some(&exchange), is_earlier.then_some(&exchange));
            }
            if index >= last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
}

/// Adds the position to a finding, from its exchange and from the earlier one, as far as they are known.
pub(crate) fn locate_in(transition: &mut Transition, later: Option<&Exchange>, earlier: Option<&Exchange>) {
    if let Some(exchange) = later {
        locate_in_exchange(&mut transition.finding, exchange);
        transition.around = Surroundings::of(&transition.finding, exchange);
    }
    if let (Some(exchange), Some(previous)) = (earlier, &mut transition.previous)
        && let Some(value) = value_at(exchange, previous["instanceLocation"].as_str().unwrap_or_default())
    {
        previous["found"] = value;
    }
}
