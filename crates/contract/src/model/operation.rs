//! Operations: their requests and their documented responses.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;

use super::SchemaId;
use super::media_type::{Content, MediaTypeSpec};
use super::parameter::{HeaderSpec, Parameter, ParameterPlace};
use super::path::PathTemplate;
use super::security::SecurityRequirement;
use super::server::Server;
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
    /// The servers of the operation or of its path item; if empty, those of the document apply.
    pub servers: Vec<Server>,
    /// The parameters. Those of the operation replace those of the path item with the same name and location.
    pub parameters: Vec<Parameter>,
    /// The request body, if the operation has one.
    pub request_body: Option<RequestBody>,
    /// Whether a request requires credentials.
    pub secured: bool,
    /// The alternatives of its security requirements, of which one must hold; if empty, no credentials are required.
    pub security: Vec<SecurityRequirement>,
    /// `deprecated`
    pub deprecated: bool,
    /// The responses, in document order: single statuses, ranges, `default`.
    pub responses: Vec<ResponseSpec>,
    /// The locations of the operations of its `callbacks`, which are among [`Contract::webhooks`](crate::Contract::webhooks).
    #[serde(skip)]
    pub callbacks: Vec<Location>,
    /// The location of the operation.
    pub location: Location,
}

impl Operation {
    /// The values of the path parameters, as sent, if the path matches. A last parameter that allows reserved characters matches the
    /// rest of the path, slashes included.
    pub fn captures<'p>(&self, path: &'p str) -> Option<IndexMap<String, &'p str>> {
        let is_reserved = |name: &str| {
            let mut here = self.parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Path && parameter.name == name);
            here.any(|parameter| parameter.allows_reserved)
        };
        self.path.captures(path, is_reserved)
    }

    /// The schemas of its parameters, bodies and header fields.
    pub fn schemas(&self) -> impl Iterator<Item = SchemaId> + '_ {
        let parameters = self.parameters.iter().flat_map(|one| one.schema.into_iter().chain(one.content.all_schemas()));
        let bodies = self.request_body.iter().map(|body| &body.content).chain(self.responses.iter().map(|response| &response.content));
        let headers = self.responses.iter().flat_map(|response| &response.headers);
        let headers = headers.flat_map(|one| one.schema.into_iter().chain(one.content.all_schemas()));
        parameters.chain(bodies.flat_map(Content::all_schemas)).chain(headers)
    }

    /// Whether the request may have a JSON body.
    pub fn has_json_request(&self) -> bool {
        self.json_requests().next().is_some()
    }

    /// The JSON media types of the request body.
    pub fn json_requests(&self) -> impl Iterator<Item = &MediaTypeSpec> {
        self.request_body.iter().flat_map(|body| body.content.json())
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
    /// What it may contain.
    pub content: Content,
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
    /// What the body may contain; if empty, no body is documented.
    pub content: Content,
    /// The header fields, by name as written.
    pub headers: Vec<HeaderSpec>,
    /// The location of the response.
    pub location: Location,
}
