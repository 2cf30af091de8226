//! The body of a message: its media type, its value, and what violates the documented schema. Requests and responses are read alike.

use std::borrow::Cow;
use std::sync::Arc;

use charter_contract::invariant::Severity;
use charter_contract::{Content, Direction, Location, MediaTypeSpec, Operation, SchemaId, json};
use charter_program::Record;
use charter_report::{Finding, FindingKind, PromiseSource};
use charter_traffic::coding;
use charter_traffic::exchange::Message;
use serde_json::Value;

use super::judgement::NotJudged;
use super::programs::BodyProgram;
use super::reference::Reference;
use super::snippet::{excerpt, locate};
use crate::operation::http;
use crate::validate::{check_fields, foreign_findings};
use crate::wire::{self, BodyKind, Malformed, MediaType, Selection, Stored, Undecoded};

/// The maximum size of a decoded body.
const LIMIT: usize = 256 << 20;

/// A message and what the contract documents of its body.
#[derive(Clone, Copy)]
pub(super) struct Documented<'m> {
    pub(super) direction: Direction,
    pub(super) operation: &'m Operation,
    /// The documented media types.
    pub(super) content: &'m Content,
    /// The location of the request body or of the response.
    pub(super) location: &'m Location,
    pub(super) message: &'m Message,
    /// Whether the message cannot have a body: responses to HEAD, and the statuses 204, 205 and 304.
    pub(super) is_bodiless: bool,
    /// Whether only the body is known, and it is JSON.
    pub(super) is_bare: bool,
    /// Whether a proxy in front of the API may have sent the message.
    pub(super) may_be_foreign: bool,
}

/// What was read of a body.
#[derive(Default)]
pub(super) struct ReadBody<'m> {
    /// The value, if the body has one.
    pub(super) value: Option<Value>,
    /// The schema of the value.
    pub(super) schema: Option<SchemaId>,
    /// The program that accepted the body, and what it recorded. There is no value then.
    pub(super) decided: Option<(Arc<BodyProgram>, Record)>,
    /// The body that the program accepted, without white space around it.
    pub(super) text: Option<Cow<'m, [u8]>>,
    /// The documented media type or range that applies, as written.
    pub(super) key: Option<String>,
    /// The violations of the schema.
    pub(super) violations: Vec<Finding>,
    /// All other findings.
    pub(super) findings: Vec<Finding>,
    /// Why the body was not judged, though the contract documents it.
    pub(super) not_judged: Option<NotJudged>,
    /// Whether the media type is not documented.
    pub(super) is_undocumented: bool,
    /// Why the recording does not show the body.
    pub(super) missing: Option<String>,
}

impl Documented<'_> {
    fn part(&self) -> &'static str {
        match self.direction {
            Direction::Request => "request body",
            Direction::Response => "response body",
        }
    }

    /// The id of a check, by direction.
    fn id(&self, of_responses: &'static str, of_requests: &'static str) -> &'static str {
        match self.direction {
            Direction::Request => of_requests,
            Direction::Response => of_responses,
        }
    }

    fn finding(&self, id: &str, severity: Severity, message: String, promised: String) -> Finding {
        let mut finding = http(id, severity, message, promised, "");
        finding.direction = self.direction;
        finding.operation = Some(self.operation.id.clone());
        finding.promise = PromiseSource::documented(&self.location.child("content"));
        finding.absolute_keyword_location = Some(self.location.child("content").to_string());
        finding
    }

    /// The clause of a standard that promises something, instead of the contract.
    fn by_standard(&self, id: &str, severity: Severity, message: String, promised: &str, clause: &str) -> Finding {
        let mut finding = http(id, severity, message, promised.to_owned(), clause);
        finding.direction = self.direction;
        finding.operation = Some(self.operation.id.clone());
        finding
    }

    /// Whether the body is a part of a representation, RFC 9110, section 14.4. The value of a refused range begins with `bytes */`.
    fn is_partial(&self) -> bool {
        self.message.headers.get("content-range").is_some_and(|range| !range.contains("*/"))
    }

    fn documented_media_types(&self) -> String {
        self.content.keys().cloned().collect::<Vec<_>>().join(" or ")
    }

    fn not_judged(&self, reason: impl Into<String>) -> NotJudged {
        NotJudged { part: self.part(), reason: reason.into() }
    }
}

