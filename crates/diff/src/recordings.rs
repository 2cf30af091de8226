//! Which recordings kept the old contract and do not keep the new one.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use charter_contract::Contract;
use charter_engine::{CheckOptions, Judge, check};
use charter_report::Report;
use serde::Serialize;

/// A promise that recordings break under one contract and not under the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Broken {
    /// What is broken: a rule, or a keyword and its place.
    pub promise: String,
    /// The operation.
    pub operation: Option<String>,
    /// How many findings there are, and how many there were.
    pub count: u64,
    /// How many there were under the old contract.
    pub before: u64,
    /// One of them, in words.
    pub message: String,
    /// Where: the source and its line.
    pub place: String,
}

/// What recordings come to under both contracts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recordings {
    /// How many exchanges were judged.
    pub exchanges: u64,
    /// What breaks that did not.
    pub broken: Vec<Broken>,
    /// How many promises were broken before and are not any more.
    pub mended: usize,
    /// Why nothing could be judged.
    pub problem: Option<String>,
}

/// Judges recordings under both contracts.
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

/// Findings by promise: files may have other names in another contract, so that a keyword is told by where in the body it speaks.
fn promises(report: &Report) -> BTreeMap<String, (u64, Broken)> {
    let mut promises = BTreeMap::new();
    for group in &report.groups {
        let Some(sample) = group.samples.first() else { continue };
        let promise = match (&group.rule, &group.keyword) {
            (Some(rule), _) => rule.clone(),
            (None, Some(keyword)) => format!("{keyword} at {}", general(&sample.instance_location)),
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

/// A place in a body, whatever the item.
fn general(pointer: &str) -> String {
    let token =
        |token: &str| if token.bytes().all(|byte| byte.is_ascii_digit()) && !token.is_empty() { "*".to_owned() } else { token.to_owned() };
    pointer.split('/').map(token).collect::<Vec<_>>().join("/")
}
