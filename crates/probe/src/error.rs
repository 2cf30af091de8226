//! What keeps a probe from beginning, or its recording from being written. What a server does wrong is a finding, never an error.

/// Why a server cannot be probed. No message holds a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The base URL is none.
    #[error("the base URL is malformed: {0}; it looks like https://host or https://host/base")]
    BaseUrl(String),
    /// The base URL carries credentials, which would end up in logs.
    #[error("the base URL carries credentials; leave them out and give the key by CHARTER_API_KEY or a key file")]
    Credentials,
    /// The key would be readable on its way.
    #[error("plain http to {0} would show the key to everyone on the way; use https, or --allow-plain-http where that is wanted")]
    PlainHttp(String),
    /// Requests need a key and there is none.
    #[error("requests need a key: set CHARTER_API_KEY, or give a --key-file")]
    NoKey,
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] charter_traffic::mask::SecretError),
    /// `[mask]` is malformed.
    #[error(transparent)]
    Mask(#[from] charter_traffic::mask::MaskError),
    /// The contract does not say what is needed.
    #[error("{what} needs {setting} in charter.toml")]
    Setting {
        /// What was asked for.
        what: &'static str,
        /// The setting that is missing.
        setting: &'static str,
    },
    /// The contract has no such operation.
    #[error("{setting} in charter.toml names the operation `{id}`, which the contract does not have")]
    Operation {
        /// The setting.
        setting: &'static str,
        /// The operationId.
        id: String,
    },
    /// The path of an operation has parameters that nothing fills.
    #[error("the path {path} of `{id}` needs more than an id")]
    Path {
        /// The operationId.
        id: String,
        /// The path template.
        path: String,
    },
    /// An id that is none.
    #[error("an id is empty; leave it out, or name a resource")]
    EmptyId,
    /// One file for both forms of the recording.
    #[error("both recordings go to {0}: give each a file of its own")]
    OneFile(String),
    /// A section that there is not.
    #[error("`{found}` is no section of {parameter}; there are {known}")]
    Section {
        /// What was asked for.
        found: String,
        /// The query parameter.
        parameter: String,
        /// What there is.
        known: String,
    },
    /// The file of certificates cannot be used.
    #[error("the certificates in {file} cannot be used: {message}")]
    Certificates {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// The client cannot be set up, for want of system resources or certificates.
    #[error("no connection can be set up: {0}")]
    Client(String),
    /// The recording cannot be written.
    #[error(transparent)]
    Record(#[from] charter_traffic::record::RecordError),
}

impl Error {
    /// Whether the user can only mend it by another command line or another contract.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Client(_) | Self::Record(_) | Self::Certificates { .. })
    }
}
