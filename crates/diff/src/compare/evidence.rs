//! The evidence for each change of a pair: a witness document that this change explains, a proof, or neither.

use charter_contract::SchemaId;
use serde_json::Value;

use super::draft::{Blame, Draft};
use crate::change::{Evidence, Proof};
use crate::prove;
use crate::side::Side;
use crate::witness::{Candidates, shows, shrink};

/// The evidence of every change of a pair, in both directions.
pub(super) fn evidence(
    old: &Side<'_>,
    old_id: SchemaId,
    new: &Side<'_>,
    new_id: SchemaId,
    drafts: Vec<Draft>,
) -> Vec<(Draft, Evidence, Evidence)> {
    let candidates = Candidates::of(old, old_id, new, new_id, 1);
    let more = Direction::new(&candidates, (new, new_id), (old, old_id), drafts.iter().filter(|draft| draft.more.is_some()).count());
    let less = Direction::new(&candidates, (old, old_id), (new, new_id), drafts.iter().filter(|draft| draft.less.is_some()).count());
    drafts
        .into_iter()
        .map(|draft| {
            let (more, less) = (more.evidence(draft.more.as_ref()), less.evidence(draft.less.as_ref()));
            (draft, more, less)
        })
        .collect()
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

    fn evidence(&self, blame: Option<&Blame>) -> Evidence {
        let Some(blame) = blame else { return Evidence::No { proof: Proof::Structure } };
        if self.proved {
            return Evidence::No { proof: Proof::Algebra };
        }
        // Prefer a document that is refused for this change alone, to one that is refused for this change among others.
        let found = [true, false].into_iter().find_map(|alone| {
            let value = self.witnesses.iter().find(|value| self.is_explained(blame, value, alone))?;
            Some(((*value).clone(), alone))
        });
        match found {
            Some((value, alone)) => {
                let is_witness = |value: &Value| shows(self.accepting, self.refusing, value) && self.is_explained(blame, value, alone);
                Evidence::Yes { witness: shrink(value, &is_witness) }
            }
            None => match (self.causes, self.witnesses.first()) {
                (1, Some(value)) => {
                    let is_witness = |value: &Value| shows(self.accepting, self.refusing, value);
                    Evidence::Yes { witness: shrink((*value).clone(), &is_witness) }
                }
                _ => Evidence::Unknown { tried: self.tried },
            },
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
