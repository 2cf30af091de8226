//! Whether a request has the credentials that an operation requires.

use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;

use crate::rejection::Rejection;

/// Where a request has the credential of a security scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// In the header field of a name.
    Header(&'static str),
    /// In the query parameter of a name.
    Query(&'static str),
    /// In the cookie of a name.
    Cookie(&'static str),
    /// In the header field `Authorization`, with an authentication scheme such as `Bearer`.
    Authorization(&'static str),
}

impl Credential {
    fn is_in(self, head: &Parts, query: &[(String, String)], cookies: &[(String, String)]) -> bool {
        let has = |pairs: &[(String, String)], name: &str| pairs.iter().any(|(of, value)| of == name && !value.is_empty());
        match self {
            Self::Header(name) => head.headers.get(name).is_some_and(|value| !value.is_empty()),
            Self::Query(name) => has(query, name),
            Self::Cookie(name) => has(cookies, name),
            Self::Authorization(scheme) => head.headers.get_all(http::header::AUTHORIZATION).iter().any(|value| {
                let value = value.to_str().unwrap_or_default();
                value.split_once(' ').is_some_and(|(of, credential)| of.eq_ignore_ascii_case(scheme) && !credential.trim().is_empty())
            }),
        }
    }
}

/// The rejection of a request that has the credentials of none of the alternatives. Whether a credential is valid is for the program to
/// decide.
pub(crate) fn check(
    alternatives: &'static [&'static [Credential]],
    head: &Parts,
    query: &[(String, String)],
    cookies: &[(String, String)],
) -> Option<Rejection> {
    if alternatives.is_empty() || alternatives.iter().any(|schemes| schemes.iter().all(|scheme| scheme.is_in(head, query, cookies))) {
        return None;
    }
    let mut rejection = Rejection::new(StatusCode::UNAUTHORIZED, "the request has no credentials for this operation");
    let mut offered = Vec::new();
    for credential in alternatives.iter().copied().flatten() {
        if let Credential::Authorization(scheme) = credential
            && !offered.contains(scheme)
        {
            offered.push(*scheme);
            rejection = rejection.with_header(WWW_AUTHENTICATE, scheme);
        }
    }
    Some(rejection)
}
