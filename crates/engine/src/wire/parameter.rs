//! Parameters of requests and header fields of messages, by place.

use charter_contract::{Content, Contract, HeaderSpec, MediaTypeSpec, Parameter, ParameterPlace, SchemaId, Style};

use super::Malformed;
use super::body::{self, Stored, Undecoded};
use super::candidates::Candidates;
use super::described::{Described, Types};
use super::media_type::{BodyKind, MediaType};
use super::pairs::{Field, Pairs};
use super::style::{Delimited, members, repeated};
use super::text::Escape;

/// What a message contains of a parameter or a header field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    /// Nothing.
    Absent,
    /// An empty value that `allowEmptyValue` allows in place of no value.
    Empty,
    /// A value.
    Value(Candidates),
    /// A text that does not follow the serialisation.
    Malformed(Malformed),
    /// A text that cannot be judged, and the reason.
    NotJudged(String),
}

/// The parameters of a query.
#[derive(Debug)]
pub(crate) struct Query<'p> {
    /// Each parameter of the query with its value.
    pub(crate) readings: Vec<(&'p Parameter, Reading)>,
    /// The names that no parameter describes, in order, each once.
    pub(crate) undeclared: Vec<String>,
}

impl From<Result<Candidates, Malformed>> for Reading {
    fn from(decoded: Result<Candidates, Malformed>) -> Self {
        decoded.map_or_else(Self::Malformed, Self::Value)
    }
}

/// The value of a path parameter. `raw` is what the path template captured, still percent-encoded.
pub(crate) fn decode_path(contract: &Contract, parameter: &Parameter, raw: &str) -> Reading {
    if !parameter.content.is_empty() {
        return decode_content(contract, &parameter.content, Escape::Percent.decode(raw));
    }
    let described = Described::new(contract.schemas(), parameter.schema);
    match parameter.style {
        Style::Matrix => decode_matrix(parameter, raw, &described),
        Style::Label => decode_label(parameter, raw, &described),
        _ => comma_separated(parameter.explode, Escape::Percent).decode(raw, &described),
    }
    .into()
}

/// The values of the parameters of a query. `query` is the text after `?`, still percent-encoded.
pub(crate) fn decode_query<'p>(contract: &Contract, parameters: &'p [Parameter], query: &str) -> Query<'p> {
    let placed = |place| parameters.iter().filter(move |parameter| parameter.place == place);
    if let Some(parameter) = placed(ParameterPlace::QueryString).next() {
        return Query { readings: vec![(parameter, decode_query_string(contract, parameter, query))], undeclared: Vec::new() };
    }
    let parameters: Vec<&Parameter> = placed(ParameterPlace::Query).collect();
    let mut pairs = Pairs::parse(query, '&', Escape::Form);
    let readings = decode_pairs(contract, parameters, &mut pairs, Escape::Form);
    Query { readings, undeclared: pairs.rest() }
}

/// The values of the cookie parameters. `fields` are the values of `Cookie`; HTTP/2 allows several, RFC 9113, section 8.2.3.
pub(crate) fn decode_cookies<'p>(contract: &Contract, parameters: &'p [Parameter], fields: &[&str]) -> Vec<(&'p Parameter, Reading)> {
    let text = fields.join("; ");
    // The style `form` separates the values of one array or object by `&` (OpenAPI, Appendix D).
    let separated = text.replace('&', ";");
    let is_spread = |parameter: &Parameter| {
        let types = Described::new(contract.schemas(), parameter.schema).types();
        let is_structured = types != Types::ANY && (types.has(Types::ARRAY) || types.has(Types::OBJECT));
        parameter.style == Style::Form && parameter.explode && is_structured
    };
    let mut readings = Vec::new();
    for parameter in parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Cookie) {
        let escape = if parameter.style == Style::Cookie { Escape::None } else { Escape::Percent };
        let text = if is_spread(parameter) { &separated } else { &text };
        // Names of other cookies are not always percent-encoded, so only values are decoded.
        let mut pairs = Pairs::parse(text, ';', Escape::None).with_escape(escape);
        let reading = decode_pairs(contract, vec![parameter], &mut pairs, escape).remove(0).1;
        readings.push((parameter, reading));
    }
    readings
}

