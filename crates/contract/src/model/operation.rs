//! Operations: their requests and their documented responses.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;

use super::SchemaId;
use crate::location::Location;

/// One operation of the OpenAPI document.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Operation {
    /// `operationId`
    pub id: String,
    /// The method.
    pub method: Method,
    /// The path template, without the server's base path.
    pub path: PathTemplate,
    /// Path, query and header parameters.
    pub parameters: Vec<Parameter>,
    /// The request body, if the operation has one.
    pub request_body: Option<RequestBody>,
    /// Whether a request requires credentials.
    pub secured: bool,
    /// `deprecated`
    pub deprecated: bool,
    /// The responses, in document order: single statuses, ranges, `default`.
    pub responses: Vec<ResponseSpec>,
    /// The location of the operation.
    pub location: Location,
}

impl Operation {
    /// The values of the path parameters if the path matches; the caller percent-decodes them. A last parameter that allows
    /// reserved characters matches the rest of the path, slashes included.
    pub fn captures<'p>(&self, path: &'p str) -> Option<IndexMap<String, &'p str>> {
        let is_reserved = |name: &str| {
            let mut here = self.parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Path && parameter.name == name);
            here.any(|parameter| parameter.allows_reserved)
        };
        self.path.captures(path, is_reserved)
    }

    /// The response for a status: the exact one, else its range, else `default`.
    pub fn response_for(&self, status: u16) -> Option<&ResponseSpec> {
        [StatusRange::Exact(status), StatusRange::Class((status / 100) as u8), StatusRange::Default]
            .iter()
            .find_map(|wanted| self.responses.iter().find(|response| response.status == *wanted))
    }
}

/// The body of a request.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RequestBody {
    /// Whether the body is required.
    pub required: bool,
    /// The schema by media type, as written; `None` if the media type has no schema.
    pub content: IndexMap<String, Option<SchemaId>>,
    /// The location of the request body.
    pub location: Location,
}

