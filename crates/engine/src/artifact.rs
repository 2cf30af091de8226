//! Compares downloads with what resources stated of them.
//!
//! What the latest responses stated is remembered for a while, and later downloads are compared with it. If a rule of the contract makes
//! the same statement (`[probe.artifacts.rules]`), its finding replaces the one here, so that the fault is not reported twice. Some of
//! these rules are evaluated later, when observations are compared; the finding is deferred until then.

use std::collections::HashMap;

use charter_contract::invariant::{PromiseKind, Severity};
use charter_contract::{ArtifactsConfig, Contract, Operation, json};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::judge::Judgement;
use crate::operation::{http, operation_for, subject};
use crate::surroundings::request_of;
use charter_report::{ExchangeInfo, Finding, FindingKind, PromiseSource, RequestInfo};
use charter_traffic::exchange::{Body, Exchange, Response};

/// Number of exchanges after which a statement is forgotten. It counts all exchanges, so that all partitions forget at the same point.
const WINDOW: u64 = 16_384;

/// Compares downloads with earlier statements about them.
#[derive(Debug)]
pub(crate) struct Artifacts {
    config: ArtifactsConfig,
    /// The rule that replaces a finding, by the name of the finding.
    rules: Vec<(String, usize)>,
    /// The operation that returns a resource.
    subject: String,
    /// By resource: the exchange that stated it, and the list as JSON text. Most lists are never compared with a download.
    known: HashMap<String, (u64, Box<str>), foldhash::fast::RandomState>,
    /// The exchange at which old statements were removed last.
    swept: u64,
}

/// A finding that a rule may replace, which is evaluated later.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeferredFinding {
    /// The rule's index in the contract.
    pub(crate) rule: usize,
    pub(crate) finding: Finding,
}

/// What a response states of the artifacts of a resource.
#[derive(Debug)]
pub(crate) struct StatedArtifacts {
    pub(crate) resource: String,
    /// The list as JSON text.
    pub(crate) files: Box<str>,
}

/// What an exchange says of artifacts.
enum ArtifactFacts {
    Stated(Box<str>),
    Downloaded { path: String, download: Download },
}

/// What a split stores of an exchange that says something of artifacts: exchanges of other splits may be compared with it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ArtifactRecord {
    /// The list of a resource, as JSON text.
    Stated(Box<str>),
    /// A download.
    Downloaded(Box<DownloadRecord>),
}

/// A download, and what its judgement in the split was.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DownloadRecord {
    path: String,
    download: Download,
    /// The rules that are evaluated when observations are compared, and those that failed.
    over_time: Vec<usize>,
    broken: Vec<usize>,
    pub(crate) info: ExchangeInfo,
    pub(crate) request: Option<RequestInfo>,
    pub(crate) is_kept: bool,
    /// Whether a program accepted the body of the response.
    pub(crate) is_decided: bool,
    /// The number of findings of the exchange.
    pub(crate) findings: u64,
}

/// What a download shows.
#[derive(Debug, Serialize, Deserialize)]
struct Download {
    operation: String,
    /// The location of the operation in the contract.
    location: String,
    status: u16,
    size: Option<u64>,
    content_type: Option<String>,
    disposition: Option<String>,
    /// Whether all header fields are known.
    is_complete: bool,
    /// Whether the response was not received completely.
    is_cut: bool,
}

impl Download {
    fn new(response: &Response, operation: &Operation, is_cut: bool) -> Self {
        let size = match response.body() {
            Body::Bytes { bytes, .. } => Some(bytes.len() as u64),
            Body::Digest { size, .. } => Some(*size),
            _ => None,
        };
        let first = |name: &str| response.headers().get_all(name).first().map(|field| (*field).to_owned());
        Self {
            operation: operation.id.clone(),
            location: operation.location.to_string(),
            status: response.status,
            size,
            content_type: first("content-type"),
            disposition: first("content-disposition"),
            is_complete: response.headers().complete,
            is_cut,
        }
    }
}

/// What a resource states of an artifact.
#[derive(Clone, Debug, PartialEq)]
struct DescribedArtifact {
    path: String,
    name: Option<String>,
    size: Option<u64>,
    content_type: Option<String>,
}

impl Artifacts {
    /// `None` if the contract configures no artifacts.
    pub(crate) fn new(contract: &Contract) -> Option<Self> {
        let config = contract.config().probe.artifacts.clone()?;
        let subject = subject(contract)?.id.clone();
        let invariants = &contract.invariants().invariants;
        let index_of = |id: &str| invariants.iter().position(|rule| rule.id == id);
        let rules = config.rules.named().filter_map(|(key, id)| Some((format!("artifact.{key}"), index_of(id)?))).collect();
        Some(Self { config, rules, subject, known: HashMap::default(), swept: 0 })
    }

