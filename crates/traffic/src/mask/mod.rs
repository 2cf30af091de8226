//! Masking: secrets are removed, and personal data is replaced by data of the same type and format.
//!
//! A masked exchange gets the same findings as the original: names and schemes of header fields stay, equal values stay equal, and
//! every byte that is neither secret nor personal stays. The recorder and `scrub` use the same code.
//!
//! | value | replacement |
//! |---|---|
//! | `authorization`, cookies, named header fields | the name, and the scheme or the names of the cookies |
//! | query parameters such as `token` | the name |
//! | a known secret, in any encoding, anywhere | `***` |
//! | an e-mail address | an address at `masked.invalid` |
//! | the value of a pointer in `[mask]` | a pseudonym, everywhere in the exchange |

mod body;
mod forms;
mod header;
mod message;
mod pattern;
mod pseudonym;
mod secret;

use std::borrow::Cow;

use charter_contract::MaskConfig;

pub(crate) use body::{Known, MaskedLocations, Unmasked};
pub use header::is_secret;
pub use secret::{Secret, SecretError};

use forms::Forms;
use header::SecretNames;
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
        })
    }

    /// Sets a known salt, so that pseudonyms are equal in every run. Only for synthetic data: with the salt, values can be guessed
    /// and verified.
    #[must_use]
    pub fn salted(mut self, salt: u64) -> Self {
        self.pseudonyms = Pseudonyms::salted(salt);
        self
    }

    /// Masks secrets and e-mail addresses in a text.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masked = Cow::Borrowed(text);
        if let Some(found) = self.forms.masked(&masked) {
            masked = Cow::Owned(found);
        }
        if let Some(found) = self.names.masked_query(&masked) {
            masked = Cow::Owned(found);
        }
        if self.emails
            && let Some(found) = self.pseudonyms.without_emails(&masked)
        {
            masked = Cow::Owned(found);
        }
        masked
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