/// The value of a header parameter of a request. `lines` are the values of the field, in order.
pub(crate) fn decode_request_header(contract: &Contract, parameter: &Parameter, lines: &[&str]) -> Reading {
    header(contract, &parameter.name, parameter.explode, parameter.schema, &parameter.content, lines).remove(0)
}

/// The values of a header field of a response or of a part: one, or one for each line of a `Set-Cookie` whose schema is neither array nor object.
/// `lines` are the values of the field, in order.
pub(crate) fn decode_header(contract: &Contract, header_: &HeaderSpec, lines: &[&str]) -> Vec<Reading> {
    header(contract, &header_.name, header_.explode, header_.schema, &header_.content, lines)
}

/// At least one reading.
fn header(contract: &Contract, name: &str, explode: bool, schema: Option<SchemaId>, content: &Content, lines: &[&str]) -> Vec<Reading> {
    if lines.is_empty() {
        return vec![Reading::Absent];
    }
    // RFC 9110, section 5.3: lines of one field may be joined, apart from those of `Set-Cookie`.
    let is_set_cookie = name.eq_ignore_ascii_case("set-cookie");
    if !content.is_empty() {
        let text = lines.join(if is_set_cookie { "\n" } else { ", " });
        return vec![decode_content(contract, content, Ok(text))];
    }
    let described = Described::new(contract.schemas(), schema);
    let types = described.types();
    if !is_set_cookie {
        // OpenAPI, Appendix D: the values contain their quotes and escapes, and percent-encoding is not removed.
        let delimited = Delimited { list_field: true, ..comma_separated(explode, Escape::None) };
        return vec![delimited.decode(super::fields::trim(&lines.join(", ")), &described).into()];
    }
    if types != Types::ANY && types.has(Types::ARRAY) {
        return vec![repeated(lines, &described, Escape::None).into()];
    }
    if types == Types::OBJECT {
        // OpenAPI, "Representing the `Set-Cookie` Header": one member a line.
        let pairs: Vec<(String, &str)> = lines
            .iter()
            .map(|line| line.split_once('=').map_or((line.to_string(), ""), |(name, value)| (name.trim().to_owned(), value)))
            .collect();
        return vec![members(&pairs, &described, Escape::None).into()];
    }
    lines.iter().map(|line| repeated(&[line], &described, Escape::None).into()).collect()
}

/// The values of parameters that share names and values.
fn decode_pairs<'p>(
    contract: &Contract,
    parameters: Vec<&'p Parameter>,
    pairs: &mut Pairs<'_>,
    escape: Escape,
) -> Vec<(&'p Parameter, Reading)> {
    let mut readings: Vec<(&Parameter, Reading)> = parameters.iter().map(|parameter| (*parameter, Reading::Absent)).collect();
    for (parameter, reading) in readings.iter_mut().filter(|(parameter, _)| !parameter.content.is_empty()) {
        *reading = match *pairs.take(&parameter.name) {
            [] => Reading::Absent,
            [raw] => decode_content(contract, &parameter.content, escape.decode(raw)),
            ref raws => {
                let message = format!("`{}` occurs {} times, but it has one value", parameter.name, raws.len());
                Reading::Malformed(Malformed::new(message, "OpenAPI, \"Parameter Object\", `content`"))
            }
        };
    }
    for (parameter, reading) in readings.iter_mut().filter(|(parameter, _)| parameter.allows_empty && parameter.content.is_empty()) {
        if pairs.is_empty_value(&parameter.name) {
            pairs.take(&parameter.name);
            *reading = Reading::Empty;
        }
    }
    let open: Vec<usize> =
        (0..readings.len()).filter(|at| readings[*at].0.content.is_empty() && readings[*at].1 == Reading::Absent).collect();
    let fields: Vec<Field<'_, '_>> = open
        .iter()
        .map(|at| {
            let parameter = readings[*at].0;
            let described = Described::new(contract.schemas(), parameter.schema);
            Field { name: &parameter.name, style: parameter.style, explode: parameter.explode, described }
        })
        .collect();
    for (at, value) in open.iter().zip(pairs.decode(&fields)) {
        if let Some(value) = value {
            readings[*at].1 = value.into();
        }
    }
    readings
}

