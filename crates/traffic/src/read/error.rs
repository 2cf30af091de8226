//! Errors of a source, and of one entry of it.

use charter_json::Position;

use super::interrupt::is_interruption;

/// A source cannot be read to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No such file or folder.
    #[error("there is no such file or folder")]
    Missing {
        /// The remedy that depends on the path, such as a similar name.
        remedy: Option<String>,
    },
    /// A URL, in a program that cannot read URLs.
    #[error("this program was built without the feature `cloud`, so that it cannot read URLs")]
    NoRemote,
    /// A pattern that matches nothing.
    #[error("the pattern matches no file")]
    NoMatch,
    /// A malformed pattern.
    #[error("the pattern is malformed: {0}")]
    Pattern(String),
    /// A folder without files.
    #[error("the folder holds no recording")]
    EmptyFolder,
    /// An error of the operating system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The compressed form is damaged.
    #[error("the {format} stream is damaged: {message}")]
    Damaged {
        /// `gzip`, `zstd`, `br`, `bzip2` or `xz`.
        format: &'static str,
        /// The error of the decoder.
        message: String,
    },
    /// The content exceeds a limit.
    #[error("{0}")]
    Limit(String),
    /// The process was asked to end.
    #[error("interrupted before its end")]
    Interrupted,
    /// The source has no known form.
    #[error("{0}")]
    UnknownForm(String),
    /// The source ends within an entry, or is damaged after its first one. The entries before are read.
    #[error("{message} at line {}, column {}", position.line, position.column)]
    BreaksOff {
        /// What breaks off, and the syntax error.
        message: String,
        /// Its position.
        position: Position,
    },
    /// The document is malformed.
    #[error("malformed: {message} at line {}, column {}", position.line, position.column)]
    Malformed {
        /// The syntax error.
        message: String,
        /// Its position.
        position: Position,
    },
}

impl ReadError {
    /// The remedy.
    pub fn remedy(&self) -> Option<&str> {
        match self {
            Self::Missing { remedy: Some(remedy) } => Some(remedy),
            Self::Missing { remedy: None } => Some("check the path; a pattern must be quoted, so that the shell passes it on"),
            Self::NoRemote => Some("download the recording, or build with `cargo install charter-cli --features cloud`"),
            Self::NoMatch | Self::EmptyFolder => Some("record exchanges first, or name another path"),
            Self::Limit(_) => Some("raise --max-body or --max-ratio if the source can be trusted"),
            Self::Damaged { .. } => Some("fetch or compress the file again"),
            Self::BreaksOff { .. } => Some("export or record it again"),
            Self::Interrupted | Self::Pattern(_) | Self::Io(_) | Self::UnknownForm(_) | Self::Malformed { .. } => None,
        }
    }

    /// The position of a syntax error. The message has it.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::BreaksOff { position, .. } | Self::Malformed { position, .. } => Some(*position),
            _ => None,
        }
    }

    /// Whether another attempt to read the source may succeed, for example after an error of the network.
    pub fn may_pass(&self) -> bool {
        use std::io::ErrorKind::{InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied};
        let is_lasting = |kind| matches!(kind, InvalidInput | IsADirectory | NotADirectory | NotFound | PermissionDenied);
        matches!(self, Self::Io(error) if !is_lasting(error.kind()))
    }

    /// Converts an I/O error. Limits and damaged streams that passed through `std::io` keep their variant.
    pub fn from_io(error: std::io::Error) -> Self {
        if is_interruption(&error) {
            return Self::Interrupted;
        }
        let error = match error.downcast::<SourceFailure>() {
            Ok(failure) => return Self::Io(failure.0),
            Err(error) => error,
        };
        match error.downcast::<LimitExceeded>() {
            Ok(limit) => Self::Limit(limit.0),
            Err(error) => match error.downcast::<DamagedStream>() {
                Ok(damaged) => Self::Damaged { format: damaged.format, message: damaged.message },
                Err(error) => Self::Io(error),
            },
        }
    }
}

/// An exceeded limit, as a payload of [`std::io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct LimitExceeded(pub(super) String);

/// An error of the source itself, as a payload of [`std::io::Error`], so that a decoder does not take it for a damaged stream.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct SourceFailure(std::io::Error);

impl SourceFailure {
    pub(super) fn wrap(error: std::io::Error) -> std::io::Error {
        // Readers read again after this kind.
        if is_interruption(&error) || error.kind() == std::io::ErrorKind::Interrupted {
            return error;
        }
        std::io::Error::new(error.kind(), Self(error))
    }

    pub(super) fn is_in(error: &std::io::Error) -> bool {
        error.get_ref().is_some_and(|payload| payload.is::<Self>())
    }
}

/// A decoder's error, as a payload of [`std::io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct DamagedStream {
    pub(super) format: &'static str,
    pub(super) message: String,
}

/// An entry that is not an exchange. The other entries are still read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct EntryError {
    /// What is wrong.
    pub message: String,
    /// The remedy.
    pub remedy: Option<&'static str>,
    /// The position in the decompressed source.
    pub position: Position,
    /// The index of the entry, from 0.
    pub index: usize,
    /// The line it begins on, from 1.
    pub line: Option<usize>,
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn a_chain_of_errors_contains_the_cause_of_an_io_error_once() {
        let error = ReadError::from(std::io::Error::other("disk failure"));
        assert_eq!(error.to_string(), "disk failure");
        assert!(error.source().is_none_or(|source| source.to_string() != "disk failure"));
    }
}
