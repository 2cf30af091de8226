//! The evidence for each change of a pair: a witness document that this change explains, a proof, or neither.

use std::collections::BTreeSet;

use charter_contract::SchemaId;
use serde_json::Value;

use super::draft::{Blame, Draft};
use crate::change::{Evidence, Proof};
use crate::prove;
use crate::side::Side;
use crate::witness::{Candidates, is_confirmed, shows, shrink};

/// The evidence of every change of a pair, in both directions.
pub(super) fn evidence(
    old: &Side<'_>,
    old_id: SchemaId,
    new: &Side<'_>,
    new_id: SchemaId,
    drafts: Vec<Draft>,
) -> Vec<(Draft, Evidence, Evidence)> {
    // Few candidates suffice for most changes: those that differ in the keys that the changes are about.
    let keys = keys(&drafts);
    let judged = judge((old, old_id), (new, new_id), &drafts, Some(&keys));
    let is_open = |(more, less): &(Found, Found)| !more.is_certain || !less.is_certain;
    let mut found = judged;
    if found.iter().any(is_open) {
        let all = judge((old, old_id), (new, new_id), &drafts, None);
        for (first, second) in found.iter_mut().zip(all) {
            first.0.improve(second.0);
            first.1.improve(second.1);
        }
    }
    drafts.into_iter().zip(found).map(|(draft, (more, less))| (draft, more.evidence, less.evidence)).collect()
}

/// Evidence, and whether further candidates cannot improve it.
struct Found {
    evidence: Evidence,
    is_certain: bool,
}

impl Found {
    fn improve(&mut self, other: Found) {
        let is_better = match (&self.evidence, &other.evidence) {
            (Evidence::Unknown { .. }, _) => true,
            (Evidence::Yes { .. }, Evidence::Yes { .. }) => other.is_certain,
            // A witness refutes a proof of the set algebra.
            (Evidence::No { .. }, Evidence::Yes { .. }) => true,
            _ => false,
        };
        if !self.is_certain && is_better {
            *self = other;
        }
    }
}

