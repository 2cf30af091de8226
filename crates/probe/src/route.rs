//! The contract's operations as URLs of one server.

use std::sync::Arc;

use charter_contract::{ArtifactsConfig, ListConfig, Operation};
use charter_engine::Contract;
use url::{Host, Url};

use crate::endpoint::Endpoint;
use crate::error::{BaseUrlError, Error, Feature};
use crate::finished::Finished;
use crate::plan::{Plan, Sections, Subjects};
use crate::serialise::query_parameter;
use crate::step::Steps;

/// The maximum number of sections whose combinations are requested: 1024 requests for each resource.
const MAX_COMBINED: usize = 10;

/// The endpoints of a plan, and their URLs.
#[derive(Debug)]
pub(crate) struct Routes {
    base: Url,
    /// Replaces the base URL in reports and recordings.
    alias: Option<String>,
    /// The base path of the first server, if no server has the path of the base URL.
    other_base_path: Option<String>,
    pub(crate) requests: Requests,
}

/// The requests of a plan.
#[derive(Debug)]
pub(crate) enum Requests {
    /// For single resources of one operation.
    Resources(Box<ResourceRequests>),
    /// For operations, in the order of their dependencies.
    Operations(Steps),
}

/// The requests for the resources of one operation.
#[derive(Clone, Debug)]
pub(crate) struct ResourceRequests {
    /// The resource. Its only parameter without a value is the id; without one, there is a single resource.
    pub(crate) resource: Arc<Endpoint>,
    /// The queries that are sent for each resource.
    pub(crate) queries: Vec<String>,
    pub(crate) finished: Option<Finished>,
    /// The query parameter that selects sections.
    pub(crate) sections_parameter: Option<String>,
    pub(crate) list: Option<(Arc<Endpoint>, ListConfig)>,
    pub(crate) artifacts: Option<(Arc<Endpoint>, ArtifactsConfig)>,
    /// Other operations on a resource.
    pub(crate) related: Vec<Related>,
    /// Whether rules compare the resource with the responses of related operations.
    pub(crate) is_compared: bool,
}

/// Another operation on a resource.
#[derive(Clone, Debug)]
pub(crate) struct Related {
    pub(crate) endpoint: Arc<Endpoint>,
    /// Whether rules compare its responses with each other.
    pub(crate) is_compared: bool,
}

