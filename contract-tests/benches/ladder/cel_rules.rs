//! Evaluates rules with the `cel` crate alone: converts `self` once, then evaluates every rule on a whole run that uses only standard
//! functions of CEL.

use cel::{Context, Program, Value as CelValue, to_value};
use charter_contract::Contract;
use charter_contract::invariant::Site;
use charter_simulator::corpus;
use serde_json::Value;

/// Rules, as pairs of a guard and an expression.
pub(crate) struct CelRules {
    rules: Vec<(Option<Program>, Program)>,
}

impl CelRules {
    /// The rules on runs that evaluate to a boolean for each of some sample runs.
    pub(crate) fn new(contract: &Contract) -> Self {
        let run = contract.schemas().iter().find(|(_, schema)| schema.location.to_string() == "run.schema.json#").map(|(id, _)| id);
        let about_runs =
            contract.invariants().invariants.iter().filter(|invariant| matches!(invariant.on, Site::Schema(id) if Some(id) == run));
        let compiled = about_runs.filter_map(|invariant| {
            let when = invariant.when.as_ref().map(|when| Program::compile(&when.text)).transpose().ok()?;
            Some((when, Program::compile(&invariant.rule.text).ok()?))
        });
        let tried: Vec<Value> = corpus(3).take(300).filter_map(|specimen| serde_json::from_str(&specimen.body).ok()).collect();
        let rules = compiled.filter(|rule| tried.iter().all(|value| holds(rule, &context(value)) == Some(true))).collect();
        Self { rules }
    }

    pub(crate) fn count(&self) -> usize {
        self.rules.len()
    }

    pub(crate) fn hold(&self, value: &Value) -> bool {
        let context = context(value);
        self.rules.iter().all(|rule| holds(rule, &context) == Some(true))
    }
}

fn context(value: &Value) -> Context<'static, 'static> {
    let mut context = Context::default();
    let value = to_value(value).unwrap_or(CelValue::Null);
    context.add_variable_from_value("self", value);
    context
}

fn holds((when, rule): &(Option<Program>, Program), context: &Context<'_, '_>) -> Option<bool> {
    let truth = |program: &Program| match program.execute(context) {
        Ok(CelValue::Bool(truth)) => Some(truth),
        _ => None,
    };
    match when {
        Some(when) if !truth(when)? => Some(true),
        _ => truth(rule),
    }
}
