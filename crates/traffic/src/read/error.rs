//! What can be wrong with a source, and with one entry of it.

use charter_json::Position;

/// Why a source cannot be read, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No such file or folder.
    #[error("there is no such file or folder")]
    Missing,
    /// A pattern that matches nothing.
    #[error("the pattern matches no file")]
    NoMatch,
    /// A pattern that is none.
    #[error("the pattern is malformed: {0}")]
    Pattern(String),
    /// A folder without files.
    #[error("the folder holds no recording")]
    EmptyFolder,
    /// The operating system refuses.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The compressed form is damaged.
    #[error("the {format} stream is damaged: {message}")]
    Damaged {
        /// `gzip` or `zstd`.
        format: &'static str,
        /// What the decoder says.
        message: String,
    },
    /// The content grows beyond a limit.
    #[error("{0}")]
    Limit(String),
    /// The document is no JSON.
    #[error("neither JSON nor HAR: {message} at line {}, column {}", position.line, position.column)]
    Malformed {
        /// What is wrong.
        message: String,
        /// Where reading stopped.
        position: Position,
    },
}

impl ReadError {
    /// What to do about it.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("check the path; a pattern must be quoted, so that the shell does not expand it"),
            Self::NoMatch | Self::EmptyFolder => Some("record exchanges first, or name another path"),
            Self::Limit(_) => Some("raise --max-body or --max-ratio if the source can be trusted"),
            Self::Damaged { .. } => Some("fetch or compress the file again"),
            Self::Pattern(_) | Self::Io(_) | Self::Malformed { .. } => None,
        }
    }

    /// An I/O error, told apart from a limit of our own.
    pub fn from_io(error: std::io::Error) -> Self {
        match error.downcast::<LimitExceeded>() {
            Ok(limit) => Self::Limit(limit.0),
            Err(error) => match error.downcast::<DamagedStream>() {
                Ok(damaged) => Self::Damaged { format: damaged.format, message: damaged.message },
                Err(error) => Self::Io(error),
            },
        }
    }
}

/// A limit of ours, on its way through `std::io`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct LimitExceeded(pub(super) String);

/// A decoder's complaint, on its way through `std::io`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct DamagedStream {
    pub(super) format: &'static str,
    pub(super) message: String,
}

/// Why an entry of a source is no exchange. The other entries are read all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EntryError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<&'static str>,
    /// Where, in the decompressed source.
    pub position: Position,
    /// The entry, from 0.
    pub index: usize,
    /// The line it begins on, from 1.
    pub line: Option<usize>,
}