    /// Remembers what an exchange states of artifacts, or compares its download. `entry` is its index among all entries. Findings are added
    /// to the judgement unless a rule replaces them; those whose rule is evaluated later are returned.
    pub(crate) fn inspect(
        &mut self,
        contract: &Contract,
        entry: u64,
        exchange: &Exchange,
        judgement: &mut Judgement,
    ) -> Vec<DeferredFinding> {
        let mut deferred = Vec::new();
        for finding in self.findings(contract, entry, exchange, judgement.operation.as_deref()) {
            match self.rule_of(&finding) {
                Some(rule) if judgement.is_compared_over_time(rule) => deferred.push(DeferredFinding { rule, finding }),
                Some(rule) if judgement.breaks(rule) => {}
                _ => judgement.findings.push(finding),
            }
        }
        deferred
    }

    fn findings(&mut self, contract: &Contract, entry: u64, exchange: &Exchange, operation: Option<&str>) -> Vec<Finding> {
        match self.facts(contract, exchange, operation) {
            Some((resource, ArtifactFacts::Stated(files))) => self.state(entry, StatedArtifacts { resource, files }),
            Some((resource, ArtifactFacts::Downloaded { path, download })) => return self.compare(entry, &resource, &path, &download),
            None => {}
        }
        Vec::new()
    }

    /// What an exchange states of the artifacts of a resource, or the artifact of a resource that it downloads.
    fn facts(&self, contract: &Contract, exchange: &Exchange, operation: Option<&str>) -> Option<(String, ArtifactFacts)> {
        let (is_subject, is_download) = (operation == Some(&*self.subject), operation == Some(&*self.config.operation));
        if !is_subject && !is_download {
            return None;
        }
        let (request, response) = (exchange.request.as_ref()?, exchange.response.as_ref()?);
        let matched = operation_for(contract, request).ok()?;
        let mut others = matched.path.iter().filter(|(name, _)| **name != self.config.parameter);
        let (_, resource) = others.next()?;
        let facts = if is_subject {
            ArtifactFacts::Stated(self.stated(response)?)
        } else {
            let path = matched.path.get(&self.config.parameter)?.clone();
            ArtifactFacts::Downloaded { path, download: Download::new(response, matched.operation, exchange.error.is_some()) }
        };
        Some((resource.clone(), facts))
    }

    /// The facts of an exchange that [`Artifacts::compare_record`] needs, and the resource.
    pub(crate) fn record(
        &self,
        contract: &Contract,
        exchange: &Exchange,
        judgement: &Judgement,
        info: &ExchangeInfo,
    ) -> Option<(String, ArtifactRecord)> {
        let (resource, facts) = self.facts(contract, exchange, judgement.operation.as_deref())?;
        let rules = |of: &dyn Fn(usize) -> bool| self.rules.iter().map(|(_, rule)| *rule).filter(|rule| of(*rule)).collect();
        let record = match facts {
            ArtifactFacts::Stated(files) => ArtifactRecord::Stated(files),
            ArtifactFacts::Downloaded { path, download } => ArtifactRecord::Downloaded(Box::new(DownloadRecord {
                path,
                download,
                over_time: rules(&|rule| judgement.is_compared_over_time(rule)),
                broken: rules(&|rule| judgement.breaks(rule)),
                info: info.clone(),
                request: request_of(exchange),
                is_kept: judgement.is_kept(),
                is_decided: judgement.decided,
                findings: judgement.findings.len() as u64,
            })),
        };
        Some((resource, record))
    }

    /// Compares a download with what was stated before. Returns the findings that no rule replaces, and those that a rule may replace.
    pub(crate) fn compare_record(&self, entry: u64, resource: &str, record: &DownloadRecord) -> (Vec<Finding>, Vec<DeferredFinding>) {
        let (mut findings, mut deferred) = (Vec::new(), Vec::new());
        for finding in self.compare(entry, resource, &record.path, &record.download) {
            match self.rule_of(&finding) {
                Some(rule) if record.over_time.contains(&rule) => deferred.push(DeferredFinding { rule, finding }),
                Some(rule) if record.broken.contains(&rule) => {}
                _ => findings.push(finding),
            }
        }
        (findings, deferred)
    }

    fn compare(&self, entry: u64, resource: &str, path: &str, download: &Download) -> Vec<Finding> {
        if let Some((_, files)) = self.known.get(resource).filter(|(seen, _)| seen + WINDOW >= entry)
            && let Some(described) = self.described(files).into_iter().find(|file| file.path == path)
        {
            return compare(&described, download);
        }
        Vec::new()
    }

    /// The rule that replaces a finding.
    fn rule_of(&self, finding: &Finding) -> Option<usize> {
        self.rules.iter().find(|(name, _)| finding.rule.as_ref() == Some(name)).map(|(_, rule)| *rule)
    }

