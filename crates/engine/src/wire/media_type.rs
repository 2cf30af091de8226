//! Media types: parsing, the choice among the keys of `content`, and the kind of body.

use charter_contract::is_json_type;

use super::fields;

/// A media type or a media range, such as `application/json; charset=utf-8` or `text/*`. RFC 9110, sections 8.3.1 and 12.5.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// The type, in lower case.
    pub(crate) type_: String,
    /// The subtype, in lower case.
    pub(crate) subtype: String,
    /// The parameters: names in lower case, values without quotes.
    pub(crate) parameters: Vec<(String, String)>,
}

/// The key of `content` that applies to a media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The index of the most specific key that matches.
    Key(usize),
    /// The indices of several keys that match equally well.
    Ambiguous(Vec<usize>),
    /// No key matches.
    NoMatch,
    /// The value of `Content-Type` is not a media type.
    Malformed,
}

/// How a body of a media type is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// One JSON value.
    Json,
    /// One JSON value a line.
    JsonLines,
    /// JSON values, each after a record separator. RFC 7464.
    JsonSequence,
    /// Server-sent events.
    EventStream,
    /// `application/x-www-form-urlencoded`
    Form,
    /// Parts: `multipart/form-data` and others.
    Multipart,
    /// A text.
    Text,
    /// XML, which is not judged.
    Xml,
    /// Bytes, which are not judged.
    Binary,
}

impl MediaType {
    /// Parses a media type or a media range.
    pub(crate) fn parse(field: &str) -> Option<Self> {
        let parsed = fields::parse(field)?;
        let (type_, subtype) = parsed.value.split_once('/')?;
        let is_valid = fields::is_token(type_) && fields::is_token(subtype);
        is_valid.then(|| Self { type_: type_.to_ascii_lowercase(), subtype: subtype.to_ascii_lowercase(), parameters: parsed.parameters })
    }

    /// The value of a parameter, by its name in lower case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The type and subtype without parameters.
    pub(crate) fn essence(&self) -> String {
        format!("{}/{}", self.type_, self.subtype)
    }

    /// Whether a media type matches this media type or range. A charset of this range is ignored.
    pub(crate) fn matches(&self, actual: &Self) -> bool {
        self.specificity(actual).is_some()
    }

    /// How specific the match of a media type with this range is; `None` if they do not match.
    fn specificity(&self, actual: &Self) -> Option<Specificity> {
        let names = match (&*self.type_, &*self.subtype) {
            ("*", "*") => 0,
            (type_, "*") if type_ == actual.type_ => 1,
            (type_, subtype) if type_ == actual.type_ && subtype == actual.subtype => 2,
            _ => return None,
        };
        let mut parameters = 0;
        for (name, value) in self.parameters.iter().filter(|(name, _)| name != "charset") {
            if actual.parameter(name) != Some(value) {
                return None;
            }
            parameters += 1;
        }
        let charset = match (self.parameter("charset"), actual.parameter("charset")) {
            (Some(promised), Some(found)) if promised.eq_ignore_ascii_case(found) => Charset::Equal,
            (None, _) => Charset::Unspecified,
            (Some(_), _) => Charset::Different,
        };
        Some(Specificity { names, parameters, charset })
    }

    /// How a body of the media type is decoded.
    pub(crate) fn kind(&self) -> BodyKind {
        if is_json_type(&self.type_, &self.subtype) {
            return BodyKind::Json;
        }
        let suffix = self.subtype.rsplit_once('+').map(|(_, suffix)| suffix);
        match (&*self.type_, &*self.subtype, suffix) {
            ("application" | "text", "x-ndjson" | "ndjson" | "jsonl" | "x-jsonl" | "jsonlines" | "x-jsonlines", _) => BodyKind::JsonLines,
            ("application", "json-seq", _) | (_, _, Some("json-seq")) => BodyKind::JsonSequence,
            ("text", "event-stream", _) => BodyKind::EventStream,
            ("application", "x-www-form-urlencoded", _) => BodyKind::Form,
            ("multipart", ..) => BodyKind::Multipart,
            ("application" | "text", "xml", _) | (_, _, Some("xml")) => BodyKind::Xml,
            ("text", ..) => BodyKind::Text,
            _ => BodyKind::Binary,
        }
    }
}

