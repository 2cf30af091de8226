//! Access tokens of OAuth 2.0 client credentials, RFC 6749, section 4.4. A token is requested once for each security scheme, before the first request.

use std::collections::BTreeSet;
use std::time::Duration;

use charter_contract::{Contract, SecurityKind};
use charter_traffic::mask::Secret;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::Url;

use crate::client;
use crate::error::{Error, TokenError};
use crate::plan::{Credential, Plan};
use crate::route::is_loopback;

/// A longer response is not that of a token endpoint.
const MAX_BODY: usize = 1 << 20;

/// A token to request.
#[derive(Debug)]
struct Grant {
    scheme: String,
    url: Url,
    client: String,
    secret: String,
    scopes: String,
}

/// The tokens that a plan needs: its credentials for `oauth2` with the flow `clientCredentials` that have the form `client-id:client-secret`.
fn grants(contract: &Contract, plan: &Plan) -> Result<Vec<Grant>, Error> {
    let mut grants = Vec::new();
    for credential in &plan.credentials {
        let Some(scheme) = contract.security_schemes().get(&credential.scheme) else { continue };
        let pair = credential.secret.expose().split_once(':');
        let (Some(token_url), Some((client, secret)), SecurityKind::Bearer) = (&scheme.token_url, pair, &scheme.kind) else { continue };
        let failed = |source| Error::Token { scheme: credential.scheme.clone(), source };
        // A relative URL is relative to the server.
        let base = Url::parse(&format!("{}/", plan.base_url.trim_end_matches('/')));
        let url = base.and_then(|base| base.join(token_url)).map_err(|source| failed(TokenError::Url(source)))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && (plan.sending.allow_plain_http || is_loopback(&url))) {
            return Err(Error::PlainHttp(url.host_str().unwrap_or_default().to_owned()));
        }
        let requirements = contract.operations().iter().filter(|operation| operation.method.0 == "GET").flat_map(|one| &one.security);
        let scopes: BTreeSet<&str> =
            requirements.filter_map(|requirement| requirement.0.get(&credential.scheme)).flatten().map(String::as_str).collect();
        grants.push(Grant {
            scheme: credential.scheme.clone(),
            url,
            client: client.to_owned(),
            secret: secret.to_owned(),
            scopes: scopes.into_iter().collect::<Vec<_>>().join(" "),
        });
    }
    Ok(grants)
}

/// Requests the tokens that a plan needs.
///
/// # Errors
/// A server does not issue its token.
pub(crate) fn request_all(contract: &Contract, plan: &Plan, base: &Url) -> Result<Vec<Credential>, Error> {
    let grants = grants(contract, plan)?;
    if grants.is_empty() {
        return Ok(Vec::new());
    }
    let http = client::http(base, plan)?;
    let request = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Thread)?;
        runtime.block_on(async {
            let mut tokens = Vec::new();
            for grant in grants {
                tokens.push(grant.request(&http, plan.sending.timeout).await?);
            }
            Ok(tokens)
        })
    };
    // A separate thread, because the caller may be inside a runtime.
    let tokens = std::thread::scope(|scope| scope.spawn(request).join());
    tokens.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl Grant {
    /// Requests the token. The client identifies itself in `Authorization`; if the server refuses that, in the body.
    async fn request(self, http: &reqwest::Client, timeout: Duration) -> Result<Credential, Error> {
        let failed = |source| Error::Token { scheme: self.scheme.clone(), source };
        let mut form = vec![("grant_type", "client_credentials")];
        if !self.scopes.is_empty() {
            form.push(("scope", &self.scopes));
        }
        let post = |form: &[(&str, &str)]| {
            let form = form.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
            let request = http.post(self.url.clone()).timeout(timeout).header("content-type", "application/x-www-form-urlencoded");
            request.header("accept", "application/json").body(form.collect::<Vec<_>>().join("&"))
        };
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let first = post(&form).basic_auth(encoded(&self.client), Some(encoded(&self.secret))).send();
        let mut response = first.await.map_err(|source| failed(TokenError::Request(source.without_url())))?;
        if matches!(response.status().as_u16(), 400 | 401) {
            form.extend([("client_id", self.client.as_str()), ("client_secret", self.secret.as_str())]);
            response = post(&form).send().await.map_err(|source| failed(TokenError::Request(source.without_url())))?;
        }
        if !response.status().is_success() {
            return Err(failed(TokenError::Status(response.status().as_u16())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|source| failed(TokenError::Request(source.without_url())))? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BODY {
                return Err(failed(TokenError::NoToken));
            }
        }
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let token = body.get("access_token").and_then(Value::as_str).and_then(|token| Secret::new(token).ok());
        let secret = token.ok_or_else(|| failed(TokenError::NoToken))?;
        Ok(Credential::new(self.scheme, secret))
    }
}
