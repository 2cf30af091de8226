//! Masking: secrets are removed, and personal data is replaced by data of the same type and format.
//!
//! A masked exchange gets the same findings as the original: names and schemes of header fields stay, equal values stay equal, and
//! every byte that is neither secret nor personal stays. Masking twice changes nothing. The recorder and `scrub` use the same code.
//!
//! | value | replacement |
//! |---|---|
//! | a header field with a secret name, a cookie | the name, and the scheme or the names of the cookies |
//! | a parameter of a URL with a secret name | the name |
//! | a member of a body, a parameter of a form, a part of a multipart body with a secret name | a value of the same shape |
//! | a key that is known by its shape, such as a JSON Web Token | its public prefix, and a value of the same shape |
//! | a given secret, in any of the encodings, anywhere | `***` |
//! | an e-mail address | an address at `masked.invalid` |
//! | the value of a pointer in `[mask]` | a pseudonym, everywhere in the exchange |
//! | a body that cannot be decoded | its digest and its size |
//!
//! | module | owns |
//! |---|---|
//! | `names` | which names are those of secrets |
//! | `key`, `command`, `email`, `forms` | what is found by its shape, and the encodings of a given secret |
//! | `named`, `lines`, `list`, `markup` | secrets by the name next to them and on the line before, in lists, in texts and in HTML and XML |
//! | `table`, `graphql`, `links` | secrets by the names of columns, by the arguments of variables, and by the word before them in a path |
//! | `view`, `encoded`, `digits` | the decoded views of a text, and encoded parts of it |
//! | `detect` | the search in a text and in its views |
//! | `shape`, `pseudonym` | replacements that are recognised |
//! | `pairs` | names and values in members of one object |
//! | `hidden` | the values that masking hides |
//! | `body`, `documents`, `multipart`, `message` | bodies, header fields and parameters |

mod body;
mod clean;
mod command;
mod count;
mod detect;
mod digits;
mod documents;
mod email;
mod encoded;
mod forms;
mod graphql;
mod hidden;
mod key;
mod known;
mod lines;
mod links;
mod list;
mod markup;
mod message;
mod multipart;
mod named;
mod names;
mod pairs;
mod pattern;
mod pseudonym;
mod public;
mod random;
mod secret;
mod shape;
mod table;
mod view;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use charter_contract::MaskConfig;
use charter_json::edit::{Edits, Node, NodeKind};

pub(crate) use body::{Masked, MaskedLocations, Unmasked};
pub use count::{Kind, MaskedCounts};
pub(crate) use known::Known;
pub(crate) use message::{Replacement, codings};
pub use names::is_secret;
pub use secret::{Secret, SecretError};

use clean::Clean;
use count::Counts;
use detect::Context;
use forms::Forms;
use names::{Place, Reach, SecretNames};
use pattern::Pattern;
use pseudonym::Pseudonyms;

/// Masks texts, exchanges and whole documents.
#[derive(Clone)]
pub struct Masker {
    forms: Forms,
    names: SecretNames,
    patterns: Vec<Pattern>,
    emails: bool,
    pseudonyms: Pseudonyms,
    /// Values that the contract lists, which are not secret.
    public: Arc<HashSet<String>>,
    /// Whether secrets become asterisks, as in reports.
    stars: bool,
    counts: Counts,
    clean: Clean,
}

/// A malformed setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskError {
    /// Not a JSON Pointer.
    #[error("`{0}` under pointers in [mask] is not a JSON Pointer: it must begin with a slash")]
    Pointer(String),
}

impl Masker {
    /// A masker for a contract's settings and the known secrets.
    ///
    /// # Errors
    /// A setting is malformed.
    pub fn new(config: &MaskConfig, secrets: &[Secret]) -> Result<Self, MaskError> {
        let patterns = config.pointers.iter().map(|text| Pattern::parse(text).ok_or_else(|| MaskError::Pointer(text.clone())));
        Ok(Self {
            forms: Forms::new(secrets),
            names: SecretNames::new(&config.headers, &config.query),
            patterns: patterns.collect::<Result<_, _>>()?,
            emails: config.emails,
            pseudonyms: Pseudonyms::new(),
            public: Arc::default(),
            stars: false,
            counts: Counts::default(),
            clean: Clean::default(),
        })
    }

    /// A masker of reports: secrets become asterisks, and e-mail addresses stay.
    #[must_use]
    pub fn for_reports(mut self) -> Self {
        self.stars = true;
        self.emails = false;
        self.clean = Clean::default();
        self
    }

    /// How much was masked since the last call, by this masker and its clones.
    pub fn take_counts(&self) -> MaskedCounts {
        self.counts.take()
    }

