//! From paths and methods to operations.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use http::header::ALLOW;
use http::{Method, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::rejection::Rejection;
use crate::request::{Incoming, Operation};

type Handling = Pin<Box<dyn Future<Output = Response> + Send>>;
type Handler<S> = Box<dyn Fn(Arc<S>, Incoming) -> Handling + Send + Sync>;

/// The operations of a server. One with a concrete path takes precedence over one with a template.
pub struct Routes<S> {
    server: Arc<S>,
    reject: fn(&S, Rejection) -> Response,
    routes: Vec<Route<S>>,
}

struct Route<S> {
    operation: Operation,
    template: Template,
    handler: Handler<S>,
}

impl<S> std::fmt::Debug for Routes<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.routes.iter().map(|route| &route.operation)).finish()
    }
}

impl<S: Send + Sync + 'static> Routes<S> {
    /// No operations. `reject` makes the responses to requests that no operation gets.
    pub fn new(server: S, reject: fn(&S, Rejection) -> Response) -> Self {
        Self { server: Arc::new(server), reject, routes: Vec::new() }
    }

    /// Adds an operation. The template is that of OpenAPI; a last parameter such as `{*path}` matches the rest of the path, slashes included.
    #[must_use]
    pub fn route<F>(mut self, operation: Operation, handler: fn(Arc<S>, Incoming) -> F) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let handler: Handler<S> = Box::new(move |server, incoming| Box::pin(handler(server, incoming)));
        self.routes.push(Route { operation, template: Template::parse(operation.path), handler });
        self
    }

    /// The router.
    pub fn into_router(mut self) -> Router {
        self.routes.sort_by_key(|route| route.template.rank());
        let routes = Arc::new(self);
        Router::new().fallback(move |request: Request| {
            let routes = Arc::clone(&routes);
            async move { routes.respond(request).await }
        })
    }

    async fn respond(&self, request: Request) -> Response {
        let path = request.uri().path();
        let mut allowed: Vec<&str> = Vec::new();
        // `HEAD` is `GET` without the body, which the HTTP library removes.
        let is_head = request.method() == Method::HEAD && !self.routes.iter().any(|route| route.operation.method == "HEAD");
        let method = if is_head { "GET" } else { request.method().as_str() };
        for route in &self.routes {
            let Some(captures) = route.template.captures(path) else { continue };
            if route.operation.method == method {
                let captures = captures.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                let incoming = Incoming::new(request, route.operation, captures);
                return (route.handler)(Arc::clone(&self.server), incoming).await;
            }
            if !allowed.contains(&route.operation.method) {
                allowed.push(route.operation.method);
            }
        }
        let rejection = if allowed.is_empty() {
            Rejection::new(StatusCode::NOT_FOUND, format!("no operation has the path `{path}`"))
        } else {
            allowed.sort_unstable();
            let detail = format!("the path `{path}` has no operation with the method {}", request.method());
            Rejection::new(StatusCode::METHOD_NOT_ALLOWED, detail).with_header(ALLOW, &allowed.join(", "))
        };
        (self.reject)(&self.server, rejection)
    }
}

/// A path template.
struct Template(Vec<Piece>);

enum Piece {
    /// A text as it is, and percent-encoded.
    Text(String, String),
    Parameter(String),
    /// A parameter that matches the rest of the path.
    Rest(String),
}

/// What a path may not contain as it is.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'^').add(b'|').add(b'\\');

impl Template {
    fn parse(template: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = template;
        while let Some((text, name, after)) = rest.split_once('{').and_then(|(text, rest)| {
            let (name, after) = rest.split_once('}')?;
            Some((text, name, after))
        }) {
            if !text.is_empty() {
                pieces.push(Piece::text(text));
            }
            pieces.push(match name.strip_prefix('*') {
                Some(name) => Piece::Rest(name.to_owned()),
                None => Piece::Parameter(name.to_owned()),
            });
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::text(rest));
        }
        Self(pieces)
    }

    /// The values of the parameters, as sent.
    fn captures<'p>(&self, path: &'p str) -> Option<Vec<(&str, &'p str)>> {
        let mut captures = Vec::new();
        matches(&self.0, path, &mut captures).then_some(captures)
    }

    /// The order of precedence: per segment, texts are before parameters.
    fn rank(&self) -> Vec<u8> {
        let rank = |piece: &Piece| match piece {
            Piece::Text(text, _) => text.chars().map(|char| u8::from(char != '/')).collect(),
            Piece::Parameter(_) => vec![2],
            Piece::Rest(_) => vec![3],
        };
        self.0.iter().flat_map(rank).collect()
    }
}

impl Piece {
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned(), utf8_percent_encode(text, ENCODED).to_string())
    }
}

fn matches<'t, 'p>(pieces: &'t [Piece], path: &'p str, captures: &mut Vec<(&'t str, &'p str)>) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return path.is_empty() };
    match first {
        Piece::Text(text, encoded) => {
            let after = path.strip_prefix(text.as_str()).or_else(|| path.strip_prefix(encoded.as_str()));
            after.is_some_and(|after| matches(rest, after, captures))
        }
        Piece::Rest(name) if rest.is_empty() => {
            captures.push((name, path));
            !path.is_empty()
        }
        Piece::Parameter(name) | Piece::Rest(name) => {
            let segment = path.find('/').unwrap_or(path.len());
            let ends = path[..segment].char_indices().map(|(index, char)| index + char.len_utf8());
            let count = captures.len();
            // In a segment without further texts, only the whole segment can match.
            let ends: Vec<usize> = match rest.first() {
                Some(Piece::Text(text, _)) if !text.starts_with('/') => ends.collect(),
                Some(Piece::Parameter(_) | Piece::Rest(_)) => ends.collect(),
                _ => (segment > 0).then_some(segment).into_iter().collect(),
            };
            ends.into_iter().any(|end| {
                captures.truncate(count);
                captures.push((name, &path[..end]));
                matches(rest, &path[end..], captures)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_matches_whole_segments() {
        let captures = |template: &str, path: &str| -> Option<String> {
            let template = Template::parse(template);
            let found = template.captures(path)?;
            Some(found.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
        };
        for (template, path, found) in [
            ("/orders", "/orders", Some("")),
            ("/orders", "/orders/", None),
            ("/orders/{id}", "/orders/a%2Fb", Some("id=a%2Fb")),
            ("/orders/{id}", "/orders/a/b", None),
            ("/orders/{id}", "/orders/", None),
            ("/orders/{id}.json", "/orders/a.b.json", Some("id=a.b")),
            ("/orders/{id}/photo", "/orders/1/photo", Some("id=1")),
            ("/range/{from}-{to}", "/range/1-2", Some("from=1 to=2")),
            ("/files/{*path}", "/files/a/b", Some("path=a/b")),
            ("/files/{*path}", "/files/", None),
            ("/café", "/caf%C3%A9", Some("")),
        ] {
            assert_eq!(captures(template, path).as_deref(), found, "{template} {path}");
        }
    }

    #[test]
    fn concrete_paths_are_before_templates() {
        let mut templates = ["/{*rest}", "/orders/{id}", "/orders/open", "/{kind}/open"].map(Template::parse);
        templates.sort_by_key(Template::rank);
        let order: Vec<&str> = templates
            .iter()
            .map(|template| match &template.0[..] {
                [Piece::Text(text, _)] => text.as_str(),
                [_, Piece::Parameter(name)] | [_, Piece::Rest(name)] | [_, Piece::Parameter(name), _] => name.as_str(),
                _ => "",
            })
            .collect();
        assert_eq!(order, ["/orders/open", "id", "kind", "rest"]);
    }
}