/// The order of ranges that match one media type: names first, then the number of parameters. A charset decides only between ranges
/// that are otherwise equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Specificity {
    names: u8,
    parameters: usize,
    charset: Charset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Charset {
    Different,
    Unspecified,
    Equal,
}

/// Chooses the most specific key of `content` for a value of `Content-Type`. Every parameter of a key must be present in the media
/// type, apart from `charset`. A structured suffix such as `+json` does not match the type without it.
///
/// # Source
/// OpenAPI, "Request Body Object" and "Response Object": "only the most specific key is applicable". RFC 9110, section 12.5.1.
pub(crate) fn select<'k>(keys: impl IntoIterator<Item = &'k str>, content_type: &str) -> Selection {
    let Some(actual) = MediaType::parse(content_type) else { return Selection::Malformed };
    let keys = keys.into_iter().enumerate();
    let matches: Vec<(Specificity, usize)> =
        keys.filter_map(|(index, key)| Some((MediaType::parse(key)?.specificity(&actual)?, index))).collect();
    let Some(best) = matches.iter().map(|(specificity, _)| *specificity).max() else { return Selection::NoMatch };
    let chosen: Vec<usize> = matches.into_iter().filter(|(specificity, _)| *specificity == best).map(|(_, index)| index).collect();
    match *chosen {
        [index] => Selection::Key(index),
        _ => Selection::Ambiguous(chosen),
    }
}

