//! Operations: which request is meant, and which answers are promised.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;

use super::SchemaId;
use crate::Location;

/// One operation of the OpenAPI document.
#[derive(Clone, Debug, Serialize)]
pub struct Operation {
    /// `operationId`
    pub id: String,
    /// The method.
    pub method: Method,
    /// The path template, without the server's base path.
    pub path: PathTemplate,
    /// Path, query and header parameters.
    pub parameters: Vec<Parameter>,
    /// The body of a request, where one is described.
    pub request_body: Option<RequestBody>,
    /// Whether a request needs credentials.
    pub secured: bool,
    /// `deprecated`
    pub deprecated: bool,
    /// The answers, as written: single statuses, ranges, `default`.
    pub responses: Vec<ResponseSpec>,
    /// Where the operation stands.
    pub location: Location,
}

impl Operation {
    /// The path parameters' values when a path fits, percent-decoding left to the caller. The last parameter takes the rest
    /// of the path, slashes included, where it may carry reserved characters.
    pub fn captures<'p>(&self, path: &'p str) -> Option<IndexMap<String, &'p str>> {
        let is_reserved = |name: &str| {
            let mut here = self.parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Path && parameter.name == name);
            here.any(|parameter| parameter.allows_reserved)
        };
        self.path.captures(path, is_reserved)
    }

    /// The answer promised for a status: the exact one, else its range, else `default`.
    pub fn response_for(&self, status: u16) -> Option<&ResponseSpec> {
        [StatusRange::Exact(status), StatusRange::Class((status / 100) as u8), StatusRange::Default]
            .iter()
            .find_map(|wanted| self.responses.iter().find(|response| response.status == *wanted))
    }
}

/// The body of a request.
#[derive(Clone, Debug, Serialize)]
pub struct RequestBody {
    /// Whether a request must carry one.
    pub required: bool,
    /// The schema of the body by media type, as written; `None` where the media type has no schema.
    pub content: IndexMap<String, Option<SchemaId>>,
    /// Where the body is described.
    pub location: Location,
}

/// An HTTP method, as sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Method(pub String);

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A path with parameters, such as `/api/v1/runs/{id}`.
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

    /// The parameters' values when a path fits the template. A parameter stands for one whole segment that is not empty; the
    /// last one for all that follows, where it may carry reserved characters.
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

/// Where a parameter stands in a request.
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
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: ParameterPlace,
    /// Whether a request must carry it.
    pub required: bool,
    /// Whether its value may carry reserved characters as they are, slashes among them (`allowReserved`).
    pub allows_reserved: bool,
    /// Its schema, where one is given.
    pub schema: Option<SchemaId>,
    /// Where the parameter is described.
    pub location: Location,
}

/// Which statuses an answer is promised for.
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
    /// Whether a rule about these statuses may be about an answer promised for those.
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

    /// Whether a status that an answer promised for `promised` carries lies in this range.
    pub fn covers(self, status: u16, promised: Self) -> bool {
        match self {
            Self::Exact(wanted) => wanted == status,
            Self::Class(class) => u16::from(class) == status / 100,
            Self::Default => promised == Self::Default,
        }
    }

    /// Whether every status in it says that the request was fulfilled.
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

/// A promised answer.
#[derive(Clone, Debug, Serialize)]
pub struct ResponseSpec {
    /// The statuses it is promised for.
    pub status: StatusRange,
    /// The schema of the body by media type, as written; `None` where the media type has no schema.
    pub content: IndexMap<String, Option<SchemaId>>,
    /// The header fields, by name as written.
    pub headers: Vec<HeaderSpec>,
    /// Where the answer is described.
    pub location: Location,
}

/// A promised header field of an answer.
#[derive(Clone, Debug, Serialize)]
pub struct HeaderSpec {
    /// Its name, as written.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// The schema of its value.
    pub schema: Option<SchemaId>,
    /// Where it is described.
    pub location: Location,
}

/// A server of the OpenAPI document, variables replaced by their defaults.
#[derive(Clone, Debug, Serialize)]
pub struct Server {
    /// The host with its port, where the URL names one.
    pub host: Option<String>,
    /// The base path, without a slash at the end; often empty.
    pub base_path: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_one_whole_segment() {
        let template = PathTemplate("/api/v1/runs/{id}".to_owned());
        let captures = |path| template.captures(path, |_| false);
        assert_eq!(captures("/api/v1/runs/r_1").expect("a match")["id"], "r_1");
        for path in ["/api/v1/runs/", "/api/v1/runs", "/api/v1/runs/a/b", "/api/v2/runs/a"] {
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
    fn the_last_parameter_may_take_the_rest_of_the_path() {
        let template = PathTemplate("/runs/{id}/artifacts/{path}".to_owned());
        let captures = |path| template.captures(path, |name| name == "path" || name == "id");
        assert_eq!(captures("/runs/r/artifacts/output/a.json").expect("a match")["path"], "output/a.json");
        assert_eq!(captures("/runs/r/artifacts/a.json").expect("a match")["id"], "r");
        for path in ["/runs/r/artifacts", "/runs/r/artifacts/", "/runs/r/s/artifacts/a"] {
            assert!(captures(path).is_none(), "{path}");
        }
    }
}
