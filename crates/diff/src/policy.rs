//! The policy of a comparison: which reading of a client decides, the level of each change, and accepted changes.

use std::collections::BTreeSet;

use charter_contract::{AcceptedChange, DiffConfig, Level, Reading, nearest};
use serde::Serialize;

use crate::change::{OperationChange, Verdict};
use crate::diff::{Diff, Direction, SchemaChange};
use crate::pages::CHANGE_PAGES;

/// The party of a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// A client of the old contract.
    #[default]
    Client,
    /// A server of the old contract.
    Server,
    /// Both.
    Both,
}

/// Assigns a level to each change.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Policy {
    /// The assumptions about both parties.
    pub reading: Reading,
    /// The party that breaks.
    pub party: Party,
    /// The levels and the accepted changes.
    pub config: DiffConfig,
    /// The day of the comparison, as `2027-01-31`.
    pub today: String,
}

/// A setting that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The kind of a level or an accepted change does not exist.
    #[error("unknown kind of change `{kind}`{}; `charter explain` lists the kinds", similar.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default())]
    UnknownKind {
        /// The kind.
        kind: String,
        /// A hint at a kind with a similar name.
        similar: Option<String>,
    },
    /// An accepted change has neither an id nor a kind, or both.
    #[error("the accepted change with the reason {0:?} needs either `id` or `kind`")]
    NoTarget(String),
    /// An accepted change has no reason.
    #[error("the accepted change `{0}` has no reason: state why it is accepted")]
    NoReason(String),
    /// A date has another form.
    #[error("the date `{0}` of an accepted change is not of the form 2027-01-31")]
    Date(String),
}

/// How the policy was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Applied {
    /// The reading.
    pub reading: &'static str,
    /// The party.
    pub party: Party,
    /// The number of accepted changes.
    pub accepted: usize,
    /// Accepted changes whose last day has passed.
    pub expired: Vec<String>,
    /// Accepted changes that do not occur.
    pub unused: Vec<String>,
}

