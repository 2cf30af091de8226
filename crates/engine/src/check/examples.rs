//! The documented examples as an input.

use std::ops::ControlFlow;
use std::sync::Arc;

use charter_contract::{Location, Position};
use charter_report::{Finding, FindingKind};

use super::run::Run;
use crate::examples::{ExampleExchange, Positions, exchanges};
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
        let positions = Positions::new(contract);
        for ExampleExchange { exchange, body, generated } in exchanges(contract, &positions) {
            let entry = Ok(exchange);
            self.entries.0 += 1;
            let is_own = self.options.partition.is_none_or(|partition| owns(partition, self.judge, &entry, &source));
            let Ok(exchange) = entry else { continue };
            if is_own {
                let mut judgement = self.judge.judge(&exchange);
                judgement.observation = None;
                // A generated value is not part of the contract.
                let is_generated = |finding: &Finding| finding.subject.as_ref().is_some_and(|subject| generated.contains(subject));
                judgement.findings.retain(|finding| finding.rule.as_deref() != Some("request.parameter") || !is_generated(finding));
                for finding in &mut judgement.findings {
                    let at = body.as_ref().and_then(|body| position(&positions, body, &finding.instance_location));
                    // A position in the body is not one in the document.
                    if finding.position.is_some() || matches!(finding.kind, FindingKind::Schema | FindingKind::Invariant) {
                        finding.position = at;
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
fn position(positions: &Positions<'_>, body: &Location, mut pointer: &str) -> Option<Position> {
    loop {
        let location = Location::new(body.document(), format!("{}{pointer}", body.pointer()));
        match positions.of(&location) {
            Some(position) => return Some(position),
            None => pointer = pointer.rsplit_once('/')?.0,
        }
    }
}
