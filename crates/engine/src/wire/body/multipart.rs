//! The parts of multipart bodies and their values.
//!
//! # Source
//! RFC 7578 for `multipart/form-data`; OpenAPI 3.2.1, "Encoding By Name", "Encoding By Position" and "Encoding `multipart` Media Types".

use std::ops::Range;

use charter_contract::{Encoding, MediaTypeSpec};
use indexmap::IndexMap;
use serde_json::Value;

use super::super::Malformed;
use super::super::candidates::Candidates;
use super::super::described::{Described, Types};
use super::super::fields;
use super::super::media_type::{BodyKind, MediaType};
use super::super::pairs::{Field, Pairs};
use super::super::style::occurrences;
use super::super::text::{leaf, leaf_or_json};
use super::form::styled;
use super::multipart_syntax::{RawPart, parse};
use super::{Stored, Undecoded, charset, parse_json};

/// One part of a multipart body.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Its name in `Content-Disposition`, if it has one.
    pub(crate) name: Option<String>,
    /// Its header fields, in order.
    pub(crate) headers: Vec<(String, String)>,
    /// The bytes of its body in the whole body.
    pub(crate) body: Range<usize>,
}

/// The value of a multipart body; the error says why a part has none.
type PartsValue = Result<Candidates, String>;

/// The value of the whole body, the parts, and the parts that violate their encoding. A `multipart/form-data` body is an object, any
/// other an array. The parts are returned even if one of them has no value.
pub(super) fn decode(
    spec: &MediaTypeSpec,
    described: &Described<'_>,
    media_type: &MediaType,
    bytes: &[u8],
) -> Result<(PartsValue, Vec<Part>, Vec<Malformed>), Undecoded> {
    let boundary = media_type.parameter("boundary");
    let boundary = boundary.ok_or_else(|| Malformed::new("the media type has no boundary", "RFC 2046, section 5.1.1"))?;
    let parts: Vec<Part> = parse(bytes, boundary)?.into_iter().map(Part::new).collect();
    let is_form = media_type.subtype == "form-data";
    let types = described.types();
    if !is_form || types == Types::ARRAY {
        let item = |(index, part): (usize, &Part)| part.value(bytes, &described.item(index), spec.encoding_at(index));
        let items = parts.iter().enumerate().map(item).collect::<Result<_, Undecoded>>();
        let violation = |(index, part): (usize, &Part)| part.check_media_type(&index.to_string(), spec.encoding_at(index)?);
        let violations = parts.iter().enumerate().filter_map(violation).collect();
        return Ok((judgeable(items.map(Candidates::Array))?, parts, violations));
    }
    let mut named: IndexMap<&str, Vec<&Part>> = IndexMap::new();
    let mut violations = Vec::new();
    for part in &parts {
        match &part.name {
            Some(name) => {
                violations.extend(spec.encoding.get(name).and_then(|encoding| part.check_media_type(name, encoding)));
                named.entry(name).or_default().push(part);
            }
            None => {
                let message = "a part has no `Content-Disposition: form-data` with a name";
                violations.push(Malformed::new(message, "RFC 7578, section 4.2").at(part.body.start));
            }
        }
    }
    let value = judgeable(form_value(spec, described, bytes, &parts, named))?;
    Ok((value, parts, violations))
}

/// Separates a value that is not judged from a syntax error.
fn judgeable(value: Result<Candidates, Undecoded>) -> Result<PartsValue, Undecoded> {
    match value {
        Ok(value) => Ok(Ok(value)),
        Err(Undecoded::NotJudged(reason)) => Ok(Err(reason)),
        Err(malformed) => Err(malformed),
    }
}

/// The value of a `multipart/form-data` body. `named` has the parts by name.
fn form_value(
    spec: &MediaTypeSpec,
    described: &Described<'_>,
    bytes: &[u8],
    parts: &[Part],
    named: IndexMap<&str, Vec<&Part>>,
) -> Result<Candidates, Undecoded> {
    let mut members = styled_members(spec, described, bytes, parts);
    for (name, same) in named {
        let encoding = spec.encoding.get(name);
        let property = described.property(name);
        match members.iter_mut().find(|(found, _)| found == name) {
            // OpenAPI 3.0 ignores `style` in multipart bodies, later versions do not.
            Some((_, styled)) => {
                if let Ok(value) = occurrences(&same, &property, |part, described, _| part.value(bytes, described, encoding)) {
                    *styled = Candidates::OneOf(vec![styled.clone(), value]);
                }
            }
            None => {
                members.push((name.to_owned(), occurrences(&same, &property, |part, described, _| part.value(bytes, described, encoding))?))
            }
        }
    }
    Ok(Candidates::Object(members))
}

