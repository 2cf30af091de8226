//! The contract's operations as URLs of one server.

use charter_contract::{ArtifactsConfig, ListConfig, Operation};
use charter_engine::Contract;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

use crate::error::Error;
use crate::plan::{Expand, Plan, Subjects};

/// What a segment of a path leaves as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What a value of a query leaves as it is; commas stay readable.
const QUERY: &AsciiSet = &SEGMENT.remove(b',');

/// Which URLs a plan asks for.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    base: Url,
    /// How reports and recordings call the server, where not by its URL.
    alias: Option<String>,
    /// The path of one resource, with the parameter in braces.
    subject: Template,
    /// Every query that is asked of a resource.
    pub(crate) queries: Vec<String>,
    pub(crate) secured: bool,
    pub(crate) finished: Option<String>,
    pub(crate) expand: Option<String>,
    pub(crate) list: Option<(Template, ListConfig)>,
    pub(crate) artifacts: Option<(Template, ArtifactsConfig)>,
    /// Other questions about a resource.
    pub(crate) related: Vec<Related>,
    /// Whether answers about a resource are compared with the answers to other questions.
    pub(crate) is_compared: bool,
}

/// Another question about a resource.
#[derive(Clone, Debug)]
pub(crate) struct Related {
    pub(crate) template: Template,
    /// Whether its answers are compared with each other.
    pub(crate) is_compared: bool,
}

/// A path with parameters in braces.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    path: String,
}

impl Template {
    fn parameters(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
    }

    fn fill(&self, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.path.clone(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), &utf8_percent_encode(value, SEGMENT).to_string())
        })
    }
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
        let subject = match (named, contract.operations().first()) {
            (Some(id), _) => operation(id, "`operation` under [probe]")?,
            (None, Some(first)) => first,
            (None, None) => return Err(Error::Setting { what: "a probe", setting: "`operation` under [probe]" }),
        };
        let template = template(subject);
        let [parameter] = template.parameters()[..] else {
            return Err(Error::Path { id: subject.id.clone(), path: template.path });
        };
        let parameter = parameter.to_owned();
        let list = match (&plan.subjects, &config.list) {
            (Subjects::Ids(_), _) => None,
            (Subjects::Listed { .. }, None) => return Err(Error::Setting { what: "--list", setting: "[probe.list]" }),
            (Subjects::Listed { .. }, Some(list)) => {
                Some((self::template(operation(&list.operation, "`operation` under [probe.list]")?), list.clone()))
            }
        };
        let artifacts = match (plan.artifacts, &config.artifacts) {
            (false, _) => None,
            (true, None) => return Err(Error::Setting { what: "--artifacts", setting: "[probe.artifacts]" }),
            (true, Some(artifacts)) => {
                let operation = operation(&artifacts.operation, "`operation` under [probe.artifacts]")?;
                let template = self::template(operation);
                let mut wanted = vec![parameter.as_str(), artifacts.parameter.as_str()];
                let mut found = template.parameters();
                wanted.sort_unstable();
                found.sort_unstable();
                if wanted != found {
                    return Err(Error::Path { id: operation.id.clone(), path: template.path });
                }
                Some((template, artifacts.clone()))
            }
        };
        if plan.until_finished && config.finished.is_none() {
            return Err(Error::Setting { what: "--until-finished", setting: "`finished` under [probe]" });
        }
        let others = contract.operations().iter().filter(|other| plan.related && other.id != subject.id && other.method.0 == "GET");
        let others = others.map(|other| Related { template: self::template(other), is_compared: is_compared(contract, other, false) });
        let related: Vec<_> = others.filter(|other| other.template.parameters() == [parameter.as_str()]).collect();
        Ok(Self {
            base,
            alias: plan.repeatable.as_ref().map(|repeatable| repeatable.name.clone()),
            subject: template,
            queries: queries(contract, &plan.expand)?,
            secured: subject.secured,
            finished: config.finished.clone(),
            expand: config.expand.as_ref().map(|expand| expand.parameter.clone()),
            list,
            artifacts,
            is_compared: !related.is_empty() && is_compared(contract, subject, true),
            related,
        })
    }

    /// The server, as reports call it.
    pub(crate) fn name(&self) -> String {
        self.alias.clone().unwrap_or_else(|| self.root().to_owned())
    }

    fn root(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// A URL of this server, as reports and recordings show it.
    pub(crate) fn shown(&self, url: &str) -> String {
        match (&self.alias, url.strip_prefix(self.root())) {
            (Some(alias), Some(rest)) => format!("http://{alias}{rest}"),
            _ => url.to_owned(),
        }
    }

    /// Whether a URL is of this server.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Whether the server is this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(&self.base)
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// One resource.
    pub(crate) fn subject(&self, id: &str, query: &str) -> String {
        self.of(&self.subject, id, query)
    }

    /// Another question about a resource.
    pub(crate) fn of(&self, template: &Template, id: &str, query: &str) -> String {
        let parameters = template.parameters();
        let values: Vec<_> = parameters.iter().map(|parameter| (*parameter, id)).collect();
        self.url(&template.fill(&values), query)
    }

    /// A page of the list.
    pub(crate) fn page(&self, template: &Template, query: &str) -> String {
        self.url(&template.path, query)
    }

    /// An artifact of a resource.
    pub(crate) fn artifact(&self, template: &Template, id: &str, parameter: &str, path: &str) -> String {
        let parameters = template.parameters();
        let values: Vec<_> = parameters.iter().map(|name| (*name, if *name == parameter { path } else { id })).collect();
        self.url(&template.fill(&values), "")
    }

    fn url(&self, path: &str, query: &str) -> String {
        let question = if query.is_empty() { "" } else { "?" };
        format!("{}{path}{question}{query}", self.root())
    }
}

