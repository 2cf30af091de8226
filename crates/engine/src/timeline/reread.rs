//! Source positions of findings over time. Observations do not hold bodies, so the sources are read a second time.

use std::ops::ControlFlow;

use crate::judge::{locate_in_exchange, value_at};
use crate::surroundings::Surroundings;
use crate::timeline::{Comparisons, Transition};
use charter_traffic::read::{Forms, Limits, Source, read_known};

/// Reads sources again to add positions to findings over time. Findings of sources that cannot be read twice get no position.
pub(super) fn locate_transitions(comparisons: &mut Comparisons, sources: &[Source], limits: &Limits, forms: &Forms<'_>) {
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
                if transition.index_in(&name) == Some(index) {
                    locate_in_exchange(&mut transition.finding, &exchange);
                    transition.around = Surroundings::of(&transition.finding, &exchange);
                }
                if transition.earlier_index_in(&name) == Some(index)
                    && let Some(previous) = &mut transition.previous
                    && let Some(value) = value_at(&exchange, previous["instanceLocation"].as_str().unwrap_or_default())
                {
                    previous["found"] = value;
                }
            }
            if index >= last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
}
