//! Servers: which hosts and base paths a document names.

use indexmap::IndexMap;
use serde::Serialize;

use crate::location::Location;

/// A server of the OpenAPI document, of a path item or of an operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Server {
    /// The host and port, if the URL has a host. Variables are replaced by their defaults.
    pub host: Option<String>,
    /// The base path, without a slash at the end; often empty. Variables are replaced by their defaults.
    pub base_path: String,
    /// The URL as written, with `{variables}`.
    pub url: String,
    /// The variables of the URL.
    pub variables: IndexMap<String, ServerVariable>,
    /// The location of the server.
    pub location: Location,
}

/// A variable of a server's URL.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ServerVariable {
    /// `default`
    pub default: String,
    /// `enum`: the values that it may have; any value if empty.
    pub values: Vec<String>,
}

impl Server {
    /// A server with its URL as written.
    pub fn new(url: &str, variables: IndexMap<String, ServerVariable>, location: Location) -> Self {
        let filled = variables.iter().fold(url.to_owned(), |url, (name, variable)| url.replace(&format!("{{{name}}}"), &variable.default));
        let (host, path) = split(&filled);
        let (host, base_path) = (host.map(normal_host), path.trim_end_matches('/').to_owned());
        Self { host, base_path, url: url.to_owned(), variables, location }
    }

    /// Whether the server may have this host (with its port, if the port is not the scheme's). `None` if its URL names no host.
    pub fn matches_host(&self, host: &str) -> Option<bool> {
        let template = split(&self.url).0?;
        let template = normal_host(template);
        Some(self.rests(&template, &host.to_ascii_lowercase()).iter().any(|rest| rest.is_empty()))
    }

    /// What follows the base path in a path, for every way in which its variables match. Each begins with `/`, or is empty.
    pub fn below<'p>(&self, path: &'p str) -> Vec<&'p str> {
        let template = split(&self.url).1.trim_end_matches('/');
        let mut rests = self.rests(template, path);
        rests.retain(|rest| rest.is_empty() || rest.starts_with('/'));
        rests
    }

    /// The rests of a text after each prefix that a template with variables matches.
    fn rests<'t>(&self, template: &str, text: &'t str) -> Vec<&'t str> {
        let named = template.split_once('{').and_then(|(literal, after)| Some((literal, after.split_once('}')?)));
        let Some((literal, (name, after))) = named else { return text.strip_prefix(template).into_iter().collect() };
        let Some(text) = text.strip_prefix(literal) else { return Vec::new() };
        let values: Vec<&str> = match self.variables.get(name) {
            Some(variable) if !variable.values.is_empty() => {
                let known = variable.values.iter().chain(std::iter::once(&variable.default));
                known.filter(|value| text.starts_with(value.as_str())).map(String::as_str).collect()
            }
            // A variable without `enum` may have any value; it ends before the next slash.
            _ => {
                let end = text.find('/').unwrap_or(text.len());
                let default = self.variables.get(name).map(|variable| variable.default.as_str());
                let default = default.filter(|value| value.contains('/') && text.starts_with(value));
                (1..=end).filter(|end| text.is_char_boundary(*end)).map(|end| &text[..end]).chain(default).collect()
            }
        };
        let mut rests: Vec<&str> = values.into_iter().flat_map(|value| self.rests(after, &text[value.len()..])).collect();
        rests.sort_unstable_by_key(|rest| rest.len());
        rests.dedup();
        rests
    }
}

/// The host and the path of a URL, each with its variables. A relative URL has no host.
fn split(url: &str) -> (Option<&str>, &str) {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://").map(|(_, rest)| rest).or_else(|| url.strip_prefix("//")) {
        Some(rest) => match rest.find('/') {
            Some(at) => (Some(&rest[..at]), &rest[at..]),
            None => (Some(rest), ""),
        },
        None => (None, url.strip_prefix('.').unwrap_or(url)),
    }
}

/// A host in lower case, without the user and without the usual ports.
fn normal_host(host: &str) -> String {
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host).to_ascii_lowercase();
    host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).map_or(host.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str, variables: &[(&str, &str, &[&str])]) -> Server {
        let variable = |(name, default, values): &(&str, &str, &[&str])| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            ((*name).to_owned(), ServerVariable { default: (*default).to_owned(), values })
        };
        Server::new(url, variables.iter().map(variable).collect(), Location::root("openapi.yaml"))
    }

    #[test]
    fn variables_match_their_values() {
        let server = server("https://{region}.example.com/{stage}/v1", &[("region", "eu", &[]), ("stage", "prod", &["prod", "beta"])]);
        assert_eq!((server.host.as_deref(), server.base_path.as_str()), (Some("eu.example.com"), "/prod/v1"));
        assert_eq!(server.matches_host("us.example.com"), Some(true));
        assert_eq!(server.matches_host("US.example.com"), Some(true));
        assert_eq!(server.matches_host("example.com"), Some(false));
        assert_eq!(server.matches_host("us.example.com.evil.test"), Some(false));
        assert_eq!(server.below("/beta/v1/orders"), ["/orders"]);
        assert_eq!(server.below("/beta/v1"), [""]);
        assert!(server.below("/beta/v10").is_empty() && server.below("/alpha/v1/orders").is_empty());
    }

    #[test]
    fn relative_urls_name_no_host() {
        for (url, base_path) in [("/", ""), ("/v1/", "/v1"), ("", ""), ("./v1", "/v1")] {
            let server = server(url, &[]);
            assert_eq!((server.matches_host("any.test"), server.base_path.as_str()), (None, base_path), "{url}");
        }
    }

    #[test]
    fn usual_ports_and_users_do_not_matter() {
        assert_eq!(server("https://user@API.example.com:443/v1", &[]).matches_host("api.example.com"), Some(true));
        assert_eq!(server("http://api.example.com:8080", &[]).matches_host("api.example.com"), Some(false));
        assert_eq!(
            server("http://api.example.com:{port}/v1", &[("port", "8080", &["8080", "9090"])]).matches_host("api.example.com:9090"),
            Some(true)
        );
    }
}
