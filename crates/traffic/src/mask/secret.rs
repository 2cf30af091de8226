//! A secret: held to be sent and to be masked, never shown.

use std::fmt;

/// Fewer characters cannot be told from ordinary text.
const SHORTEST: usize = 4;

/// A secret that no `Debug`, message or recording shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why a text is no secret that can be used. No message holds the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Nothing at all.
    #[error("the key is empty")]
    Empty,
    /// Next to nothing.
    #[error("the key has fewer than {SHORTEST} characters, so it cannot be told from ordinary text where it is masked")]
    Short,
    /// A character that no header field can carry.
    #[error("the key holds a character that no header field can carry, such as a line break or a letter beyond ASCII")]
    Character,
}

impl Secret {
    /// Takes a text as it was read from a file or the environment; white space around it is no part of it.
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

    /// The secret itself: to be sent, or to be looked for.
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
    fn a_secret_is_never_shown() {
        let secret = Secret::new(" s3cret-key\n").expect("a secret");
        assert_eq!(secret.expose(), "s3cret-key");
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("s3cret"));
        for (text, error) in [(" \n", SecretError::Empty), (" abc ", SecretError::Short), ("abc\ndef", SecretError::Character)] {
            assert_eq!(Secret::new(text), Err(error));
        }
        assert_eq!(Secret::new("schlüssel").map_err(|error| error.to_string().contains("schl")), Err(false));
    }
}