    fn stated(&self, response: &Response) -> Option<Box<str>> {
        let bytes = response.body().bytes()?;
        if !(200..300).contains(&response.status) {
            return None;
        }
        let files = json::locate(bytes, &self.config.files).and_then(|range| std::str::from_utf8(&bytes[range]).ok());
        files.map(Into::into)
    }

    /// Remembers what a response states.
    pub(crate) fn state(&mut self, entry: u64, stated: StatedArtifacts) {
        if stated.files.starts_with('[') {
            self.known.insert(stated.resource, (entry, stated.files));
        }
        if self.swept + WINDOW < entry {
            self.known.retain(|_, (seen, _)| *seen + WINDOW >= entry);
            self.swept = entry;
        }
    }

    /// Forgets what was stated.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }

    /// The artifacts of a list.
    fn described(&self, files: &str) -> Vec<DescribedArtifact> {
        let Ok(files) = serde_json::from_str::<Vec<Value>>(files) else { return Vec::new() };
        let text = |file: &Value, pointer: &str| file.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let described = files.iter().filter_map(|file| {
            Some(DescribedArtifact {
                path: text(file, &self.config.path)?,
                name: text(file, "/name"),
                size: self.config.size.as_deref().and_then(|pointer| whole(file.pointer(pointer)?)),
                content_type: self.config.content_type.as_deref().and_then(|pointer| text(file, pointer)),
            })
        });
        described.collect()
    }
}

/// A length written as an integer; `5.0` counts.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|size| size.fract() == 0.0 && (0.0..9e15).contains(size)).map(|size| size as u64))
}

fn compare(described: &DescribedArtifact, download: &Download) -> Vec<Finding> {
    let finding = |rule: &str, kind, severity, message: String, found: Value, promised: String| {
        let mut finding = http(rule, severity, message, promised, "");
        finding.kind = FindingKind::Artifact;
        finding.operation = Some(download.operation.clone());
        finding.promise = PromiseSource { kind, where_: download.location.clone() };
        finding.found = Some(found);
        finding
    };
    let implied = |rule: &str, message: String, found: Value, promised: String| {
        finding(rule, PromiseKind::Implied, Severity::Warning, message, found, promised)
    };
    let status = download.status;
    // A busy or broken server, or a refused request, says nothing about the artifact.
    if matches!(status, 401 | 403 | 429 | 500..=599) {
        return Vec::new();
    }
    if !(200..300).contains(&status) {
        let message = format!("the artifact {} is listed, but its download has status {status}", described.path);
        return vec![finding(
            "artifact.missing",
            PromiseKind::Documented,
            Severity::Error,
            message,
            status.into(),
            "every artifact that is listed can be downloaded".to_owned(),
        )];
    }
    let mut findings = Vec::new();
    if let (Some(wanted), Some(size)) = (described.size, download.size.filter(|_| !download.is_cut))
        && wanted != size
    {
        let message = format!("the artifact {} has {size} bytes; the resource states {wanted}", described.path);
        findings.push(implied("artifact.length", message, size.into(), format!("{wanted} bytes")));
    }
    let essence = |field: &str| field.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let found = download.content_type.as_deref().map(essence);
    if let Some(wanted) = described.content_type.as_deref().map(essence).filter(|wanted| !wanted.is_empty())
        && (found.is_some() || download.is_complete)
        && found.as_ref() != Some(&wanted)
    {
        let actual = found.clone().unwrap_or_else(|| "none".to_owned());
        let message = format!("the artifact {} has the content type {actual}; the resource states {wanted}", described.path);
        findings.push(implied("artifact.content-type", message, found.map_or(Value::Null, Value::from), wanted));
    }
    let last = described.path.rsplit('/').next().unwrap_or_default();
    if let Some(name) = download.disposition.as_deref().and_then(file_name)
        && name != last
        && Some(&name) != described.name.as_ref()
    {
        let message = format!("the artifact {} is downloaded under the name {name}", described.path);
        findings.push(implied("artifact.name", message, name.into(), last.to_owned()));
    }
    findings
}

/// The file name of a `Content-Disposition`, its extended form first.
fn file_name(field: &str) -> Option<String> {
    let parameter = |wanted: &str| {
        field.split(';').skip(1).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = parameter("filename*").and_then(|value| {
        let encoded = value.splitn(3, '\'').nth(2)?.to_owned();
        Some(percent_decode_str(&encoded).decode_utf8().ok()?.into_owned())
    });
    extended.or_else(|| parameter("filename"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_read_from_either_form() {
        let cases = [
            ("attachment; filename=\"a.txt\"", Some("a.txt")),
            ("inline;filename=a.txt", Some("a.txt")),
            ("attachment; filename=\"x\"; filename*=UTF-8''%C3%BC.txt", Some("ü.txt")),
            ("attachment", None),
        ];
        for (field, name) in cases {
            assert_eq!(file_name(field).as_deref(), name, "{field}");
        }
    }
}
