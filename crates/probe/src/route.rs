//! The contract's operations as URLs of one server.

use charter_contract::{ArtifactsConfig, ListConfig, Operation, PathTemplate};
use charter_engine::Contract;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

use crate::error::{BaseUrlError, Error, Feature};
use crate::plan::{Plan, Sections, Subjects};

/// The characters that are percent-encoded in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The characters that are percent-encoded in a query value; commas stay readable.
const QUERY: &AsciiSet = &SEGMENT.remove(b',');
/// The maximum number of sections whose combinations are requested: 1024 requests for each resource.
const MAX_COMBINED: usize = 10;

/// The URLs of a plan.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    base: Url,
    /// Replaces the base URL in reports and recordings.
    alias: Option<String>,
    /// The path of one resource; its only parameter is the id.
    resource: PathTemplate,
    /// The queries that are sent for each resource.
    pub(crate) queries: Vec<String>,
    pub(crate) secured: bool,
    pub(crate) finished: Option<String>,
    /// The query parameter that selects sections.
    pub(crate) sections_parameter: Option<String>,
    /// The base path of the first server, if no server has the path of the base URL.
    other_base_path: Option<String>,
    pub(crate) list: Option<(PathTemplate, ListConfig)>,
    pub(crate) artifacts: Option<(PathTemplate, ArtifactsConfig)>,
    /// Other operations on a resource.
    pub(crate) related: Vec<Related>,
    /// Whether rules compare the resource with the responses of related operations.
    pub(crate) is_compared: bool,
}

/// Another operation on a resource.
#[derive(Clone, Debug)]
pub(crate) struct Related {
    pub(crate) template: PathTemplate,
    /// Whether rules compare its responses with each other.
    pub(crate) is_compared: bool,
}

impl Routes {
    pub(crate) fn new(contract: &Contract, plan: &Plan) -> Result<Self, Error> {
        let base = base(&plan.base_url, plan.sending.allow_plain_http)?;
        let config = &contract.config().probe;
        let operation = |id: &str, setting| {
            let found = contract.operations().iter().find(|operation| operation.id == id);
            found.ok_or_else(|| Error::Operation { setting, id: id.to_owned() })
        };
        let named = config.operation.as_ref().or(contract.config().check.operation.as_ref());
        let resource = match (named, contract.operations().first()) {
            (Some(id), _) => operation(id, "`operation` under [probe]")?,
            (None, Some(first)) => first,
            (None, None) => return Err(Error::Setting { feature: Feature::Resources, setting: "`operation` under [probe]" }),
        };
        let [parameter] = resource.path.parameters()[..] else {
            return Err(Error::Path { id: resource.id.clone(), path: resource.path.to_string() });
        };
        let list = match (&plan.subjects, &config.list) {
            (Subjects::Ids(_), _) => None,
            (Subjects::Listed { .. }, None) => return Err(Error::Setting { feature: Feature::List, setting: "[probe.list]" }),
            (Subjects::Listed { .. }, Some(list)) => {
                Some((operation(&list.operation, "`operation` under [probe.list]")?.path.clone(), list.clone()))
            }
        };
        let artifacts = match (plan.artifacts, &config.artifacts) {
            (false, _) => None,
            (true, None) => return Err(Error::Setting { feature: Feature::Artifacts, setting: "[probe.artifacts]" }),
            (true, Some(artifacts)) => {
                let operation = operation(&artifacts.operation, "`operation` under [probe.artifacts]")?;
                let mut expected = vec![parameter, artifacts.parameter.as_str()];
                let mut found = operation.path.parameters();
                expected.sort_unstable();
                found.sort_unstable();
                if expected != found {
                    return Err(Error::Path { id: operation.id.clone(), path: operation.path.to_string() });
                }
                Some((operation.path.clone(), artifacts.clone()))
            }
        };
        if plan.until_finished && config.finished.is_none() {
            return Err(Error::Setting { feature: Feature::UntilFinished, setting: "`finished` under [probe]" });
        }
        let others = contract.operations().iter().filter(|other| plan.related && other.id != resource.id && other.method.0 == "GET");
        let others = others.filter(|other| other.path.parameters() == [parameter]);
        let related: Vec<_> =
            others.map(|other| Related { template: other.path.clone(), is_compared: is_compared(contract, other, false) }).collect();
        Ok(Self {
            other_base_path: other_base_path(contract, resource, &base),
            base,
            alias: plan.repeatable.as_ref().map(|repeatable| repeatable.name.clone()),
            resource: resource.path.clone(),
            queries: queries(contract, &plan.sections)?,
            secured: resource.secured,
            finished: config.finished.clone(),
            sections_parameter: contract.config().sections.as_ref().map(|sections| sections.parameter.clone()),
            list,
            artifacts,
            is_compared: !related.is_empty() && is_compared(contract, resource, true),
            related,
        })
    }

    /// The name of the server in reports.
    pub(crate) fn name(&self) -> String {
        self.alias.clone().unwrap_or_else(|| self.root().to_owned())
    }

