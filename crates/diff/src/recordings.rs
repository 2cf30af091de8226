//! Checks recordings under both contracts and lists new violations.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use charter_contract::Contract;
use charter_engine::{CheckOptions, Judge, check};
use charter_report::Report;
use serde::Serialize;

/// A violation that is more frequent under the new contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Broken {
    /// The violated rule, or the keyword and its instance location.
    pub promise: String,
    /// The operation.
    pub operation: Option<String>,
    /// The number of findings under the new contract.
    pub count: u64,
    /// The number of findings under the old contract.
    pub before: u64,
    /// The message of one finding.
    pub message: String,
    /// The source and the line of that finding.
    pub place: String,
}

/// The result of checking recordings under both contracts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Recordings {
    /// The number of exchanges.
    pub exchanges: u64,
    /// New violations.
    pub broken: Vec<Broken>,
    /// The number of rules and keywords that are violated under the old contract only.
    pub mended: usize,
    /// Why recordings could not be checked.
    pub problem: Option<String>,
}

/// Checks recordings under both contracts.
pub fn recordings(old: &Contract, new: &Contract, paths: &[String]) -> Recordings {
    let judged = |contract: &Contract| -> Result<Report, String> {
        let judge = Judge::new(contract).map_err(|error| error.to_string())?;
        let options = CheckOptions::default().with_samples(Some(1));
        Ok(check(&judge, paths, &options, &mut |_| ControlFlow::Continue(())))
    };
    let (before, after) = match (judged(old), judged(new)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(problem), _) | (_, Err(problem)) => return Recordings { problem: Some(problem), ..Recordings::default() },
    };
    let unread: Vec<String> =
        after.inputs.iter().filter_map(|input| Some(format!("{}: {}", input.source, input.error.as_ref()?))).collect();
    let (one, other) = (promises(&before), promises(&after));
    let broken = other.iter().filter_map(|(promise, (count, broken))| {
        let earlier = one.get(promise).map_or(0, |(count, _)| *count);
        (*count > earlier).then(|| Broken { count: *count, before: earlier, ..broken.clone() })
    });
    let mended = one.keys().filter(|promise| !other.contains_key(*promise)).count();
    let problem = (!unread.is_empty()).then(|| unread.join("; "));
    Recordings { exchanges: after.summary.exchanges, broken: broken.collect(), mended, problem }
}

/// Findings by rule, or by keyword and instance location: schema locations may differ between the contracts.
fn promises(report: &Report) -> BTreeMap<String, (u64, Broken)> {
    let mut promises = BTreeMap::new();
    for group in &report.groups {
        let Some(sample) = group.samples.first() else { continue };
        let promise = match (&group.rule, &group.keyword) {
            (Some(rule), _) => rule.clone(),
            (None, Some(keyword)) => format!("{keyword} at {}", without_indices(&sample.instance_location)),
            _ => sample.message.clone(),
        };
        let key = format!("{promise} {}", group.operation.as_deref().unwrap_or_default());
        let line = sample.exchange.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = format!("{}{line}", sample.exchange.source);
        let broken = Broken { promise, operation: group.operation.clone(), count: 0, before: 0, message: sample.message.clone(), place };
        let entry = promises.entry(key).or_insert((0, broken));
        entry.0 += group.count;
    }
    promises
}

/// An instance location with `*` for each array index.
fn without_indices(pointer: &str) -> String {
    let token =
        |token: &str| if token.bytes().all(|byte| byte.is_ascii_digit()) && !token.is_empty() { "*".to_owned() } else { token.to_owned() };
    pointer.split('/').map(token).collect::<Vec<_>>().join("/")
}
