//! What recordings show that the contract does not say: read → observe, value by value beside its schema → propose.
//!
//! A novelty is something that the contract refuses or does not know: a key, a value of an enumeration, a type, a bound, a status. An
//! edit is proposed for each. What loosens a bound, a format or a list of required keys is marked, and applied only when asked for.

mod infer;
mod observe;
mod patch;
mod propose;

use std::ops::ControlFlow;

use charter_contract::json;
use charter_contract::{Contract, Location, ResponseSpec, SchemaId};
use charter_engine::Judge;
use charter_traffic::exchange::Exchange;
use charter_traffic::read::{Limits, Source, read, sources};
use serde::Serialize;
use serde_json::Value;

use crate::Side;
use crate::sample::size;

pub use patch::{Patched, apply};

/// How many examples a novelty shows.
const EXAMPLES: usize = 3;

/// Something that was seen and that the contract does not say.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Novelty {
    /// Stays the same from run to run: 12 hexadecimal digits.
    pub id: String,
    /// What kind: `key`, `enum-value`, `type`, `bound`, `format`, `missing-key`, `status`, `media-type`, `union`.
    pub kind: &'static str,
    /// The place in the schema.
    pub location: Location,
    /// In words.
    pub summary: String,
    /// How often it was seen.
    pub count: u64,
    /// How often the place was seen at all.
    pub of: u64,
    /// Some of what was seen, and where.
    pub examples: Vec<Example>,
    /// The edit that makes the contract say it, by document: operations of JSON Patch.
    pub patch: Vec<Edit>,
    /// Whether the edit loosens a bound, a format or what is required.
    pub loosens: bool,
}

/// A value that was seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    /// The value, shortened where it is large.
    pub value: Value,
    /// The place in the body.
    pub instance_location: String,
    /// The source and the line.
    pub place: String,
}

/// One operation of JSON Patch on a document of the contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edit {
    /// The document.
    pub document: String,
    /// `add`, `replace` or `remove`.
    pub op: &'static str,
    /// The place in the document.
    pub path: String,
    /// What is written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// A promise that never occurred.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unseen {
    /// What kind: `key`, `enum-value`, `null`, `branch`.
    pub kind: &'static str,
    /// The place in the schema.
    pub location: Location,
    /// In words.
    pub summary: String,
    /// How often the place was seen without it.
    pub of: u64,
    /// The edit that takes the promise back. It is never applied: absence proves nothing.
    pub patch: Vec<Edit>,
}

/// What was seen at a place that the contract leaves open.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// What kind: `range`, `length`, `format`, `values`.
    pub kind: &'static str,
    /// The place in the schema.
    pub location: Location,
    /// In words.
    pub summary: String,
    /// How often the place was seen.
    pub of: u64,
    /// The edit that would promise it. It is never applied.
    pub patch: Vec<Edit>,
}

/// What recordings come to beside the contract: `charter-drift/1`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// `charter-drift/1`
    pub format: &'static str,
    /// How many exchanges were read.
    pub exchanges: u64,
    /// How many of them belong to no operation, or have no body of JSON.
    pub passed_over: u64,
    /// What the contract does not say.
    pub novelties: Vec<Novelty>,
    /// What it says and nobody saw.
    pub unseen: Vec<Unseen>,
    /// What it leaves open and could say.
    pub seen: Vec<Seen>,
    /// What could not be read, and why.
    pub problems: Vec<String>,
}

/// Reads recordings and compares what is in them with what the contract says.
pub fn drift(contract: &Contract, judge: &Judge, arguments: &[String], limits: &Limits) -> Drift {
    let side = Side::new(contract);
    let mut observer = observe::Observer::new(&side);
    let mut drift = Drift { format: "charter-drift/1", ..Drift::default() };
    let mut found: Vec<Source> = Vec::new();
    for argument in arguments {
        match sources(argument) {
            Ok(list) => found.extend(list),
            Err(error) => drift.problems.push(format!("{argument}: {error}")),
        }
    }
    for source in found {
        let (mut exchanges, mut passed_over) = (0, 0);
        let mut problems = Vec::new();
        let outcome = read(&source, limits, &mut |entry| {
            match entry {
                Ok(exchange) => {
                    exchanges += 1;
                    if !observer.exchange(judge, &exchange) {
                        passed_over += 1;
                    }
                }
                Err(error) => problems.push(format!("{}: entry {}: {error}", source.name(), error.index)),
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = outcome {
            problems.push(format!("{}: {error}", source.name()));
        }
        drift.exchanges += exchanges;
        drift.passed_over += passed_over;
        drift.problems.extend(problems);
    }
    propose::propose(&observer, &mut drift);
    drift
}

/// The schema of an answer's body, and the body; `None` where there is no JSON to look at.
fn body<'e>(response: &ResponseSpec, exchange: &'e Exchange) -> Option<(Option<SchemaId>, Value, &'e str)> {
    let answer = exchange.response.as_ref()?;
    let bytes = answer.body().bytes()?;
    let value = json::parse(bytes).ok()?;
    let sent = answer.headers().get_all("content-type").first().copied().unwrap_or("application/json");
    let essence = |media_type: &str| media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    let schema = response.content.iter().find(|(media_type, _)| essence(media_type) == essence(sent));
    Some((schema.and_then(|(_, schema)| *schema), value, sent))
}

/// A value as an example shows it.
fn shortened(value: &Value) -> Value {
    const SHOWN: usize = 200;
    let (bytes, text) = size(value);
    if bytes <= SHOWN {
        return value.clone();
    }
    let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| at);
    Value::String(format!("{}…", &text[..end]))
}
