//! `application/x-www-form-urlencoded` bodies.
//!
//! # Source
//! WHATWG URL, section 5; OpenAPI 3.2.1, "Encoding the `x-www-form-urlencoded` Media Type" and "Encoding Object".

use charter_contract::{Encoding, MediaTypeSpec, Style};

use super::super::Malformed;
use super::super::candidates::Candidates;
use super::super::described::{Described, Types};
use super::super::media_type::{BodyKind, MediaType};
use super::super::pairs::{Field, Pairs};
use super::super::style::occurrences;
use super::super::text::{Escape, leaf, leaf_or_json};
use super::{Undecoded, parse_json};

/// The object of a form. Properties with `style`, `explode` or `allowReserved` are serialised as query parameters, the others in
/// their media type.
pub(super) fn decode(spec: &MediaTypeSpec, described: &Described<'_>, bytes: &[u8]) -> Result<Candidates, Undecoded> {
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|error| Malformed::new("the form is not valid UTF-8", "WHATWG URL, section 5.1").at(error.valid_up_to()))?;
    let types = described.types();
    if types == Types::STRING {
        return Ok(leaf(text, types));
    }
    let mut pairs = Pairs::parse(text, '&', Escape::Form);
    let mut members: Vec<(String, Candidates)> = Vec::new();
    let fields = styled(spec, described);
    for name in described.property_names().into_iter().filter(|name| !fields.iter().any(|field| field.name == *name)) {
        members.extend(unstyled(spec, described, &mut pairs, name)?);
    }
    for (field, value) in fields.iter().zip(pairs.decode(&fields)) {
        if let Some(value) = value {
            members.push((field.name.to_owned(), value?));
        }
    }
    for name in pairs.rest() {
        members.extend(unstyled(spec, described, &mut pairs, &name)?);
    }
    Ok(Candidates::Object(members))
}

/// The properties that are serialised by a style, not by their media type.
pub(super) fn styled<'f, 'c>(spec: &'f MediaTypeSpec, described: &Described<'c>) -> Vec<Field<'f, 'c>> {
    let is_styled = |encoding: &Encoding| encoding.style.is_some() || encoding.explode.is_some() || encoding.allows_reserved;
    let field = |(name, encoding): (&'f String, &Encoding)| {
        let style = encoding.style.unwrap_or(Style::Form);
        Field { name, style, explode: encoding.explode.unwrap_or(style == Style::Form), described: described.property(name) }
    };
    spec.encoding.iter().filter(|(_, encoding)| is_styled(encoding)).map(field).collect()
}

/// A property in its media type; `None` if it is absent. Each item of an array is serialised alone.
fn unstyled(
    spec: &MediaTypeSpec,
    described: &Described<'_>,
    pairs: &mut Pairs<'_>,
    name: &str,
) -> Result<Option<(String, Candidates)>, Undecoded> {
    let raws = pairs.take(name);
    if raws.is_empty() {
        return Ok(None);
    }
    let content_type = spec.encoding.get(name).and_then(|encoding| encoding.content_type.as_deref());
    let is_json = content_type.and_then(MediaType::parse).is_some_and(|media_type| media_type.kind() == BodyKind::Json);
    let value = occurrences(&raws, &described.property(name), |raw, described, _| {
        let text = Escape::Form.decode(raw)?;
        Ok::<_, Malformed>(if is_json { Candidates::one(parse_json(text.as_bytes(), 0)?) } else { leaf_or_json(&text, described.types()) })
    })?;
    Ok(Some((name.to_owned(), value)))
}