/// The key of `content` that a media type matches apart from parameters that it lacks, with their names. `None` if several keys
/// do, or if a parameter has another value.
///
/// # Source
/// RFC 9110, section 8.3.1: whether the absence of a parameter matters depends on the definition of the media type. RFC 8259, section 11
/// defines no parameter of `application/json`.
pub(crate) fn without_parameters<'k>(keys: impl IntoIterator<Item = &'k str>, content_type: &str) -> Option<(usize, Vec<String>)> {
    let actual = MediaType::parse(content_type)?;
    let mut found = keys.into_iter().enumerate().filter_map(|(index, key)| {
        let mut key = MediaType::parse(key)?;
        let (present, missing): (Vec<_>, Vec<_>) =
            std::mem::take(&mut key.parameters).into_iter().partition(|(name, _)| name == "charset" || actual.parameter(name).is_some());
        key.parameters = present;
        let is_concrete = key.type_ != "*" && key.subtype != "*";
        (is_concrete && key.matches(&actual)).then(|| (index, missing.into_iter().map(|(name, _)| name).collect()))
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Selection::{Ambiguous, Key, Malformed, NoMatch};
    use super::*;

    #[test]
    fn the_most_specific_key_is_chosen() {
        let cases: [(&[&str], &str, Selection); 34] = [
            // RFC 9110, section 8.3.1: type, subtype and parameter names are case-insensitive; quoted and unquoted values are equal.
            (&["application/json"], "application/json", Key(0)),
            (&["application/json"], "Application/JSON ; Charset=\"utf-8\"", Key(0)),
            (&["Application/Json"], "application/json", Key(0)),
            (&["application/json"], " application/json ", Key(0)),
            (&["application/json"], "text/json", NoMatch),
            (&["application/json"], "application/jsonl", NoMatch),
            // The charset is neutral.
            (&["application/json; charset=UTF-8"], "application/json", Key(0)),
            (&["application/json; charset=UTF-8"], "application/json;charset=utf-8", Key(0)),
            (&["text/plain; charset=utf-8"], "text/plain; charset=iso-8859-1", Key(0)),
            (&["text/plain; charset=utf-8", "text/plain; charset=utf-16"], "text/plain; charset=UTF-16", Key(1)),
            (&["text/plain; charset=utf-8", "text/plain"], "text/plain", Key(1)),
            (&["text/plain; charset=utf-8", "text/plain"], "text/plain; charset=ascii", Key(1)),
            (&["text/plain; charset=utf-8", "text/plain; charset=utf-16"], "text/plain", Ambiguous(vec![0, 1])),
            // OpenAPI, "Media Types": parameters of a key must be present.
            (&["application/json;v=1", "application/json;v=2"], "application/json; v=2", Key(1)),
            (&["application/json;v=1", "application/json;v=2"], "application/json; V=\"1\"", Key(0)),
            (&["application/json;v=1", "application/json;v=2"], "application/json;v=3", NoMatch),
            (&["application/json;v=1", "application/json;v=2"], "application/json", NoMatch),
            (&["application/json", "application/json;stream=watch"], "application/json;stream=watch", Key(1)),
            (&["application/json", "application/json;stream=watch"], "application/json", Key(0)),
            (&["application/json", "application/json;stream=watch"], "application/json;v=1", Key(0)),
            (&["a/b;c=1", "a/b;d=2"], "a/b;c=1;d=2", Ambiguous(vec![0, 1])),
            (&["a/b;c=1", "a/b;c=1;d=2"], "a/b;d=2;c=1", Key(1)),
            (&["a/b;c=x"], "a/b;c=X", NoMatch),
            // OpenAPI: "text/plain overrides text/*"; RFC 9110, section 12.5.1, has the same precedence.
            (&["*/*", "application/json"], "application/json", Key(1)),
            (&["*/*", "application/*", "application/json"], "application/xml", Key(1)),
            (&["*/*", "application/*", "application/json"], "text/plain", Key(0)),
            (&["application/*;v=1", "application/json"], "application/json;v=1", Key(1)),
            (&["*/*", "*/*"], "text/plain", Ambiguous(vec![0, 1])),
            // A structured suffix is part of the subtype, RFC 6838, section 4.2.8.
            (&["application/json"], "application/problem+json", NoMatch),
            (&["application/problem+json", "application/json"], "application/json", Key(1)),
            (&[], "application/json", NoMatch),
            // A key that is not a media type never matches.
            (&["default", "application/json"], "application/json", Key(1)),
            (&["application/json"], "json", Malformed),
            (&["application/json"], "", Malformed),
        ];
        for (keys, content_type, expected) in cases {
            assert_eq!(select(keys.iter().copied(), content_type), expected, "{content_type} of {keys:?}");
        }
    }

    #[test]
    fn one_key_may_match_apart_from_missing_parameters() {
        let cases: [(&[&str], &str, Option<usize>); 9] = [
            (&["application/json;a=b"], "application/json", Some(0)),
            (&["application/json;a=b"], "application/json;charset=utf-8", Some(0)),
            (&["application/json;a=b;c=d"], "application/json;c=d", Some(0)),
            (&["text/plain;a=b", "application/json;a=b"], "application/json", Some(1)),
            (&["application/json;a=b", "application/json;a=c"], "application/json", None),
            (&["application/json;a=b"], "application/json;a=c", None),
            (&["application/json;a=b"], "application/hal+json", None),
            (&["application/*;a=b"], "application/json", None),
            (&["application/json;a=b"], "json", None),
        ];
        for (keys, content_type, expected) in cases {
            let found = without_parameters(keys.iter().copied(), content_type);
            assert_eq!(found.map(|(index, _)| index), expected, "{content_type} of {keys:?}");
        }
    }

    #[test]
    fn the_media_type_determines_the_kind_of_body() {
        let cases = [
            ("application/json", BodyKind::Json),
            ("application/problem+json", BodyKind::Json),
            ("application/vnd.example.v3+json;charset=utf-8", BodyKind::Json),
            ("text/json", BodyKind::Json),
            ("application/x-ndjson", BodyKind::JsonLines),
            ("application/jsonl", BodyKind::JsonLines),
            ("application/json-seq", BodyKind::JsonSequence),
            ("application/geo+json-seq", BodyKind::JsonSequence),
            ("text/event-stream", BodyKind::EventStream),
            ("application/x-www-form-urlencoded", BodyKind::Form),
            ("multipart/form-data; boundary=x", BodyKind::Multipart),
            ("multipart/mixed", BodyKind::Multipart),
            ("text/plain", BodyKind::Text),
            ("text/csv", BodyKind::Text),
            ("text/html", BodyKind::Text),
            ("text/xml", BodyKind::Xml),
            ("application/atom+xml", BodyKind::Xml),
            ("image/svg+xml", BodyKind::Xml),
            ("image/png", BodyKind::Binary),
            ("application/octet-stream", BodyKind::Binary),
            ("application/vnd.example.json", BodyKind::Binary),
        ];
        for (field, kind) in cases {
            assert_eq!(MediaType::parse(field).expect(field).kind(), kind, "{field}");
        }
    }

    proptest! {
        #[test]
        fn no_text_causes_a_panic(key in "\\PC{0,20}", field in "\\PC{0,40}") {
            let _ = select([&*key, "*/*"], &field);
        }
    }
}