/// The evidence of every change, in both directions, by candidates in which some keys vary.
fn judge(
    (old, old_id): (&Side<'_>, SchemaId),
    (new, new_id): (&Side<'_>, SchemaId),
    drafts: &[Draft],
    keys: Option<&BTreeSet<String>>,
) -> Vec<(Found, Found)> {
    let candidates = Candidates::of(old, old_id, new, new_id, keys);
    let more = Direction::new(&candidates, (new, new_id), (old, old_id), drafts.iter().filter(|draft| draft.more.is_some()).count());
    let less = Direction::new(&candidates, (old, old_id), (new, new_id), drafts.iter().filter(|draft| draft.less.is_some()).count());
    drafts.iter().map(|draft| (more.evidence(draft.more.as_ref()), less.evidence(draft.less.as_ref()))).collect()
}

/// The keys that changes are about.
fn keys(drafts: &[Draft]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for draft in drafts {
        for blame in [&draft.more, &draft.less].into_iter().flatten() {
            if let Blame::Key(_, key) | Blame::Below(key) = blame {
                keys.insert(key.clone());
            }
        }
        for value in [&draft.old_value, &draft.new_value].into_iter().flatten() {
            match value {
                Value::String(key) => keys.extend([key.clone()]),
                Value::Object(entries) if draft.kind.starts_with("dependent") => {
                    let needed = entries.values().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
                    keys.extend(entries.keys().cloned().chain(needed.map(str::to_owned)));
                }
                _ => {}
            }
        }
    }
    keys
}

/// One direction of a pair: the documents that `accepting` accepts and `refusing` refuses.
struct Direction<'d, 's, 'a, 'r> {
    accepting: (&'s Side<'a>, SchemaId),
    refusing: (&'s Side<'r>, SchemaId),
    witnesses: Vec<&'d Value>,
    tried: usize,
    proved: bool,
    /// How many changes of the pair can have this effect.
    causes: usize,
}

impl<'d, 's, 'a, 'r> Direction<'d, 's, 'a, 'r> {
    fn new(candidates: &'d Candidates, accepting: (&'s Side<'a>, SchemaId), refusing: (&'s Side<'r>, SchemaId), causes: usize) -> Self {
        let all = candidates.all();
        let witnesses: Vec<&Value> =
            if causes == 0 { Vec::new() } else { all.iter().filter(|value| shows(accepting, refusing, value)).collect() };
        // The set algebra is experimental: a witness takes precedence over its proof.
        let proved = causes > 0 && witnesses.is_empty() && prove::covers(refusing.0, refusing.1, accepting.0, accepting.1);
        Self { accepting, refusing, witnesses, tried: all.len(), proved, causes }
    }

    fn evidence(&self, blame: Option<&Blame>) -> Found {
        let proof = |proof: Proof, is_certain: bool| Found { evidence: Evidence::No { proof }, is_certain };
        let Some(blame) = blame else { return proof(Proof::Structure, true) };
        if self.proved {
            return proof(Proof::Algebra, false);
        }
        // Prefer a document that is refused for this change alone, to one that is refused for this change among others.
        let found = [true, false].into_iter().find_map(|alone| {
            let value = self.witnesses.iter().find(|value| self.is_explained(blame, value, alone))?;
            Some((*value, alone))
        });
        let witness = match found {
            Some((value, alone)) => {
                let is_witness = |value: &Value| shows(self.accepting, self.refusing, value) && self.is_explained(blame, value, alone);
                Some((shrink(value.clone(), &is_witness), alone))
            }
            // The only change explains every document.
            None => self.witnesses.first().filter(|_| self.causes == 1).map(|value| {
                let is_witness = |value: &Value| shows(self.accepting, self.refusing, value);
                (shrink((*value).clone(), &is_witness), true)
            }),
        };
        match witness {
            Some((witness, is_certain)) if is_confirmed(self.accepting, self.refusing, &witness) => {
                Found { evidence: Evidence::Yes { witness }, is_certain }
            }
            _ => Found { evidence: Evidence::Unknown { tried: self.tried }, is_certain: false },
        }
    }

    /// Whether the change explains all errors of the refusing side (`alone`), or at least one.
    fn is_explained(&self, blame: &Blame, value: &Value, alone: bool) -> bool {
        match blame {
            Blame::Any => true,
            Blame::Value(wanted) => value == wanted,
            Blame::Keywords(keywords) => self.errors(value, alone, &|keyword, path, _| path.is_empty() && keywords.contains(&keyword)),
            Blame::Key(keywords, key) => {
                self.errors(value, alone, &|keyword, path, message| path.is_empty() && keywords.contains(&keyword) && names(message, key))
            }
            Blame::Others(keywords, known) => self.errors(value, alone, &|keyword, path, _| match path.strip_prefix('/') {
                Some(rest) => {
                    let key = charter_contract::unescape_token(rest.split('/').next().unwrap_or_default());
                    !known.contains(&key)
                }
                None => keywords.contains(&keyword),
            }),
            Blame::Below(key) => {
                let mut below = String::new();
                charter_contract::push_token(&mut below, key);
                self.errors(value, alone, &|_, path, message| {
                    path == below || path.starts_with(&format!("{below}/")) || (path.is_empty() && names(message, key))
                })
            }
        }
    }

    fn errors(&self, value: &Value, alone: bool, fits: &dyn Fn(&str, &str, &str) -> bool) -> bool {
        let errors = self.refusing.0.errors(self.refusing.1, value);
        let mut fitting = errors.iter().map(|(keyword, path, message)| fits(keyword, path, message));
        if alone { !errors.is_empty() && fitting.all(|fits| fits) } else { fitting.any(|fits| fits) }
    }
}

fn names(message: &str, key: &str) -> bool {
    message.contains(&format!("'{key}'")) || message.contains(&format!("{key:?}"))
}
