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
use charter_report::{Finding, FindingKind, PromiseSource};
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
    known: HashMap<String, (u64, Box<str>)>,
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
        Some(Self { config, rules, subject, known: HashMap::new(), swept: 0 })
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
            let rule = self.rules.iter().find(|(name, _)| finding.rule.as_ref() == Some(name)).map(|(_, rule)| *rule);
            match rule {
                Some(rule) if judgement.is_compared_over_time(rule) => deferred.push(DeferredFinding { rule, finding }),
                Some(rule) if judgement.breaks(rule) => {}
                _ => judgement.findings.push(finding),
            }
        }
        deferred
    }

    fn findings(&mut self, contract: &Contract, entry: u64, exchange: &Exchange, operation: Option<&str>) -> Vec<Finding> {
        let (is_subject, is_download) = (operation == Some(&*self.subject), operation == Some(&*self.config.operation));
        if !is_subject && !is_download {
            return Vec::new();
        }
        let (Some(request), Some(response)) = (&exchange.request, &exchange.response) else { return Vec::new() };
        let Ok(matched) = operation_for(contract, request) else { return Vec::new() };
        let mut others = matched.path.iter().filter(|(name, _)| **name != self.config.parameter);
        let Some((_, resource)) = others.next() else { return Vec::new() };
        if is_subject {
            self.remember(entry, resource, response);
        } else if let Some(path) = matched.path.get(&self.config.parameter)
            && let Some((_, files)) = self.known.get(resource).filter(|(seen, _)| seen + WINDOW >= entry)
            && let Some(described) = self.described(files).into_iter().find(|file| file.path == *path)
        {
            return compare(&described, response, matched.operation, exchange.error.is_some());
        }
        Vec::new()
    }

    fn remember(&mut self, entry: u64, resource: &str, response: &Response) {
        let Some(bytes) = response.body().bytes() else { return };
        if !(200..300).contains(&response.status) {
            return;
        }
        let files = json::locate(bytes, &self.config.files).and_then(|range| std::str::from_utf8(&bytes[range]).ok());
        if let Some(files) = files {
            self.state(entry, StatedArtifacts { resource: resource.to_owned(), files: files.into() });
        }
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

fn compare(described: &DescribedArtifact, response: &Response, operation: &Operation, is_cut: bool) -> Vec<Finding> {
    let finding = |rule: &str, kind, severity, message: String, found: Value, promised: String| {
        let mut finding = http(rule, severity, message, promised, "");
        finding.kind = FindingKind::Artifact;
        finding.operation = Some(operation.id.clone());
        finding.promise = PromiseSource { kind, where_: operation.location.to_string() };
        finding.found = Some(found);
        finding
    };
    let implied = |rule: &str, message: String, found: Value, promised: String| {
        finding(rule, PromiseKind::Implied, Severity::Warning, message, found, promised)
    };
    let status = response.status;
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
    let size = match response.body() {
        Body::Bytes { bytes, .. } => Some(bytes.len() as u64),
        Body::Digest { size, .. } => Some(*size),
        _ => None,
    };
    if let (Some(wanted), Some(size)) = (described.size, size.filter(|_| !is_cut))
        && wanted != size
    {
        let message = format!("the artifact {} has {size} bytes; the resource states {wanted}", described.path);
        findings.push(implied("artifact.length", message, size.into(), format!("{wanted} bytes")));
    }
    let essence = |field: &str| field.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let found = response.headers().get_all("content-type").first().map(|field| essence(field));
    if let Some(wanted) = described.content_type.as_deref().map(essence).filter(|wanted| !wanted.is_empty())
        && (found.is_some() || response.headers().complete)
        && found.as_ref() != Some(&wanted)
    {
        let actual = found.clone().unwrap_or_else(|| "none".to_owned());
        let message = format!("the artifact {} has the content type {actual}; the resource states {wanted}", described.path);
        findings.push(implied("artifact.content-type", message, found.map_or(Value::Null, Value::from), wanted));
    }
    let last = described.path.rsplit('/').next().unwrap_or_default();
    if let Some(name) = response.headers().get_all("content-disposition").first().and_then(|field| file_name(field))
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
