//! The report of a comparison: one value, and the three forms it is shown in. No verdict is made here.

mod markdown;
mod text;

use charter_contract::{Contract, Error, Location, Mode};
use serde::Serialize;

pub use markdown::{changelog, markdown};
pub use text::text;

use crate::change::{OperationChange, Verdict};
use crate::diff::{Diff, Options, diff};
use crate::recordings::{Recordings, recordings};
use crate::rules::{RuleImpact, restated, rules};
use crate::rust::{RustApi, rust_api};

/// What is compared.
pub struct Sides<'s> {
    /// How the user named the old contract.
    pub old_name: String,
    /// The old contract, with its rules where they fit it.
    pub old: &'s Contract,
    /// How the user named the new contract.
    pub new_name: String,
    /// The new contract.
    pub new: &'s Contract,
    /// What the new schemas say to the rules: the contract with them, or why they do not fit.
    pub rules: Option<Result<&'s Contract, &'s Error>>,
}

/// How a report is made.
#[derive(Clone, Debug, Default)]
pub struct ReportOptions {
    /// What is compared.
    pub diff: Options,
    /// How the client reads.
    pub mode: Mode,
    /// Recordings to judge under both contracts.
    pub recordings: Vec<String>,
}

/// Everything that a comparison comes to: `charter-diff/1`. Keys may be added, never changed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `charter-diff/1`
    pub format: &'static str,
    /// The old contract.
    pub old: SideInfo,
    /// The new contract.
    pub new: SideInfo,
    /// How the client reads: `strict` or `client`.
    pub mode: &'static str,
    /// Operations, schemas, bodies, notes.
    #[serde(flatten)]
    pub diff: Diff,
    /// The generated Rust API.
    pub rust: RustApi,
    /// The rules concerned.
    pub rules: Vec<RuleImpact>,
    /// The recordings, where some were given.
    pub recordings: Option<Recordings>,
}

/// One side.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SideInfo {
    /// As the user named it.
    pub name: String,
    /// The contract's digest.
    pub digest: String,
}

/// Makes the report.
pub fn report(sides: &Sides<'_>, options: &ReportOptions) -> Report {
    let diff = diff(sides.old, sides.new, &options.diff);
    let rust = rust_api(sides.old, sides.new, options.mode, &diff.schemas);
    let mut impacts = match sides.rules {
        Some(fit) => rules(sides.old, fit, &diff.schemas),
        None => Vec::new(),
    };
    let with_rules = match sides.rules {
        Some(Ok(fit)) => fit,
        _ => sides.old,
    };
    let touched = |location: &Location| {
        let at = |place: &Option<Location>| place.as_ref().is_some_and(|place| *place == *location || is_below(place, location));
        diff.schemas.iter().any(|change| at(&change.change.old_location) || at(&change.change.new_location))
            || diff.notes.iter().any(|note| note.old_location == *location || note.new_location == *location)
    };
    impacts.extend(restated(with_rules, touched));
    let new_with_rules = match sides.rules {
        Some(Ok(fit)) => fit,
        _ => sides.new,
    };
    let recordings = (!options.recordings.is_empty()).then(|| recordings(sides.old, new_with_rules, &options.recordings));
    Report {
        format: "charter-diff/1",
        old: SideInfo { name: sides.old_name.clone(), digest: sides.old.digest() },
        new: SideInfo { name: sides.new_name.clone(), digest: sides.new.digest() },
        mode: options.mode.as_str(),
        diff,
        rust,
        rules: impacts,
        recordings,
    }
}

/// Changes of operations that say the same of several, together: the first of each, and the operations.
fn alike<'c>(changes: &[&'c OperationChange]) -> Vec<(&'c OperationChange, Vec<&'c str>)> {
    let mut groups: Vec<(&OperationChange, Vec<&str>)> = Vec::new();
    for change in changes {
        match groups.iter_mut().find(|(first, _)| first.kind == change.kind && first.summary == change.summary) {
            Some((_, operations)) => operations.push(&change.operation),
            None => groups.push((change, vec![&change.operation])),
        }
    }
    groups
}

/// Names, cut where there are many.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    match names.len() {
        count if count > SHOWN => format!("{} and {} more", names[..SHOWN].join(", "), count - SHOWN),
        _ => names.join(", "),
    }
}

fn is_below(place: &Location, above: &Location) -> bool {
    place.document() == above.document() && place.pointer().starts_with(&format!("{}/", above.pointer()))
}

/// For whom a verdict is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// A client that keeps to the old contract.
    Client,
    /// A server that keeps to the old contract.
    Server,
    /// Either.
    Both,
}

impl Report {
    /// The worst verdict for a party.
    pub fn worst(&self, party: Party) -> Verdict {
        let tolerant = self.mode == Mode::Client.as_str();
        let operations = self.diff.operations.iter().map(|change| (change.client, change.tolerant_client, change.server));
        let schemas = self.diff.schemas.iter().map(|change| (change.client, change.tolerant_client, change.server));
        let verdicts = operations.chain(schemas).map(|(strict, lenient, server)| {
            let client = if tolerant { lenient } else { strict };
            match party {
                Party::Client => client,
                Party::Server => server,
                Party::Both => client.max(server),
            }
        });
        verdicts.max().unwrap_or(Verdict::Compatible)
    }

    /// Whether nothing differs in meaning.
    pub fn is_empty(&self) -> bool {
        self.diff.operations.is_empty() && self.diff.schemas.is_empty()
    }
}
