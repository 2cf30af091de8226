//! Bodies of the media type `multipart/form-data`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::error::RequestError;

/// The parts of a body of the media type `multipart/form-data`.
#[derive(Clone, Debug, Default)]
pub struct Multipart {
    parts: Vec<(String, Vec<u8>)>,
}

impl Multipart {
    /// A body without parts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The body with a text part.
    #[must_use]
    pub fn text(self, name: &str, text: impl Into<String>) -> Self {
        self.part(name, None, None, text.into().into_bytes())
    }

    /// The body with a file.
    #[must_use]
    pub fn file(self, name: &str, file_name: &str, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.part(name, Some(file_name), Some(media_type), bytes.into())
    }

    /// The body with a part whose value is JSON.
    ///
    /// # Errors
    /// The value has no JSON form.
    pub fn json(self, name: &str, value: &impl Serialize) -> Result<Self, RequestError> {
        let json = serde_json::to_vec(value).map_err(|source| RequestError::Serialise { name: name.to_owned(), source })?;
        Ok(self.part(name, None, Some("application/json"), json))
    }

    fn part(mut self, name: &str, file_name: Option<&str>, media_type: Option<&str>, content: Vec<u8>) -> Self {
        let mut head = format!("Content-Disposition: form-data; name=\"{}\"", escaped(name));
        if let Some(file_name) = file_name {
            head = format!("{head}; filename=\"{}\"", escaped(file_name));
        }
        if let Some(media_type) = media_type {
            // A line break would begin another header field.
            head = format!("{head}\r\nContent-Type: {}", media_type.replace(['\r', '\n'], " "));
        }
        self.parts.push((head, content));
        self
    }

    /// The media type and the bytes.
    pub(crate) fn encode(&self) -> (String, Vec<u8>) {
        let mut boundary = boundary();
        while self.parts.iter().any(|(_, content)| contains(content, boundary.as_bytes())) {
            boundary.push('x');
        }
        let mut body = Vec::new();
        for (head, content) in &self.parts {
            body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }
}

/// A name in quotes.
///
/// # Source
/// HTML, section 4.10.21.8, "Multipart form data": line breaks and quotes are percent-encoded.
fn escaped(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

fn contains(content: &[u8], words: &[u8]) -> bool {
    content.windows(words.len()).any(|window| window == words)
}

/// A boundary that differs between bodies.
fn boundary() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    #[cfg(target_arch = "wasm32")]
    let time = {
        let _ = (SystemTime::now as fn() -> SystemTime, UNIX_EPOCH);
        0_u128
    };
    #[cfg(not(target_arch = "wasm32"))]
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    format!("charter-{time:x}-{:x}", COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_begin_another_header_field() {
        let (media_type, body) = Multipart::new().text("a\"\r\nX: y", "b").encode();
        let boundary = media_type.strip_prefix("multipart/form-data; boundary=").expect("a boundary");
        let wanted = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"a%22%0D%0AX: y\"\r\n\r\nb\r\n--{boundary}--\r\n");
        assert_eq!(String::from_utf8(body).expect("text"), wanted);
    }
}
