//! Errors that prevent a probe from starting, or its recording from being written. A violation by the server is a finding, not an error.

use std::io;
use std::path::PathBuf;

use charter_contract::{Contract, ParameterPlace, nearest};

/// An error of a probe. No message contains the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The base URL cannot be used.
    #[error("invalid base URL; expected https://host or https://host/base")]
    BaseUrl(#[source] BaseUrlError),
    /// The base URL contains credentials, which would appear in logs.
    #[error("the base URL contains credentials; remove them and pass the key on its own")]
    Credentials,
    /// The key would be sent unencrypted to another machine.
    #[error("plain http to {0} would send the key unencrypted")]
    PlainHttp(String),
    /// The operations of the contract require a key and the plan has none.
    #[error("requests need a key")]
    NoKey,
    /// An operation requires credentials that the plan does not have.
    #[error("`{id}` requires credentials for {schemes}, and none are given")]
    NoCredentials {
        /// The operationId.
        id: String,
        /// The names of the security schemes.
        schemes: String,
    },
    /// The plan has credentials for a security scheme that the contract does not have.
    #[error("the contract has no security scheme `{found}`; its security schemes: {known}")]
    Scheme {
        /// The name in the plan.
        found: String,
        /// The names in the contract, or `none`.
        known: String,
    },
    /// The access token of a security scheme cannot be requested.
    #[error("cannot request the access token of the security scheme `{scheme}`")]
    Token {
        /// The name of the security scheme.
        scheme: String,
        /// The cause.
        #[source]
        source: TokenError,
    },
    /// A required parameter has no value.
    #[error("`{id}` requires a value of the {} parameter `{name}`", .place.as_str())]
    Parameter {
        /// The operationId.
        id: String,
        /// The parameter.
        name: String,
        /// Its place.
        place: ParameterPlace,
    },
    /// `finished` is not a JSON Pointer, and not a valid expression either.
    #[error("`finished` under [probe] in charter.toml is neither a JSON Pointer nor a valid expression")]
    Finished(#[source] charter_engine::EvaluationError),
    /// The plan names an operation that is not requested with `GET`.
    #[error("`{id}` is a {method} operation; `probe` sends GET requests only")]
    NotGet {
        /// The operationId.
        id: String,
        /// Its method.
        method: String,
    },
    /// The plan has a value of a parameter that no `GET` operation has.
    #[error("no GET operation has a parameter `{name}`{meant}")]
    UnknownParameter {
        /// The name in the plan.
        name: String,
        /// The most similar name, or nothing.
        meant: String,
    },
    /// The plan names an operation that the contract does not have.
    #[error("the contract has no operation `{id}`{meant}")]
    UnknownOperation {
        /// The operationId in the plan.
        id: String,
        /// The most similar operationId, or nothing.
        meant: String,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] charter_traffic::mask::SecretError),
    /// `[mask]` is malformed.
    #[error(transparent)]
    Mask(#[from] charter_traffic::mask::MaskError),
    /// The plan uses a feature that the contract does not configure.
    #[error("{feature} need {setting} in charter.toml")]
    Setting {
        /// The feature.
        feature: Feature,
        /// The missing setting.
        setting: &'static str,
    },
    /// A setting names an operation that the contract does not have.
    #[error("{setting} in charter.toml names the operation `{id}`, which the contract does not have")]
    Operation {
        /// The setting.
        setting: &'static str,
        /// The operationId.
        id: String,
    },
    /// The path of an operation has parameters that the settings do not fill.
    #[error("the path {path} of `{id}` needs exactly one parameter without a value, the id of the resource")]
    Path {
        /// The operationId.
        id: String,
        /// The path template.
        path: String,
    },
    /// The path of the list has parameters without a value.
    #[error("the path {path} of `{id}` has parameters without a value")]
    ListPath {
        /// The operationId.
        id: String,
        /// The path template.
        path: String,
    },
    /// A header field that cannot be sent.
    #[error("the header field `{0}` cannot be sent; expected a name and a value of visible ASCII")]
    Header(String),
    /// An id is empty.
    #[error("an id is empty; remove it, or name a resource")]
    EmptyId,
    /// Both recordings have the same path.
    #[error("both recordings have the path {}: give each a file of its own", .0.display())]
    SameFile(PathBuf),
    /// A section that the settings do not list.
    #[error("unknown section `{found}` for the query parameter {parameter}; expected one of {known}")]
    Section {
        /// The section in the plan.
        found: String,
        /// The query parameter.
        parameter: String,
        /// The sections of the settings.
        known: String,
    },
    /// The file of certificates cannot be read.
    #[error("cannot read the certificates in {}", .file.display())]
    CertificateFile {
        /// The file.
        file: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file of certificates is not valid PEM.
    #[error("invalid certificates in {}", .file.display())]
    Certificates {
        /// The file.
        file: PathBuf,
        /// The cause.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// A certificate of the file cannot be trusted.
    #[error("unusable certificates in {}", .file.display())]
    UnusableCertificates {
        /// The file.
        file: PathBuf,
        /// The cause.
        #[source]
        source: rustls::Error,
    },
    /// The file of certificates has none.
    #[error("no certificates in {}; expected PEM", .0.display())]
    NoCertificates(PathBuf),
    /// The HTTP client cannot be set up, for example because the machine has no root certificates.
    #[error("cannot set up the HTTP client")]
    Client(#[source] reqwest::Error),
    /// The thread or the runtime that sends requests cannot be started.
    #[error("cannot start the thread that sends requests")]
    Thread(#[source] io::Error),
    /// The recording cannot be written.
    #[error(transparent)]
    Record(#[from] charter_traffic::record::RecordError),
}

/// Why a request for an access token failed. No message contains credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The token URL is malformed.
    #[error("malformed token URL")]
    Url(#[source] url::ParseError),
    /// The request failed.
    #[error("the request failed")]
    Request(#[source] reqwest::Error),
    /// The server refused the request.
    #[error("status {0}")]
    Status(u16),
    /// The response has no access token.
    #[error("the response has no `access_token`")]
    NoToken,
}

/// Why a base URL cannot be used. The URL is not repeated: it may contain credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// The text is not a URL.
    #[error(transparent)]
    Syntax(#[from] url::ParseError),
    /// The URL has no host.
    #[error("the URL has no host")]
    NoHost,
    /// The URL has a query or a fragment.
    #[error("the URL has a query or a fragment")]
    QueryOrFragment,
    /// The scheme is neither `http` nor `https`.
    #[error("unsupported scheme {0}")]
    Scheme(String),
}

/// A part of a probe that depends on a setting of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// Reading one resource.
    Resources,
    /// Selecting sections of the response.
    Sections,
    /// Listing resources.
    List,
    /// Downloading artifacts.
    Artifacts,
    /// Polling until a resource is finished.
    UntilFinished,
}

impl std::fmt::Display for Feature {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Resources => "requests for resources",
            Self::Sections => "sections of the response",
            Self::List => "listed resources",
            Self::Artifacts => "downloads of artifacts",
            Self::UntilFinished => "repeated requests until a resource is finished",
        })
    }
}

impl Error {
    /// An operation that the contract does not have.
    pub(crate) fn unknown_operation(contract: &Contract, id: &str) -> Self {
        let meant = nearest(id, contract.operations().iter().map(|operation| operation.id.as_str()));
        Self::UnknownOperation { id: id.to_owned(), meant: meant.map(|meant| format!("; {meant}")).unwrap_or_default() }
    }

    /// Whether only another command line or another contract can help.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Client(_) | Self::Thread(_) | Self::Record(_) | Self::Token { .. } => false,
            Self::CertificateFile { .. } | Self::Certificates { .. } | Self::UnusableCertificates { .. } | Self::NoCertificates(_) => false,
            Self::BaseUrl(_) | Self::Credentials | Self::PlainHttp(_) | Self::NoKey | Self::Key(_) | Self::Mask(_) => true,
            Self::Setting { .. } | Self::Operation { .. } | Self::Path { .. } | Self::Section { .. } => true,
            Self::EmptyId | Self::SameFile(_) | Self::ListPath { .. } | Self::Header(_) => true,
            Self::NoCredentials { .. } | Self::Scheme { .. } | Self::Parameter { .. } | Self::Finished(_) => true,
            Self::NotGet { .. } | Self::UnknownOperation { .. } | Self::UnknownParameter { .. } => true,
        }
    }
}