/// The documented media type of a body.
enum Chosen<'m> {
    /// It is documented.
    Spec(&'m MediaTypeSpec, MediaType),
    /// No body is documented, and the message names this media type.
    Undocumented(Option<MediaType>),
    /// The body is not judged.
    Nothing,
}

/// A text without the white space of JSON around it.
fn without_space(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] | [rest @ .., b' ' | b'\t' | b'\n' | b'\r'] = text {
        text = rest;
    }
    text
}

impl Reference {
    /// Reads the body of a message and judges it.
    pub(super) fn read_body<'m>(&self, documented: &Documented<'m>) -> ReadBody<'m> {
        let mut read = ReadBody::default();
        let body = &documented.message.body;
        let stored = match body.bytes() {
            Some(bytes) => bytes,
            None if documented.is_bodiless || documented.content.is_empty() => &[],
            None => {
                self.check_media_type_of_missing_body(documented, &mut read);
                if !read.is_undocumented && documented.content.all_schemas().next().is_some() {
                    read.missing = Some(body.why_absent().to_owned());
                }
                return read;
            }
        };
        if documented.is_bodiless {
            if !stored.is_empty() {
                let message = "the response has a body, but HTTP allows none for its method or status".to_owned();
                let clause = "RFC 9110, sections 6.4.1, 9.3.2, 15.3.5, 15.3.6 and 15.4.5";
                read.findings.push(documented.by_standard("http.unexpected-body", Severity::Error, message, "no body", clause));
            }
            return read;
        }
        let codings = documented.message.headers.get_all("content-encoding");
        let bytes = match coding::decode(stored, &codings, LIMIT) {
            Ok(bytes) => bytes,
            Err(error) => {
                // The media type does not depend on the coding.
                choose(documented, stored, &mut read);
                if error.is_violation() {
                    let id = documented.id("http.content-encoding", "request.content-encoding");
                    let message = format!("the content coding cannot be decoded: {error}");
                    let promised = format!("a body with the coding {}", codings.join(", "));
                    read.findings.push(documented.by_standard(id, Severity::Error, message, &promised, "RFC 9110, section 8.4"));
                } else if !read.is_undocumented {
                    read.not_judged = Some(documented.not_judged(error.to_string()));
                }
                return read;
            }
        };
        let is_decoded = matches!(bytes, Cow::Owned(_));
        let (spec, media_type) = match choose(documented, &bytes, &mut read) {
            Chosen::Nothing => return read,
            Chosen::Undocumented(media_type) => {
                // Rules may read a body that the contract does not document.
                if !bytes.is_empty() && media_type.is_none_or(|media_type| media_type.kind() == BodyKind::Json) {
                    match json::parse(&bytes) {
                        Ok(value) => read.value = Some(value),
                        Err(error) if documented.message.headers.get("content-type").is_some() => {
                            let malformed = Malformed::json(&error, bytes.len());
                            let position = |offset: usize| if is_decoded { None } else { body.position(offset) };
                            read.findings.push(self.malformed(documented, "syntax", &malformed, &bytes, &position));
                        }
                        Err(_) => {}
                    }
                }
                return read;
            }
            Chosen::Spec(spec, media_type) => (spec, media_type),
        };
        let key = documented.content.iter().find(|(_, known)| std::ptr::eq(*known, spec)).map(|(key, _)| key.clone());
        read.key = key.filter(|_| !documented.is_bare);
        if documented.is_partial() {
            read.not_judged = Some(documented.not_judged("`Content-Range` says that the body is a part of a representation"));
            return read;
        }
        self.read_documented(documented, spec, &media_type, &bytes, is_decoded, &mut read);
        read.text = read.decided.is_some().then(|| match bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(without_space(bytes)),
            Cow::Owned(bytes) => Cow::Owned(without_space(&bytes).to_vec()),
        });
        read
    }

    /// Judges the media type of a message whose body the recording does not have.
    fn check_media_type_of_missing_body(&self, documented: &Documented<'_>, read: &mut ReadBody<'_>) {
        if documented.message.headers.get("content-type").is_some() {
            choose(documented, b"?", read);
        }
    }

    fn read_documented(
        &self,
        documented: &Documented<'_>,
        spec: &MediaTypeSpec,
        media_type: &MediaType,
        bytes: &[u8],
        is_decoded: bool,
        read: &mut ReadBody<'_>,
    ) {
        let body = &documented.message.body;
        let position = |offset: usize| if is_decoded { None } else { body.position(offset) };
        let kind = media_type.kind();
        if kind == BodyKind::Json
            && let Some(schema) = spec.schema
            && let Some(program) = self.program(documented.direction, schema)
        {
            let mut record = Record::default();
            if program.accepts(without_space(bytes), &mut record) {
                (read.schema, read.decided) = (Some(schema), Some((program, record)));
                return;
            }
        }
        let stored = if is_decoded { Stored::Bytes } else { Stored::of(body) };
        let value = match wire::decode_body(self.contract.schemas(), spec, media_type, bytes, stored, LIMIT) {
            Ok(wire::Content::Items(items)) => {
                if let Some(schema) = spec.item_schema {
                    for (index, (item, range)) in items.iter().enumerate() {
                        let mut violations = self.validators(documented.direction).findings(&self.contract, schema, item);
                        for finding in &mut violations {
                            locate(finding, &bytes[range.clone()], |offset| position(range.start + offset));
                            finding.instance_location = format!("/{index}{}", finding.instance_location);
                            finding.direction = documented.direction;
                        }
                        read.findings.extend(violations);
                    }
                }
                wire::Candidates::one(items.into_iter().map(|(item, _)| item).collect::<Value>())
            }
            Ok(wire::Content::Parts { value, parts, violations }) => {
                for violation in violations {
                    read.findings.push(self.malformed(documented, "part", &violation, bytes, &position));
                }
                for (index, part) in parts.iter().enumerate() {
                    let named = part.name.as_ref().and_then(|name| spec.encoding.get(name));
                    let Some(encoding) = named.or_else(|| spec.encoding_at(index)) else { continue };
                    let name = if named.is_some() { part.name.clone().unwrap_or_default() } else { index.to_string() };
                    let fields = |wanted: &str| {
                        part.headers
                            .iter()
                            .filter(|(known, _)| known.eq_ignore_ascii_case(wanted))
                            .map(|(_, value)| value.as_str())
                            .collect()
                    };
                    let validators = self.validators(documented.direction);
                    for mut finding in check_fields(&self.contract, validators, &encoding.headers, &fields, true) {
                        finding.message = format!("the part `{name}`: {}", finding.message);
                        finding.direction = documented.direction;
                        finding.rule = Some(documented.id("http.part", "request.part").to_owned());
                        read.findings.push(finding);
                    }
                }
                match value {
                    Ok(value) => value,
                    Err(reason) => {
                        read.not_judged = Some(documented.not_judged(reason));
                        return;
                    }
                }
            }
            Ok(wire::Content::Value(value)) => value,
            Err(Undecoded::NotJudged(reason)) => {
                if spec.schema.is_some() || spec.item_schema.is_some() {
                    self.check_length(documented, spec, bytes, read);
                    read.not_judged = Some(documented.not_judged(reason));
                }
                return;
            }
            Err(Undecoded::Malformed(malformed)) => {
                read.findings.push(self.malformed(documented, "syntax", &malformed, bytes, &position));
                return;
            }
        };
        if kind == BodyKind::Json {
            read.findings.extend(self.roundings(documented, bytes, &position));
        }
        let validators = self.validators(documented.direction);
        let Some(schema) = spec.schema else {
            read.value = Some(value.natural());
            return;
        };
        match value.choose(|value| validators.is_valid(schema, value)) {
            Ok(value) => read.value = Some(value),
            Err(value) => {
                read.violations = validators.findings(&self.contract, schema, &value);
                read.value = Some(value);
            }
        }
        read.schema = Some(schema);
        // OpenAPI does not say which direction `readOnly` means for a request that the API sends.
        if let Some(value) = read.value.as_ref().filter(|_| !self.contract.is_webhook(documented.operation)) {
            let foreign = self.foreign(documented.direction).find(&self.contract, validators, schema, value);
            read.findings.extend(foreign_findings(&self.contract, documented.direction, foreign));
        }
        // Only a JSON body shows its values at their locations.
        if kind == BodyKind::Json {
            for finding in read.violations.iter_mut().chain(read.findings.iter_mut().filter(|finding| finding.position.is_none())) {
                locate(finding, bytes, position);
            }
        }
        for finding in read.violations.iter_mut().chain(&mut read.findings) {
            finding.direction = documented.direction;
        }
    }

    /// Judges the length of a body that is not decoded.
    fn check_length(&self, documented: &Documented<'_>, spec: &MediaTypeSpec, bytes: &[u8], read: &mut ReadBody<'_>) {
        let Some(schema) = spec.schema else { return };
        let keywords = &self.contract.schema(self.contract.target(schema)).keywords;
        let length = bytes.len() as u64;
        let violated = match (keywords.min_length, keywords.max_length) {
            (Some(least), _) if length < least => Some(("minLength", format!("at least {least} bytes"))),
            (_, Some(most)) if length > most => Some(("maxLength", format!("at most {most} bytes"))),
            _ => None,
        };
        if let Some((keyword, promised)) = violated {
            let location = &self.contract.schema(self.contract.target(schema)).location;
            let mut finding = documented.finding("", Severity::Error, format!("the body has {length} bytes"), promised);
            (finding.kind, finding.rule, finding.keyword) = (FindingKind::Schema, None, Some(keyword.to_owned()));
            finding.promise = PromiseSource::documented(&location.child(keyword));
            finding.absolute_keyword_location = Some(location.child(keyword).to_string());
            read.findings.push(finding);
        }
    }

    fn roundings(&self, documented: &Documented<'_>, bytes: &[u8], position: &dyn Fn(usize) -> Option<json::Position>) -> Vec<Finding> {
        let finding = |rounding: json::Rounding| {
            let message = format!("the number {} is rounded to {} in double precision", rounding.written, Value::from(rounding.read));
            let promised = "a number that a double represents exactly";
            let mut finding = documented.by_standard("syntax.rounded-number", Severity::Warning, message, promised, "RFC 8259, section 6");
            finding.kind = FindingKind::Syntax;
            finding.found = Some(Value::from(rounding.written));
            finding.position = position(rounding.bytes.start);
            finding
        };
        json::roundings(bytes).into_iter().map(finding).collect()
    }

    /// A finding for a body that violates the syntax of its media type.
    fn malformed(
        &self,
        documented: &Documented<'_>,
        what: &str,
        malformed: &Malformed,
        bytes: &[u8],
        position: &dyn Fn(usize) -> Option<json::Position>,
    ) -> Finding {
        let is_json = malformed.clause.starts_with("RFC 8259");
        let (id, promised) = match (what, is_json) {
            ("part", _) => (documented.id("http.part", "request.part"), "a part as its encoding describes it"),
            (_, true) => ("syntax.json", "JSON"),
            _ => ("syntax.body", "a body with the syntax of its media type"),
        };
        let mut finding = documented.by_standard(id, Severity::Error, malformed.message.clone(), promised, malformed.clause);
        if what != "part" {
            finding.kind = FindingKind::Syntax;
        }
        let at = malformed.offset.min(bytes.len());
        finding.position = position(malformed.offset).or_else(|| is_json.then(|| json::Position::of(bytes, at)));
        let (text, caret) = excerpt(bytes, at..bytes.len().min(at + 1));
        let met: String = String::from_utf8_lossy(&bytes[at..bytes.len().min(at + 80)]).chars().take(20).collect();
        finding.found = Some(if met.trim().is_empty() { "the end of the body".into() } else { met.into() });
        (finding.excerpt, finding.caret) = (Some(text), Some(caret));
        finding
    }
}

