//! Bodies of the media type `multipart/form-data`.

use axum::extract::FromRequest as _;
use axum::extract::Request;
use bytes::Bytes;
use serde::de::DeserializeOwned;

/// The parts of a body of the media type `multipart/form-data`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Multipart {
    /// The parts, in their order.
    pub parts: Vec<Part>,
}

/// A part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The name.
    pub name: String,
    /// The file name, if the part is a file.
    pub file_name: Option<String>,
    /// The media type, if it is sent.
    pub media_type: Option<String>,
    /// The content.
    pub bytes: Bytes,
}

impl Part {
    /// The content as text.
    ///
    /// # Errors
    /// The content is not UTF-8.
    pub fn text(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(&self.bytes)
    }

    /// The content as JSON.
    ///
    /// # Errors
    /// The content is not JSON of the type.
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.bytes)
    }
}

impl Multipart {
    /// The first part of a name.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// The parts of a complete body.
    pub(crate) async fn read(request: Request) -> Result<Self, String> {
        let mut reader = axum::extract::Multipart::from_request(request, &()).await.map_err(|error| error.body_text())?;
        let mut parts = Vec::new();
        while let Some(field) = reader.next_field().await.map_err(|error| error.body_text())? {
            let name = field.name().ok_or("a part has no name")?.to_owned();
            let (file_name, media_type) = (field.file_name().map(str::to_owned), field.content_type().map(str::to_owned));
            let bytes = field.bytes().await.map_err(|error| error.body_text())?;
            parts.push(Part { name, file_name, media_type, bytes });
        }
        Ok(Self { parts })
    }
}
