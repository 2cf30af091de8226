//! Security requirements and schemes.

use indexmap::IndexMap;
use serde_json::Value;

use super::follow;
use crate::lower::entries;
use crate::lower::node::Node;
use crate::lower::schemas::Builder;
use crate::model::{ParameterPlace, SecurityKind, SecurityRequirement, SecurityScheme};

/// The alternatives of a `security` list.
pub(super) fn requirements(security: Option<&Value>) -> Vec<SecurityRequirement> {
    let list = security.and_then(Value::as_array).into_iter().flatten();
    list.map(|requirement| {
        let schemes = entries(Some(requirement)).map(|(name, scopes)| {
            let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            (name.clone(), scopes)
        });
        SecurityRequirement(schemes.collect())
    })
    .collect()
}

/// The schemes of a document, by name.
pub(super) fn schemes<'d>(builder: &mut Builder<'d>, document: &Node<'d>) -> IndexMap<String, SecurityScheme> {
    let mut schemes = IndexMap::new();
    for (name, at) in document.child("components").into_iter().flat_map(|components| components.members("securitySchemes")) {
        let Some(scheme) = follow(builder, at) else { continue };
        schemes.insert(
            name.clone(),
            SecurityScheme { kind: kind(scheme.value), token_url: token_url(scheme.value), location: scheme.location },
        );
    }
    schemes
}

/// The token URL of the flow for client credentials; `application` is its name in Swagger 2.0.
fn token_url(value: &Value) -> Option<String> {
    let url = match value.get("flow").and_then(Value::as_str) {
        Some("application") => value.get("tokenUrl"),
        _ => value.pointer("/flows/clientCredentials/tokenUrl"),
    };
    url.and_then(Value::as_str).map(str::to_owned)
}

fn kind(value: &Value) -> SecurityKind {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    match text("type") {
        Some("apiKey") => match (text("in").and_then(ParameterPlace::parse), text("name")) {
            (Some(place), Some(name)) => SecurityKind::ApiKey { place, name: name.to_owned() },
            _ => SecurityKind::Other,
        },
        Some("http") => text("scheme").map_or(SecurityKind::Other, |scheme| SecurityKind::Http { scheme: scheme.to_ascii_lowercase() }),
        Some("oauth2" | "openIdConnect") => SecurityKind::Bearer,
        Some("mutualTLS") => SecurityKind::MutualTls,
        _ => SecurityKind::Other,
    }
}