    /// Sets a known salt, so that pseudonyms are equal in every run. Only for synthetic data: with the salt, values can be guessed
    /// and verified.
    #[must_use]
    pub fn salted(mut self, salt: u64) -> Self {
        self.pseudonyms = Pseudonyms::salted(salt);
        self
    }

    /// Whether the value of a name is secret, in a header field, a parameter or a body.
    pub fn is_secret_name(&self, name: &str) -> bool {
        let is_certain = |place| self.names.reach(name, place).is_some_and(Reach::is_certain);
        is_certain(Place::Header) || is_certain(Place::Parameter) || is_certain(Place::Member)
    }

    /// Whether a value of a name is secret. Names such as `key` and `session` are secret only with a value that looks random.
    pub fn is_secret_value(&self, name: &str, value: &str) -> bool {
        let is_secret = |place| self.names.reach(name, place).is_some_and(|reach| reach.covers(value));
        is_secret(Place::Header) || is_secret(Place::Parameter) || is_secret(Place::Member)
    }

    /// Whether the value at a location in a body is secret: its last name is, or it is a string below the name of a secret.
    pub fn is_secret_path(&self, names: &[&str]) -> bool {
        let Some((last, outer)) = names.split_last() else { return false };
        let is_below = || outer.iter().any(|name| self.names.reach(name, Place::Member) == Some(Reach::Strings));
        self.is_secret_name(last) || (!names::describes(last) && is_below())
    }

    /// Masks a JSON value by the names of its members and by what its strings contain.
    pub fn json_value(&self, value: &serde_json::Value) -> serde_json::Value {
        let text = value.to_string();
        let Some(node) = Node::parse(&text) else { return value.clone() };
        let mut edits = Edits::default();
        self.json(&text, &node, &Known::default(), &mut edits, &mut Unmasked);
        if edits.is_empty() { value.clone() } else { serde_json::from_str(&edits.apply(&text)).unwrap_or_else(|_| value.clone()) }
    }

    /// Masks secrets and e-mail addresses in a text.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.searched(text, &Known::default(), Context::default()).map_or(Cow::Borrowed(text), Cow::Owned)
    }
}

impl Masker {
    /// Whether a value of a header field is secret.
    pub(crate) fn is_secret_field(&self, name: &str, value: &str) -> bool {
        self.names.reach(name, Place::Header).is_some_and(|reach| reach.covers(value))
    }

    /// Whether a value of a parameter is secret.
    pub(crate) fn is_secret_parameter(&self, name: &str, value: &str) -> bool {
        self.names.reach(name, Place::Parameter).is_some_and(|reach| reach.covers(value))
    }

    /// Whether a value of a member is secret.
    pub(crate) fn is_secret_member(&self, name: &str, value: &str) -> bool {
        self.names.reach(name, Place::Member).is_some_and(|reach| reach.covers(value))
    }

    /// Masks the names of the members of a JSON text; `None` if nothing was masked.
    pub(crate) fn keys(&self, text: &str) -> Option<String> {
        fn visit(masker: &Masker, node: &Node<'_>, edits: &mut Edits) {
            match &node.kind {
                NodeKind::Object(members) => {
                    for (key, value) in members {
                        if let Some(masked) = key.as_str().and_then(|name| masker.searched(name, &Known::default(), Context::default())) {
                            edits.set(key.range.clone(), &masked);
                        }
                        visit(masker, value, edits);
                    }
                }
                NodeKind::Array(items) => items.iter().for_each(|item| visit(masker, item, edits)),
                NodeKind::String(_) | NodeKind::Number | NodeKind::Literal => {}
            }
        }
        let node = Node::parse(text)?;
        let mut edits = Edits::default();
        visit(self, &node, &mut edits);
        (!edits.is_empty()).then(|| edits.apply(text))
    }

    /// Whether a text has a given secret.
    pub(crate) fn has_given_secret(&self, text: &str) -> bool {
        !self.forms.ranges(text).is_empty()
    }

    /// The replacement of an integer that is secret by its name; `None` if it has few digits, or is masked already.
    pub(crate) fn secret_number(&self, written: &str) -> Option<String> {
        let is_long = written.len() >= 4 && written.bytes().all(|byte| byte.is_ascii_digit());
        let masked = is_long.then(|| self.pseudonyms.secret_number(written)).filter(|masked| masked != written);
        masked.inspect(|_| self.counts.add(Kind::Member))
    }
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Masker")
    }
}

/// A masker for tests: it masks the key `sk_live_42` and the member `name` of every `by`.
#[cfg(test)]
pub(crate) fn test_masker() -> Masker {
    let mut config = MaskConfig::default();
    config.pointers.push("/**/by/name".to_owned());
    Masker::new(&config, &[Secret::new("sk_live_42").expect("a secret")]).expect("a masker")
}