impl ResourceRequests {
    fn new(contract: &Contract, plan: &Plan) -> Result<Self, Error> {
        let config = &contract.config().probe;
        let operation = |id: &str, setting| {
            let found = contract.operation(id);
            found.ok_or_else(|| Error::Operation { setting, id: id.to_owned() })
        };
        let operation_setting = "`operation` under [probe]";
        let operation_of_resources = match (&plan.operation, config.operation.as_ref().or(contract.config().check.operation.as_ref())) {
            (Some(id), _) => contract.operation(id).ok_or_else(|| Error::unknown_operation(contract, id))?,
            (None, Some(id)) => operation(id, operation_setting)?,
            (None, None) => {
                let resources = || contract.operations().iter().filter(|operation| operation.method.0 == "GET");
                let has_id = |operation: &&Operation| Endpoint::unknown_in(contract, plan, operation).len() == 1;
                let found = resources().find(has_id).or_else(|| resources().next());
                found.ok_or(Error::Setting { feature: Feature::Resources, setting: operation_setting })?
            }
        };
        if operation_of_resources.method.0 != "GET" {
            let Operation { id, method, .. } = operation_of_resources;
            return Err(Error::NotGet { id: id.clone(), method: method.to_string() });
        }
        let path_error = |operation: &Operation| Error::Path { id: operation.id.clone(), path: operation.path.to_string() };
        let resource = endpoint(contract, plan, operation_of_resources)?;
        let [parameter] = resource.unknown()[..] else { return Err(path_error(operation_of_resources)) };
        let list = match (&plan.subjects, &config.list) {
            (Subjects::Listed { .. }, None) => return Err(Error::Setting { feature: Feature::List, setting: "[probe.list]" }),
            (Subjects::Listed { .. }, Some(list)) => {
                let operation = operation(&list.operation, "`operation` under [probe.list]")?;
                let endpoint = endpoint(contract, plan, operation)?;
                if !endpoint.unknown().is_empty() {
                    return Err(Error::ListPath { id: operation.id.clone(), path: operation.path.to_string() });
                }
                Some((endpoint, list.clone()))
            }
            _ => None,
        };
        let artifacts = match (plan.artifacts, &config.artifacts) {
            (false, _) => None,
            (true, None) => return Err(Error::Setting { feature: Feature::Artifacts, setting: "[probe.artifacts]" }),
            (true, Some(artifacts)) => {
                let operation = operation(&artifacts.operation, "`operation` under [probe.artifacts]")?;
                let endpoint = endpoint(contract, plan, operation)?;
                let mut expected = vec![parameter, artifacts.parameter.as_str()];
                let mut found = endpoint.unknown();
                expected.sort_unstable();
                found.sort_unstable();
                if expected != found {
                    return Err(path_error(operation));
                }
                Some((endpoint, artifacts.clone()))
            }
        };
        let finished = config.finished.as_deref().filter(|_| plan.until_finished);
        if plan.until_finished && finished.is_none() {
            return Err(Error::Setting { feature: Feature::UntilFinished, setting: "`finished` under [probe]" });
        }
        let finished = finished.map(Finished::parse).transpose().map_err(Error::Finished)?;
        let others = contract.operations().iter();
        let others = others.filter(|other| plan.related && other.id != operation_of_resources.id && other.method.0 == "GET");
        let others = others.filter(|other| Endpoint::unknown_in(contract, plan, other) == [parameter]);
        // An operation that needs more than the id is not related.
        let related: Vec<_> = others
            .filter_map(|other| {
                let endpoint = endpoint(contract, plan, other).ok()?;
                Some(Related { endpoint, is_compared: is_compared(contract, other, false) })
            })
            .collect();
        Ok(Self {
            queries: queries(contract, &plan.sections)?,
            resource: resource.clone(),
            finished,
            sections_parameter: contract.config().sections.as_ref().map(|sections| sections.parameter.clone()),
            list,
            artifacts,
            is_compared: !related.is_empty() && is_compared(contract, operation_of_resources, true),
            related,
        })
    }
}

fn endpoint(contract: &Contract, plan: &Plan, operation: &Operation) -> Result<Arc<Endpoint>, Error> {
    Endpoint::new(contract, plan, operation).map(Arc::new)
}

impl Routes {
    pub(crate) fn new(contract: &Contract, plan: &Plan, base: Url) -> Result<Self, Error> {
        let requests = match &plan.subjects {
            Subjects::Operations { ids, limit } => Requests::Operations(Steps::new(contract, plan, ids, *limit)?),
            _ => Requests::Resources(Box::new(ResourceRequests::new(contract, plan)?)),
        };
        let operation = match &requests {
            Requests::Resources(requests) => contract.operation(&requests.resource.id),
            Requests::Operations(_) => contract.operations().first(),
        };
        Ok(Self {
            other_base_path: operation.and_then(|operation| other_base_path(contract, operation, &base)),
            base,
            alias: plan.repeatable.as_ref().map(|repeatable| repeatable.name.clone()),
            requests,
        })
    }

    /// The name of the server in reports.
    pub(crate) fn name(&self) -> String {
        self.alias.clone().unwrap_or_else(|| self.root().to_owned())
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
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

    /// The URL of an endpoint with these values of its parameters without a value, in order, and an additional query.
    pub(crate) fn url(&self, endpoint: &Endpoint, values: &[&str], query: &str) -> String {
        format!("{}{}", self.root(), endpoint.target(values, query))
    }

    /// A URL that a page of the list names, relative to that page; `None` if it is not a URL of this server.
    pub(crate) fn next_page(&self, page: &str, next: &str) -> Option<String> {
        let url = Url::parse(page).ok()?.join(next).ok()?;
        self.is_own(&url).then(|| url.to_string())
    }
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

/// The base URL of a plan.
pub(crate) fn base(text: &str, allow_plain_http: bool) -> Result<Url, Error> {
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
}
