//! The report of a comparison as data.

use charter_contract::{Contract, Error, Location, Mode};
use serde::Serialize;

use crate::change::Verdict;
use crate::diff::{Diff, Options, diff};
use crate::recordings::{Recordings, recordings};
use crate::rules::{RuleImpact, restated, rules};
use crate::rust::{RustApi, rust_api};

/// The contracts to compare.
pub struct Sides<'s> {
    /// The name of the old contract, as the user wrote it.
    pub old_name: String,
    /// The old contract, with its rules if they fit.
    pub old: &'s Contract,
    /// The name of the new contract, as the user wrote it.
    pub new_name: String,
    /// The new contract.
    pub new: &'s Contract,
    /// The result of type-checking the rules against the new schemas.
    pub rules: Option<Result<&'s Contract, &'s Error>>,
}

/// Options of a report.
#[derive(Clone, Debug, Default)]
pub struct ReportOptions {
    /// Options of the comparison.
    pub diff: Options,
    /// The mode of the client.
    pub mode: Mode,
    /// Recordings to check under both contracts.
    pub recordings: Vec<String>,
}

/// The report, in the format `charter-diff/1`. Members may be added, but not changed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    /// `charter-diff/1`
    pub format: &'static str,
    /// The old contract.
    pub old: SideInfo,
    /// The new contract.
    pub new: SideInfo,
    /// The mode of the client: `strict` or `client`.
    pub mode: &'static str,
    /// Operations, schemas, bodies, notes.
    #[serde(flatten)]
    pub diff: Diff,
    /// The generated Rust API.
    pub rust: RustApi,
    /// The affected rules.
    pub rules: Vec<RuleImpact>,
    /// The recordings, if there are any.
    pub recordings: Option<Recordings>,
}

/// One contract.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SideInfo {
    /// The name, as the user wrote it.
    pub name: String,
    /// The contract's digest.
    pub digest: String,
}

/// Compares two contracts.
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
    let is_changed = |location: &Location| {
        let at = |place: &Option<Location>| place.as_ref().is_some_and(|place| *place == *location || is_below(place, location));
        diff.schemas.iter().any(|change| at(&change.change.old_location) || at(&change.change.new_location))
            || diff.notes.iter().any(|note| note.old_location == *location || note.new_location == *location)
    };
    impacts.extend(restated(with_rules, is_changed));
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

fn is_below(location: &Location, above: &Location) -> bool {
    location.document() == above.document() && location.pointer().starts_with(&format!("{}/", above.pointer()))
}

/// The party of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// A client of the old contract.
    Client,
    /// A server of the old contract.
    Server,
    /// Both.
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
        let rest = if self.diff.not_compared.is_empty() { Verdict::Compatible } else { Verdict::Unknown };
        verdicts.max().unwrap_or(Verdict::Compatible).max(rest)
    }

    /// Whether there are no semantic differences.
    pub fn is_empty(&self) -> bool {
        self.diff.operations.is_empty() && self.diff.schemas.is_empty() && self.diff.not_compared.is_empty()
    }
}