/// Chooses the documented media type of a body; adds findings if there is none.
fn choose<'m>(documented: &Documented<'m>, bytes: &[u8], read: &mut ReadBody<'_>) -> Chosen<'m> {
    let headers = &documented.message.headers;
    let field = headers.get("content-type");
    if documented.content.is_empty() {
        if !bytes.is_empty() {
            let (message, promised) = (format!("the {} is not documented", documented.part()), "no body".to_owned());
            let mut finding = documented.finding(
                documented.id("http.undocumented-body", "request.undocumented-body"),
                Severity::Warning,
                message,
                promised,
            );
            finding.promise = PromiseSource::documented(documented.location);
            finding.absolute_keyword_location = Some(documented.location.to_string());
            read.findings.push(finding);
        }
        return Chosen::Undocumented(field.and_then(MediaType::parse));
    }
    if documented.is_bare {
        let mut keys = documented.content.iter().filter_map(|(key, spec)| Some((spec, MediaType::parse(key)?)));
        let json = keys.find(|(_, media_type)| media_type.kind() == BodyKind::Json);
        return json.map_or(Chosen::Nothing, |(spec, media_type)| Chosen::Spec(spec, media_type));
    }
    let Some(field) = field else {
        if bytes.is_empty() {
            let id = documented.id("http.missing-body", "request.missing-body");
            let message = format!("the {} is empty", documented.part());
            read.findings.push(documented.finding(id, Severity::Error, message, documented.documented_media_types()));
            return Chosen::Nothing;
        }
        if headers.complete {
            let id = documented.id("http.missing-content-type", "request.missing-content-type");
            let message = format!("the {} has no Content-Type", documented.part());
            let promised = documented.documented_media_types();
            let mut finding = documented.by_standard(id, Severity::Warning, message, &promised, "RFC 9110, section 8.3");
            finding.absolute_keyword_location = Some(documented.location.child("content").to_string());
            read.findings.push(finding);
        }
        // Nothing is guessed, but a single concrete media type is the only one that it can be.
        let mut keys = documented.content.iter();
        return match (keys.next(), keys.next()) {
            (Some((key, spec)), None) if !key.contains('*') => match MediaType::parse(key) {
                Some(media_type) => Chosen::Spec(spec, media_type),
                None => Chosen::Nothing,
            },
            _ => {
                read.not_judged = Some(documented.not_judged("without Content-Type, several media types are possible"));
                Chosen::Nothing
            }
        };
    };
    match (wire::select(documented.content.keys().map(String::as_str), field), MediaType::parse(field)) {
        (Selection::Key(index), Some(media_type)) => match documented.content.0.get_index(index) {
            Some((_, spec)) => Chosen::Spec(spec, media_type),
            None => Chosen::Nothing,
        },
        (Selection::Ambiguous(indices), _) => {
            let keys: Vec<&str> = documented.content.keys().map(String::as_str).collect();
            let named: Vec<&str> = indices.iter().filter_map(|index| keys.get(*index).copied()).collect();
            read.not_judged = Some(documented.not_judged(format!("several documented media types match: {}", named.join(", "))));
            Chosen::Nothing
        }
        _ => {
            let keys = documented.content.keys().map(String::as_str);
            let known =
                wire::without_parameters(keys, field).and_then(|(index, missing)| Some((documented.content.0.get_index(index)?, missing)));
            if let (Some(((key, spec), missing)), Some(media_type)) = (known, MediaType::parse(field)) {
                let id = documented.id("http.media-type-parameter", "request.media-type-parameter");
                let message = format!("the content type {} lacks the documented parameter {}", field.trim(), missing.join(", "));
                let mut finding = documented.finding(id, Severity::Warning, message, key.clone());
                finding.found = Some(field.into());
                read.findings.push(finding);
                return Chosen::Spec(spec, media_type);
            }
            // Proxies send pages and text; an API that sends JSON may send the wrong type of it.
            let foreign = documented.may_be_foreign && !charter_contract::is_json(field);
            let (id, severity, hint) = match foreign {
                true => ("http.not-from-the-api", Severity::Warning, ": the response seems to come from a proxy in front of the API"),
                false => (documented.id("http.content-type", "request.content-type"), Severity::Error, ""),
            };
            let media_type = field.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let message = match (media_type.is_empty(), documented.direction) {
                (true, _) => format!("the content type is empty{hint}"),
                (false, Direction::Response) => format!("the content type is {}{hint}", field.trim()),
                (false, Direction::Request) => format!("the content type of the request is {}", field.trim()),
            };
            let mut finding = documented.finding(id, severity, message, documented.documented_media_types());
            finding.found = Some(field.into());
            read.findings.push(finding);
            read.is_undocumented = true;
            Chosen::Nothing
        }
    }
}
