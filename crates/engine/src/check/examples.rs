//! The documented examples as an input.

use std::ops::ControlFlow;
use std::sync::Arc;

use charter_contract::{Contract, Location, Position};
use charter_report::FindingKind;

use super::run::Run;
use crate::examples::{ExampleExchange, exchanges};
use crate::partition::owns;

/// The name of the input in reports.
const SOURCE: &str = "examples";

impl Run<'_> {
    /// Judges the examples of responses, without rules over time: examples describe no order.
    pub(super) fn examples(&mut self) -> ControlFlow<()> {
        let source: Arc<str> = SOURCE.into();
        let contract = self.judge.contract();
        self.begin_input(SOURCE);
        let mut flow = ControlFlow::Continue(());
        for ExampleExchange { exchange, body } in exchanges(contract) {
            let entry = Ok(exchange);
            self.entries.0 += 1;
            let is_own = self.options.partition.is_none_or(|partition| owns(partition, self.judge, &entry, &source));
            let Ok(exchange) = entry else { continue };
            if is_own {
                let mut judgement = self.judge.judge(&exchange);
                judgement.observation = None;
                for finding in &mut judgement.findings {
                    if let (FindingKind::Schema | FindingKind::Invariant, Some(body)) = (finding.kind, &body) {
                        finding.position = position(contract, body, &finding.instance_location);
                    }
                }
                self.collector.add(&exchange, judgement);
            }
            flow = self.report_progress(&source);
            if flow.is_break() {
                break;
            }
        }
        self.collector.finish_input(None, None);
        flow
    }
}

/// The position in the document of a value of an example; that of the nearest parent if the value is missing.
fn position(contract: &Contract, body: &Location, mut pointer: &str) -> Option<Position> {
    loop {
        let location = Location::new(body.document(), format!("{}{pointer}", body.pointer()));
        match contract.position(&location) {
            Some(position) => return Some(position),
            None => pointer = pointer.rsplit_once('/')?.0,
        }
    }
}