    fn root(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The base URL as it appears in reports and recordings.
    pub(crate) fn display_base(&self) -> String {
        self.display_url(self.root())
    }

    /// A URL of this server as it appears in reports and recordings.
    pub(crate) fn display_url(&self, url: &str) -> String {
        match (&self.alias, url.strip_prefix(self.root())) {
            (Some(alias), Some(rest)) => format!("http://{alias}{rest}"),
            _ => url.to_owned(),
        }
    }

    /// The base URL with the path of the contract's servers, and that path, if the base URL has another one.
    pub(crate) fn other_base(&self) -> Option<(String, String)> {
        let path = self.other_base_path.clone()?;
        let origin = self.alias.as_ref().map_or_else(|| self.base.origin().ascii_serialization(), |alias| format!("http://{alias}"));
        Some((format!("{origin}{path}"), path))
    }

    /// Whether a URL has the origin of this server.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Whether the server is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(&self.base)
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// One resource.
    pub(crate) fn resource(&self, id: &str, query: &str) -> String {
        self.of(&self.resource, id, query)
    }

    /// A URL of an operation on a resource.
    pub(crate) fn of(&self, template: &PathTemplate, id: &str, query: &str) -> String {
        self.url(&template.fill(|_| segment(id)), query)
    }

    /// A page of the list.
    pub(crate) fn page(&self, template: &PathTemplate, query: &str) -> String {
        self.url(&template.0, query)
    }

    /// An artifact of a resource.
    pub(crate) fn artifact(&self, template: &PathTemplate, id: &str, parameter: &str, path: &str) -> String {
        self.url(&template.fill(|name| segment(if name == parameter { path } else { id })), "")
    }

    fn url(&self, path: &str, query: &str) -> String {
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{}{path}{separator}{query}", self.root())
    }
}

/// A value as one path segment.
fn segment(value: &str) -> String {
    utf8_percent_encode(value, SEGMENT).to_string()
}

/// A query with one parameter.
pub(crate) fn query_parameter(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
}

/// The base path of the first server, if no server has the path of the base URL.
fn other_base_path(contract: &Contract, operation: &Operation, base: &Url) -> Option<String> {
    let servers = if operation.servers.is_empty() { contract.servers() } else { &operation.servers };
    let path = base.path().trim_end_matches('/');
    let is_known = servers.iter().any(|server| server.below(path).contains(&""));
    let is_set = contract.config().check.base_paths.iter().any(|known| known.trim_end_matches('/') == path);
    servers.first().filter(|_| !is_known && !is_set).map(|server| server.base_path.clone())
}

/// Whether a rule compares responses of an operation with earlier ones: its own, or those of other operations.
fn is_compared(contract: &Contract, operation: &Operation, with_others: bool) -> bool {
    let rules = contract.invariants().invariants.iter().filter(|rule| rule.old.is_some() && rule.earlier.is_some() == with_others);
    rules.flat_map(|rule| &rule.uses).any(|response| response.operation == operation.id && response.excluded.is_none())
}

fn base(text: &str, allow_plain_http: bool) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|error| Error::BaseUrl(error.into()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Credentials);
    }
    let Some(host) = url.host_str() else { return Err(Error::BaseUrl(BaseUrlError::NoHost)) };
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::BaseUrl(BaseUrlError::QueryOrFragment));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_plain_http || is_loopback(&url) => Ok(url),
        "http" => Err(Error::PlainHttp(host.to_owned())),
        other => Err(Error::BaseUrl(BaseUrlError::Scheme(other.to_owned()))),
    }
}

/// Whether requests to a URL stay on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The queries for a resource. An empty query requests no section.
fn queries(contract: &Contract, sections: &Sections) -> Result<Vec<String>, Error> {
    if *sections == Sections::None {
        return Ok(vec![String::new()]);
    }
    let setting = "[sections]";
    let config = contract.config().sections.as_ref().ok_or(Error::Setting { feature: Feature::Sections, setting })?;
    let query = |sections: &[&str]| match sections {
        [] => String::new(),
        _ => query_parameter(&config.parameter, &sections.join(",")),
    };
    match sections {
        Sections::None => Ok(vec![String::new()]),
        Sections::Named(named) => {
            if let Some(found) = named.iter().find(|section| !config.values.contains(section)) {
                let known = config.values.join(", ");
                return Err(Error::Section { found: found.clone(), parameter: config.parameter.clone(), known });
            }
            Ok(vec![query(&named.iter().map(String::as_str).collect::<Vec<_>>())])
        }
        Sections::AllCombinations => {
            let combined = &config.values[..config.values.len().min(MAX_COMBINED)];
            let queries = (0..1u32 << combined.len()).map(|choice| {
                let chosen = combined.iter().enumerate().filter(|(at, _)| choice & (1 << at) != 0);
                query(&chosen.map(|(_, section)| section.as_str()).collect::<Vec<_>>())
            });
            Ok(queries.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for url in ["http://127.0.0.1:8080", "http://[::1]/x", "http://localhost", "http://api.localhost:1", "https://api.example.com/eu"] {
            assert!(base(url, false).is_ok(), "{url}");
        }
        for url in ["http://api.example.com", "http://10.0.0.1", "http://localhost.example.com", "http://128.0.0.1"] {
            assert!(matches!(base(url, false), Err(Error::PlainHttp(_))), "{url}");
            assert!(base(url, true).is_ok(), "{url}");
        }
        for url in ["https://user:secret@host", "https://secret@host"] {
            let error = base(url, true).expect_err("credentials");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        for url in ["ftp://host", "host", "", "https://host/?a=1", "data:x"] {
            assert!(matches!(base(url, true), Err(Error::BaseUrl(_))), "{url}");
        }
    }

    #[test]
    fn an_id_stays_one_segment() {
        let template = PathTemplate("/api/parcels/{id}/photos/{path}".to_owned());
        let filled = template.fill(|name| segment(if name == "id" { "a/../b?c" } else { "out/ü.txt" }));
        assert_eq!(filled, "/api/parcels/a%2F..%2Fb%3Fc/photos/out%2F%C3%BC.txt");
    }
}
