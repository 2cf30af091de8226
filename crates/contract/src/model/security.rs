//! Security requirements and schemes.

use indexmap::IndexMap;
use serde::Serialize;

use super::ParameterPlace;
use crate::location::Location;

/// One alternative: the schemes that a request must satisfy together, with their scopes. Without schemes, no credentials are required.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SecurityRequirement(pub IndexMap<String, Vec<String>>);

/// A security scheme.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SecurityScheme {
    /// Its kind.
    pub kind: SecurityKind,
    /// The token URL of the flow `clientCredentials` of `oauth2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// Its location.
    pub location: Location,
}

/// How a request sends its credentials.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SecurityKind {
    /// A header field, a query parameter or a cookie.
    ApiKey {
        /// The part of the request.
        place: ParameterPlace,
        /// The name.
        name: String,
    },
    /// The scheme of the header field `Authorization`, in lower case: `basic`, `bearer`, …
    Http {
        /// The scheme.
        scheme: String,
    },
    /// A bearer token: `oauth2` and `openIdConnect`.
    Bearer,
    /// A client certificate, which a recording does not show.
    MutualTls,
    /// A kind that this version does not know.
    Other,
}
