//! Names and header fields that were searched before and have nothing to mask. Most of them are in every exchange of a recording.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::names::Reach;

/// The most names of members and of header fields.
const NAMES: usize = 4096;
/// The most values of a header field.
const VALUES: usize = 64;
/// Longer texts are searched each time.
const LENGTH: usize = 256;

/// What a masker found clean. Its clones share it.
#[derive(Clone, Default)]
pub(super) struct Clean(Arc<Mutex<Texts>>);

#[derive(Default)]
struct Texts {
    /// The names of members, with the part of their values that is secret.
    members: HashMap<Box<str>, Option<Reach>>,
    /// The values of header fields whose names are not secret.
    fields: HashMap<Box<str>, HashSet<Box<str>>>,
}

impl Clean {
    /// How much of the value of a member is secret, if its name was found clean.
    pub(super) fn member(&self, name: &str) -> Option<Option<Reach>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).members.get(name).copied()
    }

    pub(super) fn add_member(&self, name: &str, reach: Option<Reach>) {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.members.len() < NAMES && name.len() <= LENGTH {
            texts.members.insert(name.into(), reach);
        }
    }

    /// Whether a header field was found clean.
    pub(super) fn has_field(&self, name: &str, value: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fields.get(name).is_some_and(|values| values.contains(value))
    }

    pub(super) fn add_field(&self, name: &str, value: &str) {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if name.len().max(value.len()) > LENGTH {
            return;
        }
        if !texts.fields.contains_key(name) && texts.fields.len() < NAMES {
            texts.fields.insert(name.into(), HashSet::new());
        }
        if let Some(values) = texts.fields.get_mut(name).filter(|values| values.len() < VALUES) {
            values.insert(value.into());
        }
    }
}