/// An HTTP method, in upper case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Method(pub String);

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A path template, such as `/orders/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PathTemplate(pub String);

impl PathTemplate {
    /// The names of the parameters, in order.
    pub fn parameters(&self) -> Vec<&str> {
        self.parts().filter_map(|(_, parameter)| parameter).collect()
    }

    /// The path in which `value` replaces each parameter. The caller percent-encodes values.
    pub fn fill(&self, value: impl Fn(&str) -> String) -> String {
        self.parts().map(|(literal, parameter)| format!("{literal}{}", parameter.map(&value).unwrap_or_default())).collect()
    }

    /// Literal text, each followed by a parameter, if there is one.
    fn parts(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let mut rest = Some(&*self.0);
        std::iter::from_fn(move || {
            let text = rest?;
            let parameter = text.split_once('{').and_then(|(literal, after)| Some((literal, after.split_once('}')?)));
            let (part, next) = match parameter {
                Some((literal, (name, after))) => ((literal, Some(name)), Some(after)),
                None => ((text, None), None),
            };
            rest = next;
            Some(part)
        })
    }

    /// The values of the parameters if the path matches. A parameter matches one whole segment that is not empty; a last
    /// parameter that allows reserved characters matches the rest of the path.
    fn captures<'p>(&self, path: &'p str, is_reserved: impl Fn(&str) -> bool) -> Option<IndexMap<String, &'p str>> {
        let mut captures = IndexMap::new();
        let (mut wanted, mut rest) = (self.0.split('/').peekable(), Some(path));
        while let Some(template) = wanted.next() {
            let (segment, after) = rest.map(|rest| rest.split_once('/').map_or((rest, None), |(segment, after)| (segment, Some(after))))?;
            match template.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !segment.is_empty() && wanted.peek().is_none() && is_reserved(name) => {
                    captures.insert(name.to_owned(), rest?);
                    return Some(captures);
                }
                Some(name) if !segment.is_empty() => {
                    captures.insert(name.to_owned(), segment);
                }
                None if template == segment => {}
                _ => return None,
            }
            rest = after;
        }
        rest.is_none().then_some(captures)
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The part of a request that contains a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterPlace {
    /// A segment of the path.
    Path,
    /// A field of the query string.
    Query,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
}

/// A parameter of an operation.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The part of the request that contains it.
    pub place: ParameterPlace,
    /// Whether the parameter is required.
    pub required: bool,
    /// Whether its value may contain unescaped reserved characters such as slashes (`allowReserved`).
    pub allows_reserved: bool,
    /// Its schema, if it has one.
    pub schema: Option<SchemaId>,
    /// The location of the parameter.
    pub location: Location,
}

/// The statuses of a documented response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusRange {
    /// One status, such as 404.
    Exact(u16),
    /// A class, such as `4XX` (4).
    Class(u8),
    /// Every other status.
    Default,
}

impl StatusRange {
    /// Whether a rule for these statuses can apply to a response that is documented for `promised`.
    pub fn overlaps(self, promised: Self) -> bool {
        match (self, promised) {
            (Self::Default, _) => promised == Self::Default,
            (_, Self::Default) => true,
            (Self::Exact(status), Self::Class(class)) | (Self::Class(class), Self::Exact(status)) => status / 100 == u16::from(class),
            (left, right) => left == right,
        }
    }

    /// A status as OpenAPI writes it: `200`, `4XX`, `default`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "default" => Some(Self::Default),
            _ if text.len() == 3 && text[1..].eq_ignore_ascii_case("XX") => {
                text[..1].parse().ok().filter(|class| (1..=5).contains(class)).map(Self::Class)
            }
            _ => text.parse().ok().filter(|status| (100..=599).contains(status)).map(Self::Exact),
        }
    }

    /// Whether this range contains the status of a response that is documented for `promised`.
    pub fn covers(self, status: u16, promised: Self) -> bool {
        match self {
            Self::Exact(wanted) => wanted == status,
            Self::Class(class) => u16::from(class) == status / 100,
            Self::Default => promised == Self::Default,
        }
    }

    /// Whether every status of the range is a success.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Exact(200..=299) | Self::Class(2))
    }
}

impl fmt::Display for StatusRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(status) => write!(formatter, "{status}"),
            Self::Class(class) => write!(formatter, "{class}XX"),
            Self::Default => formatter.write_str("default"),
        }
    }
}

impl Serialize for StatusRange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A documented response.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ResponseSpec {
    /// Its statuses.
    pub status: StatusRange,
    /// The schema of the body by media type, as written; `None` if the media type has no schema.
    pub content: IndexMap<String, Option<SchemaId>>,
    /// The header fields, by name as written.
    pub headers: Vec<HeaderSpec>,
    /// The location of the response.
    pub location: Location,
}

/// A documented header field of a response.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct HeaderSpec {
    /// Its name, as written.
    pub name: String,
    /// Whether it is required.
    pub required: bool,
    /// The schema of its value.
    pub schema: Option<SchemaId>,
    /// Its location.
    pub location: Location,
}

/// A server of the OpenAPI document, with variables replaced by their defaults.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Server {
    /// The host and port, if the URL has a host.
    pub host: Option<String>,
    /// The base path, without a slash at the end; often empty.
    pub base_path: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_matches_one_whole_segment() {
        let template = PathTemplate("/v1/orders/{id}".to_owned());
        let captures = |path| template.captures(path, |_| false);
        assert_eq!(captures("/v1/orders/o_1").expect("a match")["id"], "o_1");
        for path in ["/v1/orders/", "/v1/orders", "/v1/orders/a/b", "/v2/orders/a"] {
            assert!(captures(path).is_none(), "{path}");
        }
    }

    #[test]
    fn filling_replaces_every_parameter_once() {
        let template = PathTemplate("/books/{id}/pages/{number}.json".to_owned());
        assert_eq!(template.parameters(), ["id", "number"]);
        assert_eq!(template.fill(|name| format!("<{name}{{id}}>")), "/books/<id{id}>/pages/<number{id}>.json");
        assert_eq!(PathTemplate("/books/{open".to_owned()).fill(|_| String::new()), "/books/{open");
    }

    #[test]
    fn the_last_parameter_may_match_the_rest_of_the_path() {
        let template = PathTemplate("/orders/{id}/photos/{path}".to_owned());
        let captures = |path| template.captures(path, |name| name == "path" || name == "id");
        assert_eq!(captures("/orders/r/photos/front/a.png").expect("a match")["path"], "front/a.png");
        assert_eq!(captures("/orders/r/photos/a.png").expect("a match")["id"], "r");
        for path in ["/orders/r/photos", "/orders/r/photos/", "/orders/r/s/photos/a"] {
            assert!(captures(path).is_none(), "{path}");
        }
    }
}