impl Policy {
    /// A policy with the settings of a contract.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn new(reading: Option<Reading>, party: Party, config: DiffConfig, today: &str) -> Result<Self, PolicyError> {
        for kind in config.levels.keys().map(|key| kind_of(key)).chain(config.accept.iter().filter_map(|one| one.kind.as_deref())) {
            let known = || CHANGE_PAGES.iter().map(|page| page.kind);
            if !known().any(|name| name == kind) {
                let similar = nearest(kind, known());
                return Err(PolicyError::UnknownKind { kind: kind.to_owned(), similar });
            }
        }
        for one in &config.accept {
            if one.id.is_some() == one.kind.is_some() {
                return Err(PolicyError::NoTarget(one.reason.clone()));
            }
            if one.reason.trim().is_empty() {
                return Err(PolicyError::NoReason(name(one)));
            }
            if let Some(date) = one.expires.as_ref().filter(|date| !is_date(date)) {
                return Err(PolicyError::Date(date.clone()));
            }
        }
        let reading = reading.or(config.reading).unwrap_or_default();
        Ok(Self { reading, party, config, today: today.to_owned() })
    }

    /// Assigns the level of each change and marks accepted changes.
    pub fn apply(&self, diff: &mut Diff) -> Applied {
        let mut used = BTreeSet::new();
        let mut accepted = 0;
        let mut accept = |id: &str, kind: &str, operations: &[&str]| {
            let found = self.config.accept.iter().enumerate().find(|(_, one)| !self.is_expired(one) && matches(one, id, kind, operations));
            let (index, one) = found?;
            used.insert(index);
            accepted += 1;
            Some(one.reason.clone())
        };
        for change in &mut diff.operations {
            change.verdict = self.verdict_of_operation(change);
            change.level = self.level(&change.kind.0, &[], change.verdict, false);
            change.accepted = accept(&change.id, &change.kind.0, &[&change.operation]);
        }
        for change in &mut diff.schemas {
            change.verdict = self.verdict_of_schema(change);
            let directions: BTreeSet<Direction> = change.uses.iter().map(|use_| use_.direction).collect();
            let directions: Vec<Direction> = directions.into_iter().collect();
            // A program notices these changes, although it may go on: values without a case, and keys that are not sent or are ignored.
            let is_noticeable = self.party != Party::Server
                && match change.change.kind.0.as_str() {
                    "enum-value-added" => change.client > change.verdict,
                    "property-removed" => true,
                    _ => false,
                };
            change.level = self.level(&change.change.kind.0, &directions, change.verdict, is_noticeable);
            let users: BTreeSet<&str> = change.uses.iter().map(|use_| use_.operation.as_str()).collect();
            let users: Vec<&str> = users.into_iter().collect();
            change.accepted = accept(&change.change.id, &change.change.kind.0, &users);
        }
        for one in &mut diff.not_compared {
            one.accepted = accept(&one.id, "not-compared", &[]);
        }
        let list = |keep: &dyn Fn(usize, &AcceptedChange) -> bool| -> Vec<String> {
            self.config.accept.iter().enumerate().filter(|(index, one)| keep(*index, one)).map(|(_, one)| name(one)).collect()
        };
        Applied {
            reading: self.reading.as_str(),
            party: self.party,
            accepted,
            expired: list(&|_, one| self.is_expired(one)),
            unused: list(&|index, one| !self.is_expired(one) && !used.contains(&index)),
        }
    }

    fn verdict_of_operation(&self, change: &OperationChange) -> Verdict {
        let client = match self.reading {
            Reading::Strict => change.client,
            Reading::Tolerant => change.tolerant_client,
            Reading::Described => change.described_client,
        };
        self.of_party(client, change.server)
    }

    fn verdict_of_schema(&self, change: &SchemaChange) -> Verdict {
        let (client, server) = match self.reading {
            Reading::Strict => (change.client, change.server),
            Reading::Tolerant => (change.tolerant_client, change.server),
            Reading::Described => (change.described_client, change.described_server),
        };
        self.of_party(client, server)
    }

    fn of_party(&self, client: Verdict, server: Verdict) -> Verdict {
        match self.party {
            Party::Client => client,
            Party::Server => server,
            Party::Both => client.max(server),
        }
    }

    fn level(&self, kind: &str, directions: &[Direction], verdict: Verdict, is_noticeable: bool) -> Level {
        let of = |direction: &Direction| self.config.levels.get(&format!("{}.{kind}", direction.as_str())).copied();
        let configured = directions.iter().filter_map(of).max().or_else(|| self.config.levels.get(kind).copied());
        configured.unwrap_or(match verdict {
            Verdict::Breaking => Level::Error,
            Verdict::Unknown => Level::Warning,
            Verdict::Compatible if is_noticeable => Level::Warning,
            Verdict::Compatible => Level::Info,
        })
    }

    fn is_expired(&self, one: &AcceptedChange) -> bool {
        one.expires.as_ref().is_some_and(|last| *last < self.today)
    }
}

/// The kind in a key of `[diff.levels]`.
fn kind_of(key: &str) -> &str {
    key.strip_prefix("request.").or_else(|| key.strip_prefix("response.")).unwrap_or(key)
}

fn matches(one: &AcceptedChange, id: &str, kind: &str, operations: &[&str]) -> bool {
    if let Some(wanted) = &one.id {
        return wanted == id;
    }
    let of_operation = |wanted: &String| operations == [wanted.as_str()];
    one.kind.as_deref() == Some(kind) && one.operation.as_ref().is_none_or(of_operation)
}

/// The name of an accepted change in messages.
fn name(one: &AcceptedChange) -> String {
    let operation = one.operation.as_ref().map(|operation| format!(" of {operation}")).unwrap_or_default();
    let until = one.expires.as_ref().map(|date| format!(", until {date}")).unwrap_or_default();
    format!("{}{operation}{until}", one.id.as_ref().or(one.kind.as_ref()).map_or("", String::as_str))
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str, length: usize| -> Option<u16> {
        (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else { return false };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u16::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn a_date_is_a_day_of_the_calendar() {
        assert!(["2027-01-31", "2028-02-29", "2000-02-29", "2026-11-30"].into_iter().all(is_date));
        assert!(
            !["2026-02-31", "2027-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-1", "+026-01-01"]
                .into_iter()
                .any(is_date)
        );
    }
}