/// A parameter of a query.
pub(crate) fn query(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
}

/// Whether a rule compares answers of an operation with earlier ones: its own, or another's.
fn is_compared(contract: &Contract, operation: &Operation, with_others: bool) -> bool {
    let rules = contract.invariants().invariants.iter().filter(|rule| rule.old.is_some() && rule.earlier.is_some() == with_others);
    rules.flat_map(|rule| &rule.uses).any(|answer| answer.operation == operation.id && answer.excluded.is_none())
}

fn template(operation: &Operation) -> Template {
    Template { path: operation.path.0.clone() }
}

fn base(text: &str, allow_plain_http: bool) -> Result<Url, Error> {
    // The text may hold credentials: it is not repeated.
    let url = Url::parse(text).map_err(|error| Error::BaseUrl(error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Credentials);
    }
    let Some(host) = url.host_str() else { return Err(Error::BaseUrl("it names no host".to_owned())) };
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::BaseUrl("it ends in a query or a fragment".to_owned()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_plain_http || is_loopback(&url) => Ok(url),
        "http" => Err(Error::PlainHttp(host.to_owned())),
        other => Err(Error::BaseUrl(format!("the scheme is {other}"))),
    }
}

/// Whether what is sent to a URL stays on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Every query that is asked of a resource; an empty one asks for no section.
fn queries(contract: &Contract, expand: &Expand) -> Result<Vec<String>, Error> {
    if *expand == Expand::None {
        return Ok(vec![String::new()]);
    }
    let config = contract.config().probe.expand.as_ref().ok_or(Error::Setting { what: "--expand", setting: "[probe.expand]" })?;
    let joined = |sections: &[&str]| if sections.is_empty() { String::new() } else { query(&config.parameter, &sections.join(",")) };
    match expand {
        Expand::None => Ok(vec![String::new()]),
        Expand::Sections(sections) => {
            if let Some(found) = sections.iter().find(|section| !config.sections.contains(section)) {
                let known = config.sections.join(", ");
                return Err(Error::Section { found: found.clone(), parameter: config.parameter.clone(), known });
            }
            Ok(vec![joined(&sections.iter().map(String::as_str).collect::<Vec<_>>())])
        }
        Expand::All => {
            let every = (0..1u32 << config.sections.len().min(10)).map(|choice| {
                let chosen = config.sections.iter().take(10).enumerate().filter(|(at, _)| choice & (1 << at) != 0);
                joined(&chosen.map(|(_, section)| section.as_str()).collect::<Vec<_>>())
            });
            Ok(every.collect())
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
        let template = Template { path: "/api/runs/{id}/artifacts/{path}".to_owned() };
        assert_eq!(template.fill(&[("id", "a/../b?c"), ("path", "out/ü.txt")]), "/api/runs/a%2F..%2Fb%3Fc/artifacts/out%2F%C3%BC.txt");
        assert_eq!(template.parameters(), ["id", "path"]);
    }
}