/// The whole query as one value (OpenAPI 3.2, `in: querystring`).
fn decode_query_string(contract: &Contract, parameter: &Parameter, query: &str) -> Reading {
    if query.is_empty() {
        return Reading::Absent;
    }
    let media_type = parameter.content.first().and_then(|(key, _)| MediaType::parse(key));
    match media_type.map(|media_type| media_type.kind()) {
        // "application/x-www-form-urlencoded is suitable for use in query strings by definition, no further encoding is applied".
        Some(BodyKind::Form) => decode_content(contract, &parameter.content, Ok(query.to_owned())),
        _ => decode_content(contract, &parameter.content, Escape::Percent.decode(query)),
    }
}

/// A text in the media type that `content` names.
fn decode_content(contract: &Contract, content: &Content, text: Result<String, Malformed>) -> Reading {
    let text = match text {
        Ok(text) => text,
        Err(malformed) => return Reading::Malformed(malformed),
    };
    let Some((key, spec)) = content.first() else { return Reading::NotJudged("it has no media type".to_owned()) };
    let Some(media_type) = MediaType::parse(key) else { return Reading::NotJudged(format!("`{key}` is not a media type")) };
    match decode_value(contract, spec, &media_type, &text) {
        Ok(value) => Reading::Value(value),
        Err(Undecoded::Malformed(malformed)) => Reading::Malformed(malformed),
        Err(Undecoded::NotJudged(reason)) => Reading::NotJudged(reason),
    }
}

fn decode_value(contract: &Contract, spec: &MediaTypeSpec, media_type: &MediaType, text: &str) -> Result<Candidates, Undecoded> {
    body::decode_body(contract.schemas(), spec, media_type, text.as_bytes(), Stored::Text, text.len())?.into_value()
}

/// `;color=blue`, `;color=blue,black`, `;color=blue;color=black`, `;R=100;G=200`. RFC 6570, section 3.2.7.
fn decode_matrix(parameter: &Parameter, raw: &str, described: &Described<'_>) -> Result<Candidates, Malformed> {
    let malformed = || {
        let message = format!("the segment does not begin with `;{}`, as the style `matrix` requires", parameter.name);
        Malformed::new(message, "RFC 6570, section 3.2.7")
    };
    let mut pairs = Vec::new();
    for pair in raw.strip_prefix(';').ok_or_else(malformed)?.split(';') {
        // A name without `=` has an empty value.
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((Escape::Percent.decode(name)?, value));
    }
    let types = described.types();
    let has_own_name = pairs.iter().all(|(name, _)| *name == parameter.name);
    match &*pairs {
        [(_, value)] if has_own_name && !parameter.explode => comma_separated(false, Escape::Percent).decode(value, described),
        _ if parameter.explode && types != Types::ANY && types.has(Types::OBJECT) && !has_own_name => {
            members(&pairs, described, Escape::Percent)
        }
        _ if parameter.explode && types == Types::OBJECT => members(&pairs, described, Escape::Percent),
        _ if parameter.explode && has_own_name => {
            repeated(&pairs.iter().map(|(_, value)| *value).collect::<Vec<_>>(), described, Escape::Percent)
        }
        _ => Err(malformed()),
    }
}

/// `.blue`, `.blue,black`, `.blue.black`, `.R=100.G=200`. RFC 6570, section 3.2.5.
fn decode_label(parameter: &Parameter, raw: &str, described: &Described<'_>) -> Result<Candidates, Malformed> {
    let malformed = || Malformed::new("the segment does not begin with `.`, as the style `label` requires", "RFC 6570, section 3.2.5");
    let value = raw.strip_prefix('.').ok_or_else(malformed)?;
    let dotted = Delimited { delimiters: &["."], ..comma_separated(parameter.explode, Escape::Percent) };
    if parameter.explode {
        return dotted.decode(value, described);
    }
    // "Style Examples" of OpenAPI 3.0.0 to 3.0.3 and 3.1.0 separate by dots without `explode` too.
    let mut shapes = comma_separated(false, Escape::Percent).shapes(value, described)?;
    if value.contains('.') && !value.contains(',') {
        shapes.extend(dotted.shapes(value, described)?);
    }
    Ok(Candidates::one_of(shapes, &Escape::Percent.decode(value)?))
}

fn comma_separated<'d>(assigned: bool, escape: Escape) -> Delimited<'d> {
    Delimited { delimiters: &[","], assigned, escape, list_field: false }
}

#[cfg(test)]
mod tests;
