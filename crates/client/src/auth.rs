//! Credentials of security schemes.

use std::fmt;

use base64::Engine as _;

/// The credential of a security scheme, and how a request sends it. `Debug` does not show secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// An API key in a header field.
    Header {
        /// The name of the header field.
        name: &'static str,
        /// The key.
        key: String,
    },
    /// An API key in the query.
    Query {
        /// The name of the query parameter.
        name: &'static str,
        /// The key.
        key: String,
    },
    /// An API key in a cookie.
    Cookie {
        /// The name of the cookie.
        name: &'static str,
        /// The key.
        key: String,
    },
    /// The value of the header field `Authorization`.
    Authorization(String),
}

impl Credential {
    /// A token for the scheme `Bearer`: also an access token of OAuth 2.0 or OpenID Connect.
    pub fn bearer(token: &str) -> Self {
        Self::Authorization(format!("Bearer {token}"))
    }

    /// A user name and a password for the scheme `Basic`.
    ///
    /// # Source
    /// RFC 7617, section 2.
    pub fn basic(user: &str, password: &str) -> Self {
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        Self::Authorization(format!("Basic {encoded}"))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { name, .. } => write!(formatter, "Header({name})"),
            Self::Query { name, .. } => write!(formatter, "Query({name})"),
            Self::Cookie { name, .. } => write!(formatter, "Cookie({name})"),
            Self::Authorization(_) => formatter.write_str("Authorization"),
        }
    }
}