/// The properties that are serialised by a style. Percent-encoding is not applied in multipart bodies.
fn styled_members(spec: &MediaTypeSpec, described: &Described<'_>, bytes: &[u8], parts: &[Part]) -> Vec<(String, Candidates)> {
    let fields = styled(spec, described);
    if fields.is_empty() {
        return Vec::new();
    }
    let texts = parts.iter().filter_map(|part| Some((part.name.as_deref()?, std::str::from_utf8(&bytes[part.body.clone()]).ok()?)));
    let values = Pairs::unescaped(texts).decode(&fields);
    let member = |(field, value): (&Field<'_, '_>, Option<Result<Candidates, Malformed>>)| Some((field.name.to_owned(), value?.ok()?));
    fields.iter().zip(values).filter_map(member).collect()
}

impl Part {
    fn new(raw: RawPart) -> Self {
        let disposition = raw.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"));
        let disposition = disposition.and_then(|(_, value)| fields::parse(value));
        let is_form_data = |disposition: &fields::Parameterised| disposition.value.eq_ignore_ascii_case("form-data");
        let name = disposition.filter(is_form_data).and_then(|disposition| disposition.get("name").map(str::to_owned));
        Self { name, headers: raw.headers, body: raw.body }
    }

    /// The values of a header field, in order.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
    }

    /// Its media type, if it has one that is valid.
    pub(crate) fn media_type(&self) -> Option<MediaType> {
        self.header("content-type").first().and_then(|value| MediaType::parse(value))
    }

    /// A violation if the part has a media type that its encoding does not list. A part without a media type is `text/plain`, RFC 7578,
    /// section 4.4, but senders often leave it out, so it violates nothing.
    fn check_media_type(&self, name: &str, encoding: &Encoding) -> Option<Malformed> {
        let found = self.media_type()?;
        let promised = encoding.content_type.as_deref()?;
        let is_listed = promised.split(',').filter_map(MediaType::parse).any(|range| range.matches(&found));
        let message = || format!("the part `{name}` has the media type {}; its encoding allows {promised}", found.essence());
        (!is_listed).then(|| Malformed::new(message(), "OpenAPI, \"Encoding Object\", `contentType`").at(self.body.start))
    }

    /// The value of the part. Its media type is the one of the part, else that of its encoding, else the one that OpenAPI infers from
    /// the schema.
    fn value(&self, bytes: &[u8], described: &Described<'_>, encoding: Option<&Encoding>) -> Result<Candidates, Undecoded> {
        let body = &bytes[self.body.clone()];
        let types = described.types();
        let own = self.media_type();
        // A list of media types does not say which one was chosen.
        let promised = || encoding.and_then(|encoding| encoding.content_type.as_deref()).and_then(MediaType::parse);
        let Some(media_type) = own.or_else(promised) else {
            return Ok(match std::str::from_utf8(body) {
                Ok(text) => leaf_or_json(text, types),
                Err(_) => octets(body, types, "application/octet-stream")?,
            });
        };
        let at = |error: Undecoded| match error {
            Undecoded::Malformed(malformed) => {
                let offset = self.body.start + malformed.offset;
                Undecoded::Malformed(malformed.at(offset))
            }
            other => other,
        };
        match media_type.kind() {
            BodyKind::Json => Ok(json_or_text(parse_json(body, self.body.start)?, body, types, encoding)),
            BodyKind::Text => {
                let text = charset::decode(body, media_type.parameter("charset"), Stored::Bytes).map_err(at)?;
                // Some senders label every part as text.
                Ok(if types.has_primitive() { leaf(&text, types) } else { leaf_or_json(&text, types) })
            }
            _ => octets(body, types, &media_type.essence()),
        }
    }
}

/// The JSON value of a part, or its text if the schema allows strings and not the type of the value. A property of `type: string` in a
/// form is the text of its part unless its encoding promises JSON; JSON in such a text is described by `contentMediaType`, not by the
/// type. OpenAPI 3.1.1, "Encoding Object", `contentType`.
fn json_or_text(value: Value, body: &[u8], types: Types, encoding: Option<&Encoding>) -> Candidates {
    let promises_json = encoding.is_some_and(|encoding| encoding.content_type.is_some());
    match std::str::from_utf8(body) {
        Ok(text) if !promises_json && types.has(Types::STRING) && !types.has(Types::of_value(&value)) => Candidates::one(Value::from(text)),
        _ => Candidates::one(value),
    }
}

/// Bytes as a string of which each character is one octet, so that its length is that of the bytes. OpenAPI 3.2, "Binary Streams". If a
/// string is not allowed, the value of the bytes is unknown.
fn octets(bytes: &[u8], types: Types, media_type: &str) -> Result<Candidates, Undecoded> {
    if !types.has(Types::STRING) {
        return Err(Undecoded::NotJudged(format!("a part of the media type {media_type} is judged by its media type only")));
    }
    let text = std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned);
    Ok(Candidates::one(Value::from(text)))
}
