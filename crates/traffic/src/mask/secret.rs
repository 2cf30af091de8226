//! A secret, which is sent and masked and never printed.

use std::fmt;

/// Shorter secrets cannot be distinguished from ordinary text.
const SHORTEST: usize = 4;

/// A secret that appears in no `Debug` output, message or recording.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A text that cannot be used as a secret. No message contains the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Empty.
    #[error("the key is empty")]
    Empty,
    /// Too short.
    #[error("the key is too short to be masked safely: at least {SHORTEST} characters are required")]
    Short,
    /// A character that a header field cannot contain.
    #[error("the key contains a character that a header field cannot contain, such as a line break or a non-ASCII letter")]
    Character,
}

impl Secret {
    /// Accepts a text from a file or the environment. White space around it is removed.
    ///
    /// # Errors
    /// [`SecretError`]
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        if text.len() < SHORTEST {
            return Err(SecretError::Short);
        }
        if text.bytes().any(|byte| !(b' '..=b'~').contains(&byte)) {
            return Err(SecretError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// The secret itself, to be sent or searched for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new(" s3cret-key\n").expect("a secret");
        assert_eq!(secret.expose(), "s3cret-key");
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("s3cret"));
        for (text, error) in [(" \n", SecretError::Empty), (" abc ", SecretError::Short), ("abc\ndef", SecretError::Character)] {
            assert_eq!(Secret::new(text), Err(error));
        }
        assert_eq!(Secret::new("schlüssel").map_err(|error| error.to_string().contains("schl")), Err(false));
    }
}
