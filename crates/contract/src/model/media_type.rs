//! Media types of bodies: schemas, encodings, examples.

use indexmap::IndexMap;
use serde::Serialize;

use super::SchemaId;
use super::parameter::{HeaderSpec, Style};
use crate::location::Location;

/// What a body may contain, by media type or range as written, in document order.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Content(pub IndexMap<String, MediaTypeSpec>);

impl Content {
    /// Whether no body is documented.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The media types and ranges, as written.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// The schemas of whole bodies, in document order.
    pub fn schemas(&self) -> impl Iterator<Item = SchemaId> {
        self.0.values().filter_map(|media_type| media_type.schema)
    }

    /// The schemas of whole bodies and of their items.
    pub fn all_schemas(&self) -> impl Iterator<Item = SchemaId> {
        self.0.values().flat_map(|media_type| media_type.schema.into_iter().chain(media_type.item_schema))
    }

    /// The media types that are JSON, see [`is_json`].
    pub fn json(&self) -> impl Iterator<Item = &MediaTypeSpec> {
        self.0.iter().filter(|(media_type, _)| is_json(media_type)).map(|(_, described)| described)
    }

    /// The documentation for a media type or range, as written.
    pub fn get(&self, media_type: &str) -> Option<&MediaTypeSpec> {
        self.0.get(media_type)
    }

    /// Whether a media type or range is documented, as written.
    pub fn contains(&self, media_type: &str) -> bool {
        self.0.contains_key(media_type)
    }

    /// The first media type or range.
    pub fn first(&self) -> Option<(&String, &MediaTypeSpec)> {
        self.0.first()
    }

    /// The media types or ranges with their documentation.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &MediaTypeSpec)> {
        self.0.iter()
    }
}

/// Whether a media type is JSON: `application/json`, `text/json` or `…+json`, with any parameters.
pub fn is_json(media_type: &str) -> bool {
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type.split_once('/').is_some_and(|(type_, subtype)| is_json_type(type_, subtype))
}

/// Whether a type and a subtype in lower case are JSON: `application/json`, `text/json`, or any subtype with the suffix `+json`.
pub fn is_json_type(type_: &str, subtype: &str) -> bool {
    (matches!(type_, "application" | "text") && subtype == "json") || subtype.ends_with("+json")
}

/// What is documented of one media type or range.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MediaTypeSpec {
    /// The schema of the body, if it has one.
    pub schema: Option<SchemaId>,
    /// The schema of each item of a stream (`itemSchema`, OpenAPI 3.2).
    pub item_schema: Option<SchemaId>,
    /// How the properties of a form or the parts of a multipart body are serialised.
    pub encoding: IndexMap<String, Encoding>,
    /// How the first parts of a multipart body are serialised, by position (`prefixEncoding`, OpenAPI 3.2).
    pub prefix_encoding: Vec<Encoding>,
    /// How the parts after `prefixEncoding` are serialised (`itemEncoding`, OpenAPI 3.2).
    pub item_encoding: Option<Encoding>,
    /// `example` and `examples`.
    pub examples: Vec<Example>,
    /// The location of the media type.
    pub location: Location,
}

/// How one property of a form or one part of a multipart body is serialised.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Encoding {
    /// `contentType`: media types or ranges, separated by commas.
    pub content_type: Option<String>,
    /// The header fields of the part.
    pub headers: Vec<HeaderSpec>,
    /// `style`, if written.
    pub style: Option<Style>,
    /// `explode`, if written.
    pub explode: Option<bool>,
    /// `allowReserved`
    pub allows_reserved: bool,
    /// The location of the encoding.
    pub location: Location,
}

impl MediaTypeSpec {
    /// A media type without a schema, as a contract that does not document it has.
    pub fn without_schema(location: Location) -> Self {
        Self {
            schema: None,
            item_schema: None,
            encoding: IndexMap::new(),
            prefix_encoding: Vec::new(),
            item_encoding: None,
            examples: Vec::new(),
            location,
        }
    }

    /// The encoding of a part by its position; `None` if parts are not described by position.
    pub fn encoding_at(&self, index: usize) -> Option<&Encoding> {
        self.prefix_encoding.get(index).or(self.item_encoding.as_ref())
    }

    /// All encodings, by name and by position.
    pub fn encodings(&self) -> impl Iterator<Item = &Encoding> {
        self.encoding.values().chain(&self.prefix_encoding).chain(&self.item_encoding)
    }
}

/// A documented example. Its value is in the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Example {
    /// Its key under `examples`; `None` for `example`.
    pub name: Option<String>,
    /// The location of the value.
    pub location: Location,
    /// Whether the value is the serialised text (`externalValue` is not read, `serializedValue` of OpenAPI 3.2), not the data.
    pub serialized: bool,
}

impl Example {
    /// An example without a name, whose value is the data at a location.
    pub fn of_value(location: Location) -> Self {
        Self { name: None, location, serialized: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_several_media_types() {
        for json in ["application/json", "Application/JSON; charset=utf-8", "text/json", "application/problem+json;v=1", "image/x+JSON"] {
            assert!(is_json(json), "{json}");
        }
        for other in
            ["", "json", "application/*", "application/json-seq", "application/jsonl", "text/plain; x=application/json", "image/json"]
        {
            assert!(!is_json(other), "{other}");
        }
    }
}
