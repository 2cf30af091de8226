//! How much was masked, by kind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What was masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The value of a header field or a cookie.
    Field,
    /// A parameter of a query, a fragment or a form, or the user of a URL.
    Parameter,
    /// A member of a body, or an assignment in a text.
    Member,
    /// A secret that was given.
    Known,
    /// A key that is known by its shape.
    Key,
    /// An e-mail address.
    Email,
    /// Personal data.
    Personal,
    /// A text in base64 that has something to mask.
    Encoded,
    /// A body that cannot be decoded.
    Body,
}

const KINDS: [(Kind, &str, &str); 9] = [
    (Kind::Field, "header field or cookie", "header fields or cookies"),
    (Kind::Parameter, "parameter", "parameters"),
    (Kind::Member, "member", "members"),
    (Kind::Known, "given secret", "given secrets"),
    (Kind::Key, "key by its shape", "keys by their shape"),
    (Kind::Email, "e-mail address", "e-mail addresses"),
    (Kind::Personal, "personal value", "personal values"),
    (Kind::Encoded, "base64 text", "base64 texts"),
    (Kind::Body, "body replaced by its digest", "bodies replaced by their digests"),
];

/// Counts that all clones of a masker share.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(Arc<[AtomicU64; 9]>);

impl Counts {
    pub(super) fn add(&self, kind: Kind) {
        self.0[kind as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn take(&self) -> MaskedCounts {
        MaskedCounts(
            KINDS
                .iter()
                .map(|(kind, ..)| (*kind, self.0[*kind as usize].swap(0, Ordering::Relaxed)))
                .filter(|(_, count)| *count > 0)
                .collect(),
        )
    }
}

/// How many values were masked, by kind. Kinds without a value are not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaskedCounts(Vec<(Kind, u64)>);

impl MaskedCounts {
    /// The counts.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u64)> + '_ {
        self.0.iter().copied()
    }
}

impl std::fmt::Display for MaskedCounts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, (kind, count)) in self.0.iter().enumerate() {
            let (_, one, many) = KINDS[*kind as usize];
            write!(formatter, "{}{count} {}", if at == 0 { "" } else { ", " }, if *count == 1 { one } else { many })?;
        }
        Ok(())
    }
}
