//! Parameters and header fields: where they are sent and how they are serialised.

use serde::Serialize;

use super::SchemaId;
use super::media_type::{Content, Example};
use crate::location::Location;

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
    /// The whole query string (`querystring`, OpenAPI 3.2).
    QueryString,
}

impl ParameterPlace {
    /// The value of `in`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "path" => Self::Path,
            "query" => Self::Query,
            "header" => Self::Header,
            "cookie" => Self::Cookie,
            "querystring" => Self::QueryString,
            _ => return None,
        })
    }

    /// The name in `in`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::QueryString => "querystring",
        }
    }
}

/// How a value is serialised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Style {
    /// `;id=1;id=2`, in paths.
    Matrix,
    /// `.1.2`, in paths.
    Label,
    /// `1,2`, in paths and header fields.
    Simple,
    /// `id=1&id=2`, in queries and cookies.
    Form,
    /// `id=1%202`, in queries.
    SpaceDelimited,
    /// `id=1|2`, in queries.
    PipeDelimited,
    /// `id[a]=1&id[b]=2`, in queries.
    DeepObject,
    /// `id=1; id=2` without percent-encoding, in cookies (OpenAPI 3.2).
    Cookie,
    /// `id=1\t2`, in queries. Swagger 2.0 only: `collectionFormat: tsv`.
    TabDelimited,
}

impl Style {
    /// The value of `style`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "matrix" => Self::Matrix,
            "label" => Self::Label,
            "simple" => Self::Simple,
            "form" => Self::Form,
            "spaceDelimited" => Self::SpaceDelimited,
            "pipeDelimited" => Self::PipeDelimited,
            "deepObject" => Self::DeepObject,
            "cookie" => Self::Cookie,
            "tabDelimited" => Self::TabDelimited,
            _ => return None,
        })
    }

    /// The name in `style`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Matrix => "matrix",
            Self::Label => "label",
            Self::Simple => "simple",
            Self::Form => "form",
            Self::SpaceDelimited => "spaceDelimited",
            Self::PipeDelimited => "pipeDelimited",
            Self::DeepObject => "deepObject",
            Self::Cookie => "cookie",
            Self::TabDelimited => "tabDelimited",
        }
    }

    /// The style of a parameter without `style`.
    pub fn default_of(place: ParameterPlace) -> Self {
        match place {
            ParameterPlace::Path | ParameterPlace::Header => Self::Simple,
            ParameterPlace::Query | ParameterPlace::Cookie | ParameterPlace::QueryString => Self::Form,
        }
    }

    /// Whether the style may be used in a part of a request.
    pub fn is_allowed_in(self, place: ParameterPlace) -> bool {
        match place {
            ParameterPlace::Path => matches!(self, Self::Matrix | Self::Label | Self::Simple),
            ParameterPlace::Header => self == Self::Simple,
            ParameterPlace::Cookie => matches!(self, Self::Form | Self::Cookie),
            ParameterPlace::Query => {
                matches!(self, Self::Form | Self::SpaceDelimited | Self::PipeDelimited | Self::DeepObject | Self::TabDelimited)
            }
            ParameterPlace::QueryString => self == Self::Form,
        }
    }
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
    /// `deprecated`
    pub deprecated: bool,
    /// `style`, or the default of its location.
    pub style: Style,
    /// `explode`, or the default of its style.
    pub explode: bool,
    /// Whether its value may contain unescaped reserved characters such as slashes (`allowReserved`).
    pub allows_reserved: bool,
    /// Whether a query parameter may be sent without a value (`allowEmptyValue`).
    pub allows_empty: bool,
    /// Its schema, if it has one.
    pub schema: Option<SchemaId>,
    /// `content`: the media type that serialises the value, instead of `schema`; else empty.
    pub content: Content,
    /// `example` and `examples`.
    pub examples: Vec<Example>,
    /// The location of the parameter.
    pub location: Location,
}

impl Parameter {
    /// Whether OpenAPI ignores the definition: `Accept`, `Content-Type` and `Authorization` have descriptions of their own.
    ///
    /// # Source
    /// OpenAPI, "Parameter Object", `name`.
    pub fn is_ignored(&self) -> bool {
        let ignored = ["accept", "content-type", "authorization"];
        self.place == ParameterPlace::Header && ignored.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    /// The schema of the value: its own, or that of its media type.
    pub fn value_schema(&self) -> Option<SchemaId> {
        self.schema.or_else(|| self.content.schemas().next())
    }
}

/// A documented header field of a response or of a part.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct HeaderSpec {
    /// Its name, as written.
    pub name: String,
    /// Whether it is required.
    pub required: bool,
    /// Whether the pairs of an object are separated by `=` (`explode`). The style is always `simple`.
    pub explode: bool,
    /// The schema of its value.
    pub schema: Option<SchemaId>,
    /// `content`: the media type that serialises the value, instead of `schema`; else empty.
    pub content: Content,
    /// `example` and `examples`.
    pub examples: Vec<Example>,
    /// Its location.
    pub location: Location,
}

impl HeaderSpec {
    /// Whether OpenAPI ignores the definition: the media types of a response describe `Content-Type`.
    ///
    /// # Source
    /// OpenAPI, "Response Object", `headers`.
    pub fn is_ignored(&self) -> bool {
        self.name.eq_ignore_ascii_case("content-type")
    }
}
