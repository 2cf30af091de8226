//! The evidence for each change of a pair: a document that only this change explains, a proof, or neither.

use charter_contract::{Location, SchemaId};
use serde_json::Value;

use crate::change::{Evidence, Proof};
use crate::witness::{Candidates, shows, shrink};
use crate::{Side, prove};

/// A change before its evidence is known.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: String,
    pub(super) old_location: Option<Location>,
    pub(super) new_location: Option<Location>,
    pub(super) old_value: Option<Value>,
    pub(super) new_value: Option<Value>,
    pub(super) summary: String,
    /// What an error of the old side says where the new one accepts more; `None` where the change cannot do that.
    pub(super) more: Option<Blame>,
    /// What an error of the new side says where it accepts less; `None` where the change cannot do that.
    pub(super) less: Option<Blame>,
}

/// How an error is recognised as that of a change.
#[derive(Clone, Debug)]
pub(super) enum Blame {
    /// Any error will do.
    Any,
    /// An error of one of these keywords, at the instance itself.
    Keywords(&'static [&'static str]),
    /// The same, and its message names the key.
    Key(&'static [&'static str], String),
    /// Any error at or below the value of a key, or one that names the key.
    Below(String),
    /// The document is this value.
    Value(Value),
}

/// The evidence of every change of a pair, in both directions.
pub(super) fn settle(
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
            let (up, down) = (more.evidence(draft.more.as_ref()), less.evidence(draft.less.as_ref()));
            (draft, up, down)
        })
        .collect()
}

/// One direction of a pair: documents that `accepting` accepts and `refusing` refuses.
struct Direction<'d, 's, 'a, 'r> {
    accepting: (&'s Side<'a>, SchemaId),
    refusing: (&'s Side<'r>, SchemaId),
    shown: Vec<&'d Value>,
    tried: usize,
    proved: bool,
    /// How many changes of the pair may cause it.
    causes: usize,
}

impl<'d, 's, 'a, 'r> Direction<'d, 's, 'a, 'r> {
    fn new(candidates: &'d Candidates, accepting: (&'s Side<'a>, SchemaId), refusing: (&'s Side<'r>, SchemaId), causes: usize) -> Self {
        let all = candidates.all();
        let shown: Vec<&Value> =
            if causes == 0 { Vec::new() } else { all.iter().filter(|value| shows(accepting, refusing, value)).collect() };
        // A document that shows the contrary is worth more than a proof.
        let proved = causes > 0 && shown.is_empty() && prove::covers(refusing.0, refusing.1, accepting.0, accepting.1);
        Self { accepting, refusing, shown, tried: all.len(), proved, causes }
    }

    fn evidence(&self, blame: Option<&Blame>) -> Evidence {
        let Some(blame) = blame else { return Evidence::No { proof: Proof::Structure } };
        if self.proved {
            return Evidence::No { proof: Proof::Algebra };
        }
        // Best is a document that is refused for this change alone. Where another always comes along, it is one of the reasons.
        let found = [true, false].into_iter().find_map(|alone| {
            let value = self.shown.iter().find(|value| self.is_blamed(blame, value, alone))?;
            Some(((*value).clone(), alone))
        });
        match found {
            Some((value, alone)) => {
                let still = |value: &Value| shows(self.accepting, self.refusing, value) && self.is_blamed(blame, value, alone);
                Evidence::Yes { witness: shrink(value, &still) }
            }
            None => match (self.causes, self.shown.first()) {
                (1, Some(value)) => {
                    let still = |value: &Value| shows(self.accepting, self.refusing, value);
                    Evidence::Yes { witness: shrink((*value).clone(), &still) }
                }
                _ => Evidence::Unknown { tried: self.tried },
            },
        }
    }

    /// Whether errors of the refusing side are explained by the change: all of them, or one at least.
    fn is_blamed(&self, blame: &Blame, value: &Value, alone: bool) -> bool {
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
