//! The credentials of an operation: how its security schemes send which secrets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter_contract::{Contract, Operation, ParameterPlace, SecurityKind, SecurityRequirement};
use charter_traffic::mask::Secret;

use crate::plan::Plan;

/// The wrong key of a request that the server must refuse.
const WRONG_KEY: &str = "charter-probe-this-is-no-key";

/// How a request sends a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// As a bearer token in `Authorization`.
    Bearer,
    /// As `user:password` in `Authorization`.
    Basic,
    /// In a header field.
    Header(String),
    /// In a query parameter.
    Query(String),
    Cookie(String),
}

/// A secret and how it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) place: Place,
    secret: Secret,
}

impl Credential {
    /// The name and the value to send, or those of a wrong secret.
    pub(crate) fn value(&self, is_wrong: bool) -> String {
        let secret = if is_wrong { WRONG_KEY } else { self.secret.expose() };
        match &self.place {
            Place::Bearer => format!("Bearer {secret}"),
            Place::Basic if is_wrong => format!("Basic {}", STANDARD.encode(format!("charter:{secret}"))),
            Place::Basic => format!("Basic {}", STANDARD.encode(secret)),
            Place::Cookie(name) => format!("{name}={secret}"),
            Place::Header(_) | Place::Query(_) => secret.to_owned(),
        }
    }
}

/// The credentials that a request to an operation sends. `None` if the operation requires credentials that the plan does not have.
pub(crate) fn credentials(contract: &Contract, plan: &Plan, operation: &Operation) -> Option<Vec<Credential>> {
    let named = |requirement: &SecurityRequirement| satisfied(contract, requirement, |scheme| plan.credential(scheme));
    let with_key =
        |requirement: &SecurityRequirement| satisfied(contract, requirement, |scheme| plan.credential(scheme).or(plan.key.as_ref()));
    // An alternative without schemes requires no credentials, and a request with credentials may have a response with more data.
    let alternatives = || operation.security.iter().filter(|requirement| !requirement.0.is_empty());
    if let Some(credentials) = alternatives().find_map(named).or_else(|| alternatives().find_map(with_key)) {
        return Some(credentials);
    }
    match &plan.key {
        // A document that describes no security scheme, or one of another kind. Other operations do not receive the key.
        Some(key) if plan.credentials.is_empty() && (operation.secured || contract.security_schemes().is_empty()) => {
            Some(vec![Credential { place: Place::Bearer, secret: key.clone() }])
        }
        _ if operation.secured => None,
        _ => Some(Vec::new()),
    }
}

/// The credentials of one alternative, if each of its schemes has a secret.
fn satisfied<'s>(
    contract: &Contract,
    requirement: &SecurityRequirement,
    secret: impl Fn(&str) -> Option<&'s Secret>,
) -> Option<Vec<Credential>> {
    let credential = |name: &String| {
        let place = place(&contract.security_schemes().get(name)?.kind)?;
        Some(Credential { place, secret: secret(name)?.clone() })
    };
    requirement.0.keys().map(credential).collect()
}

/// How a kind of security scheme sends a secret; `None` if this program cannot.
fn place(kind: &SecurityKind) -> Option<Place> {
    Some(match kind {
        SecurityKind::ApiKey { place: ParameterPlace::Header, name } => Place::Header(name.to_ascii_lowercase()),
        SecurityKind::ApiKey { place: ParameterPlace::Query, name } => Place::Query(name.clone()),
        SecurityKind::ApiKey { place: ParameterPlace::Cookie, name } => Place::Cookie(name.clone()),
        SecurityKind::Http { scheme } if scheme == "basic" => Place::Basic,
        SecurityKind::Http { scheme } if scheme == "bearer" => Place::Bearer,
        SecurityKind::Bearer => Place::Bearer,
        _ => return None,
    })
}

/// The parts of a secret that a server may repeat on their own: the password of `user:password`.
pub(crate) fn parts(secret: &Secret) -> impl Iterator<Item = Secret> {
    let password = secret.expose().split_once(':').and_then(|(_, password)| Secret::new(password).ok());
    std::iter::once(secret.clone()).chain(password)
}
